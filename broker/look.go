package broker

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// ErrNothingToOpen does not say whether the engine withholds what was named, or
// it is not there.
var ErrNothingToOpen = fault.New(fault.Conflict, "nothing_to_open", "something that you name is not open to you here: the policies withhold it, or there is none")

// ErrUnknownStaffPurpose is a purpose that there is not.
var ErrUnknownStaffPurpose = fault.New(fault.Invalid, "unknown_purpose", "staff open things for decide_request, decide_objection or decide_appeal")

// ErrOtherPurpose is a purpose that does not fit where the request stands.
var ErrOtherPurpose = fault.New(fault.Conflict, "purpose_mismatch", "this request is not being worked on for that purpose now")

// What one of the staff opens something for. There is one for each way in which a
// request comes before a person.
const (
	forRequest   = "decide_request"
	forObjection = "decide_objection"
	forAppeal    = "decide_appeal"
)

// StaffPurposes are what staff can open something for.
func StaffPurposes() []string { return []string{forRequest, forObjection, forAppeal} }

// StaffPurpose is what somebody opens things for while a request is in a state; empty
// where nobody has anything to decide.
func StaffPurpose(s states.State) string {
	switch s {
	case Pending, Hearing:
		return forRequest
	case Granted, Overturned, Held:
		return forObjection
	case Appealed:
		return forAppeal
	default: // nobody of the staff has anything to decide there
		return ""
	}
}

// Whose free text about a request can be opened.
const (
	notesOfRequester = "requester"
	notesOfSubject   = "subject"
)

// NoteSides are the sides whose free text about a request can be opened.
func NoteSides() []string { return []string{notesOfRequester, notesOfSubject} }

// Glance is what one of the staff wants to open of a request that he works on.
type Glance struct {
	Purpose string // of StaffPurposes
	Reason  string // a code of ReasonsFor(LookInto)
	Fields  []masking.Field
	Notes   []string // of NoteSides
}

// Glanced is what was opened, with the entry that says so.
type Glanced struct {
	Request Request
	Glance  Glance
	View    int // the how manieth of this request
	Values  map[masking.Field]masking.Value
	Notes   []OpenedNote
	Place   ledger.Place
}

// OpenedNote is free text of one side, and what it was said with.
type OpenedNote struct {
	From string // of NoteSides
	On   states.Event
	At   time.Time
	Text masking.Text
}

// StaffView is a moment at which one of the staff opened something, as a side may
// know it: by role, never by name.
type StaffView struct {
	Look

	Role, Purpose, Reason string
	Fields                []masking.Field
	Notes                 []string
}

// SealedNote is free text about a transaction, with what its entry says.
type SealedNote struct {
	Index     int64 // of the entry
	Statement ledger.Statement
	Sealed    []byte
}

// glance is the part of a course that opens something.
type glance struct {
	Glance

	notes []SealedNote // those that it names
}

// Look opens fields of the subject, or what the sides have written, for who works
// on the request. The engine is asked as for a decision: what it withholds from
// the requester, nobody sees to decide on it. The entry is durable first (I1).
func (b *Broker) Look(ctx context.Context, s Staff, id DisclosureID, in Glance, once *Outcome) (Glanced, bool, error) {
	if !s.handles() {
		return Glanced{}, false, ErrRole
	}
	if err := b.trusted(ctx, &s); err != nil {
		return Glanced{}, false, err
	}
	return replayable(ctx, b, once, func(ctx context.Context) (Glanced, error) {
		return again(ctx, func(ctx context.Context) (Glanced, error) { return b.look(ctx, s, id, in, once) })
	}, func(ctx context.Context, o *Outcome) (Glanced, error) {
		return again(ctx, func(ctx context.Context) (Glanced, error) { return b.lookAgain(ctx, s, id, in, o) })
	})
}

func (b *Broker) look(ctx context.Context, s Staff, id DisclosureID, in Glance, once *Outcome) (Glanced, error) {
	c, row, err := b.glance(ctx, s, id, in)
	if err != nil {
		return Glanced{}, err
	}
	by := actor{caller: Caller{Key: s.Account}, staff: &s}
	w, err := c.write(ctx, by, row)
	if err != nil {
		return Glanced{}, err
	}
	w.Once = once.led("request", string(id)+"/"+string(LookInto), w.Record.At)
	subject, _ := c.f.Situation.Transaction.Role(c.f.Subject)
	b.chargeReach(w, by.caller, c.f.Situation.Party(subject).Row)
	place, err := b.Store.Commit(ctx, w)
	if err != nil {
		return Glanced{}, b.refuseReach(ctx, by.caller, err)
	}
	return c.open(place)
}

