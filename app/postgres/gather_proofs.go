package postgres

import (
	"context"
	"database/sql"
	"slices"
)

// proofQuery answers any number of proofs at once: the head, the note that was
// signed for a size, the entry's own leaf hash as it is stored; and, apart from
// them, the full tiles that any of the proofs lacks. It is one statement, so all
// of it is of one moment.
const proofQuery = `
	SELECT q.ord, h.size, c.note, (SELECT sha256('\x00' || e.entry) FROM ledger_entries e WHERE e.idx = q.idx)
	FROM (SELECT size FROM ledger_checkpoints ORDER BY size DESC LIMIT 1) h,
	     unnest($1::int8[], $2::int8[]) WITH ORDINALITY AS q(idx, size, ord)
	LEFT JOIN ledger_checkpoints c ON c.size = q.size
	UNION ALL
	SELECT -q.ord, NULL, t.hashes, NULL
	FROM unnest($3::int2[], $4::int8[]) WITH ORDINALITY AS q(level, idx, ord)
	JOIN ledger_tiles t ON t.level = q.level AND t.idx = q.idx`

type proofQuestion struct {
	index, size int64
	tiles       []tileAt
}

// proofRow is what the tables say to it.
type proofRow struct {
	head       int64
	note, leaf []byte
	tiles      map[tileAt]storedTile // those that are stored, of the whole batch
}

func (s *Store) askProofs(ctx context.Context, worker int, qs []proofQuestion) ([]answer[*proofRow], error) {
	indexes, sizes := make([]int64, len(qs)), make([]int64, len(qs))
	var wanted []tileAt
	for i, q := range qs {
		indexes[i], sizes[i] = q.index, q.size
		for _, at := range q.tiles {
			if !slices.Contains(wanted, at) { // there are few
				wanted = append(wanted, at)
			}
		}
	}
	levels, numbers := make([]int16, len(wanted)), make([]int64, len(wanted))
	for i, at := range wanted {
		levels[i], numbers[i] = int16(at.level), at.index //nolint:gosec // below tileLevels
	}
	tiles := make(map[tileAt]storedTile, len(wanted))
	answers := notFound[*proofRow](len(qs))
	err := s.hot[worker].query(ctx, proofQuery, func(rows *sql.Rows) error {
		var ord int
		var head sql.NullInt64
		var bytes, leaf []byte
		if err := rows.Scan(&ord, &head, &bytes, &leaf); err != nil {
			return err
		}
		if ord < 0 {
			tiles[wanted[-ord-1]] = bytes
			return nil
		}
		answers[ord-1] = answer[*proofRow]{a: &proofRow{head: head.Int64, note: bytes, leaf: leaf, tiles: tiles}}
		return nil
	}, int8s(indexes), int8s(sizes), int2s(levels), int8s(numbers))
	return answers, translate("read proofs", err)
}
