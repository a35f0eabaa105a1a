-- Links that open a party's own page once, and the sessions that they are spent
-- on. A token is not here, only its hash under a key that the database does not
-- have. That a link is spent stands in party_tokens, in the commit of its entry.

-- +goose Up
CREATE TABLE subject_passes (
    id      bytea    PRIMARY KEY,
    kind    smallint NOT NULL,        -- 1 a link, 2 a session
    party   bigint   NOT NULL,
    ends_at timestamptz NOT NULL,
    mac     bytea    NOT NULL         -- a row that somebody else wrote opens nothing
);
CREATE INDEX subject_passes_end ON subject_passes (ends_at);

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON subject_passes TO bauta;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta_reader') THEN
        GRANT SELECT ON subject_passes TO bauta_reader;
    END IF;
END $$;
-- +goose StatementEnd
