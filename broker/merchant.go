package broker

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// A merchant is a party that says who it is: what the law of its market makes
// public of that is shown to everybody once people have verified it, and the rest
// is sealed under the party's key. What has to be given, and what of it is public,
// package merchants says; here is what happens to a registration, and its record.

// MerchantID is "mer_" and 26 characters, made like those of disclosures.
type MerchantID string

const merchantPrefix = "mer_"

// IsMerchantID says whether a text has the form of such an id.
func IsMerchantID(s string) bool {
	_, ok := idBytes(s, merchantPrefix)
	return ok
}

func (b *Broker) newMerchantID(now time.Time) (MerchantID, error) {
	id, err := b.newID(now)
	return MerchantID(merchantPrefix + strings.TrimPrefix(string(id), disclosurePrefix)), err
}

// MerchantInput is a registration, and whose it is: a party that is not there yet
// is made from it, and without a party its own id is the party's.
type MerchantInput struct {
	Party PartyID
	merchants.Registration
}

// MerchantPatch changes a registration. What stands at or under a pointer of
// Removed is taken away first: a list is replaced as a whole. Members that are nil
// stay as they are.
type MerchantPatch struct {
	Type           *merchants.Type
	Values         map[merchants.Pointer]masking.Text
	Removed        []merchants.Pointer
	Residential    *bool
	Certifications *[]string
}

// MerchantMove is an event that somebody wants to happen to a registration.
type MerchantMove struct {
	Event  states.Event
	Reason string // a code of MerchantReasons
	Note   masking.Text
	Checks []FieldCheck // of an approval, or what one person proposes to approve
	Hash   []byte       // of an approval by a second person: what he has looked at
}

// FieldCheck says how one field was verified; without a pointer, all those that no
// other check is about.
type FieldCheck struct {
	Pointer merchants.Pointer `json:"pointer,omitempty"`
	Source  string            `json:"source"` // of CheckSources
	Method  string            `json:"method"` // of CheckMethods
	At      time.Time         `json:"at"`
}

// CheckSources are where a field can have been verified, and CheckMethods how.
func CheckSources() []string {
	return []string{"company_register", "tax_authority", "document", "gleif", "bank", "merchant", "other"}
}

// CheckMethods are how.
func CheckMethods() []string { return []string{"looked_up", "compared", "contacted", "declared"} }

// MerchantView is a registration as its merchant sees it, and as staff do. It
// holds no value: what is public stands in the public profile.
type MerchantView struct {
	ID           MerchantID
	Party        PartyID
	Jurisdiction merchants.Jurisdiction
	Type         merchants.Type
	State        states.State
	Allowed      []states.Event      // what the reader could do
	Version      int                 // of the registration
	Published    int                 // the version that is public; 0: none is
	Hidden       []merchants.Pointer // of that one, what the merchant has made private since
	Pack         string
	Fields       []merchants.FieldOutcome // of the newest version, in the pack's order
	Question     string                   // what the merchant is asked for, a code
	Asks         masking.Text             // the same in the words of who asks; zero to staff, who open notes by an entry
	Reason       string                   // of the last decision, a code
	Reasons      masking.Text             // the same in the words of who decided; zero to staff
	Deadline     time.Time                // when the state ends by itself
	Timer        states.Timer             // and which deadline that is
	Documents    []MerchantDocument
	CreatedAt    time.Time
	UpdatedAt    time.Time
	Place        ledger.Place // of the entry that was just written; zero for a read
}

// PublicMerchant is what everybody may read of a merchant.
type PublicMerchant struct {
	ID           MerchantID
	Jurisdiction merchants.Jurisdiction
	Type         merchants.Type
	Version      int
	ApprovedAt   time.Time
	UpdatedAt    time.Time // when what is shown changed last
	Closing      bool      // a public notice: it closes
	ClosesAt     time.Time
	Entry        int64 // of the approval, in the ledger
	Fields       []PublicMerchantField
}

// PublicMerchantField is one of them, with who says that it is so.
type PublicMerchantField struct {
	merchants.PublicField

	VerifiedBy string // the source, of CheckSources
	Method     string // of CheckMethods
	VerifiedAt time.Time
}

// MerchantReview is one case on a reviewer's table, without values: opening those
// is an entry of its own.
type MerchantReview struct {
	MerchantView

	Taken      string              // the account that works on it
	Since      time.Time           // when it came to where it is
	Two        bool                // a second person is needed
	Because    []string            // what for: SecondReasons
	Duplicates []MerchantDuplicate // the first of them
	More       int                 // how many others have one of its numbers, or had it, beside those
	Cautions   []string            // what is known of its party's safety
	Proposal   *MerchantProposal
	Hash       []byte // of what approving would do now
	Owed       string // what is due by law: threshold, reverification
	Contested  bool   // several could do the same with it now, whoever looks among them
	History    []MerchantEvent
}

// MerchantDuplicate is another registration with one of the same numbers; or one of
// the same party that was suspended or rejected, or is about to end.
type MerchantDuplicate struct {
	Merchant MerchantID
	Party    PartyID
	State    states.State
	Marked   string              // suspended or rejected: it was, and that stands
	Reason   string              // of its last decision
	Pointers []merchants.Pointer // of this registration's numbers; none: it is of the same party
}

