package stories

import (
	"fmt"
	"strings"
	"testing"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
)

// revive has two people let a suspended grant live again.
func (h *house) revive(t *testing.T, id string) {
	t.Helper()
	path := "POST /v1/requests/" + id
	r := h.do(t, "hanna", path+"/proposal", `{"reason":"necessary"}`).want(t, 200)
	h.do(t, "lena", path+"/reinstatement", body("plan", r.at("proposal.plan"))).want(t, 200, "state", "granted")
}

// Who is feared loses, by that very commit, what he has on the same person in
// whatever transaction, and whatever he asks about her at whichever broker waits for
// two people, until people have decided for him. Nobody else loses anything.
func TestFearedRequesterIsHeldOff(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	other := h.second(t)
	h.employ(t, "hanna", helena, accounts.Handler)
	h.employ(t, "lena", rui, accounts.Lead)
	l := h.listen(t, broker.GrantSuspended)
	other.heed(t)
	h.agree(t, deal{id: "t-2", kind: "shipped_goods"})
	h.agree(t, deal{id: "t-3", kind: "shipped_goods", seller: "s-2"})
	grants, places := map[string]string{}, map[string]string{}
	for id, seller := range map[string]string{"t-1": "s-1", "t-2": "s-1", "t-3": "s-2"} {
		h.attest(t, id, "pay 221.65, accept 1")
		r := h.disclose(t, id, seller, "deliver").want(t, 201, "decision", "granted")
		grants[id], places[id] = r.at("id"), r.at("ledger.index")
	}
	for _, id := range []string{"t-1", "t-2"} {
		h.attest(t, id, "ship 1, deliver 1, approve_return 1")
	}
	hers := h.disclose(t, "t-1", "b-1", "return").want(t, 201, "decision", "granted")

	other.do(t, "market", "POST /v1/disclosures/"+grants["t-1"]+"/objection", `{"party":"b-1","reason":"safety"}`).want(t, 200, "state", "suspended")
	if n := h.ask(t, `SELECT count(*) FROM outbox WHERE kind = 6 AND entry = (SELECT max(idx) FROM ledger_entries)`); n != "2" {
		t.Errorf("%s rows of its commit say that two grants are suspended", n)
	}
	for _, d := range []*desk{h.desk, other} {
		for _, id := range []string{"t-1", "t-2"} {
			d.view(t, grants[id], "s-1").want(t, 410, "code", "gone")
			d.do(t, "market", "GET /v1/disclosures/"+grants[id]+"?viewer=s-1", "").want(t, 200, "state", "suspended")
			r := d.disclose(t, id, "s-1", "deliver").want(t, 201, "decision", "pending")
			h.tellsNothing(t, r.raw)
			d.do(t, "market", disclosures, foreseen(id, "s-1", "deliver")).want(t, 200, "decision", "pending")
			r = d.do(t, "market", "GET /v1/transactions/"+id+"?viewer=s-1", "").want(t, 200, "disclosable.0.decision", "pending")
			h.tellsNothing(t, r.raw)
		}
		d.view(t, grants["t-3"], "s-2").want(t, 200)
		d.disclose(t, "t-3", "s-2", "deliver").want(t, 201, "decision", "granted")
		d.view(t, hers.at("id"), "b-1").want(t, 200)
	}
	h.do(t, "market", "GET /v1/disclosures/"+hers.at("id")+"?viewer=b-1", "").want(t, 200, "state", "live")

	h.do(t, "hanna", "POST /v1/requests/"+grants["t-2"]+"/proposal", `{"reason":"necessary"}`).want(t, 409, "code", "not_permitted")
	h.do(t, "hanna", "POST /v1/requests/"+grants["t-1"]+"/taking", `{}`).want(t, 200)
	h.revive(t, grants["t-1"])
	other.view(t, grants["t-1"], "s-1").want(t, 200)
	h.view(t, grants["t-2"], "s-1").want(t, 410) // it does not come back by itself
	for _, id := range []string{"t-1", "t-2"} {
		other.disclose(t, id, "s-1", "deliver").want(t, 201, "decision", "granted")
	}
	h.revive(t, grants["t-2"])
	h.view(t, grants["t-2"], "s-1").want(t, 200)

	h.tell(t)
	h.caughtUp(t)
	told := map[string]string{}
	for _, m := range l.all() {
		told[m.transaction] = strings.NewReplacer(m.disclosure, "ID", m.transaction, "T", `"index":`+places[m.transaction]+"}", "PLACE").Replace(m.body)
	}
	if len(l.all()) != 2 || told["t-1"] != told["t-2"] || !strings.Contains(told["t-1"], "PLACE") {
		t.Errorf("two suspensions are told apart, or one of them is not told:\n%s\n%s", told["t-1"], told["t-2"])
	}
}

