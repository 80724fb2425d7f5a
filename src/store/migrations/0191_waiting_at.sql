-- An inquiry that comes back keeps its place in the queue (queued_at) but has not waited all that time: it waits since then.
ALTER TABLE inquiries ADD COLUMN waiting_at BIGINT NOT NULL DEFAULT 0;
UPDATE inquiries SET waiting_at = queued_at;
