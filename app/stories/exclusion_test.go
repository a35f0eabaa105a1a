package stories

import (
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
)

// Who passes on what was revealed loses every grant and every right to ask, at
// once and by one entry; and gets no grant back when he may ask again.
func TestExcludedForMisuse(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.agree(t, deal{id: "t-2", kind: "shipped_goods"})
	for _, id := range []string{"t-1", "t-2"} {
		h.attest(t, id, "pay 221.65, accept 1")
	}
	body := request("t-1", "s-1", "deliver")
	first := h.do(t, "market", disclosures, body, keyed("d")...).want(t, 201, "decision", "granted")
	second := h.disclose(t, "t-2", "s-1", "deliver").want(t, 201, "decision", "granted")
	ids := []string{first.at("id"), second.at("id")}
	h.view(t, ids[0], "s-1", keyed("v")...).want(t, 200)

	exclusion := "PUT /v1/parties/s-1/exclusion"
	for _, bad := range []string{`{}`, `{"reason":"because"}`, `{"note":"segredo do bilhete"}`} {
		h.do(t, "privacy", exclusion, bad).want(t, 422)
	}
	h.do(t, "market", exclusion, `{"reason":"passed_on"}`).want(t, 403, "code", "scope_missing")
	h.do(t, "privacy", "PUT /v1/parties/nobody/exclusion", `{"reason":"passed_on"}`).want(t, 404)
	size := h.size(t)
	why := `{"reason":"passed_on","note":"segredo do bilhete"}`
	told := h.do(t, "privacy", exclusion, why).want(t, 200, "excluded", "true", "excluded_at", "2026-03-04T12:00:00Z")
	if strings.Contains(string(told.raw), "segredo") || h.ask(t, `SELECT count(*) - `+size+` FROM ledger_entries`) != "1" {
		t.Errorf("%s, and %s entries", told.short(), h.size(t))
	}
	h.clock.forward(time.Minute)
	h.do(t, "privacy", exclusion, `{"reason":"sold"}`).want(t, 200, "excluded_at", "2026-03-04T12:00:00Z") // the first reason stands

	for _, id := range ids {
		h.view(t, id, "s-1").want(t, 410, "code", "gone")
		h.do(t, "market", "GET /v1/disclosures/"+id+"?viewer=s-1", "").want(t, 200, "state", "revoked")
	}
	h.view(t, ids[0], "s-1", keyed("v")...).want(t, 410)
	again := h.do(t, "market", disclosures, body, keyed("d")...).want(t, 201, "id", ids[0], "state", "revoked")
	refused := h.disclose(t, "t-2", "s-1", "deliver").want(t, 201, "decision", "refused")
	if again.opens() != "" || refused.opens() != "" || refused.because() != "not_available" {
		t.Errorf("excluded, and %s %s", again.short(), refused.short())
	}
	r := h.do(t, "market", "GET /v1/transactions/t-1?viewer=s-1", "").want(t, 200, "disclosable.0.decision", "refused", "disclosable.0.missing", "[]")
	if strings.Contains(string(r.raw), "granted") {
		t.Errorf("disclosable: %s", r.short())
	}
	list := h.do(t, "market", "GET /v1/parties/b-1/disclosures", "").want(t, 200, "data.1.state", "revoked", "data.2.state", "revoked")
	if len(list.list("data")) != 3 {
		t.Errorf("the subject's list: %s", list.short())
	}
	// He is protected like anybody else, and the other side may still ask.
	h.attest(t, "t-1", "ship 1, deliver 1, approve_return 1")
	h.disclose(t, "t-1", "b-1", "return").want(t, 201, "decision", "granted")

	h.reinstate(t, "s-1")
	for _, id := range ids {
		h.view(t, id, "s-1").want(t, 410)
	}
	h.clock.forward(time.Second)
	anew := h.disclose(t, "t-2", "s-1", "deliver").want(t, 201, "decision", "granted", "state", "live")
	h.view(t, anew.at("id"), "s-1").want(t, 200)
	h.tell(t) // late, and it ends what there was before alone
	h.caughtUp(t)
	h.view(t, anew.at("id"), "s-1").want(t, 200)
	if got := h.ask(t, `SELECT string_agg(state::text, '' ORDER BY id) FROM disclosures WHERE decision = 2 AND requester = (SELECT id FROM parties WHERE name = 's-1')`); got != "220" {
		t.Errorf("the grants are %s", got)
	}
}

// reinstate lets an excluded party ask again: what a key has done two people take
// back, of whom the second is a lead or an officer whose account may approve.
func (h *house) reinstate(t *testing.T, party string) {
	t.Helper()
	h.employ(t, "renata", "renata@desk.example.org", accounts.Handler)
	h.employ(t, "regina", "regina@desk.example.org", accounts.PrivacyOfficer)
	path := "POST /v1/parties/" + party
	for _, key := range []string{"privacy", "market", "audit"} {
		h.do(t, key, path+"/exclusion/proposal", `{"reason":"mistake"}`).want(t, 403, "code", "session_required")
	}
	r := h.do(t, "renata", path+"/exclusion/proposal", `{"reason":"not_substantiated"}`).want(t, 200, "excluded", "true")
	h.do(t, "regina", path+"/reinstatement", body("plan", r.at("proposal.plan"))).want(t, 200, "excluded", "false", "excluded_at", "", "proposal", "", "allowed", "[]")
}

