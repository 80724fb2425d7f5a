-- What the first page of the console counts, each by an index alone.
CREATE INDEX questions_of_days ON questions (asked_at, decision, useful);
CREATE INDEX questions_of_texts ON questions (asked_at, question);
CREATE INDEX deliveries_of_days ON deliveries (created_at, state);
CREATE INDEX bulletins_by_correction ON bulletins (correction_author) WHERE correction_author IS NOT NULL;
