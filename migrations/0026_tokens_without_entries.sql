-- A party's token is also taken by what leaves no entry: a dry run, a retry that is
-- given the first answer again, and what was so already. A row for that has no
-- entry, but the key of the outcome that was told again, so that the same retry
-- with the same token is no second use.

-- +goose Up
ALTER TABLE party_tokens ALTER COLUMN entry DROP NOT NULL;
ALTER TABLE party_tokens ADD outcome bytea; -- the idempotency key's hash, as in outcomes; null: none
ALTER TABLE party_tokens ADD CONSTRAINT party_tokens_one CHECK (entry IS NULL OR outcome IS NULL);
