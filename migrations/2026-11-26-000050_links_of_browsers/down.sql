DROP INDEX tickets_browser;
ALTER TABLE tickets DROP COLUMN back;
ALTER TABLE tickets DROP COLUMN network;
ALTER TABLE tickets DROP COLUMN known;
