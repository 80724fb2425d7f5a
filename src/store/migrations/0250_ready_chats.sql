-- When a chat can take something: the later of when it may have something and when it is free. By this alone a claim passes over
-- thousands of frozen or waiting chats without looking at them.
DROP INDEX channels_waiting;
CREATE INDEX channels_ready ON channels (kind, (CASE WHEN wake_at > free_at THEN wake_at ELSE free_at END), id)
  WHERE wake_at IS NOT NULL AND reachable = 1;
