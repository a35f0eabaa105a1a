-- When one of the staff opened something of a request. What it was, for what and in
-- which role stands in the entry; these rows only find it. And free text about a
-- transaction is found by the transaction, now that somebody reads it.

-- +goose Up
CREATE TABLE staff_views (
    entry      bigint PRIMARY KEY,
    disclosure uuid   NOT NULL,
    at         timestamptz NOT NULL
);
CREATE INDEX staff_views_disclosure ON staff_views (disclosure, entry);
CREATE INDEX notes_owner ON notes (owner, entry);

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta') THEN
        GRANT SELECT, INSERT ON staff_views TO bauta;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta_reader') THEN
        GRANT SELECT ON staff_views TO bauta_reader;
    END IF;
END $$;
-- +goose StatementEnd
