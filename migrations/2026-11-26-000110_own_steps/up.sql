-- What someone did by themself that whoever goes along hasn't seen yet: they chose a place, paused, came back. A code and a time alone.
CREATE TABLE own_steps (
    person_id TEXT NOT NULL REFERENCES people (id),
    step TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    PRIMARY KEY (person_id, step)
);
