package stories

import (
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
)

// An appeal is no way around the subject: who was never heard about what the requester
// wants has a day to object before anybody gives it, and silence or an objection ends
// the wait. The requester does not see whether, or how long.
func TestAppealIsHeard(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	people := []*person{h.employ(t, "hanna", helena, accounts.Handler), h.employ(t, "lena", rui, accounts.Lead)}
	l := h.listen(t, broker.DisclosureAppealed, broker.HearingOpened)
	h.tell(t)
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, 200)
	asked := func() string { r := h.disclose(t, "t-1", "s-1", "deliver"); return r.at("id") }
	silent, objected := asked(), asked() // nothing is performed yet
	h.attest(t, "t-1", "pay 221.65, accept 1")
	standing := func(id, viewer string, pairs ...string) {
		t.Helper()
		h.do(t, "market", "GET /v1/disclosures/"+id+"/request?viewer="+viewer, "").want(t, 200, pairs...)
	}
	appeals := func(id string) {
		t.Helper()
		h.do(t, "market", "POST /v1/disclosures/"+id+"/appeal", `{"party":"s-1","reason":"new_facts"}`).want(t, 200, "state", "appealed", "ends_at", "")
		h.do(t, "hanna", "POST /v1/requests/"+id+"/taking", `{}`).want(t, 200)
		for _, move := range []string{"proposal", "overturning"} {
			h.do(t, "hanna", "POST /v1/requests/"+id+"/"+move, `{"reason":"necessary"}`).want(t, 409, "code", "not_heard")
		}
		standing(id, "b-1", "state", "appealed", "allowed", `["object"]`, "ends_at", "2026-03-05T12:00:00Z")
	}
	given := func(id string) {
		t.Helper()
		p := h.do(t, "hanna", "POST /v1/requests/"+id+"/proposal", `{"reason":"necessary"}`).want(t, 200, "state", "appeal_second")
		h.do(t, "lena", "POST /v1/requests/"+id+"/approval", body("plan", p.at("plan.hash"))).want(t, 200, "state", "overturned")
		h.view(t, id, "s-1").want(t, 200)
	}
	object := func(id string) reply {
		t.Helper()
		return h.do(t, "market", "POST /v1/disclosures/"+id+"/objection", `{"party":"b-1","reason":"safety"}`)
	}
	appeals(silent)
	appeals(objected)
	h.caughtUp(t)
	if got := l.kinds(); got != "disclosure.appealed disclosure.hearing disclosure.appealed disclosure.hearing" {
		t.Errorf("told: %s", got)
	}
	object(objected).want(t, 200, "state", "appealed", "hearing", "objected", "allowed", "[]", "ends_at", "")
	object(objected).want(t, 409, "code", "invalid_transition")
	standing(objected, "s-1", "state", "appealed", "hearing", "", "ends_at", "", "allowed", `["attest_deletion"]`)
	given(objected) // she is heard, and he is let back
	h.clock.forward(24 * time.Hour)
	for _, p := range people {
		h.signIn(t, p)
	}
	object(silent).want(t, 409, "code", "invalid_transition")
	h.await(t, `SELECT count(*) FROM requests WHERE cast(facts AS jsonb) ->> 'heard' = 'silent'`, "1") // written down
	standing(silent, "b-1", "state", "appealed", "hearing", "silent", "allowed", "[]", "ends_at", "")
	given(silent)
}

// Who was heard about this very request is not heard again; a hearing that was skipped
// was none, and is to be skipped again with a reason, by whoever decides the appeal.
func TestAppealIsHeardOnce(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	for name, email := range map[string]string{"hanna": helena, "hugo": "hugo@desk.example.org"} {
		h.employ(t, name, email, accounts.Handler)
	}
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, 200)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	for _, first := range []string{"objected", "skipped", ""} {
		r := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "pending")
		id, path := r.at("id"), "POST /v1/requests/"+r.at("id")
		h.do(t, "hanna", path+"/taking", `{}`).want(t, 200)
		switch first {
		case "objected":
			h.do(t, "market", "POST /v1/disclosures/"+id+"/objection", `{"party":"b-1","reason":"other_way"}`).want(t, 200)
		case "skipped":
			h.do(t, "hanna", path+"/hearing", `{"reason":"perishable"}`).want(t, 200)
		}
		h.do(t, "hanna", path+"/denial", `{"reason":"not_necessary"}`).want(t, 200)
		h.do(t, "market", "POST /v1/disclosures/"+id+"/appeal", `{"party":"s-1","reason":"unfair"}`).want(t, 200, "ends_at", "")
		if first != "objected" {
			h.do(t, "hanna", path+"/hearing", `{"reason":"perishable"}`).want(t, 409, "code", "not_taken")
			h.do(t, "hugo", path+"/taking", `{}`).want(t, 200)
			h.do(t, "hugo", path+"/proposal", `{"reason":"necessary"}`).want(t, 409, "code", "not_heard")
			h.do(t, "hugo", path+"/hearing", `{"reason":"perishable"}`).want(t, 200, "state", "appealed")
		}
		h.do(t, "hugo", path+"/taking", `{}`).want(t, 200)
		h.do(t, "hugo", path+"/hearing", `{"reason":"perishable"}`).want(t, 409, "code", "invalid_transition")
		h.do(t, "hugo", path+"/proposal", `{"reason":"necessary"}`).want(t, 200, "state", "appeal_second")
	}
}
