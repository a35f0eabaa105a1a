package stories

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
)

// alike is what a requester is told of a disclosure, in whatever way, but for its
// number and its place: two that read the same can't be told apart.
func (h *house) alike(t *testing.T, id, index string) string {
	t.Helper()
	var all []string
	for _, path := range []string{"/request?viewer=s-1", "?viewer=s-1", "?viewer=s-1&explain=1", ""} {
		r := h.do(t, "market", "GET /v1/disclosures/"+id+path, "").want(t, 200)
		var m map[string]any
		if err := json.Unmarshal(r.raw, &m); err != nil {
			t.Fatal(err)
		}
		delete(m, "ledger")
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	return strings.NewReplacer(id, "ID", `"index":`+index+"}", "PLACE").Replace(strings.Join(all, "\n"))
}

// A requester can't tell a grant that is suspended because its subject fears him, the
// one that she objects to or another one, from one that is suspended for a flag, or by a person for whatever reason: not by
// what is sent, and not by what is answered.
func TestSafetyIsNotTold(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.employ(t, "hanna", helena, accounts.Handler)
	l := h.listen(t)
	h.tell(t)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	places, ids := map[string]string{}, map[string]string{}
	give := func(causes ...string) {
		for _, cause := range causes {
			r := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted")
			ids[cause], places[r.at("id")] = r.at("id"), r.at("ledger.index")
		}
	}
	give("misuse", "mistake", "flag")
	h.do(t, "hanna", "POST /v1/requests/"+ids["misuse"]+"/suspension", `{"reason":"misuse_suspected"}`).want(t, 200, "state", "suspended")
	h.do(t, "hanna", "POST /v1/requests/"+ids["mistake"]+"/suspension", `{"reason":"mistake"}`).want(t, 200, "state", "suspended")
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["restricted"]`).want(t, 200)
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `[]`).want(t, 200)
	give("objection", "objection to another")
	h.do(t, "market", "POST /v1/disclosures/"+ids["objection"]+"/objection", `{"party":"b-1","reason":"safety","note":"segredo do bilhete"}`).
		want(t, 200, "state", "suspended")
	h.caughtUp(t)
	var heard []string
	for _, m := range l.all() {
		if m.kind == "grant.suspended" {
			heard = append(heard, strings.NewReplacer(m.disclosure, "ID", `"index":`+places[m.disclosure]+"}", "PLACE").Replace(m.body))
		} else if m.kind == "disclosure.objected" && strings.Contains(m.body, `"party":"s-1"`) {
			t.Errorf("the requester is told of the objection: %s", m.body)
		}
	}
	if len(heard) != 5 || strings.Contains(heard[0], `"reason":`) {
		t.Fatalf("told: %s", strings.Join(heard, "\n"))
	}
	for i := range heard {
		if heard[i] != heard[0] {
			t.Errorf("a suspension is told apart:\n%s\n%s", heard[0], heard[i])
		}
	}
	objected := h.alike(t, ids["objection"], places[ids["objection"]])
	for cause, id := range ids {
		if got := h.alike(t, id, places[id]); got != objected {
			t.Errorf("a suspension for %s is told apart:\n%s\n%s", cause, objected, got)
		}
	}
	h.do(t, "market", "GET /v1/disclosures/"+ids["objection"]+"/request?viewer=b-1", "").want(t, 200, "state", "suspended", "due_at", "2026-03-07T12:00:00Z")
}

// That the subject objects to a grant, that a person looks at it, what he opens to
// do so, and that he lets the grant live on: of all that the requester sees nothing.
func TestObjectionToAGrantIsNotTold(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.employ(t, "hanna", helena, accounts.Handler)
	l := h.listen(t)
	h.tell(t)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	r := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted")
	id := r.at("id")
	before := h.alike(t, id, r.at("ledger.index"))
	path := "POST /v1/requests/" + id
	for _, step := range []struct{ key, request, body string }{
		{"market", "POST /v1/disclosures/" + id + "/objection", `{"party":"b-1","reason":"other_way","note":"segredo do bilhete"}`},
		{"hanna", path + "/taking", `{}`},
		{"hanna", path + "/reveals", `{"purpose":"decide_objection","reason":"note_needed","fields":["name"],"notes":["subject"]}`},
		{"hanna", path + "/keeping", `{"reason":"necessary"}`},
	} {
		h.do(t, step.key, step.request, step.body).want(t, 200)
		if now := h.alike(t, id, r.at("ledger.index")); now != before {
			t.Errorf("%s is seen by the requester:\n%s\n%s", step.request, before, now)
		}
	}
	h.do(t, "market", "GET /v1/disclosures/"+id+"/request?viewer=b-1", "").want(t, 200, "state", "granted", "kept", "necessary")
	h.do(t, "market", "GET /v1/disclosures/"+id+"?viewer=b-1", "").want(t, 200, "viewed_by_staff.0.purpose", "decide_objection", "viewed_by_staff.0.notes.0", "subject")
	h.caughtUp(t)
	if got := l.kinds(); got != "disclosure.granted disclosure.objected disclosure.viewed_by_staff disclosure.decided" {
		t.Errorf("told: %s", got)
	}
	for _, m := range l.all()[1:] {
		if strings.Contains(m.body, `{"party":"s-1"`) || !strings.Contains(m.body, `"for":[{"party":"b-1","role":"buyer"}]`) {
			t.Errorf("told to the requester: %s", m.body)
		}
	}
}

// Nor is it seen later: of two grants that are revoked, and appealed, and decided
// again, the requester can't tell which one the subject objected to.
func TestObjectionToAGrantIsNeverTold(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.employ(t, "hanna", helena, accounts.Handler)
	h.tell(t)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	var ids, places [2]string // objected to, and not
	for i := range ids {
		r := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted")
		ids[i], places[i] = r.at("id"), r.at("ledger.index")
	}
	same := func(when string) {
		t.Helper()
		if objected, silent := h.alike(t, ids[0], places[0]), h.alike(t, ids[1], places[1]); objected != silent {
			t.Errorf("%s the two are told apart:\n%s\n%s", when, objected, silent)
		}
	}
	h.clock.forward(2 * time.Minute)
	h.do(t, "market", "POST /v1/disclosures/"+ids[0]+"/objection", `{"party":"b-1","reason":"other_way"}`).want(t, 200)
	same("after the objection")
	for _, step := range []struct{ key, request, body string }{
		{"market", "POST /v1/disclosures/%s/revocation", `{"reason":"mistake"}`},
		{"market", "POST /v1/disclosures/%s/appeal", `{"party":"s-1","reason":"unfair"}`},
		{"hanna", "POST /v1/requests/%s/taking", `{}`},
		{"hanna", "POST /v1/requests/%s/upholding", `{"reason":"not_necessary"}`},
	} {
		if step.key == "market" {
			h.clock.forward(time.Minute)
		}
		for _, id := range ids {
			h.do(t, step.key, fmt.Sprintf(step.request, id), step.body).want(t, 200)
		}
		h.caughtUp(t)
		same("after " + step.request)
		if strings.HasSuffix(step.request, "/appeal") {
			h.do(t, "market", "GET /v1/disclosures/"+ids[0]+"/request?viewer=s-1", "").want(t, 200, "opened_at", "2026-03-04T12:04:00Z")
		}
	}
}

// A request that the subject objects to early looks, to the requester, like one of
// which the hearing is not over; and that two people look at it he does not see.
func TestObjectionInTheHearingIsNotTold(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	hanna := h.employ(t, "hanna", helena, accounts.Handler)
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, 200)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	var ids, places [2]string // objected to, and not
	for i := range ids {
		r := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "pending")
		ids[i], places[i] = r.at("id"), r.at("ledger.index")
	}
	same := func(when string, state string) {
		t.Helper()
		objected, silent := h.alike(t, ids[0], places[0]), h.alike(t, ids[1], places[1])
		if objected != silent || !strings.Contains(objected, `"state":"`+state+`"`) {
			t.Errorf("%s the two are told apart, or not %s:\n%s\n%s", when, state, objected, silent)
		}
	}
	both := func(move, body string) {
		t.Helper()
		for _, id := range ids {
			h.do(t, "hanna", "POST /v1/requests/"+id+move, body).want(t, 200)
		}
	}
	same("at first", "objection")
	h.clock.forward(2 * time.Minute)
	h.do(t, "market", "POST /v1/disclosures/"+ids[0]+"/objection", `{"party":"b-1","reason":"safety"}`).want(t, 200, "state", "pending", "hearing", "objected")
	same("after the objection", "objection")
	both("/taking", `{}`)
	both("/question", `{"reason":"evidence_missing"}`)
	same("while he is asked", "info_needed")
	h.clock.forward(2 * time.Minute)
	for _, id := range ids {
		h.do(t, "market", "POST /v1/disclosures/"+id+"/answer", `{"party":"s-1"}`).want(t, 200, "state", "objection", "ends_at", "2026-03-05T12:04:00Z")
	}
	same("after his answer", "objection")
	h.do(t, "hanna", "POST /v1/requests/"+ids[0]+"/proposal", `{"reason":"necessary"}`).want(t, 200, "state", "second")
	same("when it is proposed", "objection")
	h.clock.forward(24 * time.Hour)
	same("after the hearing", "pending")
	h.signIn(t, hanna)
	h.do(t, "hanna", "POST /v1/requests/"+ids[0]+"/release", `{}`).want(t, 200)
	h.do(t, "hanna", "POST /v1/requests/"+ids[0]+"/taking", `{}`).want(t, 200)
	h.do(t, "hanna", "POST /v1/requests/"+ids[0]+"/denial", `{"reason":"subject_objected"}`).want(t, 200)
	h.do(t, "hanna", "POST /v1/requests/"+ids[1]+"/denial", `{"reason":"abuse_suspected"}`).want(t, 200)
	same("when it is refused", "denied")
	h.do(t, "market", "GET /v1/disclosures/"+ids[0]+"/request?viewer=b-1", "").want(t, 200, "reason", "subject_objected")
	h.do(t, "market", "GET /v1/disclosures/"+ids[1]+"/request?viewer=b-1", "").want(t, 200, "reason", "not_available")
}

// Why a grant is revoked both sides are told by its code, unless that would say
// something of one of them: whoever revokes it, and whatever is asked.
func TestReasonsOfARevocation(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.employ(t, "hanna", helena, accounts.Handler)
	h.employ(t, "lena", rui, accounts.Lead)
	l := h.listen(t, broker.GrantRevoked)
	h.tell(t)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	told := map[string]string{
		"no_longer_needed": "no_longer_needed", "mistake": "mistake", "leaked": "leaked", "other": "other",
		"subject_objected": "not_available", "misuse_suspected": "not_available",
	}
	want := map[string]string{}
	for reason, public := range told {
		for _, door := range []struct{ key, path string }{{"market", "POST /v1/disclosures/"}, {"lena", "POST /v1/requests/"}} {
			id := h.grant(t, "t-1")
			want[id] = public
			said := `{"reason":"` + reason + `"}`
			if door.key == "lena" {
				r := h.do(t, "hanna", door.path+id+"/revocation/proposal", said).want(t, 200)
				said = body("plan", r.at("proposal.plan"))
			}
			r := h.do(t, door.key, door.path+id+"/revocation", said).want(t, 200, "state", "revoked")
			if door.key == "lena" && (r.at("reason") != public || r.at("internal_reason") != reason) {
				t.Errorf("lena sees %s and %s for %s", r.at("reason"), r.at("internal_reason"), reason)
			}
			if r = h.do(t, "market", "GET /v1/disclosures/"+id+"/request?viewer=s-1", ""); r.at("reason") != "" && r.at("reason") != public {
				t.Errorf("%s answers %s", reason, r.at("reason"))
			}
		}
	}
	h.caughtUp(t)
	if n := len(l.all()); n != len(want) {
		t.Errorf("%d messages", n)
	}
	for _, m := range l.all() {
		if !strings.Contains(m.body, `"reason":"`+want[m.disclosure]+`"`) {
			t.Errorf("want %s: %s", want[m.disclosure], m.body)
		}
	}
}
