-- Questions without a good answer, like ones together, and what becomes of them. Nobody is named here: who asked stands with the
-- questions and inquiries themselves, and goes with them.
CREATE TABLE gaps (
  id TEXT PRIMARY KEY,
  question TEXT NOT NULL,             -- the first wording, masked
  state TEXT NOT NULL,                -- open | drafting | published | dismissed
  asked BIGINT NOT NULL,
  useless BIGINT NOT NULL,            -- of these, answered and called useless
  handed_off BIGINT NOT NULL,         -- of these, handed to a person
  opens_at BIGINT NOT NULL,           -- settled: it opens again when asked so often; else 0
  note TEXT NOT NULL,                 -- why it was dismissed, or why it is open again
  settled_by TEXT,
  document TEXT,                      -- the verified answer
  first_asked_at BIGINT NOT NULL,
  last_asked_at BIGINT NOT NULL,
  published_at BIGINT
);
CREATE INDEX gaps_to_do ON gaps (asked DESC, last_asked_at DESC, id) WHERE state IN ('open', 'drafting');
CREATE INDEX gaps_by_state ON gaps (state, asked DESC, last_asked_at DESC, id);
CREATE UNIQUE INDEX gaps_by_document ON gaps (document);
-- The terms of the first wording: what a new question is looked up by.
CREATE TABLE gap_terms (term TEXT NOT NULL, gap_id TEXT NOT NULL REFERENCES gaps(id), PRIMARY KEY (term, gap_id));
CREATE INDEX gap_terms_by_gap ON gap_terms (gap_id);
CREATE TABLE gap_wordings (
  gap_id TEXT NOT NULL REFERENCES gaps(id),
  wording TEXT NOT NULL,
  asked BIGINT NOT NULL,
  last_asked_at BIGINT NOT NULL,
  PRIMARY KEY (gap_id, wording)
);
-- One at a time puts questions into groups.
CREATE TABLE gap_turns (name TEXT PRIMARY KEY, turn BIGINT NOT NULL);
INSERT INTO gap_turns (name, turn) VALUES ('group', 0);
ALTER TABLE questions ADD COLUMN gap_id TEXT;
CREATE INDEX questions_by_group ON questions (gap_id) WHERE gap_id IS NOT NULL;
CREATE INDEX questions_to_group ON questions (asked_at, id) WHERE gap_id IS NULL AND (gap = 1 OR useful = 0);
CREATE INDEX questions_regained ON questions (id) WHERE gap_id IS NOT NULL AND gap = 0 AND useful = 1;
-- counted 0: the same person had asked the same just before.
CREATE TABLE gap_inquiries (inquiry_id TEXT PRIMARY KEY, gap_id TEXT NOT NULL REFERENCES gaps(id), counted BIGINT NOT NULL);
CREATE INDEX gap_inquiries_by_gap ON gap_inquiries (gap_id);

-- The answer that waits for another person's approval.
CREATE TABLE gap_drafts (
  gap_id TEXT PRIMARY KEY REFERENCES gaps(id),
  question TEXT NOT NULL,
  answer TEXT NOT NULL,
  sources TEXT NOT NULL,              -- JSON: the passages it rests on, word for word
  author_id TEXT NOT NULL,
  author TEXT NOT NULL,
  revision BIGINT NOT NULL,           -- an approval names the one it means
  returned TEXT,                      -- why it was sent back
  updated_at BIGINT NOT NULL
);

-- Private chats that want to hear when a verified answer they got changes.
CREATE TABLE answer_follows (
  document TEXT NOT NULL,
  channel_id TEXT NOT NULL REFERENCES channels(id),
  got_at BIGINT NOT NULL,
  PRIMARY KEY (document, channel_id)
);
CREATE INDEX answer_follows_by_channel ON answer_follows (channel_id);
-- How each verified answer stood when it was last looked at.
CREATE TABLE answer_standings (
  document TEXT PRIMARY KEY,
  wording TEXT NOT NULL,              -- hash of its own words
  sources TEXT NOT NULL,              -- hash of what it rests on
  holds BIGINT NOT NULL,
  changes BIGINT NOT NULL
);
-- Private chats that do not want "what you asked is answered now".
CREATE TABLE later_answers_unwanted (channel_id TEXT PRIMARY KEY REFERENCES channels(id), since BIGINT NOT NULL);
