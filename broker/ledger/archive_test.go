package ledger

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"testing"
)

// exampleArchive holds a receipt for each of two sides, of one entry.
func exampleArchive(tb testing.TB) []byte {
	tb.Helper()
	r, l := exampleReceipt(tb)
	other := Receipt{Items: []Item{l.item(tb, committedStatement(), 5, Parties, Staff)}}
	var b bytes.Buffer
	err := WriteArchive(&b, []NamedReceipt{{"requester", r.Marshal()}, {"subject", other.Marshal()}})
	if err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestArchiveIsProven(t *testing.T) {
	t.Parallel()
	p, err := VerifyArchive(exampleArchive(t), exampleTrust(t))
	if err != nil || !p.Anchored || len(p.Entries) != 2 || p.Entries[0].Index != 5 || p.Entries[1].Said[1] != Staff {
		t.Errorf("%+v, %v", p, err)
	}
	if p, err := VerifyArchive(exampleArchive(t), Trust{}); err != nil || p.Anchored {
		t.Errorf("trusting nobody: %+v, %v", p, err)
	}
}

// No byte of a bundle can be another one, none can be missing or be one more.
func TestEveryByteOfAnArchive(t *testing.T) {
	t.Parallel()
	good, trust := exampleArchive(t), exampleTrust(t)
	for i := range good {
		for _, bit := range []byte{0x01, 0x80} {
			bad := bytes.Clone(good)
			bad[i] ^= bit
			if _, err := VerifyArchive(bad, trust); err == nil {
				t.Fatalf("byte %d of %d changed, and nobody noticed", i, len(good))
			}
		}
	}
	for i := range len(good) {
		if _, err := VerifyArchive(good[:i], trust); err == nil {
			t.Fatalf("cut after %d bytes, and nobody noticed", i)
		}
	}
	if _, err := VerifyArchive(append(bytes.Clone(good), 0), trust); err == nil {
		t.Error("a byte more, and nobody noticed")
	}
}

func TestArchiveRefuses(t *testing.T) {
	t.Parallel()
	r, _ := exampleReceipt(t)
	receipt := r.Marshal()
	type file struct {
		name   string
		method uint16
		data   []byte
	}
	stored := func(name string) file { return file{name, zip.Store, receipt} }
	for name, test := range map[string]struct {
		files []file
		want  error
	}{
		"nothing":            {nil, ErrArchiveReceipt},
		"a way out":          {[]file{stored("receipts/../../etc/passwd.receipt")}, ErrArchiveName},
		"from the root":      {[]file{stored("/receipts/a.receipt")}, ErrArchiveName},
		"a drive":            {[]file{stored(`receipts/C:a.receipt`)}, ErrArchiveName},
		"backslashes":        {[]file{stored(`receipts/..\\a.receipt`)}, ErrArchiveName},
		"twice":              {[]file{stored("receipts/a.receipt"), stored("receipts/A.receipt")}, ErrArchiveName},
		"something else":     {[]file{stored("receipts/a.receipt"), stored("evidence/photo.jpg")}, ErrArchiveMember},
		"a bomb":             {[]file{{"receipts/a.receipt", zip.Deflate, bytes.Repeat([]byte{0}, MaxReceiptSize+1)}}, ErrArchive},
		"packed":             {[]file{{"receipts/a.receipt", zip.Deflate, receipt}}, ErrArchive},
		"streamed":           {[]file{stored("receipts/a.receipt")}, ErrArchive},
		"no receipt in it":   {[]file{{"receipts/a.receipt", zip.Store, []byte("hello")}}, ErrReceipt},
		"a receipt too long": {[]file{{"receipts/a.receipt", zip.Store, make([]byte, MaxReceiptSize+1)}}, ErrArchiveLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			z := zip.NewWriter(&b)
			for _, f := range test.files {
				w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: f.method})
				if err != nil {
					t.Fatal(err)
				}
				_, _ = w.Write(f.data)
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := VerifyArchive(b.Bytes(), exampleTrust(t)); !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
		})
	}
	var many []NamedReceipt
	for range maxArchiveFiles + 1 {
		many = append(many, NamedReceipt{Name: strings.Repeat("a", len(many)%100) + string(rune('a'+len(many)%26)), Receipt: nil})
	}
	var b bytes.Buffer
	if err := WriteArchive(&b, many); err != nil {
		t.Fatal(err)
	}
	if _, err := VerifyArchive(b.Bytes(), exampleTrust(t)); !errors.Is(err, ErrArchiveLarge) {
		t.Errorf("too many members: %v", err)
	}
}

// Two logs under one name: the same size, other entries.
func TestArchiveShowsAFork(t *testing.T) {
	t.Parallel()
	r, _ := exampleReceipt(t)
	s, nonce := committedStatement(), exampleNonce()
	e, err := s.Entry(nonce, exampleSalt(nonce))
	if err != nil {
		t.Fatal(err)
	}
	l := newLog(t, 5)
	index := l.add(t, e.Marshal())
	l.add(t, testEntry(7)) // and not 6
	forked := Receipt{Items: []Item{l.item(t, s, index, Parties, Requester)}}
	var b bytes.Buffer
	if err := WriteArchive(&b, []NamedReceipt{{"a", r.Marshal()}, {"b", forked.Marshal()}}); err != nil {
		t.Fatal(err)
	}
	if _, err := VerifyArchive(b.Bytes(), exampleTrust(t)); !errors.Is(err, ErrFork) {
		t.Errorf("two logs under one name: %v", err)
	}
}

func FuzzArchive(f *testing.F) {
	good := exampleArchive(f)
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := VerifyArchive(b, Trust{})
		if err == nil && len(p.Entries) == 0 {
			t.Error("a bundle without entries is ok")
		}
	})
}
