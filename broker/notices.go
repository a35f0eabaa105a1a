package broker

import (
	"fmt"
	"io"
	"slices"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
)

// NoticeKind is what a notice says. Its number is stored, and never changes.
type NoticeKind int16

// Kinds of notices. Each has its row in noticeKinds.
const (
	DisclosureGranted NoticeKind = iota + 1
	DisclosureRefused
	DisclosurePending
	DisclosureDecidedByPerson
	DisclosureViewedByStaff
	GrantSuspended
	GrantRevoked
	GrantExpiring
	GrantExpired
	InformationNeeded
	HearingOpened
	DisclosureObjectedTo
	DisclosureAppealed
	RequestWithdrawn
	GrantReinstated
	RecallRequested
	AccessLinkMade
	MerchantSubmitted
	MerchantAsked
	MerchantApproved
	MerchantRejected
	MerchantAppealed
	MerchantHeard
	MerchantDue
	MerchantSuspended
	MerchantReinstated
	MerchantLapsed
	MerchantWithdrawn
	MerchantCloses
	MerchantClosed
)

// Kinds of notices about cases. Numbers between are for what is told of others.
const (
	CaseOpened NoticeKind = iota + 32
	CaseChanged
	CaseDecidedNotice
	CaseEnded
	CaseViewedByStaff
	CaseOverdue
)

// Kinds of notices about break-glass sessions.
const (
	GlassOpened NoticeKind = iota + 40
	GlassViewedByStaff
	GlassReviewOverdue
)

// noticeKind is all that tells one kind from another: adding one is adding a row.
type noticeKind struct {
	name string
	when string // for the documentation
	// of are the entries that it can be about. Without any, nothing sends it yet.
	of []ledger.Type
	// decision that the entry has to hold, where it is of a decision.
	decision    string
	anyDecision bool
	// due is when its time comes, for a grant that was given at one time and ends at
	// another; nil: in the commit.
	due func(from, to time.Time) time.Time
	// state that the grant must be in when the time has come.
	state string
	// events are those that the entry has to be of one of, where it is about a party
	// and about no disclosure.
	events []states.Event
	// ofCase: the entry is about a case.
	ofCase bool
	// ofGlass: it is about a break-glass session.
	ofGlass bool
	// toSubject: the other side is not told.
	toSubject bool
}

