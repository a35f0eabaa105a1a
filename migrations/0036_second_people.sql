-- What was proposed about a grant, its end or that it lives again, waits for a second person
-- and stands in the queue of requests. The database works out of the facts, which are under the
-- MAC, that it does: no row says anything else than before, and a broker of the release before
-- goes on. Proposals from before have no time of their own, or that of an earlier decision, and
-- so are overdue; the timer that new ones have closes them when the grant has ended.
--
-- Parties of whom somebody has proposed that they may ask again wait for a second person, too:
-- their facts begin with the form that has such a proposal. What of registrations is proposed
-- is counted for the same queue, and so found by its state.

-- +goose Up
ALTER TABLE requests ADD COLUMN proposed boolean
    GENERATED ALWAYS AS (state IN ('granted', 'overturned', 'suspended') AND position('"proposal":{' IN facts) > 0) STORED;
CREATE INDEX requests_queue ON requests (due, disclosure) WHERE open OR proposed;
DROP INDEX requests_open;
CREATE INDEX parties_lifting ON parties (name) WHERE substring(facts FROM 1 FOR 1) = '\x05';
CREATE INDEX merchants_state ON merchants (state, since, id) WHERE open;

INSERT INTO outbox (endpoint, kind, transaction_id, disclosure, entry, due_at, next_at)
SELECT 0, 1, transaction_id, disclosure, 0, now(), now() FROM requests WHERE proposed AND NOT open;
