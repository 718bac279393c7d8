CREATE INDEX source_rows_external ON source_rows (source, source_id);
ALTER TABLE source_rows DROP COLUMN locality;
ALTER TABLE source_rows DROP COLUMN rough;
