package stories

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/states"
)

// move is an event of a disclosure's life that has a door: who knocks at it, and
// as whom the machine knows him.
type move struct {
	event states.Event
	by    states.Actor
	key   string // whose session or key
	party string // who it is said to be
	path  string // beside the disclosure
}

// moves are all of them. Time and the engine have no door.
func moves() []move {
	all := []move{{event: broker.Recall, by: broker.BySecond, key: "lena", path: "revocation"}}
	for path, e := range map[string]states.Event{
		"taking": broker.Take, "release": broker.Release, "question": broker.Ask, "hearing": broker.Skip, "proposal": broker.Propose,
		"grant": broker.Grants, "denial": broker.Deny, "upholding": broker.Uphold, "overturning": broker.Overturn,
		"suspension": broker.Suspend, "revocation/proposal": broker.ToRecall, "revocation": broker.Recall, "keeping": broker.Keep,
	} {
		all = append(all, move{event: e, by: broker.ByHandler, key: "hanna", path: path})
	}
	for path, e := range map[string]states.Event{"approval": broker.Approve, "rejection": broker.Reject, "reinstatement": broker.Reinstate} {
		all = append(all, move{event: e, by: broker.BySecond, key: "lena", path: path})
	}
	for path, e := range map[string]states.Event{
		"objection": broker.Object, "answer": broker.Answer, "withdrawal": broker.Withdraw, "appeal": broker.Appeal, "deletion": broker.Attest,
	} {
		all = append(all, move{event: e, by: broker.ByRequester, key: "market", party: "s-1", path: path},
			move{event: e, by: broker.BySubject, key: "market", party: "b-1", path: path})
	}
	return append(all, move{event: broker.See, by: broker.ByRequester, key: "market", party: "s-1", path: "views"},
		move{event: broker.Recall, by: broker.ByMarketplace, key: "market", path: "revocation"})
}

// body is what a move sends, with a reason that its event takes.
func (m *move) body(reason, plan string) string {
	members := map[string]string{}
	codes := broker.ReasonsFor(m.event)
	switch {
	case reason != "":
		members["reason"] = reason
	case m.event == broker.Object:
		members["reason"] = "other_way"
	case codes != nil:
		members["reason"] = codes[0]
	}
	switch {
	case m.event == broker.See:
		members["viewer"] = m.party
	case m.party != "":
		members["party"] = m.party
	}
	if m.by == broker.BySecond && m.event != broker.Reject {
		delete(members, "reason")
		if members["plan"] = plan; plan == "" {
			members["plan"] = "sha256:" + repeat("0", 64)
		}
	}
	b, _ := json.Marshal(members) // texts alone
	return string(b)
}

// walk is one disclosure on its way from state to state.
type walk struct {
	*house

	t    *testing.T
	id   string
	plan string
	// ended: it had a grant, which was revoked.
	ended bool
	done  map[string]bool // "state event actor" that were gone through, of all walks
}

func (w *walk) knock(m move, key, reason string) reply {
	w.t.Helper()
	path := "/v1/requests/"
	if m.key == "market" {
		path = "/v1/disclosures/"
	}
	return w.do(w.t, key, "POST "+path+w.id+"/"+m.path, m.body(reason, w.plan))
}

// to goes one step that the table lists, written as "event/who/reason", and
// arrives where the table says. Of the staff hanna acts, and lena as the second,
// where nobody is named.
func (w *walk) to(step string, state states.State) {
	w.t.Helper()
	parts := append(strings.Split(step, "/"), "", "")
	event, who, reason := states.Event(parts[0]), parts[1], parts[2]
	party := who == "s-1" || who == "b-1"
	doors := moves()
	i := slices.IndexFunc(doors, func(m move) bool {
		return m.event == event && (!party || m.party == who) && (who == "market") == (m.by == broker.ByMarketplace) && (who != "hanna" || m.by == broker.ByHandler)
	})
	m := doors[i]
	key := m.key
	if who != "" && !party {
		key = who
	}
	from := w.state()
	r := w.knock(m, key, reason).want(w.t, http.StatusOK)
	if p := r.at("proposal.plan"); p != "" {
		w.plan = p
	}
	if got := w.state(); got != state {
		w.t.Fatalf("%s in state %s leads to %s, not to %s", step, from, got, state)
	}
	w.done[fmt.Sprint(from, " ", m.event, " ", m.by)] = true
}

// along goes several steps, each as "step state".
func (w *walk) along(steps ...string) {
	w.t.Helper()
	for _, s := range steps {
		step, state, _ := strings.Cut(s, " ")
		w.to(step, states.State(state))
	}
}

// state is as the subject sees it, who sees it as it is.
func (w *walk) state() states.State {
	w.t.Helper()
	r := w.do(w.t, "market", "GET /v1/disclosures/"+w.id+"/request?viewer=b-1", "").want(w.t, 200)
	return states.State(r.at("state"))
}

