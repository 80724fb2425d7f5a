-- What the weekly figures count, by index alone.
CREATE INDEX inquiries_of_weeks ON inquiries (queued_at, stars);
