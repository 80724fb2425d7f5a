-- How a bulletin goes out, why it is held, and the groups its approval was given for.
ALTER TABLE bulletins ADD COLUMN workdays_only BIGINT NOT NULL DEFAULT 0;
ALTER TABLE bulletins ADD COLUMN urgent BIGINT NOT NULL DEFAULT 0;
ALTER TABLE bulletins ADD COLUMN forced BIGINT NOT NULL DEFAULT 0;
ALTER TABLE bulletins ADD COLUMN held_reason TEXT;
ALTER TABLE bulletins ADD COLUMN approved_targets TEXT;

-- Years of the working calendar that staff loaded; those in the knowledge files are not here.
CREATE TABLE calendar_years (
  kind TEXT NOT NULL,                 -- workdays | filing
  year BIGINT NOT NULL,
  content TEXT NOT NULL,              -- WorkYear or FilingYear as JSON
  author TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (kind, year)
);
