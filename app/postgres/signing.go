package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"

	"golang.org/x/mod/sumdb/note"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
)

// SealingOrigin is the name under which values are sealed and committed to: that
// of the first log, for ever.
func (s *Store) SealingOrigin() string { return s.origin }

// Origin is the log's name, that of the key that signs.
func (s *Store) Origin() string { return s.signer.Origin() }

// Verifier checks the checkpoints that are signed now.
func (s *Store) Verifier() (vkey string, v note.Verifier) {
	return s.signer.Verifier(), s.eras.Current()
}

// Eras say who has signed what of the log.
func (s *Store) Eras() ledger.Eras { return s.eras }

// logAt names the log that the checkpoint of a size belongs to, as cosignatures
// are kept: the first one has no name there.
func (s *Store) logAt(size int64) string {
	if name := s.eras.At(size).Name(); name != s.origin {
		return name
	}
	return ""
}

// log is that of the log that goes on.
func (s *Store) log() string { return s.logAt(math.MaxInt64) }

// settleSigner makes the signing key when the log has just been named. A crash
// between the two leaves a named log without a key, and the next start makes it;
// of two brokers that do so at once the first one's key holds.
//
// It finishes a succession whose key has signed the head already. One that was
// begun and has not signed is left to who goes on with it.
func (s *Store) settleSigner(ctx context.Context) (err error) {
	keys := s.cfg.Keys
	if keys.LedgerKey.IsZero() {
		skey, _, err := ledger.GenerateKey(s.cfg.Random, s.origin)
		if err != nil {
			return err
		}
		if err := keys.SetLedgerKey(skey); err != nil && !errors.Is(err, masking.ErrLedgerKeyIsSet) {
			return err
		}
	}
	if err := s.finishSuccession(ctx); err != nil {
		return err
	}
	if s.signer, s.eras, err = Signing(keys); err != nil {
		return err
	}
	if s.eras.All()[0].Origin() != s.origin {
		return errFolder
	}
	return nil
}

// Signing is what a key folder says of who signs now, and who has signed before.
func Signing(keys *masking.Folder) (*ledger.Signer, ledger.Eras, error) {
	signer, err := ledger.NewSigner(keys.LedgerKey.Reveal())
	if err != nil {
		return nil, ledger.Eras{}, fmt.Errorf("open ledger key: %w", err)
	}
	var past []ledger.Era
	for _, p := range keys.Predecessors {
		if p.Verifier != signer.Verifier() { // else its successor is about to take its place
			past = append(past, ledger.Era{Until: p.Until, VKey: p.Verifier})
		}
	}
	eras, err := ledger.NewEras(signer.Verifier(), past...)
	if err != nil {
		return nil, ledger.Eras{}, fmt.Errorf("open ledger key: %w", err)
	}
	return signer, eras, nil
}

// finishSuccession makes the next key the current one in the key folder, if it
// has signed the head. What the folder then says of the keys before is what this
// database holds of them.
func (s *Store) finishSuccession(ctx context.Context) error {
	keys := s.cfg.Keys
	if keys.NextLedgerKey.IsZero() {
		return nil
	}
	next, err := ledger.NewSigner(keys.NextLedgerKey.Reveal())
	if err != nil {
		return fmt.Errorf("open next ledger key: %w", err)
	}
	_, known, err := Signing(keys)
	if err != nil {
		return err
	}
	past := known.All()
	for i := range past {
		past[i].Until = 0
	}
	all, err := ledger.NewEras(next.Verifier(), past...)
	if err != nil {
		return fmt.Errorf("open next ledger key: %w", err)
	}
	head, by, err := s.newestUpTo(ctx, all, math.MaxInt64)
	if errors.Is(err, ledger.ErrCheckpoint) || err == nil && by != len(past) {
		return nil // it has not signed; whether the head is right is for the committer
	}
	if err != nil {
		return err
	}
	left := make([]masking.Predecessor, len(past))
	for i := range past {
		left[i].Verifier = past[i].VKey
		if left[i].Until, err = s.lastBy(ctx, all, i, head); err != nil {
			return err
		}
	}
	return keys.FinishSuccession(keys.NextLedgerKey.Reveal(), left)
}

// lastBy is the size of the last checkpoint that one of the keys signed, 0 where
// there is none. Keys follow each other, so it takes as many looks as the head's
// size has bits.
func (s *Store) lastBy(ctx context.Context, all ledger.Eras, era int, head int64) (int64, error) {
	from, to := int64(0), head
	for from < to {
		middle := to - (to-from)/2
		size, by, err := s.newestUpTo(ctx, all, middle)
		if err != nil {
			return 0, err
		}
		if by <= era {
			from = middle
		} else {
			to = size - 1
		}
	}
	size, by, err := s.newestUpTo(ctx, all, from)
	if err != nil || by != era {
		return 0, err
	}
	return size, nil
}

// newestUpTo finds the newest checkpoint that is no larger than a size, and which
// of the keys has signed it; -1 where there is none. One that none of them signed
// is an error.
func (s *Store) newestUpTo(ctx context.Context, all ledger.Eras, most int64) (size int64, era int, err error) {
	var signed []byte
	const q = `SELECT size, note FROM ledger_checkpoints WHERE size <= $1 ORDER BY size DESC LIMIT 1`
	err = translate("read checkpoint", s.db.QueryRowxContext(ctx, q, most).Scan(&size, &signed))
	if isNotFound(err) {
		return 0, -1, nil
	}
	if err != nil {
		return 0, 0, err
	}
	c, era, err := all.Signed(signed)
	if err == nil && c.Size != size {
		err = ledger.ErrCheckpoint
	}
	if err != nil {
		return 0, 0, fmt.Errorf("read checkpoint of %d: no key of the key folder has signed it: %w", size, err)
	}
	return size, era, nil
}
