package postgres

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
)

// Standing is the log as it stands in the database: right in itself, and signed by
// one of its keys. It need not be all that was ever signed.
type Standing struct {
	Head ledger.Checkpoint
	Era  int // whose signature the head carries, by its place in Store.Eras

	store *Store
	edge  *ledger.Edge
}

var (
	errNothing  = errors.New("the log in the database has no entry yet: there is nothing to go on from")
	errStanding = errors.New("the head in the database is not right in itself, and nothing can go on from it: bauta ledger check says more")
	errGrown    = errors.New("the log has grown meanwhile: stop the brokers, and repeat this")
)

// Standing reads the newest checkpoint, whatever is known outside. It checks its
// signature, its frontier, and that the tiles and entries give its root.
func (s *Store) Standing(ctx context.Context) (*Standing, error) {
	src := source{s.pool}
	row, found, err := src.Head(ctx)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errNothing
	}
	st := &Standing{store: s}
	if st.Head, st.Era, err = s.eras.Signed(row.Note); err != nil {
		return nil, fmt.Errorf("%w: no key of the key folder has signed it", errStanding)
	}
	if st.Head.Size != row.Size || !bytes.Equal(st.Head.Root[:], row.Root) || ledger.CheckFrontier(row.Size, row.Frontier, st.Head.Root) != nil {
		return nil, errStanding
	}
	if st.edge, err = ledger.LoadEdge(ctx, row.Size, src); err != nil {
		return nil, unlessUnavailable(err)
	}
	if st.edge.Root() != st.Head.Root {
		return nil, errStanding
	}
	return st, nil
}

// Holds says whether a checkpoint is of the log as it stands: of its beginning, or
// of all of it.
func (st *Standing) Holds(ctx context.Context, c ledger.Checkpoint) (bool, error) {
	if c.Size < 1 || c.Size > st.Head.Size {
		return false, nil
	}
	root, err := tlog.TreeHash(c.Size, st.edge.HashReader(ctx, source{st.store.pool}))
	if err != nil {
		return false, unlessUnavailable(fmt.Errorf("hash tree of %d: %w", c.Size, err))
	}
	return root == c.Root, nil
}

// Successor is the name of the succession that was begun; empty where none was.
func (s *Store) Successor() (string, error) {
	if s.cfg.Keys.NextLedgerKey.IsZero() {
		return "", nil
	}
	next, err := ledger.NewSigner(s.cfg.Keys.NextLedgerKey.Reveal())
	if err != nil {
		return "", fmt.Errorf("open next ledger key: %w", err)
	}
	return next.Origin(), nil
}

// BeginSuccession keeps the successor's key in the key folder, and gives its
// verifier key. A succession that was begun before is gone on with, whatever came
// of it: its key may have signed.
func (s *Store) BeginSuccession(origin string) (vkey string, err error) {
	if len(origin) > ledger.MaxOrigin {
		return "", errLongOrigin
	}
	skey, _, err := ledger.GenerateKey(s.cfg.Random, origin)
	if err != nil {
		return "", err
	}
	if err := s.cfg.Keys.BeginSuccession(skey); err != nil && !errors.Is(err, masking.ErrSuccessionBegun) {
		return "", err
	}
	next, err := ledger.NewSigner(s.cfg.Keys.NextLedgerKey.Reveal())
	if err != nil {
		return "", fmt.Errorf("open next ledger key: %w", err)
	}
	if next.Origin() != origin {
		return "", fmt.Errorf("a succession under the name %q was begun and not finished: go on with it by --origin %[1]s", next.Origin())
	}
	return next.Verifier(), nil
}

