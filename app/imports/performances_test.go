package imports_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta.dev/bauta/app/imports"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
)

func TestBadPerformances(t *testing.T) {
	first := "t-1,pay,60.00,platform,2025-01-06T00:00:00Z,card/1\n"
	h, number := newHouse(t), 0
	h.history(t, "", "", imports.Options{})
	for name, test := range map[string]struct{ row, column string }{
		"no transaction":  {"t-9,pay,1.00,platform,2025-01-06T00:00:00Z,x", "transaction_id"},
		"obligation":      {"t-1,secret,1,platform,2025-01-06T00:00:00Z,x", "obligation"},
		"not of its kind": {"t-1,serve,1,platform,2025-01-06T00:00:00Z,x", "obligation"},
		"attester":        {"t-1,pay,1.00,secret,2025-01-06T00:00:00Z,x", "attested_by"},
		"decimals":        {"t-1,pay,1.005,platform,2025-01-06T00:00:00Z,x", "done"},
		"a part of one":   {"t-1,ship,0.5,platform,2025-01-06T00:00:00Z,x", "done"},
		"minus":           {"t-1,pay,-1,platform,2025-01-06T00:00:00Z,x", "done"},
		"too much":        {"t-1,pay,40.01,platform,2025-01-06T00:00:00Z,x", "done"},
		"too many":        {"t-1,ship,3,platform,2025-01-06T00:00:00Z,x", "done"},
		"claims too much": {"t-1,pay,100.01,debtor,2025-01-06T00:00:00Z,x", "done"},
		"not approved":    {"t-1,return,1,platform,2025-01-06T00:00:00Z,x", "done"},
		"ahead":           {"t-1,pay,1.00,platform,2126-01-06T00:00:00Z,x", "performed_at"},
		"time":            {"t-1,pay,1.00,platform,yesterday,x", "performed_at"},
		"no reference":    {"t-1,pay,1.00,platform,2025-01-06T00:00:00Z,", "reference"},
		"long reference":  {"t-1,pay,1.00,platform,2025-01-06T00:00:00Z," + strings.Repeat("x", 129), "reference"},
		"reference twice": {"t-1,pay,1.00,platform,2025-01-06T00:00:00Z,card/1", "reference"},
		"by another":      {"t-1,pay,60.00,creditor,2025-01-06T00:00:00Z,card/1", "reference"},
		"same again":      {strings.TrimSuffix(first, "\n"), ""},
		"the rest":        {"t-1,pay,40.00,creditor,2025-01-06T00:00:00Z,x", ""},
		"a claim":         {"t-1,pay,100.00,debtor,2025-01-06T00:00:00Z,x", ""},
	} {
		t.Run(name, func(t *testing.T) { // not side by side: they count the entries of one database
			before := h.entries(t)
			number++
			own := strings.NewReplacer("t-1,", fmt.Sprintf("t-1.%d,", number))
			for range 2 { // the second time against what is there
				r, bad := h.history(t, own.Replace(order)+"open\n", own.Replace(first+test.row+"\n"), imports.Options{})
				if want := "performances.csv:3: column " + test.column + ": "; test.column != "" && !strings.HasPrefix(bad, want) || test.column == "" && bad != "" {
					t.Errorf("reported %q, want %q", bad, want)
				}
				if r.Performances+r.Rejected != 2 || r.Transactions != 1 || strings.Contains(strings.ToLower(bad), "secret") {
					t.Errorf("%s\n%s", r, bad)
				}
				if n := h.entries(t) - before; n != 1 {
					t.Errorf("%d entries, want one for the transaction", n)
				}
			}
		})
	}
}

// What a bad transaction had is not taken either, and is said row by row.
func TestPerformancesOfBadTransaction(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	row := "t-1,pay,60.00,platform,2025-01-06T00:00:00Z,card/1\n"
	for _, bad := range []string{strings.Replace(order, "BRL", "XXXX", 1) + "open\n", strings.Replace(order, "s-1", "s-9", 1) + "open\n"} {
		r, report := h.history(t, bad, row, imports.Options{})
		if (r != imports.Result{Parties: 2, Rejected: 2}) || !strings.Contains(report, "performances.csv:2: column transaction_id: ") {
			t.Errorf("%s\n%s", r, report)
		}
	}
}

