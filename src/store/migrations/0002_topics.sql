-- What a person asked last in a chat, so that "那小规模呢" can be understood; kept ten minutes.
CREATE TABLE topics (
  channel TEXT NOT NULL,
  person TEXT NOT NULL,
  chat TEXT NOT NULL,
  question TEXT NOT NULL,             -- masked and complete: what a follow-up adds to
  asked_at BIGINT NOT NULL,
  PRIMARY KEY (channel, person, chat)
);
CREATE INDEX topics_by_time ON topics (asked_at);
