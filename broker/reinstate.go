package broker

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/states"
)

// Excluding a party reveals less, and a key does it. Letting it ask again reveals
// more: one person proposes that, with a reason, and another one does it.

// States and events of a party's standing.
const (
	Excluded states.State = "excluded"
	Admitted states.State = "admitted"

	Exclude states.Event = "exclude"
)

// Standing is what can happen to a party's right to ask. Its guards are those of
// Life: two people are two people. The table in docs/states.md is generated from it.
var Standing = &states.Machine{
	Name: "standing",
	Rows: []states.Row{
		{From: from(states.Beginning, Admitted), On: Exclude, By: whom(ByMarketplace), To: Excluded},
		{From: from(Excluded), On: Propose, By: whom(ByHandler), Guards: when(notNew)},
		{From: from(Excluded), On: Reinstate, By: whom(BySecond), Guards: when(anotherHand, mayApprove, ofTwoHands, sameHash), To: Admitted},
		{From: from(Excluded), On: Reject, By: whom(BySecond), Guards: when(lookedAt, anotherHand, mayApprove, ofTwoHands)},
	},
	Why: Life.Why,
}

// ReinstatementReasons are the codes for which an excluded party may ask again.
func ReinstatementReasons() []string {
	return []string{"mistake", "not_substantiated", "remedied", "agreement_renewed", "legal_duty"}
}

// rehearing is one move of the staff about an excluded party.
type rehearing struct {
	party *PartyRecord
	staff *Staff
	hash  []byte // of what the second person has looked at; to reject it he need not name one
}

func (h *rehearing) holds(g states.Guard) bool {
	p := h.party.Lift
	switch g {
	case notNew:
		return !h.staff.New
	case mayApprove:
		return h.staff.Approves
	case anotherHand:
		return p.byAnother(h.staff) && h.staff.leads()
	case ofTwoHands:
		return p.apartFrom(h.staff)
	case lookedAt:
		return len(h.hash) == 0 || h.holds(sameHash)
	case sameHash:
		return p != nil && bytes.Equal(p.Hash, h.hash) && bytes.Equal(h.party.liftHash(p.Reason), h.hash)
	}
	return false
}

func (p *Party) standing() states.State {
	if p.excluded() {
		return Excluded
	}
	return Admitted
}

// liftHash is what the second person signs: that this exclusion ends, for this reason.
func (p *Party) liftHash(reason string) []byte {
	h := sha256.Sum256(fmt.Appendf(nil, "bauta/standing/v1\n%s\n%d\n%s", p.ID, p.ExcludedAt.UnixMicro(), reason))
	return h[:]
}

// StandingOfParty is what staff see of an exclusion.
func (b *Broker) StandingOfParty(ctx context.Context, id PartyID) (ExclusionView, error) {
	p, _, err := b.Store.Party(ctx, id, MasksOnly)
	return viewStanding(p), err
}

// ProposeReinstatement is the first person's part. A proposal takes the place of an
// earlier one.
func (b *Broker) ProposeReinstatement(ctx context.Context, s Staff, id PartyID, reason string, once *Outcome) (ExclusionView, bool, error) {
	return b.rehear(ctx, s, id, Propose, once, func(next *PartyRecord, _ time.Time) (string, string) {
		next.Lift = &Proposal{By: s.Account, Hands: s.hands(), Hash: next.liftHash(reason), Event: Reinstate, Reason: reason}
		return "reinstatement_proposed", reason
	}, nil)
}

// Reinstate lets a party ask again, by the hash of what somebody else proposed. Its
// ended grants stay ended.
func (b *Broker) Reinstate(ctx context.Context, s Staff, id PartyID, hash []byte, once *Outcome) (ExclusionView, bool, error) {
	return b.rehear(ctx, s, id, Reinstate, once, func(next *PartyRecord, now time.Time) (string, string) {
		reason := next.Lift.Reason // there is one: another person has made it
		next.ExcludedAt, next.ReinstatedAt, next.Lift = time.Time{}, now, nil
		return "reinstated", reason
	}, hash)
}

