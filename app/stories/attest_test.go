package stories

import (
	"testing"
	"time"
)

const performances, reversals = "POST /v1/transactions/t-1/performances", "POST /v1/transactions/t-1/reversals"

func (w word) of(by string) string { w.by = by; return w.body() }

// A claim opens nothing; the other side's word moves the obligation, and still
// opens nothing; only the platform's word does (I3).
func TestWhoseWordCounts(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	paid := h.told("pay", "221.65", "card/1")
	h.do(t, "market", performances, paid.body()).want(t, 403, "code", "scope_missing")
	h.do(t, "market", performances, paid.of("s-2")).want(t, 404, "code", "not_found")

	h.do(t, "market", performances, paid.of("b-1")).want(t, 201, "done", "0.00", "state", "claimed", "debtor", "buyer", "due", "221.65")
	h.do(t, "market", performances, h.told("accept", "1", "stock").of("s-1")).want(t, 201, "done", "0", "state", "claimed")
	r := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "refused")
	if r.because() != "performance_unattested" || r.missing() != "accept 1 0, pay 221.65 0.00" {
		t.Errorf("after two claims: %s, %s", r.because(), r.missing())
	}

	h.do(t, "market", performances, h.told("pay", "221.65", "seen/1").of("s-1")).want(t, 201, "done", "221.65", "state", "performed")
	h.do(t, "market", performances, h.told("accept", "1", "seen/2").of("b-1")).want(t, 201, "done", "1", "state", "performed")
	r = h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "refused")
	if r.because() != "performance_unattested" || r.missing() != "accept 1 0, pay 221.65 0.00" || r.opens() != "" {
		t.Errorf("after the creditors' word: %s, %s", r.because(), r.missing())
	}
	r = h.disclose(t, "t-1", "b-1", "return")
	if r.at("decision") != "refused" {
		t.Errorf("return on the seller's word: %s", r.short())
	}
	h.attest(t, "t-1", "pay 221.65, accept 1")
	h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted", "ground", "3b")
}

func TestWhoMayAttest(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	paid := h.told("pay", "10.00", "card/1")
	for _, key := range []string{"privacy", "audit", "disputes"} {
		h.do(t, key, performances, paid.body()).want(t, 403, "code", "scope_missing")
	}
	h.do(t, "", performances, paid.body()).want(t, 401, "code", "unauthenticated")
	h.do(t, "payment", performances, paid.of("b-1")).want(t, 422, "errors.0.pointer", "/by")
	h.do(t, "payment", performances, paid.body()).want(t, 201, "done", "10.00", "state", "part_performed")
	back := h.told("pay", "4.00", "back/1")
	h.do(t, "market", reversals, back.body()).want(t, 403, "code", "scope_missing")
	h.do(t, "market", reversals, back.of("s-1")).want(t, 403, "code", "scope_missing")
	h.do(t, "payment", reversals, back.of("s-1")).want(t, 422, "errors.0.pointer", "/by")
	h.do(t, "payment", reversals, back.body()).want(t, 201, "done", "6.00")
	h.do(t, "payment", reversals, h.told("pay", "6.01", "back/2").body()).want(t, 422, "code", "over_reversed", "errors.0.pointer", "/done")
	for _, asks := range []string{"GET /v1/parties/b-1", "GET /v1/disclosures", "GET /v1/transactions/t-1"} {
		h.do(t, "payment", asks, "").want(t, 403, "code", "scope_missing")
	}
	h.do(t, "payment", "POST /v1/disclosures", request("t-1", "s-1", "deliver")).want(t, 403, "code", "scope_missing")
}

