-- What Telegram said of the bot in a group: its rights there as domain::bot_status::BotStatus in JSON, and when it was asked.
ALTER TABLE channels ADD COLUMN bot_status TEXT;
ALTER TABLE channels ADD COLUMN bot_status_at BIGINT;
