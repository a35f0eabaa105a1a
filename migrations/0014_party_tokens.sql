-- Parties sign for themselves (serve --party-keys), and a token is taken once:
-- its row is written in the commit of the entry that it signed for. The number
-- of a token is kept as a keyed hash, for its maker may have put a person's
-- number into it. By day first, so that old ones go by range.

-- +goose Up
CREATE TABLE party_tokens (
    day        date   NOT NULL,       -- of expires_at
    jti        bytea  NOT NULL,
    expires_at timestamptz NOT NULL,
    entry      bigint NOT NULL,
    mac        bytea  NOT NULL,       -- a row taken out or pointed elsewhere would let the token do its work again
    CONSTRAINT party_tokens_jti CHECK (octet_length(jti) = 16),
    PRIMARY KEY (day, jti)
);
CREATE INDEX party_tokens_entry ON party_tokens (entry);

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta') THEN
        GRANT SELECT, INSERT, DELETE ON party_tokens TO bauta;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta_reader') THEN
        GRANT SELECT ON party_tokens TO bauta_reader;
    END IF;
END $$;
-- +goose StatementEnd
