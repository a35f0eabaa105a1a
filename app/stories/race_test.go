package stories

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// together runs n requests at once and gives their answers, in no order.
func together(n int, do func(i int) reply) []reply {
	var wg sync.WaitGroup
	start := make(chan struct{})
	replies := make([]reply, n)
	for i := range n {
		wg.Go(func() {
			<-start
			replies[i] = do(i)
		})
	}
	close(start)
	wg.Wait()
	return replies
}

// tally counts answers by their status.
func tally(replies []reply) map[int]int {
	n := map[int]int{}
	for _, r := range replies {
		n[r.status]++
	}
	return n
}

func (h *house) second(t *testing.T) *desk {
	t.Helper()
	return h.open(t, h.db.URL("bauta"), false)
}

// One key, sixteen requests at once, at two brokers: one outcome.
func TestOneKeyManyRequests(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	other := h.second(t)
	desks := []*desk{h.desk, other}
	h.attest(t, "t-1", "pay 221.65, accept 1")
	before := h.ask(t, `SELECT count(*) FROM ledger_entries`)
	replies := together(16, func(i int) reply {
		return desks[i%2].do(t, "market", disclosures, request("t-1", "s-1", "deliver"), keyed("one")...)
	})
	firsts, ids := 0, map[string]bool{}
	for _, r := range replies {
		switch r.status {
		case 201:
			ids[r.at("id")] = true
			if r.header.Get("Idempotent-Replayed") == "" {
				firsts++
			}
			r.want(t, 201, "views_left", "19")
		case 409:
			r.want(t, 409, "code", "conflict")
		default:
			t.Errorf("%d: %s", r.status, r.short())
		}
	}
	if firsts != 1 || len(ids) != 1 {
		t.Errorf("%d outcomes, %d of them first: %v", len(ids), firsts, tally(replies))
	}
	if after := h.ask(t, `SELECT count(*) - `+before+` FROM ledger_entries`); after != "1" {
		t.Errorf("%s entries for one request", after)
	}
}

// Sixty-four look at once at a grant of nineteen views.
func TestViewsNeverExceedTheirCap(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	other := h.second(t)
	desks := []*desk{h.desk, other}
	h.attest(t, "t-1", "pay 221.65, accept 1")
	granted := h.disclose(t, "t-1", "s-1", "deliver")
	id := granted.at("id")
	seen := map[string]int{}
	looked := 0
	for range 2 {
		replies := together(64, func(i int) reply { return desks[i%2].view(t, id, "s-1") })
		for _, r := range replies {
			switch {
			case r.status == 200 && r.opens() == "address name phone":
				seen[r.at("views_left")]++
				looked++
			case r.status != 409 && r.status != 410:
				t.Errorf("%d: %s", r.status, r.short())
			}
		}
		t.Logf("%v", tally(replies))
	}
	for range 19 {
		if h.view(t, id, "s-1").status == 200 {
			looked++
		}
	}
	for left, times := range seen {
		if times > 1 {
			t.Errorf("%s views left was said %d times", left, times)
		}
	}
	if looked != 19 || h.ask(t, `SELECT count(*) FROM views`) != "19" {
		t.Errorf("%d views of 19, %s of them written down", looked, h.ask(t, `SELECT count(*) FROM views`))
	}
	h.view(t, id, "s-1").want(t, 410)
}

// Two who register the same thing at once: one creates it.
func TestRacingPuts(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	other := h.second(t)
	desks := []*desk{h.desk, other}
	for round := range 2 {
		id := fmt.Sprintf("new-%d", round)
		for request, body := range map[string]string{
			"PUT /v1/parties/" + id:      giovana,
			"PUT /v1/transactions/" + id: deal{kind: "shipped_goods"}.body(),
		} {
			replies := together(12, func(i int) reply { return desks[i%2].do(t, "market", request, body) })
			got := tally(replies)
			if got[201] != 1 || got[200]+got[409]+got[201] != 12 {
				t.Errorf("%s: %v", request, got)
			}
		}
	}
	if n := h.ask(t, `SELECT count(*) FROM transactions`); n != "3" {
		t.Errorf("%s transactions", n)
	}
}

// One reference, told sixteen times at once: the money counts once.
func TestOneReferenceManyTimes(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	other := h.second(t)
	desks := []*desk{h.desk, other}
	paid := h.told("pay", "50.00", "card/1").body()
	replies := together(16, func(i int) reply { return desks[i%2].do(t, "payment", performances, paid) })
	if got := tally(replies); got[201] != 1 || got[200]+got[409]+got[201] != 16 {
		t.Errorf("%v", got)
	}
	h.do(t, "market", "GET /v1/transactions/t-1", "").want(t, 200, "obligations.0.done", "50.00")
}

