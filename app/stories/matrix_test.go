package stories

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// cell is the story of one row of necessary-data.md: a request before its
// conditions hold, when they do, and after the window, the performance or the
// transaction is over. Nothing in it is worked out by the engine.
type cell struct {
	name    string // says which, among the stories of one row
	deal    deal   // at the slot and promised date of when the story begins
	who     string
	purpose string
	// unbooked: without a slot.
	unbooked bool

	before []turn // all of them refused, or giving less
	at     turn   // its conditions have just come to hold

	// ends: what has to come before the term begins, and how long it is.
	ends event
	term time.Duration
	// anew is what asking again comes to when the term is over.
	anew string
	// back takes performance away, each with what asking again then comes to.
	back []turn
	// closing is what a completion makes of the grant: live, or suspended where
	// nobody owes any more what it is for.
	closing string
	// done ends the purpose: what has to be seen, and what asking again comes to.
	done turn

	// person is what two people give of it when the engine leaves that to them.
	person *byPerson
	from   map[string]string // values that are not the party's own
}

// turn is what the platform sees, the time it becomes, and what a request, for
// fields or for all, then says: summary.
type turn struct {
	seen  string // "pay 10, accept 1"
	until moment
	asks  string // "name phone"; empty: all that are necessary
	says  string
}

// byPerson is a part of a row that goes out by decision.
type byPerson struct {
	turn // that is pending, and then decided

	gives string
	alone bool // one person is enough
}

// moment is a time of a story, before or after its slot.
type moment struct {
	of    string // "", "start" or "end" of the slot
	after time.Duration
}

// event is what a term counts from.
type event struct {
	name string // request, promised, slot_end, closed, or what is seen
	seen string
}

const day = 24 * time.Hour

var (
	atRequest  = event{name: "request"}
	atPromised = event{name: "promised"}
	atSlotEnd  = event{name: "slot_end"}
	atClosing  = event{name: "closed"}
)

func seen(all string) event { return event{name: "seen", seen: all} }

// closing is a completion once the platform has seen the rest.
func closing(rest string) event { return event{name: "closed", seen: rest} }

// told is one story under way.
type told struct {
	*testing.T
	*house
	*cell

	id       string
	dispute  string // about it
	begun    time.Time
	start    time.Time // of the slot
	end      time.Time
	promised time.Time
	asked    time.Time
}

// tell agrees on the deal once more, with dates of its own.
func (c *cell) tell(t *testing.T, h *house, part string) *told {
	t.Helper()
	h.clock.forward(time.Hour)
	x := &told{T: t, house: h, cell: c, id: strings.NewReplacer(" ", "-", ",", "").Replace(c.title() + "." + part), begun: h.clock.now()}
	x.start, x.end, x.promised = x.begun.Add(6*day), x.begun.Add(7*day), x.begun.Add(10*day)
	d := c.deal
	d.id, d.created = x.id, x.begun
	stamp := func(at time.Time) string { return `"` + at.Format(time.RFC3339) + `"` }
	d.more += `,"promised_at":` + stamp(x.promised)
	if !c.unbooked {
		d.more += `,"slot":{"start":` + stamp(x.start) + `,"end":` + stamp(x.end) + `}`
	}
	h.agree(t, d)
	return x
}

func (c *cell) title() string {
	role := "buyer"
	if c.who != "b-1" {
		role = "seller"
	}
	return strings.TrimSpace(c.deal.kind + " " + role + " " + c.purpose + " " + c.name)
}

func (c *cell) other() string {
	if c.who != "b-1" {
		return "b-1"
	}
	if c.deal.seller != "" {
		return c.deal.seller
	}
	return "s-1"
}

// take lets a turn happen and holds the answer against what it should say.
func (x *told) take(s turn) reply {
	x.Helper()
	x.clock.forward(time.Second)
	if at := (map[string]time.Time{"start": x.start, "end": x.end}[s.until.of]); !at.IsZero() {
		x.clock.set(at.Add(s.until.after))
	}
	if s.seen != "" {
		x.see(x.T, s.seen)
	}
	r := x.disclose(x.T, x.id, x.who, x.purpose, strings.Fields(s.asks)...)
	x.asked = x.clock.now()
	if got := summary(&r); got != s.says {
		x.Errorf("after %q %s asks %s %s:\n got %s\nwant %s", s.seen, x.who, x.purpose, s.asks, got, s.says)
	}
	return r
}

