package stories

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/budget"
)

// recoils are the ways in which the facts of a transaction take away what a grant
// rests on, each with one that has such a grant.
func recoils() map[string]recoil {
	const held = "pay 221.65, accept 1"
	shipped := deal{kind: "shipped_goods"}
	return map[string]recoil{
		"paid-back":  {shipped, held, "deliver", "payment", "POST /v1/transactions/{id}/reversals", "pay 221.65"},
		"cancelled":  {shipped, held, "deliver", "market", "POST /v1/transactions/{id}/cancellation", `{"reason":"buyer_withdrew"}`},
		"completed":  {shipped, held, "deliver", "market", "POST /v1/transactions/{id}/completion", `{"reason":"agreed"}`},
		"costs-more": {shipped, held, "deliver", "market", "PUT /v1/transactions/{id}", deal{kind: "shipped_goods", amount: "400.00"}.body()},
		"is-paid": {
			deal{kind: "shipped_goods", more: `,"payment":"on_delivery"`},
			"accept 1, ship 1, deliver 1", "collect",
			"payment", "POST /v1/transactions/{id}/performances", "pay 221.65",
		},
	}
}

type recoil struct {
	deal
	done, purpose string
	key, request  string
	body          string // or what is performed, or reversed
}

// happens at a broker.
func (r recoil) happens(t *testing.T, d *desk, reference string) {
	t.Helper()
	body := r.body
	if obligation, n, ok := strings.Cut(body, " "); ok && r.key == "payment" {
		body = d.house.told(obligation, n, reference).body()
	}
	if a := d.do(t, r.key, strings.Replace(r.request, "{id}", r.id, 1), body); a.status >= 300 {
		t.Errorf("%s: %s", r.request, a.short())
	}
}

// Whatever it is that changes the facts: each grant that they carried is suspended by
// that very commit, at whichever broker, and both sides are told so, once, after what
// came before it.
func TestFactsSuspendGrants(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	h.people(t)
	other := h.second(t)
	all, some := h.listen(t), h.listen(t, broker.GrantSuspended)
	other.heed(t)
	grants, entries := map[string][]string{}, map[string]string{}
	for id, r := range recoils() {
		r.id = id
		h.agree(t, r.deal)
		h.attest(t, id, r.done)
		for _, d := range []*desk{h.desk, other} {
			a := d.disclose(t, id, "s-1", r.purpose).want(t, http.StatusCreated, "decision", "granted")
			grants[id] = append(grants[id], a.at("id"))
		}
		revoked := h.disclose(t, id, "s-1", r.purpose)
		h.do(t, "market", "POST /v1/disclosures/"+revoked.at("id")+"/revocation", `{"reason":"mistake"}`).want(t, http.StatusOK)
		r.happens(t, other, "first")
		entries[id] = h.ask(t, `SELECT max(idx) FROM ledger_entries`)
		if n := h.ask(t, `SELECT count(*) FROM outbox WHERE kind = 6 AND entry = `+entries[id]); n != "4" {
			t.Errorf("%s: %s rows of its commit say it to two endpoints of two grants", id, n)
		}
		for _, g := range grants[id] {
			h.do(t, "market", "GET /v1/disclosures/"+g+"?viewer=s-1", "").want(t, http.StatusOK, "state", "suspended")
			h.view(t, g, "s-1").want(t, http.StatusGone, "code", "gone")
		}
		h.do(t, "market", "GET /v1/disclosures/"+revoked.at("id"), "").want(t, http.StatusOK, "state", "revoked")
	}
	// What happens to them after that takes nothing more away.
	h.reverse(t, "cancelled", "pay", "221.65", "refund")
	h.reverse(t, "completed", "pay", "100.00", "refund")
	h.do(t, "market", "PUT /v1/transactions/costs-more", deal{kind: "shipped_goods"}.body()).want(t, http.StatusOK)
	h.view(t, grants["costs-more"][0], "s-1").want(t, http.StatusGone) // nor does it come back by itself
	h.reverse(t, "is-paid", "pay", "221.65", "refund")
	h.tell(t)
	other.tell(t)
	h.caughtUp(t)
	heard := some.all()
	if len(heard) != 10 {
		t.Errorf("%d messages of ten grants", len(heard))
	}
	for _, m := range heard {
		if !slices.Contains(grants[m.transaction], m.disclosure) || fmt.Sprint(m.index) != entries[m.transaction] {
			t.Errorf("told: %s", m.body)
		}
	}
	last := map[string]int64{}
	for _, m := range all.all() {
		if m.index < last[m.transaction] {
			t.Errorf("%s: entry %d is told after %d", m.transaction, m.index, last[m.transaction])
		}
		last[m.transaction] = m.index
	}
	h.retold(t, some)
}

