-- Registrations of merchants. A record holds no value: what was given is sealed, a
-- row a version, under the key of the party whose registration it is, and so is
-- what the law makes public of it, which is opened to be read. Its state is under
-- the MAC with everything that the next move depends on; the columns beside it are
-- there to find it.

-- +goose Up
CREATE TABLE merchants (
    id      bigint PRIMARY KEY,            -- of row_ids, like parties and transactions
    name    text   COLLATE "C" NOT NULL UNIQUE,
    party   bigint NOT NULL,
    version bigint NOT NULL,               -- as many as entries about it
    state   text   COLLATE "C" NOT NULL,
    open    boolean NOT NULL,              -- it waits for one of the staff
    since   timestamptz NOT NULL,          -- when it came to where it is
    due_at  timestamptz,                   -- when its state ends by itself
    facts   text   NOT NULL,
    mac     bytea  NOT NULL,
    CONSTRAINT merchant_version CHECK (version > 0)
);
CREATE INDEX merchants_open ON merchants (since, id) WHERE open;
CREATE INDEX merchants_party ON merchants (party);

CREATE TABLE merchant_versions (
    merchant   bigint  NOT NULL,
    version    integer NOT NULL,
    facts      text    NOT NULL,           -- what the pack said of it, and the tags of its numbers
    sealed     bytea   NOT NULL,
    commitment bytea   NOT NULL,           -- as in its entry
    mac        bytea   NOT NULL,
    PRIMARY KEY (merchant, version)
);

-- Keyed hashes of numbers by which a business is found again.
CREATE TABLE merchant_tags (
    tag      bytea  NOT NULL,
    merchant bigint NOT NULL,
    PRIMARY KEY (tag, merchant)
);

-- The entries about a registration: each made a version of its record.
CREATE TABLE merchant_entries (
    merchant bigint NOT NULL,
    version  bigint NOT NULL,
    entry    bigint NOT NULL UNIQUE,
    PRIMARY KEY (merchant, version)
);

CREATE TABLE merchant_documents (
    merchant   bigint  NOT NULL,
    n          integer NOT NULL,
    facts      text    NOT NULL,           -- kind, sizes, hashes of what was sealed
    original   bytea   NOT NULL,           -- sealed
    derivative bytea   NOT NULL,           -- sealed: what others open
    mac        bytea   NOT NULL,
    PRIMARY KEY (merchant, n)
);
ALTER TABLE merchant_documents ALTER COLUMN original SET STORAGE EXTERNAL, ALTER COLUMN derivative SET STORAGE EXTERNAL;

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta') THEN
        GRANT SELECT, INSERT, UPDATE ON merchants TO bauta;
        GRANT SELECT, INSERT ON merchant_versions, merchant_tags, merchant_entries, merchant_documents TO bauta;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta_reader') THEN
        GRANT SELECT ON merchants, merchant_versions, merchant_tags, merchant_entries, merchant_documents TO bauta_reader;
    END IF;
END $$;
-- +goose StatementEnd
