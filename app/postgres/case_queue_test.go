package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
)

// pages reads a list to its end, two at a time.
func (h *house) pages(tb testing.TB, f broker.CaseFilter) (ids []broker.CaseID) {
	tb.Helper()
	f.Limit, f.Now = 2, h.clock()
	for first := true; first || f.After != ""; first = false {
		page, next, err := h.store.Cases(tb.Context(), f)
		if err != nil || len(page) > 2 || next != "" && len(page) < 2 {
			tb.Fatalf("%d after %q, and %q is next: %v", len(page), f.After, next, err)
		}
		for i := range page {
			ids = append(ids, page[i].ID)
		}
		f.After = next
	}
	return ids
}

// A queue has what is due first at its beginning, and what is never due at its end;
// what a side or a transaction has, the newest first. Page by page it is all of it.
func TestQueuesOfCases(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var ids []broker.CaseID
	for i := range 6 {
		h.at(noon.Add(time.Duration(i) * time.Minute))
		id := broker.TransactionID(fmt.Sprintf("t-%d", i))
		h.deal(t, id, broker.PartyID(fmt.Sprintf("b-%d", i)), "s-1")
		ids = append(ids, h.disputes(t, id, broker.PartyID(fmt.Sprintf("b-%d", i))))
	}
	h.moves(t, "b-0", ids[0], broker.CaseMove{Event: disputes.Withdraw})
	for _, i := range []int{1, 2, 3} {
		h.moves(t, "s-1", ids[i], broker.CaseMove{Event: disputes.Message, Text: masking.NewText("no")})
		h.moves(t, broker.PartyID(fmt.Sprintf("b-%d", i)), ids[i], broker.CaseMove{Event: disputes.Escalate})
	}
	h.handles(t, leo, ids[2], broker.CaseMove{Event: disputes.Assign})
	h.handles(t, hanna, ids[3], broker.CaseMove{Event: disputes.Assign})
	h.handles(t, hanna, ids[3], broker.CaseMove{Event: disputes.GoOutside, Reason: "court"})
	newest := slices.Clone(ids)
	slices.Reverse(newest)
	for _, x := range []struct {
		name string
		f    broker.CaseFilter
		want []int
	}{
		{"all, the newest first", broker.CaseFilter{}, []int{5, 4, 3, 2, 1, 0}},
		{"what is open", broker.CaseFilter{OpenOnly: true}, []int{1, 2, 4, 5, 3}}, // what stands still is not due soon
		{"what waits", broker.CaseFilter{Waiting: true}, []int{1, 2, 3}},
		{"what nobody has", broker.CaseFilter{Unassigned: true}, []int{1}},
		{"hers", broker.CaseFilter{Assigned: hanna.Account}, []int{3}},
		{"his that wait", broker.CaseFilter{Assigned: "acc_leo", Waiting: true}, []int{2}},
		{"for a second person", broker.CaseFilter{Second: true}, nil},
		{"a state", broker.CaseFilter{States: []states.State{disputes.Negotiation}}, []int{4, 5}},
		{"two that are told as one", broker.CaseFilter{States: []states.State{disputes.External, disputes.Claim}}, []int{1, 2, 3}},
		{"hers, in one of two states", broker.CaseFilter{Assigned: hanna.Account, States: []states.State{disputes.External, disputes.Claim}}, []int{3}},
		{"a state that is over", broker.CaseFilter{States: []states.State{disputes.Withdrawn}}, []int{0}},
		{"of the seller", broker.CaseFilter{Party: "s-1"}, []int{5, 4, 3, 2, 1, 0}},
		{"of the seller, open", broker.CaseFilter{Party: "s-1", OpenOnly: true}, []int{5, 4, 3, 2, 1}},
		{"of a buyer", broker.CaseFilter{Party: "b-2"}, []int{2}},
		{"of a deal", broker.CaseFilter{Transaction: "t-4"}, []int{4}},
		{"of a deal, and a stranger", broker.CaseFilter{Transaction: "t-4", Party: "b-2"}, nil},
		{"overdue", broker.CaseFilter{Overdue: true}, nil},
	} {
		var want []broker.CaseID
		for _, i := range x.want {
			want = append(want, ids[i])
		}
		if got := h.pages(t, x.f); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", x.name, numbered(got, ids), x.want)
		}
	}
	h.at(noon.Add(100 * 24 * time.Hour))
	if got := h.pages(t, broker.CaseFilter{Overdue: true}); len(got) != 5 {
		t.Errorf("in a hundred days %v are overdue", numbered(got, ids))
	}
	line, _, err := h.store.Cases(t.Context(), broker.CaseFilter{Transaction: "t-4", Limit: 1})
	if err != nil || len(line) != 1 || line[0].Transaction != "t-4" || line[0].Buyer != "b-4" || line[0].Seller != "s-1" {
		t.Errorf("%+v, %v", line, err)
	}
	for _, after := range []string{"x.", ".", "~", "1.2.3", "1"} {
		if _, _, err := h.store.Cases(t.Context(), broker.CaseFilter{Waiting: true, After: after, Limit: 1}); !errors.Is(err, broker.ErrCursor) {
			t.Errorf("after %q: %v", after, err)
		}
	}
	h.checkLog(t)
}

