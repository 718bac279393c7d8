DROP TABLE shared_lists;
