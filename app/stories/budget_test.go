package stories

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker/budget"
)

// within are limits that a story can use up; what it does not name is far away.
func within(change func(*budget.Limits)) terms {
	l := budget.Limits{Requests: 1000, Waiting: 1000, Person: 1000, Floor: 1000, FloorDay: 10000}
	change(&l)
	return terms{budgets: &l}
}

// street has n orders, each between two people of its own, paid and accepted:
// t-1 between b-1 and s-1, and so on.
func street(t *testing.T, terms terms, n int) *house {
	t.Helper()
	h := newHouse(t, terms)
	h.build(t, 1, n)
	return h
}

// build adds orders from one number to another.
func (h *house) build(t *testing.T, from, to int) {
	t.Helper()
	together(to-from+1, func(i int) reply {
		n := itoa(from + i)
		h.do(t, "market", "PUT /v1/parties/b-"+n, giovana).want(t, 201)
		h.do(t, "market", "PUT /v1/parties/s-"+n, ursula).want(t, 201)
		body := deal{id: "t-" + n, kind: "shipped_goods", seller: "s-" + n}.body()
		h.do(t, "market", "PUT /v1/transactions/t-"+n, strings.Replace(body, `"b-1"`, `"b-`+n+`"`, 1)).want(t, 201)
		h.attest(t, "t-"+n, "pay 221.65, accept 1")
		return reply{}
	})
}

// harvest asks for the orders of a range as fast as it can, and gives the people
// whose values it got.
func (h *house) harvest(t *testing.T, key string, from, to int) (people int, answers map[string]int) {
	t.Helper()
	answers = map[string]int{}
	for _, r := range together(to-from+1, func(i int) reply {
		n := itoa(from + i)
		return h.do(t, key, disclosures, request("t-"+n, "s-"+n, "deliver"))
	}) {
		what := r.at("decision")
		if r.status != 201 {
			what = r.at("code")
		}
		answers[what]++
		if r.opens() != "" {
			people++
			if what != "granted" {
				t.Errorf("%s opens %s", what, r.opens())
			}
		}
	}
	return people, answers
}

func (h *house) anomalies(t *testing.T) string {
	t.Helper()
	return h.ask(t, `SELECT count(*) FROM ledger_entries WHERE get_byte(entry, 1) = 62`)
}

// Who holds the marketplace's key reaches twice the people of the hour before,
// and fifty where there were none. The rest waits for a person; he learns no more
// than that, and it is on record, once.
func TestThiefOfTheMarketplaceKey(t *testing.T) {
	t.Parallel()
	l := budget.Default()
	h := street(t, terms{budgets: &l}, 90)
	if n, answers := h.harvest(t, "market", 1, 70); n != 50 || answers["pending"] != 20 || len(answers) != 2 {
		t.Errorf("nobody was reached before: he reaches %d: %v", n, answers)
	}
	if got := h.anomalies(t); got != "2" { // the key's budget, and the deployment's
		t.Errorf("%s anomalies", got)
	}
	// An hour later those fifty are what an hour of trade is like, as far as anybody can tell.
	h.clock.forward(time.Hour)
	if n, answers := h.harvest(t, "market", 1, 90); n != 90 {
		t.Errorf("an hour later he reaches %d: %v", n, answers)
	}
	h.clock.forward(2 * time.Hour)
	if n, answers := h.harvest(t, "market", 1, 90); n != 50 || answers["pending"] != 40 {
		t.Errorf("after two quiet hours he reaches %d: %v", n, answers)
	}
	if got := h.anomalies(t); got != "4" {
		t.Errorf("%s anomalies in two hours", got)
	}
	// The metrics say which budget it was.
	page := h.do(t, "audit", "GET /metrics", "").want(t, 200)
	if want := `bauta_budget_exceeded_total{budget="deployment"} 60`; !strings.Contains(string(page.raw), want) {
		t.Errorf("the metrics lack %s", want)
	}
}

// Trade as it was: a thief and the marketplace together reach twice its last hour.
func TestThiefAmongTrade(t *testing.T) {
	t.Parallel()
	h := street(t, within(func(l *budget.Limits) { l.Floor = 5 }), 56)
	if n, answers := h.harvest(t, "market", 1, 5); n != 5 {
		t.Fatalf("trade: %d, %v", n, answers)
	}
	h.clock.forward(time.Hour)
	if n, answers := h.harvest(t, "market", 6, 15); n != 10 {
		t.Fatalf("trade: %d, %v", n, answers)
	}
	h.clock.forward(time.Hour)
	n, answers := h.harvest(t, "market", 16, 19)
	stolen, thiefs := h.harvest(t, "market2", 20, 40)
	if n != 4 || stolen != 5 || thiefs["pending"] != 16 { // the floor of a key that nobody has used
		t.Errorf("trade %d %v, a thief with a key of his own %d %v", n, answers, stolen, thiefs)
	}
	// One key's budget is not another's.
	if n, answers = h.harvest(t, "market", 41, 56); n != 11 || answers["pending"] != 5 {
		t.Errorf("the marketplace's own key reaches %d more: %v", n, answers)
	}
}

