-- Who may sign in. Names and addresses are sealed; `email_mark` is a keyed hash, for look-up only.

CREATE TABLE organisations (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    sort TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE teams (
    id TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

-- `epoch` goes up with every change that ends all sessions.
CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    email_mark TEXT UNIQUE,
    password TEXT,
    totp TEXT,
    totp_step BIGINT,
    person_id TEXT UNIQUE,
    epoch INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

CREATE TABLE grants (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    role TEXT NOT NULL,
    team_id TEXT NOT NULL,
    granted_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, role, team_id)
);
CREATE INDEX grants_team ON grants (team_id, role);

-- `id` is a hash of what the browser holds.
CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    stage TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    device TEXT NOT NULL,
    tries INTEGER NOT NULL,
    began_at TIMESTAMP NOT NULL,
    seen_at TIMESTAMP NOT NULL,
    proved_at TIMESTAMP NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id, began_at);

-- What lets someone in once: a link by mail, an invitation, a printed card. Hashes only.
CREATE TABLE tickets (
    id TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    account_id TEXT REFERENCES accounts (id),
    email_mark TEXT,
    browser TEXT,
    token TEXT UNIQUE,
    code TEXT,
    tries INTEGER NOT NULL,
    asked_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE INDEX tickets_mark ON tickets (email_mark, asked_at);
CREATE INDEX tickets_account ON tickets (account_id);
CREATE INDEX tickets_code ON tickets (code);

CREATE TABLE recovery_codes (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    code TEXT NOT NULL,
    used_at TIMESTAMP,
    PRIMARY KEY (account_id, code)
);

-- A browser in which an account signed in before; its tries are counted apart from those of strangers.
CREATE TABLE known_browsers (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    known_at TIMESTAMP NOT NULL
);
CREATE INDEX known_browsers_account ON known_browsers (account_id);

-- How often something was tried, by a keyed hash of what and who.
CREATE TABLE tries (
    id TEXT NOT NULL PRIMARY KEY,
    count INTEGER NOT NULL,
    since TIMESTAMP NOT NULL
);
CREATE INDEX tries_since ON tries (since);

-- A key on someone's device; what is needed to check it is sealed.
CREATE TABLE passkeys (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    passkey TEXT NOT NULL,
    added_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE INDEX passkeys_account ON passkeys (account_id, added_at);

-- What was asked of a device that has yet to answer.
CREATE TABLE passkey_rounds (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    asked TEXT NOT NULL,
    asked_at TIMESTAMP NOT NULL
);
