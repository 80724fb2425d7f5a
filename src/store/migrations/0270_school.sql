-- A session that was called off stays for the calendars that have it.
ALTER TABLE class_sessions ADD COLUMN cancelled_at BIGINT;          -- null: it is held

-- A certificate whose check-ins were taken back is revoked, and stays to be looked up; at most one of a person's holds.
CREATE TABLE certificates_kept (
  code TEXT PRIMARY KEY,
  class_id TEXT NOT NULL REFERENCES classes(id),
  enrolment_id TEXT NOT NULL REFERENCES enrolments(id),
  issued_at BIGINT NOT NULL,
  revoked_at BIGINT                   -- null: it holds
);
INSERT INTO certificates_kept (code, class_id, enrolment_id, issued_at) SELECT code, class_id, enrolment_id, issued_at FROM certificates;
DROP TABLE certificates;
ALTER TABLE certificates_kept RENAME TO certificates;
CREATE UNIQUE INDEX certificates_that_hold ON certificates (enrolment_id) WHERE revoked_at IS NULL;
CREATE INDEX certificates_by_enrolment ON certificates (enrolment_id);
CREATE INDEX certificates_by_class ON certificates (class_id);

-- The prize quiz on the web: one number of the draw for each mobile number. The number itself is not kept, only a hash under a key of the
-- quiz; key and hashes are emptied after retention.quiz_days.
ALTER TABLE quizzes ADD COLUMN phone_key TEXT NOT NULL DEFAULT '';  -- made with the first number; 'gone' once emptied
ALTER TABLE quiz_entries ADD COLUMN phone_hash TEXT;                -- null: no number given
CREATE UNIQUE INDEX quiz_entries_by_phone ON quiz_entries (quiz_id, phone_hash);
