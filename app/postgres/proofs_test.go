package postgres_test

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

func TestProofsAreThoseOfTheTree(t *testing.T) {
	t.Parallel()
	g := grow(t, 5, 256, 300, 65536+700)
	size := g.edge.Size()
	for _, n := range append(sample(size), size) {
		if n < 1 {
			continue
		}
		root, err := tlog.TreeHash(n, g)
		if err != nil {
			t.Fatal(err)
		}
		for _, index := range append(sample(n), n-1) {
			leaf, hashes, err := g.store.Inclusion(t.Context(), index, n)
			if err != nil {
				t.Fatalf("entry %d in %d: %v", index, n, err)
			}
			if leaf != g.leaves[index] {
				t.Errorf("entry %d in %d: another leaf", index, n)
			}
			if err := ledger.CheckInclusion(hashes, index, leaf, n, root); err != nil {
				t.Error(err)
			}
			p, err := g.store.Proof(t.Context(), index, n)
			if err != nil || p.Index != index || !slices.Equal(p.Hashes, hashes) {
				t.Errorf("entry %d in %d: another proof, %v", index, n, err)
			}
			g.checkNote(t, n, leaf, p)
		}
		for _, from := range append(sample(n), n) {
			g.consistent(t, from, n, root)
		}
	}
}

func (g *grown) checkNote(t *testing.T, n int64, leaf tlog.Hash, p ledger.Proof) {
	t.Helper()
	want, signed := g.roots[n]
	if !signed {
		if p.Checkpoint != nil {
			t.Errorf("size %d was never signed, and has a note", n)
		}
		return
	}
	_, v := g.store.Verifier()
	c, err := ledger.OpenCheckpoint(v, p.Checkpoint)
	if err != nil || c.Size != n || c.Root != want {
		t.Errorf("size %d: %v, signed for %d", n, err, c.Size)
	}
	// A library of others agrees.
	var hashes [][]byte
	for _, h := range p.Hashes {
		hashes = append(hashes, h[:])
	}
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(p.Index), uint64(n), leaf[:], hashes, want[:]); err != nil { //nolint:gosec // not negative
		t.Errorf("entry %d in %d: %v", p.Index, n, err)
	}
}

func (g *grown) consistent(t *testing.T, from, to int64, root tlog.Hash) {
	t.Helper()
	if from < 1 {
		return
	}
	hashes, err := g.store.Consistency(t.Context(), from, to)
	if err != nil {
		t.Fatalf("%d in %d: %v", from, to, err)
	}
	old, err := tlog.TreeHash(from, g)
	if err != nil {
		t.Fatal(err)
	}
	if err := ledger.CheckConsistency(hashes, from, old, to, root); err != nil {
		t.Error(err)
	}
}

func TestProofsThatThereCannotBe(t *testing.T) {
	t.Parallel()
	g := grow(t, 300)
	for _, x := range []struct {
		index, size int64
		want        error
	}{
		{300, 300, ledger.ErrProofIndex},
		{300, 0, ledger.ErrProofIndex},
		{-1, 300, ledger.ErrProofIndex},
		{5, 5, ledger.ErrProofIndex},
		{0, 301, ledger.ErrBeyondHead},
		{0, 1<<63 - 1, ledger.ErrBeyondHead},
		{1<<63 - 1, 300, ledger.ErrProofIndex},
		{0, -1, ledger.ErrProofSize},
		{-1 << 63, -1 << 63, ledger.ErrProofSize},
	} {
		if _, err := g.store.Proof(t.Context(), x.index, x.size); !errors.Is(err, x.want) {
			t.Errorf("entry %d in %d: %v, want %v", x.index, x.size, err, x.want)
		}
	}
	for _, x := range []struct {
		from, to int64
		want     error
	}{
		{0, 300, ledger.ErrProofSize},
		{-1, 300, ledger.ErrProofSize},
		{0, 0, ledger.ErrProofSize},
		{2, 1, ledger.ErrProofRange},
		{1, 301, ledger.ErrBeyondHead},
		{302, 301, ledger.ErrBeyondHead},
		{1<<63 - 1, 300, ledger.ErrProofRange},
	} {
		if _, err := g.store.Consistency(t.Context(), x.from, x.to); !errors.Is(err, x.want) {
			t.Errorf("%d in %d: %v, want %v", x.from, x.to, err, x.want)
		}
	}
}

