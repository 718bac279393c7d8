ALTER TABLE tickets DROP COLUMN address;