// noticeKinds is the closed list, by number.
var noticeKinds = [...]noticeKind{
	DisclosureGranted: {
		name: "disclosure.granted", when: "a disclosure was granted",
		of: []ledger.Type{ledger.DisclosureDecided}, decision: "granted",
	},
	DisclosureRefused: {
		name: "disclosure.refused", when: "a disclosure was refused; `reasons` says why",
		of: []ledger.Type{ledger.DisclosureDecided}, decision: "refused",
	},
	DisclosurePending: {
		name: "disclosure.pending", when: "a person has to decide",
		of: []ledger.Type{ledger.DisclosureDecided}, decision: "pending",
	},
	DisclosureDecidedByPerson: {
		name: "disclosure.decided", when: "a person has decided, or leaves what was decided as it is, after an appeal or, for the subject alone, after an objection; `reason` says why",
		of: []ledger.Type{ledger.DecisionMade, ledger.RequestMoved}, anyDecision: true,
	},
	DisclosureViewedByStaff: {
		name: "disclosure.viewed_by_staff", when: "a member of staff opened fields, or what a side has written, to decide; `staff` says which, in what role and for what. For the subject alone where it is about an objection, or the subject's own words",
		of: []ledger.Type{ledger.StaffViewed},
	},
	GrantSuspended: {
		name: "grant.suspended", when: "the facts that the grant rests on have changed (a performance was taken back, the transaction has ended or has other terms, what was owed is done), or it is no longer available",
		of: []ledger.Type{
			ledger.PerformanceReversed, ledger.TransactionCancelled, ledger.TransactionCompleted, ledger.TransactionWritten, ledger.PerformanceRecorded,
			ledger.PartyFlagged, ledger.RequestMoved, ledger.DisclosureObjected,
		},
	},
	GrantRevoked: {
		name: "grant.revoked", when: "the grant was ended for good; `reason` says why, where that is for both sides to know",
		of: []ledger.Type{ledger.GrantRevoked, ledger.RequestMoved, ledger.ConsentGiven, ledger.ConsentWithdrawn},
	},
	GrantExpiring: {
		name: "grant.expiring", when: "a live grant ends in 24 hours, or half of its life is over where that is later",
		of: []ledger.Type{ledger.DisclosureDecided, ledger.DecisionMade}, decision: "granted", due: beforeItsEnd, state: string(Live),
	},
	GrantExpired: {
		name: "grant.expired", when: "the time of a grant is over; one that was revoked or suspended before says nothing more",
		of: []ledger.Type{ledger.DisclosureDecided, ledger.DecisionMade}, decision: "granted", due: atItsEnd, state: "expired",
	},
	InformationNeeded: {
		name: "disclosure.information_needed", when: "the requester is asked something, and the request is withdrawn if nobody answers in 5 days; `reason` says what",
		of: []ledger.Type{ledger.RequestMoved},
	},
	HearingOpened: {
		name: "disclosure.hearing", when: "the subject may object, for 24 hours; for the subject alone",
		of: []ledger.Type{ledger.DisclosureDecided, ledger.DecisionAppealed}, decision: "pending", toSubject: true,
	},
	DisclosureObjectedTo: {
		name: "disclosure.objected", when: "the objection is written down; for the subject alone, and why is for those who decide",
		of: []ledger.Type{ledger.DisclosureObjected}, toSubject: true,
	},
	DisclosureAppealed: {
		name: "disclosure.appealed", when: "one side has appealed; `reason` says why",
		of: []ledger.Type{ledger.DecisionAppealed},
	},
	RequestWithdrawn: {
		name: "disclosure.withdrawn", when: "the request has ended without a decision: the requester has withdrawn, did not answer in time, or may not ask any more",
		of: []ledger.Type{ledger.RequestMoved},
	},
	GrantReinstated: {
		name: "grant.reinstated", when: "two people have let a suspended grant live again",
		of: []ledger.Type{ledger.RequestMoved},
	},
	RecallRequested: {
		name: "recall.requested", when: "what was revealed has to be deleted, and its deletion attested, within 7 days",
		of: []ledger.Type{ledger.RequestMoved},
	},
	AccessLinkMade: {
		name: "party.access_link", when: "a link was made that opens a party's own page: tell the party, and by another way than the link goes",
		of: []ledger.Type{ledger.SubjectAccessed}, events: []states.Event{accessLinkMade},
	},
	MerchantSubmitted: {
		name: "merchant.submitted", when: "a registration was handed in: people look at it",
		of: []ledger.Type{ledger.MerchantWritten}, events: []states.Event{merchants.Submit},
	},
	MerchantAsked: {
		name: "merchant.information_needed", when: "the merchant is asked something, until `expires_at`; `reason` says what",
		of: merchantMoved(), events: []states.Event{merchants.Ask},
	},
	MerchantApproved: {
		name: "merchant.approved", when: "people have verified a registration: what the law makes public is public",
		of: merchantMoved(), events: []states.Event{merchants.Approve},
	},
	MerchantRejected: {
		name: "merchant.rejected", when: "a registration, or what was changed of it, was rejected; `reason` says why, and `state` what it is now: `active` where what was approved before stays",
		of: merchantMoved(), events: []states.Event{merchants.Reject},
	},
	MerchantAppealed: {
		name: "merchant.appealed", when: "the merchant has appealed: another person looks at it",
		of: merchantMoved(), events: []states.Event{merchants.Appeal},
	},
	MerchantHeard: {
		name: "merchant.appeal_decided", when: "an appeal was decided; `state` says how it stands now",
		of: merchantMoved(), events: []states.Event{merchants.Uphold, merchants.Overturn},
	},
	MerchantDue: {
		name: "merchant.due", when: "the law asks for more, or for the merchant to confirm what it gave, until `expires_at`; `state` says which",
		of: merchantMoved(), events: []states.Event{merchants.Threshold, merchants.Reverify},
	},
	MerchantSuspended: {
		name: "merchant.suspended", when: "a merchant was suspended: nothing of it is public; `reason` says why, `overdue` that what was due did not come in time",
		of: merchantMoved(), events: []states.Event{merchants.Suspend, merchants.Overdue},
	},
	MerchantReinstated: {
		name: "merchant.reinstated", when: "a merchant that was suspended is active again, or is looked at anew: `state` says which",
		of: merchantMoved(), events: []states.Event{merchants.Reinstate},
	},
	MerchantLapsed: {
		name: "merchant.lapsed", when: "the merchant did not answer in time; `state` says what is left: `active` where what was approved before stays",
		of: merchantMoved(), events: []states.Event{merchants.Lapse},
	},
	MerchantWithdrawn: {
		name: "merchant.withdrawn", when: "the merchant has withdrawn a registration that was never active",
		of: merchantMoved(), events: []states.Event{merchants.Withdraw},
	},
	MerchantCloses: {
		name: "merchant.closing", when: "the merchant closes, after its public notice; `expires_at` is when",
		of: merchantMoved(), events: []states.Event{merchants.Close},
	},
	MerchantClosed: {
		name: "merchant.closed", when: "the merchant has closed: nothing of it is public",
		of: merchantMoved(), events: []states.Event{merchants.End},
	},
	CaseOpened: {
		name: "dispute.opened", when: "a case was opened", of: []ledger.Type{ledger.CaseOpened}, ofCase: true,
	},
	CaseChanged: {
		name: "dispute.changed", when: "something happened in a case: `event` says what, `state` where it stands since",
		of: []ledger.Type{ledger.CaseMoved, ledger.CaseTurned, ledger.EvidenceStored}, ofCase: true,
	},
	CaseDecidedNotice: {
		name: "dispute.decided", when: "two people have decided a case; `outcome` and `reason` say how and why", of: []ledger.Type{ledger.CaseDecided}, ofCase: true,
	},
	CaseEnded: {
		name: "dispute.closed", when: "a case is over: closed, withdrawn or lapsed", of: []ledger.Type{ledger.CaseClosed}, ofCase: true,
	},
	CaseViewedByStaff: {
		name: "dispute.viewed_by_staff", when: "a member of staff opened values of a party in a case, for that party alone; later than that where the entry says why",
		of: []ledger.Type{ledger.CaseRevealed}, ofCase: true,
	},
	CaseOverdue: {
		name: "dispute.overdue", when: "what law gives a consumer in a case, the merchant's name, address and contact, did not come in time: it is still due, and staff have it among what is overdue; `dispute.changed` says when it has come",
		of: []ledger.Type{ledger.CaseMoved}, ofCase: true,
	},
	GlassOpened: {
		name: "break_glass.opened", when: "one of the staff has opened a break-glass session: page those who lead, at once. It is for the operator's own people; `for` names nobody",
		of: []ledger.Type{ledger.GlassBroken}, ofGlass: true,
	},
	GlassViewedByStaff: {
		name: "break_glass.viewed", when: "a member of staff opened values of a party in a break-glass session, for that party alone; later than that where the entry says why",
		of: []ledger.Type{ledger.GlassViewed}, ofGlass: true,
	},
	GlassReviewOverdue: {
		name: "break_glass.review_overdue", when: "24 hours after a break-glass session ended nobody has reviewed it: whoever opened it sees nothing until somebody does. For the operator's own people",
		of: []ledger.Type{ledger.GlassEnded}, ofGlass: true,
	},
}

