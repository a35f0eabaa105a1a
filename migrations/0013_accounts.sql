-- Accounts of the operator's people, and their sessions. An account is changed
-- by commits alone: each version of it has its entry, and its MAC covers all of
-- the row, so that nobody who can write here makes an account, gives one another
-- role, or puts back an older password. The e-mail address and the credential
-- are sealed under a key of the account's own, which is in keys.owners; the
-- address is found by a keyed hash. Sessions and failures are no history.

-- +goose Up
CREATE TABLE accounts (
    id         bigint PRIMARY KEY,        -- of row_ids, like parties and transactions
    name       text   COLLATE "C" NOT NULL UNIQUE,
    version    bigint NOT NULL,
    facts      bytea  NOT NULL,           -- role, who made it and when, from when it may approve, …
    tag        bytea  UNIQUE,             -- of the e-mail address; null once the account has ended
    set_up     bytea  UNIQUE,             -- of the set-up code that is out
    email      bytea  NOT NULL,           -- sealed, behind its commitment
    mask       bytea  NOT NULL,           -- sealed
    credential bytea,                     -- sealed; null until it is set up
    mac        bytea  NOT NULL,
    CONSTRAINT account_version CHECK (version > 0)
);

-- A token is not here, only its hash under a key that the database does not have.
CREATE TABLE sessions (
    id           bytea  PRIMARY KEY,
    account      bigint NOT NULL,
    generation   bigint NOT NULL,         -- of the account: a reset ends all that are older
    made_at      timestamptz NOT NULL,
    seen_at      timestamptz NOT NULL,
    confirmed_at timestamptz NOT NULL,
    mac          bytea  NOT NULL
);
CREATE INDEX sessions_account ON sessions (account);

-- Runs of failed attempts, by the keyed hash of the address that was tried,
-- whether anybody has it or not: else a lock-out would say who has.
CREATE TABLE sign_in_failures (
    tag      bytea PRIMARY KEY,
    failures integer NOT NULL,
    began_at timestamptz NOT NULL,
    last_at  timestamptz NOT NULL,
    until    timestamptz NOT NULL         -- no attempt gets through before
);

-- Codes of authenticators that were used: each opens once.
CREATE TABLE codes_used (
    account bigint NOT NULL,
    step    bigint NOT NULL,
    PRIMARY KEY (account, step)
);

-- What one account did to another, for privacy officers.
CREATE TABLE account_notices (
    entry   bigint PRIMARY KEY,
    account text   COLLATE "C" NOT NULL,
    event   text   COLLATE "C" NOT NULL,
    role    text   COLLATE "C" NOT NULL,
    by      text   COLLATE "C" NOT NULL,
    at      timestamptz NOT NULL
);

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta') THEN
        GRANT SELECT, INSERT, UPDATE ON accounts TO bauta;
        GRANT SELECT, INSERT ON account_notices TO bauta;
        GRANT SELECT, INSERT, UPDATE, DELETE ON sessions, sign_in_failures, codes_used TO bauta;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta_reader') THEN
        GRANT SELECT ON accounts, sessions, sign_in_failures, codes_used, account_notices TO bauta_reader;
    END IF;
END $$;
-- +goose StatementEnd
