package postgres

import (
	"context"
	"database/sql"
	"slices"

	"bauta.dev/bauta/broker/ledger"
)

// piecesQuery reads what any of the proofs lacks of full tiles of the lowest level.
// A piece is one number: arrays that are unnested side by side cost more than the rest.
const piecesQuery = `
	SELECT q.ord, substr(t.hashes, (q.piece & 15)::int4 * 512 + 1, 512), t.middle
	FROM unnest($1::int8[]) WITH ORDINALITY AS q(piece, ord)
	JOIN ledger_tiles t ON t.level = 0 AND t.idx = q.piece >> 4`

// proofQuery answers proofs that don't know a head which covers them, too: the head;
// and the note that was signed for a size, or the head's where none was. It is one
// statement, so all of it is of one moment.
const proofQuery = `
	SELECT q.ord, h.size, c.note, CASE WHEN c.note IS NULL THEN h.note END
	FROM (SELECT size, note FROM ledger_checkpoints ORDER BY size DESC LIMIT 1) h,
	     unnest($2::int8[]) WITH ORDINALITY AS q(size, ord)
	LEFT JOIN ledger_checkpoints c ON c.size = q.size
	UNION ALL
	SELECT -p.ord, NULL, p.substr, p.middle FROM (` + piecesQuery + `) p`

type proofQuestion struct {
	index, size int64
	head        *ledger.Checkpoint // one that covers the size, or nil
	lacks       []piece
}

// piece is one of the 16 groups of a full tile of the lowest level, with the tile's
// middle: the number of the group, counted through the whole log.
type piece int64

func (p piece) tile() tileAt { return tileAt{0, int64(p) >> middleHeight} }
func (p piece) group() int   { return int(p) & (1<<middleHeight - 1) }

// lacks lists what is wanted of tiles of the lowest level and not remembered. Those
// above it are read once, and then they are.
func (c *canopy) lacks(all wants) (pieces []piece) {
	for _, w := range all {
		if w.level > 0 || c.recall(w.tileAt).width() >= w.end {
			continue
		}
		first := piece(w.index << middleHeight)
		if w.groups == 0 {
			pieces = append(pieces, first) // for its middle
		}
		for g := range w.each() {
			pieces = append(pieces, first+piece(g))
		}
	}
	return pieces
}

// proofRow is what the tables say to it; the lowest tiles are those of the whole batch.
type proofRow struct {
	head   int64
	note   []byte
	newest []byte // the head's note, where none was signed for the size
	lowest map[tileAt]*sparse

	wants wants // what the proof was made of
	tiles []hasher
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
	s := r.lowest[p.tile()]
	if s == nil {
		s = &sparse{middle: middle}
		r.lowest[p.tile()] = s
	}
	s.groups[p.group()] = hashes
}

func (s *Store) askProofs(ctx context.Context, worker int, qs []proofQuestion) ([]answer[*proofRow], error) {
	shared := proofRow{lowest: map[tileAt]*sparse{}}
	answers := notFound[*proofRow](len(qs))
	var wanted, sizes []int64
	var asking []int // which of the questions these are of
	for i, q := range qs {
		for _, p := range q.lacks {
			if !slices.Contains(wanted, int64(p)) { // there are few
				wanted = append(wanted, int64(p))
			}
		}
		if q.head == nil {
			sizes, asking = append(sizes, q.size), append(asking, i)
			continue
		}
		row := shared // and its maps
		answers[i] = answer[*proofRow]{a: &row}
	}
	args, query := []any{int8s(wanted)}, piecesQuery
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
				shared.add(piece(wanted[ord-1]), hashes, note)
			}
			return err
		}
		if err := rows.Scan(&ord, &head, &note, &last); err != nil {
			return err
		}
		if ord < 0 {
			shared.add(piece(wanted[-ord-1]), note, last)
			return nil
		}
		row := shared
		row.head, row.note, row.newest = head.Int64, note, last
		answers[asking[ord-1]] = answer[*proofRow]{a: &row}
		return nil
	}, args...)
	return answers, translate("read proofs", err)
}
