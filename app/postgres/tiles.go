package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// Tiles as in C2SP tlog-tiles: 256 hashes of 32 bytes.
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	tileLevels = 8
)

// tree is the log's tree at a head that was read before: every hash of it that
// is complete at that head can be had.
type tree struct {
	source source
	canopy *canopy
	head   int64
	note   []byte             // that was signed for the head, where it was read with it
	read   map[tileAt]*sparse // of full tiles of the lowest level, what was read together with the head
}

// node is a complete subtree: hash number n, height levels above the hashes of
// a tile.
type node struct {
	tile   tileAt
	height int
	n      int64 // within the tile, counted at its height
}

type tileAt struct {
	level int
	index int64
}

// nodeOf finds where a hash lies that tlog numbers in its own way.
func nodeOf(stored int64) node {
	level, n := tlog.SplitStoredHashIndex(stored)
	height := level % tileHeight
	within := int64(tileWidth >> height)
	return node{tileAt{level / tileHeight, n / within}, height, n % within}
}

// end is the hash of the tile before which the subtree ends.
func (n node) end() int64 { return (n.n + 1) << n.height }

// width is how many hashes of a tile there are at the head.
func (t tree) width(at tileAt) int64 {
	if at.level >= tileLevels {
		return 0
	}
	return min(max(t.head>>(tileHeight*at.level)-at.index*tileWidth, 0), tileWidth)
}

// hasher is a tile, of which the hashes of complete subtrees can be had.
type hasher interface {
	hash(height int, n int64) tlog.Hash
}

// want is what is wanted of a tile: how far it has to go, and those of its 16
// groups in which there are hashes below its middle, one bit each.
type want struct {
	tileAt
	end    int64
	groups uint16
}

// each gives the groups.
func (w want) each() iter.Seq[int] {
	return func(yield func(int) bool) {
		for left := w.groups; left != 0; left &= left - 1 {
			if !yield(bits.TrailingZeros16(left)) {
				return
			}
		}
	}
}

// wants are those of one proof: so few that looking through them is quickest.
type wants []want

// of is the place of a tile among them, or -1.
func (w wants) of(at tileAt) int {
	return slices.IndexFunc(w, func(w want) bool { return w.tileAt == at })
}

// nodesOf finds where hashes lie, and what is wanted of each tile.
func nodesOf(stored []int64) ([]node, wants) {
	nodes, all := make([]node, len(stored)), make(wants, 0, tileLevels)
	for i := range stored {
		n := nodeOf(stored[i])
		of := all.of(n.tile)
		if of < 0 {
			of, all = len(all), append(all, want{tileAt: n.tile})
		}
		w := &all[of]
		w.end = max(w.end, n.end())
		if n.height < middleHeight {
			w.groups |= 1 << (n.n << n.height >> middleHeight)
		}
		nodes[i] = n
	}
	return nodes, all
}

// reader gives the hashes of one proof: most of them from memory, the rest with
// one query for the full tiles, and one a level for what has been appended.
func (t tree) reader(ctx context.Context) tlog.HashReader {
	return tlog.HashReaderFunc(func(stored []int64) ([]tlog.Hash, error) {
		nodes, all := nodesOf(stored)
		hashes, _, err := t.hashes(ctx, nodes, all)
		return hashes, err
	})
}

// hashes gives those of nodes, and the tiles that they lie in.
func (t tree) hashes(ctx context.Context, nodes []node, all wants) ([]tlog.Hash, []hasher, error) {
	tiles, err := t.tiles(ctx, all)
	if err != nil {
		return nil, nil, err
	}
	hashes := make([]tlog.Hash, len(nodes))
	for i, n := range nodes {
		hashes[i] = tiles[all.of(n.tile)].hash(n.height, n.n)
	}
	return hashes, tiles, nil
}

// tiles gives tiles in the order that they are wanted in, each at least as far as
// it is.
func (t tree) tiles(ctx context.Context, all wants) ([]hasher, error) {
	tiles := make([]hasher, len(all))
	lacking := false
	for i, w := range all {
		width := t.width(w.tileAt)
		if w.end > width {
			return nil, fmt.Errorf("read tile %d/%d: %w", w.level, w.index, ledger.ErrBeyondHead)
		}
		known := t.canopy.recall(w.tileAt)
		if known.width() >= w.end {
			tiles[i] = known
			continue
		}
		if width == tileWidth {
			if part := t.read[w.tileAt]; part.covers(w) {
				tiles[i] = part
			} else {
				lacking = true
			}
			continue
		}
		below, err := t.below(ctx, w.tileAt, known.width(), w.end)
		if err != nil {
			return nil, err
		}
		grown := known.with(below)
		tiles[i] = grown
		t.canopy.remember(w.tileAt, grown)
	}
	if !lacking {
		return tiles, nil
	}
	return tiles, t.readFull(ctx, all, tiles)
}

// take is a full tile as it is stored, or nil if it is none. Those of the lowest
// level are not remembered, so nothing is hashed in them that the proof does not need.
func (t tree) take(at tileAt, whole storedTile) hasher {
	if len(whole) != tileWidth*tlog.HashSize {
		return nil
	}
	if at.level == 0 {
		return whole
	}
	f := (*folded)(nil).with(whole)
	t.canopy.remember(at, f)
	return f
}

