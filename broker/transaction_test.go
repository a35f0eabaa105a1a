package broker

import (
	"errors"
	"testing"
	"time"

	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking/fault"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return fault.Of(err).Code
}

func agreedOn(k necessity.Kind) Transaction {
	return Transaction{
		ID: "t", Kind: k, Buyer: "b", Seller: "s", Currency: "BRL", Amount: 10000, Highest: 10000, Items: 3,
		CreatedAt: noon, Payment: Prepaid, Handover: Post, Rental: Stay,
	}
}

// Who owes what is the table of contract.md, written down a second time.
func TestObligationsOfEachKind(t *testing.T) {
	t.Parallel()
	returns := []string{"seller approve_return 1", "buyer return 0", "seller refund 0.00"}
	shipped := append([]string{"buyer pay 100.00", "seller accept 1", "seller ship 3", "seller deliver 3"}, returns...)
	pickup := append([]string{"buyer pay 100.00", "seller accept 1", "seller hand_over 3"}, returns...)
	for _, test := range []struct {
		kind     necessity.Kind
		handover Handover
		want     []string
	}{
		{necessity.ShippedGoods, Post, shipped},
		{necessity.BusinessSupply, Post, shipped},
		{necessity.LocalPickup, Post, pickup},
		{necessity.UsedGoods, Post, shipped},
		{necessity.UsedGoods, Meet, pickup},
		{necessity.DigitalGoods, Post, []string{"buyer pay 100.00", "seller accept 1", "seller deliver 3"}},
		{necessity.ServiceAtHome, Post, []string{"buyer pay 100.00", "seller accept 1", "seller serve 3"}},
		{necessity.Rental, Post, append([]string{"buyer pay 100.00", "buyer give_back 3", "seller accept 1", "seller grant_access 3"}, returns...)},
	} {
		tx := agreedOn(test.kind)
		tx.Handover = test.handover
		got := tx.Obligations()
		if len(got) != len(test.want) {
			t.Errorf("%s has %d obligations, want %d", test.kind, len(got), len(test.want))
			continue
		}
		for i, o := range got {
			if s := string(o.Debtor) + " " + string(o.ID) + " " + o.Due; s != test.want[i] {
				t.Errorf("%s, obligation %d: %s, want %s", test.kind, i, s, test.want[i])
			}
		}
	}
}

func told(t *testing.T, tx *Transaction, o Obligation, q Quantity, by PartyID) error {
	t.Helper()
	_, err := tx.count(&Performance{Obligation: o, Quantity: q, By: by, PerformedAt: noon})
	return err
}

func TestWhoseWordCounts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name           string
		by             PartyID
		done, attested Quantity
		claimed        Quantity
	}{
		{"platform", "", 5000, 5000, 0},
		{"creditor", "s", 5000, 0, 0},
		{"debtor", "b", 0, 0, 5000},
	} {
		tx := agreedOn(necessity.ShippedGoods)
		if err := told(t, &tx, Pay, 5000, test.by); err != nil {
			t.Fatal(err)
		}
		if got := tx.Totals[Pay]; got.Done != test.done || got.Attested != test.attested || got.Claimed != test.claimed {
			t.Errorf("%s: %+v", test.name, got)
		}
	}
}

// What a party has confirmed, the platform may attest as well: the word of one
// must not lock out the other's.
func TestPlatformAttestsWhatWasConfirmed(t *testing.T) {
	t.Parallel()
	tx := agreedOn(necessity.ShippedGoods)
	for _, by := range []PartyID{"b", ""} {
		if err := told(t, &tx, Deliver, 3, by); err != nil {
			t.Fatalf("by %q: %v", by, err)
		}
	}
	if got := tx.Totals[Deliver]; got.Done != 3 || got.Attested != 3 {
		t.Errorf("%+v, want 3 done and 3 attested", got)
	}
	if err := told(t, &tx, Deliver, 1, ""); codeOf(err) != "over_performed" {
		t.Errorf("a fourth of three: %v", err)
	}
}

