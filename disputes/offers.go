package disputes

import "slices"

// OfferKind is what a side offers.
type OfferKind string

// Kinds of offers. A refund is of the whole amount in dispute, and none says that the
// matter rests.
const (
	OfferRefund      OfferKind = "refund"
	OfferReplacement OfferKind = "replacement"
	OfferPart        OfferKind = "part_refund"
	OfferNone        OfferKind = "none"
)

// OfferKinds are all of them.
func OfferKinds() []OfferKind {
	return []OfferKind{OfferRefund, OfferReplacement, OfferPart, OfferNone}
}

// OfferState is where an offer stands.
type OfferState string

// States of an offer.
const (
	OfferStands     OfferState = "live"
	OfferTakenBack  OfferState = "retracted"
	OfferFollowed   OfferState = "superseded" // by another one of the same side
	OfferAccepted   OfferState = "accepted"
	OfferOverByCase OfferState = "over" // the talks have ended
)

// TheOffer is one offer; Amount is in the smallest unit of the case's currency.
type TheOffer struct {
	N      int        `json:"n"`
	By     Side       `json:"by"`
	Kind   OfferKind  `json:"kind"`
	Amount int64      `json:"amount,omitzero"`
	State  OfferState `json:"state"`
}

// MakeOffer adds one; those of the same side that stand are followed by it.
func MakeOffer(all []TheOffer, by Side, kind OfferKind, amount int64) []TheOffer {
	next := slices.Clone(all)
	for i := range next {
		if next[i].By == by && next[i].State == OfferStands {
			next[i].State = OfferFollowed
		}
	}
	return append(next, TheOffer{N: len(all) + 1, By: by, Kind: kind, Amount: amount, State: OfferStands})
}

// EndOffers is what becomes of all offers when one of them is accepted, or none (0).
func EndOffers(all []TheOffer, accepted int) []TheOffer {
	next := slices.Clone(all)
	for i := range next {
		switch {
		case next[i].N == accepted:
			next[i].State = OfferAccepted
		case next[i].State == OfferStands:
			next[i].State = OfferOverByCase
		}
	}
	return next
}

// Outcome is what a decision comes to.
type Outcome string

// Outcomes of a decision. Release leaves the money where it is: with whom was paid.
const (
	Refund     Outcome = "refund"
	PartRefund Outcome = "part_refund"
	ReleaseIt  Outcome = "release"
	Nothing    Outcome = "none"
)

// Outcomes are all of them.
func Outcomes() []Outcome { return []Outcome{Refund, PartRefund, ReleaseIt, Nothing} }

// PaysBack says whether an outcome gives money back.
func (o Outcome) PaysBack() bool { return o == Refund || o == PartRefund }

// ReasonCodes are why a case is decided as it is: one of them stands in each decision.
func ReasonCodes() []string {
	return []string{
		"not_delivered", "delivered", "not_as_described", "as_described", "damaged_in_transit", "damaged_by_recipient", "wrong_item_sent", "right_item_sent",
		"not_paid", "paid", "not_returned", "returned", "not_rendered", "rendered", "no_answer", "evidence_missing", "evidence_false", "other",
	}
}

// AppealGrounds are why a decision is appealed.
func AppealGrounds() []string { return []string{"new_facts", "error"} }

// ExternalKinds are where a case can go.
func ExternalKinds() []string { return []string{"court", "adr", "chargeback"} }

// Loser says whether a side did not get all that it wanted. A buyer wants its money
// back, a seller to be paid: where that is what the case is about, the whole of it.
func Loser(opener, side Side, o Outcome, amount, disputed int64) bool {
	switch {
	case opener == Seller && side == Seller:
		return o != ReleaseIt
	case opener == Seller:
		return o == ReleaseIt
	case side == Buyer:
		return !o.PaysBack() || amount < disputed
	}
	return o.PaysBack()
}
