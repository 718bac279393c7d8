-- How much mail an account wants. `gathered` counts what waits for the next letter of those who want one a day at most.
CREATE TABLE mail_choices (
    account_id TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id),
    choice TEXT NOT NULL,
    gathered INTEGER NOT NULL,
    told_at TIMESTAMP,
    chosen_at TIMESTAMP NOT NULL
);
