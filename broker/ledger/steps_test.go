package ledger_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker/ledger"
)

// Each step of a path takes what the one before gave, on its right side, and the last one
// gives the root: in trees of every size, whole and not.
func TestInclusionPath(t *testing.T) {
	t.Parallel()
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (found []tlog.Hash, err error) {
		for _, i := range indexes {
			found = append(found, stored[i])
		}
		return found, nil
	})
	var leaves []tlog.Hash
	for size := int64(1); size <= 40; size++ {
		data := fmt.Appendf(nil, "entry %d", size)
		leaves = append(leaves, tlog.RecordHash(data))
		more, err := tlog.StoredHashes(size-1, data, reader)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, more...)
		root, err := tlog.TreeHash(size, reader)
		if err != nil {
			t.Fatal(err)
		}
		for index, leaf := range leaves {
			hashes, err := ledger.ProveInclusion(int64(index), size, reader)
			if err != nil {
				t.Fatal(err)
			}
			steps, err := ledger.InclusionPath(hashes, int64(index), leaf, size)
			if err != nil || len(steps) != len(hashes) {
				t.Fatalf("entry %d of %d: %d steps, %v", index, size, len(steps), err)
			}
			at := leaf
			for _, s := range steps {
				want := tlog.NodeHash(at, s.Sibling)
				if s.Left {
					want = tlog.NodeHash(s.Sibling, at)
				}
				if at = s.Gives; at != want {
					t.Fatalf("entry %d of %d: a step gives something else", index, size)
				}
			}
			if at != root {
				t.Errorf("entry %d of %d: the path does not lead to the root", index, size)
			}
		}
	}
	if _, err := ledger.InclusionPath(nil, 0, leaves[0], 2); !errors.Is(err, ledger.ErrNotIncluded) {
		t.Error("a path without its hashes:", err)
	}
}

// What stands under a checkpoint is read from its lines.
func TestSignatureLines(t *testing.T) {
	t.Parallel()
	skey, _, err := ledger.GenerateKey(strings.NewReader(strings.Repeat("x", 64)), "bauta.example/log")
	if err != nil {
		t.Fatal(err)
	}
	s, err := ledger.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Sign(17, tlog.Hash{1})
	if err != nil {
		t.Fatal(err)
	}
	lines, err := ledger.SignatureLines(c.Note)
	if err != nil || len(lines) != 1 || lines[0].Name != "bauta.example/log" || lines[0].Kind != "Ed25519" || !lines[0].At.IsZero() || lines[0].Key == 0 {
		t.Errorf("%+v, %v", lines, err)
	}
	if _, err := ledger.SignatureLines([]byte("no note")); !errors.Is(err, ledger.ErrCheckpoint) {
		t.Error("what is no note:", err)
	}
}
