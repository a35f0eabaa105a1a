package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/states"
)

// objects has the subject say that a grant endangers it.
func (h *house) objects(t *testing.T, id broker.DisclosureID) {
	t.Helper()
	if v := h.says(t, "b-1", id, broker.Move{Event: broker.Object, Reason: "safety"}); v.State != broker.Held {
		t.Fatalf("%s, want suspended", v.State)
	}
}

// decides is what a request of the seller's about a transaction comes to.
func (h *house) decides(t *testing.T, id broker.TransactionID, want string) broker.DisclosureID {
	t.Helper()
	v := h.ask(t, id, "s-1", necessity.Deliver)
	if v.Decision != want || want == "pending" && v.Values != nil {
		t.Errorf("%s of %s, want %s", v.Decision, id, want)
	}
	return v.ID
}

// paid is an order whose seller may have what it takes to deliver.
func (h *house) paid(t *testing.T, id broker.TransactionID) {
	t.Helper()
	h.order(t, id)
	h.perform(t, id, broker.Pay, "221.65", "card/"+string(id))
	h.perform(t, id, broker.Accept, "1", "stock/"+string(id))
}

// signs has two people do what one of them proposes.
func (h *house) signs(t *testing.T, id broker.DisclosureID, second broker.Staff, e states.Event) broker.RequestView {
	t.Helper()
	v := h.does(t, hanna, id, broker.Move{Event: broker.Propose, Reason: "necessary"})
	return h.does(t, second, id, broker.Move{Event: e, Hash: v.Request.Proposal.Hash})
}

// What two people gave is taken back as well; and what two people give afterwards,
// although she fears him, lives. That she objects to that too, and that one of the
// two is decided for him, does not let him back.
func TestPeoplesGrantsAndFear(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.atRisk(t, "t-1")
	h.paid(t, "t-2")
	given := func(id broker.DisclosureID, because []string) {
		t.Helper()
		h.does(t, hanna, id, broker.Move{Event: broker.Take})
		h.does(t, hanna, id, broker.Move{Event: broker.Skip, Reason: "perishable"})
		h.refuses(t, hanna, id, broker.Move{Event: broker.Grants, Reason: "necessary"}, broker.ErrSecondNeeded)
		if v := h.signs(t, id, lena, broker.Approve); !slices.Equal(v.Plan.Because, because) || v.Disclosure.State != "live" {
			t.Errorf("%s, second for %v", v.Disclosure.State, v.Plan.Because)
		}
	}
	given(first, []string{"at_risk", "home_address", "phone"})
	if err := h.SetFlags(context.Background(), market, "b-1", nil); err != nil {
		t.Fatal(err)
	}
	second := h.decides(t, "t-2", "granted")
	h.objects(t, second)
	gone := func(id broker.DisclosureID, want error) {
		t.Helper()
		if _, _, err := h.View(context.Background(), market, id, "s-1", nil); !errors.Is(err, want) {
			t.Errorf("a view of %s: %v, want %v", id, err, want)
		}
	}
	gone(first, broker.ErrGone)
	third := h.decides(t, "t-1", "pending")
	given(third, []string{"home_address", "objected", "phone"})
	gone(third, nil)
	h.objects(t, third)
	h.does(t, hanna, second, broker.Move{Event: broker.Take})
	h.signs(t, second, lena, broker.Reinstate)
	gone(second, broker.ErrGone) // she fears him for the other one, too
	h.decides(t, "t-2", "pending")
	h.does(t, hanna, third, broker.Move{Event: broker.Take})
	h.signs(t, third, lena, broker.Reinstate)
	gone(third, nil)
	gone(second, nil)
	h.decides(t, "t-2", "granted")
	h.checkLog(t)
}

