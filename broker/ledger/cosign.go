package ledger

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"filippo.io/mldsa"
	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

const (
	// MaxNoteSize bounds a checkpoint that is handed out, with all its signatures:
	// with the hashes of the largest tree it still makes a proof of MaxProofSize.
	MaxNoteSize = MaxProofSize - 4<<10

	// MaxOrigin is the longest name that an ML-DSA-44 signature can be about: its
	// length is one byte there.
	MaxOrigin = 255
)

// Cosigner signs heads of one log a second time, with ML-DSA-44 (C2SP
// tlog-cosignature), so that they still prove something once Ed25519 does not.
// Its key's name is the log's origin. It may be used by several goroutines, and
// prints no key.
type Cosigner struct {
	signer   *cosignature.SubtreeSigner
	verifier string
}

// String keeps the key out of whatever prints a cosigner.
func (s *Cosigner) String() string { return "cosigner of " + s.Origin() }

// GoString is String.
func (s *Cosigner) GoString() string { return s.String() }

// GenerateCosigningKey draws an ML-DSA-44 key pair in the note encoding, from 32
// bytes of randomness: skey is secret and holds the seed, vkey is what verifiers
// are given. The origin is one that GenerateKey takes, of at most 255 bytes.
func GenerateCosigningKey(random io.Reader, origin string) (skey, vkey string, err error) {
	if random == nil { // which would mean a source that nobody passed in
		return "", "", fmt.Errorf("generate cosigning key: %w", ErrKey)
	}
	seed := make([]byte, mldsa.PrivateKeySize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return "", "", fmt.Errorf("generate cosigning key: %w", err)
	}
	if vkey, err = cosigningKey(origin, seed); err != nil {
		return "", "", fmt.Errorf("generate cosigning key: %w", err)
	}
	_, hash, _ := strings.Cut(vkey, "+")
	hash, _, _ = strings.Cut(hash, "+")
	return "PRIVATE+KEY+" + origin + "+" + hash + "+" + encoded64(append([]byte{algorithmMLDSA}, seed...)), vkey, nil
}

// cosigningKey is the vkey that belongs to a seed.
func cosigningKey(origin string, seed []byte) (string, error) {
	key, err := mldsa.NewPrivateKey(mldsa.MLDSA44(), seed)
	if err != nil || len(origin) > MaxOrigin {
		return "", ErrKey
	}
	public := encoded64(append([]byte{algorithmMLDSA}, key.PublicKey().Bytes()...))
	v, err := cosignature.NewMLDSAVerifier(origin + "+00000000+" + public) // it makes the hash, and reads none
	if err != nil {
		return "", ErrKey
	}
	return fmt.Sprintf("%s+%08x+%s", origin, v.KeyHash(), public), nil
}

// NewCosigner reads a secret key as GenerateCosigningKey gives it; else ErrKey,
// which never says what it read.
func NewCosigner(skey string) (*Cosigner, error) {
	parts := strings.SplitN(skey, "+", 5) // base64 uses "+" too, so the key is all that is left
	if len(parts) < 5 {
		return nil, fmt.Errorf("read cosigning key: %w", ErrKey)
	}
	raw, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(raw) != 1+mldsa.PrivateKeySize || raw[0] != algorithmMLDSA {
		return nil, fmt.Errorf("read cosigning key: %w", ErrKey)
	}
	vkey, err := cosigningKey(parts[2], raw[1:])
	if err != nil {
		return nil, fmt.Errorf("read cosigning key: %w", err)
	}
	signer, err := cosignature.NewMLDSASigner(skey)
	if err != nil || fmt.Sprintf("%08x", signer.KeyHash()) != parts[3] {
		return nil, fmt.Errorf("read cosigning key: %w", ErrKey)
	}
	return &Cosigner{signer: signer, verifier: vkey}, nil
}

// Verifier gives the log's second verifier key (a note vkey).
func (s *Cosigner) Verifier() string { return s.verifier }

// Origin names the log.
func (s *Cosigner) Origin() string { return s.signer.Name() }

// Cosign gives the line of signature for a checkpoint that verifier, the log's
// own, believes; anything else is ErrCheckpoint and is not signed. at is when it
// is signed, and stands in the signature in seconds. The signature draws on the
// library's own randomness: the same head gives other bytes each time.
func (s *Cosigner) Cosign(verifier note.Verifier, signed []byte, at time.Time) (string, error) {
	c, err := OpenCheckpoint(verifier, signed)
	if err == nil && c.Origin != s.Origin() {
		err = ErrCheckpoint
	}
	if err != nil {
		return "", fmt.Errorf("cosign: %w", err)
	}
	seconds := uint64(max(at.Unix(), 0))                                              //nolint:gosec // not negative
	sig, err := s.signer.SignSubtree(seconds, c.Origin, 0, uint64(c.Size), c.Root[:]) //nolint:gosec // OpenCheckpoint gives no negative size
	if err != nil {
		return "", fmt.Errorf("cosign checkpoint %d: %w", c.Size, err)
	}
	return "— " + s.Origin() + " " + encoded64(append(binary.BigEndian.AppendUint32(nil, s.signer.KeyHash()), sig...)), nil
}

// Gather puts lines of signature under a checkpoint that carries the log's own:
// first own, then the cosignatures of others, each once. The shortest come first,
// so that as many as can be are within MaxNoteSize, and the rest is left out. A
// line that would spoil the note, that has another form than the one, or that
// goes by the log's own name is left out too; whose it is nobody checks here.
func Gather(signed []byte, own string, others []string) []byte {
	whole := bytes.Clone(signed)
	if own != "" {
		whole = append(whole, own+"\n"...)
	}
	origin, _, _ := strings.Cut(string(signed), "\n")
	others = slices.Clone(others)
	slices.SortFunc(others, func(x, y string) int { return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)) })
	lines, keys := bytes.Count(whole, []byte("\n— ")), map[string]bool{}
	for _, line := range slices.Compact(others) {
		if len(whole)+len(line)+1 > MaxNoteSize || lines == maxLines {
			break
		}
		if !isSignature(line, origin) {
			continue
		}
		if key := signatureLines([]byte("\n\n" + line + "\n"))[0].key; !keys[key] {
			keys[key] = true
			whole = append(whole, line+"\n"...)
			lines++
		}
	}
	return whole
}

// maxLines of signature are as many as readers of notes take.
const maxLines = 100

// isSignature says whether a note with this line is still one, and the line is
// not in the name of origin.
func isSignature(line, origin string) bool {
	rest, _ := strings.CutPrefix(line, "— ")
	name, encoded, _ := strings.Cut(rest, " ")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(raw) < 5 || name == origin || "— "+name+" "+encoded64(raw) != line {
		return false
	}
	_, err = note.Open([]byte("a\n\n"+line+"\n"), nil)
	_, whole := err.(*note.UnverifiedNoteError) //nolint:errorlint // what the library gives as it is: nobody's signature is known
	return whole
}
