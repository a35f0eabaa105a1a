package stories

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"bauta.dev/bauta/broker/budget"

	"bauta.dev/bauta/broker/accounts"
)

// What is settled, lapses, is withdrawn, or goes outside and comes back.
func TestWaysOutOfADispute(t *testing.T) {
	t.Parallel()
	c := newCourt(t, terms{})
	for _, id := range []string{"t-1", "t-2", "t-3", "t-4"} {
		c.bought(t, id)
	}
	settled, lapses, withdrawn, outside := c.opens(t, "t-1"), c.opens(t, "t-2"), c.opens(t, "t-3"), c.opens(t, "t-4")

	c.on(t, settled, "offers", `{"by":"s-1","kind":"part_refund","amount":"100.00"}`).want(t, 422, "code", "out_of_range", "errors.0.pointer", "/amount")
	c.on(t, settled, "offers", `{"by":"s-1","kind":"part_refund","amount":"40.00"}`).want(t, 201, "offers.0.state", "live", "offers.0.amount", "40.00")
	c.on(t, settled, "offers/1/acceptance", `{"by":"s-1"}`).want(t, 409, "code", "own_offer")
	c.on(t, settled, "offers/9/acceptance", `{"by":"b-1"}`).want(t, 409, "code", "offer_gone")
	c.on(t, settled, "offers", `{"by":"s-1","kind":"part_refund","amount":"50.00"}`).want(t, 201, "offers.0.state", "superseded", "offers.1.state", "live")
	c.on(t, settled, "offers/1/acceptance", `{"by":"b-1"}`).want(t, 409, "code", "offer_gone")
	c.on(t, settled, "offers/2/retraction", `{"by":"s-1"}`).want(t, 200, "offers.1.state", "retracted")
	c.on(t, settled, "offers", `{"by":"s-1","kind":"part_refund","amount":"45.00"}`).want(t, 201)
	c.back(t, "t-1", "45.00").want(t, 409, "code", "disputed")
	c.on(t, settled, "offers/3/acceptance", `{"by":"b-1"}`, "Idempotency-Key", "a").want(t, 200, "state", "settled", "offers.2.state", "accepted")
	c.on(t, settled, "offers/3/acceptance", `{"by":"b-1"}`, "Idempotency-Key", "a").want(t, 200, "state", "settled")
	c.back(t, "t-1", "45.01").want(t, 409, "code", "disputed")
	c.back(t, "t-1", "45.00").want(t, 201)

	c.on(t, withdrawn, "withdrawal", `{"by":"s-1"}`).want(t, 409)
	c.on(t, withdrawn, "withdrawal", `{"by":"b-1"}`).want(t, 200, "state", "withdrawn", "allowed", "[]")

	external := `{"kind":"chargeback","text":"Aviso do banco."}`
	c.step(t, "hanna", outside, "external", external).want(t, 409, "code", "not_assigned")
	c.step(t, "lena", outside, "external", external).want(t, 200, "state", "external", "external", "chargeback")
	c.back(t, "t-4", "5.00").want(t, 201) // it is the bank's to take
	c.clock.forward(10 * days)
	c.sits(t)
	back := c.step(t, "lena", outside, "resumption", `{}`).want(t, 200, "state", "negotiation")
	if until := c.clock.now().Add(20 * days).Format("2006-01-02"); !strings.HasPrefix(back.at("ends_at"), until) {
		t.Errorf("of 20 days %s are left", back.at("ends_at"))
	}
	c.back(t, "t-4", "5.00").want(t, 409, "code", "disputed")
	c.step(t, "lena", outside, "external", strings.Replace(external, "chargeback", "court", 1)).want(t, 200)
	c.step(t, "lena", outside, "conclusion", `{"reason":"court_decided"}`).want(t, 422, "errors.0.pointer", "/text")
	over := `{"reason":"court_decided","text":"Sentença de hoje."}`
	c.step(t, "lena", outside, "conclusion", over).want(t, 403, "code", "not_independent")
	c.employ(t, "lars", "elisa.prado3@desk.example.org", accounts.Lead)
	c.step(t, "lars", outside, "conclusion", over).want(t, 200, "state", "closed")

	stop := c.tell(t) // what nobody touches, the clock ends
	defer stop()
	c.clock.forward(11 * days)
	await(t, "a case lapses", func() bool {
		r := c.do(t, "disputes", "GET /v1/disputes?transaction=t-2", "")
		return r.at("data.0.state") == "lapsed"
	})
	c.on(t, lapses, "offers", `{"by":"s-1","kind":"none"}`).want(t, 409, "code", "invalid_transition")
	await(t, "what was settled closes", func() bool {
		r := c.do(t, "disputes", "GET /v1/disputes?party=b-1&state=closed", "")
		return len(r.list("data")) == 2
	})
}

