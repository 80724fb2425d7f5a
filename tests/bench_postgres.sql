-- One delivery, statement by statement as the outbox makes it where it goes one by one: claim, commit, settle, commit. Only the two
-- answers that are read are folded into one row, because pgbench stops at none; and it takes a colon for a variable.
BEGIN;
SELECT key, arrival_at, frozen_until FROM pacing WHERE key IN ('bot' || chr(58) || 'print') ORDER BY key;
WITH look AS (
  SELECT c.id, c.kind, c.address, c.scope,
    (SELECT d.id FROM deliveries d WHERE d.channel_id = c.id AND d.state = 'pending' AND d.held = 0
      AND d.due_at <= CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT) AND d.not_after > CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT)
      AND d.priority < 9223372036854775807
      AND NOT EXISTS (SELECT 1 FROM deliveries b WHERE b.origin = d.origin AND b.origin_id = d.origin_id AND b.channel_id = d.channel_id
        AND b.id <> d.id AND (
        (b.operation = d.operation AND b.revision = d.revision AND b.part < d.part AND b.state IN ('pending', 'sending'))
        OR (d.operation <> 'send' AND b.operation = 'send' AND b.part = d.part AND b.state IN ('pending', 'sending', 'unknown'))
        OR (d.operation <> 'send' AND b.operation IN ('edit', 'pin') AND b.part = d.part AND b.revision < d.revision
          AND b.state IN ('pending', 'sending'))))
      ORDER BY d.priority, d.due_at, d.created_at, d.part, d.id LIMIT 1) AS head
  FROM (
    SELECT * FROM (SELECT 1 AS turn, c.id, c.kind, c.address, c.scope,
        CASE WHEN c.wake_at > c.free_at THEN c.wake_at ELSE c.free_at END AS ready_at
      FROM channels c WHERE c.kind = 'print' AND c.wake_at IS NOT NULL AND c.reachable = 1
        AND CASE WHEN c.wake_at > c.free_at THEN c.wake_at ELSE c.free_at END <= CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT)
        AND NOT EXISTS (SELECT 1 FROM deliveries s WHERE s.channel_id = c.id AND s.state = 'sending')
      ORDER BY CASE WHEN c.wake_at > c.free_at THEN c.wake_at ELSE c.free_at END, c.id LIMIT 1 FOR UPDATE SKIP LOCKED) of_print
    UNION ALL
    SELECT * FROM (SELECT 0 AS turn, c.id, c.kind, c.address, c.scope, d.due_at AS ready_at
      FROM deliveries d CROSS JOIN channels c
      WHERE c.id = d.channel_id AND d.state = 'pending' AND d.priority = 0 AND d.held = 0 AND d.due_at <= CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT)
        AND d.not_after > CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT) AND c.kind IN ('print') AND c.reachable = 1
        AND c.free_at <= CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT)
        AND NOT EXISTS (SELECT 1 FROM deliveries s WHERE s.channel_id = c.id AND s.state = 'sending')
      ORDER BY d.due_at, d.id LIMIT 1 FOR UPDATE OF c SKIP LOCKED) replies
  ) c ORDER BY c.turn, c.ready_at, c.id)
SELECT COALESCE(MAX(id), '') AS channel, COALESCE(MAX(head), '') AS head FROM look
\gset
WITH taken AS (
  UPDATE deliveries SET state = 'sending', epoch = epoch + 1, attempts = attempts + 1,
    lease_until = CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) + 120000, reason = NULL
  WHERE id IN (:head) AND state = 'pending'
    AND NOT EXISTS (SELECT 1 FROM deliveries s WHERE s.channel_id = deliveries.channel_id AND s.state = 'sending')
  RETURNING id, epoch, attempts, channel_id, operation, content, thread, reply_to, message_id, on_ambiguous)
SELECT COALESCE(MAX(epoch), 0) AS epoch FROM taken
\gset
\if :epoch > 0
INSERT INTO attempts (delivery_id, epoch, started_at) VALUES (:head, :epoch, CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT));
COMMIT;
BEGIN;
SELECT id FROM channels WHERE id IN (:channel) FOR UPDATE SKIP LOCKED;
UPDATE deliveries SET state = 'sent', message_id = v.column3, reason = v.column4, settled_at = CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT),
  lease_until = NULL FROM (VALUES (CAST(:head AS TEXT), CAST(:epoch AS BIGINT), 'print-1', CAST(NULL AS TEXT))) v
  WHERE deliveries.id = v.column1 AND deliveries.epoch = v.column2 AND deliveries.state IN ('sending', 'unknown') RETURNING deliveries.id AS id;
UPDATE attempts SET ended_at = CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT), outcome = v.column3, detail = v.column4
  FROM (VALUES (CAST(:head AS TEXT), CAST(:epoch AS BIGINT), 'sent', 'print-1')) v
  WHERE attempts.delivery_id = v.column1 AND attempts.epoch = v.column2;
UPDATE channels SET free_at = CASE WHEN free_at < v.column2 THEN v.column2 ELSE free_at END,
  wake_at = CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT)
  FROM (VALUES (CAST(:channel AS TEXT), CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT))) v WHERE channels.id = v.column1;
\endif
COMMIT;