// retold has an endpoint told everything again: the same messages, under the same ids.
func (h *house) retold(t *testing.T, l *listener) {
	t.Helper()
	before := l.all()
	if n, err := h.store.Replay(t.Context(), postgres.Replay{Endpoint: l.id}); err != nil || n != int64(len(before)) {
		t.Errorf("replayed %d, %v", n, err)
	}
	h.caughtUp(t)
	times := map[string]int{}
	for _, m := range l.all() {
		times[m.id+" "+m.body]++
	}
	for m, n := range times {
		if n != 2 {
			t.Errorf("told %d times: %s", n, m)
		}
	}
	if len(times) != len(before) {
		t.Errorf("%d messages, and %d were told", len(times), len(before))
	}
}

// A grant whose time is over is not suspended as well, whatever happens after. Its end
// is told after all of that: told meanwhile, it may be told again, as facts may move it.
func TestExpiredStaysExpired(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	l := h.listen(t, broker.GrantSuspended, broker.GrantExpired)
	id := h.grant(t, "t-1")
	h.clock.forward(60 * 24 * time.Hour)
	h.do(t, "market", "POST /v1/transactions/t-1/cancellation", `{"reason":"not_available"}`).want(t, http.StatusOK)
	h.tell(t)
	h.caughtUp(t)
	h.do(t, "market", "GET /v1/disclosures/"+id, "").want(t, http.StatusOK, "state", "expired")
	await(t, "its end is told", func() bool { return l.kinds() == "grant.expired" })
}

// spent is what a house has counted: people of the deployment and of keys, requests
// of requesters, grants on subjects.
func (h *house) spent(t *testing.T) string {
	t.Helper()
	return h.ask(t, `SELECT concat_ws(' ', (SELECT sum(people) FROM reach WHERE key = ''), (SELECT sum(people) FROM reach WHERE key <> ''),
		(SELECT sum(used) FROM budgets), (SELECT sum(grants) FROM reached))`)
}

// With both keys he pays, looks and cancels. Each counts threefold.
func TestThiefWhoCancels(t *testing.T) {
	t.Parallel()
	h := street(t, within(func(l *budget.Limits) { l.Floor = 12 }), 12)
	for i := 1; i <= 3; i++ {
		n := itoa(i)
		h.disclose(t, "t-"+n, "s-"+n, "deliver").want(t, 201, "decision", "granted")
		h.do(t, "market", "POST /v1/transactions/t-"+n+"/cancellation", `{"reason":"buyer_withdrew"}`).want(t, 200)
	}
	if n, answers := h.harvest(t, "market", 4, 12); n != 3 || answers["pending"] != 6 {
		t.Errorf("three were reached and cancelled, and he reaches %d of twelve: %v", n, answers)
	}
}

// What was revealed and taken back counts threefold once, in whatever way and at
// whichever broker: against the key, the deployment, the requester and the subject.
func TestTakenBackCountsOnce(t *testing.T) {
	t.Parallel()
	h := street(t, within(func(*budget.Limits) {}), 6)
	other := h.second(t)
	cancel := func(d *desk, n string) {
		d.do(t, "market", "POST /v1/transactions/t-"+n+"/cancellation", `{"reason":"agreed"}`, keyed("cancel-"+n)...).want(t, 200)
	}
	reverse := func(d *desk, n, reference string) {
		d.do(t, "payment", "POST /v1/transactions/t-"+n+"/reversals", h.told("pay", "221.65", reference).body()).want(t, 201)
	}
	ask := func(n string) string {
		r := h.disclose(t, "t-"+n, "s-"+n, "deliver").want(t, 201, "decision", "granted")
		return r.at("id")
	}
	check := func(what, want string) {
		t.Helper()
		if got := h.spent(t); got != want {
			t.Errorf("%s: %s are counted, want %s", what, got, want)
		}
	}
	ask("1")
	check("revealed", "1 1 1 1")
	cancel(other, "1")
	check("cancelled", "3 3 3 3")
	cancel(h.desk, "1") // the same request again
	reverse(h.desk, "1", "refund")
	check("cancelled, and paid back", "3 3 3 3")
	ask("2")
	reverse(h.desk, "2", "a")
	h.clock.forward(time.Minute)
	h.attest(t, "t-2", "pay 221.65")
	reverse(other, "2", "b")
	cancel(h.desk, "2")
	check("paid back twice, and cancelled", "6 6 6 6")
	h.do(t, "market", "POST /v1/disclosures/"+ask("3")+"/revocation", `{"reason":"no_longer_needed"}`).want(t, 200)
	cancel(h.desk, "3")
	check("revoked, and cancelled", "9 9 9 9")
	ask("4")
	h.do(t, "market", "POST /v1/transactions/t-4/completion", `{"reason":"agreed"}`).want(t, 200)
	check("completed", "10 10 10 10")
	reverse(other, "4", "refund")
	check("completed, and paid back", "12 12 12 12")
	h.do(t, "market", disclosures, strings.TrimSuffix(request("t-5", "s-5", "deliver"), "}")+`,"reveal":false}`).want(t, 201, "decision", "granted")
	cancel(other, "5")
	check("granted, not revealed, and cancelled", "13 13 13 13")
	ask("6")
	h.clock.forward(24*time.Hour + time.Second)
	cancel(h.desk, "6")
	check("cancelled the day after", "14 14 14 14")
}

