-- Cases: disputes about lines of a transaction. A record holds no text: what a side
-- wrote, and what it handed in, is sealed under a key of the case's own, so that the
-- one can be destroyed without the other. Its facts are under the MAC with whose it
-- is; the columns beside them are there to find it.
--
-- Each queue of the handlers is in an index of its own, whole: a page of it is read
-- without the records, and then of those the few that are shown.

-- +goose Up
CREATE TABLE cases (
    id             bigint PRIMARY KEY,            -- of row_ids, like parties and transactions
    name           text   COLLATE "C" NOT NULL UNIQUE,
    transaction_id bigint NOT NULL,
    buyer          bigint NOT NULL,               -- as in the transaction
    seller         bigint NOT NULL,
    version        bigint NOT NULL,               -- as many as entries about it
    state          text   COLLATE "C" NOT NULL,
    open           boolean NOT NULL,              -- it is not over
    waits          boolean NOT NULL,              -- for one of the staff
    assigned       text   COLLATE "C" NOT NULL,   -- the account that works on it; empty: none
    due_at         timestamptz NOT NULL,          -- what is due first; infinity: nothing is
    since          timestamptz NOT NULL,          -- when it came to where it is
    facts          text   NOT NULL,
    mac            bytea  NOT NULL,
    CONSTRAINT case_version CHECK (version > 0),
    CONSTRAINT case_waits CHECK (open OR NOT waits)
);
CREATE INDEX cases_waiting ON cases (due_at, id) INCLUDE (state, assigned) WHERE waits;
CREATE INDEX cases_unassigned ON cases (due_at, id) INCLUDE (state) WHERE waits AND assigned = '';
CREATE INDEX cases_second ON cases (due_at, id) INCLUDE (state, assigned) WHERE state IN ('proposed', 'appeal_proposed');
CREATE INDEX cases_open ON cases (due_at, id) INCLUDE (state, assigned, waits) WHERE open;
CREATE INDEX cases_assigned ON cases (assigned, due_at, id) INCLUDE (state, waits) WHERE open;
CREATE INDEX cases_state ON cases (state, due_at, id) INCLUDE (assigned, open, waits);
CREATE INDEX cases_transaction ON cases (transaction_id, id) INCLUDE (state, open, waits, assigned, due_at, buyer, seller);
CREATE INDEX cases_buyer ON cases (buyer, id) INCLUDE (state, open, waits, assigned, due_at);
CREATE INDEX cases_seller ON cases (seller, id) INCLUDE (state, open, waits, assigned, due_at);

-- The entries about a case: each made a version of its record.
CREATE TABLE case_entries (
    dispute bigint NOT NULL,
    version bigint NOT NULL,
    entry   bigint NOT NULL UNIQUE,
    PRIMARY KEY (dispute, version)
);

CREATE TABLE case_evidence (
    dispute    bigint  NOT NULL,
    n          integer NOT NULL,
    facts      text    NOT NULL,           -- type, whose, sizes, hashes of what was sealed
    original   bytea   NOT NULL,           -- sealed
    derivative bytea   NOT NULL,           -- sealed: what others open
    mac        bytea   NOT NULL,
    PRIMARY KEY (dispute, n)
);
ALTER TABLE case_evidence ALTER COLUMN original SET STORAGE EXTERNAL, ALTER COLUMN derivative SET STORAGE EXTERNAL;

-- Whoever proves a case shows all entries of its transaction. Performances, decisions
-- and views are found by their own rows; this index has all other types, few of them
-- in a transaction's life, so that a disclosure pays nothing for it.
CREATE INDEX ledger_entries_of_transactions ON ledger_entries (owner, idx)
    WHERE substr(entry, 2, 1) IN ('\x04', '\x07', '\x08', '\x0b', '\x0f', '\x12', '\x14', '\x15', '\x16', '\x17', '\x18', '\x19',
        '\x20', '\x21', '\x22', '\x23', '\x24', '\x25', '\x26', '\x2c', '\x2d');

-- Decisions that a person's has replaced: the disclosure's row does not point at them
-- any more.
CREATE TABLE earlier_decisions (
    entry          bigint PRIMARY KEY,
    transaction_id bigint NOT NULL
);
CREATE INDEX earlier_decisions_transaction ON earlier_decisions (transaction_id);
INSERT INTO earlier_decisions (entry, transaction_id)
SELECT e.idx, e.owner FROM ledger_entries e
WHERE substr(e.entry, 2, 1) IN ('\x09', '\x16') AND e.owner IS NOT NULL AND NOT EXISTS (SELECT FROM disclosures d WHERE d.entry = e.idx);

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta') THEN
        GRANT SELECT, INSERT, UPDATE ON cases TO bauta;
        GRANT SELECT, INSERT ON case_entries, case_evidence, earlier_decisions TO bauta;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta_reader') THEN
        GRANT SELECT ON cases, case_entries, case_evidence, earlier_decisions TO bauta_reader;
    END IF;
END $$;
-- +goose StatementEnd
