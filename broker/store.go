package broker

import (
	"context"
	"time"

	"bauta.dev/bauta/broker/budget"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// Row is a store's own time-ordered number for a party, a transaction or a key.
type Row int64

// AnyRow is nobody's number: whoever it is.
const AnyRow Row = 0

// PartyRecord is a party as the store holds it: checked against its MAC, its
// key unwrapped, its values still sealed.
type PartyRecord struct {
	Row     Row
	Version int64 // 0: not stored yet
	Key     masking.Key
	Masks   []byte // the masks of all current values, sealed as one
	Party
}

// TransactionRecord likewise.
type TransactionRecord struct {
	Row Row
	Key masking.Key
	Transaction
}

// SealedValue is one current value version with the label that it was sealed under.
type SealedValue struct {
	Use    Use
	Label  masking.Label
	Sealed masking.Sealed
	Index  masking.Text // what the keyed index is made of; only on the way in
}

// Card is what was written of one owner's contact at one time. An owner's
// version numbers its cards.
type Card struct {
	Owner   Row
	Side    Side
	Version int
	Values  []SealedValue
}

// Situation is everything that one decision needs, read in one round trip.
type Situation struct {
	Transaction TransactionRecord
	Buyer       PartyRecord
	Seller      PartyRecord
	Cards       []Card // of the side that was asked for: its own, and its part of the transaction's contacts
	Policy      int64  // the policy set in force, as numbered by the store
	WasDisputed bool   // decide as if a case that is over were open
	Head        int64  // size of the log when all this was read; 0: the store does not say
}

// Party is the record of one side.
func (s *Situation) Party(r necessity.Role) *PartyRecord {
	if r == necessity.Buyer {
		return &s.Buyer
	}
	return &s.Seller
}

// Part of a party's cards: reading masks has no use for sealed values.
type Part bool

// Parts of cards.
const (
	MasksOnly Part = false
	Complete  Part = true
)

// Whose says which side's cards a situation carries.
type Whose bool

// Cards of the named party itself, or of its counterparty.
const (
	Counterpartys Whose = false
	TheirOwn      Whose = true
)

// GrantState is where a grant stands; expiry is not a state, it is a comparison.
type GrantState string

// States that are stored. Expired and used up are derived.
const (
	Live      GrantState = "live"
	Revoked   GrantState = "revoked"
	Suspended GrantState = "suspended"
)

// Grant is what a granted disclosure carries.
type Grant struct {
	Disclosure  DisclosureID
	Transaction Row
	State       GrantState
	ViewsLeft   int
	Version     int64
}

// Found is a disclosure as the store finds it, with the situation as it is now.
type Found struct {
	Decided   // opened from the statement that its ledger entry is about
	Entry     []byte
	Statement ledger.Statement // what the entry says, to all audiences together
	Grant     *Grant
	Place     ledger.Place
	Looks     []Look // each moment that values left
	Situation Situation
}

// Look is one moment that values of a disclosure left, and its entry.
type Look struct {
	At       time.Time
	Index    int64
	Openings bool // what proves the values to others was handed out with them
}

// Performance is one attested, claimed or reversed part of an obligation.
type Performance struct {
	Transaction Row
	Obligation  Obligation
	Reversal    bool
	Reference   string
	Quantity    Quantity
	PerformedAt time.Time
	By          PartyID  // whose word it is; empty for the platform
	Signed      bool     // and that party signed for it
	Source      string   // the attesting key's source; "import" for the operator's hand
	Returns     Quantity // of a payment back with the same reference: what this one takes back
	View        ObligationView
}

// Outcome is what a POST with an idempotency key led to.
type Outcome struct {
	Key, Body [16]byte // keyed hashes
	Word      *Word    // of who asks, with this request; it is not kept
	Kind      string
	ID        string // of the outcome: never a value
	At        time.Time
	Index     int64 // of its entry; the committer knows it
}

// Record is one entry, ready to be appended: nothing in it depends on where.
type Record struct {
	Entry     []byte
	Statement []byte // sealed under the narrowest key that fits, bound to the entry
	Type      ledger.Type
	At        time.Time
}

// Write is one request to the committer: an entry, the rows that belong to it,
// and what must still be so for it to be written at all.
type Write struct {
	Record Record

	// First is written just before it, in the same commit or not at all.
	First *Write

	// Expected versions, as the situation had them; a party or transaction with
	// Version 0 must not exist.
	ExpectParties     []*PartyRecord
	ExpectTransaction *TransactionRecord
	ExpectGrants      *int   // how many grants the transaction had
	ExpectPolicy      int64  // 0: the write does not depend on it
	ExpectProposal    *int64 // the newest proposal; 0: there is none

	Party       *PartyRecord       // as it is to be
	Side        *PartyRecord       // likewise, of a side of a transaction that the entry is kept with
	About       *PartyRecord       // whose entry it is, where nothing of the party changes
	Transaction *TransactionRecord // as it is to be
	Cards       []Card
	Performed   []Performance
	Disclosure  *Decided
	Of          *Situation // the situation whose rows the write belongs to; nil for a party's
	Grants      []Grant    // new ones are version 1; of a changed one the version before must be there
	Openings    bool       // of a view: what proves the values is handed out with them
	Once        *Outcome
	Charges     []budget.Charge // what is spent by it, if that is within the budgets
	TakenBack   []DisclosureID  // that were revealed, and counted twice more by it
	Anomaly     *Anomaly        // written unless it is noted already
	Noted       []*Write        // anomalies that go with this write: each is written by itself, and as a rule in the same commit
	Key         *APIKey
	Account     *AccountRecord // as it is to be; one of Version 1 must not exist
	Notice      *AccountNotice // for those who watch over accounts
	Policy      *PolicySet     // a policy set that changes its state; its number is the entry's
	Note        *SealedValue   // free text of a transaction, sealed under its key
	Notices     []Notice       // said to whoever listens; nobody does: no row
	Timers      []Timer
	Moved       []Row // transactions, besides its own, of which what waits for its time is looked at again

	// Request is a disclosure's record as it is to be; version 1 must not be there
	// yet, of any other the version before must be.
	Request        *Request
	ExpectRequests *Waiting // how many of the requester's requests waited
	Decides        *Decided // the disclosure's row points at this entry from now on

	// Merchant is a registration's record as it is to be; version 1 must not be there
	// yet, of any other the version before must be.
	Merchant   *MerchantRecord
	Registered *MerchantVersion // a version of it
	// ExpectTagged says of each of its tags how many others had it.
	ExpectTagged []int
	Document     *SealedDocument // of it
	// Erases takes all of its versions, numbers, documents and notes away.
	Erases *MerchantErasure

	// Case is a case's record as it is to be; version 1 must not be there yet, of any
	// other the version before must be. Its transaction is Of's.
	Case     *CaseRecord
	CaseKey  masking.Key     // of a new one
	Evidence *SealedEvidence // of it

	// Glass is a break-glass session's record as it is to be; version 1 must not be there
	// yet, of any other the version before must be. Its transaction is Of's.
	Glass         *GlassRecord
	ExpectGlasses *GlassOf // how many sessions an account had ever opened

	Word           *Word     // the token that the write takes: ErrTokenUsed if it was taken before
	ExpectGrantsOf *GrantsOf // how many grants one party had on another's data
}

// Waiting counts the requests of one requester about a transaction that wait for a
// first decision at a moment.
type Waiting struct {
	Transaction, Requester Row
	At                     time.Time
	Count                  int
}

// GrantsOf counts the grants, of any state, that a requester has on a subject's
// data, or that anybody has.
type GrantsOf struct {
	Subject, Requester Row
	Count              int
}

// Filter selects disclosures; empty members select nothing.
type Filter struct {
	Transaction        TransactionID
	Requester, Subject PartyID
	Decision           string
	Loose              bool // only grants that are not revoked, and requests that are open
	After              string
	Limit              int
}

// Store keeps it all. Every method fails with fault.Unavailable when the
// database can't be reached, with ErrNotFound for what is not there, and with
// an internal error for a row whose MAC is wrong.
type Store interface {
	RequestStore
	AccountStore
	PolicyStore
	SubjectStore
	ExportStore
	MerchantStore
	CaseStore
	DeskStore
	GlassStore
	OverviewStore
	// NewRow numbers a party or transaction that is about to be written.
	NewRow(ctx context.Context) (Row, error)
	// NewRows numbers n of them at once.
	NewRows(ctx context.Context, n int) ([]Row, error)
	// Party finds a party with its current cards, or the part of them that is asked for.
	Party(ctx context.Context, id PartyID, part Part) (*PartyRecord, []Card, error)
	// PartiesToLift are those of whom somebody has proposed that they may ask again, by
	// their names after the one, without masks.
	PartiesToLift(ctx context.Context, after PartyID, limit int) ([]PartyRecord, error)
	// Situation finds a transaction with both sides and one side's cards, those
	// of the party or of its counterparty. For a stranger it has no cards, and
	// takes as long.
	Situation(ctx context.Context, id TransactionID, party PartyID, whose Whose) (*Situation, error)
	// Disclosure finds a disclosure with its situation and the subject's cards.
	Disclosure(ctx context.Context, id DisclosureID) (*Found, error)
	// Disclosures lists in order of time, newest first; next is empty at the end.
	Disclosures(ctx context.Context, f Filter) (found []Found, next string, err error)
	// Grants lists the grants of a transaction, of any state, each with its disclosure.
	Grants(ctx context.Context, t *TransactionRecord) ([]Found, error)
	// TakenBack says which of these were taken back already.
	TakenBack(ctx context.Context, ids []DisclosureID) (map[DisclosureID]bool, error)
	// GrantsOf lists the live grants that a requester, or AnyRow, has on a subject's
	// data, and says how many grants of any state there are.
	GrantsOf(ctx context.Context, subject, requester Row) (live []Found, all int, err error)
	// Performance finds what a reference was used for.
	Performance(ctx context.Context, t Row, o Obligation, reversal bool, reference string) (*Performance, error)
	// Outcome finds what an idempotency key led to in the last 24 hours.
	Outcome(ctx context.Context, key [16]byte) (*Outcome, error)
	// Remember keeps an outcome that changed nothing, and so has no entry; if the
	// key has one already, that stays.
	Remember(ctx context.Context, o *Outcome) error
	// SpendWord takes a party's token for what leaves no entry; ErrTokenUsed if it was
	// taken before. For the outcome that is told again it may have been: then before.
	SpendWord(ctx context.Context, w *Word, again *Outcome) (before bool, err error)
	// TakenFor is the index of the entry that a party's token was taken for;
	// ErrNotFound if it was taken for none.
	TakenFor(ctx context.Context, w *Word) (int64, error)
	// Place is where the entry of an outcome stands.
	Place(ctx context.Context, o *Outcome) (ledger.Place, error)
	// Recorded reads entries whose statements are kept under a transaction's key,
	// in the order of the log; what is not such an entry is an internal error.
	Recorded(ctx context.Context, t *TransactionRecord, indexes []int64) ([]Recorded, error)
	// Statement opens what the entry at an index says with the key that keeps it;
	// ErrNotFound where there is no entry.
	Statement(ctx context.Context, index int64, keeper masking.Key) (ledger.Statement, error)
	// StatementAt is what an entry says, whoever it is kept with.
	StatementAt(ctx context.Context, index int64) (ledger.Statement, error)
	// WitnessedProof shows that this very entry is in the log, under the checkpoint that
	// convinces most: the one that most witnesses have cosigned, else the newest.
	WitnessedProof(ctx context.Context, index int64, entry []byte) (ledger.Proof, error)
	// WitnessedProofs is the same of several entries, in the order of the log.
	WitnessedProofs(ctx context.Context, entries []Recorded) ([]ledger.Proof, error)
	// Count counts what leaves no entry against a budget, or fails with ErrLimited. It
	// remembers an outcome with that; ErrConflict if that was remembered before.
	Count(ctx context.Context, d budget.Day, most int, now time.Time, once *Outcome) error
	// Commit makes a write durable, or fails: ErrStale when something that was
	// expected has moved, an OverBudgetError when it would spend too much, ErrTokenUsed
	// when the party's token was taken before. A commit whose
	// outcome is unknown is a failed one. It may outlive ctx: a caller that
	// stops waiting has learnt nothing, and reveals nothing.
	Commit(ctx context.Context, w *Write) (ledger.Place, error)
}

// APIKey is a credential of the marketplace. The secret itself is never stored.
type APIKey struct {
	ID        string
	Scopes    []string
	Source    string // of what an attest key attests: payment, carrier, …
	Secret    []byte // keyed hash
	CreatedAt time.Time
	RevokedAt time.Time
}
