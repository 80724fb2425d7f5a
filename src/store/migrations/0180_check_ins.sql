-- A class is one session or several, each with its own time; there is always the first.
CREATE TABLE class_sessions (
  class_id TEXT NOT NULL REFERENCES classes(id),
  number BIGINT NOT NULL,             -- from 1; a name, not an order
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  sequence BIGINT NOT NULL,           -- SEQUENCE of its event in the .ics
  code TEXT NOT NULL,                 -- six digits given at the door; empty until first needed
  PRIMARY KEY (class_id, number)
);
CREATE INDEX class_sessions_by_code ON class_sessions (code, ends_at);
INSERT INTO class_sessions (class_id, number, starts_at, ends_at, sequence, code)
  SELECT id, 1, starts_at, ends_at, sequence, '' FROM classes;

-- Who came to which session.
CREATE TABLE check_ins (
  class_id TEXT NOT NULL,
  session BIGINT NOT NULL,
  enrolment_id TEXT NOT NULL REFERENCES enrolments(id),
  at BIGINT NOT NULL,                 -- when they stood at the door, not when it was uploaded
  means TEXT NOT NULL,                -- code, phone_page, walk_in, staff
  staff TEXT NOT NULL,                -- name of the staff user who noted it; empty where they did it themselves
  recorded_at BIGINT NOT NULL,
  PRIMARY KEY (class_id, session, enrolment_id),
  FOREIGN KEY (class_id, session) REFERENCES class_sessions (class_id, number)
);
CREATE INDEX check_ins_by_enrolment ON check_ins (enrolment_id);
