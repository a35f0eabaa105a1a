package stories

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bauta.dev/bauta/app/outbox"
	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker"
)

// For a day the old and the new secret both verify, and then the new one alone.
func TestSecretRotates(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	l := h.listen(t)
	h.disclose(t, "t-1", "s-1", "deliver")
	secret, err := h.store.RotateSecret(t.Context(), l.id)
	if err != nil {
		t.Fatal(err)
	}
	h.tell(t)
	h.caughtUp(t) // the old one verifies
	l.mu.Lock()
	l.secrets = []string{outbox.FormatSecret(secret)}
	l.mu.Unlock()
	h.disclose(t, "t-1", "s-1", "deliver")
	h.caughtUp(t) // and the new one
	h.clock.forward(24*time.Hour + time.Second)
	await(t, "the old one is forgotten", func() bool {
		h.disclose(t, "t-1", "s-1", "deliver")
		h.caughtUp(t)
		return l.all()[len(l.all())-1].signatures == 1
	})
	if got := l.all(); got[0].signatures != 2 || got[1].signatures != 2 {
		t.Errorf("signatures: %d and %d", got[0].signatures, got[1].signatures)
	}
}

// What was told can be told again, from an entry or a time on, under its old id.
func TestReplay(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	l, other := h.listen(t), h.listen(t)
	h.tell(t)
	h.disclose(t, "t-1", "s-1", "deliver")
	h.caughtUp(t)
	h.clock.forward(time.Minute)
	second := h.disclose(t, "t-1", "s-1", "deliver")
	h.caughtUp(t)
	for name, x := range map[string]struct {
		which postgres.Replay
		n     int64
	}{
		"since a time":   {postgres.Replay{Endpoint: l.id, Since: h.clock.now()}, 1},
		"from the start": {postgres.Replay{Endpoint: l.id}, 2},
		"what failed":    {postgres.Replay{Endpoint: l.id, Failed: true}, 0},
		"from an entry":  {postgres.Replay{From: int64(number(second.at("ledger.index")))}, 2}, // one for each endpoint
	} {
		n, err := h.store.Replay(t.Context(), x.which)
		if err != nil || n != x.n {
			t.Errorf("%s: %d, %v, want %d", name, n, err, x.n)
		}
		h.caughtUp(t)
	}
	ids := map[string]int{}
	for _, m := range l.all() {
		ids[m.id]++
	}
	if len(ids) != 2 || len(l.all()) != 6 || len(other.all()) != 3 {
		t.Errorf("%d ids in %d messages; the other endpoint got %d", len(ids), len(l.all()), len(other.all()))
	}
}

// A broker that dies between a commit and its message, or while it sends, has
// lost nothing: another one tells it.
func TestTellerDies(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	l := h.listen(t)
	h.disclose(t, "t-1", "s-1", "deliver") // and nobody tells it
	h.attest(t, "t-1", "pay 221.65, accept 1")
	h.disclose(t, "t-1", "s-1", "deliver")
	taken, err := h.store.TakeNotices(t.Context(), l.id, 10, 30*time.Second) // who took it is never heard of again
	if err != nil || len(taken) != 1 {
		t.Fatalf("took %d, %v: want the first alone", len(taken), err)
	}
	second := h.second(t)
	second.tell(t)
	time.Sleep(1500 * time.Millisecond)
	if n := len(l.all()); n != 0 {
		t.Fatalf("%d told while another broker has them", n)
	}
	h.clock.forward(30 * time.Second)
	await(t, "it is told", func() bool { return l.kinds() == "disclosure.refused disclosure.granted" })
}

