DROP TABLE erasures;
DROP TABLE subject_keys;