// MerchantProposal is what one reviewer wants to be approved.
type MerchantProposal struct {
	By     string       `json:"by"`
	Hands  []string     `json:"hands"`
	Hash   []byte       `json:"hash"`
	Reason string       `json:"reason"`
	Checks []FieldCheck `json:"checks"`
}

// MerchantEvent is one entry about a registration.
type MerchantEvent struct {
	Index    int64
	At       time.Time
	Type     ledger.Type
	Event    states.Event // of a move
	From, To states.State
	By       states.Actor
	Account  string // for staff and auditors alone
	Reason   string
	Version  int    // of the registration
	Document int    // its number
	Role     string // of who opened something
	Purpose  string // what for
}

// MerchantValues is a version opened, with the entry that says so.
type MerchantValues struct {
	MerchantInput

	ID      MerchantID
	Version int
	Notes   []MerchantNote // to staff alone: what was written about it, oldest first
	Place   ledger.Place
}

// MerchantDocument is a document that a merchant has given, without its bytes.
type MerchantDocument struct {
	N          int       `json:"n"` // from 1
	Kind       string    `json:"kind"`
	Media      string    `json:"media"`      // of the original, as sniffed
	Bytes      int       `json:"bytes"`      // of the original
	Original   []byte    `json:"original"`   // SHA-256 of what was given
	Derivative []byte    `json:"derivative"` // SHA-256 of what others open
	Shows      string    `json:"shows"`      // media type of the derivative
	Expires    time.Time `json:"expires,omitzero"`
	At         time.Time `json:"at"`
}

// DocumentInput is a document on its way in. Its hashes are made here.
type DocumentInput struct {
	Kind       string // of DocumentKinds
	Expires    time.Time
	Media      string // of the original
	Original   []byte
	Shows      string // media type of the derivative
	Derivative []byte // stripped of all that is not the picture
}

// Format hides what a document shows, whatever prints it.
func (in DocumentInput) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, masking.Hidden) }

// DocumentKinds are what a document can be.
func DocumentKinds() []string {
	return []string{"licence", "register_extract", "permit", "identity", "address_proof", "tax", "bank", "other"}
}

// OpenedDocument is the derivative of one, with the entry that says so.
type OpenedDocument struct {
	MerchantDocument

	Content []byte
	Place   ledger.Place
}

// Format hides what it shows, whatever prints it.
func (d OpenedDocument) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, masking.Hidden) }

// ReviewFilter selects what waits for a reviewer; empty members select nothing.
type ReviewFilter struct {
	State        states.State
	Jurisdiction merchants.Jurisdiction
	Taken        string // by this account
	After        string
	Limit        int
}

// roleReviewer is who looks at registrations; a lead confirms.
const roleReviewer = "merchant_reviewer"

func (s *Staff) reviews() bool { return s.Role == roleReviewer || s.Role == roleLead }

func (s *Staff) readsReviews() bool {
	return s.reviews() || s.Role == rolePrivacy || s.Role == roleAuditor
}

// MerchantReasons are the codes that an event has to be given one of; none for
// events that need no reason.
func MerchantReasons(e states.Event) []string {
	switch e {
	case merchants.Ask:
		return []string{"document_missing", "document_unclear", "number_differs", "name_differs", "address_differs", "authority_unclear", "other"}
	case merchants.Approve, merchants.Propose, merchants.Overturn:
		return []string{"verified", "declared"}
	case merchants.SendBack:
		return []string{"check_missing", "document_unclear", "mistake"}
	case merchants.Reject, merchants.Uphold:
		return []string{"not_verified", "number_not_found", "not_the_holder", "duplicate", fraudSuspected, "other"}
	case merchants.Suspend:
		return []string{fraudSuspected, "data_false", "licence_ended", "authority_order", "other"}
	case merchants.Reinstate:
		return []string{"cured", "mistake"}
	case merchants.Reverify:
		return []string{"licence_ended", "data_doubted", "authority_order", "other"}
	case merchants.Appeal:
		return []string{"new_facts", "mistake", "unfair"}
	case merchants.Close, merchants.Withdraw:
		return []string{"trade_ended", "moved", "other"}
	}
	return nil
}

// saysNothing is the reason that needs words beside it where a merchant reads it.
const saysNothing = "other"

// NoteIsToMerchant says of what staff do whether what they write with it is for the
// merchant: what it is asked, and why it was decided against it.
func NoteIsToMerchant(e states.Event) bool {
	return slices.Contains([]states.Event{merchants.Ask, merchants.Reject, merchants.Suspend, merchants.Uphold}, e)
}

// ReviewEvents are what staff can do with a registration.
func ReviewEvents() []states.Event {
	var all []states.Event
	for i := range merchants.Life.Rows {
		r := &merchants.Life.Rows[i]
		if (slices.Contains(r.By, merchants.ByReviewer) || slices.Contains(r.By, merchants.BySecond)) && !slices.Contains(all, r.On) {
			all = append(all, r.On)
		}
	}
	return all
}