// refuses: whatever the table does not list here is refused, with what would have
// been possible; and nothing has changed.
func (w *walk) refuses() {
	w.t.Helper()
	here := w.state()
	before := w.size(w.t)
	for _, m := range moves() {
		listed := broker.Life.Allowed(here, m.by)
		if slices.Contains(listed, m.event) {
			continue
		}
		r := w.knock(m, m.key, "")
		ended := here == broker.Ended || here == broker.Recalled || here == broker.Appealed && w.ended
		if m.event == broker.See || m.by == broker.ByMarketplace && ended {
			r.want(w.t, http.StatusGone, "code", "gone") // of a grant that ended, whatever ended it
			continue
		}
		allowed, _ := json.Marshal(listed) // texts alone
		r.want(w.t, http.StatusConflict, "code", "invalid_transition", "allowed", string(allowed))
	}
	if after := w.size(w.t); after != before {
		w.t.Errorf("in state %s something that was refused has left an entry", here)
	}
	w.done["refused in "+string(here)] = true
}

// byPeople leaves names to one person, and homes to two.
const byPeople = `
@id("name-by-person") @ground("3b") @expires("request+2d") @views("20") @decide("person") @why("a story")
permit (principal == Role::"seller", action == Action::"deliver", resource == Field::"name")
when { context.kind == Kind::"shipped_goods" && context.accepted };
@id("home-by-person") @ground("3b") @expires("request+2d") @views("20") @decide("person") @why("a story")
permit (principal == Role::"seller", action == Action::"deliver", resource == Field::"address")
when { context.kind == Kind::"shipped_goods" && context.accepted };
`

// walkers is a house with everybody who walks.
type walkers struct {
	*house

	t      *testing.T
	people []*person
	done   map[string]bool
	deals  int
}

// begin asks anew, in a transaction of its own: "name" needs one person, "address"
// two, and without the acceptance it is refused.
func (s *walkers) begin(field string) *walk {
	s.t.Helper()
	s.deals++
	id := "t-" + itoa(s.deals)
	s.agree(s.t, deal{id: id, kind: "shipped_goods"})
	if field != "" {
		s.attest(s.t, id, "accept 1")
	} else {
		field = "name"
	}
	r := s.disclose(s.t, id, "s-1", "deliver", field)
	return &walk{house: s.house, t: s.t, id: r.at("id"), done: s.done}
}

// later is some time after, when everybody has signed in again.
func (s *walkers) later(d time.Duration) {
	s.t.Helper()
	s.clock.forward(d)
	for _, p := range s.people {
		s.signIn(s.t, p)
	}
}

// The whole life of a disclosure over HTTP: every row of the table that has a door
// is gone through from every state that it names, and everything else is refused,
// in every state, with what would have been possible.
func TestEveryMoveOverHTTP(t *testing.T) {
	t.Parallel()
	s := &walkers{house: newHouse(t, terms{policies: byPeople}), t: t, done: map[string]bool{}}
	s.house.people(t)
	s.people = []*person{
		s.employ(t, "hanna", helena, accounts.Handler), s.employ(t, "lena", rui, accounts.Lead),
		s.employ(t, "rui", "rita@desk.example.org", accounts.Handler), s.employ(t, "paula", "paula@desk.example.org", accounts.PrivacyOfficer),
	}
	s.requests()
	s.grants()
	s.refusals()
	s.appeals()
	s.timely()
	for _, r := range broker.Life.Rows {
		for _, m := range moves() {
			for _, from := range r.From {
				if key := fmt.Sprint(from, " ", m.event, " ", m.by); r.On == m.event && slices.Contains(r.By, m.by) && !s.done[key] {
					t.Errorf("nobody went through %s", key)
				}
			}
		}
	}
	for _, state := range broker.Life.States() {
		if state != broker.Submitted && !s.done["refused in "+string(state)] { // it is evaluated in the same commit
			t.Errorf("nobody was refused anything in state %s", state)
		}
	}
}

// requests are all ways until a decision.
func (s *walkers) requests() {
	w := s.begin("address")
	w.refuses() // objection
	w.along("take objection", "release objection", "take objection", "ask info_needed")
	w.refuses()
	w.along("answer/s-1 objection", "object/b-1 pending", "take pending")
	w.refuses()
	w.along("release pending", "take pending", "ask info_needed", "answer/s-1 pending", "propose second")
	w.refuses()
	w.along("release pending", "take pending", "propose second", "reject pending", "propose second", "approve granted")
	w.refuses()
	w = s.begin("name")
	w.along("take objection", "skip_hearing pending", "grant granted", "view/s-1 granted")
	for _, steps := range []string{"", "take objection,skip_hearing pending", "take objection,ask info_needed", "take objection,skip_hearing pending,propose second"} {
		w = s.begin("address")
		if steps != "" {
			w.along(strings.Split(steps, ",")...)
		}
		w.to("withdraw/s-1", broker.TakenBack)
	}
	w.refuses()
}

// given is a grant by one person.
func (s *walkers) given() *walk {
	s.t.Helper()
	w := s.begin("name")
	w.along("take objection", "skip_hearing pending", "grant granted")
	return w
}

