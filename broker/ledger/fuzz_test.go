package ledger

import (
	"bytes"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

func FuzzParseEntry(f *testing.F) {
	e, err := exampleStatement().Entry(exampleNonce(), exampleSalt(exampleNonce()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(e.Marshal())
	f.Add(testEntry(1))
	f.Add([]byte{1, 16})
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := ParseEntry(b)
		if err == nil && !bytes.Equal(e.Marshal(), b) {
			t.Fatalf("%x became %x", b, e.Marshal())
		}
		for a := range Audience(7) {
			if err == nil && e.Verify(a, make([]byte, SaltSize), b) == nil {
				t.Fatal("an entry verifies itself")
			}
		}
	})
}

func FuzzParseStatement(f *testing.F) {
	whole, err := exampleStatement().Canonical()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	for a := Parties; a <= Auditor; a++ {
		if b, err := exampleStatement().Content(a); err == nil {
			f.Add(b)
		}
	}
	f.Add([]byte(`{"at":"2026-01-02T03:04:05.000006Z","terms":{"slot":{"end":"2026-01-02T03:04:05.000006Z"}},"type":"transaction_written"}`))
	f.Add([]byte(`{"at":"2026-01-02T03:04:05.000006Z","reason":"\u0000\n\\","type":"grant_revoked"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ParseStatement(b)
		if err != nil {
			return
		}
		again, err := s.Canonical()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%q became %q, %v", b, again, err)
		}
		for _, a := range s.Type.Audiences() {
			content, err := s.Content(a)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ParseContent(a, content); err != nil {
				t.Fatalf("%q: %v", content, err)
			}
		}
	})
}

func FuzzParseTilePath(f *testing.F) {
	f.Add("tile/0/x001/x234/067.p/8")
	f.Add("tile/entries/000")
	f.Fuzz(func(t *testing.T, path string) {
		p, err := ParseTilePath(path)
		if err == nil && (p.String() != path || p.Index < 0 || p.Width < 0 || p.Width > 255 || p.Level < EntriesLevel || p.Level > 63) {
			t.Fatalf("%q is read as %+v", path, p)
		}
	})
}

func FuzzParseBundle(f *testing.F) {
	f.Add(AppendBundle(AppendBundle(nil, testEntry(1)), testEntry(2)))
	f.Fuzz(func(t *testing.T, b []byte) {
		entries, err := ParseBundle(b)
		if err != nil {
			return
		}
		var again []byte
		for _, e := range entries {
			again = AppendBundle(again, e)
		}
		if !bytes.Equal(again, b) {
			t.Fatalf("%x became %x", b, again)
		}
	})
}

func FuzzOpenCheckpoint(f *testing.F) {
	s := exampleSigner(f)
	v, err := note.NewVerifier(s.Verifier())
	if err != nil {
		f.Fatal(err)
	}
	c, err := s.Sign(17, NewEdge().Root())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(c.Note)
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := OpenCheckpoint(v, b)
		if err == nil && (got.Size != 17 || got.Root != c.Root || bare(v, got) && !bytes.Equal(b, c.Note)) {
			t.Fatalf("%q is read as %+v", b, got)
		}
	})
}

func FuzzCheckFrontier(f *testing.F) {
	e := newLog(f, 11).edge
	f.Add(int64(11), e.Frontier())
	f.Fuzz(func(t *testing.T, size int64, frontier []byte) {
		if CheckFrontier(size, frontier, e.Root()) == nil && !bytes.Equal(frontier, e.Frontier()) {
			t.Fatalf("another frontier for %d", size)
		}
	})
}
