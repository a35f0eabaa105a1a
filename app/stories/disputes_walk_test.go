package stories

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
)

// partySteps, and staffSteps, are all that anybody can ask to be done with a case: the path of the event, and
// a body that nothing is wrong with; of evidence it is a form.
var partySteps = map[states.Event][2]string{
	disputes.Message: {"messages", `{"by":"BY","text":"x"}`}, disputes.Offer: {"offers", `{"by":"BY","kind":"none"}`},
	disputes.AcceptOffer: {"offers/1/acceptance", `{"by":"BY"}`}, disputes.RetractOffer: {"offers/1/retraction", `{"by":"BY"}`},
	disputes.Escalate: {"escalation", `{"by":"BY"}`}, disputes.Withdraw: {"withdrawal", `{"by":"BY"}`},
	disputes.Appeal: {"appeal", `{"by":"BY","grounds":"error","text":"x"}`}, disputes.Rest: {"evidence/completion", `{"by":"BY"}`}, disputes.AddEvidence: {"evidence", ""},
}

var staffSteps = map[states.Event][2]string{
	disputes.Assign: {"assignment", `{}`}, disputes.Release: {"release", `{}`}, disputes.AdmitEvidence: {"evidence/1/admission", `{}`}, disputes.Propose: {"proposal", ruling},
	disputes.AskEvidence: {"evidence-requests", `{"wanted":[{"by":"seller","type":"other"}],"due":"2027-01-01T00:00:00Z"}`},
	disputes.Approve:     {"approval", `{"payload_hash":"sha256:` + strings.Repeat("0", 64) + `"}`}, disputes.SendBack: {"return", `{"reason":"mistake"}`},
	disputes.GoOutside: {"external", `{"kind":"court","text":"x"}`}, disputes.ComeBack: {"resumption", `{}`}, disputes.Conclude: {"conclusion", `{"reason":"dropped","text":"x"}`},
	disputes.Message: {"messages", `{"text":"x"}`},
}

// stuck tries all that cannot happen to a case in a state, whoever asks: 409, with what
// can, and nothing is written.
func (c *court) stuck(t *testing.T, path string, in states.State) {
	t.Helper()
	tag, size := c.tag(t, path), c.size(t)
	never := func(e states.Event, by states.Actor) bool {
		_, err := disputes.Life.Next(in, e, by, func(states.Guard) bool { return true })
		r, refused := errors.AsType[*states.RefusedError](err)
		return refused && r.Guard == ""
	}
	tried := 0
	try := func(e states.Event, who string, step [2]string, headers ...string) {
		t.Helper()
		tried++
		r := c.do(t, who, "POST "+path+"/"+step[0], step[1], headers...).want(t, 409, "code", "invalid_transition")
		if offered := r.list("allowed"); offered == nil || slices.Contains(offered, any(string(e))) {
			t.Errorf("%s in %s: allowed %v", e, in, offered)
		}
	}
	for e, step := range partySteps {
		for who, by := range map[string]states.Actor{"b-1": disputes.ByOpener, "s-1": disputes.ByOther} {
			switch {
			case !never(e, by):
			case e == disputes.AddEvidence:
				content, media := form(t, drawn(t, 77), "by", who, "type", "other")
				try(e, "disputes", [2]string{step[0], content}, "Content-Type", media)
			default:
				try(e, "disputes", [2]string{step[0], strings.Replace(step[1], "BY", who, 1)})
			}
		}
	}
	for e, step := range staffSteps {
		if by := map[bool]states.Actor{true: disputes.BySecond, false: disputes.ByHandler}[e == disputes.Approve || e == disputes.SendBack]; never(e, by) {
			try(e, "hanna", step, "If-Match", tag)
		}
	}
	if c.size(t) != size || tried < 8 {
		t.Errorf("in %s: %d tried, and the log has grown from %s to %s", in, tried, size, c.size(t))
	}
}