// overturned is one on appeal.
func (s *walkers) overturned() *walk {
	s.t.Helper()
	w := s.begin("name")
	w.along("take objection", "skip_hearing pending", "deny denied", "appeal/s-1 appealed", "take/rui appealed", "skip_hearing/rui appealed", "overturn/rui overturned")
	return w
}

// grants are all ways on from one.
func (s *walkers) grants() {
	w := s.given()
	w.along("object/b-1 granted", "take granted", "release granted", "take/rui granted", "keep/rui granted", "suspend suspended")
	w.refuses()
	w.along("propose suspended", "reinstate granted", "suspend suspended", "object/b-1 suspended", "object/b-1/safety suspended", "take suspended", "release suspended", "propose suspended", "reinstate granted",
		"suspend suspended", "propose_revocation suspended", "revoke revoked")
	w.ended = true
	w.refuses()
	w.along("attest_deletion/s-1 revoked", "appeal/s-1 appealed")
	w.refuses()
	s.given().along("propose_revocation granted", "revoke revoked", "appeal/b-1 appealed")
	w = s.given()
	w.along("view/s-1 granted", "propose_revocation granted", "revoke revoked", "appeal/s-1 appealed", "attest_deletion/s-1 appealed")
	w = s.given()
	w.along("view/s-1 granted", "propose_revocation granted", "revoke revoked", "appeal/s-1 appealed", "take/rui appealed", "uphold/rui upheld", "attest_deletion/s-1 upheld")
	w = s.begin("address")
	w.along("take objection", "skip_hearing pending", "propose second", "approve granted", "view/s-1 granted", "propose_revocation granted", "revoke revoked", "appeal/s-1 appealed",
		"take/rui appealed", "skip_hearing/rui appealed", "propose/rui appeal_second", "attest_deletion/s-1 appeal_second")
	s.given().along("revoke/market revoked")
	s.given().along("suspend suspended", "revoke/market revoked")
	w = s.overturned()
	w.refuses()
	w.along("view/s-1 overturned", "object/b-1 overturned", "take overturned", "release overturned", "take/lena overturned", "keep/lena overturned",
		"object/b-1/safety suspended", "propose suspended", "reinstate granted") // else two people decide all that follows
	s.overturned().along("suspend suspended")
	s.overturned().along("suspend/hanna/safety suspended", "propose suspended", "reinstate granted", "suspend suspended", "suspend/hanna/safety suspended",
		"propose suspended", "reinstate granted") // else two people decide all that follows
	s.given().along("propose_revocation granted", "reject granted", "suspend suspended", "propose suspended", "reject suspended")
	s.overturned().along("propose_revocation overturned", "reject overturned", "propose_revocation overturned", "revoke revoked")
	s.given().along("object/b-1 granted", "take granted", "revoke/hanna revoked")
	s.given().along("suspend suspended", "object/b-1 suspended", "take suspended", "revoke/hanna revoked")
	s.overturned().along("object/b-1 overturned", "take overturned", "revoke/hanna revoked")
	s.overturned().along("revoke/market revoked")
}

// refusals are all ways to one, and on from it.
func (s *walkers) refusals() {
	w := s.begin("")
	w.refuses() // auto_denied
	w.to("appeal/b-1", broker.Appealed)
	s.begin("").to("appeal/s-1", broker.Appealed)
	w = s.begin("name")
	w.along("take objection", "deny denied")
	w.refuses()
	w.along("appeal/b-1 appealed", "take/rui appealed", "uphold/rui upheld", "appeal/s-1 appealed")
}

// appeals are decided by others.
func (s *walkers) appeals() {
	w := s.begin("address")
	w.along("take objection", "deny denied", "appeal/s-1 appealed", "take/rui appealed", "release/rui appealed", "object/b-1 appealed", "take/rui appealed", "propose/rui appeal_second")
	w.refuses()
	w.along("reject/paula appealed", "propose/rui appeal_second", "approve/paula overturned")
	w = s.begin("address")
	w.along("take objection", "deny denied", "appeal/s-1 appealed", "take/rui appealed", "uphold/rui upheld")
	w.refuses()
}

// timely is what time does: it has no door, and what it has done is seen at once.
func (s *walkers) timely() {
	silent, asked, ends := s.begin("address"), s.begin("address"), s.given()
	asked.along("take objection", "ask info_needed")
	ends.along("object/b-1 granted")
	s.later(day)
	if got := silent.state(); got != broker.Pending {
		s.t.Errorf("nobody has objected in a day, and it is %s", got)
	}
	s.later(4 * day)
	if got := asked.state(); got != broker.TakenBack {
		s.t.Errorf("nobody has answered in five days, and it is %s", got)
	}
	asked.refuses()
	ends.ended = true
	ends.refuses()
	w := s.given()
	w.along("view/s-1 granted", "propose_revocation granted", "revoke revoked", "appeal/s-1 appealed")
	s.do(s.t, "privacy", "PUT /v1/parties/s-1/exclusion", `{"reason":"sold"}`).want(s.t, 200)
	s.tell(s.t)
	s.caughtUp(s.t)
	w.to("attest_deletion/s-1", broker.TakenBack)
}