// Two brokers, many transactions, an endpoint that fails now and then: each
// message arrives, in the ledger's order for its transaction, and what arrives
// twice has come before, under the same id.
func TestNoticesInOrder(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	l := h.listen(t, broker.DisclosureGranted, broker.DisclosureRefused, broker.GrantSuspended)
	second := h.second(t)
	h.tell(t)
	second.tell(t)
	n := 0
	l.answers(func(heardMessage) int {
		if n++; n%7 == 0 {
			return http.StatusBadGateway
		}
		return http.StatusOK
	})
	const transactions, rounds = 12, 3
	var wait sync.WaitGroup
	for i := range transactions {
		wait.Go(func() {
			id := fmt.Sprintf("n-%d", i)
			h.agree(t, deal{id: id, kind: "shipped_goods"})
			for round := range rounds {
				d := []*desk{h.desk, second}[(i+round)%2]
				d.disclose(t, id, "s-1", "deliver")
				h.do(t, "payment", "POST /v1/transactions/"+id+"/performances", h.told("pay", "221.65", fmt.Sprint(round)).body()).want(t, 201)
				if round == 0 {
					h.do(t, "payment", "POST /v1/transactions/"+id+"/performances", h.told("accept", "1", "0").body()).want(t, 201)
				}
				d.disclose(t, id, "s-1", "deliver")
				h.reverse(t, id, "pay", "221.65", fmt.Sprintf("back/%d", round))
			}
		})
	}
	wait.Wait()
	await(t, "everything is told", func() bool {
		h.clock.forward(time.Minute) // past what failed, and past leases too
		time.Sleep(50 * time.Millisecond)
		return h.ask(t, `SELECT count(*) FROM outbox WHERE state = 0`) == "0"
	})
	took := map[string][]heardMessage{}
	ids, there := map[string]string{}, map[string]bool{}
	for _, m := range l.all() {
		said := fmt.Sprint(m.kind, m.disclosure, m.index)
		if ids[m.id] != "" && ids[m.id] != said {
			t.Errorf("one id for two: %s and %s", ids[m.id], said)
		}
		ids[m.id] = said
		if m.status < 300 && !there[m.id] { // the clock runs past leases, so some come twice
			took[m.transaction], there[m.id] = append(took[m.transaction], m), true
		}
	}
	for id, ms := range took {
		if !slices.IsSortedFunc(ms, func(a, b heardMessage) int { return cmp.Compare(a.index, b.index) }) {
			t.Errorf("%s: out of order", id)
		}
		if len(ms) != 3*rounds {
			t.Errorf("%s: %d messages, want %d", id, len(ms), 3*rounds)
		}
	}
	if len(took) != transactions {
		t.Errorf("%d transactions were told, want %d", len(took), transactions)
	}
}

// A row that somebody wrote into the outbox makes the broker say nothing that
// is not in the ledger, and an endpoint that somebody redirected is told nothing.
func TestForgedNotices(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	l := h.listen(t)
	h.disclose(t, "t-1", "s-1", "deliver")
	for _, kind := range []string{"1", "3", "4", "5", "6", "7", "8", "9", "77"} {
		h.sql(t, `INSERT INTO outbox (endpoint, kind, transaction_id, disclosure, entry, due_at, next_at) SELECT endpoint, `+kind+`, transaction_id, disclosure, entry, due_at, next_at FROM outbox WHERE kind = 2 ORDER BY id LIMIT 1`)
	}
	for entry := range 12 { // what other entries do not say either
		h.sql(t, fmt.Sprintf(`INSERT INTO outbox (endpoint, kind, transaction_id, disclosure, entry, due_at, next_at) SELECT endpoint, 7, transaction_id, disclosure, %d, due_at, next_at FROM outbox WHERE kind = 2 ORDER BY id LIMIT 1`, entry))
	}
	h.tell(t)
	h.caughtUp(t)
	if got := l.kinds(); got != "disclosure.refused" {
		t.Errorf("told: %s", got)
	}
	away := h.listen(t)
	h.sql(t, fmt.Sprintf(`UPDATE webhooks SET sealed = (SELECT sealed FROM webhooks WHERE id = %d), kinds = '{}' WHERE id = %d`, away.id, l.id))
	await(t, "it is refused", func() bool { return strings.Contains(h.log.String(), "a webhook is refused") })
	h.disclose(t, "t-1", "s-1", "deliver")
	await(t, "the other one is told", func() bool { return len(away.all()) > 0 })
	if n := len(away.all()); n != 1 || len(l.all()) != 1 {
		t.Errorf("the redirected endpoint was told: %d and %d messages", n, len(l.all()))
	}
}

// What waits and what was given up is counted for each endpoint; what has its
// time yet to come does not wait.
func TestBacklogs(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	l, other := h.listen(t), h.listen(t, broker.GrantRevoked)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	h.grant(t, "t-1")
	h.clock.forward(time.Minute)
	h.grant(t, "t-1")
	if taken, err := h.store.TakeNotices(t.Context(), l.id, 10, time.Hour); err != nil || len(taken) != 1 {
		t.Fatalf("took %d, %v", len(taken), err)
	}
	all, err := h.store.Backlogs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := all[l.id]; got.Waiting != 2 || got.Failed != 0 || !got.Oldest.Equal(noon) || all[other.id] != (postgres.Backlog{}) {
		t.Errorf("waiting: %+v", all)
	}
	h.sql(t, `UPDATE outbox SET state = 2, done_at = next_at WHERE kind = 1`)
	if all, err = h.store.Backlogs(t.Context()); err != nil || all[l.id] != (postgres.Backlog{Failed: 2}) {
		t.Errorf("given up: %+v %v", all, err)
	}
	// A month later they are gone, and so is what was for an endpoint that is no more.
	h.clock.forward(31*24*time.Hour + time.Hour)
	if err := h.store.RemoveEndpoint(t.Context(), other.id); err != nil {
		t.Fatal(err)
	}
	h.sql(t, fmt.Sprintf(`UPDATE outbox SET endpoint = %d WHERE kind = 9`, other.id))
	if err := h.store.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := h.ask(t, `SELECT string_agg(kind::text, ' ') FROM outbox`); got != "8 8" {
		t.Errorf("left: %s", got)
	}
}
