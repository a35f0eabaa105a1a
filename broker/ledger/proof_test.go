package ledger

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// Every entry of every small tree is proven, and by no other proof.
func TestInclusion(t *testing.T) {
	t.Parallel()
	l := newLog(t, 1, 1, 1, 1, 1, 1, 1, 1, 1)
	read := l.edge.HashReader(context.Background(), l)
	for _, row := range l.rows {
		root := tlog.Hash(row.Root)
		for index := range row.Size {
			hashes, err := ProveInclusion(index, row.Size, read)
			if err != nil {
				t.Fatalf("%d in %d: %v", index, row.Size, err)
			}
			p := Proof{Index: index, Hashes: hashes, Checkpoint: row.Note, Extra: []byte{byte(index)}}
			got, err := ParseProof(p.Marshal())
			if err != nil || !bytes.Equal(got.Marshal(), p.Marshal()) || got.Index != index {
				t.Errorf("%d in %d became %+v, %v", index, row.Size, got, err)
			}
			for other := range l.edge.Size() {
				err := CheckInclusion(hashes, index, tlog.RecordHash(l.entries[other]), row.Size, root)
				if (err == nil) != (other == index) || err != nil && !errors.Is(err, ErrNotIncluded) {
					t.Errorf("%d in %d for %d: %v", index, row.Size, other, err)
				}
				if err := CheckInclusion(hashes, other, tlog.RecordHash(l.entries[index]), row.Size, root); (err == nil) != (other == index) {
					t.Errorf("%d in %d as %d: %v", index, row.Size, other, err)
				}
			}
		}
	}
}

// The root that a proof leads to is what tlog's own check takes, and nothing else is:
// of every size, from every entry, with hashes too many, too few or in another order.
func TestInclusionRoot(t *testing.T) {
	t.Parallel()
	for size := int64(1); size <= 70; size++ {
		l := newLog(t, int(size))
		read := l.edge.HashReader(context.Background(), l)
		root := tlog.Hash(l.rows[len(l.rows)-1].Root)
		for index := range size {
			hashes, err := ProveInclusion(index, size, read)
			if err != nil {
				t.Fatal(err)
			}
			leaf := tlog.RecordHash(l.entries[index])
			if got, err := InclusionRoot(hashes, index, leaf, size); err != nil || got != root {
				t.Fatalf("%d in %d: %v, %v", index, size, got, err)
			}
			wrong := [][]tlog.Hash{append(slices.Clone(hashes), root)}
			if n := len(hashes); n > 0 {
				wrong = append(wrong, hashes[:n-1], hashes[1:])
			}
			if n := len(hashes); n > 1 {
				other := slices.Clone(hashes)
				other[0], other[n-1] = other[n-1], other[0]
				wrong = append(wrong, other)
			}
			for _, hashes := range wrong {
				if got, err := InclusionRoot(hashes, index, leaf, size); err == nil && got == root || err != nil && !errors.Is(err, ErrNotIncluded) {
					t.Errorf("%d in %d with %d hashes: %v", index, size, len(hashes), err)
				}
			}
		}
	}
}

func TestConsistency(t *testing.T) {
	t.Parallel()
	l := newLog(t, 1, 1, 1, 1, 1, 1, 1, 1, 1)
	read := l.edge.HashReader(context.Background(), l)
	for _, newer := range l.rows {
		for _, older := range l.rows[:newer.Size] {
			hashes, err := ProveConsistency(older.Size, newer.Size, read)
			if err != nil {
				t.Fatalf("%d in %d: %v", older.Size, newer.Size, err)
			}
			if err := CheckConsistency(hashes, older.Size, tlog.Hash(older.Root), newer.Size, tlog.Hash(newer.Root)); err != nil {
				t.Errorf("%d in %d: %v", older.Size, newer.Size, err)
			}
			wrong := tlog.Hash(older.Root)
			wrong[31] ^= 1
			if err := CheckConsistency(hashes, older.Size, wrong, newer.Size, tlog.Hash(newer.Root)); !errors.Is(err, ErrNotConsistent) {
				t.Errorf("%d in %d from another root: %v", older.Size, newer.Size, err)
			}
		}
	}
}

func TestProofsOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	l := newLog(t, 5)
	read := l.edge.HashReader(context.Background(), l)
	for _, x := range []struct {
		index, size int64
		want        error
	}{
		{0, 0, ErrProofSize},
		{0, -1, ErrProofSize},
		{5, 5, ErrProofIndex},
		{-1, 5, ErrProofIndex},
		{math.MaxInt64, 5, ErrProofIndex},
		{4, 6, ErrSource},
	} {
		if _, err := ProveInclusion(x.index, x.size, read); !errors.Is(err, x.want) {
			t.Errorf("entry %d in %d: %v, want %v", x.index, x.size, err, x.want)
		}
		if err := CheckInclusion(nil, x.index, tlog.Hash{}, x.size, tlog.Hash{}); err == nil {
			t.Errorf("entry %d in %d is proven by nothing", x.index, x.size)
		}
		if _, err := InclusionRoot(nil, x.index, tlog.Hash{}, x.size); err == nil || !errors.Is(err, x.want) && !errors.Is(x.want, ErrSource) {
			t.Errorf("entry %d in %d leads to a root by nothing: %v", x.index, x.size, err)
		}
	}
	for _, x := range []struct {
		from, to int64
		want     error
	}{
		{0, 5, ErrProofSize},
		{-1, 5, ErrProofSize},
		{1, 0, ErrProofSize},
		{5, 4, ErrProofRange},
		{5, 9, ErrSource},
	} {
		if _, err := ProveConsistency(x.from, x.to, read); !errors.Is(err, x.want) {
			t.Errorf("tree %d in %d: %v, want %v", x.from, x.to, err, x.want)
		}
		if err := CheckConsistency(nil, x.from, tlog.Hash{}, x.to, tlog.Hash{}); err == nil {
			t.Errorf("tree %d in %d is proven by nothing", x.from, x.to)
		}
	}
}

func TestParseProofRefuses(t *testing.T) {
	t.Parallel()
	good := string(Proof{Index: 5, Hashes: []tlog.Hash{{1}}, Checkpoint: []byte("a\n1\nb\n\n— a c\n"), Extra: []byte("x")}.Marshal())
	if _, err := ParseProof([]byte(good)); err != nil {
		t.Fatal(err)
	}
	hash, _, _ := strings.Cut(strings.Split(good, "index 5\n")[1], "\n")
	for name, text := range map[string]string{
		"nothing":          "",
		"other version":    strings.Replace(good, "@v1", "@v2", 1),
		"no index":         strings.Replace(good, "index 5\n", "", 1),
		"zero before":      strings.Replace(good, "index 5", "index 05", 1),
		"plus":             strings.Replace(good, "index 5", "index +5", 1),
		"negative":         strings.Replace(good, "index 5", "index -5", 1),
		"too large":        strings.Replace(good, "index 5", "index 9223372036854775808", 1),
		"empty extra":      strings.Replace(good, "extra eA==", "extra ", 1),
		"spare bits":       strings.Replace(good, "extra eA==", "extra eB==", 1),
		"carriage return":  strings.Replace(good, "index 5\n", "index 5\r\n", 1),
		"short hash":       strings.Replace(good, hash, hash[4:], 1),
		"no checkpoint":    good[:strings.Index(good, "\n\n")+2],
		"no empty line":    strings.Replace(good, "\n\na\n", "\na\n", 1),
		"no newline":       strings.TrimSuffix(good, "\n"),
		"too many hashes":  strings.Replace(good, hash+"\n", strings.Repeat(hash+"\n", maxProofHashes+1), 1),
		"too large a file": good + strings.Repeat("a\n", MaxProofSize/2),
	} {
		if p, err := ParseProof([]byte(text)); !errors.Is(err, ErrProofMalformed) {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}
