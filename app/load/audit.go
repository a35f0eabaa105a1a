package load

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"

	"bauta.dev/bauta/app/postgres/cluster"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// audit holds what clients were answered against what is in the database. It goes
// there by a way of its own, past every proxy and every broker.
type audit struct {
	db     *sql.DB
	filled int // orders that were made before anybody asked
}

func newAudit(c *cluster.Cluster, filled int) (audit, error) {
	db, err := sql.Open("postgres", c.DSN(cluster.RoleOwner))
	return audit{db, filled}, err
}

// entries looks all answers up at once: each has its rows, and its entry with the
// hash that the client was told.
func (t audit) entries(ctx context.Context, asks []*ask) error {
	var kinds, ids, leaves []string
	var places []int64
	for _, a := range asks {
		if !a.placed() {
			continue
		}
		id, ok := broker.DisclosureID(a.answer.ID).Bytes()
		if !ok {
			return fmt.Errorf("%s %s is answered without an id", a.kind, a.key)
		}
		kinds, ids = append(kinds, string(a.kind)), append(ids, hex.EncodeToString(id))
		leaves, places = append(leaves, a.answer.Ledger.LeafHash), append(places, a.answer.Ledger.Index)
	}
	const q = `
		SELECT q.kind, q.id, q.entry FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[]) AS q(kind, id, entry, leaf)
			LEFT JOIN disclosures d ON d.id = q.id
			LEFT JOIN ledger_entries e ON e.idx = q.entry
			LEFT JOIN views v ON v.entry = q.entry
		WHERE d.id IS NULL OR e.idx IS NULL OR encode(sha256('\x00'::bytea || e.entry), 'base64') <> q.leaf
			OR CASE q.kind WHEN 'disclosure' THEN d.entry <> q.entry WHEN 'view' THEN v.disclosure IS DISTINCT FROM q.id ELSE d.state <> 2 END
		LIMIT 1`
	var kind, id string
	var place int64
	err := t.db.QueryRowContext(ctx, q, pq.Array(kinds), pq.Array(ids), pq.Array(places), pq.Array(leaves)).Scan(&kind, &id, &place)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("look answers up: %w", err)
	}
	return &foundError{fmt.Sprintf("a client was answered a %s of %s at entry %d, and that is not there", kind, id, place)}
}

// foundError is what a torture is for; any other error may be gone when one looks again.
type foundError struct{ what string }

func (e *foundError) Error() string { return e.what }

// once says whether anything was done more often than it was asked for: rows and
// entries of each kind, and keys, are no more than asks, of which all that were
// made before are in asked. With exactly, all of them were answered.
func (t audit) once(ctx context.Context, asked func() map[kind]int, exactly bool) error {
	const q = `SELECT (SELECT count(*) FROM disclosures), (SELECT count(*) FROM views), (SELECT count(*) FROM disclosures WHERE state = 2),
		(SELECT count(DISTINCT key) FROM outcomes)`
	var disclosures, views, revoked, keys int
	if err := t.db.QueryRowContext(ctx, q).Scan(&disclosures, &views, &revoked, &keys); err != nil {
		return fmt.Errorf("count rows: %w", err)
	}
	entries, err := t.types(ctx)
	if err != nil {
		return err
	}
	keyed := asked()
	total := 0
	for _, n := range keyed {
		total += n
	}
	for _, c := range []struct {
		what  string
		found int
		asked int
	}{
		{"disclosures", disclosures, keyed[disclosing]},
		{"entries of a disclosure", entries[ledger.DisclosureDecided], keyed[disclosing]},
		{"views", views, keyed[viewing]},
		{"entries of a view", entries[ledger.DisclosureViewed], keyed[viewing]},
		{"revoked grants", revoked, keyed[revoking]},
		{"entries of a revocation", entries[ledger.GrantRevoked], keyed[revoking]},
		{"entries of a reversal", entries[ledger.PerformanceReversed], keyed[reversing]},
		{"entries of a performance", entries[ledger.PerformanceRecorded] - 2*t.filled, keyed[performing]},
		{"idempotency keys", keys, total},
	} {
		if c.found > c.asked || exactly && c.found < c.asked {
			return &foundError{fmt.Sprintf("there are %d %s, and %d were asked for", c.found, c.what, c.asked)}
		}
	}
	return nil
}

func (t audit) types(ctx context.Context) (map[ledger.Type]int, error) {
	rows, err := t.db.QueryContext(ctx, `SELECT get_byte(entry, 1), count(*) FROM ledger_entries GROUP BY 1`)
	if err != nil {
		return nil, fmt.Errorf("count entries: %w", err)
	}
	defer func() { _ = rows.Close() }()
	entries := map[ledger.Type]int{}
	for rows.Next() {
		var of uint8
		var n int
		if err := rows.Scan(&of, &n); err != nil {
			return nil, fmt.Errorf("count entries: %w", err)
		}
		entries[ledger.Type(of)] = n
	}
	return entries, rows.Err()
}

// checkpoints looks those up that somebody saw: each is one of the log, whose rows
// "ledger check" holds against one another.
func (t audit) checkpoints(ctx context.Context, seen map[int64]string) error {
	var sizes []int64
	var roots []string
	for size, root := range seen {
		sizes, roots = append(sizes, size), append(roots, root)
	}
	const q = `SELECT q.size FROM unnest($1::bigint[], $2::text[]) AS q(size, root) LEFT JOIN ledger_checkpoints c USING (size)
		WHERE encode(c.root, 'base64') IS DISTINCT FROM q.root LIMIT 1`
	var size int64
	err := t.db.QueryRowContext(ctx, q, pq.Array(sizes), pq.Array(roots)).Scan(&size)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("look checkpoints up: %w", err)
	}
	return &foundError{fmt.Sprintf("a checkpoint of size %d was seen, and is not the log's", size)}
}

// hours are between the earliest and the latest that an entry says of itself.
func (t audit) hours(ctx context.Context) (n int, err error) {
	const q = `SELECT coalesce(max(h) - min(h), 0) FROM (SELECT ('x' || encode(substr(entry, 3, 4), 'hex'))::bit(32)::bigint AS h FROM ledger_entries) AS e`
	err = t.db.QueryRowContext(ctx, q).Scan(&n)
	return n, err
}

// patiently tries until something worked or was found wrong: who has just been
// killed needs a moment.
func patiently(ctx context.Context, do func() error) error {
	for deadline := time.Now().Add(time.Minute); ; {
		err := do()
		if _, found := errors.AsType[*foundError](err); err == nil || found || time.Now().After(deadline) || ctx.Err() != nil {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
}
