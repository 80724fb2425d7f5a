-- Codes people scan: what a code opens, and where it hangs ('' where it hangs nowhere in particular).
CREATE TABLE codes (
  code TEXT PRIMARY KEY,
  kind TEXT NOT NULL,                 -- document | guide | class | outing | quiz
  target TEXT NOT NULL,
  place TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (kind, target, place)
);
-- How often a code was scanned on a day; nothing of who scanned it.
CREATE TABLE code_scans (
  code TEXT NOT NULL REFERENCES codes(code),
  day TEXT NOT NULL,
  entry TEXT NOT NULL,                -- web | chat
  many BIGINT NOT NULL,
  PRIMARY KEY (code, day, entry)
);
