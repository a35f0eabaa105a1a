package stories

import (
	"maps"
	"testing"
	"time"
)

const disclosures = "POST /v1/disclosures"

func keyed(key string) []string { return []string{"Idempotency-Key", key} }

// A request again, by its key, is the first answer again: nothing is written,
// nothing counted, and values are there for ten minutes while the grant lives.
func TestDisclosureAgain(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	body := request("t-1", "s-1", "deliver")
	first := h.do(t, "market", disclosures, body, keyed("k-1")...).want(t, 201, "views_left", "19")
	size := h.size(t)

	h.clock.forward(10*time.Minute - time.Second)
	again := h.do(t, "market", disclosures, body, keyed("k-1")...).want(t, 201, "id", first.at("id"), "views_left", "19",
		"ledger.index", first.at("ledger.index"), "ledger.root_hash", first.at("ledger.root_hash"))
	if !maps.Equal(again.opened(), first.opened()) || again.header.Get("Idempotent-Replayed") != "true" || first.header.Get("Idempotent-Replayed") != "" {
		t.Errorf("within ten minutes: %v, replayed %q", again.opened(), again.header.Get("Idempotent-Replayed"))
	}
	h.clock.forward(time.Second)
	again = h.do(t, "market", disclosures, body, keyed("k-1")...).want(t, 201, "id", first.at("id"))
	if again.opens() != "" {
		t.Errorf("after ten minutes: %v", again.opened())
	}
	h.do(t, "market", disclosures, request("t-1", "s-1", "deliver", "name"), keyed("k-1")...).want(t, 409, "code", "idempotency_mismatch")
	if h.size(t) != size {
		t.Error("a repetition is an entry")
	}
	// Another caller's key of the same name is another one, and so is another route's.
	other := h.do(t, "market2", disclosures, body, keyed("k-1")...).want(t, 201)
	if other.at("id") == first.at("id") {
		t.Error("two callers share a key")
	}
	h.view(t, first.at("id"), "s-1", keyed("k-1")...).want(t, 200, "views_left", "18")
	// The record ends after a day.
	h.clock.forward(24 * time.Hour)
	late := h.do(t, "market", disclosures, body, keyed("k-1")...).want(t, 201)
	if late.at("id") == first.at("id") || late.header.Get("Idempotent-Replayed") != "" {
		t.Error("the key is remembered for more than a day")
	}
}

// A grant that has ended shows nothing to a repetition either.
func TestAgainAfterTheEnd(t *testing.T) {
	t.Parallel()
	for how, end := range map[string]func(*testing.T, *house, string){
		"revoked": func(t *testing.T, h *house, id string) {
			h.do(t, "market", "POST /v1/disclosures/"+id+"/revocation", `{"reason":"leaked"}`).want(t, 200)
		},
		"suspended": func(t *testing.T, h *house, _ string) { h.reverse(t, "t-1", "pay", "100.00", "chargeback/1") },
		"cancelled": func(t *testing.T, h *house, _ string) {
			h.do(t, "market", "POST /v1/transactions/t-1/cancellation", `{"reason":"agreed"}`).want(t, 200)
		},
		"flagged": func(t *testing.T, h *house, _ string) {
			h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, 200)
		},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			h := shop(t, terms{})
			h.attest(t, "t-1", "pay 221.65, accept 1")
			body := request("t-1", "s-1", "deliver")
			first := h.do(t, "market", disclosures, body, keyed("d")...).want(t, 201, "decision", "granted")
			id := first.at("id")
			h.view(t, id, "s-1", keyed("v")...).want(t, 200)
			end(t, h, id)
			for _, again := range []reply{
				h.do(t, "market", disclosures, body, keyed("d")...),
				h.view(t, id, "s-1", keyed("v")...),
				h.view(t, id, "s-1"),
			} {
				if again.opens() != "" || findValue(string(again.raw)) != "" || again.status >= 500 {
					t.Errorf("%s shows %s", again.request, again.short())
				}
			}
		})
	}
}

// A view again is the same view: with its values for ten minutes, then without
// them, for the request was answered and the grant lives.
func TestViewAgain(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	granted := h.disclose(t, "t-1", "s-1", "deliver")
	id := granted.at("id")
	first := h.view(t, id, "s-1", keyed("v")...).want(t, 200, "views_left", "18")
	h.view(t, id, "s-1").want(t, 200, "views_left", "17")
	size := h.size(t)
	again := h.view(t, id, "s-1", keyed("v")...).want(t, 200, "views_left", "18", "ledger.index", first.at("ledger.index"))
	if !maps.Equal(again.opened(), first.opened()) || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("again: %v", again.opened())
	}
	h.do(t, "market", "POST /v1/disclosures/"+id+"/views", `{"viewer":"b-1"}`, keyed("v")...).want(t, 409, "code", "idempotency_mismatch")
	h.clock.forward(10 * time.Minute)
	late := h.view(t, id, "s-1", keyed("v")...)
	if late.opens() != "" {
		t.Errorf("after ten minutes: %v", late.opened())
	}
	late.want(t, 200, "views_left", "18") // the grant lives: nothing is gone but the ten minutes
	if h.size(t) != size {
		t.Error("a repetition is an entry")
	}
}

