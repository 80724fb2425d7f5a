-- Groups that staff put together or took apart. A group is found by its first wording and by those of the groups merged into it.
CREATE TABLE gap_faces (gap_id TEXT NOT NULL REFERENCES gaps(id), face TEXT NOT NULL, PRIMARY KEY (gap_id, face));
-- Where a merged group went: a second click and an old link find it.
CREATE TABLE gap_merges (gap_id TEXT PRIMARY KEY, into_id TEXT NOT NULL, merged_at BIGINT NOT NULL);
CREATE INDEX gap_merges_by_target ON gap_merges (into_id);
-- Which group a wording was split off to: a second click finds it.
CREATE TABLE gap_splits (
  gap_id TEXT NOT NULL,
  wording TEXT NOT NULL,
  into_id TEXT NOT NULL,
  PRIMARY KEY (gap_id, wording)
);
CREATE INDEX gap_splits_by_target ON gap_splits (into_id);
