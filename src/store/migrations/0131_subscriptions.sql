-- People who asked for bulletins in their private chat, by tag; '*' is what goes to every group.
CREATE TABLE subscribers (
  channel_id TEXT PRIMARY KEY REFERENCES channels(id),
  rhythm TEXT NOT NULL,               -- at_once | weekly
  created_at BIGINT NOT NULL
);
CREATE TABLE subscriptions (
  channel_id TEXT NOT NULL REFERENCES subscribers(channel_id),
  tag TEXT NOT NULL,
  PRIMARY KEY (channel_id, tag)
);
CREATE INDEX subscriptions_by_tag ON subscriptions (tag);
