package postgres

import (
	"slices"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

// folded is a tile with all the hashes above it: by height, those of its
// complete subtrees. It is never changed.
type folded [tileHeight + 1][]tlog.Hash

func (f folded) width() int64 { return int64(len(f[0])) }

// with is the tile with more hashes behind its own; of bytes that are no hashes
// it takes none.
func (f folded) with(hashes []byte) folded {
	if len(hashes)%tlog.HashSize != 0 || len(f[0])+len(hashes)/tlog.HashSize > tileWidth {
		return f
	}
	f[0] = slices.Grow(slices.Clone(f[0]), len(hashes)/tlog.HashSize)
	for ; len(hashes) > 0; hashes = hashes[tlog.HashSize:] {
		f[0] = append(f[0], tlog.Hash(hashes))
	}
	for height := range tileHeight {
		low, high := f[height], slices.Clone(f[height+1])
		for n := len(high); 2*n+1 < len(low); n++ {
			high = append(high, tlog.NodeHash(low[2*n], low[2*n+1]))
		}
		f[height+1] = high
	}
	return f
}

// canopy remembers the tiles that almost every proof needs: the full ones above
// the lowest level, and of each level the one that still grows, which is stored
// nowhere. Hashes of complete subtrees never change, so it is never wrong, only
// incomplete; but what was read may have been: see forget. Without it a proof at
// 10 million entries would read 150 tiles.
type canopy struct {
	mu      sync.Mutex
	full    map[tileAt]folded
	growing [tileLevels]struct {
		index int64
		tile  folded
	}
}

// mostTiles is what it remembers: 16 kB each.
const mostTiles = 256

func (c *canopy) recall(at tileAt) folded {
	c.mu.Lock()
	defer c.mu.Unlock()
	if g := &c.growing[at.level]; g.index == at.index && g.tile.width() > 0 {
		return g.tile
	}
	return c.full[at]
}

func (c *canopy) remember(at tileAt, tile folded) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if tile.width() < tileWidth {
		g := &c.growing[at.level]
		if at.index > g.index || at.index == g.index && tile.width() > g.tile.width() {
			g.index, g.tile = at.index, tile
		}
		return
	}
	if at.level == 0 {
		return
	}
	if c.full == nil {
		c.full = map[tileAt]folded{}
	}
	for other := range c.full { // any will do
		if len(c.full) < mostTiles {
			break
		}
		delete(c.full, other)
	}
	c.full[at] = tile
}

// forget is for when a proof turned out to be wrong.
func (c *canopy) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.full)
	clear(c.growing[:])
}
