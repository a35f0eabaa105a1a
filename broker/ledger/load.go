package ledger

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrSource says that a store gave less than it was asked for, or something of
// another length than a tile has.
var ErrSource = errors.New("the store does not hold what the log needs")

// TileSource reads full tiles.
type TileSource interface {
	// Tiles gives the hashes (8,192 bytes) of the full tiles [from, to) of a
	// level, exactly to-from of them in order; nil where one is missing.
	Tiles(ctx context.Context, level int, from, to int64) ([][]byte, error)
}

// EdgeSource reads what an edge is made of.
type EdgeSource interface {
	TileSource
	// Entries gives the bytes of the entries [from, to), exactly to-from of
	// them in order; nil where one is missing.
	Entries(ctx context.Context, from, to int64) ([][]byte, error)
}

// LoadEdge rebuilds the edge at a size from full tiles and from the entries
// behind the last of them: at most 255 entries, and 255 tiles a level, whatever
// the size. It believes what it reads: the caller compares Root with the signed
// checkpoint before anything is signed on top. Errors: ErrSource, and the
// source's own.
func LoadEdge(ctx context.Context, size int64, src EdgeSource) (*Edge, error) {
	if size < 0 {
		return nil, fmt.Errorf("load edge at %d: %w", size, ErrSource)
	}
	e := &Edge{size: size}
	for level := range maxLevels {
		to := size >> (tileHeight * level)
		from := to &^ (tileWidth - 1)
		if from == to {
			continue
		}
		b, err := levelHashes(ctx, src, level, from, to)
		if err != nil {
			return nil, fmt.Errorf("load edge at %d: %w", size, err)
		}
		e.partial[level] = append(make([]byte, 0, tileSize), b...)
	}
	e.settle()
	return e, nil
}

// levelHashes gives the hashes [from, to) of a tile level, from what is below.
func levelHashes(ctx context.Context, src EdgeSource, level int, from, to int64) ([]byte, error) {
	var below [][]byte
	var err error
	if level == 0 {
		below, err = src.Entries(ctx, from, to)
	} else {
		below, err = src.Tiles(ctx, level-1, from, to)
	}
	if err != nil {
		return nil, fmt.Errorf("read level %d: %w", level, err)
	}
	if int64(len(below)) != to-from {
		return nil, fmt.Errorf("read level %d: %w", level, ErrSource)
	}
	b := make([]byte, 0, len(below)*hashSize)
	for _, data := range below {
		if data == nil || level > 0 && len(data) != tileSize {
			return nil, fmt.Errorf("read level %d: %w", level, ErrSource)
		}
		h := tlog.RecordHash(data)
		if level > 0 {
			h = subtree(data)
		}
		b = append(b, h[:]...)
	}
	return b, nil
}

// settle derives the frontier from the partial tiles: each gives the subtrees
// for its eight bits of the size.
func (e *Edge) settle() {
	for level := maxLevels - 1; level >= 0; level-- {
		rest := e.partial[level]
		for width := tileSize / 2; width >= hashSize; width /= 2 {
			if len(rest) >= width {
				e.frontier = append(e.frontier, subtree(rest[:width]))
				rest = rest[width:]
			}
		}
	}
}

// subtree gives the tree hash over 2^k hashes.
func subtree(b []byte) tlog.Hash {
	if len(b) == hashSize {
		return tlog.Hash(b)
	}
	half := len(b) / 2
	return tlog.NodeHash(subtree(b[:half]), subtree(b[half:]))
}

// HashReader gives tlog.ProveRecord and tlog.ProveTree the hashes of any tree up
// to the edge's size, from full tiles and from the edge's memory. It reads each
// tile once per call, and believes it: who gets a proof checks it against a
// checkpoint. The edge must not be appended to meanwhile; give it a clone.
func (e *Edge) HashReader(ctx context.Context, src TileSource) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		read := make(map[TilePath][]byte)
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			level, n := tlog.SplitStoredHashIndex(index)
			if level < 0 || level >= 63 || n < 0 || n >= e.size>>level {
				return nil, fmt.Errorf("read hash %d: %w", index, ErrSource)
			}
			tile, within := level/tileHeight, level%tileHeight
			first := n << within
			b, err := e.tile(ctx, src, read, TilePath{Level: tile, Index: first >> tileHeight})
			if err != nil {
				return nil, fmt.Errorf("read hash %d: %w", index, err)
			}
			at := int(first & (tileWidth - 1))
			hashes[i] = subtree(b[at*hashSize : (at+1<<within)*hashSize])
		}
		return hashes, nil
	})
}

func (e *Edge) tile(ctx context.Context, src TileSource, read map[TilePath][]byte, p TilePath) ([]byte, error) {
	if p.Index == e.size>>(tileHeight*(p.Level+1)) {
		return e.partial[p.Level], nil
	}
	if b, ok := read[p]; ok {
		return b, nil
	}
	tiles, err := src.Tiles(ctx, p.Level, p.Index, p.Index+1)
	if err != nil {
		return nil, fmt.Errorf("read tile %d/%d: %w", p.Level, p.Index, err)
	}
	if len(tiles) != 1 || len(tiles[0]) != tileSize {
		return nil, fmt.Errorf("read tile %d/%d: %w", p.Level, p.Index, ErrSource)
	}
	read[p] = tiles[0]
	return tiles[0], nil
}
