// Package interop holds a running log against tools that others wrote: the
// client of Tessera and its check of a whole log, unchanged. It is a module of
// its own, so that what they need is not what the broker needs.
//
// The broker's tests run it. By hand:
//
//	BAUTA_LOG_URL=http://127.0.0.1:8080/ledger/ BAUTA_LOG_TOKEN=KEY BAUTA_LOG_KEY=$(bauta ledger key) BAUTA_LOG_OLDER="$(cat checkpoint)"$'\n' go test ./...
package interop

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"testing"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
)

// setting is one that has to be there: without a log nothing would be tested.
func setting(t *testing.T, name string) string {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		t.Fatalf("%s is not set", name)
	}
	return s
}

func fetcher(t *testing.T) (*client.HTTPFetcher, note.Verifier) {
	t.Helper()
	u, err := url.Parse(setting(t, "BAUTA_LOG_URL"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := client.NewHTTPFetcher(u, nil)
	if err != nil {
		t.Fatal(err)
	}
	f.SetAuthorizationHeader("Bearer " + setting(t, "BAUTA_LOG_TOKEN"))
	v, err := note.NewVerifier(setting(t, "BAUTA_LOG_KEY"))
	if err != nil {
		t.Fatal(err)
	}
	return f, v
}

func leafHashes(bundle []byte) ([][]byte, error) {
	var b api.EntryBundle
	if err := b.UnmarshalText(bundle); err != nil {
		return nil, fmt.Errorf("read bundle: %w", err)
	}
	var hashes [][]byte
	for _, e := range b.Entries {
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(e))
	}
	return hashes, nil
}

// The whole log: every entry, every tile, the root.
func TestFsck(t *testing.T) {
	f, v := fetcher(t)
	if err := fsck.New(v.Name(), v, f, leafHashes, fsck.Opts{N: 4}).Check(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Proofs that the client makes of our tiles lead from our entries to our root.
func TestProofs(t *testing.T) {
	f, v := fetcher(t)
	c, _, _, err := client.FetchCheckpoint(t.Context(), f.ReadCheckpoint, v, v.Name())
	if err != nil {
		t.Fatal(err)
	}
	if c.Size < 300 {
		t.Fatalf("a log of %d entries tries nothing: it has no full tile and a partial one", c.Size)
	}
	b, err := client.NewProofBuilder(t.Context(), c.Size, f.ReadTile)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []uint64{0, 1, 255, 256, 257, c.Size / 2, c.Size - 2, c.Size - 1} {
		hashes, err := b.InclusionProof(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		bundle, err := client.GetEntryBundle(t.Context(), f.ReadEntryBundle, i/256, c.Size)
		if err != nil {
			t.Fatal(err)
		}
		leaf := rfc6962.DefaultHasher.HashLeaf(bundle.Entries[i%256])
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, i, c.Size, leaf, hashes, c.Hash); err != nil {
			t.Errorf("entry %d: %v", i, err)
		}
	}
	leaves, err := client.FetchLeafHashes(t.Context(), f.ReadTile, 0, c.Size, c.Size)
	if err != nil {
		t.Fatal(err)
	}
	consistent(t, b, leaves, c.Size, c.Hash)
}

func consistent(t *testing.T, b *client.ProofBuilder, leaves [][]byte, size uint64, root []byte) {
	t.Helper()
	for _, from := range []uint64{1, 2, 255, 256, 257, size / 2, size - 1} {
		hashes, err := b.ConsistencyProof(t.Context(), from, size)
		if err != nil {
			t.Fatal(err)
		}
		if err := proof.VerifyConsistency(rfc6962.DefaultHasher, from, size, hashes, rootOf(leaves[:from]), root); err != nil {
			t.Errorf("%d in %d: %v", from, size, err)
		}
	}
}

// rootOf is RFC 6962, section 2.1, word by word.
func rootOf(leaves [][]byte) []byte {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := 1
	for 2*k < len(leaves) {
		k *= 2
	}
	return rfc6962.DefaultHasher.HashChildren(rootOf(leaves[:k]), rootOf(leaves[k:]))
}

// The client follows the log from a head that it kept to the one of today.
func TestTracker(t *testing.T) {
	f, v := fetcher(t)
	older := []byte(setting(t, "BAUTA_LOG_OLDER"))
	tracker, err := client.NewLogStateTracker(t.Context(), f.ReadTile, older, v, v.Name(), client.UnilateralConsensus(f.ReadCheckpoint))
	if err != nil {
		t.Fatal(err)
	}
	before, hashes, now, err := tracker.Update(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, older) || bytes.Equal(before, now) || len(hashes) == 0 {
		t.Error("the log has not grown since: nothing was followed")
	}
}
