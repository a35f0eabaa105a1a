package stories

import (
	"net/http"
	"testing"
	"time"
)

// What the two sides of a disclosure can do while a person decides, and that
// strangers learn nothing of it.
func TestSidesOfAPendingRequest(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, http.StatusOK)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	asked := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "pending")
	path := "/v1/disclosures/" + asked.at("id")

	h.do(t, "market", "GET "+path+"/request?viewer=s-1", "").want(t, 200, "state", "objection", "allowed", `["withdraw"]`,
		"due_at", "2026-03-05T12:00:00Z", "statutory_due_at", "2026-04-03T12:00:00Z", "ends_at", "2026-03-05T12:00:00Z", "decision", "pending")
	h.do(t, "market", "GET "+path+"/request?viewer=b-1", "").want(t, 200, "allowed", `["object"]`)
	h.do(t, "market", "GET "+path+"/request", "").want(t, 422)
	stranger := h.do(t, "market", "GET "+path+"/request?viewer=s-2", "").want(t, 404)
	nothing := h.do(t, "market", "GET /v1/disclosures/dsc_00000000000000000000000000/request?viewer=s-2", "").want(t, 404)
	if stranger.unnumbered() != nothing.unnumbered() {
		t.Errorf("a stranger can tell a request from none:\n%s\n%s", stranger.raw, nothing.raw)
	}

	for body, code := range map[string]string{
		`{"party":"b-1"}`:                                  "validation_failed",
		`{"party":"b-1","reason":"because"}`:               "validation_failed",
		`{"party":"s-1","reason":"safety"}`:                "invalid_transition",
		`{"party":"s-2","reason":"safety"}`:                "not_found",
		`{"party":"b-1","reason":"safety","field":"name"}`: "unknown_member",
	} {
		if r := h.do(t, "market", "POST "+path+"/objection", body); r.at("code") != code {
			t.Errorf("%s: %d %s, want %s", body, r.status, r.at("code"), code)
		}
	}
	h.do(t, "market", "POST "+path+"/objection", `{"party":"b-1","reason":"other_way","note":"leave it with Hinrich at Estrada do Coco, 2138"}`, "Idempotency-Key", "o-1").
		want(t, 200, "state", "pending", "hearing", "objected")
	again := h.do(t, "market", "POST "+path+"/objection", `{"party":"b-1","reason":"other_way","note":"leave it with Hinrich at Estrada do Coco, 2138"}`, "Idempotency-Key", "o-1").
		want(t, 200, "state", "pending")
	if again.header.Get("Idempotent-Replayed") != "true" {
		t.Error("the same objection again is not a replay")
	}
	refused := h.do(t, "market", "POST "+path+"/objection", `{"party":"b-1","reason":"other"}`).want(t, 409, "code", "invalid_transition")
	if got := refused.at("allowed"); got != `[]` {
		t.Errorf("allowed = %s", got)
	}
	h.do(t, "market", "POST "+path+"/withdrawal", `{"party":"s-1"}`).want(t, 200, "state", "withdrawn")
	h.do(t, "market", "POST "+path+"/withdrawal", `{"party":"s-1"}`).want(t, 409, "code", "invalid_transition")
	h.do(t, "market", "GET "+path+"?viewer=s-1", "").want(t, 200, "decision", "pending")
}

// A refusal can be appealed once, for thirty days.
func TestAppealsOfRefusals(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	refused := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "refused")
	path := "/v1/disclosures/" + refused.at("id")
	h.do(t, "market", "POST "+path+"/appeal", `{"party":"s-1","reason":"mistake"}`).want(t, 200, "state", "appealed", "appealed", "true")
	h.do(t, "market", "POST "+path+"/appeal", `{"party":"s-1","reason":"mistake"}`).want(t, 409, "code", "invalid_transition")
	late := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "refused")
	h.clock.forward(31 * 24 * time.Hour)
	h.do(t, "market", "POST /v1/disclosures/"+late.at("id")+"/appeal", `{"party":"s-1","reason":"mistake"}`).want(t, 409, "code", "too_late")
}

// More than three requests of one side about a transaction never wait for a
// decision at a time, its appeals among them. What the other side asks for or appeals,
// and what is said of a grant, is not.
func TestThreeRequestsWait(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	refused := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "refused")
	h.attest(t, "t-1", "pay 221.65, accept 1")
	for range 3 {
		h.do(t, "market", "POST /v1/disclosures/"+h.grant(t, "t-1")+"/objection", `{"party":"b-1","reason":"other_way"}`).want(t, 200)
	}
	appeal := "POST /v1/disclosures/" + refused.at("id") + "/appeal"
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, http.StatusOK)
	h.do(t, "privacy", "PUT /v1/parties/s-1/flags", `["at_risk"]`).want(t, http.StatusOK)
	h.attest(t, "t-1", "ship 1, deliver 1, approve_return 1")
	for range 3 {
		h.disclose(t, "t-1", "b-1", "return").want(t, 201, "decision", "pending")
	}
	h.do(t, "market", "POST /v1/disclosures", request("t-1", "b-1", "return")).want(t, 409, "code", "too_many_pending")
	var first reply
	for i := range 3 {
		if r := h.disclose(t, "t-1", "s-1", "invoice").want(t, 201, "decision", "pending"); i == 0 {
			first = r
		}
	}
	h.do(t, "market", "POST /v1/disclosures", request("t-1", "s-1", "invoice")).want(t, 409, "code", "too_many_pending")
	h.do(t, "market", appeal, `{"party":"s-1","reason":"mistake"}`).want(t, 409, "code", "too_many_pending")
	h.do(t, "market", "POST /v1/disclosures/"+first.at("id")+"/withdrawal", `{"party":"s-1"}`).want(t, 200)
	h.do(t, "market", appeal, `{"party":"s-1","reason":"mistake"}`).want(t, 200, "state", "appealed")
	h.do(t, "market", "POST /v1/disclosures", request("t-1", "s-1", "invoice")).want(t, 409, "code", "too_many_pending")
}

// A grant that rests on a part of the performance is for that part (R5): taking
// some of it back suspends it, and a new request is for what is left.
func TestScopeFollowsWhatWasPerformed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	h.people(t)
	h.agree(t, deal{id: "t-1", kind: "shipped_goods", amount: "90.00", items: 3})
	h.attest(t, "t-1", "pay 90.00, accept 1, ship 3, deliver 2")
	two := h.disclose(t, "t-1", "s-1", "invoice").want(t, 201, "decision", "granted", "pieces", "3")
	h.reverse(t, "t-1", "ship", "2", "back/1")
	h.view(t, two.at("id"), "s-1").want(t, http.StatusGone)
	left := h.disclose(t, "t-1", "s-1", "invoice").want(t, 201, "decision", "granted", "pieces", "2")
	h.reverse(t, "t-1", "deliver", "1", "back/2")
	h.view(t, left.at("id"), "s-1").want(t, http.StatusGone)
	h.disclose(t, "t-1", "s-1", "invoice").want(t, 201, "decision", "granted", "pieces", "1")

	h.agree(t, deal{id: "t-2", kind: "rental", amount: "90.00", items: 3, more: `,"slot":{"start":"2026-03-05T12:00:00Z","end":"2026-03-06T12:00:00Z"}`})
	h.attest(t, "t-2", "pay 60.00")
	h.disclose(t, "t-2", "b-1", "deliver", "phone").want(t, 201, "decision", "granted", "pieces", "2")
}
