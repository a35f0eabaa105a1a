-- What was given with a registration goes when nobody has to keep it any longer: its
-- versions, the tags of its numbers, its documents, and what was written about it, in
-- the commit of the entry that says so. `bauta ledger check` finds what is taken away
-- otherwise, and what is left over.

-- +goose Up
CREATE INDEX merchant_tags_merchant ON merchant_tags (merchant);

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta') THEN
        GRANT DELETE ON merchant_versions, merchant_tags, merchant_documents, notes TO bauta;
    END IF;
END $$;
-- +goose StatementEnd
