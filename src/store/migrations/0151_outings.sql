-- What came of an outing, and its photos (the pictures themselves lie in the data folder).
-- In campaign_items, due_at = 0 now means: its day is not known yet, because a calendar is still to be loaded.
CREATE TABLE outing_results (
  item_id TEXT PRIMARY KEY REFERENCES campaign_items(id),
  visitors BIGINT NOT NULL,
  inquiries BIGINT NOT NULL,          -- people who asked something
  handouts BIGINT NOT NULL,           -- materials given away
  note TEXT NOT NULL,
  recorded_by TEXT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE TABLE outing_photos (
  id TEXT PRIMARY KEY,
  item_id TEXT NOT NULL REFERENCES campaign_items(id),
  media TEXT NOT NULL,                -- image/jpeg | image/png | image/webp
  bytes BIGINT NOT NULL,
  caption TEXT NOT NULL,
  uploaded_by TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX outing_photos_by_item ON outing_photos (item_id, created_at);
