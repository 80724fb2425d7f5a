-- Question banks written over the API; those in files stay in files. items: domain::quiz::QuizItem as JSON.
CREATE TABLE quiz_banks (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  items TEXT NOT NULL,
  author TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE TABLE quizzes (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,                 -- staff | prize
  title TEXT NOT NULL,
  bank TEXT NOT NULL,                 -- file name or id of the bank the items were taken from
  items TEXT NOT NULL,                -- the items as they were then; never changed afterwards
  opens_at BIGINT NOT NULL,
  closes_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,           -- times one person may answer
  pass_percent BIGINT NOT NULL,
  winners BIGINT NOT NULL,
  prize TEXT NOT NULL,
  seed TEXT NOT NULL,                 -- secret until the draw; its hash is public from the beginning
  drawn_at BIGINT,
  result TEXT,                        -- domain::draw::Drawn as JSON
  bulletin_id TEXT REFERENCES bulletins(id),
  author TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX quizzes_by_bulletin ON quizzes (bulletin_id);
CREATE TABLE quiz_entries (
  quiz_id TEXT NOT NULL REFERENCES quizzes(id),
  number BIGINT NOT NULL,             -- order of commit; what the draw is made among
  channel TEXT NOT NULL,              -- telegram | web | staff
  person TEXT NOT NULL,
  attempt BIGINT NOT NULL,
  display_name TEXT NOT NULL,
  total BIGINT NOT NULL,              -- questions that were asked
  created_at BIGINT NOT NULL,
  PRIMARY KEY (quiz_id, number),
  UNIQUE (quiz_id, channel, person, attempt)
);
CREATE TABLE quiz_answers (
  quiz_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  item TEXT NOT NULL,
  choice BIGINT NOT NULL,             -- from 1
  correct BIGINT NOT NULL,
  answered_at BIGINT NOT NULL,
  PRIMARY KEY (quiz_id, number, item),
  FOREIGN KEY (quiz_id, number) REFERENCES quiz_entries(quiz_id, number)
);
-- Which of our messages a platform's poll is: its answers name only the poll.
CREATE TABLE quiz_polls (poll_id TEXT PRIMARY KEY, delivery_id TEXT NOT NULL REFERENCES deliveries(id));
