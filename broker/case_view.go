package broker

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
)

// caseViewer is who reads a case: a side, or one of the staff.
type caseViewer struct {
	side  disputes.Side
	staff *Staff
}

// Case is a case as one of its sides sees it, with what both have written. To
// everybody else there is no such case.
func (b *Broker) Case(ctx context.Context, viewer PartyID, id CaseID) (CaseView, error) {
	f, err := b.Store.CaseByID(ctx, id)
	if err != nil {
		return CaseView{}, err
	}
	role, ok := f.Situation.Transaction.Role(viewer)
	if !ok {
		return CaseView{}, ErrNotFound
	}
	return b.viewCase(ctx, f, caseViewer{side: disputes.Side(role)})
}

// CaseFacts is a case without a viewer: where it stands, and nothing that anybody wrote.
func (b *Broker) CaseFacts(ctx context.Context, id CaseID) (CaseView, error) {
	f, err := b.Store.CaseByID(ctx, id)
	if err != nil {
		return CaseView{}, err
	}
	return b.bareCase(f), nil
}

// StaffCase is a case as one of the staff sees it. What the sides have written and
// handed in is opened by an entry of its own.
func (b *Broker) StaffCase(ctx context.Context, s Staff, id CaseID) (CaseView, error) {
	if !s.reads() {
		return CaseView{}, ErrRole
	}
	f, err := b.Store.CaseByID(ctx, id)
	if err != nil {
		return CaseView{}, err
	}
	return b.viewCase(ctx, f, caseViewer{staff: &s})
}

// Cases lists what a filter selects, without texts and as both sides are told it.
func (b *Broker) Cases(ctx context.Context, f CaseFilter) ([]CaseLine, string, error) {
	f.Now = b.now()
	var are []states.State
	for _, s := range f.States {
		are = append(are, disputes.ToldAs(s)...)
	}
	f.States = are
	all, next, err := b.Store.Cases(ctx, f)
	for i := range all {
		all[i].tellSides()
	}
	return all, next, err
}

// StaffCases is the queue.
func (b *Broker) StaffCases(ctx context.Context, s Staff, f CaseFilter) ([]CaseLine, string, error) {
	if !s.reads() {
		return nil, "", ErrRole
	}
	f.Now = b.now()
	if !f.Second {
		return b.Store.Cases(ctx, f)
	}
	if !s.handles() || !s.Approves {
		return nil, "", nil
	}
	f.NotBy = s.Account // nobody is the second for himself
	all, next, err := b.Store.Cases(ctx, f)
	return slices.DeleteFunc(all, func(l CaseLine) bool { return !l.waitsFor(&s) }), next, err
}

// waitsFor says whether this person could decide what was proposed in a case, or send it back.
func (r *CaseRecord) waitsFor(s *Staff) bool {
	c := &caseCourse{r: *r, staff: s}
	holds := c.staffHolds(disputes.AnotherHand) && c.staffHolds(disputes.MayApprove) && c.staffHolds(disputes.OfTwoHands)
	return holds && (r.State != disputes.AppealProposed || c.staffHolds(disputes.NewDecider) && c.staffHolds(disputes.NewHands))
}

// bareCase is what may be said of a case to whoever may know that there is one.
func (b *Broker) bareCase(f *FoundCase) CaseView {
	c := b.caseCourse(f, CaseMove{})
	t := &f.Situation.Transaction
	v := CaseView{CaseRecord: c.r, Transaction: t.ID, Buyer: t.Buyer, Seller: t.Seller, Now: c.at, Allowed: []states.Event{}}
	v.tellSides()
	v.Checklist = disputes.Checklist(f.Reason, f.Asked, v.Items)
	return v
}

// tellSides leaves out what only staff know.
func (r *CaseRecord) tellSides() {
	r.Assigned, r.AssignedBy, r.AssignedLed, r.Deciders, r.Behind, r.Proposal = "", nil, false, nil, nil, nil
	if r.State = disputes.ToldState(r.State); r.State == disputes.Appealed { // a proposal freezes it, and shows by nothing
		r.Items, r.Frozen = slices.Clone(r.Items), nil
		for i := range r.Items {
			if x := &r.Items[i]; x.Anew {
				x.Standing = disputes.Staged
			}
		}
	}
	if r.Told.Moves > 0 { // of one from before there was this, all that was done
		r.Moves, r.Texts, r.UpdatedAt = r.Told.Moves, r.Told.Texts, r.Told.At
	}
}

