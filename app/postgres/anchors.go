package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// Outside tells what is known of this log outside of its database: the largest
// checkpoint that was kept, the zero one where none was, and how many entries
// the log must have by the word of witnesses, 0 where they object to nothing and
// math.MaxInt64 where no size would do. It answers from memory, for it is asked
// before commits; an error means that what was kept is not right in itself.
type Outside func() (kept ledger.Checkpoint, claimed int64, err error)

// Anchor lets the committer compare the database with what is known outside of
// it, whenever it reads the head. What does not agree is a fork: nothing is
// signed, writes are refused (broker.ErrRefused), and reads go on.
func (s *Store) Anchor(o Outside) { s.committer.outside.Store(&o) }

// Look reads the head and compares it now, in place of at the next write. Its
// error is why nothing is signed.
func (s *Store) Look(ctx context.Context) error {
	return s.committer.aside(ctx, s.committer.look)
}

// look compares the head with what is known outside.
func (c *committer) look() error {
	c.dirty = true
	return c.catchUp(context.Background())
}

// aside does something between two commits. When ctx ends first it may still be done.
func (c *committer) aside(ctx context.Context, do func() error) error {
	done := make(chan error, 1)
	select {
	case c.asides <- func() { done <- do() }:
	case <-c.stop:
		return broker.ErrUnavailable.Because(errStopped)
	case <-ctx.Done():
		return broker.ErrUnavailable.Because(ctx.Err())
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return broker.ErrUnavailable.Because(ctx.Err())
	}
}

// Refusal is why nothing is signed; nil while all is well.
func (s *Store) Refusal() error {
	if err := s.committer.fault.Load(); err != nil {
		return *err
	}
	return nil
}

// sight is what Outside said.
type sight struct {
	kept    ledger.Checkpoint
	claimed int64
}

// see asks what is known outside. It comes before the head is read: what another
// broker appends in between is then in the head, and not a fork.
func (c *committer) see() (s sight, err error) {
	if o := c.outside.Load(); o != nil {
		if s.kept, s.claimed, err = (*o)(); err != nil {
			return s, fmt.Errorf("%w: %w", errBroken, err)
		}
	}
	return s, nil
}

// compare demands that the edge extends what was seen outside. A kept checkpoint
// that it was found to extend is not proved again: the edge only grows.
func (c *committer) compare(ctx context.Context, s sight) error {
	size := c.edge.Size()
	switch {
	case s.claimed == math.MaxInt64:
		return fmt.Errorf("%w: most witnesses have cosigned another history of it", errBroken)
	case s.claimed > size:
		return fmt.Errorf("%w: it has %d entries, and most witnesses have seen %d: an older state was restored", errBroken, size, s.claimed)
	case s.kept.Size > size:
		return fmt.Errorf("%w: it has %d entries, and the checkpoint file %d: an older state was restored", errBroken, size, s.kept.Size)
	case s.kept.Size == 0 || s.kept.Size == c.agreed.Size && s.kept.Root == c.agreed.Root:
		return nil
	}
	if err := c.prove(ctx, s.kept, size); err != nil {
		return err
	}
	c.agreed = s.kept
	return nil
}

func (c *committer) prove(ctx context.Context, kept ledger.Checkpoint, size int64) error {
	proof, err := tlog.ProveTree(size, kept.Size, c.edge.HashReader(ctx, source{c.conn}))
	if err != nil {
		return unlessUnavailable(fmt.Errorf("prove tree at %d: %w", kept.Size, err))
	}
	if tlog.CheckTree(proof, size, c.edge.Root(), kept.Size, kept.Root) != nil {
		return fmt.Errorf("%w: the checkpoint file has another root for %d entries: this is another history", errBroken, kept.Size)
	}
	return nil
}

// Empty is the checkpoint of this log before its first entry: the beginning of
// whatever it has signed. No row has it. It is signed once, and not at all while
// nothing is signed.
func (s *Store) Empty() (ledger.Checkpoint, error) {
	if c := s.empty.Load(); c != nil {
		return *c, nil
	}
	if err := s.Refusal(); err != nil {
		return ledger.Checkpoint{}, err
	}
	c, err := s.signer.Sign(0, ledger.NewEdge().Root())
	if err == nil {
		s.empty.Store(&c)
	}
	return c, err
}

// Cosignature is what one witness has said of one checkpoint.
type Cosignature struct {
	Size    int64     `db:"size"`
	Witness string    `db:"witness"` // the name of its key
	Key     uint32    `db:"key"`     // that key's hash
	Line    string    `db:"line"`
	At      time.Time `db:"at"` // when it came
}

