package broker

import (
	"strings"
	"time"

	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
)

// A case is a dispute about lines of a transaction: what one side owes the other and,
// the other says, did not do as agreed. What can happen to it, package disputes says;
// here is how it happens, what it changes in the transaction, and its record. Its texts
// and its evidence are sealed under a key of its own.

// CaseID is "dsp_" and 26 characters, made like those of disclosures.
type CaseID string

const casePrefix = "dsp_"

// IsCaseID says whether a text has the form of such an id.
func IsCaseID(s string) bool {
	_, ok := idBytes(s, casePrefix)
	return ok
}

func (b *Broker) newCaseID(now time.Time) (CaseID, error) {
	id, err := b.newID(now)
	return CaseID(casePrefix + strings.TrimPrefix(string(id), disclosurePrefix)), err
}

// Dispute is what cases have made of a transaction. It stands under the transaction's
// version, so nothing that rests on it can miss a change.
type Dispute struct {
	// Lines are those that an open case is about, each with its case.
	Lines map[Obligation]CaseID `json:"lines,omitempty"`
	// Before are the lines that a case was about which has ended.
	Before map[Obligation]CaseID `json:"before,omitempty"`
	// External are the open cases that somebody else has, each with its amount: that much
	// of what is paid back meanwhile is not ours to hold up.
	External map[CaseID]Quantity `json:"external,omitempty"`
	// Outside is what was paid back for a case in that way so far, whether or not it has
	// come back since.
	Outside map[CaseID]Quantity `json:"outside,omitempty"`
	// Ordered is what of a case its decision, or the two sides, let be paid back in all.
	Ordered map[CaseID]Quantity `json:"ordered,omitempty"`
	// Refundable is what of that may be paid back yet: what is back, whichever way it went,
	// counts towards it.
	Refundable map[CaseID]Quantity `json:"refundable,omitempty"`
	// Refunded is what was paid back so far of what was ordered at the time, now or before
	// an appeal.
	Refunded map[CaseID]Quantity `json:"refunded,omitempty"`
	// Confirmed is what of that the buyer has confirmed, and the platform has not attested.
	Confirmed map[CaseID]Quantity `json:"confirmed,omitempty"`
	// Held is what each open case is about. What the buyer owes is in dispute for that
	// much; what was paid for, the whole of it.
	Held map[CaseID]Quantity `json:"held,omitempty"`
	// Word is what the buyer has confirmed of refunds. What the platform attests of that is
	// the same payment.
	Word Quantity `json:"word,omitzero"`
	// Reversed is what the platform has taken back of the payment since there was a case,
	// less what has bounced of it. What the buyer confirms of that is the same payment.
	Reversed Quantity  `json:"reversed,omitzero"`
	Cases    int       `json:"cases,omitzero"`     // how many there were
	OpenedAt time.Time `json:"opened_at,omitzero"` // the last one
	EndedAt  time.Time `json:"ended_at,omitzero"`  // the last one; zero while one is open
}

// Open says whether a case is.
func (d *Dispute) Open() bool { return d != nil && len(d.Lines) > 0 }

func (d *Dispute) about(l Obligation) bool { return d != nil && d.Lines[l] != "" }

// CaseRecord is a case as the store holds it: checked against its MAC, and without
// any text.
type CaseRecord struct {
	Row         Row
	ID          CaseID
	Transaction Row
	Version     int64 // as many as entries about it
	CaseFacts
}

// CaseFacts are what the next move depends on. Its state is that of the last entry;
// what time has made of it since, At says.
type CaseFacts struct {
	State     states.State    `json:"state"`
	Moves     int64           `json:"moves"` // of them whoever decides on it has to know: If-Match
	Opener    disputes.Side   `json:"opener"`
	Reason    disputes.Reason `json:"reason"`
	Lines     []Obligation    `json:"lines"`
	Amount    Quantity        `json:"amount"`
	Currency  Currency        `json:"currency"`
	Follows   CaseID          `json:"follows,omitempty"`
	OpenedAt  time.Time       `json:"opened_at"`
	UpdatedAt time.Time       `json:"updated_at"`
	Since     time.Time       `json:"since"` // when it came to where it is

	Timer    states.Timer     `json:"timer,omitempty"`
	Deadline time.Time        `json:"deadline,omitzero"` // when the state ends by itself
	Left     time.Duration    `json:"left,omitzero"`     // of that, while somebody else has the case
	Was      states.State     `json:"was,omitempty"`     // where it was before somebody else had it
	External string           `json:"external,omitempty"`
	Clocks   []disputes.Clock `json:"clocks,omitempty"`

	Offers   []disputes.TheOffer `json:"offers,omitempty"`
	Items    []disputes.Item     `json:"items,omitempty"`
	Asked    []disputes.Point    `json:"asked,omitempty"`
	Rounds   int                 `json:"rounds,omitzero"`
	Rested   []disputes.Side     `json:"rested,omitempty"`
	Frozen   []byte              `json:"frozen,omitempty"` // hash of the evidence that counts
	Answered bool                `json:"answered,omitzero"`
	Texts    int                 `json:"texts,omitzero"` // how many came with it so far
	// Told is how far it has come as far as both sides are told: what is proposed, and sent
	// back, moves none of it.
	Told CaseTold `json:"told,omitzero"`
	// Written and Looked are how many messages each side has written, and how often it has
	// opened an item.
	Written map[disputes.Side]int `json:"written,omitempty"`
	Looked  map[disputes.Side]int `json:"looked,omitempty"`
	Bundled map[disputes.Side]int `json:"bundled,omitempty"` // how many bundles each has made since the last move
	// OutBy are all hands of who noted that it went outside.
	OutBy []string `json:"out_by,omitempty"`

	Assigned   string   `json:"assigned,omitempty"`    // the account that works on it
	AssignedBy []string `json:"assigned_by,omitempty"` // who has assigned it: all its hands
	// AssignedLed says that who has assigned it was a lead or a privacy officer then.
	AssignedLed bool          `json:"assigned_led,omitzero"`
	Proposal    *CaseProposal `json:"proposal,omitempty"`
	Decision    *CaseDecision `json:"decision,omitempty"` // the last one
	First       *CaseDecision `json:"first,omitempty"`    // what was decided before somebody appealed
	Deciders    []string      `json:"deciders,omitempty"`
	Behind      []string      `json:"behind,omitempty"` // accounts that have made those
	Reveals     int           `json:"reveals,omitzero"`

	// Chain is the leaf hash of the newest entry about it that both sides have a part
	// in, Newest of the newest of all.
	Chain  []byte `json:"chain"`
	Newest []byte `json:"newest"`
}

