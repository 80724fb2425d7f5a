-- When a person asked to be forgotten: their chat goes too, once the last word to them has gone out.
ALTER TABLE channels ADD COLUMN leaving BIGINT;
CREATE INDEX channels_leaving ON channels (leaving) WHERE leaving IS NOT NULL;
-- What the daily clearing looks for, each by an index alone.
CREATE INDEX deliveries_settled ON deliveries (settled_at) WHERE origin <> 'bulletin' AND content <> '';
CREATE INDEX updates_done ON updates (done_at) WHERE done_at IS NOT NULL;
CREATE INDEX inquiries_closed ON inquiries (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX questions_of_person ON questions (channel, person, asked_at);
CREATE INDEX enrolments_of_person ON enrolments (channel, person);
