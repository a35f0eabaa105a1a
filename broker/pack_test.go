package broker

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// grantedStatement is a disclosure as most of them are.
const grantedStatement = `{"asserted_by":"platform","at":"2026-03-04T12:00:00.000000Z","decision":"granted","disclosure":"dsc_06ebhe0y02r5q4wwvrpkf8cm90","expires":"delivered+14d","facts":{"accepted":true,"held":true,"paid":true,"paid_in_full":true},"fields":[{"commitment":"+cneIWVH73ifC2UAorBTurOO1j489ySzNmsg/z77AtQ=","contact":"own","field":"name","outcome":"granted","rule":"deliver-shipped-goods","version":1},{"commitment":"Ff2ZrJ+1TzbEgRNAyl0DlSJRmhke8tHvE0YaV8Q1rF4=","contact":"own","field":"phone","outcome":"granted","rule":"deliver-shipped-goods","version":1},{"commitment":"kPGK/jTtKhx7tbjUzjJFsqDPMsl0wk1o3VfP4wr74RE=","contact":"own","field":"address","outcome":"granted","rule":"deliver-shipped-goods","version":1}],"ground":"3b","key":"key_01","policy":"sha256:98e9ecf67f889434ffdfaefbd62258ea1a010f444a69e8f80aa5b17a5d622733","purpose":"deliver","requester":"s-0","revealed":true,"rules":["deliver-shipped-goods","deliver-shipped-goods","deliver-shipped-goods"],"subject":"b-0","transaction":"t-0","type":"disclosure_decided","views":20}`

func TestPack(t *testing.T) {
	t.Parallel()
	packed := pack([]byte(grantedStatement))
	if len(packed) > 318 { // what it was before both sides learnt the facts
		t.Errorf("%d bytes became %d", len(grantedStatement), len(packed))
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(strings.Split(grantedStatement, ",")).Draw(t, "part") + rapid.String().Draw(t, "anything")
		got, err := unpack(pack([]byte(s)))
		if err != nil || string(got) != s {
			t.Fatalf("%q became %q, %v", s, got, err)
		}
	})
	for _, old := range []string{`{}`, grantedStatement} {
		if got, err := unpack([]byte(old)); err != nil || string(got) != old {
			t.Errorf("JSON as it is: %q, %v", got, err)
		}
	}
}

// What was packed stays readable: these bytes were written by the first version.
func TestPackedStaysReadable(t *testing.T) {
	t.Parallel()
	got, err := unpack([]byte("\x01f\x96p\x03\x183-04T12\x15\x00\tՔ\x14leaked\x19v\x0ez\t\x11\x00\bd\"}"))
	if err != nil || string(got) != `{"asserted_by":"platform","at":"2026-03-04T12:00:00.000000Z","reason":"leaked","type":"grant_revoked"}` {
		t.Errorf("%q, %v", got, err)
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add(pack([]byte(grantedStatement)))
	f.Add([]byte{packed2, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Add([]byte{packed1, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := unpack(b)
		if err == nil && len(s) > mostUnpacked && !bytes.Equal(s, b) {
			t.Error("more than it may become")
		}
	})
}

func BenchmarkPack(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_ = pack([]byte(grantedStatement))
	}
}

func BenchmarkUnpack(b *testing.B) {
	packed := pack([]byte(grantedStatement))
	b.ReportAllocs()
	for b.Loop() {
		_, _ = unpack(packed)
	}
}
