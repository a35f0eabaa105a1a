-- bauta_reader reads every sequence, as it reads every table: a dump of the
-- schema asks each of them where it stands.

-- +goose Up
-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta_reader') THEN
        GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO bauta_reader;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON SEQUENCES TO bauta_reader;
    END IF;
END $$;
-- +goose StatementEnd
