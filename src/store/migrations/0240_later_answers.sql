-- Web askers have no chat: on their next visit the page tells them what was answered since. Rows hold the browser's token and no words.
CREATE TABLE web_askers (
  question_id TEXT PRIMARY KEY,
  channel TEXT NOT NULL,              -- web
  person TEXT NOT NULL,               -- the browser's token
  asked_at BIGINT NOT NULL
);
CREATE INDEX web_askers_by_person ON web_askers (channel, person, asked_at);
CREATE INDEX web_askers_by_age ON web_askers (asked_at);
CREATE TABLE answers_shown (
  channel TEXT NOT NULL,
  person TEXT NOT NULL,
  gap_id TEXT NOT NULL,
  shown_at BIGINT NOT NULL,
  PRIMARY KEY (channel, person, gap_id)
);
CREATE INDEX answers_shown_by_age ON answers_shown (shown_at);
CREATE TABLE web_notices_unwanted (
  channel TEXT NOT NULL,
  person TEXT NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (channel, person)
);
