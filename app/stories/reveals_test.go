package stories

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/budget"
)

const askPhone = `{"purpose":"decide_request","reason":"identity_unclear","fields":["phone"]}`

// waits leaves a request with a note to people, and employs those who could be
// thought to look into it.
func (h *house) waits(t *testing.T) (path string) {
	t.Helper()
	h.employ(t, "hanna", "hanna@desk.example.org", accounts.Handler)
	h.employ(t, "lena", "lena@desk.example.org", accounts.Lead)
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, http.StatusOK)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	r := h.do(t, "market", disclosures, `{"transaction":"t-1","requester":"s-1","purpose":"deliver","note":"segredo do bilhete"}`).want(t, 201, "decision", "pending")
	return "/v1/requests/" + r.at("id")
}

// Who works on a request opens what he names of it, for a purpose and a reason,
// when he has just shown who he is: an entry first, and everybody is told.
func TestStaffOpenWhatTheyWorkOn(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	l := h.listen(t, broker.DisclosureViewedByStaff)
	h.tell(t)
	path := h.waits(t)
	grant := strings.Replace(path, "requests", "disclosures", 1)
	h.do(t, "hanna", "POST "+path+"/taking", `{}`).want(t, 200)
	before := h.size(t)
	r := h.do(t, "hanna", "POST "+path+"/reveals", askPhone, keyed("r-1")...).want(t, 200, "fields", `[{"field":"phone","value":"+5587991935795"}]`, "notes", "[]", "view", "1")
	if got := h.ask(t, `SELECT count(*) - `+before+` FROM ledger_entries`); got != "1" || r.at("ledger.index") != before {
		t.Errorf("%s entries, the answer names %s", got, r.at("ledger.index"))
	}
	for range 2 { // a retry opens it again, and leaves nothing
		again := h.do(t, "hanna", "POST "+path+"/reveals", askPhone, keyed("r-1")...).want(t, 200, "fields.0.value", "+5587991935795", "view", "1", "ledger.index", before)
		if again.header.Get("Idempotent-Replayed") != "true" || h.size(t) == before {
			t.Error("the same again is no replay")
		}
	}
	h.do(t, "hanna", "POST "+path+"/reveals", strings.Replace(askPhone, "phone", "name", 1), keyed("r-1")...).want(t, 409, "code", "idempotency_mismatch")
	notes := `{"purpose":"decide_request","reason":"note_needed","notes":["requester"]}`
	h.do(t, "hanna", "POST "+path+"/reveals", notes, keyed("r-2")...).want(t, 200,
		"notes.0.text", "segredo do bilhete", "notes.0.from", "requester", "notes.0.event", "submit", "fields", "[]", "view", "2")
	h.do(t, "hanna", "POST "+path+"/question", `{"reason":"evidence_missing"}`).want(t, 200, "state", "info_needed")
	h.do(t, "hanna", "POST "+path+"/reveals", notes).want(t, 409, "code", "invalid_transition") // it waits for somebody else
	h.do(t, "market", "POST "+grant+"/answer", `{"party":"s-1","note":"portão azul"}`).want(t, 200)
	h.do(t, "hanna", "POST "+path+"/reveals", notes, keyed("r-2")...).want(t, 200, "notes.0.text", "segredo do bilhete", "notes.1", "") // no more than the first time
	h.do(t, "market", "POST "+grant+"/objection", `{"party":"b-1","reason":"other_way","note":"leave it at Estrada do Coco, 2138"}`).want(t, 200)
	h.do(t, "hanna", "POST "+path+"/reveals", `{"purpose":"decide_request","reason":"safety","fields":["address","name"],"notes":["requester","subject"]}`).want(t, 200,
		"notes.1.text", "portão azul", "notes.1.event", "answer", "notes.2.text", "leave it at Estrada do Coco, 2138", "notes.2.event", "object", "fields.0.field", "name", "fields.1.value.city", "Recife", "view", "3")

	h.caughtUp(t)
	heard := l.all()
	if len(heard) != 3 || !strings.Contains(heard[0].body, `"staff":{"role":"handler","purpose":"decide_request","fields":["phone"],"notes":[]}`) ||
		!strings.Contains(heard[0].body, `"for":[{"party":"b-1","role":"buyer"},{"party":"s-1","role":"seller"}]`) || !strings.Contains(heard[2].body, `"reason":"not_available"`) {
		t.Errorf("told: %+v", heard)
	}
	for _, m := range heard {
		if found := findValue(m.body); found != "" || strings.Contains(m.body, "hnd_") {
			t.Errorf("the notice says %q: %s", found, m.body)
		}
	}
	seen := h.do(t, "market", "GET /v1/parties/b-1/disclosures", "").want(t, 200, "data.0.viewed_by_staff.0.role", "handler", "data.0.viewed_by_staff.0.fields", `["phone"]`,
		"data.0.viewed_by_staff.0.purpose", "decide_request", "data.0.viewed_by_staff.0.index", before, "data.0.viewed_by_staff.2.reason", "not_available")
	for _, side := range []string{"b-1", "s-1"} {
		own := h.do(t, "market", "GET "+grant+"?viewer="+side, "").want(t, 200, "viewed_by_staff.1.notes", `["requester"]`)
		for _, r := range []reply{seen, own} {
			if found := findValue(string(r.raw)); found != "" || strings.Contains(string(r.raw), "hnd_") {
				t.Errorf("it says %q: %s", found, r.raw)
			}
		}
	}
	h.do(t, "market", "GET "+grant, "").want(t, 200, "viewed_by_staff", "")
	h.comes(t, "en").get("/me?lang=en", 200, "Opened by the operator’s staff", "a handler", "to decide on the request", "what you wrote")
}

