-- A freed seat is offered to the first who waits and held for a while.
ALTER TABLE enrolments ADD COLUMN offered_until BIGINT;          -- set while state is offered
ALTER TABLE enrolments ADD COLUMN offers BIGINT NOT NULL DEFAULT 0;  -- seats offered so far
CREATE INDEX enrolments_by_offer ON enrolments (state, offered_until);
