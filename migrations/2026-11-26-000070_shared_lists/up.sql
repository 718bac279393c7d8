-- Lists of places that someone opens by a link, without signing in. Of the link only a hash is kept.
CREATE TABLE shared_lists (
    id TEXT NOT NULL PRIMARY KEY,
    aspiration_id TEXT NOT NULL REFERENCES aspirations (id),
    token TEXT NOT NULL UNIQUE,
    venues TEXT NOT NULL,
    sent_by TEXT NOT NULL,
    sent_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP
);
CREATE INDEX shared_lists_aspiration ON shared_lists (aspiration_id, expires_at);
