package postgres

import (
	"context"
	"database/sql"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker/ledger"
)

// piecesQuery reads what any of the proofs lacks of full tiles.
const piecesQuery = `
	SELECT q.ord, substr(t.hashes, q.first, q.length), t.middle
	FROM unnest($1::int2[], $2::int8[], $3::int4[], $4::int4[]) WITH ORDINALITY AS q(level, idx, first, length, ord)
	JOIN ledger_tiles t ON t.level = q.level AND t.idx = q.idx`

// proofQuery answers proofs that don't know a head which covers them, too: the head;
// and the note that was signed for a size, or the head's where none was. It is one
// statement, so all of it is of one moment.
const proofQuery = `
	SELECT q.ord, h.size, c.note, CASE WHEN c.note IS NULL THEN h.note END
	FROM (SELECT size, note FROM ledger_checkpoints ORDER BY size DESC LIMIT 1) h,
	     unnest($5::int8[]) WITH ORDINALITY AS q(size, ord)
	LEFT JOIN ledger_checkpoints c ON c.size = q.size
	UNION ALL
	SELECT -p.ord, NULL, p.substr, p.middle FROM (` + piecesQuery + `) p`

type proofQuestion struct {
	index, size int64
	head        *ledger.Checkpoint // one that covers the size, or nil
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
	head   int64
	note   []byte
	newest []byte // the head's note, where none was signed for the size
	lowest map[tileAt]*sparse
	upper  map[tileAt]storedTile
}

// under takes a head that was known before.
func (r *proofRow) under(q proofQuestion) {
	if q.head == nil {
		return
	}
	r.head, r.newest = q.head.Size, q.head.Note
	if q.size == q.head.Size {
		r.note = q.head.Note
	}
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
	shared := proofRow{lowest: map[tileAt]*sparse{}, upper: map[tileAt]storedTile{}}
	answers := notFound[*proofRow](len(qs))
	var wanted []piece
	var sizes []int64
	var asking []int // which of the questions these are of
	for i, q := range qs {
		for _, p := range q.lacks {
			if !slices.Contains(wanted, p) { // there are few
				wanted = append(wanted, p)
			}
		}
		if q.head == nil {
			sizes, asking = append(sizes, q.size), append(asking, i)
			continue
		}
		row := shared // and its maps
		answers[i] = answer[*proofRow]{a: &row}
	}
	args, query := piecesOf(wanted), piecesQuery
	if len(sizes) > 0 {
		args, query = append(args, int8s(sizes)), proofQuery
	}
	err := s.hot[worker].query(ctx, query, func(rows *sql.Rows) error {
		var ord int
		var head sql.NullInt64
		var hashes, note, last []byte
		if len(sizes) == 0 {
			err := rows.Scan(&ord, &hashes, &note)
			if err == nil {
				shared.add(wanted[ord-1], hashes, note)
			}
			return err
		}
		if err := rows.Scan(&ord, &head, &note, &last); err != nil {
			return err
		}
		if ord < 0 {
			shared.add(wanted[-ord-1], note, last)
			return nil
		}
		row := shared
		row.head, row.note, row.newest = head.Int64, note, last
		answers[asking[ord-1]] = answer[*proofRow]{a: &row}
		return nil
	}, args...)
	return answers, translate("read proofs", err)
}

// piecesOf are the arguments of piecesQuery.
func piecesOf(wanted []piece) []any {
	levels, numbers := make([]int16, len(wanted)), make([]int64, len(wanted))
	firsts, lengths := make([]int32, len(wanted)), make([]int32, len(wanted))
	for i, p := range wanted {
		levels[i], numbers[i] = int16(p.level), p.index //nolint:gosec // below tileLevels
		firsts[i], lengths[i] = p.bytes()
	}
	return []any{int2s(levels), int8s(numbers), int4s(firsts), int4s(lengths)}
}
