-- Words of the glossary that staff added, changed or took out; laid over the table in the file.
CREATE TABLE words (
  term TEXT NOT NULL,
  kind TEXT NOT NULL,                 -- abbrev | colloquial | typo | traditional | pinyin | subject | sensitive
  official TEXT NOT NULL,
  removed BIGINT NOT NULL,            -- 1: the file's line of this term and kind counts no more
  author TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (term, kind)
);
-- Uploads being read or waiting for somebody to say that they be imported.
CREATE TABLE uploads (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users(id),
  state TEXT NOT NULL,                -- reading | read | imported | failed
  done BIGINT NOT NULL,               -- files read
  files BIGINT NOT NULL,
  tags TEXT NOT NULL,                 -- JSON: groups the drafted bulletins go to
  report TEXT NOT NULL,               -- JSON: what was found
  documents TEXT NOT NULL,            -- JSON: what would be stored
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX uploads_by_age ON uploads (created_at);
