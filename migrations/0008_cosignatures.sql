-- What witnesses have said of checkpoints. They stand beside the checkpoints, whose
-- rows hold the log's own signature and nothing else, so that `bauta ledger check`
-- can compare every byte of them. No foreign key: a cosignature for a checkpoint
-- that is no longer there is evidence.

-- +goose Up
CREATE TABLE ledger_cosignatures (
    size    bigint      NOT NULL,  -- of the checkpoint
    witness text        NOT NULL,  -- the name of the witness's key
    key     bigint      NOT NULL,  -- that key's hash, of which a name may have several
    line    text        NOT NULL,  -- the signature line as it stands under the note, without its newline
    at      timestamptz NOT NULL,  -- when it came; the witness's own time is in the line
    PRIMARY KEY (size, witness, key),
    CONSTRAINT cosignature_size CHECK (size > 0),
    CONSTRAINT cosignature_line CHECK (line LIKE '— %' AND line NOT LIKE E'%\n%')
);
CREATE TRIGGER never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_cosignatures FOR EACH STATEMENT EXECUTE FUNCTION ledger_never_changes();

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta') THEN
        GRANT SELECT, INSERT ON ledger_cosignatures TO bauta;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta_reader') THEN
        GRANT SELECT ON ledger_cosignatures TO bauta_reader;
    END IF;
END $$;
-- +goose StatementEnd
