DROP TABLE earlier_aspirations;
