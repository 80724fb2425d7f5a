-- What the daily clearing of questionnaires and of the ledger looks for, each by an index alone.
CREATE INDEX survey_answers_by_age ON survey_answers (answered_at) WHERE words <> '';
CREATE INDEX survey_talks_by_age ON survey_talks (updated_at) WHERE person NOT LIKE 'gone%';
CREATE INDEX ledger_done ON ledger_items (updated_at) WHERE stage IN ('answered', 'closed') AND person NOT LIKE 'gone%';
