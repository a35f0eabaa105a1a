-- What law gives a consumer in a case, the merchant's name, address and contact, is
-- looked at when it is due: cases that are open already get the timer that new ones have.

-- +goose Up
INSERT INTO outbox (endpoint, kind, transaction_id, entry, due_at, next_at)
SELECT 0, 3, c.id, e.entry, cast(x ->> 'due' AS timestamptz), cast(x ->> 'due' AS timestamptz)
FROM cases c JOIN case_entries e ON e.dispute = c.id AND e.version = 1, jsonb_array_elements(coalesce(cast(c.facts AS jsonb) -> 'clocks', '[]')) AS x
WHERE c.open AND x ->> 'name' = 'merchant_details' AND NOT x ? 'ended';
