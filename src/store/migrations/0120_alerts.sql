-- What a person must look at, once per kind and subject until it is resolved.
CREATE TABLE alerts (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,              -- id of what it is about
  words TEXT NOT NULL,                -- what staff read
  raised_at BIGINT NOT NULL,
  told_at BIGINT,                     -- when it was given to the outbox for the management's groups
  resolved_at BIGINT,
  resolved_by TEXT
);
CREATE UNIQUE INDEX open_alerts ON alerts (kind, subject) WHERE resolved_at IS NULL;
CREATE INDEX bot_stops ON attempts (ended_at) WHERE outcome = 'bot_stopped';
