-- How often an activity or a kind of place was wished for, and how often hardly any place was found: no words, nobody's wish.
CREATE TABLE wish_counts (
    month TEXT NOT NULL,
    wish TEXT NOT NULL,
    district TEXT NOT NULL,
    asked INTEGER NOT NULL,
    unmet INTEGER NOT NULL,
    PRIMARY KEY (month, wish, district)
);
-- A word that the vocabulary doesn't know. Until three askers on three days have used it there is only its mark.
CREATE TABLE unknown_words (
    mark TEXT NOT NULL PRIMARY KEY,
    last_day DATE NOT NULL,
    askers TEXT NOT NULL,
    word TEXT
);
