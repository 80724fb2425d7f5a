-- A web asker has no chat to send to: what was said is read on the page.
ALTER TABLE inquiries ADD COLUMN chat TEXT REFERENCES channels(id);
UPDATE inquiries SET chat = channel_id;
ALTER TABLE inquiries DROP COLUMN channel_id;
ALTER TABLE inquiries RENAME COLUMN chat TO channel_id;
ALTER TABLE inquiries ADD COLUMN hidden BIGINT NOT NULL DEFAULT 0;         -- 1: the asker cleared it off the page

-- Two things may be said at one time: their place tells them apart. Rows from before have 0 and come first, by time.
ALTER TABLE inquiry_messages ADD COLUMN place BIGINT NOT NULL DEFAULT 0;
-- The token of the form that sent it: a second click says nothing twice.
ALTER TABLE inquiry_messages ADD COLUMN once TEXT;
CREATE UNIQUE INDEX inquiry_messages_said_once ON inquiry_messages (inquiry_id, once) WHERE once IS NOT NULL;
CREATE INDEX inquiries_by_person ON inquiries (channel, person, queued_at);