func TestStateIsDerived(t *testing.T) {
	t.Parallel()
	tx := agreedOn(necessity.DigitalGoods)
	states := []string{tx.State()}
	for _, o := range []struct {
		o Obligation
		q Quantity
	}{{Pay, 10000}, {Accept, 1}, {Deliver, 2}, {Deliver, 1}} {
		if err := told(t, &tx, o.o, o.q, ""); err != nil {
			t.Fatal(err)
		}
		states = append(states, tx.State())
	}
	want := []string{"open", "partly_performed", "partly_performed", "partly_performed", "performed"}
	for i := range want {
		if states[i] != want[i] {
			t.Errorf("step %d: %s, want %s", i, states[i], want[i])
		}
	}
	if waived := tx.end(noon, false); len(waived) != 0 || tx.State() != "completed" {
		t.Errorf("completed: %v waived, %s", waived, tx.State())
	}
	if err := told(t, &tx, Pay, 1, ""); !errors.Is(err, ErrInvalidTransition) {
		t.Errorf("a payment after completion: %v", err)
	}
}

func TestReturnIsDueWhenApproved(t *testing.T) {
	t.Parallel()
	tx := agreedOn(necessity.ShippedGoods)
	if err := told(t, &tx, Return, 1, ""); codeOf(err) != "over_performed" {
		t.Errorf("a return that nobody approved: %v", err)
	}
	tx.end(noon, false)
	for _, o := range []Obligation{ApproveReturn, Return, Refund} {
		if err := told(t, &tx, o, 1, ""); err != nil {
			t.Errorf("%s after completion: %v", o, err)
		}
	}
}

func TestReversalTakesBackWhatCarriesGrants(t *testing.T) {
	t.Parallel()
	tx := agreedOn(necessity.ShippedGoods)
	for _, by := range []PartyID{"", "s"} {
		if err := told(t, &tx, Pay, 5000, by); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := tx.count(&Performance{Obligation: Pay, Quantity: 5000, Reversal: true}); err != nil {
		t.Fatal(err)
	}
	if got := tx.Totals[Pay]; got.Done != 5000 || got.Attested != 0 {
		t.Errorf("%+v: what may carry a grant has to go first", got)
	}
	if _, err := tx.count(&Performance{Obligation: Pay, Quantity: 5001, Reversal: true}); codeOf(err) != "over_reversed" {
		t.Errorf("more back than there was: %v", err)
	}
}

func TestFloor(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		amount, highest, deposit, want Quantity
	}{{10000, 10000, 0, 1000}, {10000, 10000, 3000, 3000}, {10000, 50000, 0, 5000}, {5, 5, 0, 1}, {15, 15, 0, 2}} {
		tx := Transaction{Amount: test.amount, Highest: test.highest, Deposit: test.deposit}
		if got := tx.Floor(); got != test.want {
			t.Errorf("floor of %+v = %d, want %d", test, got, test.want)
		}
	}
}

func TestEnds(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	delivered := necessity.Expiry{Event: necessity.EventDelivered, After: 14 * day}
	requested := necessity.Expiry{Event: necessity.EventRequest, After: 30 * day}
	tx := agreedOn(necessity.ShippedGoods)
	if got, want := tx.Ends([]necessity.Expiry{delivered}, necessity.Deliver, noon), noon.AddDate(0, 0, 30).Add(14*day); !got.Equal(want) {
		t.Errorf("until it is delivered: %v, want the term after the promised date, %v", got, want)
	}
	tx.PromisedAt = noon.Add(2 * day)
	if got, want := tx.Ends([]necessity.Expiry{delivered}, necessity.Deliver, noon), noon.Add(16*day); !got.Equal(want) {
		t.Errorf("with a promised date: %v, want %v", got, want)
	}
	for range 3 {
		if err := told(t, &tx, Deliver, 1, ""); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := tx.Ends([]necessity.Expiry{delivered}, necessity.Deliver, noon), noon.Add(14*day); !got.Equal(want) {
		t.Errorf("delivered at noon: %v, want %v", got, want)
	}
	if got, want := tx.Ends([]necessity.Expiry{requested, delivered}, necessity.Deliver, noon), noon.Add(14*day); !got.Equal(want) {
		t.Errorf("two terms: %v, want the earlier, %v", got, want)
	}
}