// tellsNothing fails if an answer to a requester says why people decide.
func (h *house) tellsNothing(t *testing.T, answer []byte) {
	t.Helper()
	for _, word := range []string{"safety", "at_risk", "objected", "held_off", "fear"} {
		if strings.Contains(string(answer), word) {
			t.Errorf("it says %q: %s", word, answer)
		}
	}
}

// To whom it is answered, a request that waits because its subject fears him looks
// like one that waits for a flag of hers.
func TestFearIsNotTold(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	var seen [2]string
	for i, cause := range []func(){
		func() { h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, 200) },
		func() {
			h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `[]`).want(t, 200)
			id := h.grant(t, "t-1")
			h.do(t, "market", "POST /v1/disclosures/"+id+"/objection", `{"party":"b-1","reason":"safety"}`).want(t, 200)
		},
	} {
		cause()
		r := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "pending")
		seen[i] = h.alike(t, r.at("id"), r.at("ledger.index"))
		for _, body := range []string{foreseen("t-1", "s-1", "deliver"), foreseen("t-1", "s-1", "invoice", "name")} {
			seen[i] += fmt.Sprintln(h.do(t, "market", disclosures, body).short())
		}
	}
	if seen[0] != seen[1] {
		t.Errorf("they are told apart:\n%s\n%s", seen[0], seen[1])
	}
}

// Of what is granted, at two brokers, while she says that she fears him, nothing
// stays live.
func TestFearAndGrantsAtOnce(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	other := h.second(t)
	h.employ(t, "hanna", helena, accounts.Handler)
	h.employ(t, "lena", rui, accounts.Lead)
	for i := range 8 {
		h.agree(t, deal{id: "u-" + itoa(i), kind: "shipped_goods"})
		h.attest(t, "u-"+itoa(i), "pay 221.65, accept 1")
	}
	for round := range 3 {
		id := h.grant(t, "u-5")
		together(8, func(i int) reply {
			if i == 5 {
				return other.do(t, "market", "POST /v1/disclosures/"+id+"/objection", `{"party":"b-1","reason":"safety"}`).want(t, 200)
			}
			return []*desk{h.desk, other}[i%2].disclose(t, "u-"+itoa(i), "s-1", "deliver").want(t, 201)
		})
		if n := h.ask(t, `SELECT count(*) FROM disclosures WHERE state = 0`); n != "0" {
			t.Errorf("round %d: %s grants live", round, n)
		}
		h.disclose(t, "u-5", "s-1", "deliver").want(t, 201, "decision", "pending")
		h.revive(t, id)
		h.do(t, "market", "POST /v1/disclosures/"+id+"/revocation", `{"reason":"mistake"}`).want(t, 200)
	}
}