// Tiles of every kind at once, while another broker appends.
func TestTiles(t *testing.T) {
	t.Parallel()
	g := grow(t, 300)
	none := func(path string) {
		t.Helper()
		if _, err := g.store.Tile(t.Context(), parsePath(t, path)); !errors.Is(err, broker.ErrNotFound) {
			t.Errorf("%s: %v, want not found", path, err)
		}
	}
	hashes := func(path string, want []tlog.Hash) {
		t.Helper()
		got, err := g.store.Tile(t.Context(), parsePath(t, path))
		if err != nil || !bytes.Equal(got, joined(want)) {
			t.Errorf("%s: %v, %d bytes of %d, or others", path, err, len(got), len(want)*tlog.HashSize)
		}
	}
	hashes("tile/0/000", g.leaves[:256])
	hashes("tile/0/000.p/1", g.leaves[:1])
	hashes("tile/0/000.p/255", g.leaves[:255])
	hashes("tile/0/001.p/44", g.leaves[256:300])
	hashes("tile/0/001.p/3", g.leaves[256:259])
	hashes("tile/1/000.p/1", g.roots256(t, 1))
	for _, path := range []string{
		"tile/0/001", "tile/0/001.p/45", "tile/0/002.p/1", "tile/1/000", "tile/1/000.p/2", "tile/2/000.p/1", "tile/63/000", "tile/8/000.p/1",
		"tile/entries/001", "tile/entries/001.p/45", "tile/0/x009/x223/x372/x036/x854/x775/807", "tile/entries/x036/x028/x797/x018/x963/967.p/255",
	} {
		none(path)
	}
	g.extend(t, 770)
	hashes("tile/0/001", g.leaves[256:512])
	hashes("tile/0/001.p/44", g.leaves[256:300])
	hashes("tile/0/003.p/2", g.leaves[768:])
	hashes("tile/1/000.p/3", g.roots256(t, 3))
	hashes("tile/1/000.p/2", g.roots256(t, 2))
	none("tile/1/000.p/4")
	for path, want := range map[string][2]int64{"tile/entries/000": {0, 256}, "tile/entries/001.p/9": {256, 265}, "tile/entries/003.p/2": {768, 770}} {
		bundle, err := g.store.Tile(t.Context(), parsePath(t, path))
		if err != nil {
			t.Fatal(err)
		}
		entries, err := ledger.ParseBundle(bundle)
		if err != nil || int64(len(entries)) != want[1]-want[0] {
			t.Fatalf("%s: %v, %d entries", path, err, len(entries))
		}
		for i, e := range entries {
			if tlog.RecordHash(e) != g.leaves[want[0]+int64(i)] {
				t.Errorf("%s: entry %d is another", path, i)
			}
		}
	}
}

func (g *grown) roots256(tb testing.TB, n int64) []tlog.Hash {
	tb.Helper()
	roots := make([]tlog.Hash, n)
	for i := range roots {
		roots[i] = g.stored[tlog.StoredHashIndex(8, int64(i))]
	}
	return roots
}

func joined(hashes []tlog.Hash) (b []byte) {
	for _, h := range hashes {
		b = append(b, h[:]...)
	}
	return b
}

func parsePath(tb testing.TB, path string) ledger.TilePath {
	tb.Helper()
	p, err := ledger.ParseTilePath(path)
	if err != nil {
		tb.Fatal(path, err)
	}
	return p
}

// What was changed behind the broker's back makes no proof.
func TestNoProofOfAChangedLog(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"an entry":           `UPDATE ledger_entries SET entry = set_byte(entry, 20, get_byte(entry, 20) # 1) WHERE idx = 290`,
		"an entry gone":      `DELETE FROM ledger_entries WHERE idx = 290`,
		"a neighbour's hash": `UPDATE ledger_tiles SET hashes = set_byte(hashes, 9, get_byte(hashes, 9) # 1) WHERE level = 0 AND idx = 0`,
		"a middle":           `UPDATE ledger_tiles SET middle = set_byte(middle, 40, get_byte(middle, 40) # 1) WHERE level = 0 AND idx = 0`,
		"a short middle":     `ALTER TABLE ledger_tiles DROP CONSTRAINT tile_middle; UPDATE ledger_tiles SET middle = substr(middle, 1, 500), hashes = overlay(hashes placing '\x00' from 9)`,
		"a short tile":       `ALTER TABLE ledger_tiles DROP CONSTRAINT tile_full; UPDATE ledger_tiles SET hashes = substr(hashes, 1, 100)`,
		"a tile gone":        `DELETE FROM ledger_tiles WHERE level = 0 AND idx = 0`,
		"a root":             `UPDATE ledger_checkpoints SET note = set_byte(note, 60, get_byte(note, 60) # 1) WHERE size = 300`,
		"another's note":     `UPDATE ledger_checkpoints SET note = (SELECT note FROM ledger_checkpoints WHERE size = 20) WHERE size = 300`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := grow(t, 20, 300)
			g.exec(t, `ALTER TABLE ledger_entries DISABLE TRIGGER USER; ALTER TABLE ledger_tiles DISABLE TRIGGER USER; ALTER TABLE ledger_checkpoints DISABLE TRIGGER USER`)
			restore := g.snapshot(t)
			g.exec(t, change)
			index := int64(290)
			if strings.Contains(change, "ledger_tiles") {
				index = 5 // in the tile
			}
			if _, err := g.store.Proof(t.Context(), index, 0); err == nil {
				t.Error("an entry was proven")
			}
			if _, err := g.store.Consistency(t.Context(), 20, 300); err == nil && !strings.Contains(change, "entries") && name != "a middle" {
				t.Error("a tree was proven")
			}
			restore()
			if _, err := g.store.Proof(t.Context(), index, 0); err != nil {
				t.Errorf("mended: %v", err)
			}
		})
	}
}

