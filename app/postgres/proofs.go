package postgres

import (
	"bytes"
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker/ledger"
)

// Proof shows that an entry is in the tree of a size, 0 being the newest, as it
// is handed out: under the checkpoint that was signed for that size, with both of
// the log's signatures. For a size between two commits there is none. Errors are
// those of Inclusion.
func (s *Store) Proof(ctx context.Context, index, size int64) (ledger.Proof, error) {
	_, p, err := s.Inclusion(ctx, index, size)
	if err == nil && p.Checkpoint != nil {
		p.Checkpoint, err = s.handOut(p.Checkpoint, nil)
	}
	return p, err
}

// Inclusion is Proof with the place that it is about, and with the checkpoint as
// its row has it; the place's root is zero where none was signed. A proof that goes with a checkpoint has been checked
// against it, so one that leads nowhere is never handed out. Errors:
// ledger.ErrProofSize, ErrProofIndex, ErrBeyondHead; broker.ErrNotFound for a
// log without a head.
func (s *Store) Inclusion(ctx context.Context, index, size int64) (at ledger.Place, p ledger.Proof, err error) {
	if size == 0 {
		newest, err := s.tree(ctx)
		if err != nil {
			return at, p, err
		}
		size = newest.head
	}
	if index < size && size > mostEntries {
		return at, p, fmt.Errorf("prove entry %d: %w", index, ledger.ErrBeyondHead)
	}
	var found *proofRow
	p.Index = index
	p.Hashes, err = ledger.ProveInclusion(index, size, tlog.HashReaderFunc(func(stored []int64) (hashes []tlog.Hash, err error) {
		hashes, found, err = s.readProof(ctx, index, size, stored)
		return hashes, err
	}))
	if err == nil && found == nil { // a tree of one entry is proven by no hash
		_, found, err = s.readProof(ctx, index, size, nil)
	}
	if err != nil {
		return at, p, err
	}
	if len(found.leaf) != tlog.HashSize {
		return at, p, fmt.Errorf("prove entry %d: %w", index, ledger.ErrSource)
	}
	at, p.Checkpoint = ledger.Place{Index: index, Leaf: [32]byte(found.leaf), Size: size}, found.note
	if p.Checkpoint == nil {
		return at, p, nil
	}
	if at.Root, err = s.signedRoot(p.Checkpoint, size); err == nil {
		err = ledger.CheckInclusion(p.Hashes, index, at.Leaf, size, at.Root)
	}
	if err != nil {
		s.canopy.forget()
	}
	return at, p, err
}

// mostEntries is more than any log has. Which hashes a proof takes is found out
// before the head is read, and tlog never comes to an end with the largest sizes.
const mostEntries = 1 << 48

// readProof reads all that a proof takes at once: as a rule that is one query,
// which it shares with other proofs.
func (s *Store) readProof(ctx context.Context, index, size int64, stored []int64) ([]tlog.Hash, *proofRow, error) {
	nodes, wanted := nodesOf(stored)
	found, err := s.proofs.one(ctx, proofQuestion{index, size, s.canopy.lacks(wanted)})
	if err != nil {
		return nil, nil, fmt.Errorf("prove entry %d: %w", index, err)
	}
	if size > found.head {
		return nil, nil, fmt.Errorf("prove entry %d: %w", index, ledger.ErrBeyondHead)
	}
	t := s.treeAt(found.head)
	t.read, t.upper = found.lowest, found.upper
	hashes, err := t.hashes(ctx, nodes, wanted)
	return hashes, found, err
}

// Consistency shows that the tree of one size is the beginning of another, both
// of them up to the head. Where both sizes were signed it has been checked.
// Errors: ledger.ErrProofSize, ErrProofRange, ErrBeyondHead; broker.ErrNotFound
// for a log without a head.
func (s *Store) Consistency(ctx context.Context, from, to int64) ([]tlog.Hash, error) {
	const q = `SELECT h.size, f.note, t.note
		FROM (SELECT size FROM ledger_checkpoints ORDER BY size DESC LIMIT 1) h
		LEFT JOIN ledger_checkpoints f ON f.size = $1 LEFT JOIN ledger_checkpoints t ON t.size = $2`
	var head int64
	var older, newer []byte
	if err := s.pool.row(ctx, q, []any{from, to}, &head, &older, &newer); err != nil {
		return nil, translate(fmt.Sprintf("prove tree %d in %d", from, to), err)
	}
	if to > head {
		return nil, fmt.Errorf("prove tree %d in %d: %w", from, to, ledger.ErrBeyondHead)
	}
	hashes, err := ledger.ProveConsistency(from, to, s.treeAt(head).reader(ctx))
	if err != nil || older == nil || newer == nil {
		return hashes, err
	}
	if err := s.checkConsistency(hashes, from, older, to, newer); err != nil {
		s.canopy.forget()
		return nil, err
	}
	return hashes, nil
}

func (s *Store) checkConsistency(hashes []tlog.Hash, from int64, older []byte, to int64, newer []byte) error {
	old, err := s.signedRoot(older, from)
	if err != nil {
		return err
	}
	root, err := s.signedRoot(newer, to)
	if err != nil {
		return err
	}
	return ledger.CheckConsistency(hashes, from, old, to, root)
}

// signedRoot opens the note that a row keeps for a size. Most proofs are asked
// for one head, and its signature is checked once.
func (s *Store) signedRoot(note []byte, size int64) (tlog.Hash, error) {
	if last := s.lastOpened.Load(); last != nil && last.Size == size && bytes.Equal(last.Note, note) {
		return last.Root, nil
	}
	c, err := s.eras.Open(note)
	if err == nil && c.Size != size {
		err = ledger.ErrCheckpoint
	}
	if err != nil {
		return tlog.Hash{}, fmt.Errorf("read checkpoint %d: %w", size, err)
	}
	s.lastOpened.Store(&c)
	return c.Root, nil
}
