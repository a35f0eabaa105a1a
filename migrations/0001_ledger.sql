-- The ledger: what was appended is never changed. Three tables, all of them
-- append-only by trigger and by privilege; any change that gets past both is
-- found by `bauta ledger check`.
--
-- No row here is updated at a commit: the head is the newest row of
-- ledger_checkpoints. (A head row that every commit updates made a long
-- snapshot, a pg_dump say, cost a factor of six.)

-- +goose Up
CREATE TABLE ledger_checkpoints (
    size     bigint PRIMARY KEY,      -- entries that the tree has
    prev     bigint NOT NULL UNIQUE,  -- size of the row before: two brokers cannot both append after the same one
    root     bytea  NOT NULL,         -- RFC 6962 root of the tree of that size
    frontier bytea  NOT NULL,         -- the subtree hashes that an append needs, checked against the root
    note     bytea  NOT NULL,         -- C2SP tlog-checkpoint, signed
    CONSTRAINT checkpoint_grows CHECK (size > prev AND prev >= 0),
    CONSTRAINT checkpoint_root CHECK (octet_length(root) = 32)
);

CREATE TABLE ledger_entries (
    idx       bigint PRIMARY KEY,     -- position in the log, from 0, without gaps
    entry     bytea NOT NULL,         -- the leaf: docs/entry-format.md
    statement bytea NOT NULL,         -- what it says, sealed under the narrowest key and bound to the entry
    CONSTRAINT entry_position CHECK (idx >= 0)
);
-- Statements are short and encrypted: compressing them only costs time.
ALTER TABLE ledger_entries ALTER COLUMN statement SET STORAGE EXTERNAL;

-- Full tiles, once (C2SP tlog-tiles). The growing edge is derived from entries;
-- rewriting it at every commit cost a factor of ten.
CREATE TABLE ledger_tiles (
    level  smallint NOT NULL,
    idx    bigint   NOT NULL,
    hashes bytea    NOT NULL,
    PRIMARY KEY (level, idx),
    CONSTRAINT tile_full CHECK (octet_length(hashes) = 8192)
);
ALTER TABLE ledger_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- +goose StatementBegin
CREATE FUNCTION ledger_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger only grows: % of % is refused', TG_OP, TG_TABLE_NAME;
END $$;
-- +goose StatementEnd
CREATE TRIGGER never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION ledger_never_changes();
CREATE TRIGGER never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION ledger_never_changes();
CREATE TRIGGER never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_tiles FOR EACH STATEMENT EXECUTE FUNCTION ledger_never_changes();
