-- Places that are new or have changed and may suit an open aspiration, until each side has seen them.
CREATE TABLE fresh_places (
    aspiration_id TEXT NOT NULL REFERENCES aspirations (id),
    venue_id TEXT NOT NULL,
    found_at TIMESTAMP NOT NULL,
    seen_by_person TIMESTAMP,
    seen_by_worker TIMESTAMP,
    PRIMARY KEY (aspiration_id, venue_id)
);
CREATE INDEX fresh_places_found ON fresh_places (found_at);
