package ledger

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
)

func TestCheckpointIsReadByOthers(t *testing.T) {
	t.Parallel()
	l := newLog(t, 5)
	v := l.verifier(t)
	c, err := OpenCheckpoint(v, l.rows[0].Note)
	if err != nil || c.Size != 5 || c.Root != l.edge.Root() || c.Origin != l.signer.Origin() {
		t.Errorf("%+v, %v", c, err)
	}
	theirs, rest, _, err := log.ParseCheckpoint(l.rows[0].Note, v.Name(), v)
	if err != nil || theirs.Size != 5 || !bytes.Equal(theirs.Hash, c.Root[:]) || len(rest) > 0 {
		t.Errorf("%+v, %v", theirs, err)
	}
}

// TestNoteFlips: no bit of a stored note can change unseen, not even the bits
// that base64 leaves over.
func TestNoteFlips(t *testing.T) {
	t.Parallel()
	l := newLog(t, 5)
	v := l.verifier(t)
	for i := range l.rows[0].Note {
		for bit := range 8 {
			changed := bytes.Clone(l.rows[0].Note)
			changed[i] ^= 1 << bit
			if c, err := OpenCheckpoint(v, changed); err == nil && bare(v, c) {
				t.Errorf("byte %d bit %d: %q", i, bit, changed)
			}
		}
	}
}

func TestOpenCheckpointRefuses(t *testing.T) {
	t.Parallel()
	s := exampleSigner(t)
	v, err := note.NewVerifier(s.Verifier())
	if err != nil {
		t.Fatal(err)
	}
	root := base64.StdEncoding.EncodeToString(sha(nil))
	for name, body := range map[string]string{
		"other origin": "example.com/other\n1\n" + root + "\n",
		"zero before":  s.Origin() + "\n01\n" + root + "\n",
		"plus":         s.Origin() + "\n+1\n" + root + "\n",
		"negative":     s.Origin() + "\n-1\n" + root + "\n",
		"too large":    s.Origin() + "\n9223372036854775808\n" + root + "\n",
		"short root":   s.Origin() + "\n1\n" + root[4:] + "\n",
		"extension":    s.Origin() + "\n1\n" + root + "\nmore\n",
		"no root":      s.Origin() + "\n1\n",
		"nothing":      "\n",
	} {
		signed, err := note.Sign(&note.Note{Text: body}, s.signer)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := OpenCheckpoint(v, signed); !errors.Is(err, ErrCheckpoint) {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
	if _, err := s.Sign(-1, NewEdge().Root()); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("%v", err)
	}
	for _, size := range []int64{0, math.MaxInt64} {
		c, err := s.Sign(size, NewEdge().Root())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := OpenCheckpoint(v, c.Note); err != nil || got.Size != size {
			t.Errorf("%d: %+v, %v", size, got, err)
		}
	}
}

// TestWitnessedNote: a cosignature does not stop a verifier, and is not for a
// stored row.
func TestWitnessedNote(t *testing.T) {
	t.Parallel()
	l := newLog(t, 5)
	wkey, _, err := GenerateKey(bytes.NewReader(bytes.Repeat([]byte{9}, 32)), "witness.example")
	if err != nil {
		t.Fatal(err)
	}
	w, err := note.NewSigner(wkey)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(l.rows[0].Note, note.VerifierList(l.verifier(t)))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := note.Sign(n, w)
	if err != nil {
		t.Fatal(err)
	}
	c, err := OpenCheckpoint(l.verifier(t), signed)
	if err != nil || c.Size != 5 {
		t.Errorf("%+v, %v", c, err)
	}
	if bare(l.verifier(t), c) {
		t.Error("a witnessed note was taken for the log's own")
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	// Some seeds have "+" in their base64, which also separates the parts of a key.
	for i := range byte(64) {
		skey, vkey, err := GenerateKey(bytes.NewReader(bytes.Repeat([]byte{i | 0xc0, i * 3, 0xfb}, 11)), "bauta.example/log")
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewSigner(skey)
		if err != nil {
			t.Fatalf("key %d: %v", i, err)
		}
		if s.Verifier() != vkey || s.Origin() != "bauta.example/log" {
			t.Errorf("key %d: verifier %s, and generated was %s", i, s.Verifier(), vkey)
		}
		secret := strings.SplitN(skey, "+", 5)[4]
		if printed := fmt.Sprintf("%v %+v %#v %s", s, s, s, s); strings.Contains(printed, secret) {
			t.Errorf("a signer prints its key: %s", printed)
		}
	}
	for _, origin := range []string{"", "a b", "a+b", "a\nb"} {
		if _, _, err := GenerateKey(bytes.NewReader(make([]byte, 64)), origin); err == nil {
			t.Errorf("origin %q was taken", origin)
		}
	}
	if _, _, err := GenerateKey(bytes.NewReader(make([]byte, 31)), "a"); err == nil {
		t.Error("31 random bytes were enough")
	}
	if _, _, err := GenerateKey(nil, "a"); !errors.Is(err, ErrKey) {
		t.Errorf("no randomness: %v", err)
	}
	for _, skey := range []string{"", "PRIVATE+KEY", "PRIVATE+KEY+a+00000000+AQ==", "secret"} {
		if _, err := NewSigner(skey); !errors.Is(err, ErrKey) || skey != "" && strings.Contains(err.Error(), skey) {
			t.Errorf("%v", err)
		}
	}
}
