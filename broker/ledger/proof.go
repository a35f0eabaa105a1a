package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"math/bits"

	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/tlog"
)

// Errors about proofs.
var (
	ErrProofMalformed = errors.New("the bytes are not a tlog-proof")
	ErrProofIndex     = errors.New("the index is not in a tree of this size")
	ErrProofSize      = errors.New("a tree that is proven has at least one entry")
	ErrProofRange     = errors.New("the older tree is larger than the newer one")
	ErrNotIncluded    = errors.New("the proof does not lead from the entry to the root")
	ErrNotConsistent  = errors.New("the proof does not lead from the older root to the newer one")
)

const (
	// MaxProofSize bounds a marshalled proof: 63 hashes are below 3 kB, and the
	// rest is for signatures, of which one with ML-DSA-44 takes 3.3 kB. So many
	// witnesses as a broker asks, 32, may all have such a key.
	MaxProofSize = 1 << 17

	maxProofHashes = 63 // the height of the largest tree
)

// Proof says where an entry stands: C2SP tlog-proof, that is an inclusion proof
// together with the signed checkpoint that it leads to. Extra is for whoever
// makes the proof, and proves nothing.
type Proof struct {
	Extra      []byte
	Index      int64
	Hashes     []tlog.Hash
	Checkpoint []byte // a signed note
}

// Marshal gives the text form "c2sp.org/tlog-proof@v1". An empty Extra leaves
// its line out.
func (p Proof) Marshal() []byte {
	t := proof.TLogProof{Index: uint64(p.Index), Checkpoint: p.Checkpoint} //nolint:gosec // an index is not negative
	if len(p.Extra) > 0 {
		t.ExtraData = p.Extra
	}
	for _, h := range p.Hashes {
		t.Hashes = append(t.Hashes, h)
	}
	return t.Marshal()
}

// ParseProof is the strict inverse of Marshal: what Marshal would not write byte
// for byte, more hashes than a tree is high, no checkpoint, or more than
// MaxProofSize bytes is ErrProofMalformed. It proves nothing yet: the
// checkpoint's signatures and CheckInclusion do.
func ParseProof(b []byte) (Proof, error) {
	var t proof.TLogProof
	if len(b) > MaxProofSize || t.Unmarshal(b) != nil ||
		t.Index > 1<<63-1 || len(t.Hashes) > maxProofHashes || len(t.Checkpoint) == 0 {
		return Proof{}, fmt.Errorf("read proof: %w", ErrProofMalformed)
	}
	p := Proof{Extra: t.ExtraData, Index: int64(t.Index), Checkpoint: t.Checkpoint}
	for _, h := range t.Hashes {
		p.Hashes = append(p.Hashes, h)
	}
	if !bytes.Equal(p.Marshal(), b) {
		return Proof{}, fmt.Errorf("read proof: %w", ErrProofMalformed)
	}
	return p, nil
}

// ProveInclusion gives the hashes from an entry to the root of the tree with size
// entries. Errors: ErrProofSize, ErrProofIndex, and the reader's own.
func ProveInclusion(index, size int64, r tlog.HashReader) ([]tlog.Hash, error) {
	if size < 1 {
		return nil, fmt.Errorf("prove entry %d: %w", index, ErrProofSize)
	}
	if index < 0 || index >= size {
		return nil, fmt.Errorf("prove entry %d: %w", index, ErrProofIndex)
	}
	hashes, err := tlog.ProveRecord(size, index, r)
	if err != nil {
		return nil, fmt.Errorf("prove entry %d: %w", index, err)
	}
	return hashes, nil
}

// CheckInclusion says whether hashes lead from a leaf hash at index to the root
// of the tree with size entries. Errors are those of ProveInclusion, and
// ErrNotIncluded.
func CheckInclusion(hashes []tlog.Hash, index int64, leaf tlog.Hash, size int64, root tlog.Hash) error {
	if size < 1 {
		return fmt.Errorf("check entry %d: %w", index, ErrProofSize)
	}
	if index < 0 || index >= size {
		return fmt.Errorf("check entry %d: %w", index, ErrProofIndex)
	}
	if tlog.CheckRecord(hashes, size, root, index, leaf) != nil {
		return fmt.Errorf("check entry %d: %w", index, ErrNotIncluded)
	}
	return nil
}

// InclusionRoot is the root that hashes lead to from a leaf hash at index, in a tree
// with size entries (RFC 9162, 2.1.3.2). Whether that is the log's is the caller's
// to find out. Errors are those of CheckInclusion.
func InclusionRoot(hashes []tlog.Hash, index int64, leaf tlog.Hash, size int64) (tlog.Hash, error) {
	if size < 1 {
		return tlog.Hash{}, fmt.Errorf("check entry %d: %w", index, ErrProofSize)
	}
	if index < 0 || index >= size {
		return tlog.Hash{}, fmt.Errorf("check entry %d: %w", index, ErrProofIndex)
	}
	root, n, last := leaf, index, size-1 // of the nodes of a level, up to the root
	for _, h := range hashes {
		switch {
		case last == 0:
			return tlog.Hash{}, fmt.Errorf("check entry %d: %w", index, ErrNotIncluded)
		case n&1 == 1 || n == last: // the other one is at its left
			root = tlog.NodeHash(h, root)
			skip := bits.TrailingZeros64(uint64(n)) //nolint:gosec // not negative
			n, last = n>>skip, last>>skip           // at the right edge, levels without a left one have no node of their own
		default:
			root = tlog.NodeHash(root, h)
		}
		n, last = n>>1, last>>1
	}
	if last != 0 {
		return tlog.Hash{}, fmt.Errorf("check entry %d: %w", index, ErrNotIncluded)
	}
	return root, nil
}

// ProveConsistency gives the hashes that show that the tree with from entries is
// the beginning of the one with to entries; none where they are the same size.
// Errors: ErrProofSize for an empty tree, which is the beginning of every tree
// and has nothing to prove, ErrProofRange, and the reader's own.
func ProveConsistency(from, to int64, r tlog.HashReader) ([]tlog.Hash, error) {
	if err := checkRange(from, to); err != nil {
		return nil, err
	}
	hashes, err := tlog.ProveTree(to, from, r)
	if err != nil {
		return nil, fmt.Errorf("prove tree %d in %d: %w", from, to, err)
	}
	return hashes, nil
}

// CheckConsistency says whether hashes lead from the older root to the newer
// one. Errors are those of ProveConsistency, and ErrNotConsistent.
func CheckConsistency(hashes []tlog.Hash, from int64, old tlog.Hash, to int64, root tlog.Hash) error {
	if err := checkRange(from, to); err != nil {
		return err
	}
	if tlog.CheckTree(hashes, to, root, from, old) != nil {
		return fmt.Errorf("check tree %d in %d: %w", from, to, ErrNotConsistent)
	}
	return nil
}

func checkRange(from, to int64) error {
	if from < 1 || to < 1 {
		return fmt.Errorf("tree %d in %d: %w", from, to, ErrProofSize)
	}
	if from > to {
		return fmt.Errorf("tree %d in %d: %w", from, to, ErrProofRange)
	}
	return nil
}
