-- What someone wanted before they or somebody with them changed it: their words as they stood, sealed, who changed them and when.
CREATE TABLE earlier_aspirations (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (id),
    aspiration_id TEXT NOT NULL REFERENCES aspirations (id),
    about TEXT NOT NULL,
    changed_by TEXT,
    changed_at TIMESTAMP NOT NULL
);
CREATE INDEX earlier_aspirations_of ON earlier_aspirations (aspiration_id, changed_at);
CREATE INDEX earlier_aspirations_person ON earlier_aspirations (person_id);
