package ledger

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// Errors about an entry, or about a part that is said to belong to one.
var (
	ErrEntryMalformed = errors.New("the bytes are not an entry of version 1")
	ErrSalt           = errors.New("a salt has 16 bytes")
	ErrDigest         = errors.New("the entry does not say this to this audience")
	ErrContradiction  = errors.New("the part has another type or hour than its entry")
)

const (
	// FormatVersion is byte 0 of every entry.
	FormatVersion = 1
	// SaltSize is the length of a salt in bytes: 128 bits, as in RFC 9901.
	SaltSize = 16

	nonceSize   = 16
	headerSize  = 1 + 1 + 4 + nonceSize
	hashSize    = sha256.Size
	digestLabel = "bauta/digest/v1"
	saltLabel   = "bauta/salt/v1"
)

// Entry is one leaf of the log: docs/entry-format.md, section 2. It tells a
// type, an hour and nothing else to who has no salt.
type Entry struct {
	Type    Type
	Hour    uint32   // hours since the Unix epoch, rounded down
	Nonce   [16]byte // never twice
	Digests [][32]byte
}

// Salt derives the salt of an audience from the audience's 32-byte key and the
// entry's nonce: docs/entry-format.md, section 4. Destroying the key unlinks the
// part for ever; handing out the salt opens this one part.
func Salt(key []byte, a Audience, nonce [16]byte) []byte {
	m := hmac.New(sha256.New, key)
	for _, part := range []string{saltLabel, a.String(), string(nonce[:])} {
		var length [4]byte
		binary.BigEndian.PutUint32(length[:], uint32(len(part))) //nolint:gosec // three short parts
		m.Write(length[:])                                       // never fails
		m.Write([]byte(part))
	}
	return m.Sum(nil)[:SaltSize]
}

// Entry makes the leaf for a statement. nonce is 16 random bytes, never used
// before; salt gives the 16-byte salt of each audience that the type has, once
// each and in order. Errors are those of Canonical, ErrSalt, and what salt returns.
func (s Statement) Entry(nonce [16]byte, salt func(Audience) ([]byte, error)) (Entry, error) {
	entry, _, err := s.Record(nonce, salt)
	return entry, err
}

// Record gives the leaf, as Entry does, and the canonical bytes that it was made
// from, which are to be sealed beside it, for the price of writing them once.
func (s Statement) Record(nonce [16]byte, salt func(Audience) ([]byte, error)) (Entry, []byte, error) {
	e, err := s.encode()
	if err != nil {
		return Entry{}, nil, err
	}
	entry := Entry{Type: s.Type, Hour: hour(s), Nonce: nonce, Digests: make([][32]byte, len(e.schema.audiences))}
	scratch := make([]byte, 0, len(digestLabel)+2+SaltSize+len(e.bytes))
	for i, a := range e.schema.audiences {
		v, err := salt(a)
		if err != nil {
			return Entry{}, nil, fmt.Errorf("salt %s for %s: %w", e.schema.name, a, err)
		}
		if len(v) != SaltSize {
			return Entry{}, nil, fmt.Errorf("salt %s for %s: %w", e.schema.name, a, ErrSalt)
		}
		scratch = e.appendContent(appendPrefix(scratch[:0], s.Type, a, v), a)
		entry.Digests[i] = sha256.Sum256(scratch)
	}
	return entry, e.bytes, nil
}

// hour is right for what encode accepts: years 1970 to 9999.
func hour(s Statement) uint32 { return uint32(s.At.Unix() / 3600) } //nolint:gosec // at most 70 million

func appendPrefix(b []byte, t Type, a Audience, salt []byte) []byte {
	return append(append(append(b, digestLabel...), byte(t), byte(a)), salt...)
}

// Marshal gives the clear bytes of the entry, which are the leaf's data: 22 and
// then 32 for each digest.
func (e Entry) Marshal() []byte {
	b := make([]byte, 0, headerSize+hashSize*len(e.Digests))
	b = append(b, FormatVersion, byte(e.Type))
	b = binary.BigEndian.AppendUint32(b, e.Hour)
	b = append(b, e.Nonce[:]...)
	for i := range e.Digests {
		b = append(b, e.Digests[i][:]...)
	}
	return b
}

// ParseEntry is the strict inverse of Marshal: another version or length is
// ErrEntryMalformed, a type that is not listed ErrTypeUnknown.
func ParseEntry(b []byte) (Entry, error) {
	if err := checkEntry(b); err != nil {
		return Entry{}, fmt.Errorf("read entry: %w", err)
	}
	e := Entry{
		Type:    Type(b[1]),
		Hour:    binary.BigEndian.Uint32(b[2:]),
		Nonce:   [16]byte(b[6:headerSize]),
		Digests: make([][32]byte, (len(b)-headerSize)/hashSize),
	}
	for i := range e.Digests {
		e.Digests[i] = [32]byte(b[headerSize+i*hashSize:])
	}
	return e, nil
}

// checkEntry is ParseEntry without the result.
func checkEntry(b []byte) error {
	if len(b) < headerSize || b[0] != FormatVersion {
		return ErrEntryMalformed
	}
	s, ok := Type(b[1]).schema()
	if !ok {
		return ErrTypeUnknown
	}
	if len(b) != headerSize+hashSize*len(s.audiences) {
		return ErrEntryMalformed
	}
	return nil
}

// Verify says whether content really is what this entry says to a: the digest
// fits, the content is canonical and holds no member that a may not see, and
// its type and hour are the entry's. docs/entry-format.md, section 6. Errors:
// ErrAudienceUnknown, ErrSalt, ErrDigest, ErrContradiction, and those of
// ParseContent. That the entry is in the log is for a proof to say.
func (e Entry) Verify(a Audience, salt, content []byte) error {
	schema, ok := e.Type.schema()
	if !ok {
		return fmt.Errorf("verify entry: %w", ErrTypeUnknown)
	}
	i := schema.index(a)
	if i < 0 || len(e.Digests) != len(schema.audiences) {
		return fmt.Errorf("verify %s for %s: %w", e.Type, a, ErrAudienceUnknown)
	}
	if len(salt) != SaltSize {
		return fmt.Errorf("verify %s for %s: %w", e.Type, a, ErrSalt)
	}
	b := appendPrefix(make([]byte, 0, len(digestLabel)+2+SaltSize+len(content)), e.Type, a, salt)
	if sha256.Sum256(append(b, content...)) != e.Digests[i] {
		return fmt.Errorf("verify %s for %s: %w", e.Type, a, ErrDigest)
	}
	s, err := ParseContent(a, content)
	if err != nil {
		return fmt.Errorf("verify %s for %s: %w", e.Type, a, err)
	}
	if s.Type != e.Type || hour(s) != e.Hour {
		return fmt.Errorf("verify %s for %s: %w", e.Type, a, ErrContradiction)
	}
	return nil
}
