-- A log that was succeeded goes on under another name. What witnesses have said of
-- checkpoints under the old one stays as it is: it may be of sizes that the
-- restored database lost, and which the successor reaches again with other entries.
-- So a cosignature is of a size of a log, and no longer of a size alone.

-- +goose Up
ALTER TABLE ledger_cosignatures ADD COLUMN log text NOT NULL DEFAULT ''; -- the origin; empty for the first log, which is all that a release before this one knows
ALTER TABLE ledger_cosignatures DROP CONSTRAINT ledger_cosignatures_pkey, ADD PRIMARY KEY (log, size, witness, key);
