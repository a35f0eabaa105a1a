-- What was revealed and taken back soon after counts twice more, once for each
-- disclosure: whatever took it back, and however often. Kept for as long as it can
-- be taken back soon. Counts, like the budgets: under no MAC, and opens nothing.

-- +goose Up
CREATE TABLE taken_back (
    disclosure uuid PRIMARY KEY,
    day        date NOT NULL
);

-- The most that a requester's day may come to with the commit that counts; null
-- where what was counted is never refused. Another broker may have counted a
-- request that leaves no entry, which no guard of a commit can see.
ALTER TABLE budgets ADD COLUMN most integer, ADD CONSTRAINT budgets_most CHECK (used <= most);

-- The verifier key of the log's second signing key, ML-DSA-44, from before it first
-- signed. A start that has another one, or none, would go on under a key that nobody
-- verifies by. Empty in a database from before: the next start writes it.
ALTER TABLE keys.folder ADD COLUMN cosigner text;

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta') THEN
        GRANT SELECT, INSERT, DELETE ON taken_back TO bauta;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta_reader') THEN
        GRANT SELECT ON taken_back TO bauta_reader;
    END IF;
END $$;
-- +goose StatementEnd
