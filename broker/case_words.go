package broker

import (
	"regexp"
	"slices"
	"time"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// Refusals of what people want to do with a case.
var (
	ErrLineDisputed   = fault.New(fault.Conflict, "line_disputed", "another case about one of these lines is open")
	ErrFollows        = fault.New(fault.Conflict, "disputed_before", "there was a case about one of these lines; a new one says with follows which one that was, and what is new")
	ErrUnknownLine    = fault.New(fault.Invalid, "unknown_line", "a line is an obligation that the other side owes in this transaction, and that a case for this reason can be about")
	ErrCaseReason     = fault.New(fault.Invalid, "unknown_reason", "the reason is one of a list")
	ErrCaseAmount     = fault.New(fault.Invalid, "out_of_range", "the amount is more than what this is about, or does not fit what is offered or decided")
	ErrOutOfWindow    = fault.New(fault.Conflict, "too_late", "a case can be opened until 90 days after the last of it was to be done")
	ErrNoOffer        = fault.New(fault.Conflict, "offer_gone", "this offer does not stand any more, or there is none of this number")
	ErrOwnOffer       = fault.New(fault.Conflict, "own_offer", "an offer is accepted by the other side, and taken back by its own")
	ErrTooEarly       = fault.New(fault.Conflict, "too_early", "give the other side 48 hours to answer first; what was agreed, the time to do it")
	ErrEvidenceDouble = fault.New(fault.Conflict, "evidence_double", "this side has handed in this very file before")
	ErrRested         = fault.New(fault.Conflict, "rested", "this side has said that it has no more")
	ErrTooMany        = fault.New(fault.Conflict, "too_many", "this is as many as a case can have")
	ErrNotAssigned    = fault.New(fault.Conflict, "not_assigned", "the case has to be assigned to you first")
	ErrAssigned       = fault.New(fault.Conflict, "assigned", "somebody else has this case; a lead or a privacy officer assigns it anew")
	ErrAssignee       = fault.New(fault.Invalid, "unknown_account", "a case is assigned to the account of a handler, a lead or a privacy officer that is in use, and of which no break-glass session was found not justified, or waits for its review past its time")
	ErrPartial        = fault.New(fault.Denied, "decided_before", "an appeal is for somebody who has not decided the case before, and whose account is of another hand")
	ErrDueTooSoon     = fault.New(fault.Invalid, "too_soon", "whoever is asked has at least 48 hours, and at most 30 days")
	ErrNotTold        = fault.New(fault.Conflict, "not_told", "something that both sides have to be told was not delivered yet")
	ErrClause         = fault.New(fault.Invalid, "unknown_clause", "name the clause, like 3f or CPL 44: at most 32 letters, digits, spaces, dots and signs of section or hyphen")
	ErrNotLost        = fault.New(fault.Conflict, "not_lost", "this side got all that it wanted")
	ErrWanted         = fault.New(fault.Invalid, "unknown_evidence", "name of whom what is wanted: by is buyer or seller, type one of the list")
	ErrLeadNeeded     = fault.New(fault.Denied, "lead_needed", "where the amount is large, a lead or a privacy officer approves")
	ErrMatch          = fault.New(fault.Precondition, "changed", "the case is not as it was when you looked; look again")
	ErrRevealNotYours = fault.New(fault.Denied, "assigned_by_oneself", "values are revealed in a case that a party has opened and that somebody of another hand has assigned to you")
)

// CaseInput is a case on its way in.
type CaseInput struct {
	Transaction TransactionID
	By          PartyID
	Reason      disputes.Reason
	Lines       []Obligation
	Amount      string // decimal; empty: all that was paid, or is to be
	Statement   masking.Text
	Follows     CaseID
}

// CaseMove is an event that somebody wants to happen to a case.
type CaseMove struct {
	Event  states.Event
	Text   masking.Text // statement, message, note, findings or grounds
	Reason string       // of an appeal, of what goes outside or is over there
	Offer  disputes.OfferKind
	Amount string // decimal, of an offer or a decision
	N      int    // of an offer or an item
	To     string // the account that it is assigned to
	Wanted []disputes.Point
	Due    time.Time
	Days   int // in place of Due: so many days from when it is asked for

	Outcome disputes.Outcome
	Code    string // of disputes.ReasonCodes
	Clause  string
	Hash    []byte // of an approval: what the approver has looked at
	Match   *int64 // the moves that there were when somebody looked; nil: it does not matter
}

// CaseText is free text of a case, opened.
type CaseText struct {
	Index int64 // of its entry
	At    time.Time
	Event states.Event
	By    string // buyer, seller or staff
	Text  masking.Text
}

// CaseEvent is an entry of the case or of its transaction, as its reader may read it.
type CaseEvent struct {
	Index int64
	At    time.Time
	Type  ledger.Type
	Said  ledger.Object
}

// CaseView is a case as its reader may see it.
type CaseView struct {
	CaseRecord

	Transaction TransactionID
	Buyer       PartyID
	Seller      PartyID
	Now         time.Time
	Allowed     []states.Event
	Checklist   []disputes.Line
	Evidence    []Evidence
	Texts       []CaseText // nil: they are opened by an entry of its own
	Timeline    []CaseEvent
	Staff       bool   // the reader is of the staff
	Hash        []byte // for staff: of what approving would decide now
	SecondFor   []string
	Place       ledger.Place // of the entry that was just written; zero for a read
}

// CaseReasons are the codes that an event has to be given one of; none for events
// that need no reason.
func CaseReasons(e states.Event) []string {
	switch e {
	case disputes.Appeal:
		return disputes.AppealGrounds()
	case disputes.GoOutside:
		return disputes.ExternalKinds()
	case disputes.Conclude:
		return []string{"court_decided", "adr_decided", "bank_decided", "settled_there", "dropped"}
	case disputes.SendBack:
		return []string{"evidence_missing", "less_suffices", "mistake", "other"}
	}
	return nil
}

// CaseEvents are what one of the staff can do with a case.
func CaseEvents() []states.Event {
	var all []states.Event
	for i := range disputes.Life.Rows {
		r := &disputes.Life.Rows[i]
		if (slices.Contains(r.By, disputes.ByHandler) || slices.Contains(r.By, disputes.BySecond)) && !slices.Contains(all, r.On) {
			all = append(all, r.On)
		}
	}
	return all
}

var clause = regexp.MustCompile(`^[0-9A-Za-z§][0-9A-Za-z§ .,()-]{0,31}$`)

// checked: codes are of their lists, and what has to be given is.
func (m *CaseMove) checked() error {
	if codes := CaseReasons(m.Event); len(codes) > 0 && !slices.Contains(codes, m.Reason) || len(codes) == 0 && m.Reason != "" {
		return ErrUnknownCode.Pointing("/reason")
	}
	switch m.Event {
	case disputes.Offer:
		if !slices.Contains(disputes.OfferKinds(), m.Offer) {
			return ErrUnknownCode.Pointing("/kind")
		}
	case disputes.AskEvidence:
		if len(m.Wanted) == 0 || len(m.Wanted) > 20 {
			return ErrWanted.Pointing("/wanted")
		}
		for _, p := range m.Wanted {
			if p.By != disputes.Buyer && p.By != disputes.Seller || !slices.Contains(disputes.EvidenceTypes(), p.Type) {
				return ErrWanted.Pointing("/wanted")
			}
		}
	case disputes.Propose:
		switch {
		case !slices.Contains(disputes.Outcomes(), m.Outcome):
			return ErrUnknownCode.Pointing("/outcome")
		case !slices.Contains(disputes.ReasonCodes(), m.Code):
			return ErrUnknownCode.Pointing("/reason_code")
		case !clause.MatchString(m.Clause):
			return ErrClause.Pointing("/clause")
		}
	}
	return nil
}

// caseFaults are what a caller reads when a guard does not hold.
var caseFaults = map[states.Guard]error{
	disputes.InWindow: ErrOutOfWindow, disputes.LinesFree: ErrLineDisputed, disputes.FewOffers: ErrTooMany, disputes.OfferLive: ErrNoOffer, disputes.OwnOffer: ErrOwnOffer,
	disputes.NotAuthor: ErrOwnOffer, disputes.MayEscalate: ErrTooEarly, disputes.RemedyOverdue: ErrTooEarly, disputes.NewItem: ErrEvidenceDouble, disputes.NotRested: ErrRested,
	disputes.FewItems: ErrTooMany, disputes.FewTexts: ErrTooMany, disputes.OutsideByAnother: ErrOneHand, disputes.Assigned: ErrNotAssigned, disputes.MayAssign: ErrAssigned, disputes.Impartial: ErrPartial, disputes.MayRelease: ErrNotAssigned,
	disputes.MayHandle: ErrNotAssigned, disputes.FarDue: ErrDueTooSoon, disputes.FewRounds: ErrTooMany, disputes.NotNew: accounts.ErrNotYet, disputes.Told: ErrNotTold,
	disputes.Within: ErrCaseAmount.Pointing("/amount"), disputes.AnotherHand: ErrOwnWork, disputes.LeadIfLarge: ErrLeadNeeded, disputes.MayApprove: accounts.ErrNotYet,
	disputes.OfTwoHands: ErrOneHand, disputes.SameHash: ErrHashDiffers, disputes.NewDecider: ErrDecidedBefore, disputes.NewHands: ErrOneHand, disputes.Lost: ErrNotLost,
	disputes.InTime: ErrTooLate,
}
