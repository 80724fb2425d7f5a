-- Which replica polls and ticks; epoch rises with every change of hands.
CREATE TABLE leadership (name TEXT PRIMARY KEY, holder TEXT NOT NULL, epoch BIGINT NOT NULL, until_at BIGINT NOT NULL);
