-- What an approver last had before them, as JSON ({content, attachments, targets, workdays_only, pin, card}); null: it never came back from
-- review. The next approver is shown what changed since.
ALTER TABLE bulletins ADD COLUMN reviewed TEXT;
