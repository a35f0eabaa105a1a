package bundle

import (
	"bytes"
	"strings"
	"testing"

	"bauta.dev/bauta/broker/ledger"
)

func FuzzVerify(f *testing.F) {
	x := newExample(f)
	x.full()
	good := x.sealed(Buyer)
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Verify(b, ledger.Trust{})
		if err == nil && len(p.Entries) < 2 {
			t.Error("a bundle without entries is ok")
		}
	})
}

// What is inside of the manifest, whatever it is, ends in an error and not otherwise.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"case":"dsp_1","members":[{"name":"report.html","sha256":"","size":1}],"recipient":"buyer","version":1}`))
	f.Fuzz(func(_ *testing.T, b []byte) {
		var b2 bytes.Buffer
		_ = ledger.WriteMembers(&b2, []ledger.ArchiveMember{{Name: ledger.CaseManifest, Content: b}, {Name: reportName}, {Name: recordName}, {Name: receiptName(0)}, {Name: sealName}})
		_, _ = Verify(b2.Bytes(), ledger.Trust{})
	})
}

// 500 entries, made and verified.
func BenchmarkBundle(b *testing.B) {
	x := newExample(b)
	x.full()
	for len(x.written) < 500 {
		x.about(ledger.CaseMoved, "one more word", is("event", "message"), is("by", "buyer"))
	}
	c := x.contents(Court)
	d, err := Make(c)
	if err != nil {
		b.Fatal(err)
	}
	seal := x.made(d, Court)
	file, err := d.Seal(seal)
	if err != nil {
		b.Fatal(err)
	}
	trust := x.trust()
	b.Run("make", func(b *testing.B) {
		for b.Loop() {
			d, err := Make(c)
			if err == nil {
				_, err = d.Seal(seal)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			if _, err := Verify(file, trust); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(file)), "bytes")
	})
}