// RejectReinstatement leaves a party excluded: what somebody else proposed is not done. A
// hash says what was looked at, and another proposal is left; none rejects what there is.
func (b *Broker) RejectReinstatement(ctx context.Context, s Staff, id PartyID, hash []byte, once *Outcome) (ExclusionView, bool, error) {
	return b.rehear(ctx, s, id, Reject, once, func(next *PartyRecord, _ time.Time) (string, string) {
		reason := next.Lift.Reason
		next.Lift = nil
		return "reinstatement_rejected", reason
	}, hash)
}

// Lifts are the first limit parties, by their names, of whom somebody has proposed that they
// may ask again: those that wait for this person before all others.
func (b *Broker) Lifts(ctx context.Context, s Staff, limit int) ([]ExclusionView, error) {
	if !s.reads() {
		return nil, ErrRole
	}
	var his, others []ExclusionView
	after := PartyID("")
	for looked := 0; len(his) < limit && looked < mostLifts; looked += limit {
		found, err := b.Store.PartiesToLift(ctx, after, limit)
		if err != nil {
			return nil, err
		}
		for i := range found {
			if v := viewStanding(&found[i]); v.WaitsFor(&s) {
				his = append(his, v)
			} else {
				others = append(others, v)
			}
			after = found[i].ID
		}
		if len(found) < limit || !s.isSecond() {
			break
		}
	}
	all := append(his, others...)
	return all[:min(limit, len(all))], nil
}

// mostLifts is how many proposals are looked at for those that wait for one person.
const mostLifts = 1000

// WaitsFor says whether this person could do what was proposed, once he has looked.
func (v *ExclusionView) WaitsFor(s *Staff) bool {
	h := &rehearing{party: &PartyRecord{Party: Party{Lift: v.Lift}}, staff: s}
	return h.holds(anotherHand) && h.holds(mayApprove) && h.holds(ofTwoHands)
}

// rehear asks the machine and writes what change makes of the party.
func (b *Broker) rehear(ctx context.Context, s Staff, id PartyID, on states.Event, once *Outcome,
	change func(*PartyRecord, time.Time) (standing, reason string), hash []byte,
) (ExclusionView, bool, error) {
	by := ByHandler
	if on == Reinstate || on == Reject {
		by = BySecond
	}
	if !s.handles() || by == BySecond && !s.leads() {
		return ExclusionView{}, false, ErrRole
	}
	return replayable(ctx, b, once, func(ctx context.Context) (ExclusionView, error) {
		return again(ctx, func(ctx context.Context) (ExclusionView, error) {
			p, _, err := b.Store.Party(ctx, id, MasksOnly)
			if err != nil {
				return ExclusionView{}, err
			}
			h := &rehearing{party: p, staff: &s, hash: hash}
			if _, err = Standing.Next(p.standing(), on, by, h.holds); err != nil {
				return ExclusionView{}, transition(err)
			}
			next := *p
			next.Version, next.UpdatedAt = p.Version+1, b.now()
			standing, reason := change(&next, next.UpdatedAt)
			w := &Write{ExpectParties: []*PartyRecord{p}, Party: &next, Once: once.led("standing", string(id), next.UpdatedAt)}
			return b.writeStanding(ctx, w, &next, standing, ExclusionInput{Reason: reason}, ledger.Member{Name: "account", Value: s.Account})
		})
	}, func(ctx context.Context, _ *Outcome) (ExclusionView, error) { return b.StandingOfParty(ctx, id) })
}

// Allowed are what the first person and the second one could do.
func (v *ExclusionView) Allowed() []states.Event {
	p := Party{ExcludedAt: v.ExcludedAt}
	return append(Standing.Allowed(p.standing(), ByHandler), Standing.Allowed(p.standing(), BySecond)...)
}