// What is not in the table of docs/states.md happens to no case, in no state, at the door.
func TestNoOtherWayForADispute(t *testing.T) {
	t.Parallel()
	c := newCourt(t, terms{})
	lars := c.employ(t, "lars", "elisa.prado3@desk.example.org", accounts.Lead)
	for _, id := range []string{"t-1", "t-2", "t-3", "t-4", "t-5"} {
		c.bought(t, id)
	}
	path, settled, withdrawn, outside, lapsed := c.opens(t, "t-1"), c.opens(t, "t-2"), c.opens(t, "t-3"), c.opens(t, "t-4"), c.opens(t, "t-5")
	c.stuck(t, path, disputes.Negotiation)
	c.on(t, settled, "offers", `{"by":"s-1","kind":"part_refund","amount":"40.00"}`).want(t, 201)
	c.on(t, settled, "offers/1/acceptance", `{"by":"b-1"}`).want(t, 200)
	c.stuck(t, settled, disputes.Settled)
	c.on(t, withdrawn, "withdrawal", `{"by":"b-1"}`).want(t, 200)
	c.stuck(t, withdrawn, disputes.Withdrawn)
	c.step(t, "lena", outside, "external", `{"kind":"court","text":"x"}`).want(t, 200)
	c.stuck(t, outside, disputes.External)

	c.clock.forward(48 * time.Hour)
	c.sits(t)
	c.on(t, path, "escalation", `{"by":"b-1"}`).want(t, 200)
	c.stuck(t, path, disputes.Claim)
	c.step(t, "hanna", path, "assignment", `{}`).want(t, 200)
	due := c.clock.now().Add(72 * time.Hour).Format(time.RFC3339)
	c.step(t, "hanna", path, "evidence-requests", `{"wanted":[{"by":"seller","type":"carrier_tracking"}],"due":"`+due+`"}`).want(t, 200)
	c.stuck(t, path, disputes.Evidence)
	c.on(t, path, "evidence/completion", `{"by":"s-1"}`).want(t, 200, "state", "under_review")
	c.stuck(t, path, disputes.UnderReview)
	approval := c.proposes(t, "hanna", path, ruling)
	c.stuck(t, path, disputes.Proposed)
	c.step(t, "hugo", path, "approval", approval).want(t, 200, "state", "decided")
	c.stuck(t, path, disputes.Decided)
	c.on(t, path, "appeal", `{"by":"s-1","grounds":"error","text":"x"}`).want(t, 200, "state", "appealed")
	c.stuck(t, path, disputes.Appealed)
	c.step(t, "lena", path, "assignment", `{}`).want(t, 200)
	approval = c.proposes(t, "lena", path, ruling)
	c.stuck(t, path, disputes.AppealProposed)
	c.signIn(t, lars)
	c.step(t, "lars", path, "approval", approval).want(t, 200, "state", "final")
	c.stuck(t, path, disputes.Final)
	c.back(t, "t-1", "100.00").want(t, 201)

	c.clock.forward(31 * days)
	c.sits(t)
	for _, over := range []string{path, lapsed} { // what time has made of them is written down first
		c.on(t, over, "messages", `{"by":"b-1","text":"x"}`).want(t, 409)
	}
	c.stuck(t, path, disputes.Closed)
	c.stuck(t, lapsed, disputes.Lapsed)
}

// A form is the same one whatever stands between its parts; a clock that is set back
// takes nothing with it; and a deadline passes though the broker that set it is gone.
func TestDisputesHoldOn(t *testing.T) {
	t.Parallel()
	c := newCourt(t, terms{})
	c.bought(t, "t-1")
	c.bought(t, "t-2")
	path := c.opens(t, "t-1")
	send := func(note string) reply {
		body, media := form(t, drawn(t, 5), "by", "b-1", "type", "correspondence", "note", note) // each has a boundary of its own
		return c.on(t, path, "evidence", body, "Content-Type", media, "Idempotency-Key", "e-1")
	}
	send("Como veio.").want(t, 201, "evidence.0.n", "1")
	size := c.size(t)
	if again := send("Como veio.").want(t, 201, "evidence.1", ""); again.header.Get("Idempotent-Replayed") != "true" || c.size(t) != size {
		t.Error("the same form is taken for another one")
	}
	send("Outra coisa.").want(t, 409, "code", "idempotency_mismatch")

	at := c.clock.now().Add(time.Hour)
	c.clock.set(at)
	c.on(t, path, "messages", `{"by":"s-1","text":"Já enviei."}`).want(t, 201)
	c.clock.set(at.Add(-3 * time.Hour))
	c.on(t, path, "offers", `{"by":"s-1","kind":"none"}`).want(t, 201)
	seen := c.do(t, "disputes", "GET "+path+"?viewer=b-1", "").want(t, 200, "state", "negotiation")
	times := []string{}
	for _, x := range seen.list("timeline") {
		if m, ok := x.(map[string]any); ok && m["at"].(string) > at.Add(-2*time.Hour).Format(time.RFC3339) {
			times = append(times, m["at"].(string))
		}
	}
	if !slices.IsSorted(times) || len(times) < 4 || seen.at("updated_at") < at.Format(time.RFC3339) {
		t.Errorf("with the clock set back: %v, updated %s", times, seen.at("updated_at"))
	}
	c.clock.set(at)

	left := c.opens(t, "t-2")
	c.clock.forward(21 * days) // nobody runs meanwhile
	stop := c.open(t, c.db.URL("bauta"), false).tell(t)
	defer stop()
	await(t, "what had 20 days is ended by a broker that was not there", func() bool {
		r := c.do(t, "disputes", "GET /v1/disputes?transaction=t-2", "")
		return r.at("data.0.state") == "lapsed"
	})
	c.do(t, "disputes", "GET "+left+"?viewer=b-1", "").want(t, 200, "state", "lapsed", "allowed", "[]")
}
