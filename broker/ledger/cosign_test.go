package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// exampleCosigner is the second key of the example's log.
func exampleCosigner(tb testing.TB) *Cosigner {
	tb.Helper()
	return newCosigner(tb, 8, "bauta.example/log")
}

func newCosigner(tb testing.TB, n byte, origin string) *Cosigner {
	tb.Helper()
	skey, vkey, err := GenerateCosigningKey(bytes.NewReader(bytes.Repeat([]byte{n}, 32)), origin)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := NewCosigner(skey)
	if err != nil {
		tb.Fatal(err)
	}
	if s.Verifier() != vkey || s.Origin() != origin {
		tb.Fatalf("made for %s, and signs for %s", vkey, s.Verifier())
	}
	return s
}

var signedAt = time.Date(2026, 3, 4, 5, 6, 7, 89, time.UTC)

// handedOut is a checkpoint of the example's log with both of its signatures.
func handedOut(tb testing.TB, signed []byte) []byte {
	tb.Helper()
	line, err := exampleCosigner(tb).Cosign(exampleVerifier(tb), signed, signedAt)
	if err != nil {
		tb.Fatal(err)
	}
	return Gather(signed, line, nil)
}

func exampleVerifier(tb testing.TB) note.Verifier {
	tb.Helper()
	v, err := note.NewVerifier(exampleSigner(tb).Verifier())
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func TestCosigningKey(t *testing.T) {
	t.Parallel()
	a, b := exampleCosigner(t), newCosigner(t, 9, "bauta.example/log")
	if a.Verifier() != exampleCosigner(t).Verifier() || a.Verifier() == b.Verifier() {
		t.Error("the key is not that of its randomness")
	}
	if v, err := cosignature.NewMLDSAVerifier(a.Verifier()); err != nil || v.Name() != a.Origin() || v.KeyHash() != a.signer.KeyHash() {
		t.Errorf("the library reads it as another key: %v", err)
	}
	skey, vkey, err := cosignature.GenerateMLDSAKey("bauta.example/log")
	if err != nil {
		t.Fatal(err)
	}
	if s, err := NewCosigner(skey); err != nil || s.Verifier() != vkey {
		t.Errorf("a key that the library made: %v", err)
	}
	for _, printed := range []string{fmt.Sprint(a), fmt.Sprintf("%#v %+v", a, a)} {
		if !strings.HasPrefix(printed, "cosigner of bauta.example/log") || strings.Contains(printed, "CAgI") {
			t.Errorf("prints %s", printed)
		}
	}
	ed, _, err := GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, 32)), "bauta.example/log")
	if err != nil {
		t.Fatal(err)
	}
	hash := strings.Split(skey, "+")[3]
	for _, bad := range []string{"", ed, skey[1:], skey + "A", strings.Replace(skey, hash, "00000000", 1), strings.Replace(skey, "bauta", "other", 1)} {
		if _, err := NewCosigner(bad); !errors.Is(err, ErrKey) || bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("a key that is none: %v", err)
		}
	}
	for _, origin := range []string{"", "a b", "a+b", strings.Repeat("a", 256)} {
		if _, _, err := GenerateCosigningKey(bytes.NewReader(make([]byte, 32)), origin); !errors.Is(err, ErrKey) {
			t.Errorf("origin %q: %v", origin, err)
		}
	}
	newCosigner(t, 1, strings.Repeat("a", 255))
	if _, _, err := GenerateCosigningKey(bytes.NewReader(make([]byte, 31)), "a"); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("too little randomness: %v", err)
	}
	if _, _, err := GenerateCosigningKey(nil, "a"); !errors.Is(err, ErrKey) {
		t.Errorf("no randomness: %v", err)
	}
}

