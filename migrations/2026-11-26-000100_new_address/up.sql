-- The address that someone wants instead of theirs, sealed, until they type the code that went there.
ALTER TABLE tickets ADD COLUMN address TEXT;