// Nobody lets an excluded party ask again alone, without a reason, or by another
// proposal than the one that was looked at.
func TestTwoReinstate(t *testing.T) {
	t.Parallel()
	h := newCrew(t)
	path, reading := "POST /v1/parties/s-1", "GET /v1/parties/s-1/exclusion"
	propose, reinstate := path+"/exclusion/proposal", path+"/reinstatement"
	h.do(t, "hanna", reading, "").want(t, 200, "excluded", "false", "allowed", "[]")
	h.do(t, "hanna", propose, `{"reason":"mistake"}`).want(t, 409, "code", "invalid_transition", "allowed", "[]")
	proposes := func(who, reason string, headers ...string) string {
		t.Helper()
		r := h.do(t, who, propose, body("reason", reason), headers...).want(t, 200, "excluded", "true", "proposal.reason", reason)
		return r.at("proposal.plan")
	}
	exclude := func() { h.do(t, "privacy", "PUT /v1/parties/s-1/exclusion", `{"reason":"sold"}`).want(t, 200) }
	exclude()
	h.do(t, "paula", reinstate, body("plan", "sha256:"+strings.Repeat("0", 64))).want(t, 403, "code", "own_work") // nobody has proposed
	for _, bad := range []string{`{}`, `{"reason":"because"}`, `{"reason":"mistake","note":"segredo do bilhete"}`} {
		h.do(t, "hanna", propose, bad).want(t, 422)
	}
	h.do(t, "hanna", "POST /v1/parties/nobody/exclusion/proposal", `{"reason":"mistake"}`).want(t, 404)
	first := proposes("lena", "mistake", keyed("p")...)
	if r := h.do(t, "lena", propose, `{"reason":"mistake"}`, keyed("p")...).want(t, 200, "proposal.plan", first); r.header.Get("Idempotent-Replayed") != "true" {
		t.Error("a retry is no retry")
	}
	h.do(t, "lena", reinstate, body("plan", first)).want(t, 403, "code", "own_work")
	h.do(t, "hanna", reinstate, body("plan", first)).want(t, 403, "code", "role_missing")
	h.do(t, "paula", reinstate, `{}`).want(t, 422, "errors.0.pointer", "/plan")
	reject := path + "/exclusion/rejection"
	h.do(t, "lena", reject, `{}`).want(t, 403, "code", "own_work")
	h.do(t, "hanna", reject, `{}`).want(t, 403, "code", "role_missing")
	h.do(t, "paula", reject, `{"reason":"mistake"}`).want(t, 422)
	h.do(t, "paula", reject, `{}`, keyed("n")...).want(t, 200, "excluded", "true", "proposal", "")
	h.do(t, "paula", reject, `{}`, keyed("n")...).want(t, 200, "excluded", "true")
	h.do(t, "paula", reject, `{}`).want(t, 403, "code", "own_work") // nothing is proposed any more
	plan := proposes("hanna", "remedied")
	h.do(t, "paula", reinstate, body("plan", first)).want(t, 409, "code", "proposal_changed")
	h.do(t, "paula", reading, "").want(t, 200, "proposal.plan", plan, "proposal.reason", "remedied", "allowed", `["propose","reinstate","reject"]`)
	h.made("paula", "lucas", "lead")
	h.do(t, "lucas", reinstate, body("plan", plan)).want(t, 403, "code", "approval_not_yet")
	h.later(day)
	plan = proposes("lucas", "remedied")
	h.do(t, "paula", reinstate, body("plan", plan)).want(t, 403, "code", "not_independent")                                     // she has made him
	h.do(t, "market", "PUT /v1/parties/s-1", `{"kind":"merchant","locale":"es","source":{"kind":"registration"}}`).want(t, 200) // it is kept with the party
	h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "refused")
	h.do(t, "lena", reinstate, body("plan", plan), keyed("r")...).want(t, 200, "excluded", "false")
	h.do(t, "lena", reinstate, body("plan", plan), keyed("r")...).want(t, 200, "excluded", "false")
	h.do(t, "lena", reinstate, body("plan", plan)).want(t, 409, "code", "invalid_transition")
	// A proposal is about one exclusion.
	h.clock.forward(time.Minute)
	exclude()
	h.do(t, "paula", reading, "").want(t, 200, "excluded", "true", "proposal", "")
	h.do(t, "paula", reinstate, body("plan", plan)).want(t, 403, "code", "own_work")
}

