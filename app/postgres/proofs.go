package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker/ledger"
)

// Proof shows that an entry is in the tree of a size, 0 being the newest, as it
// is handed out: under the checkpoint that was signed for that size, with both of
// the log's signatures. For a size between two commits none was. Errors are
// those of Inclusion.
func (s *Store) Proof(ctx context.Context, index, size int64) (ledger.Proof, error) {
	_, p, err := s.underSigned(ctx, index, size)
	if err == nil && p.Checkpoint != nil {
		p.Checkpoint, err = s.handOut(p.Checkpoint, nil)
	}
	return p, err
}

// Inclusion shows that an entry is in the tree of a size, with the hashes from its
// leaf hash up to the root. The leaf hash is that of the entry as it was signed; what
// an entry's row says now is held against it by whoever reads the row. Every proof has been checked
// before it is handed out: see led. Up to the newest checkpoint that a proof has seen,
// nothing is read but hashes. Errors: ledger.ErrProofSize, ErrProofIndex, ErrBeyondHead;
// broker.ErrNotFound for a log without a head; ledger.ErrNotIncluded,
// ErrNotConsistent and ErrSource for one that was changed behind the broker's back.
func (s *Store) Inclusion(ctx context.Context, index, size int64) (leaf tlog.Hash, hashes []tlog.Hash, err error) {
	q := proofQuestion{index: index, size: size}
	if last := s.lastOpened.Load(); last != nil && size <= last.Size {
		q.head = last
	}
	leaf, hashes, _, err = s.include(ctx, q)
	return leaf, hashes, err
}

// underSigned is Inclusion with the checkpoint that was signed for the size, 0
// being the newest, as its row has it.
func (s *Store) underSigned(ctx context.Context, index, size int64) (leaf tlog.Hash, p ledger.Proof, err error) {
	if size == 0 {
		newest, err := s.tree(ctx)
		if err != nil {
			return leaf, p, err
		}
		size = newest.head
	}
	p.Index = index
	leaf, p.Hashes, p.Checkpoint, err = s.include(ctx, proofQuestion{index: index, size: size})
	return leaf, p, err
}

// include answers a question, with the note that was found for the size.
func (s *Store) include(ctx context.Context, q proofQuestion) (leaf tlog.Hash, hashes []tlog.Hash, note []byte, err error) {
	if q.index < q.size && q.size > mostEntries {
		return leaf, nil, nil, fmt.Errorf("prove entry %d: %w", q.index, ledger.ErrBeyondHead)
	}
	var found *proofRow
	hashes, err = ledger.ProveInclusion(q.index, q.size, tlog.HashReaderFunc(func(stored []int64) (hashes []tlog.Hash, err error) {
		hashes, leaf, found, err = s.readProof(ctx, q, stored)
		return hashes, err
	}))
	if err == nil && found == nil { // a tree of one entry is proven by no hash
		_, leaf, found, err = s.readProof(ctx, q, nil)
	}
	if err != nil {
		return leaf, nil, nil, err
	}
	if err = s.led(ctx, found, hashes, q, leaf); s.doubt(err) {
		err = notAsSigned(q.index, fmt.Sprintf("its proof in the tree of %d does not lead to what was signed", q.size), err)
	}
	return leaf, hashes, found.note, err
}

// led says whether a proof leads to what was signed: to the root of its tree, or,
// where none was signed, by hashes that the newest tree stands on, which was. A tree that
// the newest one begins with has no others.
func (s *Store) led(ctx context.Context, found *proofRow, hashes []tlog.Hash, q proofQuestion, leaf tlog.Hash) error {
	if found.note != nil {
		root, err := ledger.InclusionRoot(hashes, q.index, leaf, q.size)
		if err != nil {
			return err
		}
		return s.signedAs(found.note, q.size, root)
	}
	head, err := s.signedRoot(found.newest, found.head)
	if err != nil {
		return err
	}
	return s.treeFound(found).stand(ctx, found.wants, found.tiles, head)
}

// vouched says whether a root is that of the tree of a size, on nobody's word but
// the log's own: the newest tree, which was signed, is shown to begin with it.
func (s *Store) vouched(ctx context.Context, t tree, size int64, root tlog.Hash) error {
	head, err := s.signedRoot(t.note, t.head)
	if err != nil {
		return err
	}
	hashes, err := ledger.ProveConsistency(size, t.head, t.reader(ctx))
	if err != nil {
		return err
	}
	return ledger.CheckConsistency(hashes, size, root, t.head, head)
}

// rootOf is the root of the tree of a size, which has been vouched for.
func (s *Store) rootOf(ctx context.Context, t tree, size int64, note []byte) (tlog.Hash, error) {
	if note != nil {
		return s.signedRoot(note, size)
	}
	root, err := tlog.TreeHash(size, t.reader(ctx))
	if err != nil {
		return tlog.Hash{}, fmt.Errorf("hash tree %d: %w", size, err)
	}
	return root, s.vouched(ctx, t, size, root)
}

