package broker

import (
	"context"
	"slices"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/states"
)

// StaffRequest is a request as it lies before one of the staff.
type StaffRequest struct {
	RequestView // what this person could do is Allowed: what the record and his account rule out is not in it

	Buyer, Seller PartyID
	Timeline      []CaseEvent // what happened in the transaction, oldest first, as far as staff are told it
	Notes         []string    // whose free text about it there is: NoteSides
}

// StaffRequest is a request with what happened around it, for who decides it. Nothing
// that anybody wrote is in it: Look opens that, by an entry.
func (b *Broker) StaffRequest(ctx context.Context, s Staff, id DisclosureID) (StaffRequest, error) {
	view, err := b.RequestOf(ctx, s, id)
	if err != nil {
		return StaffRequest{}, err
	}
	f, err := b.Store.Request(ctx, id)
	if err != nil {
		return StaffRequest{}, err
	}
	t := &f.Situation.Transaction
	v := StaffRequest{RequestView: view, Buyer: t.Buyer, Seller: t.Seller}
	v.Allowed = b.couldWith(f, &v.RequestView, &s)
	entries, err := b.Store.TransactionEntries(ctx, t)
	if err != nil {
		return v, err
	}
	for i := range entries {
		e := &entries[i]
		if told := e.Statement.Seen(ledger.Parties, ledger.Staff); len(told) > 0 {
			v.Timeline = append(v.Timeline, CaseEvent{Index: e.Index, At: e.Statement.At, Type: e.Statement.Type, Said: told})
		}
	}
	notes, err := b.notesOf(ctx, f, NoteSides())
	for _, side := range NoteSides() {
		if slices.ContainsFunc(notes, func(n SealedNote) bool { return noteSide(n.Statement) == side }) {
			v.Notes = append(v.Notes, side)
		}
	}
	return v, err
}

// couldWith are the events that this person has, of both roles that people play. What
// depends on what he will choose is left to the move itself.
func (b *Broker) couldWith(f *FoundRequest, v *RequestView, s *Staff) []states.Event {
	all := []states.Event{}
	if !s.handles() {
		return all
	}
	for i := range Life.Rows {
		row := &Life.Rows[i]
		second := slices.Contains(row.By, BySecond)
		if !slices.Contains(row.From, v.State) || !second && !slices.Contains(row.By, ByHandler) || slices.Contains(all, row.On) {
			continue
		}
		c := &course{b: b, f: f, r: v.Request, state: v.State, actor: ByHandler, staff: s, move: Move{Event: row.On}, plan: v.Plan, now: b.now()}
		if second {
			c.actor = BySecond
		}
		if !slices.ContainsFunc(row.Guards, func(g states.Guard) bool { return !chosen(g) && !c.holds(g) }) && c.fitsProposal(row.On) {
			all = append(all, row.On)
		}
	}
	return all
}

// chosen are the guards that depend on what somebody names: a hash, a reason, fewer fields.
func chosen(g states.Guard) bool {
	switch g {
	case sameHash, onlySafety, notHeldOff, oneIsEnough, twoNeeded, thatPurpose, openable, seen:
		return true
	default:
		return false
	}
}

// fitsProposal: a second person ends or frees a grant where just that was proposed, and
// nothing is proposed where something is.
func (c *course) fitsProposal(e states.Event) bool {
	p := c.r.Proposal
	switch e {
	case Reinstate:
		return p != nil && !p.revokes()
	case Recall:
		return c.actor == ByHandler || p.revokes()
	case ToRecall:
		return p == nil
	case Propose:
		return c.state != Held || p == nil
	default:
		return true
	}
}
