package ledger

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// PathStep is one step from an entry up to the root: the hash beside, and what the two give.
type PathStep struct {
	Sibling tlog.Hash
	Left    bool // the sibling is at the left
	Gives   tlog.Hash
}

// InclusionPath are the steps that hashes lead along, from a leaf hash at index, in a tree
// with size entries; the last one gives the root. Errors are those of InclusionRoot.
func InclusionPath(hashes []tlog.Hash, index int64, leaf tlog.Hash, size int64) ([]PathStep, error) {
	root, err := InclusionRoot(hashes, index, leaf, size)
	if err != nil {
		return nil, err
	}
	var steps []PathStep
	at, n, last := leaf, index, size-1 // as InclusionRoot goes, which has found all of it in order
	for _, h := range hashes {
		step := PathStep{Sibling: h, Left: n&1 == 1 || n == last}
		if step.Left {
			at = tlog.NodeHash(h, at)
			skip := bits.TrailingZeros64(uint64(n)) //nolint:gosec // not negative
			n, last = n>>skip, last>>skip
		} else {
			at = tlog.NodeHash(at, h)
		}
		step.Gives = at
		n, last = n>>1, last>>1
		steps = append(steps, step)
	}
	if at != root {
		return nil, fmt.Errorf("check entry %d: %w", index, ErrNotIncluded)
	}
	return steps, nil
}

// SignatureLine is one signature under a checkpoint, as its line says: nothing of it is
// checked.
type SignatureLine struct {
	Name string    // of the key
	Key  uint32    // its hash
	Kind string    // how it signs, as far as its length tells
	At   time.Time // when, by the word of whoever cosigned; zero where the line has no time
}

// SignatureLines are those of a signed note.
func SignatureLines(signed []byte) ([]SignatureLine, error) {
	_, err := note.Open(signed, note.VerifierList())
	unverified, ok := errors.AsType[*note.UnverifiedNoteError](err)
	if !ok {
		return nil, fmt.Errorf("read signatures: %w", ErrCheckpoint)
	}
	var all []SignatureLine
	for _, s := range unverified.Note.UnverifiedSigs {
		raw, err := base64.StdEncoding.DecodeString(s.Base64)
		if err != nil {
			return nil, fmt.Errorf("read signatures: %w", ErrCheckpoint)
		}
		all = append(all, readSignature(s, raw))
	}
	return all, nil
}

// Sizes of the signatures that stand under checkpoints here, each behind the hash of its key:
// Ed25519 alone, the same behind a time (C2SP tlog-cosignature), and ML-DSA-44 behind one.
const (
	stampSize  = 8
	plainSize  = keyHashSize + 64
	cosignSize = keyHashSize + stampSize + 64
	mldsaSize  = keyHashSize + stampSize + 2420
)

func readSignature(s note.Signature, raw []byte) SignatureLine {
	line := SignatureLine{Name: s.Name, Key: s.Hash, Kind: "unknown"}
	switch len(raw) {
	case plainSize:
		line.Kind = "Ed25519"
		return line
	case cosignSize:
		line.Kind = "Ed25519"
	case mldsaSize:
		line.Kind = "ML-DSA-44"
	default:
		return line
	}
	if at := binary.BigEndian.Uint64(raw[keyHashSize:]); at > 0 && at < 1<<40 {
		line.At = time.Unix(int64(at), 0).UTC()
	}
	return line
}
