package stories

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker"
)

// Both sides can be told of all that happens to a disclosure, in order, and
// what they are told has no value, no note and no flag in it.
func TestNoticesOfADisclosure(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	l, some := h.listen(t), h.listen(t, broker.GrantSuspended, broker.GrantRevoked)
	h.tell(t)
	h.disclose(t, "t-1", "s-1", "deliver")
	h.attest(t, "t-1", "pay 221.65, accept 1")
	r := h.do(t, "market", "POST /v1/disclosures", `{"transaction":"t-1","requester":"s-1","purpose":"deliver","note":"segredo do bilhete"}`).want(t, 201, "decision", "granted")
	revoked := h.grant(t, "t-1")
	h.do(t, "market", "POST /v1/disclosures/"+revoked+"/revocation", `{"reason":"subject_objected"}`).want(t, 200)
	h.caughtUp(t) // what was seen of it is called back
	h.reverse(t, "t-1", "pay", "221.65", "chargeback/1")
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["minor"]`).want(t, 200)
	h.caughtUp(t)
	if got := l.kinds(); got != "disclosure.refused disclosure.granted disclosure.granted grant.revoked recall.requested grant.suspended" {
		t.Fatalf("told: %s", got)
	}
	if got := some.kinds(); got != "grant.revoked grant.suspended" {
		t.Errorf("who listens to two kinds is told: %s", got)
	}
	heard := l.all()
	for i, want := range []string{
		`"fields":[{"field":"name","outcome":"withheld","reason":"no_performance"},{"field":"phone","outcome":"withheld","reason":"no_performance"},{"field":"address","outcome":"withheld","reason":"no_performance"}],"reasons":["no_performance"]`,
		`{"type":"disclosure.granted","timestamp":"2026-03-04T12:00:00Z","data":{"disclosure":"` + r.at("id") + `","transaction":"t-1","requester":"s-1","subject":"b-1",` +
			`"for":[{"party":"b-1","role":"buyer"},{"party":"s-1","role":"seller"}],"purpose":"deliver","decision":"granted","ground":"3b",` +
			`"fields":[{"field":"name","outcome":"granted"},{"field":"phone","outcome":"granted"},{"field":"address","outcome":"granted"}],` +
			`"expires_at":"2026-04-17T11:00:00Z","ledger":{"index":` + r.at("ledger.index") + `}}}`,
		`"decision":"granted"`, `"reason":"not_available"`, `"disclosure":"` + revoked + `"`, `"disclosure":"` + r.at("id") + `"`,
	} {
		if !strings.Contains(heard[i].body, want) {
			t.Errorf("message %d: %s\nlacks %s", i, heard[i].body, want)
		}
	}
	if n := h.ask(t, `SELECT count(DISTINCT due_at) FROM outbox WHERE kind IN (8, 9)`); n == "0" {
		t.Error("nothing waits to be said at the end")
	}
	h.agree(t, deal{id: "t-2", kind: "shipped_goods"})
	h.attest(t, "t-2", "pay 221.65, accept 1")
	if got := h.disclose(t, "t-2", "s-1", "deliver"); got.at("decision") != "pending" {
		t.Fatalf("about a minor: %s", got.short())
	}
	h.caughtUp(t)
	if got := l.all()[6]; got.kind != "disclosure.pending" || strings.Contains(got.body, "minor") {
		t.Errorf("about a minor: %s", got.body)
	}
}

// While nobody listens nothing is written, and who comes later is not told of it.
func TestNobodyListens(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.tell(t)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	h.disclose(t, "t-1", "s-1", "deliver")
	if n := h.ask(t, `SELECT count(*) FROM outbox`); n != "0" {
		t.Errorf("%s rows, and nobody listens", n)
	}
	l := h.listen(t, broker.GrantRevoked)
	h.disclose(t, "t-1", "s-1", "deliver")
	if n := h.ask(t, `SELECT count(*) FROM outbox`); n != "0" || len(l.all()) != 0 {
		t.Errorf("%s rows of what nobody listens to", n)
	}
}

// A day before its end a grant is said to expire, and then to have expired; the
// facts move that time, and what was revoked says nothing more.
func TestGrantExpires(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	l := h.listen(t, broker.GrantExpiring, broker.GrantExpired)
	h.tell(t)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	id := h.grant(t, "t-1")
	revoked := h.grant(t, "t-1")
	h.do(t, "market", "POST /v1/disclosures/"+revoked+"/revocation", `{"reason":"mistake"}`).want(t, 200)
	h.clock.forward(time.Hour)
	h.attest(t, "t-1", "ship 1, deliver 1") // the end is now 14 days from here, and no more at April 17
	h.caughtUp(t)
	h.await(t, `SELECT string_agg(to_char(due_at, 'MM-DD HH24:MI'), ' ' ORDER BY id) FROM outbox WHERE state = 0`, "03-17 13:00 03-18 13:00")
	h.clock.set(noon.Add(time.Hour + 13*24*time.Hour - time.Second))
	h.caughtUp(t)
	if got := l.kinds(); got != "" {
		t.Fatalf("told too early: %s", got)
	}
	h.clock.forward(time.Second)
	await(t, "a day before is told", func() bool { return l.kinds() == "grant.expiring" })
	h.caughtUp(t)
	h.clock.forward(24 * time.Hour)
	await(t, "its end is told", func() bool { return l.kinds() == "grant.expiring grant.expired" })
	h.caughtUp(t)
	h.clock.forward(60 * 24 * time.Hour)
	h.caughtUp(t)
	for _, m := range l.all() {
		if m.disclosure != id || !strings.Contains(m.body, `"expires_at":"2026-03-18T13:00:00Z"`) {
			t.Errorf("told: %s", m.body)
		}
	}
	if got := l.all(); len(got) != 2 || got[0].at != "2026-03-17T13:00:00Z" || got[1].at != "2026-03-18T13:00:00Z" {
		t.Errorf("told: %+v", got)
	}
}

// An endpoint that is down misses nothing, and is told in order when it is back;
// of each transaction the first message waits for its next attempt, and the others for it.
func TestEndpointDown(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	l, other := h.listen(t), h.listen(t)
	h.tell(t)
	l.answers(func(heardMessage) int { return http.StatusServiceUnavailable })
	h.disclose(t, "t-1", "s-1", "deliver")
	h.putOff(t, l.id, 1, 5*time.Second)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	h.disclose(t, "t-1", "s-1", "deliver")
	await(t, "the other one is told", func() bool { return other.kinds() == "disclosure.refused disclosure.granted" })
	h.clock.forward(6 * time.Second)
	h.putOff(t, l.id, 2, 30*time.Second)
	h.clock.forward(29 * time.Second)
	l.answers(nil)
	time.Sleep(1500 * time.Millisecond) // longer than it takes to look
	if n := len(l.all()); n != 2 {
		t.Errorf("%d attempts before it was time for the third", n)
	}
	h.clock.forward(2 * time.Second)
	await(t, "it is told", func() bool { return l.kinds() == "disclosure.refused disclosure.granted" })
	heard := l.all()
	if len(heard) != 4 || heard[0].id != heard[1].id || heard[1].id != heard[2].id || heard[2].id == heard[3].id {
		t.Errorf("ids of a message are not the same at each attempt, or not others for others: %+v", heard)
	}
}

// A slow endpoint holds up nobody but itself, and one transaction no other one.
func TestSlowEndpoint(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	slow, quick := h.listen(t), h.listen(t)
	slow.delay = 3 * time.Second
	h.tell(t)
	for range 3 {
		h.disclose(t, "t-1", "s-1", "deliver")
	}
	h.agree(t, deal{id: "t-2", kind: "shipped_goods"})
	h.disclose(t, "t-2", "s-1", "deliver")
	await(t, "the quick one is told", func() bool { return len(quick.all()) == 4 })
	if n := len(slow.all()); n > 2 {
		t.Errorf("the slow one got %d, and has answered none", n)
	}
	await(t, "the slow one has one of each transaction before it", func() bool { return len(slow.all()) == 2 })
}

// One that says it is gone is told nothing more.
func TestEndpointGone(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	l := h.listen(t)
	h.tell(t)
	l.answers(func(heardMessage) int { return http.StatusGone })
	h.disclose(t, "t-1", "s-1", "deliver")
	await(t, "it is disabled", func() bool {
		return h.ask(t, `SELECT count(*) FROM webhooks WHERE disabled_at IS NOT NULL`) == "1" && h.ask(t, `SELECT count(*) FROM outbox WHERE state = 2`) == "1"
	})
	h.heed(t)
	h.disclose(t, "t-1", "s-1", "deliver")
	if n := h.ask(t, `SELECT count(*) FROM outbox`); n != "1" {
		t.Errorf("%s rows for one that is gone", n)
	}
	if err := h.store.EnableEndpoint(t.Context(), l.id); err != nil {
		t.Fatal(err)
	}
	l.answers(nil)
	h.heed(t)
	n, err := h.store.Replay(t.Context(), postgres.Replay{Failed: true})
	if err != nil || n != 1 {
		t.Fatalf("replayed %d, %v", n, err)
	}
	h.caughtUp(t)
	if got := l.all(); len(got) != 2 || got[0].id != got[1].id {
		t.Errorf("the replay: %+v", got)
	}
}

// Three days of failing, and a message is given up: it holds up the others no longer.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	l := h.listen(t)
	h.tell(t)
	l.answers(func(m heardMessage) int {
		if m.kind == "disclosure.refused" {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	})
	h.disclose(t, "t-1", "s-1", "deliver")
	h.attest(t, "t-1", "pay 221.65, accept 1")
	h.disclose(t, "t-1", "s-1", "deliver")
	h.putOff(t, l.id, 1, 5*time.Second)
	h.sql(t, `UPDATE outbox SET attempts = 16 WHERE kind = 2`)
	h.clock.forward(6 * time.Hour)
	h.putOff(t, l.id, 17, 6*time.Hour)
	if l.kinds() != "" {
		t.Errorf("told before it was given up: %s", l.kinds())
	}
	h.clock.forward(6 * time.Hour)
	await(t, "it is given up", func() bool { return l.kinds() == "disclosure.granted" })
	if got := h.ask(t, `SELECT state FROM outbox WHERE kind = 2`); got != "2" {
		t.Errorf("state %s", got)
	}
}
