package ledger

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// oracle grows the same tree with two libraries that know nothing of Edge.
type oracle struct {
	t      *testing.T
	stored []tlog.Hash
	size   int64
	merkle *compact.Range
}

func newOracle(t *testing.T) *oracle {
	t.Helper()
	f := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	return &oracle{t: t, merkle: f.NewEmptyRange(0)}
}

func (o *oracle) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = o.stored[index]
	}
	return hashes, nil
}

func (o *oracle) append(entry []byte) {
	hashes, err := tlog.StoredHashes(o.size, entry, o)
	if err != nil {
		o.t.Fatal(err)
	}
	o.stored = append(o.stored, hashes...)
	o.size++
	if err := o.merkle.Append(rfc6962.DefaultHasher.HashLeaf(entry), nil); err != nil {
		o.t.Fatal(err)
	}
}

func (o *oracle) compare(e *Edge) {
	o.t.Helper()
	want, err := tlog.TreeHash(o.size, o)
	if err != nil {
		o.t.Fatal(err)
	}
	other, err := o.merkle.GetRootHash(nil)
	if err != nil {
		o.t.Fatal(err)
	}
	if o.size == 0 {
		other = rfc6962.DefaultHasher.EmptyRoot()
	}
	if got := e.Root(); e.Size() != o.size || got != want || string(got[:]) != string(other) {
		o.t.Fatalf("size %d: root %v, tlog has %v, merkle %x", o.size, got, want, other)
	}
	if err := CheckFrontier(e.Size(), e.Frontier(), e.Root()); err != nil {
		o.t.Fatal(err)
	}
}

// TestEdgeAgreesWithOthers grows past the second level of tiles.
func TestEdgeAgreesWithOthers(t *testing.T) {
	t.Parallel()
	o, l := newOracle(t), newLog(t)
	o.compare(l.edge)
	for size := int64(1); size <= 65536+300; size++ {
		entry := testEntry(size - 1)
		o.append(entry)
		l.entries[size-1] = entry
		leaf, full := l.edge.Append(entry)
		if leaf != tlog.RecordHash(entry) {
			t.Fatalf("leaf %d", size-1)
		}
		o.tiles(size, full)
		for _, tile := range full {
			l.tiles[tileKey{tile.Level, tile.Index}] = tile.Hashes
		}
		if size <= 2000 || size > 65536-300 {
			o.compare(l.edge)
		}
		if size <= 520 || size > 65536-3 && size <= 65536+3 || size == 65536+255 || size == 65536+256 || size%8192 < 2 {
			compareLoaded(t, l)
		}
	}
}

// tiles compares what an append completed with tlog's own tiles.
func (o *oracle) tiles(size int64, full []Tile) {
	o.t.Helper()
	var want []Tile
	for _, tile := range tlog.NewTiles(8, size-1, size) {
		if tile.W < 256 {
			continue
		}
		b, err := tlog.ReadTileData(tile, o)
		if err != nil {
			o.t.Fatal(err)
		}
		want = append(want, Tile{tile.L, tile.N, b})
	}
	if diff := cmp.Diff(want, full, cmp.Comparer(bytes.Equal)); diff != "" {
		o.t.Fatalf("size %d: %s", size, diff)
	}
}

func compareLoaded(t *testing.T, l *memoryLog) {
	t.Helper()
	loaded, err := LoadEdge(context.Background(), l.edge.Size(), l)
	if err != nil {
		t.Fatal(err)
	}
	want := l.edge.Clone()
	if diff := cmp.Diff(want, loaded, cmp.AllowUnexported(Edge{}), cmp.Comparer(bytes.Equal)); diff != "" {
		t.Fatalf("size %d: %s", l.edge.Size(), diff)
	}
}

