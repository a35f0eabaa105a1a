package ledger

import (
	"bytes"
	"testing"
)

func FuzzParseProof(f *testing.F) {
	r, _ := exampleReceipt(f)
	f.Add(r.Items[0].Proof.Marshal())
	f.Add([]byte("c2sp.org/tlog-proof@v1\nextra eA==\nindex 0\n\na\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParseProof(b)
		if err == nil && !bytes.Equal(p.Marshal(), b) {
			t.Fatalf("%q became %q", b, p.Marshal())
		}
	})
}

// FuzzReceipt changes the body of a receipt and makes its sum anew: only what
// the log's key has signed is ever proven.
func FuzzReceipt(f *testing.F) {
	r, _ := exampleReceipt(f)
	file, trust := r.Marshal(), exampleTrust(f)
	body := file[:len(file)-sumSize]
	f.Add(body)
	r.Items[0].Openings = nil
	r.Items = append(r.Items, r.Items[0])
	f.Add(bytes.TrimSuffix(r.Marshal(), file[len(body):]))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := ParseReceipt(b); err == nil && !bytes.Equal(r.Marshal(), b) {
			t.Fatalf("%q became %q", b, r.Marshal())
		}
		b = appendSum(bytes.Clone(b))
		for _, trust := range []Trust{{}, trust} {
			p, err := Verify(b, trust)
			if err != nil && !named(err) {
				t.Fatalf("an error without a name: %v", err)
			}
			if err == nil && p.Anchored && p.Entries[0].Says[0].Members.String("disclosure") != "dsc_01" {
				t.Fatalf("nobody signed this: %q", b)
			}
		}
	})
}

func FuzzTrust(f *testing.F) {
	f.Add(policyOf(f, twoOrganisations))
	f.Add(policyOf(f, "log @log\nwitness a @1\ngroup g 1 a\nquorum a\n"))
	f.Add([]byte("group g all\nquorum none\n"))
	head := newLog(f, 5).rows[0].Note
	stranger, _ := exampleReceipt(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		trust, err := ParsePolicy(b)
		if (err == nil) != trust.Anchored() {
			t.Fatalf("%q: %v, and somebody is trusted: %t", b, err, trust.Anchored())
		}
		if err != nil {
			return
		}
		for _, signed := range [][]byte{head, stranger.Items[0].Proof.Checkpoint} {
			if _, err := trust.Open(signed); err != nil && !named(err) {
				t.Fatalf("an error without a name: %v", err)
			}
		}
	})
}