func numbered(got, all []broker.CaseID) (ns []int) {
	for _, id := range got {
		ns = append(ns, slices.Index(all, id))
	}
	return ns
}

// Which cases a page has, an index alone says, in their order, whatever the filter;
// then those are read by their numbers.
func TestQueuesReadIndexesAlone(t *testing.T) {
	t.Parallel()
	a := outlaw(t, newHouse(t))
	a.sql(t, `INSERT INTO cases (id, transaction_id, buyer, seller, version, name, state, open, waits, assigned, due_at, since, facts, mac)
		SELECT n, n / 2, n % 1000, 1000 + n % 10, 1, 'dsp_' || n,
			(ARRAY['negotiation', 'claim', 'under_review', 'proposed', 'appeal_proposed', 'closed', 'evidence', 'appealed'])[1 + n % 8],
			n % 8 <> 5, n % 8 IN (1, 2, 3, 4, 7), CASE WHEN n % 3 = 0 THEN '' ELSE 'acc_' || n % 20 END,
			CASE WHEN n % 8 = 5 THEN 'infinity' ELSE now() + (n * 7919 % 6000) * interval '1 minute' END, now(), repeat('f', 900), '\x00'
		FROM generate_series(1, 6000) AS n`,
		`INSERT INTO transactions (id, name, buyer, seller, version, facts, mac) SELECT n, 't-' || n, 1, 2, 1, '\x00', '\x00' FROM generate_series(0, 3000) AS n`,
		`INSERT INTO parties (id, name, version, oldest, facts, masks, mac, tags) SELECT n, 'p-' || n, 1, 0, '\x00', '\x00', '\x00', '{}' FROM generate_series(1, 1100) AS n`)
	for _, table := range []string{"cases", "transactions", "parties"} {
		a.sql(t, `VACUUM ANALYZE `+table)
	}
	now := time.Now()
	for index, filters := range map[string][]broker.CaseFilter{
		"cases_waiting":    {{Waiting: true}, {Waiting: true, Overdue: true}},
		"cases_unassigned": {{Unassigned: true}, {Unassigned: true, Overdue: true}},
		"cases_second":     {{Second: true}, {Second: true, Overdue: true}},
		"cases_open":       {{OpenOnly: true}, {Overdue: true}},
		"cases_assigned": {
			{Assigned: "acc_7"},
			{Assigned: "acc_7", Overdue: true},
			{Assigned: "acc_7", OpenOnly: true},
			{Assigned: "acc_7", States: []states.State{disputes.Claim}},
			{Assigned: "acc_7", States: disputes.ToldAs(disputes.UnderReview)},
		},
		"cases_state": {
			{States: []states.State{disputes.Claim}},
			{States: []states.State{disputes.Closed}},
			{States: disputes.ToldAs(disputes.UnderReview)}, // told as one, and kept as two
			{States: disputes.ToldAs(disputes.Appealed)},
			{States: disputes.ToldAs(disputes.UnderReview), Overdue: true},
			{Assigned: "acc_7", States: []states.State{disputes.Closed}},
		},
		"cases_transaction": {{Transaction: "t-40"}},
		"cases_buyer":       {{Party: "p-40"}, {Party: "p-40", OpenOnly: true}, {Party: "p-40", States: disputes.ToldAs(disputes.UnderReview)}},
		"cases_seller":      {{Party: "p-1004"}, {Party: "p-1004", OpenOnly: true}},
		"cases_pkey":        {{}},
	} {
		for _, f := range filters {
			for _, after := range []string{"", "1." + "zz"} {
				if f.After = after; after != "" && strings.Contains("cases_transaction cases_buyer cases_seller cases_pkey", index) {
					f.After = "zz"
				}
				f.Limit, f.Now = 50, now
				q, args, err := postgres.CaseList(f)
				if err != nil {
					t.Fatal(err)
				}
				plan := a.plan(t, q, args...)
				if strings.Contains(plan, "Index Scan using cases_") && !strings.Contains(plan, "Index Scan using cases_pkey") { // those that are shown
					t.Errorf("records are read to find out which they are: %+v\n%s", f, plan)
				}
				if !strings.Contains(plan, "Index Only Scan using "+index) && !strings.Contains(plan, "Index Only Scan Backward using "+index) ||
					strings.Contains(plan, "Seq Scan on cases") || strings.Contains(plan, "Bitmap") {
					t.Errorf("%s is not read alone: %+v\n%s", index, f, plan)
				}
			}
		}
	}
}

// plan is how a query is answered.
func (a *adversary) plan(tb testing.TB, q string, args ...any) string {
	tb.Helper()
	rows, err := a.db.QueryContext(context.Background(), `EXPLAIN `+q, args...)
	if err != nil {
		tb.Fatalf("%s: %v", q, err)
	}
	defer func() { _ = rows.Close() }()
	var plan strings.Builder
	for rows.Next() {
		var line sql.NullString
		if err := rows.Scan(&line); err != nil {
			tb.Fatal(err)
		}
		plan.WriteString(line.String + "\n")
	}
	if err := rows.Err(); err != nil {
		tb.Fatal(err)
	}
	return plan.String()
}
