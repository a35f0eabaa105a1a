package masking

import (
	"bytes"
	"errors"
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func testKey(tb testing.TB, n int) Key {
	tb.Helper()
	k, err := NewKey(seeded(n))
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func testLabel() Label {
	return Label{Origin: "bauta.dev/log/1", Owner: "party/b-1", Field: Email, Version: 3}
}

func seal(tb testing.TB, k Key, l Label, v Value) Sealed {
	tb.Helper()
	s, err := SealValue(k, l, v, seeded(9))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func testMasks() map[Field]string {
	return map[Field]string{Name: "G•••", Email: "g•••@•••.com", Phone: "+55 •••• •••95"}
}

func sealMasks(tb testing.TB, k Key, l Label) []byte {
	tb.Helper()
	sealed, err := SealMasks(k, l, testMasks())
	if err != nil {
		tb.Fatal(err)
	}
	return sealed
}

func TestMasksRoundTrip(t *testing.T) {
	t.Parallel()
	k, l := testKey(t, 1), testLabel()
	for _, masks := range []map[Field]string{testMasks(), {}, nil} {
		sealed, err := SealMasks(k, l, masks)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := OpenMasks(k, l, sealed); err != nil || !maps.Equal(got, masks) {
			t.Errorf("%v, %v, want %v", got, err, masks)
		}
	}
}

// Same compares versions of one field of one owner, and nothing wider: two
// parties may share a value, and nobody may see that they do.
func TestSame(t *testing.T) {
	t.Parallel()
	k, v := testKey(t, 1), text("john.smith@gmail.com")
	tag := Same(k, Email, v)
	if !bytes.Equal(tag, Same(k, Email, text("john.smith@gmail.com"))) {
		t.Error("equal values have two tags")
	}
	for name, other := range map[string][]byte{
		"value": Same(k, Email, text("jane@gmail.com")), "field": Same(k, Name, v), "owner": Same(testKey(t, 2), Email, v),
	} {
		if bytes.Equal(tag, other) {
			t.Errorf("another %s has the same tag", name)
		}
	}
}

func TestSealRoundTrip(t *testing.T) {
	t.Parallel()
	k := testKey(t, 1)
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.StringN(1, 300, -1).Draw(rt, "value")
		for _, v := range []Value{text(s), place(s, s, "", s, "BR")} {
			l := testLabel()
			if !v.Address.IsZero() {
				l.Field = FullAddress
			}
			sealed := seal(t, k, l, v)
			got, opening, err := OpenValue(k, l, sealed)
			if err != nil || !bytes.Equal(got.Canonical(), v.Canonical()) || opening.IsZero() {
				rt.Fatalf("value: %v", err)
			}
			if !bytes.Equal(sealed.Same, Same(k, l.Field, v)) || len(sealed.Same) != 16 {
				rt.Fatal("it is not the same as itself")
			}
			if bytes.Contains(sealed.Value, []byte(s)) && len(s) > 4 || len(sealed.Commitment) != 32 {
				rt.Fatal("the value is in the sealed bytes")
			}
		}
	})
}

// labels that differ from testLabel in one component each, or move the border
// between two.
func otherLabels() map[string]Label {
	other := func(change func(*Label)) Label { l := testLabel(); change(&l); return l }
	return map[string]Label{
		"origin":  other(func(l *Label) { l.Origin = "bauta.dev/log/2" }),
		"owner":   other(func(l *Label) { l.Owner = "party/b-2" }),
		"field":   other(func(l *Label) { l.Field = Phone }),
		"version": other(func(l *Label) { l.Version = 4 }),
		"border":  other(func(l *Label) { l.Origin, l.Owner = "bauta.dev/log/1p", "arty/b-1" }),
	}
}

func TestSealIsBoundToKeyAndLabel(t *testing.T) {
	t.Parallel()
	k, l := testKey(t, 1), testLabel()
	s := seal(t, k, l, text("john.smith@gmail.com"))
	masks := sealMasks(t, k, l)
	for name, other := range otherLabels() {
		if v, _, err := OpenValue(k, other, s); !errors.Is(err, ErrUnreadable) || !v.IsZero() {
			t.Errorf("value under another %s: %v", name, err)
		}
		if m, err := OpenMasks(k, other, masks); !errors.Is(err, ErrUnreadable) || m != nil {
			t.Errorf("masks under another %s: %v", name, err)
		}
	}
	for name, other := range map[string]Key{"another": testKey(t, 2), "no": {}} {
		if _, _, err := OpenValue(other, l, s); !errors.Is(err, ErrUnreadable) {
			t.Errorf("value under %s key: %v", name, err)
		}
		if m, err := OpenMasks(other, l, masks); !errors.Is(err, ErrUnreadable) || m != nil {
			t.Errorf("masks under %s key: %v", name, err)
		}
	}
	if _, err := OpenMasks(k, l, s.Value); !errors.Is(err, ErrUnreadable) {
		t.Errorf("a value opens as masks: %v", err)
	}
	if _, _, err := OpenValue(k, l, Sealed{Value: masks, Commitment: s.Commitment}); !errors.Is(err, ErrUnreadable) {
		t.Errorf("masks open as a value: %v", err)
	}
}

func TestSealIsCommittedTo(t *testing.T) {
	t.Parallel()
	k, l := testKey(t, 1), testLabel()
	s := seal(t, k, l, text("john.smith@gmail.com"))
	second, err := SealValue(k, l, text("john.smith@gmail.com"), seeded(8))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(second.Commitment, s.Commitment) {
		t.Error("another opening gives the same commitment")
	}
	second.Commitment = s.Commitment
	if v, _, err := OpenValue(k, l, second); !errors.Is(err, errCommitment) || !v.IsZero() {
		t.Errorf("another commitment: %v", err)
	}
}

func TestSealFlippedByte(t *testing.T) {
	t.Parallel()
	k, l := testKey(t, 1), testLabel()
	s := seal(t, k, l, text("john.smith@gmail.com"))
	for i := range s.Value {
		flipped := s
		flipped.Value = bytes.Clone(s.Value)
		flipped.Value[i] ^= 1
		if _, _, err := OpenValue(k, l, flipped); !errors.Is(err, ErrUnreadable) {
			t.Errorf("byte %d of the value: %v", i, err)
		}
	}
	for i := range s.Commitment {
		flipped := s
		flipped.Commitment = bytes.Clone(s.Commitment)
		flipped.Commitment[i] ^= 1
		if _, _, err := OpenValue(k, l, flipped); !errors.Is(err, errCommitment) {
			t.Errorf("byte %d of the commitment: %v", i, err)
		}
	}
	masks := sealMasks(t, k, l)
	for n := range masks {
		if m, err := OpenMasks(k, l, masks[:n]); !errors.Is(err, ErrUnreadable) || m != nil {
			t.Errorf("masks cut to %d bytes: %v", n, err)
		}
	}
}

// Sealed lengths have steps: values of 0 to 28 bytes are alike, of 29 to 92,
// and so on; what is not padding is nonce and tag.
func TestSealedLengthsAreSteps(t *testing.T) {
	t.Parallel()
	k, l := testKey(t, 1), testLabel()
	const overhead = 12 + 16
	for n := range 201 {
		s := seal(t, k, l, text(strings.Repeat("x", n)))
		want := (4+KeySize+n+padding-1)/padding*padding + overhead
		if len(s.Value) != want {
			t.Errorf("%d bytes: %d, want %d", n, len(s.Value), want)
		}
		if v, _, err := OpenValue(k, l, s); err != nil || len(v.Text.Reveal()) != n {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestUnpadRefuses(t *testing.T) {
	t.Parallel()
	for _, b := range [][]byte{nil, {0, 0, 0}, {0, 0, 0, 1}, {255, 255, 255, 255, 1}} {
		if _, err := unpad(b); !errors.Is(err, ErrUnreadable) {
			t.Errorf("%v: %v", b, err)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	kek, key := testKey(t, 1), testKey(t, 2)
	wrapped, err := kek.Wrap(key, "party/b-1")
	if err != nil {
		t.Fatal(err)
	}
	got, err := kek.Unwrap(wrapped, "party/b-1")
	if err != nil || !bytes.Equal(got.bytes(), key.bytes()) {
		t.Errorf("round trip: %v", err)
	}
	for name, open := range map[string]func() (Key, error){
		"label":   func() (Key, error) { return kek.Unwrap(wrapped, "party/b-2") },
		"key":     func() (Key, error) { return key.Unwrap(wrapped, "party/b-1") },
		"no key":  func() (Key, error) { return Key{}.Unwrap(wrapped, "party/b-1") },
		"nothing": func() (Key, error) { return kek.Unwrap(nil, "party/b-1") },
	} {
		if k, err := open(); !errors.Is(err, ErrUnreadable) || !k.IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := kek.Wrap(Key{}, "x"); !errors.Is(err, ErrUnreadable) {
		t.Errorf("no key is wrapped: %v", err)
	}
	if _, err := (Key{}).Wrap(key, "x"); !errors.Is(err, ErrUnreadable) {
		t.Errorf("wrapped under no key: %v", err)
	}
	if _, err := KeyOf(make([]byte, 31)); err == nil {
		t.Error("a key of 31 bytes")
	}
	if _, err := NewKey(strings.NewReader("short")); err == nil {
		t.Error("a key of too little randomness")
	}
}

func TestMACSeparatesParts(t *testing.T) {
	t.Parallel()
	k := testKey(t, 1)
	mac := k.MAC("l", []byte("ab"), []byte("c"))
	if !k.CheckMAC(mac, "l", []byte("ab"), []byte("c")) {
		t.Error("its own MAC fails")
	}
	if k.CheckMAC(mac, "l", []byte("a"), []byte("bc")) || k.CheckMAC(mac, "l", []byte("abc")) ||
		k.CheckMAC(mac, "m", []byte("ab"), []byte("c")) || testKey(t, 2).CheckMAC(mac, "l", []byte("ab"), []byte("c")) || (Key{}).CheckMAC(mac, "l") {
		t.Error("another MAC passes")
	}
	if a, b := k.Salt("buyer", []byte("n")), k.Salt("seller", []byte("n")); len(a) != 16 || bytes.Equal(a, b) {
		t.Error("audiences share a salt")
	}
}

func BenchmarkSeal(b *testing.B) {
	k, l, v := testKey(b, 1), testLabel(), text("giovana_teixeira790@example.com")
	random, s, masks := seeded(1), seal(b, k, l, v), sealMasks(b, k, l)
	b.Run("SealValue", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := SealValue(k, l, v, random); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("OpenValue", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := OpenValue(k, l, s); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("OpenMasks", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := OpenMasks(k, l, masks); err != nil {
				b.Fatal(err)
			}
		}
	})
}