// CaseTold is what both sides are told of how far a case has come. It counts the moves
// and texts that they have a part in.
type CaseTold struct {
	Moves int64     `json:"moves"` // what their If-Match names
	Texts int       `json:"texts"`
	At    time.Time `json:"at"` // of the last one
}

// CaseProposal is what one person would decide, until a second one has looked.
type CaseProposal struct {
	CaseDecision

	By    string   `json:"by"`
	Hands []string `json:"hands"`
	Hash  []byte   `json:"hash"`
	Note  []byte   `json:"note,omitempty"` // commitment of the findings
	Step  int64    `json:"step"`           // of its entry
}

// CaseDecision is what was decided.
type CaseDecision struct {
	Outcome disputes.Outcome `json:"outcome"`
	Amount  Quantity         `json:"amount,omitzero"`
	Reason  string           `json:"reason"` // of disputes.ReasonCodes
	Clause  string           `json:"clause"` // of the policy, the terms or the law
	At      time.Time        `json:"at,omitzero"`
}

// IsOpen says that a case is not over; Waits, that it waits for one of the staff.
func (r *CaseRecord) IsOpen() bool { return disputes.IsOpen(r.State) }

// Waits says that one of the staff has to do something.
func (r *CaseRecord) Waits() bool {
	switch r.State {
	case disputes.Claim, disputes.UnderReview, disputes.Proposed, disputes.Appealed, disputes.AppealProposed, disputes.External:
		return true
	default:
		return false
	}
}

// DueAt is by when somebody has to have done something: the first of the clocks that
// run, and of the state's own deadline. What law gives the consumer is among them once
// it is overdue: until then it can come without a word to the case. Zero: nothing is due.
func (r *CaseRecord) DueAt() time.Time {
	due := r.Deadline
	for i := range r.Clocks {
		c := &r.Clocks[i]
		running := c.Ended.IsZero() && (c.Name != disputes.DetailsClock || !c.Told.IsZero()) && (len(c.Paused) == 0 || !c.Paused[len(c.Paused)-1].Until.IsZero())
		if running && (due.IsZero() || c.Due.Before(due)) {
			due = c.Due
		}
	}
	return due
}

// Evidence is one item without its content.
type Evidence struct {
	disputes.Item

	Media string    `json:"media"`
	Bytes int       `json:"bytes"`
	Shows string    `json:"shows"` // the media type of what others open
	At    time.Time `json:"at"`
	Step  int64     `json:"step"` // of its entry: the note is sealed by it
}

// SealedEvidence is an item at rest.
type SealedEvidence struct {
	Case Row
	Evidence

	Original, Derivative []byte // sealed under the case's key
}

// FoundCase is a case with its transaction and both sides.
type FoundCase struct {
	CaseRecord

	Key       masking.Key // its own
	Situation Situation   // the transaction and both parties; no cards
}

// CaseFilter selects cases; empty members select nothing.
type CaseFilter struct {
	Transaction TransactionID
	Party       PartyID
	States      []states.State // any of them; empty: all
	Assigned    string         // an account
	Unassigned  bool
	Waiting     bool   // for the staff
	Second      bool   // for the second person of the staff
	NotBy       string // the account that has proposed what is proposed in it
	OpenOnly    bool
	Overdue     bool
	Now         time.Time
	After       string
	Limit       int
}

// CaseLine is a line of a queue.
type CaseLine struct {
	CaseRecord

	Transaction   TransactionID
	Buyer, Seller PartyID
}
