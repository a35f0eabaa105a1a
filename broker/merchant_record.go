package broker

import (
	"context"
	"fmt"
	"slices"
	"time"

	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// MerchantRecord is a registration as the store holds it: checked against its MAC,
// and without any value.
type MerchantRecord struct {
	Row     Row
	ID      MerchantID
	Party   Row
	Version int64 // as many as entries about it
	MerchantFacts
}

// MerchantFacts are what the next move depends on. Its state is that of the last
// entry; what time has made of it since, At says.
type MerchantFacts struct {
	State        states.State           `json:"state"`
	Jurisdiction merchants.Jurisdiction `json:"jurisdiction"`
	Type         merchants.Type         `json:"type"`
	Timer        states.Timer           `json:"timer,omitempty"`
	Deadline     time.Time              `json:"deadline,omitzero"`     // when the state ends by itself: the sooner of the next two and the law's
	StateTimer   states.Timer           `json:"state_timer,omitempty"` // of the state alone
	StateEnds    time.Time              `json:"state_ends,omitzero"`
	CreatedAt    time.Time              `json:"created_at"`
	UpdatedAt    time.Time              `json:"updated_at"`
	Since        time.Time              `json:"since"`   // when it came to where it is
	Given        int                    `json:"given"`   // how many versions there are
	Current      int                    `json:"current"` // the one that counts: of an amendment that was dropped, the one before
	// Assessed is what the pack says of that one.
	Assessed   merchants.Assessment  `json:"assessed"`
	Others     []string              `json:"others,omitempty"`     // why a second person was needed for it, because of other registrations
	Conditions []merchants.Condition `json:"conditions,omitempty"` // that the broker knows of

	Approved     int                   `json:"approved,omitzero"` // the version that people approved last
	ApprovedAt   time.Time             `json:"approved_at,omitzero"`
	ApprovedStep int64                 `json:"approved_step,omitzero"`
	ApprovedFor  []merchants.Condition `json:"approved_for,omitempty"` // what held then
	Known        []string              `json:"known,omitempty"`        // what two people knew then of its party's safety
	Checks       []FieldCheck          `json:"checks,omitempty"`
	Shown        bool                  `json:"shown,omitzero"` // it is public
	ShownAt      time.Time             `json:"shown_at,omitzero"`
	Hidden       []merchants.Pointer   `json:"hidden,omitempty"` // of the approved version, by what was given since

	Owed       string    `json:"owed,omitempty"`       // what is due by law
	Must       time.Time `json:"must,omitzero"`        // by when it has to be verified, whatever its state
	ReverifyAt time.Time `json:"reverify_at,omitzero"` // of the last approval
	KeptUntil  time.Time `json:"kept_until,omitzero"`  // nobody has to keep it any longer
	ClosingAt  time.Time `json:"closing_at,omitzero"`  // since when it says that it closes

	Taken        string            `json:"taken,omitempty"`
	Opened       []string          `json:"opened,omitempty"` // the accounts that have opened the version that counts
	Marked       string            `json:"marked,omitempty"` // it was suspended, or rejected, and that stands
	Blamed       bool              `json:"blamed,omitzero"`  // people have suspended it since it was public last
	Question     string            `json:"question,omitempty"`
	Asked        int64             `json:"asked,omitempty"` // the step whose note is to the merchant: what is asked, in words
	Proposal     *MerchantProposal `json:"proposal,omitempty"`
	Deciders     []string          `json:"deciders,omitempty"` // of the last decision
	Behind       []string          `json:"behind,omitempty"`   // accounts that have made those
	Barred       []string          `json:"barred,omitempty"`   // who decided what was appealed: all their hands
	DecidedAt    time.Time         `json:"decided_at,omitzero"`
	Reason       string            `json:"reason,omitempty"`
	Reasoned     int64             `json:"reasoned,omitempty"`     // the step whose note is to the merchant: the reason, in words
	Suspected    bool              `json:"suspected,omitzero"`     // people have suspended it for fraud since it was public last
	Appealed     bool              `json:"appealed,omitzero"`      // the last decision was
	OfSuspension bool              `json:"of_suspension,omitzero"` // and it was a suspension
	Documents    int               `json:"documents,omitzero"`
	Notes        int               `json:"notes,omitzero"` // of what is erased: so many there were

	// Newest is the leaf hash of the newest entry about it.
	Newest []byte `json:"newest"`
}

// What is due by law.
const (
	owedThreshold = "threshold"
	owedReverify  = "reverification"
)

// IsOpen says that it waits for one of the staff.
func (r *MerchantRecord) IsOpen() bool {
	return slices.Contains([]states.State{merchants.InReview, merchants.Proposed, merchants.Appealed}, r.State)
}

// notDue says that nothing is due by law.
func (r *MerchantRecord) notDue(now time.Time) bool {
	return r.Owed == "" && (r.ReverifyAt.IsZero() || now.Before(r.ReverifyAt))
}

// holds answers those of the machine's questions that the record itself can.
func (r *MerchantRecord) holds(g states.Guard, now time.Time) (is, known bool) {
	switch g {
	case merchants.IsPublished:
		return r.Shown, true
	case merchants.NotDue:
		return r.notDue(now), true
	case merchants.WasActive, merchants.NeverActive:
		return (r.Approved > 0) == (g == merchants.WasActive), true
	case merchants.InTime:
		return now.Before(r.DecidedAt.AddDate(0, appealMonths, 0)), true
	case merchants.FirstAppeal:
		return !r.Appealed, true
	case merchants.OfSuspension:
		return r.OfSuspension, true
	case merchants.Unsuspected:
		return !r.Suspected, true
	case merchants.NothingNew:
		return r.Current == r.Approved, true
	}
	return false, false
}

// appealMonths is how long a decision about a merchant can be appealed.
const appealMonths = 6

// At is the registration as time has made it: a deadline that has passed has
// happened, whether or not anybody has written that down yet. What begins then
// begins when it is written down and told.
func (r *MerchantRecord) At(now time.Time) MerchantRecord {
	x := *r
	for _, t := range r.passed(now) {
		row, err := merchants.Life.Next(x.State, merchants.Life.Timers[t], merchants.ByClock, func(g states.Guard) bool {
			is, _ := r.holds(g, now)
			return is
		})
		if err != nil {
			continue // it waits for something that is not known here
		}
		x.State, x.Timer, x.Deadline = row.After(x.State), "", time.Time{}
		x.Shown = x.Shown && !row.Has(merchants.Unpublish)
		if row.Has(merchants.DropNew) {
			x.Current = x.Approved
		}
		break
	}
	return x
}

// MerchantVersion is one version of a registration, sealed.
type MerchantVersion struct {
	Merchant Row
	Version  int
	MerchantVersionFacts

	Value      []byte // sealed under the party's key
	Commitment []byte
}

// MerchantVersionFacts are what was said of it when it was given.
type MerchantVersionFacts struct {
	At       time.Time            `json:"at"`
	Assessed merchants.Assessment `json:"assessed"`
	// Tags are those of its identifying numbers, by their pointers.
	Tags []NumberTag `json:"tags,omitempty"`
}

// NumberTag finds other registrations with a number again, without it.
type NumberTag struct {
	Pointer merchants.Pointer `json:"pointer"`
	Tag     []byte            `json:"tag"`
}

// SealedDocument is a document at rest.
type SealedDocument struct {
	Merchant Row
	MerchantDocument

	Original, Derivative []byte // sealed under the party's key
}

// FoundMerchant is a registration with the party whose it is.
type FoundMerchant struct {
	MerchantRecord

	Of PartyRecord
}

// MerchantStore is what registrations need of a store.
type MerchantStore interface {
	// MerchantByID finds a registration with its party, MerchantByRow by its number.
	MerchantByID(ctx context.Context, id MerchantID) (*FoundMerchant, error)
	MerchantByRow(ctx context.Context, r Row) (*FoundMerchant, error)
	// MerchantVersion finds one version, still sealed.
	MerchantVersion(ctx context.Context, r *MerchantRecord, version int) (*MerchantVersion, error)
	// MerchantsOf lists those of a party, oldest first.
	MerchantsOf(ctx context.Context, party Row) ([]MerchantRecord, error)
	// MarkedOf lists those of a party that were suspended or rejected, or are about to
	// end, at most so many.
	MarkedOf(ctx context.Context, party, but Row, most int) ([]MerchantRecord, error)
	// NumberTag is the keyed hash that a number is found by.
	NumberTag(n merchants.Number) []byte
	// MerchantsWith lists other registrations that have one of these numbers in any of
	// their versions, each with the tags that are its own: at most so many, and of those
	// that are over only such as are marked, these first. For each of the tags it counts
	// all others that have it.
	MerchantsWith(ctx context.Context, tags [][]byte, but Row, most int) (found []TaggedMerchant, counts []int, err error)
	// OpenMerchants lists what waits for one of the staff, what waits longest first.
	OpenMerchants(ctx context.Context, f ReviewFilter) (found []FoundMerchant, next string, err error)
	// MerchantEntries are the entries about a registration, in the order of the log.
	MerchantEntries(ctx context.Context, f *FoundMerchant) ([]Recorded, error)
	// MerchantEntry is the index of the entry that made a version of the record.
	MerchantEntry(ctx context.Context, r *MerchantRecord, version int64) (int64, error)
	// MerchantDocuments lists documents without their bytes; MerchantDocumentAt finds one.
	MerchantDocuments(ctx context.Context, r *MerchantRecord) ([]MerchantDocument, error)
	MerchantDocumentAt(ctx context.Context, r *MerchantRecord, n int) (*SealedDocument, error)
}

// TaggedMerchant is a registration that has some of the numbers that were looked for.
type TaggedMerchant struct {
	MerchantRecord

	Name PartyID
	Tags [][]byte
}

// MerchantLabel owns what is sealed of a registration.
func MerchantLabel(id MerchantID) string { return "merchant/" + string(id) }

func (b *Broker) registrationLabel(id MerchantID, version int) masking.Label {
	return masking.Label{Origin: b.Origin, Owner: MerchantLabel(id), Field: "registration", Version: version}
}

// openVersion opens a version, and checks it against its commitment.
func (b *Broker) openVersion(f *FoundMerchant, v *MerchantVersion) (*merchants.Registration, error) {
	o, err := b.openValue(f.Of.Key, &SealedValue{
		Label: b.registrationLabel(f.ID, v.Version), Sealed: masking.Sealed{Value: v.Value, Commitment: v.Commitment},
	})
	if err != nil {
		return nil, err
	}
	r, err := merchants.ParseKept(o.Value().Text)
	if err != nil {
		return nil, fmt.Errorf("open version %d of %s: %w", v.Version, f.ID, err)
	}
	return r, nil
}
