package masking

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
)

// ErrUnreadable: what was sealed does not open. The bytes, the key or whose it is
// said to be are other ones than when it was sealed.
var ErrUnreadable = errors.New("masking: sealed value is unreadable")

var errCommitment = errors.New("masking: sealed value is not the one that was committed to")

// KeySize is the size in bytes of every raw key here: AES-256 and HMAC-SHA256.
const KeySize = 32

// padding: sealed lengths tell a value's length in steps of this many bytes.
const padding = 64

// Key is a raw symmetric key that does not print.
type Key struct{ s **secret } // two pointers: fmt follows one to the bytes when it meets a verb it does not know, %t or %c

// secret is a key with what is made of it once, when it is first needed:
// setting a cipher up costs more than sealing a value with it.
type secret struct {
	raw  [KeySize]byte
	once sync.Once
	aead *subtle.AESGCM
	fail error
	busy sync.Mutex
	mac  hash.Hash // kept for the next time: setting it up hashes twice
}

// NewKey reads a key from the given randomness.
func NewKey(random io.Reader) (Key, error) {
	var k [KeySize]byte
	if _, err := io.ReadFull(random, k[:]); err != nil {
		return Key{}, fmt.Errorf("make key: %w", err)
	}
	return wrapKey(k), nil
}

// KeyOf wraps raw bytes; it fails unless there are KeySize of them.
func KeyOf(raw []byte) (Key, error) {
	if len(raw) != KeySize {
		return Key{}, errors.New("masking: a key has 32 bytes")
	}
	k := [KeySize]byte(raw)
	return wrapKey(k), nil
}

func wrapKey(raw [KeySize]byte) Key {
	p := &secret{raw: raw}
	return Key{&p}
}

// cipher fails without a key.
func (k Key) cipher() (*subtle.AESGCM, error) {
	if k.s == nil {
		return nil, ErrUnreadable
	}
	s := *k.s
	s.once.Do(func() { s.aead, s.fail = subtle.NewAESGCM(s.raw[:]) })
	return s.aead, s.fail
}

// IsZero says that there is no key; everything fails with one like that.
func (k Key) IsZero() bool     { return k.s == nil }
func (k Key) String() string   { return Hidden }
func (k Key) GoString() string { return Hidden }

// Wrap seals key under k, bound to label.
func (k Key) Wrap(key Key, label string) ([]byte, error) {
	if key.s == nil {
		return nil, ErrUnreadable
	}
	return k.Seal(key.bytes(), []byte(label))
}

// Unwrap is the inverse of Wrap.
func (k Key) Unwrap(wrapped []byte, label string) (Key, error) {
	raw, err := k.Open(wrapped, []byte(label))
	if err != nil {
		return Key{}, err
	}
	return KeyOf(raw)
}

// Seal encrypts with AES-256-GCM (RFC 5116; Tink's implementation, which draws
// the nonce itself) and binds ad.
func (k Key) Seal(plain, ad []byte) ([]byte, error) {
	a, err := k.cipher()
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return a.Encrypt(plain, ad)
}

// Open is the inverse of Seal; any change to bytes or ad fails.
func (k Key) Open(sealed, ad []byte) ([]byte, error) {
	a, err := k.cipher()
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	plain, err := a.Decrypt(sealed, ad)
	if err != nil {
		return nil, ErrUnreadable
	}
	return plain, nil
}

// MAC is HMAC-SHA256 over length-prefixed parts.
func (k Key) MAC(label string, parts ...[]byte) []byte {
	raw := k.bytes()
	s := *k.s
	var h hash.Hash
	if s.busy.TryLock() {
		defer s.busy.Unlock()
		if s.mac == nil {
			s.mac = hmac.New(sha256.New, raw)
		} else {
			s.mac.Reset()
		}
		h = s.mac
	} else { // somebody else is at it: a long-lived key
		h = hmac.New(sha256.New, raw)
	}
	m := lengthPrefixed(make([]byte, 0, 256), label)
	for _, p := range parts {
		m = lengthPrefixed(m, p)
	}
	_, _ = h.Write(m) // a hash never fails
	return h.Sum(nil)
}

// CheckMAC compares in constant time.
func (k Key) CheckMAC(mac []byte, label string, parts ...[]byte) bool {
	return k.s != nil && hmac.Equal(mac, k.MAC(label, parts...))
}

// Salt derives 128 bits that only a holder of k can know: the salt of one
// audience's digest in one ledger entry (docs/entry-format.md).
func (k Key) Salt(audience string, nonce []byte) []byte {
	return k.MAC("bauta/salt/v1", []byte(audience), nonce)[:16]
}

// bytes panics without a key: a MAC under no key would look like one.
func (k Key) bytes() []byte {
	if k.s == nil {
		panic("masking: no key")
	}
	return (*k.s).raw[:]
}

