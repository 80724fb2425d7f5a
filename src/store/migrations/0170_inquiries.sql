-- Inquiries: questions handed to a person. No open row: the bot answers. waiting → human → closed.
CREATE TABLE inquiries (
  id TEXT PRIMARY KEY,
  channel TEXT NOT NULL,
  person TEXT NOT NULL,
  person_name TEXT NOT NULL,
  channel_id TEXT NOT NULL REFERENCES channels(id),  -- the asker's private chat
  question TEXT NOT NULL,             -- masked
  passages TEXT NOT NULL,             -- JSON: what the search found, for staff
  score DOUBLE PRECISION NOT NULL,
  tax TEXT NOT NULL,                  -- type of tax it is routed by; '' where none is named
  state TEXT NOT NULL,                -- waiting | human | closed
  assignee TEXT,                      -- set while and after a person answers
  queued_at BIGINT NOT NULL,
  taken_at BIGINT,
  closed_at BIGINT,
  stars BIGINT                        -- 服务评价 1 to 5, given once
);
CREATE UNIQUE INDEX one_open_inquiry_per_person ON inquiries (channel, person) WHERE state <> 'closed';
CREATE INDEX inquiries_by_state ON inquiries (state, queued_at, id);

-- What was said in an inquiry; its id is the origin of the deliveries that carry it.
CREATE TABLE inquiry_messages (
  id TEXT PRIMARY KEY,
  inquiry_id TEXT NOT NULL REFERENCES inquiries(id),
  author TEXT NOT NULL,               -- asker | staff | service
  name TEXT NOT NULL,
  text TEXT NOT NULL,
  said_at BIGINT NOT NULL
);
CREATE INDEX inquiry_messages_by_inquiry ON inquiry_messages (inquiry_id, said_at, id);
CREATE INDEX deliveries_by_message ON deliveries (channel_id, message_id);
