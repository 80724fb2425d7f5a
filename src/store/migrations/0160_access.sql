-- How staff get in: passwords, sessions of the console, one-time links, failed log-ins. Secrets only as hashes.
CREATE TABLE passwords (
  user_id TEXT PRIMARY KEY REFERENCES users(id),
  phc TEXT NOT NULL,                  -- argon2id, as a PHC string
  changed_at BIGINT NOT NULL
);
CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users(id),
  csrf TEXT NOT NULL,
  said TEXT NOT NULL,                 -- what the next page tells, once; empty: nothing
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_age ON sessions (seen_at);
-- A link that sets a password once. Without a user it makes the first administrator.
CREATE TABLE access_links (
  token_hash TEXT PRIMARY KEY,
  user_id TEXT REFERENCES users(id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);
-- Failed log-ins by the hash of the name typed, known or not: locking tells nothing of who exists.
CREATE TABLE failed_logins (
  name_hash TEXT PRIMARY KEY,
  failures BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  locked_until BIGINT NOT NULL
);

-- The audit is a chain: each row carries the hash of the one before. Rows from before the chain have no place in it.
ALTER TABLE audit ADD COLUMN place BIGINT;
ALTER TABLE audit ADD COLUMN previous_hash TEXT;
ALTER TABLE audit ADD COLUMN hash TEXT;
CREATE UNIQUE INDEX audit_by_place ON audit (place);
CREATE INDEX audit_by_action ON audit (action, place);
CREATE INDEX audit_by_actor ON audit (actor, place);
-- The end of the chain; its row is locked last in a transaction, so that nothing waits behind it for long.
CREATE TABLE audit_end (name TEXT PRIMARY KEY, place BIGINT NOT NULL, hash TEXT NOT NULL);
INSERT INTO audit_end (name, place, hash) VALUES ('audit', 0, '');