func merchantMoved() []ledger.Type { return []ledger.Type{ledger.MerchantMoved} }

// merchantNotice is what the machine's effect tells of an event; 0: nothing.
func merchantNotice(e states.Event) NoticeKind {
	for k := MerchantSubmitted; k <= MerchantClosed; k++ {
		if slices.Contains(k.row().events, e) {
			return k
		}
	}
	return 0
}

// warning is how long before its end a grant is said to expire.
const warning = 24 * time.Hour

func beforeItsEnd(from, to time.Time) time.Time { return to.Add(-min(warning, to.Sub(from)/2)) }
func atItsEnd(_, to time.Time) time.Time        { return to }

// NoticeKinds lists all kinds, in the order of their numbers.
func NoticeKinds() []NoticeKind {
	all := make([]NoticeKind, 0, len(noticeKinds))
	for k := range noticeKinds {
		if noticeKinds[k].name != "" {
			all = append(all, NoticeKind(k)) //nolint:gosec // the list is short
		}
	}
	return all
}

// NoticeKindOf finds a kind by its name.
func NoticeKindOf(name string) (NoticeKind, bool) {
	i := slices.IndexFunc(noticeKinds[:], func(k noticeKind) bool { return k.name == name && name != "" })
	return NoticeKind(max(i, 0)), i > 0 //nolint:gosec // the list is short
}

