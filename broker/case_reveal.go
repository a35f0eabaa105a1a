package broker

import (
	"context"
	"slices"
	"sync"
	"time"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/budget"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// A handler sees a value of a side only for a case that a party has opened and that
// somebody else has given to him, only what the policies would let the other side have
// to settle it, and never without an entry. The person sees that entry: at once, or
// when a reason for telling later, which stands in it, has ended.

// Refusals of reveals.
var (
	ErrRevealPurpose = fault.New(fault.Invalid, "unknown_purpose", "staff reveal values in a case for decide_case or decide_appeal; with a side they talk by messages in the case")
	ErrRevealDelay   = fault.New(fault.Invalid, "unknown_delay", "telling the person later needs one of the reasons of the list, and an end within 30 days")
)

// mostDelay is how much later a person can be told.
const mostDelay = 30 * 24 * time.Hour

// RevealPurposes are what staff can reveal values in a case for.
func RevealPurposes() []string { return []string{"decide_case", "decide_appeal"} }

// RevealDelays are why a person can be told later.
func RevealDelays() []string { return []string{"authority_order", "fraud_suspected", "safety"} }

// CaseReveal is what one of the staff wants to see.
type CaseReveal struct {
	Subject PartyID
	Fields  []masking.Field
	Purpose string    // of RevealPurposes
	Reason  string    // of ReasonsFor(LookInto)
	Delay   string    // of RevealDelays; empty: the person is told at once
	Until   time.Time // then it is told
	Match   *int64    // as in CaseMove
}

// CaseRevealed is what was opened, with the entry that says so.
type CaseRevealed struct {
	CaseReveal

	Dispute CaseID
	Values  map[masking.Field]masking.Value
	Place   ledger.Place
}

func (in *CaseReveal) checked(now time.Time) error {
	switch {
	case !slices.Contains(RevealPurposes(), in.Purpose):
		return ErrRevealPurpose.Pointing("/purpose")
	case !slices.Contains(ReasonsFor(LookInto), in.Reason):
		return ErrUnknownCode.Pointing("/reason")
	case len(in.Fields) == 0:
		return ErrUnknownField.Pointing("/fields")
	case in.Delay == "" && in.Until.IsZero():
		return nil
	case !slices.Contains(RevealDelays(), in.Delay), !in.Until.After(now), in.Until.After(now.Add(mostDelay)):
		return ErrRevealDelay.Pointing("/delay")
	}
	return nil
}

// RevealInCase opens values of a side for who works on its case.
func (b *Broker) RevealInCase(ctx context.Context, s Staff, id CaseID, in CaseReveal, once *Outcome) (CaseRevealed, bool, error) {
	if !s.handles() {
		return CaseRevealed{}, false, ErrRole
	}
	if err := in.checked(b.now()); err != nil {
		return CaseRevealed{}, false, err
	}
	if err := b.trusted(ctx, &s); err != nil {
		return CaseRevealed{}, false, err
	}
	return replayable(ctx, b, once, func(ctx context.Context) (CaseRevealed, error) {
		count := sync.OnceValue(func() error { return b.countReveal(ctx, &s) })
		return again(ctx, func(ctx context.Context) (CaseRevealed, error) { return b.revealInCase(ctx, s, id, in, once, count) })
	}, func(ctx context.Context, o *Outcome) (CaseRevealed, error) {
		if b.now().Sub(o.At) >= replayWindow {
			return CaseRevealed{}, ErrGone
		}
		now := in
		now.Match = nil // it was as it was when this was first sent
		c, situation, fields, err := b.revealable(ctx, s, id, &now)
		if err != nil {
			return CaseRevealed{}, err
		}
		st, err := b.Store.Statement(ctx, o.Index, situation.Transaction.Key)
		if err != nil {
			return CaseRevealed{}, err
		}
		if m := st.Members; m.String("account") != s.Account || !slices.EqualFunc(m.Objects("fields"), fieldObjects(fields), sameField) {
			return CaseRevealed{}, ErrGone
		}
		place, err := b.Store.Place(ctx, o)
		if err != nil {
			return CaseRevealed{}, err
		}
		return c.reveal(in, situation, fields, place)
	})
}

// countReveal counts against what one of the staff may reveal in a day: what nothing
// refuses, before it is opened.
func (b *Broker) countReveal(ctx context.Context, s *Staff) error {
	if b.Budgets == nil || b.RevealLimit <= 0 {
		return nil
	}
	a, err := b.Store.Account(ctx, accounts.ID(s.Account))
	if err != nil {
		return err
	}
	now := b.now()
	return b.Store.Count(ctx, budget.Day{Requester: int64(a.Row), Day: budget.DayOf(now)}, b.RevealLimit, now, nil)
}

func (b *Broker) revealInCase(ctx context.Context, s Staff, id CaseID, in CaseReveal, once *Outcome, count func() error) (CaseRevealed, error) {
	c, situation, fields, err := b.revealable(ctx, s, id, &in)
	if err == nil {
		err = count()
	}
	if err != nil {
		return CaseRevealed{}, err
	}
	role, _ := situation.Transaction.Role(in.Subject)
	subject := situation.Party(role)
	c.r = c.f.CaseRecord
	c.r.Version, c.r.Reveals = c.r.Version+1, c.r.Reveals+1
	t := &situation.Transaction
	w := &Write{
		Of: situation, ExpectTransaction: t, ExpectParties: []*PartyRecord{&situation.Buyer, &situation.Seller}, ExpectPolicy: situation.Policy, Case: &c.r,
	}
	told := in.Until
	if in.Delay == "" {
		told = time.Time{}
	}
	w.Record, err = b.record(ledger.Statement{Type: ledger.CaseRevealed, At: c.now, Members: ledger.Object{
		{Name: "dispute", Value: string(id)},
		{Name: "transaction", Value: string(t.ID)},
		{Name: "step", Value: c.r.Version},
		{Name: "subject", Value: string(in.Subject)},
		{Name: "fields", Value: fieldObjects(fields)},
		{Name: "purpose", Value: in.Purpose},
		{Name: "role", Value: s.Role},
		{Name: "reason", Value: in.Reason},
		{Name: "told_at", Value: told},
		{Name: "delay", Value: in.Delay},
		{Name: "account", Value: s.Account},
	}}, t.Key, keys{subject: subject.Key})
	if err != nil {
		return CaseRevealed{}, err
	}
	c.r.Newest = newest(w.Record)
	w.Notices = []Notice{{Kind: CaseViewedByStaff, Transaction: t.Row, DueAt: told}}
	w.Once = once.ledCase(id, "reveal", w)
	by := Caller{Key: s.Account}
	b.chargeReach(w, by, subject.Row)
	place, err := b.Store.Commit(ctx, w)
	if err != nil {
		return CaseRevealed{}, b.refuseReach(ctx, by, err)
	}
	return c.reveal(in, situation, fields, place)
}

// revealable finds the very versions that may be opened, still sealed. The engine is
// asked as for the other side, to settle: what it withholds from that one, nobody sees
// to decide on it.
func (b *Broker) revealable(ctx context.Context, s Staff, id CaseID, in *CaseReveal) (*caseCourse, *Situation, []FieldOutcome, error) {
	c, err := b.openingCase(ctx, &s, id)
	if err != nil {
		return nil, nil, nil, err
	}
	if err := c.reveals(&s, in); err != nil {
		return nil, nil, nil, err
	}
	situation, err := b.Store.Situation(ctx, c.f.Situation.Transaction.ID, in.Subject, TheirOwn)
	if err != nil {
		return nil, nil, nil, err
	}
	role, ok := situation.Transaction.Role(in.Subject)
	if !ok {
		return nil, nil, nil, ErrNotFound
	}
	if err := b.enforced(ctx, situation); err != nil {
		return nil, nil, nil, err
	}
	if slices.Contains(situation.Party(role).Flags, Minor) { // nobody's ever
		return nil, nil, nil, ErrNothingToOpen
	}
	other := otherRole(role)
	v := b.verdicts(b.engine(), situation, other, necessity.Settle, "", c.at)
	ground := v.plain.Ground(in.Fields)
	var fields []FieldOutcome
	for _, f := range in.Fields {
		o := b.outcome(situation, other, necessity.Settle, v.plain.Under(ground, f), v.bits, c.at)
		if o.Outcome == necessity.Withheld {
			return nil, nil, nil, ErrNothingToOpen
		}
		if o.Outcome == necessity.Pending && !s.leads() { // what the engine leaves to people is for two of them: who has assigned it, and a lead
			return nil, nil, nil, ErrOwnWork
		}
		o.Outcome = necessity.Granted
		fields = append(fields, o)
	}
	return c, situation, fields, nil
}

// reveals says whether this person can reveal anything in the case as it stands, whatever
// it is.
func (c *caseCourse) reveals(s *Staff, in *CaseReveal) error {
	onAppeal := slices.Contains([]states.State{disputes.Appealed, disputes.AppealProposed}, c.state)
	switch {
	case in.Match != nil && *in.Match != c.f.Moves:
		return ErrMatch
	case !apart(s.hands(), c.r.AssignedBy), c.r.Assigned != s.Account, len(c.r.AssignedBy) == 0:
		return ErrRevealNotYours
	case c.state == disputes.External: // somebody else decides
		return ErrOtherPurpose
	case in.Delay != "" && (!s.leads() || !c.r.AssignedLed): // nobody gives himself a delay that no lead knows of
		return ErrOwnWork
	case in.Purpose == "decide_appeal" != onAppeal:
		return ErrOtherPurpose
	}
	return nil
}

func fieldObjects(fields []FieldOutcome) []ledger.Object {
	var all []ledger.Object
	for _, o := range fields {
		all = append(all, ledger.Object{{Name: "field", Value: string(o.Field)}, {Name: "version", Value: o.Version}})
	}
	return all
}

func sameField(x, y ledger.Object) bool {
	return x.String("field") == y.String("field") && x.Int("version") == y.Int("version")
}

// reveal opens. It is called only with a place in the ledger in hand.
func (c *caseCourse) reveal(in CaseReveal, s *Situation, fields []FieldOutcome, place ledger.Place) (CaseRevealed, error) {
	v := DisclosureView{Decided: Decided{Subject: in.Subject, Fields: fields}, Place: place}
	if err := c.b.open(&v, s); err != nil {
		return CaseRevealed{}, err
	}
	return CaseRevealed{CaseReveal: in, Dispute: c.f.ID, Values: v.Values, Place: place}, nil
}

// CaseLook is a moment at which one of the staff opened values of a party in a case,
// as that party may know it: by role, never by name.
type CaseLook struct {
	Index   int64
	At      time.Time
	Dispute CaseID
	Fields  []masking.Field
	Purpose string
	Role    string
	// Transaction and Review are of a look in a break-glass session: what it was about, and
	// what came of its review; empty: nothing yet.
	Transaction TransactionID
	Review      string
}

// LooksInCases are those at a party's values, in cases and in break-glass sessions, the newest first: all that it may know
// of by now.
func (b *Broker) LooksInCases(ctx context.Context, id PartyID) ([]CaseLook, error) {
	p, _, err := b.Store.Party(ctx, id, MasksOnly)
	if err != nil {
		return nil, err
	}
	records, err := b.Store.CasesOf(ctx, p.Row)
	if err != nil {
		return nil, err
	}
	all, err := b.looksInGlass(ctx, p)
	if err != nil {
		return nil, err
	}
	for i := range records {
		if records[i].Reveals == 0 {
			continue
		}
		f, err := b.Store.CaseByRow(ctx, records[i].Row)
		if err != nil {
			return nil, err
		}
		entries, err := b.Store.CaseEntries(ctx, f)
		if err != nil {
			return nil, err
		}
		for j := range entries {
			if x, ok := b.lookInCase(&entries[j], id); ok {
				all = append(all, x)
			}
		}
	}
	slices.SortFunc(all, func(x, y CaseLook) int { return int(y.Index - x.Index) })
	return all, nil
}

func (b *Broker) lookInCase(e *Recorded, of PartyID) (CaseLook, bool) {
	if e.Statement.Type != ledger.CaseRevealed || e.Statement.Members.String("subject") != string(of) || timeIn(&e.Statement, "told_at").After(b.now()) {
		return CaseLook{}, false
	}
	return parseCaseLook(e.Index, &e.Statement), true
}

func parseCaseLook(index int64, st *ledger.Statement) CaseLook {
	m := st.Members
	x := CaseLook{Index: index, At: st.At, Dispute: CaseID(m.String("dispute")), Purpose: m.String("purpose"), Role: m.String("role")}
	for _, o := range m.Objects("fields") {
		x.Fields = append(x.Fields, masking.Field(o.String("field")))
	}
	return x
}
