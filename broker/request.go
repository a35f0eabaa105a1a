package broker

import (
	"context"
	"slices"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// Staff is one of the operator's people, acting in a session of his own.
type Staff struct {
	Account  string // its id
	Role     string // handler, lead, auditor, merchant_reviewer, privacy_officer
	Approves bool   // the account is old enough to approve what others propose
	New      bool   // and not even old enough to take or to propose anything
	// Makers are the accounts that have made his, and that one, and so on.
	Makers []string
}

// Roles of staff that this package asks for.
const (
	roleHandler = "handler"
	roleLead    = "lead"
	rolePrivacy = "privacy_officer"
	roleAuditor = "auditor"
)

func (s *Staff) handles() bool {
	return slices.Contains([]string{roleHandler, roleLead, rolePrivacy}, s.Role)
}

// leads says whether he looks after what others have taken and proposed.
func (s *Staff) leads() bool { return s.Role == roleLead || s.Role == rolePrivacy }

// isSecond says whether he may decide what others propose, but for what is of his own hand.
func (s *Staff) isSecond() bool { return s.leads() && s.Approves }

// hands are all accounts that could be this person's: his own, and those that
// have made it.
func (s *Staff) hands() []string { return append([]string{s.Account}, s.Makers...) }

// apart says whether two are of different hands: neither has made the other, and
// nobody has made both.
func apart(a, b []string) bool {
	return !slices.ContainsFunc(a, func(x string) bool { return slices.Contains(b, x) })
}

func (s *Staff) reads() bool { return s.handles() || s.Role == roleAuditor }

// Request is what people have done about a disclosure so far: the record that a
// disclosure has from the moment when a person is asked for. Its state is that
// of the last entry about it; what time has made of it since, At says.
type Request struct {
	Disclosure  DisclosureID
	Transaction Row
	Version     int64 // as many as entries made it
	RequestFacts
}

// RequestFacts are what the next move depends on.
type RequestFacts struct {
	State     states.State `json:"state"`
	Deadline  time.Time    `json:"deadline,omitzero"`  // when the state ends by itself
	Timer     states.Timer `json:"timer,omitempty"`    // which event that is
	OpenedAt  time.Time    `json:"opened_at,omitzero"` // when a person was asked for, the last time
	Due       time.Time    `json:"due,omitzero"`       // the internal clock: by when we mean to have decided
	Statutory time.Time    `json:"statutory,omitzero"` // the other one: by when we must; nothing pauses it
	PausedAt  time.Time    `json:"paused_at,omitzero"` // since when the internal clock waits for the requester
	Taken     string       `json:"taken,omitempty"`    // the account that works on it
	Heard     string       `json:"heard,omitempty"`    // how the hearing ended: objected, silent, skipped
	Objection string       `json:"objection,omitempty"`
	// HearingEnds is when the hearing would have ended, had nobody objected or skipped it.
	HearingEnds time.Time `json:"hearing_ends,omitzero"`
	Question    string    `json:"question,omitempty"` // what the requester is asked for, a code
	Proposal    *Proposal `json:"proposal,omitempty"`
	Deciders    []string  `json:"deciders,omitempty"` // accounts that have decided it
	Behind      []string  `json:"behind,omitempty"`   // accounts that have made those
	DecidedAt   time.Time `json:"decided_at,omitzero"`
	Reason      string    `json:"reason,omitempty"`    // of the last decision
	Appealed    bool      `json:"appealed,omitempty"`  // by the requester
	Opposed     bool      `json:"opposed,omitzero"`    // appealed by the subject
	Contested   bool      `json:"contested,omitempty"` // the subject objected to the grant, and nobody has looked yet
	Feared      bool      `json:"feared,omitzero"`     // and fears the requester since: fear.go
	Kept        string    `json:"kept,omitempty"`      // why a grant that was objected to lives on
	RecallBy    time.Time `json:"recall_by,omitzero"`  // by when the requester has to attest that he deleted it
	Attested    time.Time `json:"attested,omitzero"`
	// GrantMoves counts the changes of the grant that are no views.
	GrantMoves int `json:"grant_moves,omitempty"`
	Freed      int `json:"freed,omitempty"` // how often people have let a grant live again
	Looks      int `json:"looks,omitzero"`  // how often staff have opened something of it
	// Trail are the leaf hashes of the entries that decided, the newest last: the
	// disclosure's row points at that one.
	Trail [][]byte `json:"trail"`
	// Newest is the leaf hash of the newest entry about it.
	Newest []byte `json:"newest"`
}

// Proposal is what one person wants to be done, until a second one has looked.
type Proposal struct {
	By     string          `json:"by"`    // account
	Hands  []string        `json:"hands"` // that account, and those that have made it
	Hash   []byte          `json:"hash"`
	Event  states.Event    `json:"event"` // what it leads to when it is approved
	Reason string          `json:"reason"`
	Fields []masking.Field `json:"fields,omitempty"`
	Views  int             `json:"views,omitempty"`
	Days   int             `json:"days,omitempty"`
}

// byAnother says that there is a proposal, and that it is not this person's.
func (p *Proposal) byAnother(s *Staff) bool { return p != nil && p.By != s.Account }

// apartFrom: whoever has made an account has held what it is opened with, and
// could still act as both. What was proposed before that was noted is not known
// to be anybody else's.
func (p *Proposal) apartFrom(s *Staff) bool {
	return p != nil && len(p.Hands) > 0 && apart(s.hands(), p.Hands)
}

// How a hearing ended.
const (
	heardObjected = "objected"
	heardSilent   = "silent"
	heardSkipped  = "skipped"
)

// At is the request as time has made it: a deadline that has passed has
// happened, whether or not anybody has written that down yet.
func (r *Request) At(now time.Time) Request {
	x := *r
	if x.Timer == "" || now.Before(x.Deadline) {
		return x
	}
	row, err := Life.Next(x.State, Life.Timers[x.Timer], ByClock, func(states.Guard) bool { return true })
	if err != nil {
		return x
	}
	if x.Timer == hearingTimer {
		x.Heard = heardSilent
	}
	x.State, x.Timer, x.Deadline = row.After(x.State), "", time.Time{}
	return x
}

// timers are for the deadline of a request, if it is not the one from before.
func (r *Request) timers(before time.Time) []Timer {
	if r.Timer == "" || r.Deadline.Equal(before) {
		return nil
	}
	return []Timer{r.timer(r.Deadline)}
}

// timer has somebody look after a request at a time.
func (r *Request) timer(at time.Time) Timer {
	return Timer{Kind: Tidying, Disclosure: r.Disclosure, Transaction: r.Transaction, DueAt: at}
}

// IsOpen says that it waits for somebody: to decide it, or to look at what was proposed about
// its grant.
func (r *Request) IsOpen() bool { return r.IsUndecided() || r.IsProposed() }

// IsUndecided says that there is something to be decided about it that somebody asked for.
func (r *Request) IsUndecided() bool { return r.Contested || r.waits() }

// IsProposed says that a second person is to look at whether its grant ends, or lives again.
func (r *Request) IsProposed() bool {
	return r.Proposal != nil && slices.Contains([]states.State{Granted, Overturned, Held}, r.State)
}

// waits says that there is no decision yet, or that it is not the last word.
func (r *Request) waits() bool {
	return slices.Contains([]states.State{Pending, Hearing, InfoNeeded, Second, Appealed, Review}, r.State)
}

// FoundRequest is a disclosure with its record.
type FoundRequest struct {
	Found
	Request Request // Version 0: nobody has been asked for yet
}

// state is where a disclosure stands. Of a grant, its row and the facts say so.
func (b *Broker) state(f *FoundRequest, r *Request) states.State {
	if r.Version > 0 && (r.waits() || r.State == Denied || r.State == TakenBack || r.State == Upheld) {
		return r.State
	}
	switch v := b.viewDecided(&f.Situation, &f.Decided, f.Grant, f.Place); v.State {
	case "":
		if f.Decision == string(necessity.Pending) {
			return Pending
		}
		return AutoDenied
	case string(Suspended):
		if b.over(&f.Decided, &f.Situation) {
			return Ended
		}
		return Held
	case string(Revoked):
		return Recalled
	case "expired":
		return Ended
	default: // live, or used up: a view could be had again after an overturned appeal alone
		if r.State == Overturned {
			return Overturned
		}
		return Granted
	}
}

// RequestStore is what requests need of a store, beside Store.
type RequestStore interface {
	// Request finds a disclosure with its record, if it has one.
	Request(ctx context.Context, id DisclosureID) (*FoundRequest, error)
	// Requests lists those that are open, the most urgent first.
	Requests(ctx context.Context, f RequestFilter) (found []FoundRequest, next string, err error)
	// CountRequests counts those that are open for the queues of one of the staff, the most
	// urgent MostAskedCounted of them.
	// For him as a second person are those that nobody of his hands has proposed.
	CountRequests(ctx context.Context, who *Staff, now time.Time) (RequestCounts, error)
	// RecordsOf finds the records of disclosures, of those that have one.
	RecordsOf(ctx context.Context, found []Found) (map[DisclosureID]Request, error)
	// CountWaiting counts what waits of one requester, without the count.
	CountWaiting(ctx context.Context, w Waiting) (int, error)
	// Notes is the free text about a transaction, still sealed, in the order of its entries.
	Notes(ctx context.Context, t *TransactionRecord) ([]SealedNote, error)
	// StaffViews are the entries that say when staff opened something of disclosures.
	StaffViews(ctx context.Context, of []Found) (map[DisclosureID][]Recorded, error)
}

// RequestFilter selects open requests; empty members select nothing.
type RequestFilter struct {
	State   states.State
	Taken   string // by this account
	Free    bool   // nobody has taken it, and somebody could
	Second  bool   // somebody has proposed something that By may decide
	By      *Staff // who asks; the broker says so
	Overdue bool
	Now     time.Time
	After   string
	Limit   int
}

// RequestCounts is how many open requests are in each queue of an account.
type RequestCounts struct{ Taken, Free, Second, Overdue, All int }

// MostAskedCounted is how far requests are counted for the queues: all of a day's.
const MostAskedCounted = 1000

// opening is the record that a disclosure begins with when a person has to
// decide. The subject is heard from the first moment on.
func opening(d *Decided, t Row, first Record) (*Request, error) {
	state := states.Beginning
	for _, on := range []struct {
		event states.Event
		by    states.Actor
		holds []states.Guard
	}{
		{Submit, ByRequester, when(isParty, fewPending)},
		{Evaluate, ByPolicy, when(leftToPeople)},
		{Hear, ByClock, when(notHeard)},
	} {
		row, err := Life.Next(state, on.event, on.by, func(g states.Guard) bool { return slices.Contains(on.holds, g) })
		if err != nil {
			return nil, err
		}
		state = row.After(state)
	}
	due := dueOther
	if d.Purpose == necessity.Deliver || d.Purpose == necessity.HandOver {
		due = dueDelivery
	}
	return &Request{Disclosure: d.ID, Transaction: t, Version: 1, RequestFacts: RequestFacts{
		State: state, Timer: hearingTimer, Deadline: d.At.Add(hearingTime), OpenedAt: d.At, Due: d.At.Add(due),
		Statutory: d.At.Add(statutoryTime), Trail: [][]byte{newest(first)}, Newest: newest(first),
	}}, nil
}

// writeOpening adds the record to the write of a disclosure that is left to
// people. There are three of a requester and transaction at most, its appeals among them: what the other
// side has asked for, and what it says of a grant, holds up nobody else's request.
func (b *Broker) writeOpening(ctx context.Context, w *Write, d *Decided) error {
	if d.Decision != string(necessity.Pending) {
		return nil
	}
	t := &w.Of.Transaction
	role, _ := t.Role(d.Requester)
	waiting := Waiting{Transaction: t.Row, Requester: w.Of.Party(role).Row, At: d.At}
	var err error
	if waiting.Count, err = b.Store.CountWaiting(ctx, waiting); err != nil {
		return err
	}
	if waiting.Count >= mostPending {
		return ErrTooManyPending
	}
	w.ExpectRequests = &waiting
	if w.Request, err = opening(d, t.Row, w.Record); err == nil {
		w.Timers = w.Request.timers(time.Time{})
	}
	return err
}

// leafOf is the leaf hash of a disclosure's deciding entry.
func leafOf(f *Found) []byte { return newest(Record{Entry: f.Entry}) }

// RequestView is a request as its reader may see it.
type RequestView struct {
	Disclosure DisclosureView
	Request    Request
	State      states.State
	Allowed    []states.Event // what the reader could do
	Staff      bool           // the reader is of the staff
	Plan       *Plan          // for staff: what would be given if all that is permitted were
}

func (b *Broker) viewRequest(f *FoundRequest, by states.Actor, staff bool, place *ledger.Place) RequestView {
	r := b.standing(f)
	v := RequestView{Disclosure: b.viewDecided(&f.Situation, &f.Decided, f.Grant, f.Place), Request: r, Staff: staff}
	if place != nil {
		v.Disclosure.Place = *place
	}
	v.State = b.state(f, &r)
	v.Allowed = Life.Allowed(v.State, by)
	if v.State == Appealed && r.Timer != hearingTimer { // nobody is heard
		v.Allowed = slices.DeleteFunc(v.Allowed, func(e states.Event) bool { return e == Object || e == Skip })
	}
	if !staff {
		v.tell(by, b.now())
	}
	return v
}