// glance asks the machine whether it may be, and reads what is to be opened,
// still sealed.
func (b *Broker) glance(ctx context.Context, s Staff, id DisclosureID, in Glance) (*course, *states.Row, error) {
	if err := b.sound(); err != nil {
		return nil, nil, err
	}
	f, err := b.Store.Request(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if err := b.enforced(ctx, &f.Situation); err != nil {
		return nil, nil, err
	}
	c := &course{
		b: b, f: f, r: b.standing(f), actor: ByHandler, staff: &s, now: b.now(), glance: &glance{Glance: in},
		move: Move{Event: LookInto, Reason: in.Reason},
	}
	c.state = b.state(f, &c.r)
	if c.plan, err = b.plan(f, &c.r, Choice{Event: Grants, Fields: append([]masking.Field{}, in.Fields...)}); err != nil {
		return nil, nil, err
	}
	if len(in.Notes) > 0 {
		if c.glance.notes, err = b.notesOf(ctx, f, in.Notes); err != nil {
			return nil, nil, err
		}
	}
	row, err := Life.Next(c.state, LookInto, ByHandler, c.holds)
	return c, row, transition(err)
}

// holds answers the machine's questions about a look.
func (g *glance) holds(guard states.Guard, c *course) bool {
	switch {
	case g == nil:
		return false
	case guard == thatPurpose:
		return g.Purpose == StaffPurpose(c.state)
	case guard == openable:
		return g.openable(c)
	}
	return false // what is not known does not hold
}

// openable: something is named, and each of it is there and not withheld.
func (g *glance) openable(c *course) bool {
	for _, f := range g.Fields {
		asked := slices.ContainsFunc(c.f.Fields, func(o FieldOutcome) bool { return o.Field == f })
		if !asked || !c.plan.Permitted {
			return false
		}
	}
	for _, side := range g.Notes {
		if !slices.ContainsFunc(g.notes, func(n SealedNote) bool { return noteSide(n.Statement) == side }) {
			return false
		}
	}
	return len(g.Fields)+len(g.Notes) > 0
}

// notesOf reads what the named sides have written about a request.
func (b *Broker) notesOf(ctx context.Context, f *FoundRequest, sides []string) ([]SealedNote, error) {
	all, err := b.Store.Notes(ctx, &f.Situation.Transaction)
	return slices.DeleteFunc(all, func(n SealedNote) bool {
		return n.Statement.Members.String("disclosure") != string(f.ID) || !slices.Contains(sides, noteSide(n.Statement))
	}), err
}

// noteSide is whose words came with an entry; empty for those of the staff.
func noteSide(st ledger.Statement) string {
	by := st.Members.String("by")
	switch st.Type {
	case ledger.DisclosureDecided:
		return notesOfRequester
	case ledger.DisclosureObjected:
		return notesOfSubject
	case ledger.RequestMoved, ledger.DecisionAppealed:
		if by == string(ByRequester) || by == string(BySubject) {
			return by
		}
	default: // nobody says anything with it
	}
	return ""
}

func noteEvent(st ledger.Statement) states.Event {
	switch st.Type {
	case ledger.DisclosureDecided:
		return Submit
	case ledger.DisclosureObjected:
		return Object
	case ledger.DecisionAppealed:
		return Appeal
	default:
		return states.Event(st.Members.String("event"))
	}
}

// looked is what the entry says: names and codes, never a value.
func (c *course) looked(about ledger.Object) ledger.Statement {
	g := c.glance
	return ledger.Statement{Type: ledger.StaffViewed, At: c.now, Members: append(about,
		ledger.Member{Name: "view", Value: c.r.Looks}, ledger.Member{Name: "fields", Value: c.opens()},
		ledger.Member{Name: "notes", Value: g.Notes}, ledger.Member{Name: "purpose", Value: g.Purpose},
		ledger.Member{Name: "reason", Value: g.Reason}, ledger.Member{Name: "told", Value: PublicReason(g.Reason)},
		ledger.Member{Name: "role", Value: c.staff.Role}, ledger.Member{Name: "account", Value: c.staff.Account})}
}

// opens names the very versions that are opened.
func (c *course) opens() []ledger.Object {
	var fields []ledger.Object
	for _, o := range c.plan.Fields {
		if o.Outcome == necessity.Granted {
			fields = append(fields, ledger.Object{{Name: "field", Value: string(o.Field)}, {Name: "version", Value: o.Version}})
		}
	}
	return fields
}

// open opens what was named. It is called only with a place in the ledger in hand.
func (c *course) open(place ledger.Place) (Glanced, error) {
	seen := Glanced{Request: c.r, Glance: c.glance.Glance, View: c.r.Looks, Place: place}
	seen.Request.Disclosure = c.f.ID
	v := DisclosureView{Decided: c.plan.Decided}
	if err := c.b.open(&v, &c.f.Situation); err != nil {
		return Glanced{}, err
	}
	seen.Values = v.Values
	for _, n := range c.glance.notes {
		text, err := c.b.openNote(&c.f.Situation.Transaction, n)
		if err != nil {
			return Glanced{}, err
		}
		seen.Notes = append(seen.Notes, OpenedNote{noteSide(n.Statement), noteEvent(n.Statement), n.Statement.At, text})
	}
	return seen, nil
}

// openNote opens free text, and checks it against the commitment in its entry. Its
// label has the version that the transaction had then, which only the seal knows.
func (b *Broker) openNote(t *TransactionRecord, n SealedNote) (masking.Text, error) {
	commitment, err := base64.StdEncoding.DecodeString(n.Statement.Members.String("note"))
	if err != nil {
		return masking.Text{}, err
	}
	for version := t.Version; version > 0; version-- {
		l := noteLabel(b.Origin, t.ID, version)
		o, err := b.openValue(t.Key, &SealedValue{Label: l, Sealed: masking.Sealed{Value: n.Sealed, Commitment: commitment}})
		if err == nil {
			return o.Value().Text, nil
		}
		if errors.Is(err, ErrUnavailable) { // the record is not sound
			return masking.Text{}, err
		}
	}
	return masking.Text{}, ledger.Finding{Part: ledger.PartRow, Table: "notes", Index: n.Index, Reason: "a note is not the one that its entry commits to"}
}

// lookAgain gives a first outcome again, for ten minutes, and only where the same
// could be opened anew.
func (b *Broker) lookAgain(ctx context.Context, s Staff, id DisclosureID, in Glance, o *Outcome) (Glanced, error) {
	c, _, err := b.glance(ctx, s, id, in)
	if err != nil {
		return Glanced{}, err
	}
	st, err := b.Store.Statement(ctx, o.Index, c.f.Situation.Transaction.Key)
	if err != nil {
		return Glanced{}, err
	}
	m := st.Members
	same := slices.EqualFunc(m.Objects("fields"), c.opens(), func(x, y ledger.Object) bool {
		return x.String("field") == y.String("field") && x.Int("version") == y.Int("version")
	})
	if st.Type != ledger.StaffViewed || m.String("account") != s.Account || !same || b.now().Sub(o.At) >= replayWindow {
		return Glanced{}, ErrGone
	}
	place, err := b.Store.Place(ctx, o)
	if err != nil {
		return Glanced{}, err
	}
	c.r.Looks = int(m.Int("view"))
	c.glance.notes = slices.DeleteFunc(c.glance.notes, func(n SealedNote) bool { return n.Index > o.Index }) // I10: what came since was not opened then
	return c.open(place)
}

// parseStaffView reads what no side is told more of than such an entry says to both.
func parseStaffView(index int64, st ledger.Statement) StaffView {
	m := st.Members
	v := StaffView{Look: Look{At: st.At, Index: index}, Role: m.String("role"), Purpose: m.String("purpose"), Reason: m.String("told")}
	for _, o := range m.Objects("fields") {
		v.Fields = append(v.Fields, masking.Field(o.String("field")))
	}
	notes, _ := m.Lookup("notes")
	v.Notes, _ = notes.([]string)
	return v
}

// seenByStaff adds to disclosures when staff opened something of them, as far as
// this party may know it.
func (b *Broker) seenByStaff(ctx context.Context, found []Found, vs []DisclosureView, viewer PartyID) error {
	entries, err := b.Store.StaffViews(ctx, found)
	if err != nil {
		return err
	}
	for i := range vs {
		side := ByRequester
		if viewer == vs[i].Subject {
			side = BySubject
		}
		for _, e := range entries[vs[i].ID] {
			if v, ok := parseStaffView(e.Index, e.Statement).seenBy(side); ok {
				vs[i].ByStaff = append(vs[i].ByStaff, v)
			}
		}
	}
	return nil
}
