-- People and what is kept about them. Whatever they or others wrote is sealed under the person's own key; plain are ids, days,
-- states and codes alone.
CREATE TABLE people (
    id TEXT NOT NULL PRIMARY KEY,
    team_id TEXT REFERENCES teams (id),
    about TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX people_team ON people (team_id, created_at);

-- Keyed hashes of names, numbers and addresses, so that someone who is known already is seen to be.
CREATE TABLE likenesses (
    person_id TEXT NOT NULL REFERENCES people (id),
    mark TEXT NOT NULL,
    sort TEXT NOT NULL,
    PRIMARY KEY (person_id, mark)
);
CREATE INDEX likenesses_mark ON likenesses (mark);

CREATE TABLE aspirations (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (id),
    about TEXT NOT NULL,
    domains TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX aspirations_person ON aspirations (person_id, created_at);
CREATE INDEX aspirations_state ON aspirations (state, updated_at);

-- What the person and their bridge builder think of a place for an aspiration.
CREATE TABLE aspiration_marks (
    aspiration_id TEXT NOT NULL REFERENCES aspirations (id),
    venue_id TEXT NOT NULL,
    marked_by TEXT NOT NULL,
    mark TEXT NOT NULL,
    why TEXT,
    chosen BOOLEAN NOT NULL,
    marked_at TIMESTAMP NOT NULL,
    PRIMARY KEY (aspiration_id, venue_id, marked_by)
);

CREATE TABLE consents (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (id),
    purpose TEXT NOT NULL,
    given_at TIMESTAMP NOT NULL,
    how TEXT NOT NULL,
    withdrawn_at TIMESTAMP
);
CREATE INDEX consents_person ON consents (person_id, given_at);

-- The timeline.
CREATE TABLE entries (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (id),
    sort TEXT NOT NULL,
    by_account TEXT,
    at TIMESTAMP NOT NULL,
    body TEXT NOT NULL,
    seen_at TIMESTAMP
);
CREATE INDEX entries_person ON entries (person_id, at);

CREATE TABLE tasks (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    what TEXT NOT NULL,
    due DATE NOT NULL,
    done_at TIMESTAMP
);
CREATE INDEX tasks_account ON tasks (account_id, done_at, due);
CREATE INDEX tasks_person ON tasks (person_id, due);

-- Who goes along with whom, and so who may see a record.
CREATE TABLE caseload (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    role TEXT NOT NULL,
    since TIMESTAMP NOT NULL,
    until TIMESTAMP,
    chosen_by_person BOOLEAN NOT NULL
);
CREATE INDEX caseload_person ON caseload (person_id, account_id);
CREATE INDEX caseload_account ON caseload (account_id, until);

-- Who stands in for a while, and why.
CREATE TABLE cover (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    reason TEXT NOT NULL,
    from_at TIMESTAMP NOT NULL,
    until_at TIMESTAMP NOT NULL
);
CREATE INDEX cover_person ON cover (person_id, account_id);
CREATE INDEX cover_account ON cover (account_id, until_at);

-- What a bridge builder knows well; sealed under the account's key.
CREATE TABLE profiles (
    account_id TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id),
    about TEXT NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
