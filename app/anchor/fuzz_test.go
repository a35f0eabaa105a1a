package anchor

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"bauta.dev/bauta/broker/ledger"
)

// signerOf makes the key of a log by a number, always the same.
func signerOf(tb testing.TB, n byte, origin string) *ledger.Signer {
	tb.Helper()
	skey, _, err := ledger.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{n}, 32)), origin)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := ledger.NewSigner(skey)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// recordOf is a record of the file: a checkpoint of that size.
func recordOf(tb testing.TB, s *ledger.Signer, size int64) []byte {
	tb.Helper()
	c, err := s.Sign(size, [32]byte{byte(size)})
	if err != nil {
		tb.Fatal(err)
	}
	return append(c.Note, '\n')
}

// FuzzFile opens whatever may stand in a checkpoint file, of a log that was
// succeeded once. What is taken was signed by one of its keys, byte for byte and in
// order; reading the end and reading all of it say the same.
func FuzzFile(f *testing.F) {
	before, now := signerOf(f, 7, "bauta.example/log"), signerOf(f, 8, "bauta.example/log/2")
	eras, err := ledger.NewEras(now.Verifier(), ledger.Era{Until: 9, VKey: before.Verifier()})
	if err != nil {
		f.Fatal(err)
	}
	one, two, three, four := recordOf(f, before, 5), recordOf(f, before, 9), recordOf(f, now, 7), recordOf(f, now, 12)
	all := bytes.Join([][]byte{one, two, three, four}, nil)
	f.Add([]byte{})
	f.Add(all)
	f.Add(all[:len(all)-20])                                                // cut off by a crash
	f.Add(bytes.Join([][]byte{two, one}, nil))                              // not in order
	f.Add(bytes.Join([][]byte{three, two}, nil))                            // a key that was succeeded
	f.Add(bytes.Join([][]byte{one, one}, nil))                              // the same twice
	f.Add(recordOf(f, signerOf(f, 9, "bauta.example/log"), 5))              // another log's key
	f.Add(bytes.Replace(one, []byte("\n5\n"), []byte("\n6\n"), 1))          // another size than was signed
	f.Add(bytes.Replace(one, []byte("\n\n"), []byte("\nmore\n\n"), 1))      // a line more
	f.Add(append(bytes.TrimSuffix(one, []byte("\n")), "— w AAAAAAA=\n"...)) // a witness's line
	f.Add([]byte("bauta.exa"))
	f.Add(bytes.Repeat([]byte("\n"), record+1))
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "checkpoints")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := OpenFile(path, eras, false)
		if err != nil && !errors.Is(err, ErrRecord) && !errors.Is(err, ErrOrder) {
			t.Fatalf("an error without a name: %v", err)
		}
		if len(b) > tail {
			return // the end is all that was read
		}
		whole := &File{path: path, eras: eras}
		var taken []byte
		every := whole.Each(func(c ledger.Checkpoint) error {
			taken = append(append(taken, c.Note...), '\n')
			return nil
		})
		if !bytes.HasPrefix(b, taken) {
			t.Fatalf("%q was read out of %q", taken, b)
		}
		if (every == nil) != (err == nil) || errors.Is(every, ErrOrder) != errors.Is(err, ErrOrder) {
			t.Fatalf("at a start %v, and as a whole %v", err, every)
		}
		if err == nil && (file.to != int64(len(taken)) || len(taken) > 0 && !bytes.HasSuffix(taken, append(bytes.Clone(file.last.Note), '\n'))) {
			t.Fatalf("the last record is %q, of %q", file.last.Note, taken)
		}
	})
}

// FuzzAnswer reads whatever a witness may answer. A line that is taken is its own
// cosignature of this head, in a form that goes under a note.
func FuzzAnswer(f *testing.F) {
	skey, vkey, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, 32)), "witness.example")
	if err != nil {
		f.Fatal(err)
	}
	signer, err := cosignature.NewSignerForCosignatureV1(skey)
	if err != nil {
		f.Fatal(err)
	}
	if vkey, err = cosignature.VKeyToCosignatureV1(vkey); err != nil {
		f.Fatal(err)
	}
	witnesses, err := ParseWitnesses([]byte("witness w " + vkey + " https://witness.example/\n"))
	if err != nil {
		f.Fatal(err)
	}
	w, logKey := witnesses[0], signerOf(f, 7, "bauta.example/log")
	head, err := logKey.Sign(12, [32]byte{12})
	if err != nil {
		f.Fatal(err)
	}
	text, _, _ := bytes.Cut(head.Note, []byte("\n\n"))
	line := func(text []byte) []byte {
		signed, err := note.Sign(&note.Note{Text: string(text) + "\n"}, signer)
		if err != nil {
			f.Fatal(err)
		}
		_, lines, _ := bytes.Cut(signed, []byte("\n\n"))
		return lines
	}
	good := line(text)
	f.Add(good)
	f.Add(append(bytes.Clone(good), good...))
	f.Add(append([]byte("— other.example AAAAAAA=\n"), good...))
	f.Add(bytes.TrimSuffix(good, []byte("\n")))
	f.Add(append([]byte("\n"), good...))
	f.Add(bytes.Replace(good, good[len(good)-4:], []byte{good[len(good)-4] + 1, '=', '=', '\n'}, 1)) // base64's spare bits
	f.Add(line([]byte("bauta.example/log\n11\nDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")))
	f.Add([]byte("12\n"))
	f.Add([]byte("9223372036854775807\n"))
	f.Add([]byte("-1\n"))
	f.Add([]byte("012\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if n, err := parseSize(b); err == nil && (n < 0 || strconv.FormatInt(n, 10)+"\n" != string(b)) {
			t.Fatalf("%q is read as %d", b, n)
		}
		got, err := w.cosignature(head, b)
		if err != nil {
			if !errors.Is(err, errSignature) && !errors.Is(err, errAnswer) {
				t.Fatalf("an error without a name: %v", err)
			}
			return
		}
		whole := ledger.Gather(head.Note, "", []string{got})
		if n, err := note.Open(whole, note.VerifierList(w.Verifier)); err != nil || len(n.Sigs) != 1 || !ledger.WellFormed(whole) {
			t.Fatalf("%q is taken, and under the note it is no cosignature: %v", b, err)
		}
	})
}

// FuzzWitnesses reads whatever a file of witnesses may hold: what is taken can be asked.
func FuzzWitnesses(f *testing.F) {
	_, vkey, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, 32)), "witness.example")
	if err != nil {
		f.Fatal(err)
	}
	if vkey, err = cosignature.VKeyToCosignatureV1(vkey); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("# ours\nlog " + vkey + "\nwitness w " + vkey + " https://witness.example/x\ngroup g 1 w\nquorum g\n"))
	f.Add([]byte("witness w " + vkey + " http://[::1]:8080\n"))
	f.Add([]byte("witness w " + vkey + " http://witness.example\nwitness w " + vkey + " https://u:p@witness.example?x#y\n"))
	f.Add([]byte("witness w\n\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := ParseWitnesses(b)
		if err == nil && (len(all) == 0 || len(all) > mostWitnesses) {
			t.Fatalf("%d witnesses of %q", len(all), b)
		}
		for _, w := range all {
			if w.Verifier == nil || w.Name == "" || !bytes.Contains(b, []byte(w.Name)) {
				t.Fatalf("%q holds a witness without name or key", b)
			}
		}
	})
}