func (b *Broker) viewCase(ctx context.Context, f *FoundCase, by caseViewer) (CaseView, error) {
	v := b.bareCase(f)
	c := b.caseCourse(f, CaseMove{})
	if s := by.staff; s != nil {
		c.staff, v.Staff, v.State = s, true, c.state
		v.Assigned, v.AssignedBy, v.Deciders, v.Proposal = f.Assigned, f.AssignedBy, f.Deciders, f.Proposal
		v.Moves, v.CaseFacts.Texts, v.UpdatedAt, v.Items, v.Frozen = f.Moves, f.Texts, f.UpdatedAt, f.Items, f.Frozen
		v.Checklist = disputes.Checklist(f.Reason, f.Asked, f.Items)
		v.Allowed = c.allowedStaff()
		if p := f.Proposal; p != nil {
			v.Hash, v.SecondFor = c.payload(p), c.secondFor()
		}
	} else {
		c.side, c.actor = by.side, disputes.ByOther
		if by.side == f.Opener {
			c.actor = disputes.ByOpener
		}
		v.Allowed = c.allowed()
	}
	var err error
	if v.Evidence, err = b.Store.CaseEvidence(ctx, &f.CaseRecord); err != nil {
		return v, err
	}
	for i := range v.Evidence { // how it stands is the record's to say
		if n := v.Evidence[i].N; n > 0 && n <= len(v.Items) {
			v.Evidence[i].Standing = v.Items[n-1].Standing
		}
	}
	if err := b.meet(ctx, f, &v.CaseRecord); err != nil {
		return v, err
	}
	entries, err := b.Store.TransactionEntries(ctx, &f.Situation.Transaction)
	if err != nil {
		return v, err
	}
	v.Timeline = timeline(entries, f, by)
	if by.staff == nil {
		v.Texts, err = b.caseTexts(ctx, f, entries, false)
	}
	return v, err
}

// allowed are the events that a side has now, as far as it needs no more to know.
func (c *caseCourse) allowed() []states.Event {
	state := disputes.ToldState(c.state)
	all := disputes.Life.Allowed(state, c.actor)
	return slices.DeleteFunc(all, func(e states.Event) bool { return !c.could(state, e) })
}

// could leaves out what this side cannot do whatever it says: the guards that depend
// on the record alone do not hold.
func (c *caseCourse) could(state states.State, e states.Event) bool {
	switch e {
	case disputes.Escalate:
		return state == disputes.Settled && c.unkept() || state != disputes.Settled && c.holds(disputes.MayEscalate)
	case disputes.AcceptOffer:
		return slices.ContainsFunc(c.r.Offers, func(o disputes.TheOffer) bool { return o.State == disputes.OfferStands && o.By != c.side })
	case disputes.RetractOffer:
		return slices.ContainsFunc(c.r.Offers, func(o disputes.TheOffer) bool { return o.State == disputes.OfferStands && o.By == c.side })
	case disputes.Rest:
		return c.holds(disputes.NotRested)
	case disputes.AddEvidence:
		return state == disputes.UnderReview || state == disputes.Appealed || c.holds(disputes.NotRested)
	case disputes.Appeal:
		return c.holds(disputes.Lost) && c.holds(disputes.InTime)
	}
	return true
}

// allowedStaff are the events that one of the staff has.
func (c *caseCourse) allowedStaff() []states.Event {
	if !c.staff.handles() {
		return []states.Event{}
	}
	all := disputes.Life.Allowed(c.state, disputes.ByHandler)
	for _, e := range disputes.Life.Allowed(c.state, disputes.BySecond) {
		if !slices.Contains(all, e) {
			all = append(all, e)
		}
	}
	return slices.DeleteFunc(all, func(e states.Event) bool { return !c.couldStaff(e) })
}

func (c *caseCourse) couldStaff(e states.Event) bool {
	switch e {
	case disputes.AskEvidence:
		return c.staffHolds(disputes.Assigned) && c.staffHolds(disputes.FewRounds)
	case disputes.AdmitEvidence:
		late := slices.ContainsFunc(c.r.Items, func(x disputes.Item) bool { return x.Standing == disputes.Late })
		return late && c.staffHolds(disputes.Assigned)
	case disputes.Propose:
		return c.staffHolds(disputes.Assigned) && c.staffHolds(disputes.NotNew)
	case disputes.Release:
		return c.staffHolds(disputes.NotNew) && c.staffHolds(disputes.MayRelease)
	case disputes.GoOutside, disputes.ComeBack, disputes.Conclude, disputes.Message:
		return c.staffHolds(disputes.NotNew) && c.staffHolds(disputes.MayHandle)
	case disputes.Approve, disputes.SendBack:
		return (e == disputes.SendBack || c.staffHolds(disputes.LeadIfLarge)) && c.staffHolds(disputes.AnotherHand) && c.staffHolds(disputes.MayApprove) && c.staffHolds(disputes.OfTwoHands)
	}
	return true
}