// doubt empties memory when what it has and what the tables have leads to no
// signed root, and says whether it is so.
func (s *Store) doubt(err error) bool {
	wrong := errors.Is(err, ledger.ErrNotIncluded) || errors.Is(err, ledger.ErrNotConsistent)
	if wrong {
		s.canopy.forget()
	}
	return wrong
}

// doubtTree is the same of a proof from one tree to another.
func (s *Store) doubtTree(from, to int64, err error) error {
	if !s.doubt(err) {
		return err
	}
	wrong := ledger.Finding{Part: ledger.PartCheckpoint, Index: to, Reason: fmt.Sprintf("its tree is not shown to extend that of %d", from)}
	return fmt.Errorf("%w (%w)", wrong, err)
}

// mostEntries is more than any log has. Which hashes a proof takes is found out
// before the head is read, and tlog never comes to an end with the largest sizes.
const mostEntries = 1 << 48

// readProof reads all that a proof takes at once, and the leaf hash that it is
// of: as a rule that is one query, which it shares with other proofs.
func (s *Store) readProof(ctx context.Context, q proofQuestion, stored []int64) (hashes []tlog.Hash, leaf tlog.Hash, found *proofRow, err error) {
	nodes, all := nodesOf(append(stored, tlog.StoredHashIndex(0, q.index)))
	q.lacks = s.canopy.lacks(all)
	if q.head == nil || len(q.lacks) > 0 {
		if found, err = s.proofs.one(ctx, q); err != nil {
			return nil, leaf, nil, fmt.Errorf("prove entry %d: %w", q.index, err)
		}
	} else {
		found = &proofRow{}
	}
	found.under(q)
	if q.size > found.head {
		return nil, leaf, nil, fmt.Errorf("prove entry %d: %w", q.index, ledger.ErrBeyondHead)
	}
	found.wants = all
	if hashes, found.tiles, err = s.treeFound(found).hashes(ctx, nodes, all); err != nil {
		return nil, leaf, nil, err
	}
	return hashes[:len(stored)], hashes[len(stored)], found, nil
}

// treeFound is the tree at the head that was found, with what was read with it.
func (s *Store) treeFound(r *proofRow) tree {
	t := s.treeAt(r.head)
	t.note, t.read = r.newest, r.lowest
	return t
}

// Consistency shows that the tree of one size is the beginning of another, both
// of them up to the head. It has been checked, as Inclusion has. Errors:
// ledger.ErrProofSize, ErrProofRange, ErrBeyondHead; broker.ErrNotFound for a log
// without a head; those of Inclusion for one that was changed.
func (s *Store) Consistency(ctx context.Context, from, to int64) ([]tlog.Hash, error) {
	const q = `SELECT h.size, h.note, f.note, t.note
		FROM (SELECT size, note FROM ledger_checkpoints ORDER BY size DESC LIMIT 1) h
		LEFT JOIN ledger_checkpoints f ON f.size = $1 LEFT JOIN ledger_checkpoints t ON t.size = $2`
	t := s.treeAt(0)
	var older, newer []byte
	if err := s.pool.row(ctx, q, []any{from, to}, &t.head, &t.note, &older, &newer); err != nil {
		return nil, translate(fmt.Sprintf("prove tree %d in %d", from, to), err)
	}
	if to > t.head {
		return nil, fmt.Errorf("prove tree %d in %d: %w", from, to, ledger.ErrBeyondHead)
	}
	hashes, err := ledger.ProveConsistency(from, to, t.reader(ctx))
	if err != nil {
		return nil, err
	}
	old, err := s.rootOf(ctx, t, from, older)
	if err != nil {
		return nil, s.doubtTree(from, to, err)
	}
	root, err := s.rootOf(ctx, t, to, newer)
	if err == nil {
		err = ledger.CheckConsistency(hashes, from, old, to, root)
	}
	if err != nil {
		return nil, s.doubtTree(from, to, err)
	}
	return hashes, nil
}

// signedAs says whether a root was signed for a size.
func (s *Store) signedAs(note []byte, size int64, root tlog.Hash) error {
	signed, err := s.signedRoot(note, size)
	if err == nil && signed != root {
		err = ledger.ErrNotIncluded
	}
	return err
}

// signedRoot opens the note that a row keeps for a size. Every proof needs the
// head's or is asked for it, and the signature of the newest is checked once.
func (s *Store) signedRoot(note []byte, size int64) (tlog.Hash, error) {
	last := s.lastOpened.Load()
	if last != nil && last.Size == size && bytes.Equal(last.Note, note) {
		return last.Root, nil
	}
	c, err := s.eras.Open(note)
	if err == nil && c.Size != size {
		err = ledger.ErrCheckpoint
	}
	if err != nil {
		return tlog.Hash{}, fmt.Errorf("read checkpoint %d: %w", size, err)
	}
	if last == nil || last.Size <= size {
		s.lastOpened.Store(&c)
	}
	return c.Root, nil
}
