-- Who did what, and who read what. Rows are only ever added: what refuses anything else is made by src/audit/guard.rs, since the two
-- engines share no way to say it. `at` is text, since the hash is over exactly what is kept here.
CREATE TABLE audit (
    position BIGINT NOT NULL PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT,
    about TEXT,
    hash TEXT NOT NULL
);
CREATE INDEX audit_subject ON audit (subject, position);