// A grant that is revoked after such an objection was not decided for its
// requester; one that is given after his appeal was.
func TestFearEndsWithAnAppeal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.paid(t, "t-1")
	id := h.decides(t, "t-1", "granted")
	h.objects(t, id)
	h.does(t, hanna, id, broker.Move{Event: broker.Take})
	h.does(t, hanna, id, broker.Move{Event: broker.Recall, Reason: "subject_objected"}) // she was right, and one is enough
	h.decides(t, "t-1", "pending")
	h.says(t, "s-1", id, broker.Move{Event: broker.Appeal, Reason: "mistake"})
	h.does(t, lena, id, broker.Move{Event: broker.Take})
	h.does(t, lena, id, broker.Move{Event: broker.Skip, Reason: "perishable"})
	v := h.does(t, lena, id, broker.Move{Event: broker.Propose, Reason: "necessary"})
	h.decides(t, "t-1", "pending")
	if v := h.does(t, lars, id, broker.Move{Event: broker.Approve, Hash: v.Plan.Hash}); v.State != broker.Overturned || v.Disclosure.State != "live" {
		t.Errorf("%s, %s", v.State, v.Disclosure.State)
	}
	h.decides(t, "t-1", "granted")
	h.checkLog(t)
}

// Whatever is asked while the subject objects, of nothing of it anything lives
// afterwards; and nothing is given any more.
func TestFearAndRequestsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.paid(t, "t-1")
	for i := range 6 {
		h.paid(t, broker.TransactionID(fmt.Sprintf("u-%d", i)))
	}
	for round := range 3 {
		id := h.decides(t, "t-1", "granted")
		var wait sync.WaitGroup
		for i := range 6 {
			wait.Go(func() { h.ask(t, broker.TransactionID(fmt.Sprintf("u-%d", i)), "s-1", necessity.Deliver) })
		}
		wait.Go(func() { h.objects(t, id) })
		wait.Wait()
		if n := h.count(t, `SELECT count(*) FROM disclosures WHERE state = 0`); n != 0 {
			t.Errorf("round %d: %d grants live", round, n)
		}
		h.does(t, hanna, id, broker.Move{Event: broker.Take})
		h.signs(t, id, lena, broker.Reinstate)
		h.revokes(t, hanna, lena, id, "mistake") // all over again
	}
	h.checkLog(t)
}

// Masks are written with the party's facts, and no decision reads them: they stay.
func TestFearKeepsMasks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.paid(t, "t-1")
	before, err := h.Party(t.Context(), "b-1")
	if err != nil {
		t.Fatal(err)
	}
	h.objects(t, h.decides(t, "t-1", "granted"))
	after, err := h.Party(t.Context(), "b-1")
	if err != nil || len(after.Contact) == 0 || fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("%v, was %v: %v", after, before, err)
	}
}

// The party's row from before the objection, with its own MAC, opens what it opened
// then; the check finds it, and names it.
func TestFearTakenOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := outlaw(t, h)
	h.paid(t, "t-1")
	id := h.decides(t, "t-1", "granted")
	back := func(to string) {
		a.sql(t, `UPDATE parties p SET version = o.version, facts = o.facts, mac = o.mac FROM `+to+` o WHERE o.id = p.id`)
	}
	a.sql(t, `CREATE TABLE calm AS SELECT * FROM parties WHERE name = 'b-1'`)
	h.objects(t, id)
	a.sql(t, `CREATE TABLE afraid AS SELECT * FROM parties WHERE name = 'b-1'`)
	for _, forged := range []string{
		`UPDATE parties SET facts = (SELECT facts FROM calm) WHERE name = 'b-1'`,
		`UPDATE parties SET version = (SELECT version FROM calm) WHERE name = 'b-1'`,
	} {
		a.sql(t, forged)
		if _, _, err := h.Disclose(t.Context(), market, broker.DisclosureInput{Transaction: "t-1", Requester: "s-1", Purpose: necessity.Deliver}, nil); err == nil {
			t.Errorf("%s: decided", forged)
		}
		back("afraid")
	}
	back("calm")
	if f, _ := errors.AsType[ledger.Finding](a.found(t, "parties")); f.Table != "parties" || f.Row == "" {
		t.Errorf("a row from before the objection: %v", f)
	}
	back("afraid")
	h.does(t, hanna, id, broker.Move{Event: broker.Take})
	h.signs(t, id, lena, broker.Reinstate)
	back("afraid") // and one from before people decided
	if f, _ := errors.AsType[ledger.Finding](a.found(t, "parties")); f.Table != "parties" || f.Row == "" {
		t.Errorf("a row from before the decision: %v", f)
	}
}