// An attest key gets no contact data, whatever it does.
func TestThiefOfAnAttestKey(t *testing.T) {
	t.Parallel()
	l := budget.Default()
	h := street(t, terms{budgets: &l}, 3)
	for _, r := range []reply{
		h.do(t, "payment", disclosures, request("t-1", "s-1", "deliver")),
		h.do(t, "payment", "GET /v1/parties/b-1", ""),
		h.do(t, "payment", "GET /v1/disclosures", ""),
	} {
		r.want(t, 403, "code", "scope_missing")
	}
}

// With both he invents transactions, attests them, asks, and takes the money
// back. What was looked at and reversed counts threefold.
func TestThiefOfBothKeys(t *testing.T) {
	t.Parallel()
	h := street(t, within(func(l *budget.Limits) { l.Floor = 12 }), 12)
	for i := 1; i <= 3; i++ {
		n := itoa(i)
		h.disclose(t, "t-"+n, "s-"+n, "deliver").want(t, 201, "decision", "granted")
		h.reverse(t, "t-"+n, "pay", "221.65", "chargeback/"+n)
	}
	if n, answers := h.harvest(t, "market", 4, 12); n != 3 || answers["pending"] != 6 {
		t.Errorf("three were reached and taken back, and he reaches %d of twelve: %v", n, answers)
	}
	// A reversal long after is a refund, and costs nothing.
	h.clock.forward(25 * time.Hour)
	h.reverse(t, "t-4", "pay", "221.65", "refund/4")
	if got := h.ask(t, `SELECT coalesce(sum(people), 0) FROM reach WHERE slot >= `+fmt.Sprint(budget.SlotOf(h.clock.now()))); got != "0" {
		t.Errorf("a refund counts %s people", got)
	}
}

// Looking at grants that are there reaches people as well, and can't wait for anybody.
func TestViewsReachPeople(t *testing.T) {
	t.Parallel()
	h := street(t, within(func(l *budget.Limits) { l.Floor = 4 }), 6)
	var ids []string
	for i := 1; i <= 6; i++ {
		if i == 4 {
			h.clock.forward(time.Hour)
		}
		n := itoa(i)
		r := h.disclose(t, "t-"+n, "s-"+n, "deliver").want(t, 201, "decision", "granted")
		ids = append(ids, r.at("id"))
	}
	h.clock.forward(3 * time.Hour)
	for i := range 4 {
		h.view(t, ids[i], "s-"+itoa(i+1)).want(t, 200)
		h.view(t, ids[i], "s-"+itoa(i+1)).want(t, 200) // the same person, the same hour
	}
	size := h.size(t)
	r := h.view(t, ids[4], "s-5").want(t, 429, "code", "rate_limited")
	if got := r.header.Get("Retry-After"); got != "300" {
		t.Errorf("Retry-After = %s", got)
	}
	h.do(t, "market", "POST /v1/disclosures/"+ids[4]+"/openings", `{"viewer":"s-5"}`).want(t, 429)
	if h.anomalies(t) != "2" || h.size(t) == size {
		t.Errorf("%s anomalies", h.anomalies(t))
	}
	h.view(t, ids[0], "s-1").want(t, 200)
	h.clock.forward(time.Hour)
	h.view(t, ids[4], "s-5").want(t, 200)
}

// A requester has so many requests a day. Then they wait for a person, and when
// too many of them do, he is told when the next day begins.
func TestRequestsOfARequester(t *testing.T) {
	t.Parallel()
	h := shop(t, within(func(l *budget.Limits) { l.Requests, l.Waiting = 3, 2 }))
	h.attest(t, "t-1", "pay 221.65, accept 1")
	for i := range 3 {
		h.clock.forward(time.Duration(i) * time.Minute)
		h.do(t, "market", disclosures, request("t-1", "s-1", "deliver"), keyed("k"+itoa(i))...).want(t, 201, "decision", "granted")
	}
	h.do(t, "market", disclosures, request("t-1", "s-1", "deliver"), keyed("k0")...).want(t, 201, "decision", "granted") // counted once
	pending := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "pending", "state", "", "expires_at", "", "views_left", "")
	if pending.opens() != "" || strings.Contains(string(pending.raw), "budget") || len(pending.list("reasons")) > 0 {
		t.Errorf("pending says %s", pending.short())
	}
	h.view(t, pending.at("id"), "s-1").want(t, 410)
	h.disclose(t, "t-1", "s-1", "return").want(t, 201, "decision", "refused") // a refusal stays one
	size := h.size(t)
	r := h.do(t, "market", disclosures, request("t-1", "s-1", "deliver")).want(t, 429, "code", "rate_limited")
	if got := r.header.Get("Retry-After"); got != itoa(int((12*time.Hour - 3*time.Minute).Seconds())) {
		t.Errorf("Retry-After = %s", got)
	}
	if h.size(t) != size {
		t.Error("what was refused for its number is an entry")
	}
	h.disclose(t, "t-1", "b-1", "return") // another requester has his own
	h.clock.set(time.Date(2026, 3, 4, 23, 59, 59, 0, time.UTC))
	h.do(t, "market", disclosures, request("t-1", "s-1", "deliver")).want(t, 429)
	h.clock.set(time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC))
	h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted")
	if got := h.anomalies(t); got != "1" {
		t.Errorf("%s anomalies", got)
	}
}

