DROP TABLE unknown_words;
DROP TABLE wish_counts;
