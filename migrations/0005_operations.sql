-- API keys (a keyed hash of the secret, never the secret) and policy sets.

-- +goose Up
CREATE TABLE api_keys (
    id         text PRIMARY KEY,
    scopes     text[] NOT NULL,
    source     text NOT NULL,
    secret     bytea NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    mac        bytea NOT NULL
);

CREATE TABLE policies (
    id      bigint PRIMARY KEY,       -- the index of its entry
    version text NOT NULL
);
