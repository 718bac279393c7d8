DROP INDEX entries_unread;
ALTER TABLE people DROP COLUMN heard_at;