// Whoever lost appeals once; other people decide, and then nobody any more.
func TestAppealOfADispute(t *testing.T) {
	t.Parallel()
	c := newCourt(t, terms{})
	c.bought(t, "t-1")
	path := c.opens(t, "t-1")
	c.toReview(t, path)
	c.sits(t)
	approval := c.proposes(t, "hanna", path, ruling)
	c.do(t, "lena", "GET /v1/disputes?queue=second", "").want(t, 200, "data.0.state", "proposed", "data.0.transaction", "t-1")
	c.do(t, "hanna", "GET /v1/disputes?queue=second", "").want(t, 200, "data", "[]") // nobody is the second for himself
	c.do(t, "disputes", "GET /v1/disputes?state=proposed", "").want(t, 422)
	c.do(t, "disputes", "GET /v1/disputes?state=under_review", "").want(t, 200, "data.0.state", "under_review", "data.0.assigned", "")
	c.step(t, "hugo", path, "return", `{"reason":"mistake","text":"Falta o valor."}`).want(t, 200, "state", "under_review")
	c.step(t, "hugo", path, "approval", approval).want(t, 409, "code", "invalid_transition")
	c.step(t, "hugo", path, "approval", c.proposes(t, "hanna", path, ruling)).want(t, 200, "state", "decided")
	c.on(t, path, "appeal", `{"by":"s-1","grounds":"dislike","text":"x"}`).want(t, 422, "errors.0.pointer", "/grounds")
	c.on(t, path, "appeal", `{"by":"s-1","grounds":"new_facts","text":"A encomenda apareceu."}`).want(t, 200, "state", "appealed")
	c.back(t, "t-1", "100.00").want(t, 409, "code", "disputed") // what was decided may no more be paid back
	c.step(t, "lena", path, "assignment", `{"account":"`+c.hanna.id+`"}`).want(t, 403, "code", "decided_before")
	c.step(t, "lena", path, "assignment", `{"account":"`+c.hugo.id+`"}`).want(t, 403, "code", "decided_before")
	third := c.employ(t, "tina", "elisa.barros4@desk.example.org", "handler")
	c.step(t, "lena", path, "assignment", `{"account":"`+third.id+`"}`).want(t, 200)
	second := c.proposes(t, "tina", path, `{"outcome":"release","reason_code":"delivered","clause":"3f","findings":"Foi entregue."}`)
	c.step(t, "hugo", path, "approval", second).want(t, 403, "code", "decided_before")
	c.step(t, "lena", path, "approval", second).want(t, 200, "state", "final", "decision.outcome", "release")
	c.on(t, path, "appeal", `{"by":"b-1","grounds":"error","text":"Não."}`).want(t, 409, "code", "invalid_transition")
}

// asSides is all that the sides, and a key for neither, read of the case of t-1.
func (c *court) asSides(t *testing.T, path string) string {
	t.Helper()
	var all strings.Builder
	for _, at := range []string{path + "?viewer=b-1", path + "?viewer=s-1", path, "/v1/disputes?transaction=t-1"} {
		r := c.do(t, "disputes", "GET "+at, "").want(t, 200)
		said := jsontext.Value(r.raw)
		if err := said.Canonicalize(); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&all, "%s %s\n", r.header.Get("ETag"), said)
	}
	return all.String()
}

