-- Bulletins that go out again and again: the plan, who approved it, and when the next one is made.
CREATE TABLE recurring (
  id TEXT PRIMARY KEY,
  source TEXT NOT NULL,               -- file name without ending, or 'api'
  plan TEXT NOT NULL,                 -- RecurringPlan as JSON
  state TEXT NOT NULL,                -- waiting | active | stopped
  author TEXT NOT NULL,
  approved_by TEXT,
  made_until BIGINT NOT NULL,         -- the time of the last one made, or of the approval
  next_at BIGINT,                     -- null: not active, or the calendar is missing
  missing_year BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX recurring_due ON recurring (state, next_at);