// Sixteen ask and look while the party is excluded, at two brokers: after the
// answer to that, nothing opens.
func TestExcludedAtOnce(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	desks := []*desk{h.desk, h.second(t)}
	h.attest(t, "t-1", "pay 221.65, accept 1")
	id := h.disclose(t, "t-1", "s-1", "deliver")
	grant := id.at("id")
	together(17, func(i int) reply {
		switch {
		case i == 16:
			return h.do(t, "privacy", "PUT /v1/parties/s-1/exclusion", `{"reason":"collected"}`).want(t, 200)
		case i%4 < 2:
			return desks[i%2].view(t, grant, "s-1")
		default:
			return desks[i%2].do(t, "market", disclosures, request("t-1", "s-1", "deliver"))
		}
	})
	excluded := h.ask(t, `SELECT max(idx) FROM ledger_entries WHERE get_byte(entry, 1) = 61`)
	if got := h.ask(t, `SELECT count(*) FROM ledger_entries e LEFT JOIN disclosures d ON d.entry = e.idx
		WHERE e.idx > `+excluded+` AND (get_byte(e.entry, 1) = 10 OR d.decision = 2)`); got != "0" {
		t.Errorf("%s views or grants stand behind the exclusion", got)
	}
	for _, d := range desks {
		d.view(t, grant, "s-1").want(t, 410)
	}
	h.tell(t)
	h.caughtUp(t)
	if n := h.ask(t, `SELECT count(*) FROM disclosures WHERE state = 0`); n != "0" {
		t.Errorf("%s grants live in their rows", n)
	}
}

// Every grant that an excluded party still had is revoked in its row and told to
// both sides, once and without the cause; what was seen of it has to be deleted.
// What had ended before says nothing more.
func TestExclusionIsTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	h.people(t)
	other := h.second(t)
	l := h.listen(t, broker.GrantRevoked, broker.GrantSuspended, broker.RecallRequested)
	other.heed(t)
	grants := map[string]string{}
	for _, d := range []deal{{id: "t-1"}, {id: "t-2"}, {id: "t-3"}, {id: "t-4", seller: "s-2"}, {id: "t-5"}} {
		d.kind = "shipped_goods"
		h.agree(t, d)
		h.attest(t, d.id, "pay 221.65, accept 1")
		if d.id == "t-2" {
			asked := h.do(t, "market", disclosures, `{"transaction":"t-2","requester":"s-1","purpose":"deliver","reveal":false}`).want(t, 201, "decision", "granted")
			grants[d.id] = asked.at("id")
			continue
		}
		asked := h.disclose(t, d.id, max(d.seller, "s-1"), "deliver").want(t, 201, "decision", "granted")
		grants[d.id] = asked.at("id")
	}
	h.reverse(t, "t-3", "pay", "221.65", "refund")
	h.do(t, "market", "POST /v1/disclosures/"+grants["t-5"]+"/revocation", `{"reason":"no_longer_needed"}`).want(t, 200)
	h.attest(t, "t-1", "ship 1, deliver 1, approve_return 1")
	theirs := h.disclose(t, "t-1", "b-1", "return").want(t, 201, "decision", "granted")
	for _, d := range []*desk{other, h.desk} { // the second time is nothing new
		d.do(t, "privacy", "PUT /v1/parties/s-1/exclusion", `{"reason":"passed_on"}`).want(t, 200)
	}
	h.tell(t)
	other.tell(t)
	h.caughtUp(t)
	h.caughtUp(t) // what the timers said
	if n := h.ask(t, `SELECT string_agg(state::text, '' ORDER BY state) FROM disclosures WHERE decision = 2`); n != "002222" {
		t.Errorf("the grants are %s", n)
	}
	h.view(t, grants["t-4"], "s-2").want(t, 200)
	h.view(t, theirs.at("id"), "b-1").want(t, 200)
	heard := map[string]string{}
	for _, m := range l.all() {
		heard[m.transaction] += m.kind + " "
		if grants[m.transaction] != m.disclosure {
			t.Errorf("told: %s", m.body)
		}
		for _, word := range []string{"exclu", "passed_on"} {
			if strings.Contains(m.body, word) {
				t.Errorf("it says %q: %s", word, m.body)
			}
		}
	}
	for transaction, want := range map[string]string{
		"t-1": "grant.revoked recall.requested ", "t-2": "grant.revoked ", "t-3": "grant.suspended grant.revoked recall.requested ",
		"t-4": "", "t-5": "grant.revoked recall.requested ",
	} {
		if heard[transaction] != want {
			t.Errorf("%s: told %q, want %q", transaction, heard[transaction], want)
		}
	}
	h.retold(t, l)
}

// Of more grants than are ended for one timer every one is, each by one entry.
func TestExclusionOfMany(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	const many = 501
	for range many / 3 {
		together(3, func(int) reply { return h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted") })
	}
	h.do(t, "privacy", "PUT /v1/parties/s-1/exclusion", `{"reason":"collected"}`).want(t, 200)
	h.tell(t)
	h.caughtUp(t)
	if got := h.ask(t, `SELECT concat_ws(' ', count(*), count(*) FILTER (WHERE state = 2), max(version)) FROM disclosures`); got != "501 501 2" {
		t.Errorf("all, revoked, and how often they changed: %s", got)
	}
}
