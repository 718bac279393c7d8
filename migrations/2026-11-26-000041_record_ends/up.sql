-- Records whose end is near, and those that a coordinator keeps longer, with why.
CREATE TABLE record_ends (
    person_id TEXT NOT NULL PRIMARY KEY REFERENCES people (id),
    listed_on DATE,
    kept_until DATE,
    reason TEXT,
    kept_by TEXT,
    kept_at TIMESTAMP
);
CREATE INDEX record_ends_listed ON record_ends (listed_on);