func TestLoadEdgeAnywhere(t *testing.T) {
	t.Parallel()
	l := newLog(t, 70_000)
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(0, 70_000).Draw(t, "size")
		e, err := LoadEdge(context.Background(), size, l)
		if err != nil {
			t.Fatal(err)
		}
		for i := size; i < min(size+300, 70_000); i++ {
			_, full := e.Append(l.entries[i])
			for _, tile := range full {
				if !bytes.Equal(l.tiles[tileKey{tile.Level, tile.Index}], tile.Hashes) {
					t.Fatalf("tile %d/%d differs", tile.Level, tile.Index)
				}
			}
		}
		want, err := LoadEdge(context.Background(), e.Size(), l)
		if err != nil {
			t.Fatal(err)
		}
		if e.Root() != want.Root() || string(e.Frontier()) != string(want.Frontier()) {
			t.Fatalf("from %d to %d", size, e.Size())
		}
	})
	e, err := LoadEdge(context.Background(), 70_000, l)
	if err != nil || e.Root() != l.edge.Root() {
		t.Fatalf("%v", err)
	}
	delete(l.tiles, tileKey{0, 272})
	if _, err := LoadEdge(context.Background(), 70_000, l); !errors.Is(err, ErrSource) {
		t.Errorf("a missing tile: %v", err)
	}
	if _, err := LoadEdge(context.Background(), 70_001, l); !errors.Is(err, ErrSource) {
		t.Errorf("a missing entry: %v", err)
	}
	if _, err := LoadEdge(context.Background(), -1, l); !errors.Is(err, ErrSource) {
		t.Errorf("no size: %v", err)
	}
}

// TestCloneIsApart: a commit that fails leaves the edge as it was.
func TestCloneIsApart(t *testing.T) {
	t.Parallel()
	l := newLog(t, 65_535)
	before := l.edge.Clone()
	c := l.edge.Clone()
	for i := range int64(600) {
		c.Append(testEntry(1_000_000 + i))
	}
	if diff := cmp.Diff(before, l.edge, cmp.AllowUnexported(Edge{}), cmp.Comparer(bytes.Equal)); diff != "" {
		t.Error(diff)
	}
	_, full := before.Append(testEntry(65_535))
	if len(full) != 2 || full[0].Index != 255 || full[1].Level != 1 || full[1].Index != 0 {
		t.Errorf("completed %d tiles", len(full))
	}
}

func TestCheckFrontierRefuses(t *testing.T) {
	t.Parallel()
	e := newLog(t, 11).edge
	root, f := e.Root(), e.Frontier()
	for i := range f {
		f[i] ^= 1
		if err := CheckFrontier(11, f, root); !errors.Is(err, ErrFrontier) {
			t.Fatalf("byte %d: %v", i, err)
		}
		f[i] ^= 1
	}
	for _, size := range []int64{-1, 0, 12, 15} {
		if err := CheckFrontier(size, f, root); !errors.Is(err, ErrFrontier) {
			t.Errorf("size %d: %v", size, err)
		}
	}
	if err := CheckFrontier(0, nil, NewEdge().Root()); err != nil {
		t.Error(err)
	}
}

// TestProofs: proofs over stored tiles are accepted by a verifier of others, at
// the head and at older sizes.
func TestProofs(t *testing.T) {
	t.Parallel()
	l := newLog(t, 66_000)
	r := l.edge.HashReader(context.Background(), l)
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(1, 66_000).Draw(t, "size")
		index := rapid.Int64Range(0, size-1).Draw(t, "index")
		e, err := LoadEdge(context.Background(), size, l)
		if err != nil {
			t.Fatal(err)
		}
		root := e.Root()
		p, err := tlog.ProveRecord(size, index, r)
		if err != nil {
			t.Fatal(err)
		}
		leaf := rfc6962.DefaultHasher.HashLeaf(l.entries[index])
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(index), uint64(size), leaf, raw(p), root[:]); err != nil {
			t.Fatal(err)
		}
		c, err := tlog.ProveTree(66_000, size, r)
		if err != nil {
			t.Fatal(err)
		}
		head := l.edge.Root()
		if err := proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(size), 66_000, raw(c), root[:], head[:]); err != nil {
			t.Fatal(err)
		}
	})
	for _, index := range []int64{tlog.StoredHashIndex(0, 66_000), tlog.StoredHashIndex(17, 0), 1 << 62} {
		if _, err := r.ReadHashes([]int64{index}); !errors.Is(err, ErrSource) {
			t.Errorf("hash %d: %v", index, err)
		}
	}
}

func raw(hashes []tlog.Hash) [][]byte {
	var b [][]byte
	for i := range hashes {
		b = append(b, hashes[i][:])
	}
	return b
}