// What is not open to somebody stays shut, says nothing, and leaves no entry.
func TestStaffOpenNothingElse(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	path := h.waits(t)
	h.employ(t, "aldo", "aldo@desk.example.org", accounts.Auditor)
	h.employ(t, "mia", "mia@desk.example.org", accounts.MerchantReviewer)
	reveals := "POST " + path + "/reveals"
	shut := func(who, body string, status int, code string) {
		t.Helper()
		size := h.size(t)
		r := h.do(t, who, reveals, body).want(t, status, "code", code)
		if h.size(t) != size || findValue(string(r.raw)) != "" {
			t.Errorf("%s: something was opened: %s", who, r.short())
		}
	}
	for _, key := range []string{"market", "disputes", "privacy", "audit"} { // never for a key
		shut(key, askPhone, 403, "session_required")
	}
	shut("", askPhone, 401, "unauthenticated")
	shut("aldo", askPhone, 403, "role_missing")
	shut("mia", askPhone, 403, "role_missing")
	shut("hanna", askPhone, 409, "not_taken")
	h.do(t, "hanna", reveals[:len("POST /v1/requests/")]+"dsc_00000000000000000000000000/reveals", askPhone).want(t, 404)
	h.do(t, "hanna", "POST "+path+"/taking", `{}`).want(t, 200)
	shut("lena", askPhone, 409, "not_taken") // it is hanna's
	for body, code := range map[string]string{
		`{}`:                           "validation_failed",
		`{"purpose":"decide_request"}`: "validation_failed",
		`{"purpose":"decide_request","reason":"identity_unclear"}`:                                             "validation_failed",
		`{"purpose":"decide_request","reason":"curious","fields":["phone"]}`:                                   "validation_failed",
		`{"purpose":"decide_request","reason":"identity_unclear","fields":[]}`:                                 "validation_failed",
		`{"purpose":"decide_request","reason":"identity_unclear","notes":[]}`:                                  "validation_failed",
		`{"purpose":"decide_request","reason":"identity_unclear","notes":["staff"]}`:                           "validation_failed",
		`{"purpose":"decide_request","reason":"identity_unclear","notes":["requester","requester"]}`:           "validation_failed",
		`{"purpose":"other","reason":"identity_unclear","fields":["phone"]}`:                                   "unknown_purpose",
		`{"purpose":"decide_request","reason":"identity_unclear","fields":["*"]}`:                              "unknown_field",
		`{"purpose":"decide_request","reason":"identity_unclear","fields":["phone"],"subjects":["b-1","b-2"]}`: "unknown_member",
	} {
		shut("hanna", body, 422, code)
	}
	shut("hanna", strings.Replace(askPhone, "decide_request", "decide_appeal", 1), 409, "purpose_mismatch")
	shut("hanna", strings.Replace(askPhone, "phone", "email", 1), 409, "nothing_to_open") // not asked for
	shut("hanna", strings.Replace(askPhone, `["phone"]`, `["phone","email"]`, 1), 409, "nothing_to_open")
	shut("hanna", `{"purpose":"decide_request","reason":"note_needed","notes":["subject"]}`, 409, "nothing_to_open")

	h.do(t, "hanna", reveals, askPhone, keyed("r")...).want(t, 200)
	h.clock.forward(5 * time.Minute)
	shut("hanna", askPhone, 403, "reauthentication_required")
	h.do(t, "hanna", reveals, askPhone, keyed("r")...).want(t, 403, "code", "reauthentication_required")
	h.do(t, "hanna", "POST /v1/session/confirmation", body("password", phrase)).want(t, 200)
	h.do(t, "hanna", reveals, askPhone, keyed("r")...).want(t, 200)
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk","restricted"]`).want(t, 200)
	shut("hanna", askPhone, 409, "nothing_to_open") // the floor holds for staff, too
	h.do(t, "hanna", reveals, askPhone, keyed("r")...).want(t, 409, "code", "nothing_to_open")
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, 200)
	h.do(t, "hanna", "POST "+path+"/release", `{}`).want(t, 200)
	h.do(t, "hanna", reveals, askPhone, keyed("r")...).want(t, 409, "code", "not_taken")
	h.do(t, "hanna", "POST "+path+"/taking", `{}`).want(t, 200)
	h.clock.forward(4 * time.Minute)
	h.do(t, "hanna", reveals, askPhone, keyed("r")...).want(t, 200)
	h.clock.forward(time.Minute)
	h.do(t, "hanna", "POST /v1/session/confirmation", body("password", phrase)).want(t, 200)
	h.do(t, "hanna", reveals, askPhone, keyed("r")...).want(t, 410, "code", "gone") // ten minutes are over
	h.do(t, "hanna", "POST "+path+"/denial", `{"reason":"not_necessary"}`).want(t, 200)
	shut("hanna", askPhone, 409, "invalid_transition") // it is decided
	h.do(t, "market", "POST "+strings.Replace(path, "requests", "disclosures", 1)+"/appeal", `{"party":"s-1","reason":"mistake"}`).want(t, 200)
	h.do(t, "lena", "POST /v1/session/confirmation", body("password", phrase)).want(t, 200)
	h.do(t, "lena", "POST "+path+"/taking", `{}`).want(t, 200)
	h.do(t, "lena", reveals, strings.Replace(askPhone, "decide_request", "decide_appeal", 1)).want(t, 200, "fields.0.field", "phone", "view", "2")
	h.do(t, "lena", reveals, `{"purpose":"decide_appeal","reason":"note_needed","notes":["requester"]}`).want(t, 200, "notes.0.text", "segredo do bilhete", "view", "3")
}

