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

// The buyer confirms a refund, and the platform tells of the same money as a refund or as a
// reversal of the payment: it is counted once, whoever tells of it first, and what bounces of
// it is with nobody.
func TestOneRefundIsCountedOnce(t *testing.T) {
	t.Parallel()
	tell := func(o Obligation, reversal bool, by PartyID, q, returns Quantity) Performance {
		return Performance{Obligation: o, Reversal: reversal, By: by, Quantity: q, Returns: returns}
	}
	word, refund, reversal := tell(Refund, false, "b-1", 60, 0), tell(Refund, false, "", 60, 0), tell(Pay, true, "", 60, 0)
	bounce := tell(Pay, false, "", 60, 60)
	for name, x := range map[string]struct {
		do         []Performance
		paid, back Quantity
		last       bool // what comes last is refused
		yet        Quantity
	}{
		"confirmed":                        {do: []Performance{word}, paid: 400, back: 60},
		"confirmed, then reversed":         {do: []Performance{word, reversal}, paid: 340},
		"reversed, then confirmed":         {do: []Performance{reversal, word}, paid: 340},
		"and confirmed once more":          {do: []Performance{reversal, word, word}, paid: 340, last: true},
		"and reversed once more":           {do: []Performance{word, reversal, reversal}, paid: 340, last: true},
		"and told as a refund, too":        {do: []Performance{word, reversal, refund}, paid: 340, last: true},
		"confirmed in parts":               {do: []Performance{tell(Refund, false, "b-1", 20, 0), reversal, tell(Refund, false, "b-1", 40, 0)}, paid: 340},
		"reversed in parts":                {do: []Performance{tell(Pay, true, "", 20, 0), word, tell(Pay, true, "", 40, 0)}, paid: 340},
		"partly one, partly the other":     {do: []Performance{tell(Pay, true, "", 20, 0), tell(Refund, false, "", 40, 0), word}, paid: 380, back: 40},
		"confirmed, reversed, and bounced": {do: []Performance{word, reversal, bounce}, paid: 400, yet: 60},
		"reversed, confirmed, and bounced": {do: []Performance{reversal, word, bounce}, paid: 400, yet: 60},
		"and reversed anew":                {do: []Performance{reversal, word, bounce, reversal}, paid: 340},
		"and confirmed anew":               {do: []Performance{reversal, word, bounce, word, reversal}, paid: 340},
		"and no more of it":                {do: []Performance{reversal, word, bounce, reversal, reversal}, paid: 340, last: true},
	} {
		tx := Transaction{
			Kind: necessity.ShippedGoods, Amount: 500, Buyer: "b-1", Seller: "s-1", Totals: map[Obligation]Total{Pay: {Done: 400}, ApproveReturn: {Done: 1}},
			Dispute: &Dispute{Lines: map[Obligation]CaseID{Deliver: "a"}, Refundable: map[CaseID]Quantity{"a": 60}},
		}
		for i := range x.do {
			_, err := tx.count(&x.do[i])
			if refused := x.last && i == len(x.do)-1; refused != errors.Is(err, ErrDisputed) || !refused && err != nil {
				t.Errorf("%s, step %d: %v", name, i+1, err)
			}
		}
		if paid, back := tx.Totals[Pay].Done, tx.Totals[Refund].Done; paid != x.paid || back != x.back || tx.Dispute.Refundable["a"] != x.yet {
			t.Errorf("%s: %d paid, %d back, %d may go back yet", name, paid, back, tx.Dispute.Refundable["a"])
		}
	}
}