// timeline is what happened in the transaction and in its cases, as far as a reader's
// audiences are told it.
func timeline(entries []Recorded, f *FoundCase, by caseViewer) []CaseEvent {
	audiences := []ledger.Audience{ledger.Parties}
	if by.staff != nil {
		audiences = append(audiences, ledger.Staff)
	}
	var all []CaseEvent
	for i := range entries {
		e := &entries[i]
		if id := e.Statement.Members.String("dispute"); id != "" && id != string(f.ID) {
			continue // another case's
		}
		told := e.Statement.Seen(audiences...)
		if len(told) == 0 || by.staff == nil && !toldInCase(&e.Statement) {
			continue
		}
		all = append(all, CaseEvent{Index: e.Index, At: e.Statement.At, Type: e.Statement.Type, Said: told})
	}
	return all
}

// caseTexts opens what was written about a case. Each text is checked against the
// commitment in its own entry. What staff wrote for staff alone is no side's to read.
func (b *Broker) caseTexts(ctx context.Context, f *FoundCase, entries []Recorded, staff bool) ([]CaseText, error) {
	var indexes []int64
	var of []*Recorded
	for i := range entries {
		m := entries[i].Statement.Members
		if m.String("dispute") != string(f.ID) || m.String("note") == "" {
			continue
		}
		if !staff && !toldText(&entries[i].Statement) {
			continue
		}
		indexes, of = append(indexes, entries[i].Index), append(of, &entries[i])
	}
	sealed, err := b.Store.Statements(ctx, indexes)
	if err != nil {
		return nil, err
	}
	all := make([]CaseText, 0, len(of))
	for _, e := range of {
		text, err := b.caseText(f, e, sealed[e.Index])
		if err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, nil
}

// caseOpenings are the texts about a case with what proves them, by entry.
func (b *Broker) caseOpenings(ctx context.Context, f *FoundCase, entries []Recorded) (map[int64]masking.Opening, error) {
	var indexes []int64
	for i := range entries {
		if m := entries[i].Statement.Members; m.String("dispute") == string(f.ID) && m.String("note") != "" {
			indexes = append(indexes, entries[i].Index)
		}
	}
	sealed, err := b.Store.Statements(ctx, indexes)
	if err != nil {
		return nil, err
	}
	all := make(map[int64]masking.Opening, len(indexes))
	for i := range entries {
		e := &entries[i]
		if !slices.Contains(indexes, e.Index) {
			continue
		}
		if all[e.Index], err = b.caseOpening(f, e, sealed[e.Index]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// noteLabel is what a text of a case is sealed under: its number among those that both
// sides are told, or, of one that they are not, its step.
func (b *Broker) noteLabel(id CaseID, step int64, text int) masking.Label {
	l := masking.Label{Origin: b.Origin, Owner: CaseLabel(id), Field: "note", Version: text}
	if text == 0 {
		l.Version = int(step)
	}
	return l
}

// caseOpening opens a text; it has to be the one that its entry commits to.
func (b *Broker) caseOpening(f *FoundCase, e *Recorded, sealed []byte) (masking.Opening, error) {
	m := e.Statement.Members
	commitment, err := base64.StdEncoding.DecodeString(m.String("note"))
	if err != nil {
		return masking.Opening{}, fmt.Errorf("read note of entry %d: %w", e.Index, err)
	}
	l := b.noteLabel(f.ID, m.Int("step"), int(m.Int("text")))
	o, err := b.openValue(f.Key, &SealedValue{Label: l, Sealed: masking.Sealed{Value: sealed, Commitment: commitment}})
	if err != nil {
		return o, fmt.Errorf("%w (%w)", ledger.Finding{
			Part: ledger.PartRow, Table: "notes", Index: e.Index, Reason: "a note is not the one that its entry commits to",
		}, err)
	}
	return o, nil
}

func (b *Broker) caseText(f *FoundCase, e *Recorded, sealed []byte) (CaseText, error) {
	o, err := b.caseOpening(f, e, sealed)
	if err != nil {
		return CaseText{}, err
	}
	m := e.Statement.Members
	x := CaseText{Index: e.Index, At: e.Statement.At, Event: states.Event(m.String("event")), By: m.String("by"), Text: o.Value().Text}
	switch e.Statement.Type {
	case ledger.CaseOpened:
		x.Event, x.By = disputes.Open, string(f.Opener)
	case ledger.EvidenceStored:
		x.Event = disputes.AddEvidence
	case ledger.CaseProposed, ledger.CaseDecided:
		x.By = "staff"
	default:
	}
	return x, nil
}
