-- One key for each person or account, wrapped by a master key that lies outside the database. Without its row, nothing of theirs opens.
CREATE TABLE subject_keys (
    subject TEXT NOT NULL PRIMARY KEY,
    master INTEGER NOT NULL,
    wrapped TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX subject_keys_master ON subject_keys (master, subject);
-- Whose key was destroyed, so that a restored backup can forget them again.
CREATE TABLE erasures (
    subject TEXT NOT NULL PRIMARY KEY,
    erased_at TIMESTAMP NOT NULL
);
