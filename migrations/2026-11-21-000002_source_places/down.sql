ALTER TABLE source_rows DROP COLUMN locality;
ALTER TABLE source_rows DROP COLUMN rough;