// The other POSTs.
func TestEveryPostAgain(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	paid := h.told("pay", "221.65", "card/1").body()
	h.do(t, "payment", performances, paid, keyed("p")...).want(t, 201)
	h.attest(t, "t-1", "accept 1")
	granted := h.disclose(t, "t-1", "s-1", "deliver")
	revoke := "POST /v1/disclosures/" + granted.at("id") + "/revocation"
	h.do(t, "market", revoke, `{"reason":"mistake"}`, keyed("r")...).want(t, 200, "state", "revoked")
	h.do(t, "payment", reversals, h.told("pay", "1.00", "back/1").body(), keyed("p")...).want(t, 201)
	complete := "POST /v1/transactions/t-1/completion"
	h.do(t, "market", complete, `{"reason":"agreed"}`, keyed("c")...).want(t, 200)
	size := h.size(t)
	for request, x := range map[string]struct {
		key, once, body, other string
		status                 int
	}{
		performances: {"payment", "p", paid, h.told("pay", "1.00", "card/1").body(), 201},
		reversals:    {"payment", "p", h.told("pay", "1.00", "back/1").body(), h.told("pay", "2.00", "back/1").body(), 201},
		revoke:       {"market", "r", `{"reason":"mistake"}`, `{"reason":"leaked"}`, 200},
		complete:     {"market", "c", `{"reason":"agreed"}`, `{"reason":"other"}`, 200},
	} {
		r := h.do(t, x.key, request, x.body, keyed(x.once)...).want(t, x.status)
		if r.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("%s: Idempotent-Replayed = %q", request, r.header.Get("Idempotent-Replayed"))
		}
		h.do(t, x.key, request, x.other, keyed(x.once)...).want(t, 409, "code", "idempotency_mismatch")
	}
	if h.size(t) != size {
		t.Error("a repetition is an entry")
	}
}

// A 200 for a reference that was known is an outcome like any other: its key is
// taken, and another body with it is a mistake.
func TestKeyOfAKnownReference(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	paid := h.told("pay", "100.00", "card/1").body()
	h.do(t, "payment", performances, paid).want(t, 201)
	h.do(t, "payment", performances, paid, keyed("k")...).want(t, 200)
	h.do(t, "payment", performances, h.told("pay", "50.00", "card/2").body(), keyed("k")...).want(t, 409, "code", "idempotency_mismatch")
}

// Whatever has become of the transaction, a key that was used comes first: the
// same body gets its first outcome, another body a 409.
func TestKeyComesBeforeTheFacts(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	paid := h.told("pay", "221.65", "card/1").body()
	h.do(t, "payment", performances, paid, keyed("p")...).want(t, 201)
	h.attest(t, "t-1", "accept 1")
	body := request("t-1", "s-1", "deliver")
	first := h.do(t, "market", disclosures, body, keyed("d")...).want(t, 201)
	h.do(t, "market", "POST /v1/transactions/t-1/cancellation", `{"reason":"agreed"}`, keyed("c")...).want(t, 200)
	size := h.size(t)
	for _, again := range []reply{
		h.do(t, "market", disclosures, body, keyed("d")...).want(t, 201, "id", first.at("id"), "decision", "granted"),
		h.do(t, "payment", performances, paid, keyed("p")...).want(t, 201),
		h.do(t, "market", "POST /v1/transactions/t-1/cancellation", `{"reason":"agreed"}`, keyed("c")...).want(t, 200),
	} {
		if again.header.Get("Idempotent-Replayed") != "true" || again.opens() != "" {
			t.Errorf("%s: replayed %q, %s", again.request, again.header.Get("Idempotent-Replayed"), again.opens())
		}
	}
	h.do(t, "payment", performances, h.told("pay", "999.00", "card/2").body(), keyed("p")...).want(t, 409, "code", "idempotency_mismatch")
	h.do(t, "market", disclosures, request("t-404", "s-1", "deliver"), keyed("d")...).want(t, 409, "code", "idempotency_mismatch")
	if h.size(t) != size {
		t.Error("a repetition is an entry")
	}
}

// Only what went well is remembered.
func TestFailureIsTriedAgain(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.do(t, "payment", performances, h.told("pay", "999.00", "card/1").body(), keyed("k")...).want(t, 422)
	h.do(t, "payment", performances, h.told("pay", "1.00", "card/1").body(), keyed("k")...).want(t, 201)
	for _, bad := range []string{"with space", "schlüssel", repeat("k", 256)} {
		h.do(t, "payment", performances, h.told("pay", "1.00", "x").body(), keyed(bad)...).want(t, 422, "errors.0.code", "malformed_idempotency_key")
	}
}

// A key has so many requests a second.
func TestRequestsASecond(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{rate: 5})
	for range 5 {
		h.do(t, "market", "GET /v1/parties/b-1", "").want(t, 404)
	}
	h.do(t, "market", "GET /v1/parties/b-1", "").want(t, 429, "code", "rate_limited")
	h.do(t, "market2", "GET /v1/parties/b-1", "").want(t, 404)
	h.do(t, "", "GET /healthz", "").want(t, 200)
	h.clock.forward(time.Second)
	h.do(t, "market", "GET /v1/parties/b-1", "").want(t, 404)
	h.clock.forward(time.Second)
}
