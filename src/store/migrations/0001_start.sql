-- One SQL text for SQLite and PostgreSQL: TEXT and BIGINT only, Unix milliseconds UTC, ids made by the application.

-- Revision counters: the index compares its own with 'documents'.
CREATE TABLE revisions (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
INSERT INTO revisions (name, value) VALUES ('documents', 0);

-- Documents imported by staff; built-in knowledge stays in files. meta is the Document as JSON without its body.
CREATE TABLE documents (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  number TEXT,
  meta TEXT NOT NULL,
  body TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  publication TEXT NOT NULL,          -- draft | published | withdrawn
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

-- Every question asked, masked before it gets here.
CREATE TABLE questions (
  id TEXT PRIMARY KEY,
  channel TEXT NOT NULL,
  person TEXT NOT NULL,
  scope TEXT NOT NULL,
  question TEXT NOT NULL,
  decision TEXT NOT NULL,
  reason TEXT NOT NULL,               -- why it was answered or not: answered, low_score, declined, small_talk ...
  gap BIGINT NOT NULL,                -- 1: a real question the knowledge should perhaps answer
  document TEXT,
  score DOUBLE PRECISION,
  suggestions TEXT NOT NULL,          -- JSON: questions offered to tap
  took_us BIGINT NOT NULL,
  useful BIGINT,                      -- 1, 0 or null
  asked_at BIGINT NOT NULL
);
CREATE INDEX questions_by_time ON questions (asked_at);
CREATE INDEX questions_by_gap ON questions (gap, asked_at);
CREATE INDEX questions_by_decision ON questions (decision, asked_at);

-- Chats the service can send to: groups staff registered or the bot was let into, and private chats.
CREATE TABLE channels (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  address TEXT NOT NULL,
  title TEXT NOT NULL,
  scope TEXT NOT NULL,                -- group | private
  thread TEXT,
  is_target BIGINT NOT NULL,          -- 1: bulletins may go here
  reachable BIGINT NOT NULL,
  unreachable_reason TEXT,
  answers BIGINT NOT NULL,            -- 1: the bot answers questions here
  free_at BIGINT NOT NULL,            -- pacing: not before (per chat 1/s)
  frozen_until BIGINT NOT NULL,       -- 429
  wake_at BIGINT,                     -- no pending delivery of this chat can be claimed earlier; null: none waits
  created_at BIGINT NOT NULL,
  UNIQUE (kind, address)
);
CREATE INDEX channels_waiting ON channels (wake_at, id) WHERE wake_at IS NOT NULL;
CREATE TABLE channel_tags (channel_id TEXT NOT NULL REFERENCES channels(id), tag TEXT NOT NULL, PRIMARY KEY (channel_id, tag));

-- Pacing shared by all workers and restarts: generic cell rate, theoretical arrival time per key (bot, group).
CREATE TABLE pacing (key TEXT PRIMARY KEY, arrival_at BIGINT NOT NULL, frozen_until BIGINT NOT NULL);

CREATE TABLE deliveries (
  id TEXT PRIMARY KEY,
  origin TEXT NOT NULL,               -- reply | reminder | bulletin
  origin_id TEXT NOT NULL,
  revision BIGINT NOT NULL,
  channel_id TEXT NOT NULL REFERENCES channels(id),
  part BIGINT NOT NULL,
  operation TEXT NOT NULL,            -- send | edit | delete
  content TEXT NOT NULL,              -- render::Part as JSON: what is sent, to the byte
  thread TEXT,
  reply_to TEXT,
  priority BIGINT NOT NULL,
  state TEXT NOT NULL,
  held BIGINT NOT NULL,               -- 1: its bulletin is paused; not claimed
  on_ambiguous TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  not_after BIGINT NOT NULL,
  epoch BIGINT NOT NULL,
  lease_until BIGINT,
  attempts BIGINT NOT NULL,
  message_id TEXT,                    -- of the message sent; for edit and delete, of the message they act on
  reason TEXT,
  created_at BIGINT NOT NULL,
  settled_at BIGINT,
  UNIQUE (origin, origin_id, revision, channel_id, part, operation)
);
CREATE UNIQUE INDEX one_in_flight_per_channel ON deliveries (channel_id) WHERE state = 'sending';
CREATE INDEX deliveries_due ON deliveries (channel_id, state, priority, due_at, created_at, part, id);
CREATE INDEX replies_due ON deliveries (due_at, id) WHERE state = 'pending' AND priority = 0;
CREATE INDEX deliveries_expiring ON deliveries (not_after) WHERE state = 'pending';
CREATE INDEX deliveries_by_state ON deliveries (state, due_at);
CREATE INDEX deliveries_by_origin ON deliveries (origin, origin_id, channel_id);

CREATE TABLE attempts (
  delivery_id TEXT NOT NULL REFERENCES deliveries(id),
  epoch BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  ended_at BIGINT,
  outcome TEXT,                       -- sent, not_sent, failed, unknown, ...
  detail TEXT,
  PRIMARY KEY (delivery_id, epoch)
);
CREATE INDEX freezes ON attempts (ended_at) WHERE outcome = 'frozen';

-- Updates are stored before they are acknowledged (F73).
CREATE TABLE updates (
  channel TEXT NOT NULL,
  event_id TEXT NOT NULL,
  chat TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL,                -- pending | done | dead
  attempts BIGINT NOT NULL,
  reason TEXT,
  received_at BIGINT NOT NULL,
  done_at BIGINT,
  PRIMARY KEY (channel, event_id)
);
CREATE INDEX updates_pending ON updates (state, received_at);
-- Where polling stands, bot name and such.
CREATE TABLE channel_state (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE bulletins (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,                 -- policy | class | campaign | notice
  origin_id TEXT,                     -- document, class or campaign item it was drafted from
  title TEXT NOT NULL,
  number TEXT,
  summary TEXT NOT NULL,
  audience_text TEXT,
  effective_from TEXT,
  link TEXT,
  body TEXT NOT NULL,
  targets TEXT NOT NULL,              -- {"channels": [...], "tags": [...]} as JSON
  state TEXT NOT NULL,
  revision BIGINT NOT NULL,           -- raised by every correction
  author TEXT NOT NULL,
  approved_by TEXT,
  approved_hash TEXT,                 -- of content and target set; set together with approved_by
  approved_at BIGINT,
  scheduled_at BIGINT,
  correction TEXT,                    -- body waiting for approval after sending
  correction_author TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  sent_at BIGINT
);
CREATE INDEX bulletins_scheduled ON bulletins (state, scheduled_at);
CREATE UNIQUE INDEX bulletins_by_origin ON bulletins (kind, origin_id);

CREATE TABLE classes (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  place TEXT,
  online_url TEXT,
  capacity BIGINT NOT NULL,
  enrol_from BIGINT,
  enrol_until BIGINT,
  reminders TEXT NOT NULL,            -- JSON: minutes before the start
  targets TEXT NOT NULL,
  trainer TEXT,
  state TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  author TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX classes_by_start ON classes (state, starts_at);

CREATE TABLE enrolments (
  id TEXT PRIMARY KEY,
  class_id TEXT NOT NULL REFERENCES classes(id),
  channel TEXT NOT NULL,              -- where the person enrolled
  person TEXT NOT NULL,
  channel_id TEXT REFERENCES channels(id),   -- private chat reminders go to; null for the web page
  display_name TEXT NOT NULL,
  state TEXT NOT NULL,
  place_in_line BIGINT NOT NULL,      -- order of commit
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (class_id, channel, person)
);
CREATE INDEX enrolments_by_class ON enrolments (class_id, state, place_in_line);

CREATE TABLE campaigns (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  starts_on TEXT NOT NULL,
  ends_on TEXT NOT NULL,
  tags TEXT NOT NULL,
  source TEXT NOT NULL,               -- file name, or 'api'
  author TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE TABLE campaign_items (
  id TEXT PRIMARY KEY,
  campaign_id TEXT NOT NULL REFERENCES campaigns(id),
  ordinal BIGINT NOT NULL,
  item TEXT NOT NULL,                 -- CampaignItem as JSON
  due_at BIGINT NOT NULL,
  bulletin_id TEXT REFERENCES bulletins(id)
);
CREATE INDEX campaign_items_by_campaign ON campaign_items (campaign_id, ordinal);

CREATE TABLE users (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  active BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users(id),
  secret_hash TEXT NOT NULL,
  expires_at BIGINT,
  last_used_at BIGINT,
  revoked_at BIGINT,
  created_at BIGINT NOT NULL
);
-- A repeated POST gets the first answer again.
CREATE TABLE idempotency (
  scope TEXT NOT NULL,                -- user id or 'public', and route
  key TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  status BIGINT,
  content_type TEXT,
  body TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

-- Who did what to what: written in the same transaction as the change.
CREATE TABLE audit (
  id TEXT PRIMARY KEY,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL
);
CREATE INDEX audit_by_subject ON audit (subject, at);
