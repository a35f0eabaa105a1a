package postgres

import (
	"bytes"
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker/ledger"
)

// Proof shows that an entry is in the tree of a size, 0 being the newest. The
// checkpoint is the one that was signed for that size; for a size between two
// commits there is none. Errors are those of Inclusion.
func (s *Store) Proof(ctx context.Context, index, size int64) (ledger.Proof, error) {
	_, p, err := s.Inclusion(ctx, index, size)
	return p, err
}

// Inclusion is Proof, with the place that it is about; its root is zero where
// no checkpoint was signed. A proof that goes with a checkpoint has been checked
// against it, so one that leads nowhere is never handed out. Errors:
// ledger.ErrProofSize, ErrProofIndex, ErrBeyondHead; broker.ErrNotFound for a
// log without a head.
func (s *Store) Inclusion(ctx context.Context, index, size int64) (at ledger.Place, p ledger.Proof, err error) {
	const q = `SELECT h.size, c.note, (SELECT sha256('\x00' || entry) FROM ledger_entries WHERE idx = $1)
		FROM (SELECT size FROM ledger_checkpoints ORDER BY size DESC LIMIT 1) h
		LEFT JOIN ledger_checkpoints c ON c.size = CASE WHEN $2::int8 = 0 THEN h.size ELSE $2::int8 END`
	var head int64
	var leaf []byte
	if err := s.pool.row(ctx, q, []any{index, size}, &head, &p.Checkpoint, &leaf); err != nil {
		return at, p, translate(fmt.Sprintf("prove entry %d", index), err)
	}
	if size == 0 {
		size = head
	}
	if size > head {
		return at, p, fmt.Errorf("prove entry %d: %w", index, ledger.ErrBeyondHead)
	}
	p.Index = index
	if p.Hashes, err = ledger.ProveInclusion(index, size, s.treeAt(head).reader(ctx)); err != nil {
		return at, p, err
	}
	if len(leaf) != tlog.HashSize {
		return at, p, fmt.Errorf("prove entry %d: %w", index, ledger.ErrSource)
	}
	at = ledger.Place{Index: index, Leaf: [32]byte(leaf), Size: size}
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
	c, err := ledger.OpenCheckpoint(s.vkey, note)
	if err == nil && c.Size != size {
		err = ledger.ErrCheckpoint
	}
	if err != nil {
		return tlog.Hash{}, fmt.Errorf("read checkpoint %d: %w", size, err)
	}
	s.lastOpened.Store(&c)
	return c.Root, nil
}