// A head that the log has signed is signed again, at the time that was given, and
// nothing else is.
func TestCosign(t *testing.T) {
	t.Parallel()
	signed := newLog(t, 5).rows[0].Note
	s := exampleCosigner(t)
	whole := handedOut(t, signed)
	if !WellFormed(whole) || !bytes.HasPrefix(whole, signed) || bytes.Count(whole, []byte("\n— bauta.example/log ")) != 2 {
		t.Errorf("%s", whole)
	}
	v, err := LogVerifier(s.Verifier())
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(whole, note.VerifierList(v, exampleVerifier(t)))
	if err != nil || len(n.Sigs) != 2 || n.Sigs[1].Hash != v.KeyHash() {
		t.Fatalf("%+v, %v", n, err)
	}
	if at, err := cosignature.CoSigV1Timestamp(n.Sigs[1]); err != nil || !at.Equal(signedAt.Truncate(time.Second)) {
		t.Errorf("signed at %s, %v", at, err)
	}
	stranger := newCosigner(t, 8, "bauta.example/other")
	if _, err := stranger.Cosign(exampleVerifier(t), signed, signedAt); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("the head of a log of another name: %v", err)
	}
	for name, bad := range map[string][]byte{
		"another size":       bytes.Replace(signed, []byte("\n5\n"), []byte("\n6\n"), 1),
		"a line more":        bytes.Replace(signed, []byte("\n\n"), []byte("\nmore\n\n"), 1),
		"only cosigned":      bytes.Replace(whole, signed[bytes.Index(signed, []byte("— ")):], nil, 1),
		"nobody's signature": signed[:bytes.Index(signed, []byte("— "))],
		"nothing":            nil,
	} {
		if line, err := s.Cosign(exampleVerifier(t), bad, signedAt); !errors.Is(err, ErrCheckpoint) || line != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Either key of a log is enough to believe its checkpoint.
func TestTrustOfEitherKey(t *testing.T) {
	t.Parallel()
	signed := newLog(t, 5).rows[0].Note
	whole := handedOut(t, signed)
	ed, pq := exampleSigner(t).Verifier(), exampleCosigner(t).Verifier()
	alone := bytes.Replace(whole, signed[bytes.Index(signed, []byte("— ")):], nil, 1) // as if Ed25519 were no more
	open := func(note []byte, want error, vkeys ...string) error {
		trust, err := TrustKeys(vkeys...)
		if err != nil {
			t.Fatal(err)
		}
		policy := "quorum none\n"
		for _, k := range vkeys {
			policy = "log " + k + " https://log.example/\n" + policy
		}
		same, err := ParsePolicy([]byte(policy))
		if err != nil {
			t.Fatal(err)
		}
		c, err := trust.Open(note)
		if c2, err2 := same.Open(note); !errors.Is(err2, want) || c2.Size != c.Size || err == nil && c.Size != 5 {
			t.Errorf("by keys %v, by policy %v", err, err2)
		}
		return err
	}
	for i, x := range []struct {
		note  []byte
		vkeys []string
		want  error
	}{
		{signed, []string{ed}, nil},
		{signed, []string{pq}, ErrUntrusted},
		{whole, []string{ed}, nil},
		{whole, []string{pq}, nil},
		{whole, []string{ed, pq}, nil},
		{whole, []string{pq, ed}, nil},
		{alone, []string{ed}, ErrUntrusted},
		{alone, []string{pq}, nil},
		{alone, []string{ed, pq}, nil},
		{whole, []string{newCosigner(t, 9, "bauta.example/log").Verifier()}, ErrUntrusted},
		{whole, []string{newCosigner(t, 8, "bauta.example/other").Verifier()}, ErrUntrusted},
		{bytes.Replace(whole, []byte("\n5\n"), []byte("\n6\n"), 1), []string{ed, pq}, ErrUntrusted},
		{bytes.Replace(alone, []byte("\n\n"), []byte("\nmore\n\n"), 1), []string{pq}, ErrUntrusted}, // which ML-DSA-44 does not cover
	} {
		if err := open(x.note, x.want, x.vkeys...); !errors.Is(err, x.want) {
			t.Errorf("%d: %v, want %v", i, err, x.want)
		}
	}
	if _, err := TrustKeys(pq, pq); !errors.Is(err, ErrKey) {
		t.Errorf("a key twice: %v", err)
	}
	hash := strings.Split(pq, "+")[1]
	for _, bad := range []string{strings.Replace(pq, hash, "00000000", 1), strings.Replace(pq, "bauta", "other", 1), pq[:len(pq)-4]} {
		if _, err := TrustKeys(bad); !errors.Is(err, ErrKey) {
			t.Errorf("a key with another hash or length: %v", err)
		}
	}
}

// However many have cosigned, and with whatever key, the note makes a proof and a
// receipt that can be read, and the log's own signatures are in it.
func TestGather(t *testing.T) {
	t.Parallel()
	r, l := exampleReceipt(t)
	signed := l.rows[len(l.rows)-1].Note
	own, err := exampleCosigner(t).Cosign(exampleVerifier(t), signed, signedAt)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	policy := "log " + exampleCosigner(t).Verifier() + "\n"
	for i := range byte(64) {
		w := newCosigner(t, 100+i, fmt.Sprintf("w%d.example", i))
		sig, err := w.signer.SignSubtree(1, "bauta.example/log", 0, 7, l.rows[len(l.rows)-1].Root)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, "— "+w.Origin()+" "+encoded64(append(hashBytes(w.signer.KeyHash()), sig...)))
		policy += "witness w" + fmt.Sprint(i) + " " + w.Verifier() + "\n"
	}
	_, short := testWitness(t, 1)
	n, err := note.Sign(&note.Note{Text: string(signed[:bytes.Index(signed, []byte("\n— "))])}, short)
	if err != nil {
		t.Fatal(err)
	}
	lines = append(lines, strings.TrimSpace(string(n[bytes.Index(n, []byte("— ")):])), lines[0], "", "— x", "— y AAAA", "— z AAAAAAAAAB==",
		"— a b AAAAAAAA", "— bauta.example/log AAAAAAAA", "— c AAAAAAAA\n", "AAAAAAAA")
	whole := Gather(signed, own, lines)
	if len(whole) > MaxNoteSize || len(whole) < MaxNoteSize-4096 || !WellFormed(whole) || !bytes.HasPrefix(whole, append(bytes.Clone(signed), own...)) {
		t.Fatalf("%d bytes", len(whole))
	}
	if got := bytes.Count(whole, []byte("\n— ")); got < 32+3 || !bytes.Contains(whole, []byte("— witness1.example ")) || bytes.Count(whole, []byte("— w0.example ")) != 1 {
		t.Errorf("%d lines", got)
	}
	r.Items[0].Proof.Checkpoint = whole
	trust, err := ParsePolicy([]byte(policy + "group g 32" + members(64) + "\nquorum g\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(r.Marshal(), trust); err != nil {
		t.Errorf("by the second key and 32 witnesses: %v", err)
	}
	// The longest proof that there can be.
	p := Proof{Index: 1<<63 - 1, Checkpoint: append(whole, make([]byte, MaxNoteSize-len(whole))...)}
	p.Hashes = append(p.Hashes, make([]tlog.Hash, maxProofHashes)...)
	if size := len(p.Marshal()); size > MaxProofSize {
		t.Errorf("a proof of %d bytes", size)
	}
	if many := Gather(signed, own, distinct(200)); bytes.Count(many, []byte("\n— ")) != maxLines {
		t.Errorf("%d short lines", bytes.Count(many, []byte("\n— ")))
	}
}

func hashBytes(h uint32) []byte { return []byte{byte(h >> 24), byte(h >> 16), byte(h >> 8), byte(h)} }

func members(n int) (names string) {
	for i := range n {
		names += fmt.Sprintf(" w%d", i)
	}
	return names
}

func distinct(n int) (lines []string) {
	for i := range n {
		lines = append(lines, fmt.Sprintf("— n%d AAAAAAAA", i))
	}
	return lines
}

func BenchmarkCosign(b *testing.B) {
	signed := newLog(b, 5).rows[0].Note
	s, v := exampleCosigner(b), exampleVerifier(b)
	for b.Loop() {
		if _, err := s.Cosign(v, signed, signedAt); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenCosigned(b *testing.B) {
	whole := handedOut(b, newLog(b, 5).rows[0].Note)
	trust, err := TrustKeys(exampleCosigner(b).Verifier())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := trust.Open(whole); err != nil {
			b.Fatal(err)
		}
	}
}
