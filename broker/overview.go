package broker

import (
	"context"
	"errors"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
)

// Overview is how the work stands: counts alone, of nobody in particular.
type Overview struct {
	At         time.Time
	Open       []CaseCount // by state
	Weeks      []DecidedWeek
	Asked      []PurposeCount // disclosures of the last 30 days
	Denied     []ReasonCount  // of those that were refused
	Counted    int            // of them, the newest first
	Incomplete bool           // there were more
	Waiting    int64          // notices that no endpoint has taken yet
	GivenUp    int64          // and those that none will be asked to take again
	Glass      int            // break-glass sessions of the last 30 days
	Unreviewed int            // of all there ever were, those that are over and that nobody has reviewed
	GlassWeeks []GlassWeek
	Requests   RequestCounts // of disclosure requests, the most urgent MostAskedCounted; Second: for whichever second person
}

// CaseCount is how many cases are in a state, and of how many of them something is overdue.
type CaseCount struct {
	State        string
	All, Overdue int
}

// DecidedWeek is what was first decided in a week, which begins on a Monday in UTC.
type DecidedWeek struct {
	From        time.Time
	Decided     int
	Median, P90 time.Duration // from when the case was opened
	Heard       int           // of them, those that were decided on appeal as well
	Overturned  int           // and of those, otherwise
}

// GlassWeek is the break-glass sessions that were opened in a week.
type GlassWeek struct {
	From                       time.Time
	Reviewed, Unreviewed, Open int // as they are now
}

// PurposeCount is what came of the requests for a purpose.
type PurposeCount struct {
	Purpose                   necessity.Purpose
	Granted, Pending, Refused int
}

// All is how many there were.
func (c *PurposeCount) All() int { return c.Granted + c.Pending + c.Refused }

// ReasonCount is how often a rule refused.
type ReasonCount struct {
	Reason necessity.Reason
	N      int
}

// Windows of the overview.
const (
	OverviewWeeks = 12
	OverviewDays  = 30
	// MostCounted bounds the disclosures whose entries are opened for it.
	MostCounted = 5000
)

// OverviewStore counts.
type OverviewStore interface {
	// Overview counts as of a time: the cases that are open, the decisions of the weeks
	// before, and of the disclosures of the last days the newest.
	Overview(ctx context.Context, now time.Time) (*Overview, error)
	// StatementKept is what an entry says, whoever it is kept with, the deployment too.
	StatementKept(ctx context.Context, index int64) (ledger.Statement, error)
}

// Overview is how the work stands, for the people who do it.
func (b *Broker) Overview(ctx context.Context, s Staff) (*Overview, error) {
	if !s.reads() {
		return nil, ErrRole
	}
	return b.Store.Overview(ctx, b.now())
}

// EntryAt is what an entry of the ledger, of a kind, says to one audience; nothing where that
// has no part in it. ErrNotFound where the key that it is kept under is gone, and ErrRole
// where it says what this person reads nowhere else.
func (b *Broker) EntryAt(ctx context.Context, s Staff, index int64, kind ledger.Type, of ledger.Audience) (at time.Time, seen ledger.Object, err error) {
	if !s.reads() || !s.readsKind(kind) {
		return at, nil, ErrRole
	}
	st, err := b.Store.StatementKept(ctx, index)
	if err == nil && st.Type != kind {
		return at, nil, ErrRole
	}
	if err == nil && s.Role == roleHandler && isGlass(kind) {
		err = b.ownGlass(ctx, &s, GlassID(st.Members.String("session")))
	}
	if errors.Is(err, ErrNotFound) && s.Role == roleHandler && isGlass(kind) {
		return at, nil, ErrRole
	}
	if err != nil {
		return at, nil, err
	}
	return st.At, st.Seen(of), nil
}

func (b *Broker) ownGlass(ctx context.Context, s *Staff, id GlassID) error {
	r, err := b.Store.GlassByID(ctx, id)
	if err == nil && r.Account != s.Account {
		return ErrNotFound
	}
	return err
}

func isGlass(kind ledger.Type) bool {
	return kind == ledger.GlassBroken || kind == ledger.GlassViewed || kind == ledger.GlassEnded || kind == ledger.GlassReviewed
}

// readsKind says whether what entries of a kind say is for this person. A handler reads what
// stands on the pages of transactions, requests and cases as well, and his own sessions:
// who is at risk, excluded or registered, and what was done with accounts, is for those who
// lead and for auditors.
func (s Staff) readsKind(kind ledger.Type) bool {
	if s.Role != roleHandler || isGlass(kind) {
		return true
	}
	switch kind {
	case ledger.TransactionWritten, ledger.PerformanceRecorded, ledger.PerformanceReversed, ledger.TransactionCompleted, ledger.TransactionCancelled, ledger.HistoryImported,
		ledger.DisclosureDecided, ledger.DisclosureViewed, ledger.GrantRevoked, ledger.DisclosureObjected,
		ledger.RequestMoved, ledger.DecisionProposed, ledger.DecisionMade, ledger.DecisionAppealed, ledger.StaffViewed,
		ledger.CaseOpened, ledger.CaseMoved, ledger.CaseProposed, ledger.CaseDecided, ledger.CaseClosed, ledger.CaseTurned, ledger.CaseRevealed,
		ledger.EvidenceStored, ledger.EvidenceOpened, ledger.BundleMade:
		return true
	default:
		return false
	}
}

// PolicySets are all changes of the policy set, oldest first, without texts.
func (b *Broker) PolicySets(ctx context.Context) ([]PolicySet, error) {
	return b.Store.PolicyHistory(ctx)
}

// PermitsOf are the permits of a set that is or was in force, or proposed.
func (b *Broker) PermitsOf(ctx context.Context, version string) ([]necessity.Permit, error) {
	set, err := b.Store.PolicyByVersion(ctx, version)
	if err != nil {
		return nil, err
	}
	return necessity.Permits(set.Permits)
}
