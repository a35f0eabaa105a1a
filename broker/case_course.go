package broker

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking/fault"
)

// Bounds of one case.
const (
	mostOffers = 20
	mostItems  = 50  // of each side
	mostTexts  = 200 // messages of each side
	mostLooks  = 200 // at items, by each side
	mostRounds = 2
	mostFiles  = 10 // bundles, by each side between two moves: each later one proves every earlier one
)

// caseCourse is one move of a case under way.
type caseCourse struct {
	b      *Broker
	f      *FoundCase
	r      CaseRecord // as it is to be
	state  states.State
	actor  states.Actor
	side   disputes.Side // of the party that acts
	caller Caller
	staff  *Staff // nil: a party, or the clock
	move   CaseMove
	amount Quantity // that the move names
	told   bool     // what both sides had to be told was delivered
	to     *Staff   // whom it is to be assigned to
	item   *disputes.Item
	stored *Evidence // with it
	now    time.Time // of its entry
	at     time.Time // what the clock says: deadlines count by it
}

// caseCourse begins a move on a case as it stands now. Its entries never go back in time,
// whatever a clock does; what is due is due by the clock as it is, so that one that was
// ahead, and is set right, makes no new deadline wrong.
func (b *Broker) caseCourse(f *FoundCase, m CaseMove) *caseCourse {
	c := &caseCourse{b: b, f: f, move: m, at: b.now(), told: true}
	if c.now = c.at; c.now.Before(f.UpdatedAt) {
		c.now = f.UpdatedAt
	}
	c.r = f.At(c.at)
	c.state = c.r.State
	return c
}

// holds answers the machine's questions.
func (c *caseCourse) holds(g states.Guard) bool {
	r := &c.r
	switch g {
	case disputes.InWindow, disputes.LinesFree:
		return true // asked before there is a case: openable
	case disputes.FewOffers:
		return len(r.Offers) < mostOffers
	case disputes.OfferLive:
		return c.offer().State == disputes.OfferStands
	case disputes.OwnOffer, disputes.NotAuthor:
		return (c.offer().By == c.side) == (g == disputes.OwnOffer)
	case disputes.MayEscalate:
		return r.Answered || !c.at.Before(r.OpenedAt.Add(disputes.EscalateTerm))
	case disputes.RemedyOverdue:
		return c.unkept()
	case disputes.RemedyDone:
		return c.f.Situation.Transaction.remedied(r.ID)
	case disputes.DetailsDue:
		x := detailsClock(r)
		return x != nil && !c.at.Before(x.Due)
	case disputes.NewItem:
		return c.item != nil && !slices.ContainsFunc(r.Items, func(x disputes.Item) bool { return x.By == c.side && bytes.Equal(x.Original, c.item.Original) })
	case disputes.FewTexts:
		return r.Written[c.side] < mostTexts
	case disputes.FewItems:
		n := 0
		for _, x := range r.Items {
			if x.By == c.side {
				n++
			}
		}
		return n < mostItems
	case disputes.NotRested:
		return !slices.Contains(r.Rested, c.side)
	case disputes.OtherRested:
		return slices.Contains(r.Rested, c.side.Other()) || !c.at.Before(c.dueOf(c.side.Other()))
	case disputes.IsLate:
		return c.move.Event == disputes.AddEvidence || c.lateItem() != nil
	case disputes.Lost:
		return r.Decision != nil && disputes.Loser(r.Opener, c.side, r.Decision.Outcome, int64(r.Decision.Amount), int64(r.Amount))
	case disputes.InTime:
		return c.at.Before(r.Deadline) // which stood still while somebody else had the case
	case disputes.Within:
		return c.within()
	case disputes.Told:
		return c.told
	}
	if was, ok := bytes.CutPrefix([]byte(g), []byte(disputes.WasThere+"/")); ok {
		return r.Was == states.State(was)
	}
	return c.staff != nil && c.staffHolds(g)
}

// staffHolds answers those about the person who acts.
func (c *caseCourse) staffHolds(g states.Guard) bool {
	r, s := &c.r, c.staff
	his := r.Assigned == s.Account
	switch g {
	case disputes.Assigned:
		return his
	case disputes.MayAssign:
		return (r.Assigned == "" || his || s.leads()) && c.to != nil && c.to.handles()
	case disputes.Impartial:
		return c.to != nil && !slices.Contains(r.Deciders, c.to.Account) && apart(c.to.hands(), slices.Concat(r.Deciders, r.Behind))
	case disputes.MayRelease:
		return r.Assigned != "" && (his || s.leads())
	case disputes.MayHandle:
		return his || s.leads()
	case disputes.FarDue:
		return !slices.ContainsFunc(c.move.Wanted, func(p disputes.Point) bool {
			return p.Due.Before(c.at.Add(disputes.LeastTerm)) || p.Due.After(c.at.Add(disputes.MostTerm))
		})
	case disputes.FewRounds:
		return r.Rounds < mostRounds
	case disputes.NotNew:
		return !s.New
	case disputes.NewDecider:
		return !slices.Contains(r.Deciders, s.Account)
	case disputes.NewHands:
		return apart(s.hands(), slices.Concat(r.Deciders, r.Behind))
	case disputes.MayApprove:
		return s.Approves
	case disputes.OutsideByAnother:
		return apart(s.hands(), r.OutBy)
	}
	p := r.Proposal
	if p == nil {
		return false
	}
	switch g {
	case disputes.AnotherHand:
		return p.By != s.Account
	case disputes.LeadIfLarge:
		return s.leads() || len(c.secondFor()) == 0
	case disputes.OfTwoHands:
		return len(p.Hands) > 0 && apart(s.hands(), p.Hands)
	case disputes.SameHash:
		return bytes.Equal(p.Hash, c.hash(&p.CaseDecision, p.Note)) && bytes.Equal(c.payload(p), c.move.Hash)
	}
	return false // what is not known does not hold
}

