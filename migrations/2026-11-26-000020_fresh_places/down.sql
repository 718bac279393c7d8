DROP TABLE fresh_places;