// What is proposed, sent back or let go of changes nothing that a side reads: no state,
// no count, no tag, no time, and how none of its items stands, also on appeal.
func TestProposalShowsNothing(t *testing.T) {
	t.Parallel()
	c := newCourt(t, terms{})
	c.bought(t, "t-1")
	path := c.opens(t, "t-1")
	c.toReview(t, path)
	c.sits(t)
	hidden := func(who string) {
		t.Helper()
		before := c.asSides(t, path)
		same := func(what string) {
			t.Helper()
			c.clock.forward(time.Second)
			now := c.asSides(t, path)
			at := 0
			for at < min(len(now), len(before)) && now[at] == before[at] {
				at++
			}
			if now != before {
				t.Errorf("%s shows: %.300s", what, now[max(0, at-100):])
			}
		}
		c.proposes(t, who, path, ruling)
		same("a proposal")
		if r := c.do(t, "lena", "POST "+path+"/texts", `{}`).want(t, 200); len(r.list("messages")) > 0 {
			opened := c.do(t, "disputes", "GET "+path+"?viewer=b-1", "").want(t, 200)
			last := opened.list("timeline")[len(opened.list("timeline"))-1]
			if said := fmt.Sprint(last); strings.Contains(said, "role") || !strings.Contains(said, "texts:"+opened.at("texts")) {
				t.Errorf("what the second opens tells of it: %s", said)
			}
		}
		before = c.asSides(t, path)
		c.step(t, "lena", path, "return", `{"reason":"mistake","text":"Falta o valor."}`).want(t, 200)
		same("its return")
		c.proposes(t, who, path, ruling)
		same("another one")
		c.step(t, "lena", path, "release", `{}`).want(t, 200)
		same("that it is let go of")
	}
	hidden("hanna")
	c.step(t, "lena", path, "assignment", `{"account":"`+c.hanna.id+`"}`).want(t, 200)
	c.step(t, "hugo", path, "approval", c.proposes(t, "hanna", path, ruling)).want(t, 200, "state", "decided")

	c.on(t, path, "appeal", `{"by":"s-1","grounds":"new_facts","text":"A encomenda apareceu."}`).want(t, 200, "state", "appealed", "frozen_sha256", "")
	c.hands(t, path, "s-1", "delivery_proof", drawn(t, 3)).want(t, 201, "evidence.2.state", "staged")
	third := c.employ(t, "tina", "elisa.barros4@desk.example.org", "handler")
	give := `{"account":"` + third.id + `"}`
	c.step(t, "lena", path, "assignment", give).want(t, 200)
	c.hands(t, path, "s-1", "other", drawn(t, 4)).want(t, 201, "evidence.3.state", "staged")
	c.sits(t)
	hidden("tina")
	c.step(t, "lena", path, "assignment", give).want(t, 200, "evidence.3.state", "submitted")
	approval := c.proposes(t, "tina", path, ruling)
	c.hands(t, path, "s-1", "other", drawn(t, 5)).want(t, 201, "evidence.4.state", "staged", "evidence.3.state", "staged") // as before it
	c.step(t, "lena", path, "approval", approval).want(t, 409, "code", "proposal_changed")
	seen := c.do(t, "lena", "GET "+path, "").want(t, 200)
	approval = `{"payload_hash":"` + seen.at("proposal.payload_hash") + `"}`
	c.step(t, "lena", path, "approval", approval).want(t, 200, "state", "final")
	c.do(t, "disputes", "GET "+path+"?viewer=b-1", "").want(t, 200, "evidence.3.state", "submitted", "evidence.4.state", "past_due")
}

