-- Who may do what, where the roles exist (the private cluster makes them; an
-- operator with a database of his own may). bauta works, and cannot rewrite the
-- ledger; bauta_reader sees all but keys.

-- +goose Up
-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta') THEN
        GRANT USAGE ON SCHEMA public, keys TO bauta;
        GRANT SELECT, INSERT ON ledger_checkpoints, ledger_entries, ledger_tiles TO bauta;
        GRANT SELECT, INSERT, UPDATE ON parties, transactions, grants, budgets, api_keys TO bauta;
        GRANT SELECT, INSERT ON cards, performances, notes, disclosures, views, policies TO bauta;
        GRANT SELECT, INSERT, DELETE ON outcomes TO bauta;
        GRANT DELETE ON budgets TO bauta;
        GRANT USAGE ON SEQUENCE row_ids TO bauta;
        GRANT SELECT ON goose_db_version TO bauta; -- to say that migrations are current
        GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA keys TO bauta;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta_reader') THEN
        GRANT USAGE ON SCHEMA public TO bauta_reader;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO bauta_reader;
        GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO bauta_reader;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO bauta_reader;
    END IF;
END $$;
-- +goose StatementEnd
