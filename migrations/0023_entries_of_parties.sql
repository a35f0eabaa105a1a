-- A party's export tells what was written down of the party itself: where its data
-- came from, what it permitted and no longer does, who was let look at all of it.
-- That stands in the ledger and nowhere else. This finds it without reading the log
-- through; it has these few types of entries alone, so that a disclosure pays
-- nothing for it.

-- +goose Up
CREATE INDEX ledger_entries_of_parties ON ledger_entries (owner, idx)
    WHERE substr(entry, 2, 1) IN ('\x02', '\x03', '\x10', '\x11', '\x3d', '\x3f');