func lengthPrefixed[T string | []byte](b []byte, p T) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(p))), p...) //nolint:gosec // parts are shorter than 4 GiB
}

// Label says which value a sealed value is, so that none can be put in another's place.
type Label struct {
	Origin  string // the ledger's origin
	Owner   string // "party/ID", or "transaction/ID/USE" for a transaction's own contacts
	Field   Field
	Version int
}

func (l Label) bytes() []byte {
	b := make([]byte, 0, 16+len(l.Origin)+len(l.Owner)+len(l.Field))
	for _, s := range []string{l.Origin, l.Owner, string(l.Field)} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s))) //nolint:gosec // ids are short
		b = append(b, s...)
	}
	return binary.BigEndian.AppendUint32(b, uint32(l.Version)) //nolint:gosec // versions are small and positive
}

// Sealed is a value version at rest.
type Sealed struct {
	Value      []byte // opening and value, padded, under the owner's key
	Same       []byte // 16 bytes under the owner's key: equal for equal values of a field, so that comparing opens nothing
	Commitment []byte // 32 bytes: HMAC-SHA256(opening, label, canonical value)
}

// SealValue commits to a value and seals it. random gives the 32 bytes of the
// opening, which tie the commitment to the value.
func SealValue(k Key, l Label, v Value, random io.Reader) (Sealed, error) {
	opening, err := NewKey(random)
	if err != nil {
		return Sealed{}, err
	}
	canonical := v.Canonical()
	s := Sealed{Commitment: commit(opening, l, canonical), Same: Same(k, l.Field, v)}
	s.Value, err = k.Seal(pad(append(opening.bytes(), canonical...)), append([]byte("value"), l.bytes()...))
	return s, err
}

// Same is a tag that equal values of one owner's field share.
func Same(k Key, f Field, v Value) []byte {
	return k.MAC("bauta/same/v1", []byte(f), v.Canonical())[:16]
}

// OpenValue opens a sealed value and checks it against its commitment; opening
// is what proves to somebody else that the commitment was to this value.
func OpenValue(k Key, l Label, s Sealed) (v Value, opening Key, err error) {
	padded, err := k.Open(s.Value, append([]byte("value"), l.bytes()...))
	if err != nil {
		return Value{}, Key{}, err
	}
	plain, err := unpad(padded)
	if err != nil || len(plain) < KeySize {
		return Value{}, Key{}, ErrUnreadable
	}
	if opening, err = KeyOf(plain[:KeySize]); err != nil {
		return Value{}, Key{}, err
	}
	if !hmac.Equal(s.Commitment, commit(opening, l, plain[KeySize:])) {
		return Value{}, Key{}, errCommitment
	}
	v, err = ParseCanonical(l.Field, plain[KeySize:])
	return v, opening, err
}

// SealMasks seals the masks of the values that are current, as lines of field
// and mask.
func SealMasks(k Key, l Label, masks map[Field]string) ([]byte, error) {
	var plain []byte
	for _, f := range slices.Sorted(maps.Keys(masks)) {
		if strings.ContainsAny(string(f)+masks[f], "\t\n") {
			return nil, ErrUnreadable
		}
		plain = append(append(append(append(plain, f...), '\t'), masks[f]...), '\n')
	}
	return k.Seal(pad(plain), append([]byte("masks"), l.bytes()...))
}

// OpenMasks is the inverse of SealMasks; it never touches a value.
func OpenMasks(k Key, l Label, sealed []byte) (map[Field]string, error) {
	padded, err := k.Open(sealed, append([]byte("masks"), l.bytes()...))
	if err != nil {
		return nil, err
	}
	plain, err := unpad(padded)
	if err != nil {
		return nil, err
	}
	masks := make(map[Field]string, 8)
	for line := range strings.Lines(string(plain)) {
		f, mask, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok {
			return nil, ErrUnreadable
		}
		masks[Field(f)] = mask
	}
	return masks, nil
}

func commit(opening Key, l Label, canonical []byte) []byte {
	return opening.MAC("bauta/commitment/v1", l.bytes(), canonical)
}

// pad appends the length's complement to the next step: 4 bytes of length, the
// data, zeros.
func pad(p []byte) []byte {
	n := (4 + len(p) + padding - 1) / padding * padding
	b := make([]byte, 4, n)
	binary.BigEndian.PutUint32(b, uint32(len(p))) //nolint:gosec // values are bounded by the door
	return append(b, p...)[:n]
}

func unpad(b []byte) ([]byte, error) {
	if len(b) < 4 {
		return nil, ErrUnreadable
	}
	n := binary.BigEndian.Uint32(b)
	if int64(n) > int64(len(b)-4) {
		return nil, ErrUnreadable
	}
	return b[4 : 4+n], nil
}
