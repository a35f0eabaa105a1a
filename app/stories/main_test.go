package stories

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// An order from the first request to the parcel at the door: who ships learns
// where to, when money and goods are there, and not before.
func TestOrderIsShipped(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})

	r := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "refused", "ground", "", "state", "", "expires_at", "", "views_left", "")
	if r.because() != "no_performance" || r.missing() != "accept 1 0, pay 221.65 0.00" || r.opens() != "" {
		t.Errorf("nothing done: %s, %s, opens %q", r.because(), r.missing(), r.opens())
	}
	h.attest(t, "t-1", "pay 21.65")
	r = h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "refused")
	if r.because() != "below_floor" || r.missing() != "accept 1 0, pay 221.65 21.65" {
		t.Errorf("a part paid: %s, %s", r.because(), r.missing())
	}
	r = h.disclose(t, "t-1", "b-1", "delay").want(t, 201, "decision", "refused")
	if !strings.Contains(r.because(), "relay_unavailable") && r.missing() != "pay 22.17 21.65" {
		t.Errorf("the buyer below the floor: %s, %s", r.because(), r.missing())
	}
	h.attest(t, "t-1", "pay 200, accept 1")

	r = h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted", "ground", "3b", "state", "live",
		"views_left", "19", "subject", "b-1", "expires_at", "2026-04-17T11:00:00Z", "asserted_by", "platform")
	opened := r.opened()
	if r.opens() != "address name phone" || opened["name"] != "Giovana Teixeira" || opened["phone"] != "+5587991935795" ||
		!strings.Contains(opened["address"], `"street":"Estrada do Coco, 2138"`) || !strings.Contains(opened["address"], `"postal_code":"51190-321"`) {
		t.Errorf("granted: %v", opened)
	}
	if r.at("ledger.leaf_hash") == "" || r.at("ledger.tree_size") != h.size(t) || !strings.HasPrefix(r.at("policy_version"), "sha256:") {
		t.Errorf("its place: %s", r.short())
	}
	if r.header.Get("Content-Encoding") != "" {
		t.Error("values were compressed")
	}
	r = h.disclose(t, "t-1", "s-1", "deliver", "name", "email").want(t, 201, "decision", "granted")
	if r.opens() != "name" || r.withheld("email") != "not_necessary" || len(r.list("fields")) != 2 {
		t.Errorf("e-mail asked for: %s", r.short())
	}
	h.attest(t, "t-1", "ship 1, deliver 1")
	h.do(t, "market", "GET /v1/transactions/t-1", "").want(t, 200, "state", "performed")
	h.do(t, "market", "POST /v1/transactions/t-1/completion", `{"reason":"accepted","note":"segredo do bilhete"}`).want(t, 200, "state", "completed")
	h.do(t, "market", "POST /v1/transactions/t-1/cancellation", `{"reason":"agreed"}`).want(t, 409, "code", "invalid_transition")
}

// A grant ends in four ways, and looks the same after each of them.
func TestGrantEnds(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	id := func() string { r := h.disclose(t, "t-1", "s-1", "deliver"); return r.at("id") }

	usedUp := id()
	for left := 18; left >= 0; left-- {
		r := h.view(t, usedUp, "s-1").want(t, 200, "views_left", itoa(left))
		if r.opens() != "address name phone" {
			t.Fatalf("view: %s", r.short())
		}
	}
	h.do(t, "market", "GET /v1/disclosures/"+usedUp, "").want(t, 200, "state", "used_up")
	revoked, suspended, expired := id(), id(), ""
	h.do(t, "market", "POST /v1/disclosures/"+revoked+"/revocation", `{"reason":"subject_objected"}`).want(t, 200, "state", "revoked")
	h.reverse(t, "t-1", "pay", "221.65", "chargeback/1")
	h.do(t, "market", "GET /v1/disclosures/"+suspended+"?viewer=s-1", "").want(t, 200, "state", "suspended")
	h.clock.forward(time.Minute)
	h.attest(t, "t-1", "pay 221.65")
	h.do(t, "market", "GET /v1/disclosures/"+suspended+"?viewer=s-1", "").want(t, 200, "state", "suspended")
	expired = id() // a new request on the new facts
	h.attest(t, "t-1", "ship 1, deliver 1")
	h.clock.forward(14*24*time.Hour - time.Second)
	h.view(t, expired, "s-1").want(t, 200)
	h.clock.forward(time.Second)

	var gone []string
	for state, grant := range map[string]string{"used_up": usedUp, "revoked": revoked, "suspended": suspended, "expired": expired} {
		if state == "used_up" {
			state = "suspended" // the reversal found it without a view left
		}
		h.do(t, "market", "GET /v1/disclosures/"+grant, "").want(t, 200, "state", state)
		r := h.view(t, grant, "s-1").want(t, http.StatusGone, "code", "gone")
		gone = append(gone, r.unnumbered())
	}
	for _, g := range gone {
		if g != gone[0] {
			t.Errorf("ended grants answer in different ways: %s and %s", gone[0], g)
		}
	}
	r := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "refused")
	if r.because() != "transaction_closed" {
		t.Errorf("asked anew when it is over: %s", r.because())
	}
}

