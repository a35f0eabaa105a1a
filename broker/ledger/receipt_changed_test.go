package ledger

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"filippo.io/mldsa"
)

// secondLine is the line that a cosigner puts under a checkpoint, but always the
// same: what is signed, and that nothing random is in it, is of C2SP
// tlog-cosignature and FIPS 204.
func secondLine(tb testing.TB, signed []byte) string {
	tb.Helper()
	c, err := OpenCheckpoint(exampleVerifier(tb), signed)
	if err != nil {
		tb.Fatal(err)
	}
	key, err := mldsa.NewPrivateKey(mldsa.MLDSA44(), bytes.Repeat([]byte{8}, 32))
	if err != nil {
		tb.Fatal(err)
	}
	at := binary.BigEndian.AppendUint64(nil, uint64(signedAt.Unix()))
	name := append([]byte{byte(len(c.Origin))}, c.Origin...)
	message := slices.Concat([]byte("subtree/v1\n\x00"), name, at, name, make([]byte, 8), binary.BigEndian.AppendUint64(nil, uint64(c.Size)), c.Root[:])
	sig, err := key.SignDeterministic(message, &mldsa.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return "— " + c.Origin + " " + encoded64(slices.Concat(hashBytes(exampleCosigner(tb).signer.KeyHash()), at, sig))
}

// realReceipt is the example's as a broker gives it: under both signatures of the log.
func realReceipt(tb testing.TB) (Receipt, *memoryLog) {
	tb.Helper()
	r, l := exampleReceipt(tb)
	p := &r.Items[0].Proof
	p.Checkpoint = Gather(p.Checkpoint, secondLine(tb, p.Checkpoint), nil)
	return r, l
}

func bothKeys(tb testing.TB) Trust {
	tb.Helper()
	trust, err := TrustKeys(exampleSigner(tb).Verifier(), exampleCosigner(tb).Verifier())
	if err != nil {
		tb.Fatal(err)
	}
	return trust
}

// TestEveryByteOfAReceipt: no byte of the file can change, and nothing be cut off,
// without its sum finding it.
func TestEveryByteOfAReceipt(t *testing.T) {
	t.Parallel()
	r, _ := realReceipt(t)
	file, trust := r.Marshal(), bothKeys(t)
	for i := range file {
		for bit := range 8 {
			changed := bytes.Clone(file)
			changed[i] ^= 1 << bit
			if _, err := Verify(changed, trust); !errors.Is(err, ErrReceiptSum) && !errors.Is(err, ErrReceipt) {
				t.Errorf("byte %d bit %d: %v", i, bit, err)
			}
		}
		if _, err := Verify(file[:i], trust); !errors.Is(err, ErrReceiptSum) && !errors.Is(err, ErrReceipt) {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
}

// TestEveryByteWithANewSum: whoever changes a byte and makes the sum anew is found
// by what is under the sum, if all keys are given that signed. Only which key a
// line of signature says it is by, where another line is enough, is under nothing:
// docs/receipt-format.md, section 6.
func TestEveryByteWithANewSum(t *testing.T) {
	t.Parallel()
	r, _ := realReceipt(t)
	file, trust, unseen := r.Marshal(), bothKeys(t), 0
	if p, err := Verify(file, trust); err != nil || len(p.Entries[0].Opened) != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	for i := range len(file) - sumSize {
		changed := bytes.Clone(file[:len(file)-sumSize])
		changed[i] ^= 1 << (i % 8)
		changed = appendSum(changed)
		if _, err := Verify(changed, trust); err == nil && hidden(t, file, changed) {
			unseen++
		} else if !named(err) {
			t.Errorf("byte %d bit %d: %v", i, i%8, err)
		}
	}
	if unseen == 0 {
		t.Error("every byte is under something, and the document says otherwise")
	}
}

// hidden says whether two receipts differ in nothing but the names or key hashes of
// their lines of signature. It reads them by itself.
func hidden(tb testing.TB, x, y []byte) bool {
	tb.Helper()
	without := func(file []byte) string {
		before, rest, _ := strings.Cut(string(file[:len(file)-sumSize]), "\nproof ")
		encoded, after, _ := strings.Cut(rest, "\n")
		proof, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			tb.Fatal(err)
		}
		body, lines, _ := strings.Cut(string(proof), "\n\n— ")
		for line := range strings.SplitSeq(lines, "\n") {
			_, signature, _ := strings.Cut(strings.TrimPrefix(line, "— "), " ")
			raw, err := base64.StdEncoding.DecodeString(signature)
			if err != nil {
				tb.Fatal(err)
			}
			body += fmt.Sprintf("\n%x", raw[min(4, len(raw)):])
		}
		return before + "\n" + body + "\n" + after
	}
	return without(x) == without(y)
}

// TestSumMadeAnew changes the lines of signature of a receipt whose sum is then
// made anew. That a line may come by itself, of a key that was not given, is how
// signed notes are meant: it proves nothing, and whoever gives the key is told.
func TestSumMadeAnew(t *testing.T) {
	t.Parallel()
	ed, err := TrustKeys(exampleSigner(t).Verifier())
	if err != nil {
		t.Fatal(err)
	}
	both := bothKeys(t)
	flipped := func(line string) string {
		name, encoded, _ := strings.Cut(strings.TrimPrefix(line, "— "), " ")
		raw, _ := base64.StdEncoding.DecodeString(encoded)
		raw[len(raw)-1] ^= 1
		return "— " + name + " " + encoded64(raw)
	}
	stranger := "— witness.example AAAAAAAA"
	for name, x := range map[string]struct {
		change   func(first, second string) []string
		ed, both error
	}{
		"as it was":                      {func(f, s string) []string { return []string{f, s} }, nil, nil},
		"the first line twice":           {func(f, s string) []string { return []string{f, f, s} }, ErrSignatureLines, ErrSignatureLines},
		"the second line twice":          {func(f, s string) []string { return []string{f, s, s} }, ErrSignatureLines, ErrSignatureLines},
		"the two in each other's place":  {func(f, s string) []string { return []string{s, f} }, ErrSignatureLines, ErrSignatureLines},
		"another by the first key":       {func(f, s string) []string { return []string{f, flipped(f), s} }, ErrSignatureLines, ErrSignatureLines},
		"another by the second key":      {func(f, s string) []string { return []string{f, flipped(s), s} }, ErrSignatureLines, ErrSignatureLines},
		"a stranger's before":            {func(f, s string) []string { return []string{stranger, f, s} }, ErrSignatureLines, ErrSignatureLines},
		"a stranger's twice":             {func(f, s string) []string { return []string{f, s, stranger, stranger} }, ErrSignatureLines, ErrSignatureLines},
		"the first line changed":         {func(f, s string) []string { return []string{flipped(f), s} }, ErrUntrusted, ErrSignature},
		"the second line changed":        {func(f, s string) []string { return []string{f, flipped(s)} }, nil, ErrSignature},
		"a stranger's, in its own place": {func(f, s string) []string { return []string{f, s, stranger} }, nil, nil},
		"the second line left out":       {func(f, _ string) []string { return []string{f} }, nil, nil},
		"the first line left out":        {func(_, s string) []string { return []string{s} }, ErrUntrusted, nil},
		"no line":                        {func(_, _ string) []string { return nil }, ErrCheckpoint, ErrCheckpoint},
		"not base64's one form":          {func(f, s string) []string { return []string{f, s, "— witness.example AAAAAAB="} }, ErrCheckpoint, ErrCheckpoint},
	} {
		r, _ := realReceipt(t)
		p := &r.Items[0].Proof
		text, lines, _ := strings.Cut(string(p.Checkpoint), "\n\n")
		first, second, _ := strings.Cut(strings.TrimSuffix(lines, "\n"), "\n")
		p.Checkpoint = []byte(text + "\n\n")
		for _, line := range x.change(first, second) {
			p.Checkpoint = append(p.Checkpoint, line+"\n"...)
		}
		for trust, want := range map[*Trust]error{&ed: x.ed, &both: x.both} {
			if _, err := Verify(r.Marshal(), *trust); !errors.Is(err, want) {
				t.Errorf("%s, by %d keys: %v, want %v", name, len(trust.logs), err, want)
			}
		}
	}
}

// openingOf opens a field of one entry of sharedReceipt.
func openingOf(entry int, field string) Opening {
	o := exampleOpening()
	o.Field, o.Key = field, bytes.Repeat([]byte{byte(0xd0 + 2*entry + len(field)%2)}, 32)
	o.Value = fmt.Appendf(nil, "%s of %d", field, entry)
	return o
}

// sharedReceipt has two entries with two openings each; all four keys and values differ.
func sharedReceipt(tb testing.TB) Receipt {
	tb.Helper()
	l, r := newLog(tb, 5), Receipt{}
	var statements []Statement
	for entry := range 2 {
		s := exampleStatement()
		for i := range s.Members {
			if s.Members[i].Name == "fields" {
				var list []Object
				for _, field := range []string{"name", "phone"} {
					o := openingOf(entry, field)
					list = append(list, Object{
						{"field", field},
						{"outcome", "granted"},
						{"version", o.Version},
						{"commitment", encoded64(o.commit(exampleOwner))},
					})
				}
				s.Members[i].Value = list
			}
		}
		e, err := s.Entry(exampleNonce(), exampleSalt(exampleNonce()))
		if err != nil {
			tb.Fatal(err)
		}
		l.add(tb, e.Marshal())
		statements = append(statements, s)
	}
	for entry, s := range statements {
		it := l.item(tb, s, int64(5+entry), Parties, Requester)
		it.Openings = []Opening{openingOf(entry, "name"), openingOf(entry, "phone")}
		r.Items = append(r.Items, it)
	}
	return r
}

// An opening fits its own commitment and no other: not that of another field, not
// the same field's of another entry, and not in another's place.
func TestOpeningsExchanged(t *testing.T) {
	t.Parallel()
	if p, err := Verify(sharedReceipt(t).Marshal(), exampleTrust(t)); err != nil || len(p.Entries) != 2 || len(p.Entries[1].Opened) != 2 {
		t.Fatalf("as it was: %+v, %v", p, err)
	}
	for name, change := range map[string]func(a, b []Opening){
		"lines of one entry":  func(a, _ []Opening) { a[0], a[1] = a[1], a[0] },
		"fields of one entry": func(a, _ []Opening) { a[0].Field, a[1].Field = a[1].Field, a[0].Field },
		"values of one entry": func(a, _ []Opening) { a[0].Value, a[1].Value = a[1].Value, a[0].Value },
		"keys of one entry":   func(a, _ []Opening) { a[0].Key, a[1].Key = a[1].Key, a[0].Key },
		"what two fields are": func(a, _ []Opening) {
			a[0].Key, a[0].Value, a[1].Key, a[1].Value = a[1].Key, a[1].Value, a[0].Key, a[0].Value
		},
		"one field of two entries":  func(a, b []Opening) { a[0], b[0] = b[0], a[0] },
		"its values":                func(a, b []Opening) { a[0].Value, b[0].Value = b[0].Value, a[0].Value },
		"two fields of two entries": func(a, b []Opening) { a[0], b[1] = b[1], a[0] },
		"all of two entries": func(a, b []Opening) {
			for i := range a {
				a[i], b[i] = b[i], a[i]
			}
		},
		"one entry's in both": func(a, b []Opening) { copy(a, b) },
	} {
		r := sharedReceipt(t)
		change(r.Items[0].Openings, r.Items[1].Openings)
		for _, trust := range []Trust{{}, exampleTrust(t)} {
			if _, err := Verify(r.Marshal(), trust); !errors.Is(err, ErrOpening) {
				t.Errorf("%s exchanged: %v, want %v", name, err, ErrOpening)
			}
		}
	}
}