// A session reaches as few people as a key does: past the budget nothing opens.
func TestStaffViewsAreWithinBudgets(t *testing.T) {
	t.Parallel()
	h := street(t, within(func(l *budget.Limits) { l.Floor, l.FloorDay, l.Waiting = 2, 100, 50 }), 3)
	h.employ(t, "hanna", "hanna@desk.example.org", accounts.Handler)
	opened := 0
	for n := 1; n <= 3; n++ {
		h.do(t, "privacy", "PUT /v1/parties/b-"+itoa(n)+"/flags", `["at_risk"]`).want(t, 200)
		r := h.disclose(t, "t-"+itoa(n), "s-"+itoa(n), "deliver").want(t, 201, "decision", "pending")
		path := "POST /v1/requests/" + r.at("id")
		h.do(t, "hanna", path+"/taking", `{}`).want(t, 200)
		size := h.size(t)
		switch r := h.do(t, "hanna", path+"/reveals", askPhone); {
		case r.status == http.StatusOK:
			opened++
		case r.want(t, 429, "code", "rate_limited").header.Get("Retry-After") == "" || h.anomalies(t) == "0" || h.size(t) == size:
			t.Errorf("past the budget: %s", r.short())
		}
	}
	if opened != 2 {
		t.Errorf("a session reached %d people, and its budget is 2", opened)
	}
}