// A person is granted so many times a day; a merchant's address is for customers.
// And no more than three requests of a transaction wait at once.
func TestGrantsOnAPerson(t *testing.T) {
	t.Parallel()
	h := shop(t, within(func(l *budget.Limits) { l.Person = 2 }))
	h.attest(t, "t-1", "pay 221.65, accept 1")
	for range 2 {
		h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted")
	}
	for range 3 {
		h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "pending")
	}
	h.do(t, "market", disclosures, request("t-1", "s-1", "deliver")).want(t, 409, "code", "too_many_pending")
	h.attest(t, "t-1", "ship 1, deliver 1, approve_return 1")
	for range 3 {
		h.disclose(t, "t-1", "b-1", "return").want(t, 201, "decision", "granted")
	}
	h.clock.forward(12 * time.Hour)
	h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted")
}

// A day has its own bound, however the hours follow each other.
func TestPeopleOfADay(t *testing.T) {
	t.Parallel()
	h := street(t, within(func(l *budget.Limits) { l.Floor, l.FloorDay = 4, 10 }), 20)
	reached := 0
	for hour := range 5 {
		n, _ := h.harvest(t, "market", 1+4*hour, 4+4*hour)
		reached += n
		h.clock.forward(time.Hour)
	}
	if reached != 10 {
		t.Errorf("%d people in five hours", reached)
	}
	h.clock.forward(24 * time.Hour)
	if n, answers := h.harvest(t, "market", 1, 4); n != 4 {
		t.Errorf("the next day: %d, %v", n, answers)
	}
}

// Sixteen at once, at two brokers: the count is exact, and so is the record.
func TestBudgetsAreExact(t *testing.T) {
	t.Parallel()
	h := street(t, within(func(l *budget.Limits) { l.Floor = 21 }), 64)
	desks := []*desk{h.desk, h.second(t)}
	granted := 0
	for round := range 4 {
		for _, r := range together(16, func(i int) reply {
			n := itoa(1 + 16*round + i)
			for {
				r := desks[i%2].do(t, "market", disclosures, request("t-"+n, "s-"+n, "deliver"))
				if r.at("code") != "conflict" { // somebody else was first, five times
					return r.want(t, 201)
				}
			}
		}) {
			if r.at("decision") == "granted" {
				granted++
			} else if r.opens() != "" || r.at("decision") != "pending" {
				t.Errorf("%s", r.short())
			}
		}
	}
	if granted != 21 {
		t.Errorf("%d were granted", granted)
	}
	for what, want := range map[string]string{
		`SELECT sum(people) FROM reach WHERE key = ''`:        "21",
		`SELECT sum(people) FROM reach WHERE key <> ''`:       "21",
		`SELECT count(*) FROM reached`:                        "21",
		`SELECT sum(used) FROM budgets`:                       "64",
		`SELECT count(*) FROM anomalies`:                      "2",
		`SELECT count(*) FROM disclosures WHERE decision = 2`: "21",
	} {
		if got := h.ask(t, what); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	// A broker that starts anew knows all of it.
	third := h.second(t)
	third.do(t, "market", disclosures, request("t-64", "s-64", "deliver")).want(t, 201, "decision", "pending")
}

// With --disclosure-limit 0 nothing is counted.
func TestNoBudgets(t *testing.T) {
	t.Parallel()
	h := street(t, terms{}, 55)
	if n, answers := h.harvest(t, "market", 1, 55); n != 55 {
		t.Errorf("%d: %v", n, answers)
	}
	if got := h.ask(t, `SELECT (SELECT count(*) FROM reach) + (SELECT count(*) FROM reached) + (SELECT count(*) FROM budgets)`); got != "0" {
		t.Errorf("%s rows count", got)
	}
}
