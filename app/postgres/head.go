package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking/fault"
)

const headQuery = `SELECT size, root, frontier, note FROM ledger_checkpoints ORDER BY size DESC LIMIT 1`

// catchUp makes the edge that of the newest checkpoint. It signs nothing that
// does not extend what this broker has seen: the head's signature, its frontier
// and every entry since are checked, and what is known outside of the database.
func (c *committer) catchUp(ctx context.Context) error {
	if !c.dirty {
		return nil
	}
	seen, err := c.see()
	if err == nil {
		err = c.readHead(ctx)
	}
	if err == nil {
		err = c.compare(ctx, seen)
	}
	if err != nil && !errors.Is(err, broker.ErrUnavailable) {
		c.fault.Store(&err)
		c.log.Error("the ledger's head is refused", "cause", err.Error())
		return broker.ErrRefused.Because(err).After(time.Minute)
	}
	if err == nil {
		c.fault.Store(nil)
		c.dirty = false
	}
	return err
}

func (c *committer) readHead(ctx context.Context) error {
	var size, cosigned int64
	var root, frontier, note []byte
	found := false
	// What was cosigned was there: a head below it is an older one, put back.
	err := c.conn.query(ctx, `SELECT coalesce((SELECT size FROM ledger_cosignatures WHERE log = $1 ORDER BY size DESC LIMIT 1), 0)`,
		func(rows *sql.Rows) error { return rows.Scan(&cosigned) }, c.name)
	if err != nil {
		return translate("read cosigned size", err)
	}
	err = c.conn.query(ctx, headQuery, func(rows *sql.Rows) error {
		found = true
		return rows.Scan(&size, &root, &frontier, &note)
	})
	if err != nil {
		return translate("read head", err)
	}
	if size < cosigned {
		return fmt.Errorf("%w: a witness has cosigned %d entries, and it has %d", errBroken, cosigned, size)
	}
	if !found {
		if c.edge.Size() > 0 || c.eras.From() > 0 {
			return fmt.Errorf("%w: it is empty", errBroken)
		}
		return nil
	}
	p, err := c.openHead(size, root, note)
	if err != nil {
		return err
	}
	if err := ledger.CheckFrontier(size, frontier, p.Root); err != nil {
		return fmt.Errorf("%w: %w", errBroken, err)
	}
	return c.extend(ctx, size, p)
}

// openHead opens the head, which has to be under the key that signs now: on top of
// any other nothing is signed.
func (c *committer) openHead(size int64, root, signed []byte) (ledger.Checkpoint, error) {
	if from := c.eras.From(); from > 0 && size <= from {
		return ledger.Checkpoint{}, fmt.Errorf("%w: it has %d entries, and the log was succeeded after %d: an older state was restored", errBroken, size, from)
	}
	p, err := ledger.OpenCheckpoint(c.eras.Current(), signed)
	if err == nil && p.Size == size && bytes.Equal(p.Root[:], root) {
		return p, nil
	}
	if _, _, known := c.eras.Signed(signed); known == nil && err != nil {
		return p, fmt.Errorf("%w: it is signed by a key that the log had before: another state was restored", errBroken)
	}
	if other, unread := ledger.ReadCheckpoint(signed); unread == nil && other.Origin != c.signer.Origin() {
		return p, fmt.Errorf("%w: it is signed under the name %q: if the log was succeeded, start this broker anew, with the key folder as it is now", errBroken, other.Origin)
	}
	return p, fmt.Errorf("%w: its note is not this log's", errBroken)
}

// extend appends what others have appended since; after a start it loads the
// edge instead, which takes as long for a large log as for a small one.
func (c *committer) extend(ctx context.Context, size int64, p ledger.Checkpoint) error {
	if size < c.edge.Size() {
		return fmt.Errorf("%w: it has shrunk", errBroken)
	}
	next := c.edge.Clone()
	src := source{c.conn}
	if next.Size() == 0 {
		loaded, err := ledger.LoadEdge(ctx, size, src)
		if err != nil {
			return unlessUnavailable(err)
		}
		next = loaded
	}
	for next.Size() < size {
		entries, err := src.Entries(ctx, next.Size(), min(size, next.Size()+4096))
		if err != nil {
			return unlessUnavailable(err)
		}
		for _, e := range entries {
			if e == nil {
				return fmt.Errorf("%w: entry %d is missing", errBroken, next.Size())
			}
			next.Append(e)
		}
	}
	if next.Root() != p.Root {
		return fmt.Errorf("%w: its entries do not give its root", errBroken)
	}
	if size > c.edge.Size() {
		c.recent.forget(size) // others wrote, or this broker did and did not learn of it
		c.spending.forget()
	}
	c.edge = next
	c.known.Store(size)
	return nil
}

func unlessUnavailable(err error) error {
	if errors.Is(err, broker.ErrUnavailable) {
		return err
	}
	if fault.Of(err).Kind != fault.Internal {
		return err
	}
	if strings.Contains(err.Error(), "SQLSTATE") {
		return broker.ErrUnavailable.Because(err)
	}
	return fmt.Errorf("%w: %w", errBroken, err)
}
