-- What a trainer asks those who enrol, and what they said.
ALTER TABLE classes ADD COLUMN fields TEXT NOT NULL DEFAULT '[]';   -- JSON: AskedField
ALTER TABLE classes ADD COLUMN certificate_sessions BIGINT;         -- sessions to come to; null: all, 0: no certificate
ALTER TABLE enrolments ADD COLUMN answers TEXT NOT NULL DEFAULT '{}';  -- JSON: label to answer; '' where skipped

-- The question somebody is being asked in a chat.
CREATE TABLE enrolment_questions (
  channel TEXT NOT NULL,
  person TEXT NOT NULL,
  class_id TEXT NOT NULL REFERENCES classes(id),
  label TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  PRIMARY KEY (channel, person)
);

-- Wrong codes given lately, to slow down whoever guesses.
CREATE TABLE wrong_codes (
  who TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX wrong_codes_by_who ON wrong_codes (who, at);

CREATE TABLE certificates (
  code TEXT PRIMARY KEY,
  class_id TEXT NOT NULL REFERENCES classes(id),
  enrolment_id TEXT NOT NULL UNIQUE REFERENCES enrolments(id),
  issued_at BIGINT NOT NULL
);
