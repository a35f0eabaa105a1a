-- Passkeys, and sign-ins by a provider of identities. Both stand in the account's
-- sealed credential; what finds the account by them is a keyed hash, under its MAC.
-- A challenge is a keyed hash too, of what was asked of whom: it is taken out when it
-- is answered, so that it can be answered once. How far a passkey's counter has come
-- is no history: it is written at each use, and a row that somebody else wrote stops
-- the passkey.

-- +goose Up
ALTER TABLE accounts
    ADD COLUMN handle bytea UNIQUE,       -- of the handle by which authenticators know the account
    ADD COLUMN bound  bytea UNIQUE;       -- of issuer and subject of who may sign in by the provider

CREATE TABLE challenges (
    id    bytea PRIMARY KEY,
    until timestamptz NOT NULL,
    mac   bytea NOT NULL
);
CREATE INDEX challenges_until ON challenges (until);

CREATE TABLE passkey_uses (
    id      bytea  PRIMARY KEY,           -- of what the authenticator calls the passkey
    account bigint NOT NULL,
    counter bigint NOT NULL,
    day     date   NOT NULL,
    mac     bytea  NOT NULL
);
CREATE INDEX passkey_uses_account ON passkey_uses (account);

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON challenges, passkey_uses TO bauta;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta_reader') THEN
        GRANT SELECT ON challenges, passkey_uses TO bauta_reader;
    END IF;
END $$;
-- +goose StatementEnd