// summary is a decision in one line: with its ground, and each field with its rule
// or why it is withheld; a refusal with what is missing.
func summary(r *reply) string {
	var parts []string
	for _, f := range r.list("fields") {
		m, _ := f.(map[string]any)
		word := func(name string) string { s, _ := m[name].(string); return s }
		parts = append(parts, word("field")+map[string]string{
			"granted": "=" + word("rule"), "pending": "?" + word("rule"), "withheld": "!" + word("reason"),
		}[word("outcome")])
	}
	slices.Sort(parts)
	if r.at("decision") == "refused" {
		return strings.TrimSpace(r.because() + ": " + r.missing())
	}
	return strings.TrimSpace(r.at("decision")+" "+r.at("ground")) + ": " + strings.Join(parts, " ")
}

// given are the fields that a summary says are given.
func given(says string) (fields []string) {
	for part := range strings.FieldsSeq(says) {
		if f, _, ok := strings.Cut(part, "="); ok {
			fields = append(fields, f)
		}
	}
	return fields
}

func (c *cell) opens() bool { return strings.HasPrefix(c.at.says, "granted") }

// granted goes through everything before, up to the grant.
func (x *told) granted() reply {
	x.Helper()
	for _, s := range x.before {
		x.take(s)
	}
	return x.take(x.at)
}

// holdValues: whoever asked has the other side's values, of exactly these fields,
// and nobody else gets anything of it.
func (x *told) holdValues(r *reply, fields []string) {
	x.Helper()
	if got := strings.Fields(r.opens()); !slices.Equal(got, fields) {
		x.Errorf("opens %v, want %v", got, fields)
	}
	for field, value := range r.opened() {
		want, ok := x.from[field]
		if !ok {
			want = owned[x.other()][field]
		}
		if !strings.Contains(value, want) || want == "" {
			x.Errorf("%s is not %s's, or not the one that the row gives", field, x.other())
		}
	}
	for _, stranger := range []string{x.other(), "s-3", "nobody"} {
		x.view(x.T, r.at("id"), stranger).want(x.T, 404, "code", "not_found")
	}
	seen := x.do(x.T, "market", "GET /v1/disclosures/"+r.at("id")+"?viewer="+x.other(), "").want(x.T, 200)
	if seen.opens() != "" {
		x.Errorf("who it is about is shown %s", seen.opens())
	}
}

// owned are the values of the people of every story, as far as they tell.
var owned = map[string]map[string]string{
	"b-1": {"first_name": "Giovana", "name": "Giovana Teixeira", "phone": "+5587991935795", "address": "Estrada do Coco, 2138", "email": "-", "locality": "-"},
	"s-1": {"first_name": "Úrsula", "name": "Úrsula Ribeiro", "phone": "+5511987654321", "address": "Rua das Acácias, 77", "email": "-", "locality": "Olinda"},
	"s-2": {"first_name": "Tomás", "name": "Tomás Quaresma", "phone": "+5585996543210", "address": "Travessa do Forno, 9", "email": "-", "locality": "Fortaleza"},
}

// begins lets the event happen that the term counts from, and says when that was.
func (x *told) begins(e event) time.Time {
	x.Helper()
	x.clock.forward(time.Minute)
	switch e.name {
	case "request":
		return x.asked
	case "promised":
		return x.promised
	case "slot_end":
		return x.end
	case "closed":
		if e.seen != "" {
			x.see(x.T, e.seen)
		}
		x.close("completion")
	default:
		x.see(x.T, e.seen)
	}
	return x.clock.now()
}

func (x *told) close(how string) {
	x.Helper()
	x.do(x.T, "market", "POST /v1/transactions/"+x.id+"/"+how, `{"reason":"agreed"}`).want(x.T, 200)
}

