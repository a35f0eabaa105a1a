package postgres_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/disputes"
)

// The overview counts what there is: cases by where they are, decisions by the week in which
// they were first made, appeals that went otherwise, and what came of the requests.
func TestOverviewCounts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	before := h.clock()
	id := h.reviewed(t, "t-1")
	h.ask(t, "t-1", "s-1", necessity.Deliver)
	h.ask(t, "t-1", "b-1", necessity.Collect)
	v := h.handles(t, hanna, id, half)
	h.handles(t, heidi, id, broker.CaseMove{Event: disputes.Approve, Hash: v.Hash})
	decided := h.clock()
	h.moves(t, "b-1", id, broker.CaseMove{Event: disputes.Appeal, Reason: "new_facts"})
	h.deal(t, "t-2", "b-1", "s-1")
	h.disputes(t, "t-2", "b-1")
	o := h.overview(t)
	if len(o.Open) != 2 || o.Open[0].All != 1 || o.Open[0].Overdue+o.Open[1].Overdue != 0 {
		t.Errorf("open: %+v", o.Open)
	}
	week := o.Weeks[len(o.Weeks)-1]
	if len(o.Weeks) != broker.OverviewWeeks || week.Decided != 1 || week.Heard != 0 || week.Median != decided.Sub(before) || week.P90 != week.Median {
		t.Errorf("decided after %v: %+v", decided.Sub(before), week)
	}
	if o.Counted != 2 || len(o.Asked) != 2 || o.Asked[0].All() != 1 || len(o.Denied) == 0 || o.Incomplete {
		t.Errorf("asked: %+v, refused: %+v", o.Asked, o.Denied)
	}
	h.handles(t, lena, id, toHim)
	whole := half
	whole.Outcome, whole.Amount = disputes.Refund, ""
	v = h.handles(t, lena, id, whole)
	h.at(h.clock().Add(8 * 24 * time.Hour))
	h.handles(t, lars, id, broker.CaseMove{Event: disputes.Approve, Hash: v.Hash})
	o = h.overview(t)
	n := 0
	for _, w := range o.Weeks {
		if n += w.Decided; w.Decided > 0 && (w.Heard != 1 || w.Overturned != 1 || w.Median != decided.Sub(before)) {
			t.Errorf("after the appeal: %+v", w)
		}
	}
	if n != 1 || o.Weeks[len(o.Weeks)-1].Decided != 0 {
		t.Errorf("an appeal is counted as another decision: %+v", o.Weeks)
	}
	h.at(h.clock().Add(200 * 24 * time.Hour))
	if o = h.overview(t); o.Counted != 0 || o.Weeks[0].Decided != 0 || o.Open[0].Overdue+o.Open[1].Overdue == 0 {
		t.Errorf("200 days later: %+v", o)
	}
	if _, err := h.Overview(t.Context(), broker.Staff{Role: "merchant_reviewer"}); !errors.Is(err, broker.ErrRole) {
		t.Error("whoever has no part in cases:", err)
	}
	h.checkLog(t)
}

