// Package ledger decides what the disclosure log says and whether it still
// says so: the bytes of an entry, the tree over all entries, the signed
// checkpoints, and the check of a whole log.
//
// The formats are fixed in docs/entry-format.md. The package reads no clock,
// draws no randomness and opens no connection, so that an outside verifier can
// use it alone: ParseEntry and Entry.Verify for one part of one entry,
// OpenCheckpoint for the head, Check for everything, and Verify for a receipt
// (docs/receipt-format.md) against what a verifier trusts.
package ledger
