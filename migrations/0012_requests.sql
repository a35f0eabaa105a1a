-- What people have done about a disclosure: the record that it has from the
-- moment when a person is asked for. Its state is under the MAC, with everything
-- that the next move depends on; the columns beside it are there to find it.
--
-- A disclosure that a person decided points at the entry of that decision: the
-- row's entry, decision and grant are written anew, and the record's trail of
-- leaf hashes says which entries decided before.

-- +goose Up
CREATE TABLE requests (
    disclosure     uuid     PRIMARY KEY,
    transaction_id bigint   NOT NULL,
    version        bigint   NOT NULL,       -- as many as entries made it
    open           boolean  NOT NULL,       -- it waits for somebody
    state          text     COLLATE "C" NOT NULL,
    due            timestamptz NOT NULL,    -- by when we mean to have decided
    deadline       timestamptz,             -- when its state ends by itself
    facts          text     NOT NULL,
    mac            bytea    NOT NULL,
    CONSTRAINT request_version CHECK (version > 0)
);
CREATE INDEX requests_open ON requests (due, disclosure) WHERE open;
CREATE INDEX requests_transaction ON requests (transaction_id) WHERE open;
CREATE INDEX requests_deadline ON requests (deadline) WHERE deadline IS NOT NULL;

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta') THEN
        GRANT SELECT, INSERT, UPDATE ON requests TO bauta;
        GRANT UPDATE (entry, decision) ON disclosures TO bauta;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta_reader') THEN
        GRANT SELECT ON requests TO bauta_reader;
    END IF;
END $$;
-- +goose StatementEnd
