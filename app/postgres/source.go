package postgres

import (
	"context"
	"database/sql"
	"fmt"

	"bauta.dev/bauta/broker/ledger"
)

// source reads the ledger's tables for whoever checks or extends it, in short
// statements by index range: a long snapshot would slow everybody down.
type source struct{ conn querier }

// querier runs a read and hands over its rows one by one.
type querier interface {
	query(ctx context.Context, q string, each func(*sql.Rows) error, args ...any) error
}

// Head is the newest checkpoint row.
func (s source) Head(ctx context.Context) (row ledger.CheckpointRow, found bool, err error) {
	err = s.conn.query(ctx, `SELECT size, prev, root, frontier, note FROM ledger_checkpoints ORDER BY size DESC LIMIT 1`, func(rows *sql.Rows) error {
		found = true
		return rows.Scan(&row.Size, &row.Prev, &row.Root, &row.Frontier, &row.Note)
	})
	return row, found, translate("read head", err)
}

// Entries are those of [from, to), by place: nil where a row is missing.
func (s source) Entries(ctx context.Context, from, to int64) (entries [][]byte, err error) {
	entries = make([][]byte, to-from)
	err = s.conn.query(ctx, `SELECT idx, entry FROM ledger_entries WHERE idx >= $1 AND idx < $2 ORDER BY idx`, func(rows *sql.Rows) error {
		var idx int64
		var entry []byte
		if err := rows.Scan(&idx, &entry); err != nil {
			return err
		}
		entries[idx-from] = entry
		return nil
	}, from, to)
	return entries, translate("read entries", err)
}

// Tiles are the full tiles [from, to) of a level, by place: nil where a row is missing.
func (s source) Tiles(ctx context.Context, level int, from, to int64) (tiles [][]byte, err error) {
	tiles = make([][]byte, to-from)
	err = s.conn.query(ctx, `SELECT idx, hashes FROM ledger_tiles WHERE level = $1 AND idx >= $2 AND idx < $3 ORDER BY idx`, func(rows *sql.Rows) error {
		var idx int64
		var hashes []byte
		if err := rows.Scan(&idx, &hashes); err != nil {
			return err
		}
		tiles[idx-from] = hashes
		return nil
	}, level, from, to)
	return tiles, translate("read tiles", err)
}

// Middles are the hashes half-way up the same tiles, by place: empty where a row is missing.
func (s source) Middles(ctx context.Context, level int, from, to int64) (middles [][]byte, err error) {
	middles = make([][]byte, to-from)
	err = s.conn.query(ctx, `SELECT idx, middle FROM ledger_tiles WHERE level = $1 AND idx >= $2 AND idx < $3`, func(rows *sql.Rows) error {
		var idx int64
		var middle []byte
		if err := rows.Scan(&idx, &middle); err != nil {
			return err
		}
		middles[idx-from] = middle
		return nil
	}, level, from, to)
	return middles, translate("read tiles", err)
}

// Checkpoints are the rows above a size, in order.
func (s source) Checkpoints(ctx context.Context, after int64, limit int) (found []ledger.CheckpointRow, err error) {
	err = s.conn.query(ctx, `SELECT size, prev, root, frontier, note FROM ledger_checkpoints WHERE size > $1 ORDER BY size LIMIT $2`, func(rows *sql.Rows) error {
		var r ledger.CheckpointRow
		if err := rows.Scan(&r.Size, &r.Prev, &r.Root, &r.Frontier, &r.Note); err != nil {
			return err
		}
		found = append(found, r)
		return nil
	}, after, limit)
	return found, translate("read checkpoints", err)
}

// Extra counts rows that no entry, tile or head of this log accounts for, in
// one statement and so in one snapshot. Each part is a range of an index, ordered
// and bounded so that no plan reads more: it takes the same however long the log
// is, and the auditor asks every minute. Of more than a thousand it says a thousand.
func (s source) Extra(ctx context.Context) (x ledger.Strays, err error) {
	const q = `
		WITH head AS (SELECT coalesce((SELECT size FROM ledger_checkpoints ORDER BY size DESC LIMIT 1), 0) AS size)
		SELECT head.size,
		       (SELECT count(*) FROM (SELECT FROM ledger_entries WHERE idx >= head.size ORDER BY idx LIMIT 1000) beyond)
		         + (SELECT count(*) FROM (SELECT FROM ledger_entries WHERE idx < 0 ORDER BY idx LIMIT 1000) below),
		       (SELECT count(*) FROM generate_series(0, 7) AS at(level), LATERAL
		          (SELECT FROM ledger_tiles t WHERE t.level = at.level AND t.idx >= head.size >> (8 * (at.level + 1)) ORDER BY t.idx LIMIT 1000) beyond)
		         + (SELECT count(*) FROM generate_series(0, 7) AS at(level), LATERAL
		          (SELECT FROM ledger_tiles t WHERE t.level = at.level AND t.idx < 0 ORDER BY t.idx LIMIT 1000) below)
		         + (SELECT count(*) FROM (SELECT FROM ledger_tiles WHERE level < 0 ORDER BY level, idx LIMIT 1000) under)
		         + (SELECT count(*) FROM (SELECT FROM ledger_tiles WHERE level > 7 ORDER BY level, idx LIMIT 1000) above),
		       (SELECT count(*) FROM (SELECT FROM ledger_checkpoints WHERE size < 1 ORDER BY size LIMIT 1000) none)
		FROM head`
	err = s.conn.query(ctx, q, func(rows *sql.Rows) error {
		return rows.Scan(&x.Size, &x.Entries, &x.Tiles, &x.Checkpoints)
	})
	return x, translate("count strays", err)
}

// place: the head is the first that covers an index: the one of its own commit.
func (s *Store) place(ctx context.Context, index int64) (ledger.Place, error) {
	const q = `SELECT sha256('\x00' || e.entry) AS leaf, c.size, c.root FROM ledger_entries e,
		LATERAL (SELECT size, root FROM ledger_checkpoints WHERE size > e.idx ORDER BY size LIMIT 1) c WHERE e.idx = $1`
	var row struct {
		Leaf []byte `db:"leaf"`
		Size int64  `db:"size"`
		Root []byte `db:"root"`
	}
	if err := s.db.GetContext(ctx, &row, q, index); err != nil {
		return ledger.Place{}, translate(fmt.Sprintf("find entry %d", index), err)
	}
	return ledger.Place{Index: index, Leaf: [32]byte(row.Leaf), Size: row.Size, Root: [32]byte(row.Root)}, nil
}
