package postgres_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/migrations"
)

// queued holds what one of the staff finds in the queues of requests against what is wanted:
// mine, for a second person, overdue and all, which are counted as they are listed.
func (h *house) queued(t *testing.T, who broker.Staff, want broker.RequestCounts) {
	t.Helper()
	got, err := h.CountRequests(t.Context(), who)
	if err != nil || got != want {
		t.Errorf("%s counts %+v, want %+v; %v", who.Account, got, want, err)
	}
	for _, q := range []struct {
		f    broker.RequestFilter
		want int
	}{
		{broker.RequestFilter{Taken: who.Account}, want.Taken},
		{broker.RequestFilter{Free: true}, want.Free},
		{broker.RequestFilter{Second: true}, want.Second},
		{broker.RequestFilter{Overdue: true}, want.Overdue},
		{broker.RequestFilter{}, want.All},
	} {
		if got := h.listed(t, who, q.f); len(got) != q.want {
			t.Errorf("%+v lists %d to %s, want %d", q.f, len(got), who.Account, q.want)
		}
	}
}

// listed are all requests that a filter selects, one a page.
func (h *house) listed(t *testing.T, who broker.Staff, f broker.RequestFilter) (all []broker.DisclosureID) {
	t.Helper()
	for f.Limit = 1; ; {
		vs, next, err := h.OpenRequests(t.Context(), who, f)
		if err != nil {
			t.Fatal(err)
		}
		for i := range vs {
			all = append(all, vs[i].Disclosure.ID)
		}
		if f.After = next; next == "" {
			return all
		}
	}
}

// What is proposed about a grant that nobody has objected to waits for a second person, who
// finds it in the queue; it has the term of a request, and is overdue after it.
func TestProposalsAboutGrantsWait(t *testing.T) {
	t.Parallel()
	h := due(t)
	ctx := t.Context()
	id := h.ask(t, "t-1", "s-1", necessity.Deliver).ID
	h.queued(t, lena, broker.RequestCounts{})
	v := h.does(t, hanna, id, broker.Move{Event: broker.ToRecall, Reason: "misuse_suspected"})
	if r := &v.Request; !r.IsOpen() || !r.Due.Equal(noon.Add(72*time.Hour)) || r.Taken != hanna.Account {
		t.Errorf("open %t, due %s, with %q", r.IsOpen(), r.Due, r.Taken)
	}
	h.queued(t, hanna, broker.RequestCounts{Taken: 1, All: 1})
	h.queued(t, lena, broker.RequestCounts{Second: 1, All: 1})
	for _, side := range []broker.PartyID{"b-1", "s-1"} { // neither side is told
		seen, err := h.StandingOf(ctx, id, side)
		if err != nil || !seen.Request.Due.IsZero() || seen.State != broker.Granted {
			t.Errorf("to %s it is %s and due %s; %v", side, seen.State, seen.Request.Due, err)
		}
	}
	h.refuses(t, hanna, id, broker.Move{Event: broker.Reject, Reason: "mistake"}, broker.ErrOwnWork)
	h.at(noon.Add(72*time.Hour + time.Minute))
	h.queued(t, lena, broker.RequestCounts{Second: 1, Overdue: 1, All: 1})
	h.does(t, lars, id, broker.Move{Event: broker.ToRecall, Reason: "leaked"}) // in the place of the first: its time is over as well
	h.queued(t, lars, broker.RequestCounts{Taken: 1, Overdue: 1, All: 1})
	h.does(t, lena, id, broker.Move{Event: broker.Reject, Reason: "mistake"})
	h.queued(t, lars, broker.RequestCounts{})
	if v, _, err := h.View(ctx, market, id, "s-1", nil); err != nil || v.State != "live" {
		t.Errorf("what was rejected ends nothing: %s, %v", v.State, err)
	}

	h.says(t, "b-1", id, broker.Move{Event: broker.Object, Reason: "other_way"})
	h.does(t, lars, id, broker.Move{Event: broker.Take})
	h.does(t, hanna, id, broker.Move{Event: broker.ToRecall, Reason: "leaked"})
	h.queued(t, lars, broker.RequestCounts{Taken: 1, Second: 1, All: 1})
	h.does(t, lars, id, broker.Move{Event: broker.Keep, Reason: "necessary"}) // that it ends all the same waits on
	h.queued(t, hanna, broker.RequestCounts{Taken: 1, All: 1})
	h.does(t, hanna, id, broker.Move{Event: broker.Release})
	h.queued(t, lena, broker.RequestCounts{})

	h.does(t, hanna, id, broker.Move{Event: broker.Suspend, Reason: "misuse_suspected"})
	h.queued(t, lena, broker.RequestCounts{})
	h.does(t, hanna, id, broker.Move{Event: broker.Propose, Reason: "necessary"}) // that it lives again
	h.queued(t, lena, broker.RequestCounts{Second: 1, All: 1})
	h.does(t, hanna, id, broker.Move{Event: broker.Release}) // she has thought better of it
	h.queued(t, lena, broker.RequestCounts{})
	v = h.does(t, hanna, id, broker.Move{Event: broker.Propose, Reason: "necessary"})
	h.does(t, lena, id, broker.Move{Event: broker.Reinstate, Hash: v.Request.Proposal.Hash})
	h.queued(t, lena, broker.RequestCounts{})
	v = h.does(t, hanna, id, broker.Move{Event: broker.ToRecall, Reason: "leaked"})
	h.does(t, lena, id, broker.Move{Event: broker.Recall, Hash: v.Request.Proposal.Hash})
	h.queued(t, lena, broker.RequestCounts{})
	h.checkLog(t)
}