// A reference is told once; told again it says what came of it, and told with
// other members it is a conflict.
func TestReferences(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	paid := h.told("pay", "100.00", "card/1")
	h.do(t, "payment", performances, paid.body()).want(t, 201, "done", "100.00")
	size := h.size(t)
	h.do(t, "payment", performances, paid.body()).want(t, 200, "done", "100.00")
	other := paid
	other.done = "100"
	h.do(t, "payment", performances, other.body()).want(t, 200, "done", "100.00")
	other.done = "100.01"
	h.do(t, "payment", performances, other.body()).want(t, 409, "code", "conflict")
	other = paid
	other.at = other.at.Add(time.Microsecond)
	h.do(t, "payment", performances, other.body()).want(t, 409, "code", "conflict")
	h.do(t, "market", performances, paid.of("s-1")).want(t, 409, "code", "conflict")
	if h.size(t) != size {
		t.Error("a repetition is an entry")
	}
	// Another direction or obligation is another name.
	h.do(t, "payment", reversals, h.told("pay", "50.00", "card/1").body()).want(t, 201, "done", "50.00")
	h.do(t, "payment", performances, h.told("accept", "1", "card/1").body()).want(t, 201, "done", "1")
	h.do(t, "payment", performances, paid.body()).want(t, 200, "done", "100.00") // as it then stood
}

func TestPerformanceIsBounded(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	size := h.size(t)
	for request, x := range map[string]word{
		"over_performed":    h.told("pay", "221.66", "r"),
		"in_the_future":     {obligation: "pay", done: "1", reference: "r", at: h.clock.now().Add(5*time.Minute + time.Microsecond)},
		"too_many_decimals": h.told("accept", "0.5", "r"),
	} {
		r := h.do(t, "payment", performances, x.body()).want(t, 422)
		if r.at("errors.0.code") != request || r.at("errors.0.pointer") == "" {
			t.Errorf("%s: %s", request, r.short())
		}
	}
	for _, o := range []string{"serve", "refund", "return"} { // of another kind; or not due yet
		h.do(t, "payment", performances, h.told(o, "1", "r").body()).want(t, 422)
	}
	if h.size(t) != size {
		t.Error("a refused performance is an entry")
	}
	almost := h.told("pay", "221.65", "r")
	almost.at = h.clock.now().Add(5 * time.Minute)
	h.do(t, "payment", performances, almost.body()).want(t, 201)
	h.do(t, "payment", performances, h.told("pay", "0.01", "r2").body()).want(t, 422, "code", "over_performed", "errors.0.pointer", "/done")
	h.do(t, "market", "POST /v1/transactions/t-1/cancellation", `{"reason":"not_available"}`).want(t, 200, "state", "cancelled")
	h.do(t, "payment", performances, h.told("accept", "1", "r3").body()).want(t, 409, "code", "invalid_transition", "allowed", `["reversal"]`)
	r := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "refused")
	if r.because() != "transaction_cancelled" {
		t.Errorf("of a cancelled order: %s", r.because())
	}
	h.do(t, "payment", reversals, h.told("pay", "221.65", "back").body()).want(t, 201, "done", "0.00")
}

// The floor counts against the highest amount that there ever was, and what
// never changes never does.
func TestTermsChange(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	d := deal{id: "t-1", kind: "shipped_goods", amount: "1000.00"}
	h.do(t, "market", "PUT /v1/transactions/t-1", d.body()).want(t, 200, "amount.value", "1000.00")
	d.amount = "100.00"
	h.do(t, "market", "PUT /v1/transactions/t-1", d.body()).want(t, 200, "amount.value", "100.00")
	size := h.size(t)
	h.do(t, "market", "PUT /v1/transactions/t-1", d.body()).want(t, 200)
	h.attest(t, "t-1", "pay 99.99, approve_return 1")
	r := h.disclose(t, "t-1", "b-1", "return")
	if r.because() != "below_floor" || r.missing() != "pay 100.00 99.99" {
		t.Errorf("below a tenth of the highest: %s, %s", r.because(), r.missing())
	}
	for _, x := range []deal{
		{id: "t-1", kind: "used_goods"}, {id: "t-1", kind: "shipped_goods", seller: "s-2"},
	} {
		h.do(t, "market", "PUT /v1/transactions/t-1", x.body()).want(t, 409, "code", "immutable")
	}
	d.amount = "99.98"
	h.do(t, "market", "PUT /v1/transactions/t-1", d.body()).want(t, 422, "code", "over_performed", "errors.0.pointer", "/amount/value")
	if size == "" || h.ask(t, `SELECT count(*) FROM disclosures`) != "1" {
		t.Error("a refused change left something")
	}
}