func (k NoticeKind) row() noticeKind {
	if k < 0 || int(k) >= len(noticeKinds) {
		return noticeKind{}
	}
	return noticeKinds[k]
}

func (k NoticeKind) String() string { return k.row().name }

// When says in words when a notice of this kind is sent.
func (k NoticeKind) When() string { return k.row().when }

// Sent says whether anything sends this kind yet.
func (k NoticeKind) Sent() bool { return len(k.row().of) > 0 }

// Later says whether time brings it, and not a commit: the facts may move its
// time as long as it has not come.
func (k NoticeKind) Later() bool { return k.row().due != nil }

// Notice is one thing to be said to whoever listens. It is written in the
// commit that makes it so, and only if somebody does.
type Notice struct {
	Kind        NoticeKind
	Disclosure  DisclosureID // empty: it is about a party
	Transaction Row          // that it is told in the order of; of what is about a party, the party
	DueAt       time.Time    // zero: at once
}

// DueNotice is a notice whose time has come, as the store has it.
type DueNotice struct {
	Kind       NoticeKind
	Disclosure DisclosureID
	Of         Row   // the transaction or party in whose order it is told
	Entry      int64 // that it is about
	DueAt      time.Time
}

// notices of a decision: what was decided, and of a grant also its end.
func (d *Decided) notices(t *TransactionRecord) []Notice {
	n := Notice{Disclosure: d.ID, Transaction: t.Row}
	switch d.Decision {
	case "refused":
		n.Kind = DisclosureRefused
	case "pending":
		n.Kind = DisclosurePending
		heard := n
		heard.Kind = HearingOpened
		return []Notice{n, heard}
	default:
		ns := append(make([]Notice, 0, 3), n, n, n)
		ns[0].Kind, ns[1].Kind, ns[2].Kind = DisclosureGranted, GrantExpiring, GrantExpired
		ends := d.ends(&t.Transaction)
		ns[1].DueAt, ns[2].DueAt = beforeItsEnd(d.At, ends), atItsEnd(d.At, ends)
		return ns
	}
	return []Notice{n}
}

// TimerKind is what a timer is for. Its number is stored, and never changes.
type TimerKind int16

// Tidying looks at a disclosure, or at all that a party had, of which a deadline may
// have passed, or which may have ended, without a person's hand.
const Tidying TimerKind = 1

// Reviewing looks at a merchant's registration, of which a deadline may have passed,
// or which may be over a threshold of its law.
const Reviewing TimerKind = 2

// Judging looks at a case, of which a deadline may have passed.
const Judging TimerKind = 3

// Mending looks at a break-glass session, of which the time may be over.
const Mending TimerKind = 4

// Timer is something to be looked at later, by any broker that knows its kind.
// Nothing rests on its being fired: what has a time is compared at read.
type Timer struct {
	Kind        TimerKind
	Disclosure  DisclosureID // if it is about one
	Transaction Row          // if it is about one; without a disclosure, of Tidying, the party; of Reviewing, the registration; of Judging, the case; of Mending, the session
	DueAt       time.Time
}

// DueTimer is a timer whose time has come.
type DueTimer struct {
	Timer
	Entry int64 // of the commit that set it
}

// Secret signs messages. It does not print.
type Secret []byte

func (Secret) String() string               { return "•••" }
func (Secret) Format(s fmt.State, _ rune)   { _, _ = io.WriteString(s, "•••") }
func (Secret) MarshalText() ([]byte, error) { return []byte("•••"), nil }

// Endpoint is who is told: a URL of the marketplace's. The URL may hold a token,
// so it is for the operator and for nobody's log.
type Endpoint struct {
	ID         int64
	Kinds      []NoticeKind // none: all
	URL        string
	Secrets    []Secret // that sign, the newest first
	CreatedAt  time.Time
	DisabledAt time.Time // it said that it is gone
}
