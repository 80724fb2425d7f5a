-- With an index over state and time SQLite looked through everything pending to find a reply or whose turn it is, and a claim took the
-- longer the more waited. What is searched by state alone is only what nobody knows the outcome of.
DROP INDEX deliveries_by_state;
CREATE INDEX deliveries_unknown ON deliveries (state, settled_at, id) WHERE state = 'unknown';