// A grant that ends, whatever ends it, takes along what was proposed about it.
func TestProposalsEndWithTheirGrant(t *testing.T) {
	t.Parallel()
	for name, ends := range map[string]func(*house, broker.DisclosureID) error{
		"its time": func(h *house, _ broker.DisclosureID) error { h.at(noon.AddDate(1, 0, 0)); return nil },
		"the marketplace": func(h *house, id broker.DisclosureID) error {
			_, _, err := h.Revoke(context.Background(), market, id, "mistake", nil)
			return err
		},
		"an exclusion": func(h *house, _ broker.DisclosureID) error {
			_, err := h.Exclude(context.Background(), market, "s-1", broker.ExclusionInput{Reason: "passed_on"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := due(t)
			id := h.ask(t, "t-1", "s-1", necessity.Deliver).ID
			h.does(t, hanna, id, broker.Move{Event: broker.ToRecall, Reason: "misuse_suspected"})
			if err := ends(h, id); err != nil {
				t.Fatal(err)
			}
			if left := h.listed(t, lena, broker.RequestFilter{}); len(left) > 0 { // before anybody has written it down
				t.Error("it is listed still")
			}
			h.tidies(t, broker.Tidying, h.Tidy)
			h.queued(t, lena, broker.RequestCounts{})
			h.checkLog(t)
		})
	}
}

// Proposals from before they stood in the queue are found there, overdue, by whichever release
// wrote them; what is kept of them is as it was.
func TestProposalsFromBefore(t *testing.T) {
	t.Parallel()
	h := due(t)
	a := outlaw(t, h)
	var ids []broker.DisclosureID
	for _, id := range []broker.TransactionID{"t-1", "t-2", "t-3"} {
		if id != "t-1" {
			h.order(t, id)
			h.perform(t, id, broker.Pay, "221.65", "card/"+string(id))
			h.perform(t, id, broker.Accept, "1", "stock/"+string(id))
		}
		ids = append(ids, h.ask(t, id, "s-1", necessity.Deliver).ID)
	}
	for _, id := range ids[:2] {
		h.does(t, hanna, id, broker.Move{Event: broker.ToRecall, Reason: "misuse_suspected"})
		f, err := h.store.Request(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		f.Request.Due, f.Request.Taken = time.Time{}, "" // as they were written
		raw, _ := id.Bytes()
		facts, mac := h.store.RowOfRequest(t, &f.Request)
		if _, err := a.db.ExecContext(t.Context(), `UPDATE requests SET due = '0001-01-01 00:00:00Z', facts = $2, mac = $3 WHERE uuid_send(disclosure) = $1`, raw, facts, mac); err != nil {
			t.Fatal(err)
		}
	}
	a.sql(t, `DELETE FROM outbox WHERE endpoint = 0`, `DROP INDEX requests_queue`, `DROP INDEX parties_lifting`, `DROP INDEX merchants_state`, `ALTER TABLE requests DROP COLUMN proposed`,
		`CREATE INDEX requests_open ON requests (due, disclosure) WHERE open`, `DELETE FROM goose_db_version WHERE version_id = 36`)
	if err := migrations.Apply(t.Context(), a.db); err != nil {
		t.Fatal(err)
	}
	h.queued(t, lena, broker.RequestCounts{Second: 2, Overdue: 2, All: 2})
	if !slices.Contains(h.listed(t, lena, broker.RequestFilter{Second: true}), ids[1]) {
		t.Error("it is not the one that was proposed")
	}
	h.does(t, lena, ids[0], broker.Move{Event: broker.Reject, Reason: "mistake"})
	h.queued(t, lena, broker.RequestCounts{Second: 1, Overdue: 1, All: 1})
	h.tidies(t, broker.Tidying, h.Tidy) // it is looked at, and again when the grant ends
	h.at(noon.AddDate(1, 0, 0))
	h.tidies(t, broker.Tidying, h.Tidy)
	if n := a.list(t, `SELECT count(*) FROM requests WHERE proposed`); n[0][0] != "0" {
		t.Error("it waits for good")
	}
	h.checkLog(t)
}

// That something waits for a second person is worked out of the facts, and nobody writes it.
func TestProposedIsOfTheFacts(t *testing.T) {
	t.Parallel()
	h := due(t)
	a := outlaw(t, h)
	id := h.ask(t, "t-1", "s-1", necessity.Deliver).ID
	h.does(t, hanna, id, broker.Move{Event: broker.ToRecall, Reason: "misuse_suspected"})
	if _, err := a.db.ExecContext(t.Context(), `UPDATE requests SET proposed = false`); err == nil {
		t.Error("a proposal is taken out of the queue")
	}
	a.sql(t, `UPDATE requests SET open = true`)
	if _, _, err := h.OpenRequests(t.Context(), lena, broker.RequestFilter{Limit: 5}); err == nil {
		t.Error("what is not asked of anybody is listed as if it were")
	}
	a.sql(t, `UPDATE requests SET open = false, state = 'revoked'`)
	if err := a.found(t, "requests"); err == nil {
		t.Error("a state that hides it is not found")
	}
}

// What is of somebody's own hand hides nothing of what waits for him as a second person, and
// who rejects names what he has looked at.
func TestPartiesToLiftBySecond(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	h.atRisk(t, "t-1")
	by := map[broker.PartyID]broker.Staff{"b-1": lars, "s-1": lena}
	for id, who := range by {
		if _, err := h.Exclude(ctx, market, id, broker.ExclusionInput{Reason: "passed_on"}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.ProposeReinstatement(ctx, who, id, "remedied", nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range []struct {
		who   broker.Staff
		first broker.PartyID
		waits bool
	}{{lena, "b-1", true}, {lars, "s-1", true}, {hanna, "b-1", false}, {audra, "b-1", false}} {
		for limit := range 2 {
			got, err := h.Lifts(ctx, x.who, limit+1)
			if err != nil || len(got) != limit+1 || got[0].ID != x.first || got[0].WaitsFor(&x.who) != x.waits {
				t.Errorf("%s sees %+v, %v", x.who.Account, got, err)
			}
		}
	}
	seen, err := h.StandingOfParty(ctx, "b-1")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err = h.ProposeReinstatement(ctx, hanna, "b-1", "legal_duty", nil); err != nil {
		t.Fatal(err)
	}
	if _, _, err = h.RejectReinstatement(ctx, lena, "b-1", seen.Lift.Hash, nil); !errors.Is(err, broker.ErrHashDiffers) {
		t.Errorf("another proposal than the one that was looked at: %v", err)
	}
	if seen, err = h.StandingOfParty(ctx, "b-1"); err != nil || seen.Lift == nil || seen.Lift.By != hanna.Account {
		t.Fatalf("it is gone: %+v, %v", seen.Lift, err)
	}
	h.rejects(t, "b-1", seen.Lift.Hash)
	h.rejects(t, "s-1", nil)
	h.checkLog(t)
}

// rejects leaves a party excluded, and once it is, what was looked at is proposed no more.
func (h *house) rejects(t *testing.T, id broker.PartyID, hash []byte) {
	t.Helper()
	who := map[broker.PartyID]broker.Staff{"b-1": lena, "s-1": lars}[id]
	if v, _, err := h.RejectReinstatement(t.Context(), who, id, hash, nil); err != nil || v.Lift != nil || v.ExcludedAt.IsZero() {
		t.Errorf("%s: %+v, %v", id, v, err)
	}
	if _, _, err := h.RejectReinstatement(t.Context(), who, id, hash, nil); hash != nil && !errors.Is(err, broker.ErrHashDiffers) {
		t.Errorf("again: %v", err)
	}
}

// What a second person is waited for is found without reading what nobody waits for.
func TestSecondPeopleReadIndexes(t *testing.T) {
	t.Parallel()
	a := outlaw(t, newHouse(t))
	a.sql(t, `INSERT INTO parties (id, name, version, oldest, facts, masks, mac, tags)
			SELECT n, 'p-' || n, 1, 0, CASE WHEN n % 1000 = 0 THEN '\x05' ELSE '\x01' END::bytea, '\x00', '\x00', '{}' FROM generate_series(1, 4000) AS n`,
		`INSERT INTO requests (disclosure, transaction_id, version, open, state, due, facts, mac)
			SELECT gen_random_uuid(), n, 1, n % 100 = 0, 'granted', now(), '{"proposal":{"by":"x"}}', '\x00'::bytea FROM generate_series(1, 40) AS n
			UNION ALL SELECT gen_random_uuid(), n, 1, false, 'granted', now(), '{}', '\x00'::bytea FROM generate_series(1, 4000) AS n`,
		`INSERT INTO merchants (id, name, party, version, state, open, since, facts, mac)
			SELECT n, 'm-' || n, n, 1, CASE WHEN n % 1000 = 0 THEN 'proposed' ELSE 'in_review' END, true, now() - n * interval '1 s', '{}', '\x00' FROM generate_series(1, 4000) AS n`)
	for _, table := range []string{"parties", "requests", "merchants"} {
		a.sql(t, `VACUUM ANALYZE `+table)
	}
	for index, q := range map[string]struct {
		text string
		args []any
	}{
		"requests_queue":  {postgres.CountRequests, []any{time.Now(), "acc_1", broker.MostAskedCounted, "{acc_1}"}},
		"parties_lifting": {postgres.PartiesToLift, []any{18, "p-1"}},
		"merchants_state": {`SELECT facts FROM merchants m WHERE m.open AND m.state = $1 ORDER BY m.since, m.id LIMIT $2`, []any{"proposed", 18}},
	} {
		if plan := a.plan(t, q.text, q.args...); !strings.Contains(plan, index) || strings.Contains(plan, "Seq Scan on "+index[:strings.IndexByte(index, '_')]) {
			t.Errorf("%s is not used:\n%s", index, plan)
		}
	}
}