// Two handlers who look at the same case do not both act on it.
func TestTwoHandlersAtOnce(t *testing.T) {
	t.Parallel()
	c := newCourt(t, terms{})
	c.bought(t, "t-1")
	path := c.opens(t, "t-1")
	c.clock.forward(48 * time.Hour)
	c.on(t, path, "escalation", `{"by":"b-1"}`).want(t, 200)
	c.sits(t)
	tag := c.tag(t, path)
	answers := make(chan reply, 2)
	for _, who := range []string{"hanna", "hugo"} {
		go func() { answers <- c.do(t, who, "POST "+path+"/assignment", `{}`, "If-Match", tag) }()
	}
	one, other := <-answers, <-answers
	if one.status+other.status != 200+412 {
		t.Errorf("%d %s; %d %s", one.status, one.short(), other.status, other.short())
	}
}

// A handler sees values only in a case that a party has opened and somebody else has
// given to him, so many a day; and the person sees that.
func TestRevealsInADispute(t *testing.T) {
	t.Parallel()
	limits := budget.Default()
	c := newCourt(t, terms{budgets: &limits, reveals: 2})
	c.bought(t, "t-1")
	c.attest(t, "t-1", "deliver 1")
	path := c.opens(t, "t-1")
	c.clock.forward(48 * time.Hour)
	c.on(t, path, "escalation", `{"by":"b-1"}`).want(t, 200)
	c.sits(t)
	reveal := `{"subject":"b-1","fields":["name"],"purpose":"decide_case","reason":"identity_unclear"}`
	c.step(t, "hanna", path, "reveals", reveal).want(t, 409, "code", "not_assigned")
	c.step(t, "hanna", path, "assignment", `{}`).want(t, 200)
	c.step(t, "hanna", path, "reveals", reveal).want(t, 403, "code", "assigned_by_oneself")
	c.step(t, "lena", path, "assignment", `{"account":"`+c.hugo.id+`"}`).want(t, 200)
	c.step(t, "hanna", path, "reveals", reveal).want(t, 409, "code", "not_assigned")
	c.do(t, "hugo", "POST "+path+"/reveals", reveal).want(t, 428)
	for range 3 { // what is refused counts for nothing
		c.do(t, "hugo", "POST "+path+"/reveals", reveal, "If-Match", `"1"`).want(t, 412)
	}
	c.step(t, "hugo", path, "reveals", strings.Replace(reveal, "decide_case", "contact_party", 1)).want(t, 422, "errors.0.pointer", "/purpose")
	opened := c.step(t, "hugo", path, "reveals", reveal).want(t, 200, "fields.0.field", "name", "fields.0.value", "Giovana Teixeira")
	if opened.at("ledger.index") == "" {
		t.Error("without an entry")
	}
	c.step(t, "hugo", path, "reveals", reveal, "Idempotency-Key", "r").want(t, 200)
	c.step(t, "hugo", path, "reveals", reveal, "Idempotency-Key", "r").want(t, 200, "fields.0.value", "Giovana Teixeira")
	c.step(t, "hugo", path, "reveals", reveal).want(t, 429, "code", "rate_limited")
	c.do(t, "disputes", "POST "+path+"/reveals", reveal, "If-Match", `"1"`).want(t, 403, "code", "session_required")

	looks := c.do(t, "market", "GET /v1/parties/b-1/disclosures", "").want(t, 200)
	for _, part := range []string{`"purpose":"decide_case"`, `"role":"handler"`, strings.TrimPrefix(path, "/v1/disputes/")} {
		if !strings.Contains(looks.at("cases"), part) {
			t.Errorf("the person does not see %s: %s", part, looks.raw)
		}
	}
	if c.do(t, "market", "GET /v1/parties/s-1/disclosures", "").want(t, 200).status != 200 || strings.Contains(string(looks.raw), c.hugo.id) {
		t.Error("somebody is named")
	}
	v := c.comes(t, "en")
	v.get("/me?lang=en", 200, strings.TrimPrefix(path, "/v1/disputes/"), "to decide a dispute")
}
