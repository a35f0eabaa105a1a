-- Two things that rows did not say.
--
-- A checkpoint's note says its size and root, and not which row came before it: a
-- row could be taken out, and the prev of the next one mended. mac is made over
-- size, prev and root with a key of the key folder. Rows from before have an empty
-- one; up to which size, the key folder remembers. There is no default for new
-- rows: a broker from before this migration can append nothing more.
--
-- A view says whether openings were handed out with the values, as its entry does.

-- +goose Up
ALTER TABLE ledger_checkpoints ADD mac bytea NOT NULL DEFAULT '';
ALTER TABLE ledger_checkpoints ALTER COLUMN mac DROP DEFAULT;

ALTER TABLE views ADD openings boolean NOT NULL DEFAULT false;
