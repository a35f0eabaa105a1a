package postgres

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker/ledger"
)

// stand says that the root of the head stands on tiles, or is ErrNotIncluded: on
// those that are remembered as was shown once, and on a full one of the lowest level
// as the tile above it says. Any hash of them is then one of the log.
func (t tree) stand(ctx context.Context, all wants, tiles []hasher, root tlog.Hash) error {
	for i, w := range all {
		if f, ok := tiles[i].(*folded); ok {
			if err := t.show(ctx, w.tileAt, f, root); err != nil {
				return err
			}
			continue
		}
		n := w.index % tileWidth
		above := want{tileAt: tileAt{1, w.index / tileWidth}, end: n + 1}
		found, err := t.tiles(ctx, wants{above})
		if err != nil {
			return err
		}
		f, ok := found[0].(*folded)
		if !ok {
			return tileWrong(above.level, above.index)
		}
		if err := t.show(ctx, above.tileAt, f, root); err != nil {
			return err
		}
		if low, ok := tiles[i].(interface{ under(h tlog.Hash) bool }); !ok || !low.under(f.hash(0, n)) {
			return fmt.Errorf("read tile 0/%d: %w", w.index, ledger.ErrNotIncluded)
		}
	}
	return nil
}

// show says of a tile that is remembered that the root of the head stands on it as
// far as the tree goes.
func (t tree) show(ctx context.Context, at tileAt, f *folded, root tlog.Hash) error {
	if t.canopy.isShown(at, f) {
		return nil
	}
	width := min(f.width(), t.width(at))
	hashes, err := t.proven(ctx, at, width, root)
	if err != nil {
		return err
	}
	if !slices.Equal(hashes, f[0][:width]) {
		return fmt.Errorf("read tile %d/%d: %w", at.level, at.index, ledger.ErrNotIncluded)
	}
	if f.width() == width {
		t.canopy.show(at, f)
	}
	return nil
}

// proven gives the hashes of a tile as far as a width, and only those that the
// root of the head stands on. The path up from the last of them has all the others
// at its left, so it proves the whole of them.
func (t tree) proven(ctx context.Context, at tileAt, width int64, root tlog.Hash) ([]tlog.Hash, error) {
	tiles, err := t.tiles(ctx, wants{{tileAt: at, end: width}})
	if err != nil {
		return nil, err
	}
	tile, level, last := tiles[0], at.level*tileHeight, at.index*tileWidth+width-1
	path, err := t.pathFrom(ctx, level, last, func(n node) (tlog.Hash, bool) {
		if n.tile != at || n.end() > width {
			return tlog.Hash{}, false
		}
		return tile.hash(n.height, n.n), true
	})
	if err != nil {
		return nil, err
	}
	hashes := make([]tlog.Hash, width)
	for n := range hashes {
		hashes[n] = tile.hash(0, int64(n))
	}
	// What is above the hashes of a level is the tree that has them as its leaves,
	// and whatever is not complete there as its last one.
	if err := ledger.CheckInclusion(path, last, hashes[width-1], (t.head-1)>>level+1, root); err != nil {
		wrong := ledger.Finding{Part: ledger.PartTile, Level: at.level, Index: at.index, Reason: "it does not lead to what was signed"}
		return nil, fmt.Errorf("%w (%w)", wrong, err)
	}
	return hashes, nil
}

// pathFrom gives the hashes from complete subtree number n of a level up to the
// root. Those that known has are not read, and nothing below the subtree is.
func (t tree) pathFrom(ctx context.Context, level int, n int64, known func(node) (tlog.Hash, bool)) ([]tlog.Hash, error) {
	path, err := ledger.ProveInclusion(n<<level, t.head, tlog.HashReaderFunc(func(stored []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(stored))
		var lacking []int64
		var places []int
		for i, at := range stored {
			height, m := tlog.SplitStoredHashIndex(at)
			if height < level && m>>(level-height) == n {
				continue
			}
			var ok bool
			if hashes[i], ok = known(nodeOf(at)); !ok {
				lacking, places = append(lacking, at), append(places, i)
			}
		}
		read, err := t.reader(ctx).ReadHashes(lacking)
		for i, h := range read {
			hashes[places[i]] = h
		}
		return hashes, err
	}))
	if err != nil {
		return nil, err
	}
	return path[level:], nil
}