// The two that count more are felt by the requester and the subject as well.
func TestTakenBackIsFelt(t *testing.T) {
	t.Parallel()
	for name, terms := range map[string]terms{
		"requester": within(func(l *budget.Limits) { l.Requests = 3 }),
		"subject":   within(func(l *budget.Limits) { l.Person = 3 }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := shop(t, terms)
			h.agree(t, deal{id: "t-2", kind: "shipped_goods"})
			h.attest(t, "t-1", "pay 221.65, accept 1")
			h.attest(t, "t-2", "pay 221.65, accept 1")
			h.grant(t, "t-1")
			h.do(t, "market", "POST /v1/transactions/t-1/cancellation", `{"reason":"agreed"}`).want(t, 200)
			h.disclose(t, "t-2", "s-1", "deliver").want(t, 201, "decision", "pending")
		})
	}
}

// A safety flag suspends what rests on the party's data by its own commit, in every
// transaction, and tells both sides so, once; what it was, it tells nobody.
func TestFlagsSuspendGrants(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	h.people(t)
	other := h.second(t)
	all, some := h.listen(t), h.listen(t, broker.GrantSuspended)
	other.heed(t)
	grants := map[string]string{}
	for _, d := range []deal{{id: "t-1", kind: "shipped_goods"}, {id: "t-2", kind: "shipped_goods", seller: "s-2"}, {id: "t-3", kind: "shipped_goods"}} {
		h.agree(t, d)
		h.attest(t, d.id, "pay 221.65, accept 1")
		a := h.disclose(t, d.id, max(d.seller, "s-1"), "deliver").want(t, http.StatusCreated, "decision", "granted")
		grants[d.id] = a.at("id")
	}
	h.do(t, "market", "POST /v1/disclosures/"+grants["t-3"]+"/revocation", `{"reason":"mistake"}`).want(t, http.StatusOK)
	revoked := grants["t-3"]
	delete(grants, "t-3")
	h.attest(t, "t-3", "ship 1, deliver 1, approve_return 1")
	theirs := h.disclose(t, "t-3", "b-1", "return").want(t, http.StatusCreated, "decision", "granted")

	flag := func(d *desk, flags string) string {
		d.do(t, "privacy", "PUT /v1/parties/b-1/flags", flags).want(t, http.StatusOK)
		return h.ask(t, `SELECT max(idx) FROM ledger_entries WHERE get_byte(entry, 1) = 3`)
	}
	entry := flag(other, `["at_risk"]`)
	if n := h.ask(t, `SELECT count(*) FROM outbox WHERE kind = 6 AND entry = `+entry); n != "4" {
		t.Errorf("%s rows of its commit say it to two endpoints of two grants", n)
	}
	if n := h.ask(t, `SELECT count(*) FROM disclosures WHERE state = 1`); n != "2" {
		t.Errorf("%s grants are suspended", n)
	}
	flag(h.desk, `["at_risk"]`)
	flag(other, `["at_risk","restricted"]`)
	flag(h.desk, `[]`)
	for id, g := range grants {
		who := map[string]string{"t-1": "s-1", "t-2": "s-2"}[id]
		for _, d := range []*desk{h.desk, other} {
			d.do(t, "market", "GET /v1/disclosures/"+g+"?viewer="+who, "").want(t, http.StatusOK, "state", "suspended")
			d.view(t, g, who).want(t, http.StatusGone, "code", "gone")
		}
	}
	h.do(t, "market", "GET /v1/disclosures/"+revoked, "").want(t, http.StatusOK, "state", "revoked")
	h.view(t, theirs.at("id"), "b-1").want(t, http.StatusOK) // what the flagged party may see of others stays
	h.tell(t)
	other.tell(t)
	h.caughtUp(t)
	heard := some.all()
	if len(heard) != 2 {
		t.Errorf("%d messages of two grants", len(heard))
	}
	for _, m := range heard {
		decided := h.do(t, "market", "GET /v1/disclosures/"+m.disclosure, "").want(t, http.StatusOK)
		if grants[m.transaction] != m.disclosure || fmt.Sprint(m.index) != decided.at("ledger.index") {
			t.Errorf("told: %s", m.body)
		}
	}
	for _, m := range all.all() {
		for _, word := range []string{"flag", "at_risk", "restricted", "safety", "minor", `"index":` + entry + "}"} {
			if strings.Contains(m.body, word) {
				t.Errorf("%s says %q: %s", m.kind, word, m.body)
			}
		}
	}
	h.retold(t, some)
}

// Of a grant that is decided while its subject is flagged nothing stays live.
func TestFlagsAndGrantsAtOnce(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	other := h.second(t)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	for round := range 4 {
		together(8, func(i int) reply {
			if i == 5 {
				return other.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`)
			}
			return []*desk{h.desk, other}[i%2].do(t, "market", "POST /v1/disclosures", request("t-1", "s-1", "deliver"))
		})
		if n := h.ask(t, `SELECT count(*) FROM disclosures WHERE state = 0`); n != "0" {
			t.Errorf("round %d: %s grants live", round, n)
		}
		h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `[]`).want(t, http.StatusOK)
	}
}