// A broker that comes to tiles without middles gives them theirs.
func TestTilesOfBeforeGetTheirMiddles(t *testing.T) {
	t.Parallel()
	g := grow(t, 20, 70_000)
	up, err := os.ReadFile("../../migrations/0022_tile_middles.sql")
	if err != nil {
		t.Fatal(err)
	}
	g.exec(t, `ALTER TABLE ledger_tiles DROP COLUMN middle`)
	g.exec(t, string(up))
	if _, err := g.store.Check(t.Context(), nil); err != nil {
		t.Errorf("ledger check: %v", err)
	}
}

// Sixteen callers ask while the log grows.
func TestProofsWhileTheLogGrows(t *testing.T) {
	t.Parallel()
	g := grow(t, 250)
	store := g.store
	var wait sync.WaitGroup
	for caller := range 16 {
		wait.Go(func() {
			for i := range 40 {
				if _, err := store.Proof(t.Context(), int64((caller*40+i)%250), 0); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for size := int64(253); size < 700; size += 23 {
		g.extend(t, size)
	}
	wait.Wait()
}

// BenchmarkProof asks as 16 callers do, for the newest tree and for trees that
// nobody signed; its p99 is what issue 3 bounds, cpu what a proof costs the broker.
func BenchmarkProof(b *testing.B) {
	g := grow(b, 65536*2+256*150+77)
	size := g.edge.Size()
	b.Run("signed", func(b *testing.B) { g.benchmarkProof(b, func(int64) int64 { return size }) })
	b.Run("unsigned", func(b *testing.B) {
		g.benchmarkProof(b, func(index int64) int64 { return index + 1 + (index*7919)%(size-index-1) })
	})
}

func (g *grown) benchmarkProof(b *testing.B, sizeFor func(index int64) int64) {
	b.Helper()
	size := g.edge.Size()
	if _, err := g.store.Proof(b.Context(), 0, 0); err != nil { // from here on it is warm
		b.Fatal(err)
	}
	took := make([][]time.Duration, 16)
	var before, after syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	b.ResetTimer()
	var wait sync.WaitGroup
	for caller := range took {
		wait.Go(func() {
			for i := range b.N/len(took) + 1 {
				index := int64(caller*7919+i*104729) % (size - 1)
				began := time.Now()
				if _, err := g.store.Proof(b.Context(), index, sizeFor(index)); err != nil {
					b.Error(err)
					return
				}
				took[caller] = append(took[caller], time.Since(began))
			}
		})
	}
	wait.Wait()
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	all := slices.Concat(took...)
	slices.Sort(all)
	cpu := after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
	b.ReportMetric(float64(cpu)/1e3/float64(len(all)), "cpu-µs/proof")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "median-ms")
}

// A leaf hash is read from a tile; whoever shows an entry with its proof has it held
// against that.
func TestAnotherEntryIsNotProven(t *testing.T) {
	t.Parallel()
	g := grow(t, 20, 300)
	for _, index := range []int64{5, 290} { // of a full tile, and of the edge
		entry := g.entry(t, index)
		if _, err := g.store.WitnessedProof(t.Context(), index, entry); err != nil {
			t.Errorf("entry %d: %v", index, err)
		}
		entry[20] ^= 1
		if _, err := g.store.WitnessedProof(t.Context(), index, entry); !errors.Is(err, ledger.ErrNotIncluded) {
			t.Errorf("another entry %d: %v", index, err)
		}
	}
}

// What was shown once of a tile is not believed of the next one in its place.
func TestTileOfMemoryIsShownAnew(t *testing.T) {
	t.Parallel()
	g := grow(t, 20, 70_000)
	if _, _, err := g.store.Inclusion(t.Context(), 5, 600); err != nil { // from here on it knows the head
		t.Fatal(err)
	}
	for size := int64(70_001); size < 70_900; size += 97 { // the edge grows, and so do tiles of memory
		g.extend(t, size)
		for _, index := range []int64{5, 300, 66_000, size - 1} {
			leaf, hashes, err := g.store.Inclusion(t.Context(), index, size)
			want, _ := tlog.ProveRecord(size, index, g)
			if err != nil || !slices.Equal(hashes, want) || leaf != g.leaves[index] {
				t.Errorf("entry %d in %d: %v", index, size, err)
			}
			if _, _, err := g.store.Inclusion(t.Context(), index, size-3); index < size-3 && err != nil {
				t.Errorf("entry %d in %d: %v", index, size-3, err)
			}
		}
	}
	g.exec(t, `ALTER TABLE ledger_tiles DISABLE TRIGGER USER; UPDATE ledger_tiles SET hashes = set_byte(hashes, 70, get_byte(hashes, 70) # 1) WHERE level = 0 AND idx = 260`)
	if _, _, err := g.store.Inclusion(t.Context(), 260*256+2, 68_000); !errors.Is(err, ledger.ErrNotIncluded) {
		t.Errorf("a changed tile below what is remembered: %v", err)
	}
}
