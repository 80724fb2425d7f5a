-- PostgreSQL keeps the plan of a claim, and while little waited this index looked as good to it as the primary key: a claim then went
-- through everything that waits. Only what asks for `not_after > 0` may use it now.
DROP INDEX deliveries_expiring;
CREATE INDEX deliveries_expiring ON deliveries (not_after) WHERE state = 'pending' AND not_after > 0;
-- Whether a bot was refused is asked at every tick.
CREATE INDEX refusals ON attempts (ended_at) WHERE outcome = 'bot_stopped';