// readFull reads the full tiles that there are none of yet; one that is not stored
// as it has to be is ledger.ErrSource.
func (t tree) readFull(ctx context.Context, all wants, tiles []hasher) error {
	var levels []int16
	var indexes []int64
	for i, w := range all {
		if tiles[i] == nil {
			levels, indexes = append(levels, int16(w.level)), append(indexes, w.index) //nolint:gosec // below tileLevels
		}
	}
	const q = `SELECT t.level, t.idx, t.hashes FROM unnest($1::int2[], $2::int8[]) AS q(level, idx) JOIN ledger_tiles t ON t.level = q.level AND t.idx = q.idx`
	err := t.source.conn.query(ctx, q, func(rows *sql.Rows) error {
		var at tileAt
		var hashes []byte
		if err := rows.Scan(&at.level, &at.index, &hashes); err != nil {
			return err
		}
		tiles[all.of(at)] = t.take(at, hashes)
		return nil
	}, int2s(levels), int8s(indexes))
	if err != nil {
		return translate("read tiles", err)
	}
	for i, w := range all {
		if tiles[i] == nil {
			return tileWrong(w.level, w.index)
		}
	}
	return nil
}

// tileWrong is a finding about a full tile.
func tileWrong(level int, index int64) error {
	return fmt.Errorf("%w (%w)", ledger.Finding{Part: ledger.PartTile, Level: level, Index: index, Reason: "missing, or not of a tile's length"}, ledger.ErrSource)
}

// below makes the hashes [from, to) of a tile that is not full from what it
// stands on: entries, or the full tiles of the level below.
func (t tree) below(ctx context.Context, at tileAt, from, to int64) ([]byte, error) {
	hashes := make([]byte, 0, (to-from)*tlog.HashSize)
	from, to = at.index*tileWidth+from, at.index*tileWidth+to
	if at.level == 0 {
		entries, err := t.source.Entries(ctx, from, to)
		if err != nil {
			return nil, err
		}
		for i, entry := range entries {
			if entry == nil {
				return nil, notAsSigned(from+int64(i), "missing, or not what was signed", ledger.ErrSource)
			}
			h := tlog.RecordHash(entry)
			hashes = append(hashes, h[:]...)
		}
		return hashes, nil
	}
	tiles, err := t.source.Tiles(ctx, at.level-1, from, to)
	if err != nil {
		return nil, err
	}
	for i, tile := range tiles {
		f := (*folded)(nil).with(tile)
		if f.width() != tileWidth {
			return nil, tileWrong(at.level-1, from+int64(i))
		}
		hashes = append(hashes, f[tileHeight][0][:]...)
	}
	return hashes, nil
}

// Tile gives a tile or a bundle of entries as C2SP tlog-tiles has it, full or as
// far as it is asked for. It is kept by caches for a year, so it is one that the
// signed head stands on, or an error: those of Inclusion. What the log does not
// have yet is ErrNotFound, however little of it is missing; a partial one stays
// there when the full one has come.
func (s *Store) Tile(ctx context.Context, path ledger.TilePath) ([]byte, error) {
	t, err := s.tree(ctx)
	if err != nil {
		return nil, err
	}
	at, width := tileAt{max(path.Level, 0), path.Index}, int64(path.Width)
	if width == 0 {
		width = tileWidth
	}
	// The first comparison keeps what follows from overflowing.
	if path.Index > t.head || width > t.width(at) {
		return nil, broker.ErrNotFound
	}
	root, err := s.signedRoot(t.note, t.head)
	if err != nil {
		return nil, err
	}
	hashes, err := t.proven(ctx, at, width, root)
	if err != nil {
		if s.doubt(err) && at.level == 0 {
			err = s.nameEntry(ctx, t, at, err)
		}
		return nil, err
	}
	if path.Level == ledger.EntriesLevel {
		return t.bundle(ctx, path.Index*tileWidth, hashes)
	}
	tile := make([]byte, 0, width*tlog.HashSize)
	for _, h := range hashes {
		tile = append(tile, h[:]...)
	}
	return tile, nil
}

// bundle gives entries whose leaf hashes are these.
func (t tree) bundle(ctx context.Context, from int64, leaves []tlog.Hash) ([]byte, error) {
	entries, err := t.source.Entries(ctx, from, from+int64(len(leaves)))
	if err != nil {
		return nil, err
	}
	var bundle []byte
	for i, entry := range entries {
		if entry == nil || tlog.RecordHash(entry) != leaves[i] {
			return nil, notAsSigned(from+int64(i), "missing, or not what was signed", ledger.ErrSource)
		}
		bundle = ledger.AppendBundle(bundle, entry)
	}
	return bundle, nil
}

// tree is the tree at the newest head; ErrNotFound for a log without any.
func (s *Store) tree(ctx context.Context) (tree, error) {
	t := s.treeAt(0)
	err := s.pool.row(ctx, `SELECT size, note FROM ledger_checkpoints ORDER BY size DESC LIMIT 1`, nil, &t.head, &t.note)
	return t, translate("read head", err)
}

func (s *Store) treeAt(head int64) tree {
	return tree{source: source{s.pool}, canopy: &s.canopy, head: head}
}
