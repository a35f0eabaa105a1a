package postgres

import (
	"context"
	"database/sql"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// proofQuery answers any number of proofs at once: the head, the note that was
// signed for a size, or the head's where none was, the entry's own leaf hash as it
// is stored; and, apart from them, what any of the proofs lacks of full tiles. It
// is one statement, so all of it is of one moment.
const proofQuery = `
	SELECT q.ord, h.size, c.note, (SELECT sha256('\x00' || e.entry) FROM ledger_entries e WHERE e.idx = q.idx),
		CASE WHEN c.note IS NULL THEN h.note END
	FROM (SELECT size, note FROM ledger_checkpoints ORDER BY size DESC LIMIT 1) h,
	     unnest($1::int8[], $2::int8[]) WITH ORDINALITY AS q(idx, size, ord)
	LEFT JOIN ledger_checkpoints c ON c.size = q.size
	UNION ALL
	SELECT -q.ord, NULL, substr(t.hashes, q.first, q.length), t.middle, NULL
	FROM unnest($3::int2[], $4::int8[], $5::int4[], $6::int4[]) WITH ORDINALITY AS q(level, idx, first, length, ord)
	JOIN ledger_tiles t ON t.level = q.level AND t.idx = q.idx`

type proofQuestion struct {
	index, size int64
	lacks       []piece
}

// piece is what is read of a full tile: one of its 16 groups; or all of it, if
// it is above the lowest level and will be remembered.
type piece struct {
	tileAt
	group int
}

// Not one of the groups of a tile.
const (
	middleAlone = -1
	wholeTile   = -2
)

// bytes is where a piece is in its tile, the first byte being 1.
func (p piece) bytes() (first, length int32) {
	switch p.group {
	case middleAlone:
		return 1, 0
	case wholeTile:
		return 1, tileWidth * tlog.HashSize
	default:
		return int32(1 + p.group*groupSize), groupSize //nolint:gosec // below 8192
	}
}

// lacks lists what is not remembered of what is wanted.
func (c *canopy) lacks(all wants) (pieces []piece) {
	for _, w := range all {
		switch {
		case c.recall(w.tileAt).width() >= w.end:
		case w.level > 0:
			pieces = append(pieces, piece{w.tileAt, wholeTile})
		case w.groups == 0:
			pieces = append(pieces, piece{w.tileAt, middleAlone})
		default:
			for g := range w.each() {
				pieces = append(pieces, piece{w.tileAt, g})
			}
		}
	}
	return pieces
}

// proofRow is what the tables say to it; tiles are those of the whole batch.
type proofRow struct {
	head       int64
	note, leaf []byte
	newest     []byte // the head's note, where none was signed for the size
	lowest     map[tileAt]*sparse
	upper      map[tileAt]storedTile
}

// add takes a piece as it is stored.
func (r *proofRow) add(p piece, hashes, middle []byte) {
	if p.group == wholeTile {
		r.upper[p.tileAt] = hashes
		return
	}
	s := r.lowest[p.tileAt]
	if s == nil {
		s = &sparse{middle: middle}
		r.lowest[p.tileAt] = s
	}
	if p.group != middleAlone {
		s.groups[p.group] = hashes
	}
}

func (s *Store) askProofs(ctx context.Context, worker int, qs []proofQuestion) ([]answer[*proofRow], error) {
	indexes, sizes := make([]int64, len(qs)), make([]int64, len(qs))
	var wanted []piece
	for i, q := range qs {
		indexes[i], sizes[i] = q.index, q.size
		for _, p := range q.lacks {
			if !slices.Contains(wanted, p) { // there are few
				wanted = append(wanted, p)
			}
		}
	}
	levels, numbers := make([]int16, len(wanted)), make([]int64, len(wanted))
	firsts, lengths := make([]int32, len(wanted)), make([]int32, len(wanted))
	for i, p := range wanted {
		levels[i], numbers[i] = int16(p.level), p.index //nolint:gosec // below tileLevels
		firsts[i], lengths[i] = p.bytes()
	}
	shared := proofRow{lowest: make(map[tileAt]*sparse, len(wanted)), upper: map[tileAt]storedTile{}}
	answers := notFound[*proofRow](len(qs))
	err := s.hot[worker].query(ctx, proofQuery, func(rows *sql.Rows) error {
		var ord int
		var head sql.NullInt64
		var bytes, leaf, newest []byte
		if err := rows.Scan(&ord, &head, &bytes, &leaf, &newest); err != nil {
			return err
		}
		if ord < 0 {
			shared.add(wanted[-ord-1], bytes, leaf)
			return nil
		}
		row := shared // and its maps
		row.head, row.note, row.leaf, row.newest = head.Int64, bytes, leaf, newest
		answers[ord-1] = answer[*proofRow]{a: &row}
		return nil
	}, int8s(indexes), int8s(sizes), int2s(levels), int8s(numbers), int4s(firsts), int4s(lengths))
	return answers, translate("read proofs", err)
}
