-- What Telegram said of the bot in a group: its rights there as domain::standing::Standing in JSON, and when it was asked.
ALTER TABLE channels ADD COLUMN standing TEXT;
ALTER TABLE channels ADD COLUMN standing_at BIGINT;
