-- Whose key an entry's statement is sealed under, so that `bauta ledger check`
-- can open every statement and hold the rows against it. The number is no
-- evidence and needs no MAC: a statement opens under its owner's key alone, and
-- says whose it is.

-- +goose Up
ALTER TABLE ledger_entries ADD COLUMN owner bigint; -- a party or a transaction; 0 the deployment; null from before this column