// lasts: a grant lives until the very second that the row says, and not longer.
func (x *told) lasts(id string, until time.Time) {
	x.Helper()
	x.do(x.T, "market", "GET /v1/disclosures/"+id+"?viewer="+x.who, "").want(x.T, 200, "state", "live", "expires_at", until.Format(time.RFC3339))
	x.clock.set(until.Add(-time.Second))
	x.view(x.T, id, x.who).want(x.T, 200)
	x.clock.set(until)
	x.view(x.T, id, x.who).want(x.T, 410, "code", "gone")
	x.do(x.T, "market", "GET /v1/disclosures/"+id, "").want(x.T, 200, "state", "expired")
}

// stopped: the grant opens nothing any more, and asking again says why.
func (x *told) stopped(r *reply, s turn) {
	x.Helper()
	if r.at("decision") == "granted" {
		x.do(x.T, "market", "GET /v1/disclosures/"+r.at("id"), "").want(x.T, 200, "state", "suspended")
		x.view(x.T, r.at("id"), x.who).want(x.T, 410, "code", "gone")
	}
	x.take(s)
}

// run tells a row four times, and where people decide a fifth.
func (c *cell) run(t *testing.T, h *house, people staffed) {
	t.Helper()
	x := c.tell(t, h, "window")
	r := x.granted()
	if c.opens() {
		x.holdValues(&r, given(c.at.says))
		x.lasts(r.at("id"), x.begins(c.ends).Add(c.term))
		x.take(turn{says: c.anew})
	}
	for i, b := range c.back {
		x = c.tell(t, h, fmt.Sprint("back", i))
		r = x.granted()
		obligation, much, _ := strings.Cut(b.seen, " ")
		x.reverse(t, x.id, obligation, much, "back/"+b.seen)
		b.seen = ""
		x.stopped(&r, b)
	}
	x = c.tell(t, h, "cancelled")
	r = x.granted()
	x.close("cancellation")
	x.stopped(&r, turn{says: "transaction_cancelled:"})
	if c.opens() {
		x = c.tell(t, h, "completed")
		r = x.granted()
		if x.dispute == "" {
			x.close("completion")
		} else { // nothing is completed past an open case
			x.do(t, "market", "POST /v1/transactions/"+x.id+"/completion", `{"reason":"agreed"}`).want(t, 409, "code", "disputed")
		}
		x.do(t, "market", "GET /v1/disclosures/"+r.at("id"), "").want(t, 200, "state", c.closing)
	}
	if c.done.seen != "" {
		x = c.tell(t, h, "done")
		r = x.granted()
		x.attest(t, x.id, c.done.seen)
		x.stopped(&r, turn{says: c.done.says})
	}
	if c.person != nil {
		c.tell(t, h, "person").decided(people)
	}
}

// staffed are the operator's people of a house: one decides, and another approves.
type staffed struct{ handler, lead *person }

// decided: what the engine leaves to people goes out when two of them have
// decided so, and ends like the rest of its row.
func (x *told) decided(people staffed) {
	x.Helper()
	x.granted()
	r := x.take(x.person.turn)
	id, ground := r.at("id"), strings.Fields(x.person.says)[1]
	x.view(x.T, id, x.who).want(x.T, 410, "code", "gone")
	x.signIn(x.T, people.handler)
	x.signIn(x.T, people.lead)
	steps := []string{`taking {}`, `hearing {"reason":"perishable"}`, `proposal {"reason":"necessary"}`}
	if x.person.alone {
		steps[2] = `grant {"reason":"necessary"}`
	}
	for _, step := range steps {
		path, body, _ := strings.Cut(step, " ")
		r = x.do(x.T, people.handler.name, "POST /v1/requests/"+id+"/"+path, body).want(x.T, 200)
	}
	if !x.person.alone {
		x.do(x.T, people.lead.name, "POST /v1/requests/"+id+"/approval", `{"plan":"`+r.at("plan.hash")+`"}`).want(x.T, 200, "state", "granted")
	}
	x.asked = x.clock.now()
	r = x.view(x.T, id, x.who).want(x.T, 200, "ground", strings.TrimSuffix(ground, ":"))
	x.holdValues(&r, strings.Fields(x.person.gives))
	x.lasts(id, x.begins(x.ends).Add(x.term))
}