// offer is the one that the move names; the zero one where there is none.
func (c *caseCourse) offer() disputes.TheOffer {
	if n := c.move.N; n > 0 && n <= len(c.r.Offers) {
		return c.r.Offers[n-1]
	}
	return disputes.TheOffer{}
}

// dueOf is until when a side has time in this round; zero: it was asked for nothing in it.
func (c *caseCourse) dueOf(s disputes.Side) time.Time {
	return disputes.DueOf(c.r.Asked, c.r.Rounds, s)
}

// lateItem is the late one that the move names.
func (c *caseCourse) lateItem() *disputes.Item {
	if n := c.move.N; n > 0 && n <= len(c.r.Items) && c.r.Items[n-1].Standing == disputes.Late {
		return &c.r.Items[n-1]
	}
	return nil
}

// unkept: what was agreed is not done in time, or cannot be seen to be.
func (c *caseCourse) unkept() bool {
	accepted := slices.IndexFunc(c.r.Offers, func(o disputes.TheOffer) bool { return o.State == disputes.OfferAccepted })
	unseen := accepted >= 0 && c.r.Offers[accepted].Kind == disputes.OfferReplacement
	return unseen || !c.at.Before(c.r.Deadline) && !c.f.Situation.Transaction.remedied(c.r.ID)
}

// within: what is offered or decided fits its amount, and can be paid back.
func (c *caseCourse) within() bool {
	kind, a, all := string(c.move.Offer), c.amount, c.whole()
	switch {
	case c.move.Event == disputes.Approve && c.r.Proposal != nil:
		kind, a = string(c.r.Proposal.Outcome), c.r.Proposal.Amount
	case c.move.Event == disputes.Propose:
		kind = string(c.move.Outcome)
	}
	switch kind {
	case string(disputes.OfferRefund):
		return a > 0 && a == all
	case string(disputes.OfferPart):
		less := a > 0 && (a < all || a == all && all < c.r.Amount)
		return less || c.move.Event == disputes.Offer && a > all && a <= c.left() // whoever offers may give more than this is about
	default:
		return a == 0
	}
}

// whole is all that can be decided to be paid back: what it is about, of what is left.
func (c *caseCourse) whole() Quantity { return min(c.r.Amount, c.left()) }

// left is what was paid, is not back yet, and no other case lets be paid back.
func (c *caseCourse) left() Quantity {
	t := &c.f.Situation.Transaction
	left := t.Totals[Pay].Done - t.Totals[Refund].Done
	if t.Dispute != nil {
		for id, q := range t.Dispute.Refundable {
			if id != c.f.ID {
				left -= q
			}
		}
		left += t.Dispute.back(c.f.ID) // an appeal counts anew what it has led to
	}
	return max(0, left)
}

// secondFor is why a lead is needed for the second signature.
func (c *caseCourse) secondFor() []string {
	limit, err := ParseQuantity(c.b.LargeCase, largeDigits)
	for d := c.r.Currency.Digits(); d < largeDigits; d++ { // a currency may have fewer
		limit /= 10
	}
	sum := c.r.Amount // with what other open cases are about: two halves are a whole
	if d := c.f.Situation.Transaction.Dispute; d != nil {
		for id, q := range d.Held {
			if id != c.f.ID {
				sum += q
			}
		}
	}
	if err != nil || sum >= limit {
		return []string{"amount"}
	}
	return nil
}

// largeDigits are as many as any currency has.
const largeDigits = 4

// payload is what an approval names: what it decides, and how much had been written and
// handed in when its approver looked. What comes after that is to be looked at first.
func (c *caseCourse) payload(p *CaseProposal) []byte {
	seen := fmt.Appendf(nil, "bauta/case/approval/v2\n%d texts, %d items\n", c.r.Texts, len(c.r.Items))
	h := sha256.Sum256(append(seen, c.hash(&p.CaseDecision, p.Note)...))
	return h[:]
}

