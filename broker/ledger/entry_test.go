package ledger

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestEntryRoundTripAndVerify(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := anyStatement().Draw(t, "statement")
		nonce := [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "nonce"))
		salt := exampleSalt(nonce)
		e, err := s.Entry(nonce, salt)
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseEntry(e.Marshal())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, back); diff != "" {
			t.Fatal(diff)
		}
		for _, a := range s.Type.Audiences() {
			v, _ := salt(a)
			content, err := s.Content(a)
			if err != nil {
				t.Fatal(err)
			}
			if err := back.Verify(a, v, content); err != nil {
				t.Fatal(err)
			}
			i := rapid.IntRange(0, len(content)-1).Draw(t, "byte")
			content[i] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
			if err := back.Verify(a, v, content); !errors.Is(err, ErrDigest) {
				t.Fatalf("content changed at %d: %v", i, err)
			}
		}
	})
}

// TestEntryFlips: whatever byte of an entry changes, no part of it verifies as
// before, or the leaf is another one; the nonce is bound by the leaf alone.
func TestEntryFlips(t *testing.T) {
	t.Parallel()
	s, nonce := exampleStatement(), exampleNonce()
	e, err := s.Entry(nonce, exampleSalt(nonce))
	if err != nil {
		t.Fatal(err)
	}
	raw := e.Marshal()
	leaf, _ := NewEdge().Append(raw)
	for i := range raw {
		for bit := range 8 {
			changed := bytes.Clone(raw)
			changed[i] ^= 1 << bit
			if h, _ := NewEdge().Append(changed); h == leaf {
				t.Fatalf("byte %d: the same leaf", i)
			}
			inNonce := i >= 6 && i < headerSize
			if partsHold(t, s, nonce, changed) != inNonce {
				t.Errorf("byte %d bit %d: the parts hold: %v", i, bit, !inNonce)
			}
		}
	}
}

func partsHold(t *testing.T, s Statement, nonce [16]byte, raw []byte) bool {
	t.Helper()
	e, err := ParseEntry(raw)
	if err != nil {
		return false
	}
	for _, a := range s.Type.Audiences() {
		salt, _ := exampleSalt(nonce)(a)
		content, err := s.Content(a)
		if err != nil {
			t.Fatal(err)
		}
		if e.Verify(a, salt, content) != nil {
			return false
		}
	}
	return true
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	s, nonce := exampleStatement(), exampleNonce()
	e, err := s.Entry(nonce, exampleSalt(nonce))
	if err != nil {
		t.Fatal(err)
	}
	content, err := s.Content(Parties)
	if err != nil {
		t.Fatal(err)
	}
	salt, _ := exampleSalt(nonce)(Parties)
	later := e
	later.Hour++
	check := func(name string, e Entry, a Audience, salt, content []byte, want error) {
		t.Helper()
		if err := e.Verify(a, salt, content); !errors.Is(err, want) {
			t.Errorf("%s: %v; want %v", name, err, want)
		}
	}
	check("right", e, Parties, salt, content, nil)
	check("other audience", e, Auditor, salt, content, ErrDigest)
	check("no such audience", e, Subject, salt, content, ErrAudienceUnknown)
	check("nobody", e, 0, salt, content, ErrAudienceUnknown)
	check("beyond", e, 200, salt, content, ErrAudienceUnknown)
	check("short salt", e, Parties, salt[:15], content, ErrSalt)
	check("other hour", later, Parties, salt, content, ErrContradiction)
	check("no entry", Entry{}, Parties, salt, content, ErrTypeUnknown)
	check("no digests", Entry{Type: DisclosureDecided}, Parties, salt, content, ErrAudienceUnknown)

	// A broker that digests more than an audience may see has broken the format.
	whole, err := s.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	leaky := digested(e, Parties, salt, whole)
	check("too much", leaky, Parties, salt, whole, ErrMemberUnknown)
	loose := append([]byte(" "), content...)
	check("not canonical", digested(e, Parties, salt, loose), Parties, salt, loose, ErrNotCanonical)
	other, err := Statement{TransactionWritten, s.At, nil}.Content(Parties)
	if err != nil {
		t.Fatal(err)
	}
	check("other type", digested(e, Parties, salt, other), Parties, salt, other, ErrContradiction)
}

// digested gives e with the digest of a made over any content.
func digested(e Entry, a Audience, salt, content []byte) Entry {
	h := appendPrefix(nil, e.Type, a, salt)
	s, _ := e.Type.schema()
	e.Digests = append([][32]byte(nil), e.Digests...)
	e.Digests[s.index(a)] = [32]byte(sha(append(h, content...)))
	return e
}

func TestSaltErrorsStopTheEntry(t *testing.T) {
	t.Parallel()
	s := exampleStatement()
	lost := errors.New("the key is gone")
	if _, err := s.Entry(exampleNonce(), func(Audience) ([]byte, error) { return nil, lost }); !errors.Is(err, lost) {
		t.Errorf("%v", err)
	}
	if _, err := s.Entry(exampleNonce(), func(Audience) ([]byte, error) { return make([]byte, 15), nil }); !errors.Is(err, ErrSalt) {
		t.Errorf("%v", err)
	}
}

// TestEntryTellsNothing: two statements of one type and hour give entries that
// differ in digests alone, whatever is said and however much.
func TestEntryTellsNothing(t *testing.T) {
	t.Parallel()
	full, err := exampleStatement().Entry(exampleNonce(), exampleSalt(exampleNonce()))
	if err != nil {
		t.Fatal(err)
	}
	bare, err := Statement{DisclosureDecided, exampleStatement().At.Add(50 * time.Minute), nil}.Entry(exampleNonce(), exampleSalt(exampleNonce()))
	if err != nil {
		t.Fatal(err)
	}
	x, y := full.Marshal(), bare.Marshal()
	if len(x) != len(y) || !bytes.Equal(x[:headerSize], y[:headerSize]) {
		t.Errorf("%x\n%x", x, y)
	}
}

func TestTypeNames(t *testing.T) {
	t.Parallel()
	for _, typ := range Types() {
		if got, err := ParseType(typ.String()); err != nil || got != typ {
			t.Errorf("%s is read as %s, %v", typ, got, err)
		}
	}
	for _, name := range []string{"", "type(16)", "log_Started"} {
		if got, err := ParseType(name); !errors.Is(err, ErrTypeUnknown) {
			t.Errorf("%q is read as %s, %v", name, got, err)
		}
	}
	if got := Type(99).String(); got != "type(99)" || Type(99).Audiences() != nil || Type(0).Audiences() != nil {
		t.Errorf("an unlisted type is %q", got)
	}
	for a := Parties; a <= Auditor; a++ {
		if got, err := ParseAudience(a.String()); err != nil || got != a {
			t.Errorf("%s is read as %s, %v", a, got, err)
		}
	}
	if _, err := ParseAudience("audience(0)"); !errors.Is(err, ErrAudienceUnknown) {
		t.Errorf("%v", err)
	}
}