// Cosign keeps a cosignature that was verified. One that is there already stays.
func (s *Store) Cosign(ctx context.Context, c Cosignature) error {
	const q = `INSERT INTO ledger_cosignatures (log, size, witness, key, line, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`
	_, err := s.db.ExecContext(ctx, q, s.logAt(c.Size), c.Size, c.Witness, int64(c.Key), c.Line, c.At)
	return translate(fmt.Sprintf("keep cosignature of %d", c.Size), err)
}

// Cosigned is the newest checkpoint, with every cosignature that is known of it.
func (s *Store) Cosigned(ctx context.Context) ([]byte, error) {
	return s.cosigned(ctx, `SELECT note FROM ledger_checkpoints ORDER BY size DESC LIMIT 1`)
}

// Witnessed is the newest checkpoint that a witness has cosigned, with the
// cosignatures; ErrNotFound where there is none. What was cosigned before a
// succession is of another log.
func (s *Store) Witnessed(ctx context.Context) ([]byte, error) {
	return s.cosigned(ctx, `SELECT c.note FROM ledger_cosignatures w JOIN ledger_checkpoints c USING (size) WHERE w.log = $1 ORDER BY w.size DESC LIMIT 1`, s.log())
}

// cosigned hands a checkpoint out with what others have said of it.
func (s *Store) cosigned(ctx context.Context, query string, args ...any) ([]byte, error) {
	var signed []byte
	if err := s.db.QueryRowxContext(ctx, query, args...).Scan(&signed); err != nil {
		return nil, translate("read checkpoint", err)
	}
	head, err := s.eras.Open(signed)
	if err != nil {
		return nil, err
	}
	found, err := s.Cosignatures(ctx, head.Size)
	if err != nil {
		return nil, err
	}
	return s.handOut(signed, found)
}

// mostWitnesses bounds the lines under one note.
const mostWitnesses = 64

// Cosignatures are those of one checkpoint.
func (s *Store) Cosignatures(ctx context.Context, size int64) (found []Cosignature, err error) {
	err = s.db.SelectContext(ctx, &found, `SELECT size, witness, key, line, at FROM ledger_cosignatures
		WHERE size = $1 AND log = $2 ORDER BY witness, key LIMIT $3`, size, s.logAt(size), mostWitnesses)
	return found, translate(fmt.Sprintf("read cosignatures of %d", size), err)
}

// LastCosigned is the newest cosignature of a witness's key for the log that goes
// on, with the checkpoint that it is about; ErrNotFound where there is none. What it says holds only if
// it verifies: CheckCosignature.
func (s *Store) LastCosigned(ctx context.Context, witness string, key uint32) (c Cosignature, err error) {
	const q = `SELECT size, witness, key, line, at FROM ledger_cosignatures WHERE witness = $1 AND key = $2 AND log = $3 ORDER BY size DESC LIMIT 1`
	err = s.db.GetContext(ctx, &c, q, witness, int64(key), s.log())
	return c, translate("read newest cosignature", err)
}

// ErrCosignature says that a kept cosignature proves nothing.
var ErrCosignature = errors.New("a cosignature is not the witness's, or not of this checkpoint")

// CheckCosignature says whether the witness has cosigned the checkpoint of its
// size as the database has it.
func (s *Store) CheckCosignature(ctx context.Context, c Cosignature, witness note.Verifier) error {
	signed, err := s.signedAt(ctx, c.Size)
	if err != nil {
		return err
	}
	n, err := note.Open(append(signed, c.Line+"\n"...), note.VerifierList(witness))
	if err != nil || len(n.Sigs) != 1 {
		return fmt.Errorf("check cosignature of %d: %w", c.Size, ErrCosignature)
	}
	return nil
}

// RootAt is the root that was signed for a size; ErrNotFound where no commit
// ended there.
func (s *Store) RootAt(ctx context.Context, size int64) (tlog.Hash, error) {
	c, err := s.SignedAt(ctx, size)
	return c.Root, err
}

// SignedAt is the checkpoint of a size, likewise, under the key of its time.
func (s *Store) SignedAt(ctx context.Context, size int64) (ledger.Checkpoint, error) {
	signed, err := s.signedAt(ctx, size)
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	return s.eras.Open(signed)
}

func (s *Store) signedAt(ctx context.Context, size int64) (signed []byte, err error) {
	err = s.db.QueryRowxContext(ctx, `SELECT note FROM ledger_checkpoints WHERE size = $1`, size).Scan(&signed)
	return signed, translate(fmt.Sprintf("read checkpoint of %d", size), err)
}
