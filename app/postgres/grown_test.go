package postgres_test

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker/ledger"
)

// grown is a log in the tables, and the same tree in memory for comparison.
type grown struct {
	*house
	edge   *ledger.Edge
	leaves []tlog.Hash
	stored []tlog.Hash // in the order of tlog.StoredHashIndex
	roots  map[int64]tlog.Hash
}

// grow appends to a new log, in one commit for each size, what another broker
// with the same keys would have.
func grow(tb testing.TB, sizes ...int64) *grown {
	tb.Helper()
	g := &grown{house: newHouse(tb), edge: ledger.NewEdge(), roots: map[int64]tlog.Hash{}}
	head, err := g.store.Head(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	entries, err := g.store.Entries(tb.Context(), 0, head.Size)
	if err != nil {
		tb.Fatal(err)
	}
	for _, e := range entries {
		g.append(tb, e)
	}
	g.roots[head.Size], g.roots[1] = head.Root, g.leaves[0] // it began with one entry, and went on in one commit
	for _, size := range sizes {
		g.extend(tb, size)
	}
	return g
}

func (g *grown) append(tb testing.TB, entry []byte) []ledger.Tile {
	tb.Helper()
	more, err := tlog.StoredHashes(g.edge.Size(), entry, g)
	if err != nil {
		tb.Fatal(err)
	}
	g.stored = append(g.stored, more...)
	leaf, full := g.edge.Append(entry)
	g.leaves = append(g.leaves, leaf)
	return full
}

// ReadHashes makes it the reader that the tables are compared with.
func (g *grown) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		hashes[i] = g.stored[at]
	}
	return hashes, nil
}

func (g *grown) extend(tb testing.TB, size int64) {
	tb.Helper()
	signer, err := ledger.NewSigner(g.keys.LedgerKey.Reveal())
	if err != nil {
		tb.Fatal(err)
	}
	prev := g.edge.Size()
	var rows, tiles [][]any
	for i := prev; i < size; i++ {
		entry := syntheticEntry(i)
		rows = append(rows, []any{i, entry, []byte{0}})
		for _, t := range g.append(tb, entry) {
			tiles = append(tiles, []any{t.Level, t.Index, t.Hashes, t.Middle()})
		}
	}
	c, err := signer.Sign(size, g.edge.Root())
	if err != nil {
		tb.Fatal(err)
	}
	g.roots[size] = c.Root
	g.copyIn(tb, "ledger_entries", []string{"idx", "entry", "statement"}, rows)
	g.copyIn(tb, "ledger_tiles", []string{"level", "idx", "hashes", "middle"}, tiles)
	g.copyIn(tb, "ledger_checkpoints", []string{"size", "prev", "root", "frontier", "note", "mac"},
		[][]any{{size, prev, c.Root[:], g.edge.Frontier(), c.Note, postgres.Link(g.keys.MAC, size, prev, c.Root[:])}})
}

func (g *grown) copyIn(tb testing.TB, table string, columns []string, rows [][]any) {
	tb.Helper()
	tx, err := g.owner(tb).BeginTx(tb.Context(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := tx.PrepareContext(tb.Context(), "COPY "+table+" ("+strings.Join(columns, ", ")+") FROM STDIN")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for _, row := range append(rows, nil) { // nil sends what is left
		if _, err := s.ExecContext(tb.Context(), row...); err != nil {
			tb.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		tb.Fatal(err)
	}
}

// syntheticEntry is well formed: a key that was created.
func syntheticEntry(i int64) []byte {
	entry := append(make([]byte, 0, 54), 1, byte(ledger.APIKeyCreated), 0, 7, 0, 0)
	digest := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i))) //nolint:gosec // not negative
	return append(append(entry, digest[:16]...), digest[:]...)
}

// sample are indexes and sizes where something begins or ends.
func sample(size int64) []int64 {
	all := []int64{0, 1, 2, 3, 254, 255, 256, 257, 511, 512, 600, 65535, 65536, 65537, 65800, 66047, 66048, size / 2, size - 300, size - 2, size - 1}
	all = slices.DeleteFunc(all, func(i int64) bool { return i < 0 || i >= size })
	slices.Sort(all)
	return slices.Compact(all)
}
