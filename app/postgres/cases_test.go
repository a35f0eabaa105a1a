package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
)

// A case is found with its key, its transaction and both sides; so are its entries,
// and those of its transaction, all of them; and what was handed in, without a byte of it.
func TestCaseIsKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deal(t, "t-1", "b-1", "s-1")
	h.perform(t, "t-1", broker.Accept, "1", "stock")
	granted := h.ask(t, "t-1", "s-1", necessity.Deliver)
	if _, _, err := h.View(t.Context(), market, granted.ID, "s-1", nil); err != nil {
		t.Fatal(err)
	}
	id := h.disputes(t, "t-1", "b-1")
	h.moves(t, "s-1", id, broker.CaseMove{Event: disputes.Message, Text: masking.NewText("it was posted")})
	h.handsIn(t, "b-1", id, "the mail")
	f := h.find(t, id)
	switch x := &f.Situation; {
	case f.Version != 3 || f.State != disputes.Negotiation || len(f.Items) != 1 || f.Key.IsZero():
		t.Errorf("%+v", f.CaseFacts)
	case x.Transaction.ID != "t-1" || x.Transaction.Dispute.Lines[broker.Deliver] != id || x.Transaction.Key.IsZero():
		t.Errorf("%+v", x.Transaction.Dispute)
	case x.Buyer.ID != "b-1" || x.Seller.ID != "s-1" || x.Buyer.Key.IsZero() || x.Seller.Key.IsZero() || x.Policy == 0 || x.Head == 0:
		t.Errorf("%s, %s, policy %d, head %d", x.Buyer.ID, x.Seller.ID, x.Policy, x.Head)
	}
	again, err := h.store.CaseByRow(t.Context(), f.Row)
	if err != nil || !cmp.Equal(again.CaseFacts, f.CaseFacts) {
		t.Errorf("by its number: %v", err)
	}
	if _, err := h.store.CaseByID(t.Context(), "dsp_00000000000000000000000000"); !errors.Is(err, broker.ErrNotFound) {
		t.Error("of one that is not there:", err)
	}
	for _, of := range []broker.Row{f.Situation.Buyer.Row, f.Situation.Seller.Row} {
		if all, err := h.store.CasesOf(t.Context(), of); err != nil || len(all) != 1 || all[0].ID != id {
			t.Errorf("of a side: %v %v", all, err)
		}
	}
	h.entriesAre(t, f)
	evidence, err := h.store.CaseEvidence(t.Context(), &f.CaseRecord)
	if err != nil || len(evidence) != 1 || evidence[0].Media != "image/jpeg" || evidence[0].Step != 3 {
		t.Errorf("%+v, %v", evidence, err)
	}
	one, err := h.store.CaseEvidenceAt(t.Context(), &f.CaseRecord, 1)
	if err != nil || len(one.Derivative) == 0 || bytes.Contains(one.Derivative, []byte("picture")) || one.Original != nil {
		t.Errorf("one item: %v", err)
	}
	if _, err := h.store.CaseEvidenceAt(t.Context(), &f.CaseRecord, 2); !errors.Is(err, broker.ErrNotFound) {
		t.Error("of an item that is not there:", err)
	}
	h.checkLog(t)
}