// A buyer who writes down a new phone number has not given it to whoever was
// allowed to see the old one.
func TestSupersededValue(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	r := h.disclose(t, "t-1", "s-1", "deliver")
	id := r.at("id")
	h.do(t, "market", "PUT /v1/parties/b-1", `{"kind":"person","contact":{"phone":"+5587991930000"},"source":{"kind":"registration"}}`).want(t, 200)
	r = h.view(t, id, "s-1").want(t, 200, "superseded.0", "phone")
	if r.opens() != "address name" || len(r.list("superseded")) != 1 {
		t.Errorf("after the change: %s", r.short())
	}
	h.do(t, "market", "PUT /v1/parties/b-1", `{"kind":"person","contact":{"name":null},"source":{"kind":"registration"}}`).want(t, 200)
	r = h.view(t, id, "s-1").want(t, 200)
	if r.opens() != "address" {
		t.Errorf("after the removal: %s", r.short())
	}
	r = h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted")
	if r.opens() != "address phone" || r.opened()["phone"] != "+5587991930000" || r.withheld("name") != "not_held" {
		t.Errorf("asked anew: %s", r.short())
	}
	size := h.size(t)
	h.do(t, "market", "PUT /v1/parties/b-1", `{"kind":"person","contact":{"phone":"+55 87 99193-0000"},"source":{"kind":"registration"}}`).want(t, 200)
	if h.size(t) != size {
		t.Error("the same value again is an entry")
	}
}

// To the other side everything is three dots, whatever is held; to its owner it
// is a hint.
func TestMaskedViews(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	r := h.do(t, "market", "GET /v1/parties/b-1", "").want(t, 200, "kind", "person")
	hints := r.short()
	if findValue(hints) != "" || !strings.Contains(hints, "•••") || !strings.Contains(r.at("contact.email"), "@") {
		t.Errorf("hints: %s", hints)
	}
	for _, field := range []string{"first_name", "name", "email", "phone", "address"} {
		for viewer, other := range map[string]string{"b-1": "seller", "s-1": "buyer"} {
			own := map[string]string{"seller": "buyer", "buyer": "seller"}[other]
			r := h.do(t, "market", "GET /v1/transactions/t-1?viewer="+viewer, "").want(t, 200, other+".contact."+field, "•••")
			if hint := r.at(own + ".contact." + field); hint == "" || findValue(hint) != "" {
				t.Errorf("own %s = %q", field, hint)
			}
		}
	}
	r = h.do(t, "market", "GET /v1/transactions/t-1", "").want(t, 200, "buyer.id", "b-1")
	if strings.Contains(r.short(), "contact") || strings.Contains(r.short(), "disclosable") {
		t.Errorf("without a viewer: %s", r.short())
	}
	r = h.do(t, "market", "GET /v1/transactions/t-1?viewer=s-1", "").want(t, 200, "disclosable.0.purpose", "deliver", "disclosable.0.decision", "refused")
	if got := r.at("disclosable.0.missing"); got != `[{"have":"0","need":"1","obligation":"accept"},{"have":"0.00","need":"221.65","obligation":"pay"}]` {
		t.Errorf("missing: %s", got)
	}
	h.attest(t, "t-1", "pay 221.65, accept 1")
	h.do(t, "market", "GET /v1/transactions/t-1?viewer=s-1", "").want(t, 200, "disclosable.0.decision", "granted", "disclosable.0.fields", `["name","phone","address"]`)
}

// With --peer-masks hint the other side sees the owner's own mask, and three
// dots for what is not held.
func TestPeerMasks(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{hints: true})
	own := h.do(t, "market", "GET /v1/parties/b-1", "").want(t, 200)
	r := h.do(t, "market", "GET /v1/transactions/t-1?viewer=s-1", "").want(t, 200, "buyer.contact.email", own.at("contact.email"))
	if findValue(r.short()) != "" {
		t.Errorf("hints to the other side: %s", r.short())
	}
}

// What a stranger may not see and what is not there are the same bytes (I9).
func TestStrangersSeeNothing(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	r := h.disclose(t, "t-1", "s-1", "deliver")
	id, none := r.at("id"), "dsc_05wq0e9m2r6a1b7c3d4e5f6g7g"
	for _, x := range [][2]string{
		{"GET /v1/transactions/t-1?viewer=s-2", "GET /v1/transactions/t-9?viewer=s-2"},
		{"GET /v1/transactions/t-1?viewer=nobody", "GET /v1/transactions/t-9"},
		{"GET /v1/disclosures/" + id + "?viewer=s-2", "GET /v1/disclosures/" + none + "?viewer=s-2"},
		{"GET /v1/disclosures/" + id + "?viewer=nobody", "GET /v1/disclosures/dsc_short"},
		{"POST /v1/disclosures " + request("t-1", "s-2", "deliver"), "POST /v1/disclosures " + request("t-9", "s-2", "deliver")},
		{`POST /v1/disclosures/` + id + `/views {"viewer":"b-1"}`, `POST /v1/disclosures/` + none + `/views {"viewer":"s-1"}`},
		{`POST /v1/disclosures/` + id + `/views {"viewer":"s-2"}`, `POST /v1/disclosures/` + none + `/views {"viewer":"s-2"}`},
		{"GET /v1/parties/b-9", "GET /v1/parties/b-9/disclosures"},
	} {
		hidden, absent := h.line(t, "market", x[0]), h.line(t, "market", x[1])
		hidden.want(t, 404, "code", "not_found")
		if hidden.unnumbered() != absent.unnumbered() || len(hidden.header) != len(absent.header) {
			t.Errorf("%s\n%s\n%s", x[0], hidden.unnumbered(), absent.unnumbered())
		}
	}
}
