package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

func sha(b []byte) []byte {
	h := sha256.Sum256(b)
	return h[:]
}

// testEntry gives a well-formed entry that is different for each index.
func testEntry(index int64) []byte {
	e := make([]byte, headerSize+hashSize)
	e[0], e[1] = FormatVersion, byte(PolicyChanged)
	binary.BigEndian.PutUint64(e[6:], uint64(index))
	copy(e[headerSize:], sha(e[:headerSize]))
	return e
}

type tileKey struct {
	level int
	index int64
}

// memoryLog stores a log in maps and slices, in the rows that PostgreSQL has;
// a test may change any of them.
type memoryLog struct {
	entries map[int64][]byte
	tiles   map[tileKey][]byte
	middles map[tileKey][]byte
	rows    []CheckpointRow
	edge    *Edge
	signer  *Signer
}

// newLog makes a log whose commits have these numbers of entries.
func newLog(tb testing.TB, commits ...int) *memoryLog {
	tb.Helper()
	l := &memoryLog{entries: map[int64][]byte{}, tiles: map[tileKey][]byte{}, middles: map[tileKey][]byte{}, edge: NewEdge(), signer: exampleSigner(tb)}
	for _, n := range commits {
		l.commit(tb, n)
	}
	return l
}

func (l *memoryLog) commit(tb testing.TB, n int) {
	tb.Helper()
	prev := l.edge.Size()
	for range n {
		entry := testEntry(l.edge.Size())
		l.entries[l.edge.Size()] = entry
		_, full := l.edge.Append(entry)
		for _, tile := range full {
			key := tileKey{tile.Level, tile.Index}
			if l.tiles[key] != nil {
				tb.Fatalf("tile %v was completed twice", key)
			}
			l.tiles[key], l.middles[key] = tile.Hashes, tile.Middle()
		}
	}
	l.sign(tb, prev)
}

func (l *memoryLog) sign(tb testing.TB, prev int64) {
	tb.Helper()
	root := l.edge.Root()
	c, err := l.signer.Sign(l.edge.Size(), root)
	if err != nil {
		tb.Fatal(err)
	}
	l.rows = append(l.rows, CheckpointRow{Size: l.edge.Size(), Prev: prev, Root: root[:], Frontier: l.edge.Frontier(), Note: c.Note})
}

func (l *memoryLog) verifier(tb testing.TB) note.Verifier {
	tb.Helper()
	v, err := note.NewVerifier(l.signer.Verifier())
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func (l *memoryLog) Head(context.Context) (CheckpointRow, bool, error) {
	if len(l.rows) == 0 {
		return CheckpointRow{}, false, nil
	}
	return l.rows[len(l.rows)-1], true, nil
}

func (l *memoryLog) Entries(_ context.Context, from, to int64) ([][]byte, error) {
	var b [][]byte
	for i := from; i < to; i++ {
		b = append(b, l.entries[i])
	}
	return b, nil
}

func (l *memoryLog) Tiles(_ context.Context, level int, from, to int64) ([][]byte, error) {
	var b [][]byte
	for i := from; i < to; i++ {
		b = append(b, l.tiles[tileKey{level, i}])
	}
	return b, nil
}

func (l *memoryLog) Middles(_ context.Context, level int, from, to int64) ([][]byte, error) {
	var b [][]byte
	for i := from; i < to; i++ {
		b = append(b, l.middles[tileKey{level, i}])
	}
	return b, nil
}

func (l *memoryLog) Checkpoints(_ context.Context, after int64, limit int) ([]CheckpointRow, error) {
	var rows []CheckpointRow
	for _, r := range l.rows {
		if r.Size > after && len(rows) < limit {
			rows = append(rows, r)
		}
	}
	return rows, nil
}

func (l *memoryLog) Extra(context.Context) (Strays, error) {
	var s Strays
	for _, r := range l.rows {
		s.Size = max(s.Size, r.Size)
		if r.Size < 1 {
			s.Checkpoints++
		}
	}
	for index := range l.entries {
		if index < 0 || index >= s.Size {
			s.Entries++
		}
	}
	for key := range l.tiles {
		if key.level < 0 || key.level > 7 || key.index < 0 || key.index >= s.Size>>(8*(key.level+1)) {
			s.Tiles++
		}
	}
	return s, nil
}

// clone copies what tests change.
func (l *memoryLog) clone() *memoryLog {
	c := &memoryLog{entries: map[int64][]byte{}, tiles: map[tileKey][]byte{}, middles: map[tileKey][]byte{}, edge: l.edge.Clone(), signer: l.signer}
	for k, v := range l.entries {
		c.entries[k] = bytes.Clone(v)
	}
	for k, v := range l.middles {
		c.middles[k] = bytes.Clone(v)
	}
	for k, v := range l.tiles {
		c.tiles[k] = bytes.Clone(v)
	}
	for _, r := range l.rows {
		r.Root, r.Frontier, r.Note = bytes.Clone(r.Root), bytes.Clone(r.Frontier), bytes.Clone(r.Note)
		c.rows = append(c.rows, r)
	}
	return c
}
