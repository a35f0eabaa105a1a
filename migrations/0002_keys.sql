-- Keys live in a schema of their own, so that a dump of the data (-N keys) holds
-- none: a value is readable only with the dump, this schema and the key folder.
--
-- Each owner (party, transaction, later case) has a raw 32-byte key, wrapped
-- under one of 4,096 bucket keys; those are wrapped under the key of an epoch,
-- and that under the key-encryption key of the folder. Epochs turn in a later
-- migration: then re-wrapping 4,096 rows makes every older backup of this
-- schema useless, which is what makes an erasure final.

-- +goose Up
CREATE SCHEMA keys;

CREATE TABLE keys.epochs (
    epoch   integer PRIMARY KEY,
    wrapped bytea NOT NULL,
    made_at timestamptz NOT NULL
);

CREATE TABLE keys.buckets (
    bucket  smallint PRIMARY KEY,
    epoch   integer NOT NULL REFERENCES keys.epochs,
    wrapped bytea NOT NULL,
    CONSTRAINT bucket_range CHECK (bucket BETWEEN 0 AND 4095)
);

CREATE TABLE keys.owners (
    id      bigint PRIMARY KEY,
    bucket  smallint NOT NULL,
    wrapped bytea NOT NULL
);

-- One row: what the key folder's keys must give, so that a wrong folder stops
-- the start instead of sealing under keys that nobody will find again.
CREATE TABLE keys.folder (
    single boolean PRIMARY KEY DEFAULT true,
    origin text  NOT NULL,
    proof  bytea NOT NULL,
    CONSTRAINT one_folder CHECK (single)
);