// entriesAre: each entry made a version, and the transaction has those and all others.
func (h *house) entriesAre(t *testing.T, f *broker.FoundCase) {
	t.Helper()
	entries, err := h.store.CaseEntries(t.Context(), f)
	if err != nil || int64(len(entries)) != f.Version {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	for i, e := range entries {
		at, err := h.store.CaseEntry(t.Context(), &f.CaseRecord, int64(i+1))
		if err != nil || at != e.Index || e.Statement.Members.String("dispute") != string(f.ID) {
			t.Errorf("version %d was made by entry %d, not %d: %v", i+1, at, e.Index, err)
		}
	}
	all, err := h.store.TransactionEntries(t.Context(), &f.Situation.Transaction)
	var types []string
	for _, e := range all {
		types = append(types, e.Statement.Type.String())
	}
	want := []string{
		"transaction_written", "performance_recorded", "performance_recorded", "disclosure_decided", "disclosure_viewed", "case_opened", "case_moved", "evidence_stored",
	}
	if err != nil || !slices.Equal(types, want) {
		t.Errorf("of the transaction: %v, %v", types, err)
	}
}

// racing lets something else happen just before the first commit, and remembers what
// became of that.
type racing struct {
	broker.Store

	first func()
	err   error
}

func (r *racing) Commit(ctx context.Context, w *broker.Write) (ledger.Place, error) {
	first := r.first
	if first == nil {
		return r.Store.Commit(ctx, w)
	}
	r.first = nil
	first()
	at, err := r.Store.Commit(ctx, w)
	r.err = err
	return at, err
}

// Of two that write to one case at once, one is refused, looks again, and finds what
// the other did; of two cases about one line, there is one.
func TestTwoWriteToOneCase(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deal(t, "t-1", "b-1", "s-1")
	race := &racing{Store: h.store}
	other := enter(t, h.db, h.keys)
	h.Store = race
	race.first = func() {
		if _, _, err := other.OpenCase(t.Context(), market, lost("t-1", "b-1"), nil); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := h.OpenCase(t.Context(), market, lost("t-1", "b-1"), nil); !errors.Is(err, broker.ErrLineDisputed) || !errors.Is(race.err, broker.ErrStale) {
		t.Errorf("a second case about the line: %v, and the store said %v", err, race.err)
	}
	lines, _, err := h.store.Cases(t.Context(), broker.CaseFilter{Transaction: "t-1", Limit: 9})
	if err != nil || len(lines) != 1 {
		t.Fatalf("there are %d cases: %v", len(lines), err)
	}
	id := lines[0].ID
	say := broker.CaseMove{Event: disputes.Message, Text: masking.NewText("hello")}
	race.err = nil
	race.first = func() {
		if _, _, err := other.MoveCase(t.Context(), market, "s-1", id, say, nil); err != nil {
			t.Error(err)
		}
	}
	if v := h.moves(t, "b-1", id, say); v.Version != 3 || !errors.Is(race.err, broker.ErrStale) {
		t.Errorf("version %d, and the store said %v", v.Version, race.err)
	}
	// A write that is not made anew is refused for good.
	var stale *broker.Write
	h.Store = &keeping{Store: h.store, last: &stale}
	h.moves(t, "b-1", id, say)
	if _, err := h.store.Commit(t.Context(), stale); !errors.Is(err, broker.ErrStale) {
		t.Errorf("the same write again: %v", err)
	}
	h.checkLog(t)
}

// keeping remembers the last write.
type keeping struct {
	broker.Store

	last **broker.Write
}

func (k *keeping) Commit(ctx context.Context, w *broker.Write) (ledger.Place, error) {
	*k.last = w
	return k.Store.Commit(ctx, w)
}

// What an endpoint has not been told of a case waits, until it was, or nobody is there.
func TestUndelivered(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.listen(t)
	h.deal(t, "t-1", "b-1", "s-1")
	h.deal(t, "t-2", "b-2", "s-2")
	f, untouched := h.find(t, h.disputes(t, "t-1", "b-1")), h.find(t, h.disputes(t, "t-2", "b-2"))
	waits := func(want bool, when string) {
		t.Helper()
		if got, err := h.store.Undelivered(t.Context(), &f.CaseRecord); err != nil || len(got) > 0 != want {
			t.Errorf("%s: %v, %v", when, got, err)
		}
	}
	waits(true, "at first")
	deliver := func(how postgres.End) {
		t.Helper()
		due, err := h.store.TakeNotices(t.Context(), e.ID, 100, time.Minute)
		if err != nil || len(due) == 0 {
			t.Fatalf("%d are due: %v", len(due), err)
		}
		for i := range due {
			if due[i].Notice.Of != f.Transaction {
				continue
			}
			if err := h.store.Finish(t.Context(), &due[i], how, 200); err != nil {
				t.Fatal(err)
			}
		}
	}
	deliver(postgres.Done)
	waits(false, "once it was told")
	say := broker.CaseMove{Event: disputes.Message, Text: masking.NewText("hello")}
	h.moves(t, "s-1", f.ID, say)
	waits(true, "of what was said since")
	deliver(postgres.GivenUp)
	waits(false, "once that was given up")
	h.moves(t, "s-1", f.ID, say)
	if err := h.store.RemoveEndpoint(t.Context(), e.ID); err != nil {
		t.Fatal(err)
	}
	waits(false, "when nobody listens any more")
	if got, err := h.store.Undelivered(t.Context(), &untouched.CaseRecord); err != nil || len(got) > 0 {
		t.Errorf("of another case: %v, %v", got, err)
	}
}

// What is not the case's own, or not as it was left, is refused whoever reads it.
func TestForgedCasesAreRefused(t *testing.T) {
	t.Parallel()
	a := outlaw(t, newHouse(t))
	a.quarrel(t)
	a.handsIn(t, "b-d-1", a.cases[0], "the box")
	a.unbind(t)
	a.keep(t, "kept")
	f := a.find(t, a.cases[0])
	refused := func(name string, err error) {
		t.Helper()
		if !isFinding(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, q := range map[string]string{
		"another state":            `UPDATE cases SET state = 'closed'`,
		"not open":                 `UPDATE cases SET open = false`,
		"waiting":                  `UPDATE cases SET waits = true`,
		"assigned":                 `UPDATE cases SET assigned = 'acc_leo'`,
		"never due":                `UPDATE cases SET due_at = 'infinity'`,
		"since earlier":            `UPDATE cases SET since = since - interval '1 hour'`,
		"another's facts":          `UPDATE cases c SET facts = x.facts FROM cases x WHERE x.id <> c.id`,
		"another's facts and MAC":  `UPDATE cases c SET facts = x.facts, mac = x.mac FROM cases x WHERE x.id <> c.id`,
		"another's name":           `UPDATE cases c SET name = x.name FROM cases x WHERE x.id <> c.id`,
		"another's transaction":    `UPDATE cases c SET transaction_id = x.transaction_id FROM cases x WHERE x.id <> c.id`,
		"another's sides":          `UPDATE cases c SET buyer = x.buyer, seller = x.seller FROM cases x WHERE x.id <> c.id`,
		"another version":          `UPDATE cases SET version = version - 1`,
		"the sides of the deal":    `UPDATE transactions SET seller = buyer, buyer = seller WHERE name IN ('d-1', 'd-2')`,
		"a column and its sibling": `UPDATE cases SET state = 'proposed', waits = true`,
	} {
		a.sql(t, q)
		_, err := a.store.CaseByID(t.Context(), f.ID)
		refused(name, err)
		for _, table := range []string{"cases", "transactions"} {
			a.undo(t, table)
		}
	}
	for name, q := range map[string]string{
		"another case's item": `UPDATE case_evidence e SET facts = x.facts, original = x.original, derivative = x.derivative, mac = x.mac FROM case_evidence x WHERE x.dispute <> e.dispute`,
		"another derivative":  `UPDATE case_evidence e SET derivative = x.derivative FROM case_evidence x WHERE x.dispute <> e.dispute`,
		"another original":    `UPDATE case_evidence e SET original = x.original FROM case_evidence x WHERE x.dispute <> e.dispute`,
		"another number":      `UPDATE case_evidence SET n = 3 - n`,
	} {
		a.sql(t, q)
		_, listed := a.store.CaseEvidence(t.Context(), &f.CaseRecord)
		_, opened := a.store.CaseEvidenceAt(t.Context(), &f.CaseRecord, 1)
		refused(name+", listed", listed)
		refused(name+", opened", opened)
		a.undo(t, "case_evidence")
	}
	a.sql(t, `UPDATE keys.owners k SET wrapped = x.wrapped FROM keys.owners x WHERE k.id = `+fmt.Sprint(f.Row)+` AND x.id = `+fmt.Sprint(f.Situation.Transaction.Row))
	if _, err := a.store.CaseByID(t.Context(), f.ID); err == nil {
		t.Error("another's key is taken for the case's")
	}
	refused("another's key", a.found(t, "keys.owners"))
	a.undo(t, "keys.owners")
	if err := a.found(t, ""); err != nil {
		t.Errorf("after everything was put back: %v", err)
	}
}

// Everything that is kept with a transaction is found, whatever has happened to it; by
// indexes, and in the one for the purpose is every type that no row finds.
func TestEntriesOfATransactionAreFound(t *testing.T) {
	t.Parallel()
	a := ransacked(t)
	for _, row := range a.list(t, `SELECT t.name, count(e.idx) FROM transactions t JOIN ledger_entries e ON e.owner = t.id GROUP BY t.name`) {
		s, err := a.store.Situation(t.Context(), broker.TransactionID(row[0]), "", broker.TheirOwn)
		if err != nil {
			t.Fatal(err)
		}
		all, err := a.store.TransactionEntries(t.Context(), &s.Transaction)
		if err != nil || fmt.Sprint(len(all)) != row[1] {
			t.Errorf("%s: %d of %s entries, %v", row[0], len(all), row[1], err)
		}
	}
	for _, ty := range ledger.Types() {
		found := slices.Contains([]ledger.Type{ledger.PerformanceRecorded, ledger.PerformanceReversed, ledger.DisclosureDecided, ledger.DisclosureViewed}, ty)
		indexed := strings.Contains(postgres.EntriesOfTransaction, fmt.Sprintf(`'\x%02x'`, byte(ty)))
		if want := postgres.KeptByTransaction(ty) && !found; indexed != want {
			t.Errorf("that %s is in the index is %v", ty, indexed)
		}
	}
	a.sql(t, `SET enable_seqscan = off`)
	if plan := a.plan(t, postgres.EntriesOfTransaction, 1); !strings.Contains(plan, "ledger_entries_of_transactions") {
		t.Errorf("the index is not used: %s", plan)
	}
}
