-- What is handed to those who take part: a link, or a file that lies in the data folder.
CREATE TABLE class_materials (
  id TEXT PRIMARY KEY,
  class_id TEXT NOT NULL REFERENCES classes(id),
  title TEXT NOT NULL,
  link TEXT,                          -- set, or media
  media TEXT,
  bytes BIGINT NOT NULL,
  uploaded_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  pushed_at BIGINT                    -- null: nobody has been told yet
);
CREATE INDEX class_materials_by_class ON class_materials (class_id, created_at);

-- Which topic next: one ballot a person, the last one counts.
CREATE TABLE topic_votes (
  id TEXT PRIMARY KEY,
  class_id TEXT NOT NULL REFERENCES classes(id),
  topics TEXT NOT NULL,               -- JSON: list of titles
  closes_at BIGINT NOT NULL,
  author TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX topic_votes_by_class ON topic_votes (class_id, created_at);
CREATE TABLE ballots (
  vote_id TEXT NOT NULL REFERENCES topic_votes(id),
  channel TEXT NOT NULL,
  person TEXT NOT NULL,
  topic BIGINT NOT NULL,              -- from 0
  voted_at BIGINT NOT NULL,
  PRIMARY KEY (vote_id, channel, person)
);

-- What those who came are asked, and how far each has come. No row in surveys: the questions of the template, not yet asked.
CREATE TABLE surveys (
  class_id TEXT PRIMARY KEY REFERENCES classes(id),
  questions TEXT NOT NULL,            -- domain::survey::Question as JSON; never changed once opened
  opened_at BIGINT
);
CREATE TABLE survey_talks (
  id TEXT PRIMARY KEY,
  class_id TEXT NOT NULL REFERENCES classes(id),
  channel TEXT NOT NULL,
  person TEXT NOT NULL,
  channel_id TEXT REFERENCES channels(id),   -- null once the person is forgotten
  state TEXT NOT NULL,                -- due | asked | done | stopped
  question BIGINT NOT NULL,           -- the one that is asked, from 0
  round BIGINT NOT NULL,              -- raised where it has to be asked again
  listens_until BIGINT,               -- until then words are the answer; null: a button is
  updated_at BIGINT NOT NULL,
  UNIQUE (class_id, channel, person)
);
CREATE INDEX survey_talks_by_person ON survey_talks (channel, person, state);
CREATE INDEX survey_talks_by_state ON survey_talks (state, updated_at);
CREATE TABLE survey_answers (
  talk_id TEXT NOT NULL REFERENCES survey_talks(id),
  question BIGINT NOT NULL,
  score BIGINT,                       -- 1 to 5
  words TEXT,                         -- masked
  answered_at BIGINT NOT NULL,
  PRIMARY KEY (talk_id, question)
);
