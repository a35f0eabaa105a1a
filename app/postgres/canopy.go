package postgres

import (
	"slices"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

// folded is a tile with all the hashes above it: by height, those of its
// complete subtrees. It is never changed; nil is a tile without hashes.
type folded [tileHeight + 1][]tlog.Hash

func (f *folded) width() int64 {
	if f == nil {
		return 0
	}
	return int64(len(f[0]))
}

func (f *folded) hash(height int, n int64) tlog.Hash { return f[height][n] }

// with is the tile with more hashes behind its own; of bytes that are no hashes
// it takes none.
func (f *folded) with(hashes []byte) *folded {
	var grown folded
	if f != nil {
		grown = *f
	}
	if len(hashes)%tlog.HashSize != 0 || len(grown[0])+len(hashes)/tlog.HashSize > tileWidth {
		return f
	}
	grown[0] = slices.Grow(slices.Clone(grown[0]), len(hashes)/tlog.HashSize)
	for ; len(hashes) > 0; hashes = hashes[tlog.HashSize:] {
		grown[0] = append(grown[0], tlog.Hash(hashes))
	}
	for height := range tileHeight {
		low, high := grown[height], slices.Clone(grown[height+1])
		for n := len(high); 2*n+1 < len(low); n++ {
			high = append(high, tlog.NodeHash(low[2*n], low[2*n+1]))
		}
		grown[height+1] = high
	}
	return &grown
}

// storedTile is a full tile as it is stored: what is above its hashes is made
// when it is asked for.
type storedTile []byte

// under says whether all of it stands under a hash.
func (s storedTile) under(h tlog.Hash) bool { return subtree(s) == h }

func (s storedTile) hash(height int, n int64) tlog.Hash {
	return subtree(s[n<<height*tlog.HashSize:][:tlog.HashSize<<height])
}

// subtree is the hash above hashes that lie one behind the other, as many as a
// complete tree has.
func subtree(hashes []byte) tlog.Hash {
	half := len(hashes) / 2
	if half < tlog.HashSize {
		return tlog.Hash(hashes)
	}
	return tlog.NodeHash(subtree(hashes[:half]), subtree(hashes[half:]))
}

// middleHeight is how high the hashes are that are stored beside a tile: ledger.Tile's Middle.
const (
	middleHeight = tileHeight / 2
	groupSize    = tlog.HashSize << middleHeight // bytes; the middle is as long
)

// sparse is what a proof needs of a full tile: the hashes half-way up, and some
// of the 16 groups below them.
type sparse struct {
	middle []byte
	groups [tileWidth >> middleHeight][]byte
}

// covers says whether it has what is wanted; nil has nothing.
func (s *sparse) covers(w want) bool {
	if s == nil || len(s.middle) != groupSize {
		return false
	}
	for g := range w.each() {
		if len(s.groups[g]) != groupSize {
			return false
		}
	}
	return true
}

// under says whether all that there is of it stands under a hash.
func (s *sparse) under(h tlog.Hash) bool {
	for g, group := range s.groups {
		if group != nil && subtree(group) != tlog.Hash(s.middle[g*tlog.HashSize:]) {
			return false
		}
	}
	return subtree(s.middle) == h
}

func (s *sparse) hash(height int, n int64) tlog.Hash {
	if height >= middleHeight {
		height -= middleHeight
		return subtree(s.middle[n<<height*tlog.HashSize:][:tlog.HashSize<<height])
	}
	within := n << height
	group := s.groups[within>>middleHeight]
	within %= 1 << middleHeight
	return subtree(group[within*tlog.HashSize:][:tlog.HashSize<<height])
}

// canopy remembers the tiles that almost every proof needs: the full ones above
// the lowest level, and of each level the one that still grows, which is stored
// nowhere. Hashes of complete subtrees never change, so it is never wrong, only
// incomplete; but what was read may have been: see forget. Without it a proof at
// 10 million entries would read 150 tiles.
type canopy struct {
	mu      sync.Mutex
	full    map[tileAt]*folded
	shown   map[tileAt]*folded // of these it was shown that a signed tree stands on all of them
	growing [tileLevels]struct {
		index int64
		tile  *folded
	}
}

// mostTiles is what it remembers: 16 kB each.
const mostTiles = 256

func (c *canopy) recall(at tileAt) *folded {
	c.mu.Lock()
	defer c.mu.Unlock()
	if g := &c.growing[at.level]; g.index == at.index && g.tile.width() > 0 {
		return g.tile
	}
	return c.full[at]
}

func (c *canopy) remember(at tileAt, tile *folded) {
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
		c.full = map[tileAt]*folded{}
	}
	for other := range c.full { // any will do
		if len(c.full) < mostTiles {
			break
		}
		delete(c.full, other)
		delete(c.shown, other)
	}
	c.full[at] = tile
}

// isShown says whether a tile, as it was remembered, was shown to stand in a signed
// tree. What that shows of complete subtrees holds for every later tree.
func (c *canopy) isShown(at tileAt, tile *folded) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shown[at] == tile
}

func (c *canopy) show(at tileAt, tile *folded) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shown == nil {
		c.shown = map[tileAt]*folded{}
	}
	if c.full[at] == tile || c.growing[at.level].tile == tile {
		c.shown[at] = tile
	}
}

// forget is for when a proof turned out to be wrong.
func (c *canopy) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.full)
	clear(c.shown)
	clear(c.growing[:])
}