func (h *house) transaction(tb testing.TB) broker.TransactionView {
	tb.Helper()
	v, err := h.Transaction(context.Background(), "t-1", "")
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// Performances may come after their transaction, in an import of their own, and
// end where they would have ended together: one entry more, no other fact.
func TestPerformancesLater(t *testing.T) {
	t.Parallel()
	rows := "t-1,refund,100.00,platform,2025-02-06T00:00:00Z,back/1\n" + // before what it depends on
		"t-1,return,2,platform,2025-02-01T00:00:00Z,return/1\n" +
		"t-1,approve_return,1,platform,2025-01-30T00:00:00Z,approved\n" +
		"t-1,deliver,1,platform,2025-01-20T00:00:00Z,parcel/2\n" +
		"t-1,deliver,1,platform,2024-12-20T00:00:00Z,parcel/1\n" + // older than its order
		"t-1,pay,100.00,platform,2025-01-06T00:00:00Z,card/1\n"
	together, apart := newHouse(t), newHouse(t)
	if r, bad := together.history(t, order+"completed\n", rows, imports.Options{}); r.Rejected > 0 {
		t.Fatal(bad)
	}
	apart.history(t, order+"completed\n", "", imports.Options{})
	path := file(t, "performances.csv", performanceHeader+rows)
	for range 2 {
		if r, bad := apart.run(t, imports.Files{Performances: path}, imports.Options{}); r.Performances != 6 {
			t.Fatalf("%s\n%s", r, bad)
		}
		if n := apart.entries(t); n != 4 {
			t.Errorf("%d entries, want 4", n)
		}
	}
	if d := cmp.Diff(together.transaction(t), apart.transaction(t)); d != "" {
		t.Errorf("together and apart differ: %s", d)
	}
	for _, h := range []*house{together, apart} {
		s, err := h.store.Situation(context.Background(), "t-1", "", broker.TheirOwn)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Transaction.CompletedAt.Format("2006-01-02"); got != "2025-02-06" {
			t.Errorf("completed at %s, want when the last was performed", got)
		}
		if total := s.Transaction.Totals[broker.Ship]; !total.Waived || total.Done != 0 {
			t.Errorf("what was never shipped is not waived: %+v", total)
		}
		h.checkLog(t)
	}
}

// Only what the platform attests carries a grant: what the creditor says moves
// the obligation, and the debtor's word does neither.
func TestWhoseWordCounts(t *testing.T) {
	t.Parallel()
	for attester, want := range map[string]struct{ decision, done string }{
		"platform": {"granted", "100.00"}, "creditor": {"refused", "100.00"}, "debtor": {"refused", "0.00"},
	} {
		h := newHouse(t)
		h.decides(t)
		rows := "t-1,pay,100.00," + attester + ",2025-01-06T00:00:00Z,card/1\nt-1,accept,1,platform,2025-01-06T00:00:00Z,x\n"
		if r, bad := h.history(t, order+"open\n", rows, imports.Options{}); r.Rejected > 0 {
			t.Fatal(bad)
		}
		h.now = time.Date(2025, 1, 7, 0, 0, 0, 0, time.UTC)
		d, _, err := h.Disclose(context.Background(), market1, broker.DisclosureInput{
			Transaction: "t-1", Requester: "s-1", Purpose: necessity.Deliver, Reveal: true,
		}, nil)
		if err != nil || d.Decision != want.decision {
			t.Errorf("%s: %s, %v, want %s", attester, d.Decision, err, want.decision)
		}
		for _, o := range h.transaction(t).Obligations {
			if o.ID == broker.Pay && o.Done != want.done {
				t.Errorf("%s: done is %s, want %s", attester, o.Done, want.done)
			}
		}
	}
}
