-- Break-glass sessions: one of the staff sees values in an emergency, about one
-- transaction, for a quarter of an hour. Its facts are under the MAC with what it is
-- about; the columns beside them are there to find it. Its texts are notes, sealed under
-- the transaction's key.

-- +goose Up
CREATE TABLE break_glass (
    id             bigint PRIMARY KEY,            -- of row_ids, like parties and transactions
    name           text   COLLATE "C" NOT NULL UNIQUE,
    transaction_id bigint NOT NULL,
    account        text   COLLATE "C" NOT NULL,   -- who opened it
    version        bigint NOT NULL,               -- as many as entries about it
    state          text   COLLATE "C" NOT NULL,
    holds          boolean NOT NULL,              -- whoever opened it has to be asked about: it is not reviewed, or was found wrong
    due_at         timestamptz NOT NULL,          -- when it ends, or its review is due; infinity: it is reviewed
    facts          text   NOT NULL,
    mac            bytea  NOT NULL,
    CONSTRAINT break_glass_version CHECK (version > 0)
);
CREATE INDEX break_glass_account ON break_glass (account, id) INCLUDE (holds);
CREATE INDEX break_glass_due ON break_glass (due_at, id) WHERE state <> 'reviewed';
CREATE INDEX break_glass_transaction ON break_glass (transaction_id, id);

-- The entries about a session: each made a version of its record.
CREATE TABLE break_glass_entries (
    session bigint NOT NULL,
    version bigint NOT NULL,
    entry   bigint NOT NULL UNIQUE,
    PRIMARY KEY (session, version)
);

-- What happened in an emergency is told with all else of its transaction.
DROP INDEX ledger_entries_of_transactions;
CREATE INDEX ledger_entries_of_transactions ON ledger_entries (owner, idx)
    WHERE substr(entry, 2, 1) IN ('\x04', '\x07', '\x08', '\x0b', '\x0f', '\x12', '\x14', '\x15', '\x16', '\x17', '\x18', '\x19',
        '\x1a', '\x1b', '\x1c', '\x1d', '\x20', '\x21', '\x22', '\x23', '\x24', '\x25', '\x26', '\x2c', '\x2d');

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta') THEN
        GRANT SELECT, INSERT, UPDATE ON break_glass TO bauta;
        GRANT SELECT, INSERT ON break_glass_entries TO bauta;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta_reader') THEN
        GRANT SELECT ON break_glass, break_glass_entries TO bauta_reader;
    END IF;
END $$;
-- +goose StatementEnd