// Two brokers, sixteen callers each, everything at once: the ledger has no gap
// and no twin, every place that was answered is the one that is there.
func TestTwoBrokers(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	other := h.second(t)
	desks := []*desk{h.desk, other}
	const callers, rounds = 32, 4
	for i := range callers {
		h.agree(t, deal{id: "p-" + itoa(i), kind: "shipped_goods"})
		h.attest(t, "p-"+itoa(i), "pay 221.65, accept 1")
	}
	var mu sync.Mutex
	places := map[string]string{}
	note := func(r reply) {
		mu.Lock()
		defer mu.Unlock()
		if was, taken := places[r.at("ledger.index")]; taken && was != r.at("ledger.leaf_hash") {
			t.Errorf("entry %s was given to two", r.at("ledger.index"))
		}
		places[r.at("ledger.index")] = r.at("ledger.leaf_hash")
	}
	together(callers, func(i int) reply {
		d, id := desks[i%2], "p-"+itoa(i)
		var r reply
		for range rounds {
			r = d.disclose(t, id, "s-1", "deliver").want(t, 201, "decision", "granted")
			note(r)
			note(desks[(i+1)%2].view(t, r.at("id"), "s-1").want(t, 200, "views_left", "18"))
		}
		return r
	})
	if len(places) != callers*rounds*2 {
		t.Errorf("%d places for %d requests", len(places), callers*rounds*2)
	}
	for _, d := range desks {
		report, err := d.store.Check(t.Context(), nil)
		if err != nil || itoa(int(report.Entries)) != h.ask(t, `SELECT count(*) FROM ledger_entries`) {
			t.Errorf("check: %d entries, %v", report.Entries, err)
		}
	}
	h.samePlaces(t, places)
}

// samePlaces holds what was answered against what is there.
func (h *house) samePlaces(t *testing.T, places map[string]string) {
	t.Helper()
	entries, err := h.store.Entries(t.Context(), 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for index, leaf := range places {
		var i int
		if _, err := fmt.Sscan(index, &i); err != nil || i >= len(entries) {
			t.Errorf("entry %q is not there", index)
			continue
		}
		if got := leafOf(entries[i]); got != leaf {
			t.Errorf("entry %d is %s, and was told as %s", i, got, leaf)
		}
	}
}

// A payment is taken back while others ask and look: no grant that rests on it
// lives on (I11).
func TestReversalRaces(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	other := h.second(t)
	desks := []*desk{h.desk, other}
	for round := range 3 {
		h.clock.forward(time.Second)
		h.attest(t, "t-1", "pay 221.65")
		if round == 0 {
			h.attest(t, "t-1", "accept 1")
		}
		first := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted")
		back := h.told("pay", "221.65", "chargeback/"+itoa(round)).body()
		together(24, func(i int) reply {
			d := desks[i%2]
			switch {
			case i == 11:
				for range 20 { // others may have been first, more often than a request is tried
					if r := d.do(t, "payment", reversals, back); r.status != 409 {
						return r.want(t, 201)
					}
				}
				t.Error("the reversal never came through")
				return reply{}
			case i%3 == 0:
				return d.view(t, first.at("id"), "s-1")
			case i%7 == 0:
				return d.do(t, "market", "POST /v1/disclosures/"+first.at("id")+"/revocation", `{"reason":"leaked"}`)
			}
			return d.do(t, "market", disclosures, request("t-1", "s-1", "deliver"))
		})
		h.nothingLives(t)
	}
}

func (h *house) nothingLives(t *testing.T) {
	t.Helper()
	if live := h.ask(t, `SELECT count(*) FROM disclosures WHERE state = 0`); live != "0" {
		t.Errorf("%s grants are live after the reversal", live)
	}
	for _, id := range h.walk(t, "/v1/disclosures?decision=granted&", "200") {
		r := h.do(t, "market", "GET /v1/disclosures/"+id, "").want(t, 200)
		if state := r.at("state"); state != "suspended" && state != "revoked" {
			t.Errorf("%s is %s", id, state)
		}
		h.view(t, id, "s-1").want(t, 410)
	}
}

// A grant that was revoked stays revoked, and views stay counted, whatever is
// taken back at the same moment.
func TestReversalKeepsWhatOthersDid(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	other := h.second(t)
	h.attest(t, "t-1", "accept 1")
	for round := range 8 {
		h.clock.forward(time.Second)
		h.attest(t, "t-1", "pay 221.65")
		first := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted")
		id := first.at("id")
		back := h.told("pay", "221.65", "chargeback/"+itoa(round)).body()
		replies := together(4, func(i int) reply {
			switch i {
			case 0:
				return other.do(t, "payment", reversals, back)
			case 1:
				return h.do(t, "market", "POST /v1/disclosures/"+id+"/revocation", `{"reason":"leaked"}`)
			}
			return h.view(t, id, "s-1")
		})
		looked := 0
		for _, r := range replies[2:] {
			if r.status == 200 {
				looked++
			}
		}
		state := h.do(t, "market", "GET /v1/disclosures/"+id, "").want(t, 200)
		if replies[1].status == 200 && state.at("state") != "revoked" {
			t.Errorf("round %d: revoked with 200, and now %s", round, state.at("state"))
		}
		if got := state.at("views_left"); got != itoa(19-looked) {
			t.Errorf("round %d: %s views left after %d of 19", round, got, looked)
		}
		if replies[0].status == 409 {
			h.do(t, "payment", reversals, back).want(t, 201)
		}
	}
}
