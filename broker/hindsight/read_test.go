package hindsight

import (
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// decided is a statement as brokers write it.
func decided(tb testing.TB) []byte {
	tb.Helper()
	b, err := ledger.Statement{Type: ledger.DisclosureDecided, At: time.Unix(1700000000, 0), Members: ledger.Object{
		{Name: "disclosure", Value: "dsc_1"},
		{Name: "transaction", Value: "t-1"},
		{Name: "requester", Value: `s"\1`},
		{Name: "subject", Value: `b\`},
		{Name: "purpose", Value: "deliver"},
		{Name: "decision", Value: "granted"},
		{Name: "ground", Value: "3b"},
		{Name: "fields", Value: []ledger.Object{
			{{Name: "field", Value: "name"}, {Name: "outcome", Value: "granted"}, {Name: "rule", Value: "deliver-shipped-goods"}, {Name: "version", Value: 12}},
			{{Name: "field", Value: "email"}, {Name: "outcome", Value: "withheld"}, {Name: "reason", Value: "not_necessary"}},
		}},
		{Name: "policy", Value: "sha256:ab"},
		{Name: "revealed", Value: true},
		{Name: "views", Value: 20},
		{Name: "facts", Value: ledger.Object{{Name: "accepted", Value: true}, {Name: "meet", Value: false}}},
		{Name: "situation", Value: ledger.Object{{Name: "held", Value: true}}}, // as in entries from before there were facts
		{Name: "refused", Value: []ledger.Object{{{Name: "code", Value: "x"}, {Name: "missing", Value: []ledger.Object{{{Name: "need", Value: "1"}}}}}}},
	}}.Canonical()
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// A request is read off a statement as the strict parser reads it.
func TestRead(t *testing.T) {
	t.Parallel()
	q, ok := NewReader().Read(decided(t), necessity.ShippedGoods, necessity.Seller)
	if !ok || string(q.disclosure) != "dsc_1" || q.Purpose != necessity.Deliver || q.Decision != "granted" || q.Policy != "sha256:ab" ||
		q.Bits != necessity.Of(necessity.Accepted, necessity.Held) || q.Kind != necessity.ShippedGoods || q.Role != necessity.Seller {
		t.Errorf("%v, %+v", ok, q)
	}
	want := []Past{
		{masking.Name, necessity.Granted, "", "deliver-shipped-goods"},
		{masking.Email, necessity.Withheld, necessity.NotNecessary, ""},
	}
	if len(q.Fields) != 2 || q.Fields[0] != want[0] || q.Fields[1] != want[1] {
		t.Errorf("fields %+v", q.Fields)
	}
	viewed := strings.Replace(string(decided(t)), "disclosure_decided", "disclosure_viewed", 1)
	if _, ok := NewReader().Read([]byte(viewed), "", ""); ok {
		t.Error("another type's statement was read as a request")
	}
}

// Whatever the bytes are, reading ends; and what the strict parser takes for a
// decision is read alike.
func FuzzRead(f *testing.F) {
	f.Add(decided(f))
	f.Add([]byte(`{"a":[{"b":"\\\""}],"type":"disclosure_decided"}`))
	f.Add([]byte(`{"a":]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		q, ok := NewReader().Read(b, necessity.Rental, necessity.Buyer)
		st, err := ledger.ParseStatement(b)
		if err != nil || st.Type != ledger.DisclosureDecided {
			return
		}
		if !ok || len(q.Fields) != len(st.Members.Objects("fields")) || !strings.ContainsRune(st.Members.String("decision"), '\\') && !strings.Contains(string(b), `\`) && q.Decision != st.Members.String("decision") {
			t.Fatalf("read as %v %+v", ok, q)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	r, statement := NewReader(), decided(b)
	b.ReportAllocs()
	for b.Loop() {
		r.Read(statement, necessity.ShippedGoods, necessity.Seller)
	}
}
