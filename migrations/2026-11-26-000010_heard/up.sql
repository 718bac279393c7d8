-- When someone was last in touch, or written to: kept beside them, so that a desk needn't read every entry of everyone.
ALTER TABLE people ADD COLUMN heard_at TIMESTAMP;
UPDATE people SET heard_at = (
    SELECT max(entries.at) FROM entries WHERE entries.person_id = people.id AND entries.sort IN ('contact', 'message')
);

-- Messages that nobody has read.
CREATE INDEX entries_unread ON entries (person_id, seen_at, by_account, sort);