// Succeed appends the entry of a succession to the log as it stands, under a
// checkpoint that the next key signs, and makes that key the current one in the
// key folder. The commit decides: a crash after it is made good by the next start.
// This store signs nothing more, and is to be closed.
func (s *Store) Succeed(ctx context.Context, st *Standing, w *broker.Write) (head ledger.Checkpoint, err error) {
	next, err := ledger.NewSigner(s.cfg.Keys.NextLedgerKey.Reveal())
	if err != nil {
		return head, fmt.Errorf("open next ledger key: %w", err)
	}
	j, err := s.prepare(w)
	if err != nil {
		return head, fmt.Errorf("prepare commit: %w", err)
	}
	err = s.committer.aside(ctx, func() (err error) {
		head, err = s.committer.succeed(context.WithoutCancel(ctx), st.edge.Clone(), j, next)
		return err
	})
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	return head, s.finishSuccession(ctx)
}

// succeed commits one entry on top of an edge that was checked, whatever is known
// outside. The row before must still be the newest. Like any commit it is not to be
// cancelled.
func (c *committer) succeed(ctx context.Context, edge *ledger.Edge, j *job, next *ledger.Signer) (ledger.Checkpoint, error) {
	first, batch := edge.Size(), []*job{j}
	tiles := edge.AppendLeaf(j.leaf)
	head, err := next.Sign(edge.Size(), edge.Root())
	if err != nil {
		return head, fmt.Errorf("sign checkpoint: %w", err)
	}
	c.warned.Store(false)
	c.dirty = true // whatever comes of it
	query, args := lay(batch, first, tiles, &c.recent, nil).query(c.linked(head, first), edge.Frontier())
	inserted, stale, err := c.execute(ctx, query, args, colder(batch, first))
	if err != nil {
		return head, c.explain(err)
	}
	if !inserted || len(stale) > 0 {
		return head, errGrown
	}
	return head, nil
}

// Succession is what the log says of the place where another key took over: the
// entry of that index.
func (s *Store) Succession(ctx context.Context, index int64) (ledger.Statement, error) {
	var entry, sealed []byte
	const q = `SELECT entry, statement FROM ledger_entries WHERE idx = $1`
	if err := s.db.QueryRowxContext(ctx, q, index).Scan(&entry, &sealed); err != nil {
		return ledger.Statement{}, translate(fmt.Sprintf("read entry %d", index), err)
	}
	st, err := broker.OpenStatement(s.cfg.Keys.Auditor, entry, sealed)
	if err != nil || st.Type != ledger.LogSucceeded {
		return ledger.Statement{}, entryWrong(index, "the log was succeeded there, and it does not say so")
	}
	return st, nil
}

// checkSuccessions: where another key took over, and nowhere else, an entry names
// the two keys and the head as the key folder and the log have them.
func (c *completeness) checkSuccessions(ctx context.Context, batch []told) error {
	for i := range batch {
		e := &batch[i]
		before, after, is := c.s.eras.Succession(e.index)
		if is != (e.kind == ledger.LogSucceeded) {
			return entryWrong(e.index, "whether the log was succeeded there, it and the key folder do not agree")
		}
		if !is {
			continue
		}
		root, err := c.s.RootAt(ctx, e.index)
		if isNotFound(err) {
			return entryWrong(e.index, "the log was succeeded there, and no checkpoint ends before it")
		}
		if err != nil {
			return err
		}
		m := e.st.Members
		if m.String("verifier") != after.VKey || m.String("origin") != after.Origin() ||
			m.String("previous_verifier") != before.VKey || m.String("previous_origin") != before.Origin() ||
			m.Int("size") != e.index || m.String("root") != base64.StdEncoding.EncodeToString(root[:]) {
			return entryWrong(e.index, "it names other keys than the key folder, or another head than the log had")
		}
	}
	return nil
}

// CosignedSize is the largest of which the database keeps a cosignature under the
// key that goes on: a log that is smaller was put back.
func (s *Store) CosignedSize(ctx context.Context) (size int64, err error) {
	const q = `SELECT coalesce((SELECT size FROM ledger_cosignatures WHERE log = $1 ORDER BY size DESC LIMIT 1), 0)`
	err = s.db.GetContext(ctx, &size, q, s.log())
	return size, translate("read cosigned size", err)
}
