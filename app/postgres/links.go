package postgres

import (
	"context"
	"crypto/hmac"
	"database/sql"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
)

// Link is the MAC of a checkpoint row over the row before it. The note is signed
// for a size and a root, and a C2SP checkpoint has no place for more: without this
// a row could be taken out, and the prev of the next one be mended.
func Link(key masking.Key, size, prev int64, root []byte) []byte {
	return key.MAC("checkpoint/v1", numbers(size, prev), root)
}

// linked is a head that is about to be committed, after the row of prev.
type linked struct {
	ledger.Checkpoint
	prev int64
	mac  []byte
}

func (c *committer) linked(head ledger.Checkpoint, prev int64) linked {
	return linked{head, prev, Link(c.mac, head.Size, prev, head.Root[:])}
}

// settleLinks learns which rows are from before they were linked: at the first
// start since, those that carry no MAC; from then on what the key folder says.
func (s *Store) settleLinks(ctx context.Context) (err error) {
	s.unlinked, err = s.cfg.Keys.SettleUnlinked(func() (size int64, err error) {
		err = s.db.GetContext(ctx, &size, `SELECT coalesce(max(size), 0) FROM ledger_checkpoints WHERE mac = ''`)
		return size, translate("read checkpoints", err)
	})
	return err
}

// checkLinks: each row says of the row before it what was committed. That it is the
// one before is for ledger.Check, which reads the chain.
func (c *completeness) checkLinks(ctx context.Context) error {
	const q = `SELECT size, prev, root, mac FROM ledger_checkpoints WHERE size > $1 AND size <= $2 ORDER BY size LIMIT $3`
	after := c.s.unlinked
	return c.inParts(ctx, "checkpoints", q, func() []any { return []any{after, c.size} }, func(rows *sql.Rows) error {
		var prev int64
		var root, mac []byte
		if err := rows.Scan(&after, &prev, &root, &mac); err != nil {
			return err
		}
		if !hmac.Equal(mac, Link(c.s.mac, after, prev, root)) {
			return ledger.Finding{
				Part: ledger.PartCheckpoint, Index: after,
				Reason: "the row before it is not the one that it was committed after: its MAC is of another prev, or of none",
			}
		}
		return nil
	})
}
