-- That the deadline of a request has passed is written down when its time comes, by
-- a timer of the outbox that the commit which began the deadline has set. Requests
-- from before get theirs here; nobody looks for deadlines any more.

-- +goose Up
INSERT INTO outbox (endpoint, kind, transaction_id, disclosure, entry, due_at, next_at)
SELECT 0, 1, transaction_id, disclosure, 0, deadline, deadline FROM requests WHERE deadline IS NOT NULL;

DROP INDEX requests_deadline;
