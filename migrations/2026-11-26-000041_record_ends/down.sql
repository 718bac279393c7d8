DROP TABLE record_ends;
