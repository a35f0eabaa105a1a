package ledger

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrFrontier says that subtree hashes do not make up the tree they are said to.
var ErrFrontier = errors.New("the frontier does not give the root")

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	tileSize   = tileWidth * hashSize
	maxLevels  = 8 // 8 levels of height 8 hold any int64 size
)

// Tile is a full tile of C2SP tlog-tiles: 256 hashes, 8,192 bytes. It never
// changes once its last leaf is in.
type Tile struct {
	Level  int
	Index  int64 // within the level
	Hashes []byte
}

// middleHeight is how far up in a tile the hashes are that are kept beside it:
// where a path through the tile is cheapest, 11 hashes below and 11 above.
const middleHeight = tileHeight / 2

// Middle gives the hashes half-way up a full tile, those of its 16 subtrees of
// 16 hashes each: 512 bytes.
func (t Tile) Middle() []byte {
	const width = tileSize >> middleHeight
	b := make([]byte, 0, width)
	for from := 0; from < len(t.Hashes); from += hashSize << middleHeight {
		h := subtree(t.Hashes[from : from+hashSize<<middleHeight])
		b = append(b, h[:]...)
	}
	return b
}

// Edge is the growing right edge of the tree: what an append needs, and nothing
// older. It lives in memory alone; LoadEdge makes it again after a crash. One
// goroutine at a time.
type Edge struct {
	size     int64
	frontier []tlog.Hash       // complete subtrees, largest first, one for each 1 bit of size
	partial  [maxLevels][]byte // by level, the hashes behind the last full tile; capacity tileSize
}

// NewEdge is the edge of the empty log.
func NewEdge() *Edge { return &Edge{} }

// Clone copies the edge: 8 kB for each level in use. Whoever commits appends to
// a clone, and keeps it only when the commit was durable, so a commit that
// failed has moved nothing.
func (e *Edge) Clone() *Edge {
	c := &Edge{size: e.size, frontier: append(make([]tlog.Hash, 0, len(e.frontier)+1), e.frontier...)}
	for level := range e.partial {
		if len(e.partial[level]) > 0 {
			c.partial[level] = append(make([]byte, 0, tileSize), e.partial[level]...)
		}
	}
	return c
}

// Append adds an entry's bytes as the next leaf. It gives the leaf's RFC 6962
// hash and the tiles that this leaf completed, lowest level first: none for 255
// of 256 leaves. The tiles belong to the caller.
func (e *Edge) Append(entry []byte) (leaf tlog.Hash, full []Tile) {
	leaf = tlog.RecordHash(entry)
	return leaf, e.AppendLeaf(leaf)
}

// AppendLeaf adds a leaf by its RFC 6962 hash, and gives the tiles that it
// completed as Append does.
func (e *Edge) AppendLeaf(leaf tlog.Hash) (full []Tile) {
	full = e.push(nil, 0, leaf)
	h := leaf
	for level := 1; e.size>>(level-1)&1 == 1; level++ {
		last := len(e.frontier) - 1
		h = tlog.NodeHash(e.frontier[last], h)
		e.frontier = e.frontier[:last]
		if level%tileHeight == 0 {
			full = e.push(full, level/tileHeight, h)
		}
	}
	e.frontier = append(e.frontier, h)
	e.size++
	return full
}

// push adds a hash to a level's partial tile, and hands the tile over when that
// fills it. The size is still the one before the leaf.
func (e *Edge) push(full []Tile, level int, h tlog.Hash) []Tile {
	if e.partial[level] == nil {
		e.partial[level] = make([]byte, 0, tileSize)
	}
	e.partial[level] = append(e.partial[level], h[:]...)
	if len(e.partial[level]) < tileSize {
		return full
	}
	full = append(full, Tile{Level: level, Index: e.size >> (tileHeight * (level + 1)), Hashes: e.partial[level]})
	e.partial[level] = nil
	return full
}

// Size is the number of leaves.
func (e *Edge) Size() int64 { return e.size }

// Root is the RFC 6962 tree hash; SHA-256 of nothing for size 0.
func (e *Edge) Root() tlog.Hash { return fold(e.frontier) }

// fold hashes complete subtrees, largest first, into the root.
func fold(frontier []tlog.Hash) tlog.Hash {
	last := len(frontier) - 1
	if last < 0 {
		return sha256.Sum256(nil)
	}
	h := frontier[last]
	for i := last - 1; i >= 0; i-- {
		h = tlog.NodeHash(frontier[i], h)
	}
	return h
}

// Frontier gives the hashes of the complete subtrees that make up the tree,
// largest first, 32 bytes each, one for each 1 bit of the size; it is stored
// with each checkpoint.
func (e *Edge) Frontier() []byte {
	b := make([]byte, 0, len(e.frontier)*hashSize)
	for i := range e.frontier {
		b = append(b, e.frontier[i][:]...)
	}
	return b
}

// Partial copies the hashes of a level that are behind its last full tile, at
// most 255 × 32 bytes; the first W of them are the C2SP partial tile of width W.
func (e *Edge) Partial(level int) []byte {
	if level < 0 || level >= maxLevels {
		return nil
	}
	return bytes.Clone(e.partial[level])
}

// CheckFrontier says whether a stored frontier has the form for this size and
// hashes to root; else ErrFrontier. The size itself is for a signature to say.
func CheckFrontier(size int64, frontier []byte, root tlog.Hash) error {
	if size < 0 || len(frontier) != bits.OnesCount64(uint64(size))*hashSize {
		return fmt.Errorf("check frontier at %d: %w", size, ErrFrontier)
	}
	hashes := make([]tlog.Hash, len(frontier)/hashSize)
	for i := range hashes {
		hashes[i] = tlog.Hash(frontier[i*hashSize:])
	}
	if fold(hashes) != root {
		return fmt.Errorf("check frontier at %d: %w", size, ErrFrontier)
	}
	return nil
}
