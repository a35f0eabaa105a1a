package stories

import "testing"

// What was waived is owed no more: there is no parcel to deliver and no debt to
// collect, and so nothing that is needed for it (I4, R4).
func TestWaivedIsNoPurpose(t *testing.T) {
	t.Parallel()
	t.Run("delivery", func(t *testing.T) {
		t.Parallel()
		h, id := grantedHouse(t)
		r := h.do(t, "market", "POST /v1/transactions/t-1/completion", `{"reason":"agreed"}`).want(t, 200, "state", "completed")
		for _, i := range []string{"2", "3"} { // ship and deliver
			r.want(t, 200, "obligations."+i+".state", "waived")
		}
		if r = h.disclose(t, "t-1", "s-1", "deliver"); r.at("decision") != "refused" {
			t.Errorf("to deliver what was waived: %s, opens %s", r.at("decision"), r.opens())
		}
		if r = h.view(t, id, "s-1"); r.status != 410 {
			t.Errorf("a grant to deliver what was waived: %d, opens %s", r.status, r.opens())
		}
	})
	t.Run("payment", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t, terms{})
		h.people(t)
		h.agree(t, deal{id: "t-1", kind: "shipped_goods", more: `,"payment":"on_delivery"`})
		h.attest(t, "t-1", "accept 1, ship 1, deliver 1")
		h.disclose(t, "t-1", "s-1", "collect").want(t, 201, "decision", "granted")
		h.do(t, "market", "POST /v1/transactions/t-1/completion", `{"reason":"agreed"}`).want(t, 200, "obligations.0.state", "waived")
		if r := h.disclose(t, "t-1", "s-1", "collect"); r.at("decision") != "refused" {
			t.Errorf("to collect a debt that was waived: %s, opens %s", r.at("decision"), r.opens())
		}
	})
}

// A grant can be made without opening anything: all views are left.
func TestGrantWithoutReveal(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	body := `{"transaction":"t-1","requester":"s-1","purpose":"deliver","reveal":false,"note":"segredo do bilhete"}`
	r := h.do(t, "market", disclosures, body, keyed("k")...).want(t, 201, "decision", "granted", "state", "live", "views_left", "20", "fields.0.outcome", "granted")
	again := h.do(t, "market", disclosures, body, keyed("k")...).want(t, 201, "views_left", "20")
	if r.opens() != "" || again.opens() != "" {
		t.Errorf("reveal false opens %s", r.opens())
	}
	again = h.view(t, r.at("id"), "s-1").want(t, 200, "views_left", "19")
	if again.opens() != "address name phone" {
		t.Errorf("view: %s", again.short())
	}
}