// In a hearing too, and when people suspend a grant for it, safety is about the
// requester, until people give him just what it was about.
func TestFearHoweverItIsSaid(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.employ(t, "hanna", helena, accounts.Handler)
	h.employ(t, "lena", rui, accounts.Lead)
	h.agree(t, deal{id: "t-2", kind: "shipped_goods"})
	for _, id := range []string{"t-1", "t-2"} {
		h.attest(t, id, "pay 221.65, accept 1")
	}
	path := func(id string) string { return "POST /v1/requests/" + id }

	live := h.grant(t, "t-2")
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, 200) // it suspends, too
	asked := h.disclose(t, "t-1", "s-1", "deliver", "name").want(t, 201, "decision", "pending").idOf()
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `[]`).want(t, 200)
	h.revive(t, live)
	h.do(t, "market", "POST /v1/disclosures/"+asked+"/objection", `{"party":"b-1","reason":"safety"}`).want(t, 200, "state", "pending")
	h.view(t, live, "s-1").want(t, 410, "code", "gone")
	r := h.disclose(t, "t-2", "s-1", "deliver").want(t, 201, "decision", "pending")
	h.tellsNothing(t, r.raw)
	h.do(t, "market", "POST /v1/disclosures/"+r.at("id")+"/withdrawal", `{"party":"s-1"}`).want(t, 200)
	r = h.do(t, "market", "GET /v1/disclosures/"+asked+"/request?viewer=s-1", "").want(t, 200, "state", "objection")
	h.tellsNothing(t, []byte(strings.Replace(string(r.raw), `"state":"objection"`, "", 1)))
	h.do(t, "hanna", path(asked)+"/taking", `{}`).want(t, 200)
	p := h.do(t, "hanna", path(asked)+"/proposal", `{"reason":"necessary"}`).want(t, 200)
	h.do(t, "lena", path(asked)+"/approval", body("plan", p.at("plan.hash"))).want(t, 200, "state", "granted")
	second := h.disclose(t, "t-2", "s-1", "deliver").want(t, 201, "decision", "granted").idOf()

	h.do(t, "hanna", path(second)+"/suspension", `{"reason":"misuse_suspected"}`).want(t, 200, "state", "suspended")
	third := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted").idOf()
	h.do(t, "hanna", path(second)+"/suspension", `{"reason":"mistake"}`).want(t, 409, "code", "invalid_transition")
	h.do(t, "hanna", path(second)+"/suspension", `{"reason":"safety"}`).want(t, 200, "state", "suspended")
	h.do(t, "hanna", path(second)+"/suspension", `{"reason":"safety"}`).want(t, 409, "code", "invalid_transition")
	h.view(t, third, "s-1").want(t, 410, "code", "gone")
	h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "pending")
	h.revive(t, second)
	third = h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted").idOf()
	h.do(t, "lena", path(third)+"/suspension", `{"reason":"safety"}`).want(t, 200, "state", "suspended")
	h.view(t, second, "s-1").want(t, 410, "code", "gone")
	h.disclose(t, "t-2", "s-1", "deliver").want(t, 201, "decision", "pending")
}

func (r reply) idOf() string { return r.at("id") }

// By its own word a party holds off five at a time. What it says of the sixth suspends
// what that one has been given by this grant, and waits for a person, who may say so too.
func TestFearOfManyWaitsForAPerson(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.employ(t, "hanna", helena, accounts.Handler)
	h.employ(t, "lena", rui, accounts.Lead)
	ids := make([]string, 6)
	for i := range ids {
		n := itoa(i)
		h.do(t, "market", "PUT /v1/parties/m-"+n, `{"kind":"merchant","source":{"kind":"registration"}}`).want(t, 201)
		for _, deals := range []string{"u-", "v-"} {
			h.agree(t, deal{id: deals + n, kind: "shipped_goods", seller: "m-" + n})
			h.attest(t, deals+n, "pay 221.65, accept 1")
		}
		ids[i] = h.disclose(t, "u-"+n, "m-"+n, "deliver").want(t, 201, "decision", "granted").idOf()
	}
	sixth := h.disclose(t, "v-5", "m-5", "deliver").want(t, 201, "decision", "granted").idOf()
	for i, id := range ids {
		h.do(t, "market", "POST /v1/disclosures/"+id+"/objection", `{"party":"b-1","reason":"safety"}`).want(t, 200, "state", "suspended")
		want := "pending"
		if i == 5 {
			want = "granted"
		}
		h.disclose(t, "v-"+itoa(i), "m-"+itoa(i), "deliver").want(t, 201, "decision", want)
	}
	h.view(t, sixth, "m-5").want(t, 200)
	r := h.do(t, "hanna", "GET /v1/requests", "").want(t, 200)
	if !strings.Contains(string(r.raw), ids[5]) {
		t.Error("nobody is asked to look at the sixth objection")
	}
	h.do(t, "hanna", "POST /v1/requests/"+ids[5]+"/suspension", `{"reason":"safety"}`).want(t, 200)
	h.view(t, sixth, "m-5").want(t, 410, "code", "gone")
	h.disclose(t, "v-5", "m-5", "deliver").want(t, 201, "decision", "pending")
	h.do(t, "hanna", "POST /v1/requests/"+ids[0]+"/taking", `{}`).want(t, 200)
	h.revive(t, ids[0]) // somebody less, and somebody else in his place
	h.disclose(t, "v-0", "m-0", "deliver").want(t, 201, "decision", "granted")
}
