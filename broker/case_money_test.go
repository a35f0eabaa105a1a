package broker

import (
	"errors"
	"testing"

	"bauta.dev/bauta/broker/necessity"
)

// Money back while a case is open: as far as it was decided, each payment once, and what
// a bank takes elsewhere is counted as well.
func TestMoneyBackInACase(t *testing.T) {
	t.Parallel()
	pay := func(o Obligation, reversal bool, by PartyID, q Quantity) Performance {
		return Performance{Obligation: o, Reversal: reversal, By: by, Quantity: q}
	}
	back, again := func(q Quantity) Performance { return pay(Pay, true, "", q) }, func(q Quantity) Performance {
		p := pay(Pay, false, "", q)
		p.Returns = q
		return p
	}
	one := Dispute{Lines: map[Obligation]CaseID{Deliver: "a"}, Refundable: map[CaseID]Quantity{"a": 60}}
	out := Dispute{Lines: map[Obligation]CaseID{Deliver: "a"}, Refundable: map[CaseID]Quantity{"a": 60}, External: map[CaseID]Quantity{"a": 100}}
	before := Dispute{Lines: map[Obligation]CaseID{Deliver: "a"}, Refunded: map[CaseID]Quantity{"a": 60}}
	much := Dispute{Lines: map[Obligation]CaseID{Deliver: "a"}, Ordered: map[CaseID]Quantity{"a": 40}, Refundable: map[CaseID]Quantity{"a": 0}, Refunded: map[CaseID]Quantity{"a": 100}}
	early := Dispute{Lines: map[Obligation]CaseID{Deliver: "a"}, Ordered: map[CaseID]Quantity{"a": 60}, Refundable: map[CaseID]Quantity{"a": 10}, Outside: map[CaseID]Quantity{"a": 50}}
	two := Dispute{Lines: map[Obligation]CaseID{Deliver: "a", Ship: "b"}, External: map[CaseID]Quantity{"b": 5}}
	for name, x := range map[string]struct {
		of   Dispute
		do   []Performance
		last bool // what comes last is refused
		done bool // the remedy of a is
	}{
		"nothing yet":                      {of: one},
		"all of it":                        {of: one, do: []Performance{back(60)}, done: true},
		"in parts":                         {of: one, do: []Performance{back(20), back(40)}, done: true},
		"a part":                           {of: one, do: []Performance{back(20)}},
		"more":                             {of: one, do: []Performance{back(61)}, last: true},
		"twice":                            {of: one, do: []Performance{back(60), back(1)}, last: true, done: true},
		"bounced":                          {of: one, do: []Performance{back(60), again(60)}},
		"bounced, and paid again":          {of: one, do: []Performance{back(60), again(60), back(60)}, done: true},
		"the buyer's word alone":           {of: one, do: []Performance{pay(Refund, false, "b-1", 60)}},
		"the buyer's word, then attested":  {of: one, do: []Performance{pay(Refund, false, "b-1", 60), pay(Refund, false, "", 60)}, done: true},
		"the buyer's word of more":         {of: one, do: []Performance{pay(Refund, false, "b-1", 61)}, last: true},
		"the seller's claim":               {of: one, do: []Performance{pay(Refund, false, "s-1", 500)}},
		"an instalment is no bounce":       {of: one, do: []Performance{back(60), pay(Pay, false, "", 100), back(1)}, last: true, done: true},
		"bounced by the refund's reversal": {of: one, do: []Performance{pay(Refund, false, "", 60), pay(Refund, true, "", 60), back(60)}, done: true},
		"attested, then the buyer's word":  {of: one, do: []Performance{pay(Refund, false, "", 60), pay(Refund, false, "b-1", 60)}, done: true},
		"and no more of it":                {of: one, do: []Performance{pay(Refund, false, "", 60), pay(Refund, false, "b-1", 60), pay(Refund, false, "b-1", 1)}, last: true, done: true},
		"the word that was taken back":     {of: one, do: []Performance{pay(Refund, false, "b-1", 60), pay(Refund, true, "", 60), pay(Refund, false, "", 60), pay(Refund, false, "", 1)}, last: true, done: true},
		"bounced while nothing is ordered": {of: before, do: []Performance{again(60), back(1)}, last: true, done: true},
		"more is back than was ordered":    {of: much, do: []Performance{again(80), back(20), back(1)}, last: true, done: true},
		"and as much of it bounced":        {of: much, do: []Performance{again(60), back(1)}, last: true, done: true},
		"outside, before it was ordered":   {of: early, do: []Performance{again(50), back(60), back(1)}, last: true, done: true},
		"outside, by a bank":               {of: out, do: []Performance{back(90)}, done: true},
		"outside, more than it is about":   {of: out, do: []Performance{back(100), back(1)}, last: true, done: true},
		"outside, and bounced":             {of: two, do: []Performance{back(5), again(5), back(5), back(1)}, last: true, done: true},
		"outside, in slices":               {of: two, do: []Performance{back(3), back(2), back(1)}, last: true, done: true},
		"outside, past one that is here":   {of: two, do: []Performance{back(6)}, last: true, done: true},
		"outside, as much as it is about":  {of: two, do: []Performance{back(5)}, done: true},
		"nothing is open":                  {of: Dispute{Before: map[Obligation]CaseID{Deliver: "a"}}, do: []Performance{back(400)}, done: true},
	} {
		tx := Transaction{Kind: necessity.ShippedGoods, Amount: 500, Buyer: "b-1", Seller: "s-1", Totals: map[Obligation]Total{Pay: {Done: 400}, ApproveReturn: {Done: 1}}, Dispute: &x.of}
		for i := range x.do {
			before := tx.Dispute
			_, err := tx.count(&x.do[i])
			if refused := x.last && i == len(x.do)-1; refused != errors.Is(err, ErrDisputed) || !refused && err != nil || refused && tx.Dispute != before {
				t.Errorf("%s, step %d: %v", name, i+1, err)
			}
		}
		if tx.remedied("a") != x.done {
			t.Errorf("%s: the remedy is done: %t, want %t", name, !x.done, x.done)
		}
	}
	// Where all that was paid is back, nothing is left to do.
	tx := Transaction{Totals: map[Obligation]Total{Pay: {Done: 40}, Refund: {Done: 40}}, Dispute: &one}
	if !tx.remedied("a") {
		t.Error("what cannot be paid back keeps a case open")
	}
}
