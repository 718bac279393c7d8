-- One file for both engines: only types and words that SQLite and PostgreSQL share.
-- Instants are UTC. JSON is kept as text. Identifiers are UUIDs as text.

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE postcodes (
    postcode TEXT NOT NULL PRIMARY KEY,
    district TEXT NOT NULL,
    lat DOUBLE PRECISION NOT NULL,
    lon DOUBLE PRECISION NOT NULL,
    authority TEXT
);
CREATE INDEX postcodes_district ON postcodes (district);

CREATE TABLE feeds (
    name TEXT NOT NULL PRIMARY KEY,
    mapping TEXT NOT NULL,
    last_digest TEXT,
    last_imported_at TIMESTAMP
);

CREATE TABLE venues (
    id TEXT NOT NULL PRIMARY KEY,
    card_id TEXT NOT NULL,
    name TEXT NOT NULL,
    licence TEXT NOT NULL,
    status TEXT NOT NULL,
    published BOOLEAN NOT NULL,
    gone_since TIMESTAMP,
    lat DOUBLE PRECISION,
    lon DOUBLE PRECISION,
    assured_at DATE,
    facts TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX venues_card ON venues (card_id);

CREATE TABLE source_rows (
    id TEXT NOT NULL PRIMARY KEY,
    venue_id TEXT NOT NULL REFERENCES venues (id),
    feed TEXT NOT NULL REFERENCES feeds (name),
    source TEXT NOT NULL,
    source_id TEXT,
    licence TEXT NOT NULL,
    dated TEXT,
    name_key TEXT NOT NULL,
    lat DOUBLE PRECISION,
    lon DOUBLE PRECISION,
    raw TEXT NOT NULL,
    listing TEXT NOT NULL,
    digest TEXT NOT NULL,
    first_seen_at TIMESTAMP NOT NULL,
    last_changed_at TIMESTAMP NOT NULL,
    gone_since TIMESTAMP
);
CREATE INDEX source_rows_venue ON source_rows (venue_id);
CREATE INDEX source_rows_feed ON source_rows (feed);
CREATE INDEX source_rows_external ON source_rows (source, source_id);

CREATE TABLE venue_edits (
    venue_id TEXT NOT NULL REFERENCES venues (id),
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    edited_by TEXT NOT NULL,
    edited_at TIMESTAMP NOT NULL,
    PRIMARY KEY (venue_id, field)
);

CREATE TABLE offers (
    id TEXT NOT NULL PRIMARY KEY,
    venue_id TEXT NOT NULL REFERENCES venues (id),
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    facts TEXT NOT NULL
);
CREATE INDEX offers_venue ON offers (venue_id, position);

-- What a copy of the search index has to catch up with. `position` is given out under a lock, in commit order.
CREATE TABLE change_log (
    position BIGINT NOT NULL PRIMARY KEY,
    card_id TEXT NOT NULL,
    changed_at TIMESTAMP NOT NULL
);

CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    run_at TIMESTAMP NOT NULL,
    lease_holder TEXT,
    lease_until TIMESTAMP,
    attempts INTEGER NOT NULL,
    last_error TEXT,
    created_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
CREATE INDEX jobs_due ON jobs (state, run_at);
