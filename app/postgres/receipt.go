package postgres

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// Recorded reads entries of a transaction. A statement opens under its own key and
// with its own entry alone, so another one in its place is an error.
func (s *Store) Recorded(ctx context.Context, t *broker.TransactionRecord, indexes []int64) (all []broker.Recorded, err error) {
	if len(indexes) == 0 {
		return nil, nil
	}
	rows, err := s.db.QueryContext(ctx, `SELECT idx, entry, statement FROM ledger_entries WHERE idx = ANY($1::int8[]) ORDER BY idx`, int8s(indexes))
	if err != nil {
		return nil, translate("read entries", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var e broker.Recorded
		var sealed []byte
		if err := rows.Scan(&e.Index, &e.Entry, &sealed); err != nil {
			return nil, translate("read entries", err)
		}
		if e.Statement, err = broker.OpenStatement(t.Key, e.Entry, sealed); err != nil {
			return nil, notAsSigned(e.Index, "its statement does not open", err)
		}
		all = append(all, e)
	}
	if err := rows.Err(); err != nil {
		return nil, translate("read entries", err)
	}
	if len(all) < len(indexes) {
		return nil, notAsSigned(missing(indexes, all), "missing", ledger.ErrSource)
	}
	return all, nil
}

// missing is the first of the indexes that was not found; both are in order.
func missing(indexes []int64, found []broker.Recorded) int64 {
	for i := range found {
		if found[i].Index != indexes[i] {
			return indexes[i]
		}
	}
	return indexes[len(found)]
}

// WitnessedProof shows that this very entry is in the log, in the way that convinces
// most: of the newest checkpoints that cover it, under the one with the most
// cosignatures, and under the newest of all where no witness has seen any. It
// looks at a bounded number of them, however many there are, and at none that was
// signed before the log was succeeded.
func (s *Store) WitnessedProof(ctx context.Context, index int64, entry []byte) (ledger.Proof, error) {
	size, found, err := s.witnessed(ctx, index)
	if err != nil {
		return ledger.Proof{}, err
	}
	p, err := s.proves(ctx, &broker.Recorded{Index: index, Entry: entry}, size)
	if err != nil {
		return p, err
	}
	p.Checkpoint, err = s.handOut(p.Checkpoint, found)
	return p, err
}

// WitnessedProofs proves several entries, in the order of the log. All are under one
// checkpoint where witnesses have seen one that covers them all, or none; else those
// that they have seen are under the newest such one, and the rest under the newest of all.
func (s *Store) WitnessedProofs(ctx context.Context, entries []broker.Recorded) ([]ledger.Proof, error) {
	proofs := make([]ledger.Proof, len(entries))
	handed := map[string][]byte{}
	var size int64
	var found []Cosignature
	for i := range entries {
		e := &entries[i]
		if i == 0 || size > 0 && e.Index >= size {
			var err error
			if size, found, err = s.witnessed(ctx, e.Index); err != nil {
				return nil, err
			}
			if size == 0 { // of the rest none is: they have one head
				newest, err := s.tree(ctx)
				if err != nil {
					return nil, err
				}
				size, found = newest.head, nil
			}
		}
		p, err := s.proves(ctx, e, size)
		if err != nil {
			return nil, err
		}
		key := string(p.Checkpoint)
		if handed[key] == nil {
			if handed[key], err = s.handOut(p.Checkpoint, found); err != nil {
				return nil, err
			}
		}
		p.Checkpoint = handed[key]
		proofs[i] = p
	}
	return proofs, nil
}

// witnessed finds the checkpoint that covers an entry and convinces most, with its
// cosignatures; 0 where no witness has seen any.
func (s *Store) witnessed(ctx context.Context, index int64) (size int64, found []Cosignature, err error) {
	const q = `SELECT coalesce((SELECT w.size FROM
		(SELECT size FROM ledger_cosignatures WHERE size > $1 AND log = $2 ORDER BY size DESC LIMIT 256) w
		WHERE EXISTS (SELECT FROM ledger_checkpoints c WHERE c.size = w.size)
		GROUP BY w.size ORDER BY count(*) DESC, w.size DESC LIMIT 1), 0)`
	if err := s.db.GetContext(ctx, &size, q, index, s.log()); err != nil {
		return 0, nil, translate(fmt.Sprintf("find witnesses of entry %d", index), err)
	}
	if size > 0 {
		found, err = s.Cosignatures(ctx, size)
	}
	return size, found, err
}

// proves shows that this very entry is in the tree of a size; 0 is the newest.
func (s *Store) proves(ctx context.Context, e *broker.Recorded, size int64) (ledger.Proof, error) {
	leaf, p, err := s.underSigned(ctx, e.Index, size)
	if err == nil && leaf != tlog.RecordHash(e.Entry) {
		err = notAsSigned(e.Index, "not what was signed", ledger.ErrNotIncluded)
	}
	return p, err
}