// hash is of everything that a proposal would decide: on what evidence, about what, how.
func (c *caseCourse) hash(d *CaseDecision, note []byte) []byte {
	digits := c.r.Currency.Digits()
	lines := make([]string, len(c.r.Lines))
	for i, l := range c.r.Lines {
		lines[i] = string(l)
	}
	what := ledger.Statement{Type: ledger.CaseDecided, At: time.Unix(0, 0), Members: ledger.Object{
		{Name: "dispute", Value: string(c.f.ID)},
		{Name: "outcome", Value: string(d.Outcome)},
		{Name: "amount", Value: d.Amount.Format(digits)},
		{Name: "currency", Value: string(c.r.Currency)},
		{Name: "lines", Value: lines},
		{Name: "reason", Value: d.Reason},
		{Name: "clause", Value: d.Clause},
		{Name: "frozen", Value: encode(c.r.Frozen)},
		{Name: "note", Value: encode(note)},
	}}
	content, err := what.Canonical()
	if err != nil {
		return nil
	}
	h := sha256.Sum256(slices.Concat([]byte("bauta/case/approval/v1\n"), content))
	return h[:]
}

// freeze is the hash of the evidence that counts: of each item its number, whose it is,
// and its bytes, in order.
func freeze(id CaseID, items []disputes.Item) []byte {
	h := sha256.New()
	h.Write([]byte("bauta/case/evidence/v1\n" + string(id) + "\n"))
	for i := range items {
		if x := &items[i]; x.Counts() {
			h.Write([]byte{byte(x.N >> 8), byte(x.N)})
			h.Write([]byte(string(x.By) + "\n" + string(x.Type) + "\n"))
			h.Write(x.Original)
		}
	}
	return h.Sum(nil)
}

// write asks the machine, and turns its row into what is written.
func (c *caseCourse) write(ctx context.Context) (*Write, error) {
	if m := c.move.Match; m != nil && *m != c.moves() {
		return nil, ErrMatch
	}
	row, err := disputes.Life.Next(c.state, c.move.Event, c.actor, c.holds)
	if err != nil {
		return nil, c.refused(err)
	}
	from := c.state
	c.r.Version, c.r.Moves, c.r.UpdatedAt, c.r.State = c.f.Version+1, c.f.Moves+1, c.now, row.After(from)
	w := &Write{Of: &c.f.Situation, Case: &c.r, Word: c.caller.spends()}
	note, err := c.note(w, !untold(row, from))
	if err != nil {
		return nil, err
	}
	if err := c.b.meet(ctx, c.f, &c.r); err != nil {
		return nil, err
	}
	c.record(row, note)
	if !untold(row, from) {
		c.tell(note)
	}
	c.clocks(row)
	suspended, err := c.turn(ctx, w, row)
	if err != nil {
		return nil, err
	}
	if row.On == disputes.Approve { // what it came to is ordered by now
		c.r.Proposal, c.r.Assigned, c.r.AssignedBy = nil, "", nil
	}
	if err := c.seal(w, c.statement(row, from, note, suspended)); err != nil {
		return nil, err
	}
	if !untold(row, from) {
		c.r.Chain = c.r.Newest
	}
	w.Timers, w.Notices = c.timers(), c.notices(row)
	return w, nil
}

// moves are those that whoever acts has seen: a side is not told of all of them.
func (c *caseCourse) moves() int64 {
	if c.staff == nil {
		return c.f.Told.Moves
	}
	return c.f.Moves
}

// turn writes what the move makes of the transaction, and decides its grants again.
func (c *caseCourse) turn(ctx context.Context, w *Write, row *states.Row) ([]string, error) {
	next := c.affect(row)
	if next == nil {
		return nil, nil
	}
	s := &c.f.Situation
	w.ExpectTransaction, w.Transaction = &s.Transaction, next
	if !c.b.moves(s, &next.Transaction) {
		return nil, nil
	}
	return c.b.suspend(ctx, w, s, &next.Transaction, false)
}

// seal makes the entry of what the course writes, and binds the records to it.
func (c *caseCourse) seal(w *Write, st ledger.Statement) (err error) {
	key := c.f.Situation.Transaction.Key
	if w.Record, err = c.b.record(st, key, keys{parties: key}); err != nil {
		return err
	}
	c.r.Newest = newest(w.Record)
	if w.Transaction != nil {
		w.Transaction.Newest = c.r.Newest
	}
	return nil
}

// refused says of what cannot be done now what can be instead.
func (c *caseCourse) refused(err error) error {
	err = caseTransition(err)
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Kind != fault.Conflict || c.f.Version == 0 {
		return err
	}
	if c.staff != nil {
		return f.Offering(wordsOf(c.allowedStaff()))
	}
	return f.Offering(wordsOf(c.allowed()))
}

func caseTransition(err error) error {
	r, ok := errors.AsType[*states.RefusedError](err)
	if !ok || r.Guard == "" {
		return transition(err)
	}
	if err, ok := caseFaults[r.Guard]; ok {
		return err
	}
	return ErrInvalidTransition
}
