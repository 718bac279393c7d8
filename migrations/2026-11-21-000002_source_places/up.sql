-- How sure a row's point is, and its postcode district: what rows without a sure point are compared by.
ALTER TABLE source_rows ADD COLUMN rough BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE source_rows ADD COLUMN locality TEXT;
-- Rows are compared in memory. Kept in random order, this index alone made half of all writes of a large import.
DROP INDEX source_rows_external;
