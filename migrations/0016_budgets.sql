-- How many people were reached, when and with which key: what the budgets that
-- stop a thief are counted in. The committer knows the counts by heart while
-- nobody else appends; these tables are what it, or another broker, begins from.
-- They open nothing and are under no MAC; SECURITY.md says what that means.

-- +goose Up

-- A person counts once an hour, and can be granted so many times a day. One row
-- a person, so that none of them is changed often.
CREATE TABLE reached (
    subject bigint  PRIMARY KEY,
    day     bigint  NOT NULL,  -- that grants are of, in days since 1970
    grants  integer NOT NULL,
    slot    bigint  NOT NULL,  -- of five minutes since 1970, in which the person was counted last
    key     text    NOT NULL,  -- the API key that reached them last
    CONSTRAINT reached_grants CHECK (grants >= 0)
) WITH (fillfactor = 70);

-- People reached in five minutes, by a key and, under the empty key, by all.
-- part is the size of the log over 4,096: a row is changed at most so often, and
-- then another one begins, for a long snapshot (a pg_dump, say) keeps every
-- version that a row has had, and each commit walks along them.
CREATE TABLE reach (
    slot   bigint  NOT NULL,
    key    text    NOT NULL,
    part   bigint  NOT NULL,
    people integer NOT NULL,
    PRIMARY KEY (slot, key, part)
) WITH (fillfactor = 50);

-- Which anomalies are noted already. mark is a keyed hash of the budget, whom it
-- bounds and the time that it is counted in; it stands in the entry as well.
CREATE TABLE anomalies (
    entry bigint PRIMARY KEY,
    mark  bytea  NOT NULL UNIQUE
);

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON reached, reach TO bauta;
        GRANT SELECT, INSERT ON anomalies TO bauta;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta_reader') THEN
        GRANT SELECT ON reached, reach, anomalies TO bauta_reader;
    END IF;
END $$;
-- +goose StatementEnd
