-- 意见建议台账. Nobody is named: the proposer is an id of a platform, or a browser's own token.
CREATE TABLE ledger_items (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,        -- JY-2026-0001: counted within its year, in the order of commits, without gaps
  source TEXT NOT NULL,               -- rating | suggestion
  inquiry_id TEXT UNIQUE,             -- of a low rating: one item each
  stars BIGINT,
  channel TEXT NOT NULL,
  person TEXT NOT NULL,               -- empty where nobody can be told
  channel_id TEXT REFERENCES channels(id),
  text TEXT NOT NULL,                 -- masked
  stage TEXT NOT NULL,                -- received | accepted | handling | answered | closed
  owner TEXT NOT NULL,                -- name of a staff user; '' before it is accepted
  due_on TEXT,                        -- null: the calendar of that year is not loaded
  answer TEXT NOT NULL,               -- what the proposer was told
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  reminded_on TEXT                    -- the day the owner was last reminded
);
CREATE INDEX ledger_by_stage ON ledger_items (stage, id);
CREATE INDEX ledger_by_person ON ledger_items (channel, person, id);
CREATE INDEX ledger_under_way ON ledger_items (due_on) WHERE stage IN ('received', 'accepted', 'handling');
CREATE TABLE ledger_steps (
  id TEXT PRIMARY KEY,
  item_id TEXT NOT NULL REFERENCES ledger_items(id),
  stage TEXT NOT NULL,
  actor TEXT NOT NULL,
  note TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX ledger_steps_by_item ON ledger_steps (item_id, id);
CREATE TABLE ledger_numbers (year BIGINT PRIMARY KEY, last BIGINT NOT NULL);
CREATE INDEX inquiries_rated ON inquiries (closed_at) WHERE stars IS NOT NULL;