func (h *house) overview(t *testing.T) *broker.Overview {
	t.Helper()
	o, err := h.Overview(t.Context(), hanna)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// The same decision on appeal has overturned nothing.
func TestUpheldIsNotOverturned(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.reviewed(t, "t-1")
	for i, who := range [][2]broker.Staff{{hanna, heidi}, {lena, lars}} {
		if i > 0 {
			h.moves(t, "b-1", id, broker.CaseMove{Event: disputes.Appeal, Reason: "new_facts"})
			h.handles(t, lena, id, toHim)
		}
		v := h.handles(t, who[0], id, half)
		h.handles(t, who[1], id, broker.CaseMove{Event: disputes.Approve, Hash: v.Hash})
	}
	o := h.overview(t)
	if w := o.Weeks[len(o.Weeks)-1]; w.Heard != 1 || w.Overturned != 0 {
		t.Errorf("%+v", w)
	}
}

// Break-glass sessions are counted for 30 days and by week; those that are over and that
// nobody has reviewed however old they are.
func TestOverviewCountsGlass(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.order(t, "t-1")
	is := func(when string, all, unreviewed int, week broker.GlassWeek) {
		t.Helper()
		o := h.overview(t)
		week.From = o.Weeks[len(o.Weeks)-1].From
		if o.Glass != all || o.Unreviewed != unreviewed || len(o.GlassWeeks) != broker.OverviewWeeks || o.GlassWeeks[len(o.GlassWeeks)-1] != week {
			t.Errorf("%s: %d sessions, %d of them not reviewed; %+v", when, o.Glass, o.Unreviewed, o.GlassWeeks)
		}
	}
	h.breaks(t, h.account(t, accounts.Handler), danger)
	is("while it runs", 1, 0, broker.GlassWeek{Open: 1})
	h.at(h.clock().Add(broker.GlassTerm)) // whether or not anybody has written that down
	is("when it is over", 1, 1, broker.GlassWeek{Unreviewed: 1})
	h.at(h.clock().Add(31 * day))
	is("a month later", 0, 1, broker.GlassWeek{})
}

// What an entry says is told by the audience that asks, whoever it is kept with.
func TestEntryAtIsByAudience(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deal(t, "t-1", "b-1", "s-1")
	h.ask(t, "t-1", "s-1", necessity.Deliver)
	o := h.overview(t)
	for index := range int64(64) {
		st, err := h.store.StatementKept(t.Context(), index)
		if errors.Is(err, broker.ErrNotFound) {
			if index < 6 {
				t.Errorf("there are only %d entries", index)
			}
			break
		}
		at, seen, err := h.EntryAt(t.Context(), lena, index, st.Type, ledger.Staff)
		if err != nil || at.IsZero() {
			t.Errorf("entry %d: %v", index, err)
		}
		for _, m := range seen {
			if m.Name == "commitment" || m.Name == "key" {
				t.Errorf("entry %d tells staff of %s", index, m.Name)
			}
		}
	}
	if o.Asked[0].Granted != 1 && o.Asked[0].Refused != 1 {
		t.Errorf("%+v", o.Asked)
	}
	if _, _, err := h.EntryAt(t.Context(), broker.Staff{Role: "merchant_reviewer"}, 0, ledger.LogStarted, ledger.Staff); !errors.Is(err, broker.ErrRole) {
		t.Error("for whom it is not:", err)
	}
}

// What an entry says is told to a handler where he reads it on other pages as well: of
// transactions, requests and cases, and of his own break-glass sessions. Of all else he
// learns that it is there.
func TestHandlersReadWhatIsTheirs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.atRisk(t, "t-1")
	worker, other := h.account(t, accounts.Handler), hanna
	h.breaks(t, worker, danger)
	withheld := map[ledger.Type]int{}
	for index := int64(0); ; index++ {
		st, err := h.store.StatementKept(t.Context(), index)
		if errors.Is(err, broker.ErrNotFound) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		_, seen, err := h.EntryAt(t.Context(), other, index, st.Type, ledger.Staff)
		if errors.Is(err, broker.ErrRole) {
			withheld[st.Type]++
		}
		for _, who := range []broker.Staff{lena, audra} {
			if _, _, err := h.EntryAt(t.Context(), who, index, st.Type, ledger.Staff); err != nil {
				t.Errorf("%s to a %s: %v", st.Type, who.Role, err)
			}
		}
		switch st.Type {
		case ledger.TransactionWritten, ledger.DisclosureDecided:
			if err != nil || len(seen) == 0 && st.Type != ledger.TransactionWritten { // of that no staff are told
				t.Errorf("%s: %v", st.Type, err)
			}
		case ledger.GlassBroken:
			if _, seen, err := h.EntryAt(t.Context(), worker, index, st.Type, ledger.Staff); err != nil || len(seen) == 0 {
				t.Errorf("his own session: %v", err)
			}
		default:
		}
	}
	for _, kind := range []ledger.Type{ledger.PartyFlagged, ledger.PartyWritten, ledger.AccountChanged, ledger.GlassBroken, ledger.LogStarted} {
		if withheld[kind] == 0 {
			t.Errorf("%s is told to a handler, or is not there: %v", kind, withheld)
		}
	}
}

// Nothing of the overview reads all cases or all disclosures.
func TestOverviewReadsIndexesAlone(t *testing.T) {
	t.Parallel()
	a := outlaw(t, newHouse(t))
	a.sql(t, `INSERT INTO cases (id, transaction_id, buyer, seller, version, name, state, open, waits, assigned, due_at, since, facts, mac)
		SELECT n, n, 1, 2, 1, 'dsp_' || n, 'claim', n % 3 = 0, false, '', now(), now(),
			'{"opened_at":"2026-01-02T03:04:05.000006Z","decision":{"outcome":"refund","at":"' || to_char(now() - n * interval '1 hour', 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') || '"},"pad":"' || repeat('f', 900) || '"}', '\x00'
		FROM generate_series(1, 6000) AS n`,
		`INSERT INTO disclosures (id, entry, transaction_id, requester, subject, decision) SELECT gen_random_uuid(), n, n, 1, 2, 0 FROM generate_series(100, 6000) AS n`,
		`VACUUM ANALYZE cases`, `VACUUM ANALYZE disclosures`)
	if n := a.list(t, `SELECT count(*) FROM cases WHERE decided_at IS NOT NULL AND opened_at IS NOT NULL`)[0][0]; n != "6000" {
		t.Errorf("%s cases have their times", n)
	}
	now := time.Now()
	for want, q := range map[string]struct {
		text string
		args []any
	}{
		"Index Only Scan using cases_open":    {postgres.OpenCases, []any{now}},
		"Index Only Scan using cases_decided": {postgres.DecidedWeeks, []any{now.AddDate(0, 0, -84)}},
		"disclosures_pkey":                    {postgres.NewestAsked, []any{"fff00000-0000-0000-0000-000000000000", 100}},
	} {
		if plan := a.plan(t, q.text, q.args...); !strings.Contains(plan, want) || strings.Contains(plan, "Seq Scan on cases") || strings.Contains(plan, "Seq Scan on disclosures") {
			t.Errorf("want %s:\n%s", want, plan)
		}
	}
}
