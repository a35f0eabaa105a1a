-- How far the broker's audit of its own log has come: a hint for where to go on
-- after a restart, so that a log that is restarted every few hours is audited whole
-- all the same. It is under a MAC; app/postgres/audits.go says what taking it away,
-- or putting an older one back, is worth.

-- +goose Up
CREATE TABLE audits (
    id   smallint PRIMARY KEY CONSTRAINT audits_one CHECK (id = 1),
    pass bytea NOT NULL,
    mac  bytea NOT NULL
);

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta') THEN
        GRANT SELECT, INSERT, UPDATE ON audits TO bauta;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta_reader') THEN
        GRANT SELECT ON audits TO bauta_reader;
    END IF;
END $$;
-- +goose StatementEnd
