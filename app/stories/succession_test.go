package stories

import (
	"strings"
	"testing"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// succeed gives the log another key, and the house a broker that has it.
func (h *house) succeed(t *testing.T, origin string) {
	t.Helper()
	st, err := h.store.Standing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	vkey, err := h.store.BeginSuccession(origin)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := h.store.Verifier()
	w, err := h.broker.Succession(broker.Succession{
		Origin: origin, Verifier: vkey, PreviousOrigin: h.store.Origin(), PreviousVerifier: before, Head: st.Head, Reason: broker.KeyCompromised,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Succeed(t.Context(), st, w); err != nil {
		t.Fatal(err)
	}
	h.desk = h.open(t, h.db.URL("bauta"), false)
	t.Cleanup(func() { h.lookThrough(t) }) // the first broker has no key for it
}

// Values keep the name that they were sealed under. A receipt proves one from
// before the log was succeeded as well as one from after it, under the new key.
func TestReceiptsAfterSuccession(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	before, old := h.trust(t), h.noted(t)
	receipt := h.receipt(t, old, "s-1").raw
	h.succeed(t, "market.example/log")
	fresh := func(id string, want map[string]string) {
		t.Helper()
		r := h.do(t, "market", "POST /v1/disclosures/"+id+"/openings", `{"viewer":"s-1"}`).want(t, 200)
		p, err := ledger.Verify(r.raw, h.trust(t))
		if err != nil || len(p.Entries) == 0 || p.Entries[0].Origin != "market.example/log" {
			t.Fatalf("%+v, %v", p, err)
		}
		opened := map[string]string{}
		for _, o := range p.Entries[0].Opened {
			opened[o.Field] = string(o.Value)
			if o.Origin == p.Entries[0].Origin {
				t.Errorf("%s is sealed under the successor's name", o.Field)
			}
		}
		for field, value := range want {
			if opened[field] != value {
				t.Errorf("%s is opened as another value, of %d", field, len(opened))
			}
		}
	}
	fresh(old, map[string]string{"name": "Giovana Teixeira", "phone": "+5587991935795"})
	h.do(t, "market", "PUT /v1/parties/b-1", `{"kind":"person","contact":{"phone":"+5587991930000"},"source":{"kind":"registration"}}`).want(t, 200)
	fresh(h.noted(t), map[string]string{"name": "Giovana Teixeira", "phone": "+5587991930000"})

	if p, err := ledger.Verify(receipt, before); err != nil || !p.Anchored {
		t.Errorf("the receipt from before, by the key from before: %v", err)
	}
	if _, err := ledger.Verify(receipt, h.trust(t)); err == nil {
		t.Error("the receipt from before is believed by the new key")
	}
	if _, err := ledger.Verify(h.receipt(t, old, "b-1").raw, h.trust(t)); err != nil {
		t.Errorf("the same entry, asked for anew: %v", err)
	}
	if body := string(h.do(t, "", "GET /ledger/checkpoint", "").raw); !strings.HasPrefix(body, "market.example/log\n") {
		t.Errorf("the newest checkpoint is of another log")
	}
}
