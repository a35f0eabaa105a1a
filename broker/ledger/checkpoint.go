package ledger

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Errors about checkpoints and the keys that sign them.
var (
	ErrKey        = errors.New("the key is not an Ed25519 or ML-DSA-44 note key of a log")
	ErrCheckpoint = errors.New("the bytes are not a checkpoint signed by this log")
)

// Checkpoint is a signed head: C2SP tlog-checkpoint in a signed note.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
	Note   []byte // the signed bytes, with whatever other signatures they carry
}

// Signer signs the heads of one log. Its key's name is the log's origin. It may
// be used by several goroutines, and prints no key.
type Signer struct {
	signer   note.Signer
	verifier string
}

// String keeps the key out of whatever prints a signer.
func (s *Signer) String() string { return "signer of " + s.Origin() }

// GoString is String.
func (s *Signer) GoString() string { return s.String() }

// GenerateKey draws an Ed25519 key pair in the note encoding: skey is secret,
// vkey is what verifiers are given. origin is not empty, and has neither space
// nor "+".
func GenerateKey(random io.Reader, origin string) (skey, vkey string, err error) {
	if random == nil { // which would mean a source that nobody passed in
		return "", "", fmt.Errorf("generate key: %w", ErrKey)
	}
	if skey, vkey, err = note.GenerateKey(random, origin); err != nil {
		return "", "", fmt.Errorf("generate key: %w", err)
	}
	if _, err := note.NewVerifier(vkey); err != nil { // GenerateKey takes any name
		return "", "", fmt.Errorf("generate key for this origin: %w", ErrKey)
	}
	return skey, vkey, nil
}

// algorithmEd25519 leads a key in the note encoding.
const algorithmEd25519 = 1

func publicKey(origin string, seed []byte) (string, error) {
	public, ok := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	if !ok {
		return "", ErrKey
	}
	vkey, err := note.NewEd25519VerifierKey(origin, public)
	if err != nil {
		return "", ErrKey
	}
	return vkey, nil
}

// NewSigner reads a secret key as GenerateKey gives it; else ErrKey, which never
// says what it read.
func NewSigner(skey string) (*Signer, error) {
	signer, err := note.NewSigner(skey)
	if err != nil {
		return nil, fmt.Errorf("read signing key: %w", ErrKey)
	}
	parts := strings.Split(skey, "+")
	if len(parts) < 5 {
		return nil, fmt.Errorf("read signing key: %w", ErrKey)
	}
	// base64 uses "+" too, so the key is all that is left.
	key, err := base64.StdEncoding.DecodeString(strings.Join(parts[4:], "+"))
	if err != nil || len(key) != 1+ed25519.SeedSize || key[0] != algorithmEd25519 {
		return nil, fmt.Errorf("read signing key: %w", ErrKey)
	}
	vkey, err := publicKey(signer.Name(), key[1:])
	if err != nil {
		return nil, fmt.Errorf("read signing key: %w", err)
	}
	return &Signer{signer: signer, verifier: vkey}, nil
}

// Verifier gives the log's verifier key (a note vkey).
func (s *Signer) Verifier() string { return s.verifier }

// Origin names the log.
func (s *Signer) Origin() string { return s.signer.Name() }

// Sign signs a head. It keeps no state: that this head extends the last one
// is for the caller to have made sure of. Ed25519 is deterministic: the same
// head gives the same bytes.
func (s *Signer) Sign(size int64, root tlog.Hash) (Checkpoint, error) {
	if size < 0 {
		return Checkpoint{}, fmt.Errorf("sign checkpoint %d: %w", size, ErrCheckpoint)
	}
	body := log.Checkpoint{Origin: s.Origin(), Size: uint64(size), Hash: root[:]}.Marshal()
	signed, err := note.Sign(&note.Note{Text: string(body)}, s.signer)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("sign checkpoint %d: %w", size, err)
	}
	return Checkpoint{Origin: s.Origin(), Size: size, Root: root, Note: signed}, nil
}

// OpenCheckpoint checks that a note is signed by the log with this verifier,
// and reads it. Signatures of others (witnesses) are let be. Extension lines,
// which this log never writes, another origin than the key's name, and numbers
// or base64 in any but the one form are ErrCheckpoint.
func OpenCheckpoint(verifier note.Verifier, signed []byte) (Checkpoint, error) {
	n, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("open checkpoint: %w", ErrCheckpoint)
	}
	c, err := parseCheckpoint(n.Text, signed)
	if err != nil || c.Origin != verifier.Name() {
		return Checkpoint{}, fmt.Errorf("open checkpoint: %w", ErrCheckpoint)
	}
	return c, nil
}

// parseCheckpoint reads the text of a note in its one form.
func parseCheckpoint(text string, signed []byte) (Checkpoint, error) {
	var c log.Checkpoint
	rest, err := c.Unmarshal([]byte(text))
	if err != nil || len(rest) > 0 || len(c.Hash) != hashSize || c.Size > 1<<63-1 || string(c.Marshal()) != text {
		return Checkpoint{}, ErrCheckpoint
	}
	return Checkpoint{Origin: c.Origin, Size: int64(c.Size), Root: tlog.Hash(c.Hash), Note: signed}, nil
}

// bare says whether a note carries the log's signature in its one form, and
// nothing else. Base64 has spare bits and a note may hold foreign lines, so a
// signature that verifies does not yet mean that the bytes are the signer's.
func bare(verifier note.Verifier, c Checkpoint) bool {
	body, line, found := bytes.Cut(c.Note, []byte("\n\n— "+c.Origin+" "))
	if !found {
		return false
	}
	encoded, found := bytes.CutSuffix(line, []byte("\n"))
	sig, err := base64.StdEncoding.DecodeString(string(encoded))
	return found && err == nil && len(sig) == 4+ed25519.SignatureSize &&
		base64.StdEncoding.EncodeToString(sig) == string(encoded) &&
		binary.BigEndian.Uint32(sig) == verifier.KeyHash() &&
		bytes.Count(body, []byte("\n")) == 2
}
