package broker

import (
	"bytes"
	"context"
	"slices"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// Move is one event that somebody wants to happen to a disclosure.
type Move struct {
	Event  states.Event
	Reason string // a code of ReasonsFor
	Note   masking.Text
	Choice Choice // of a proposal or a decision
	Hash   []byte // of an approval: what the approver has looked at
	Match  *int64 // the version that there was when somebody looked; nil: it does not matter
}

// course is one move under way.
type course struct {
	b     *Broker
	f     *FoundRequest
	r     Request // as it is to be
	state states.State
	actor states.Actor
	staff *Staff // nil: a party, or the clock
	move  Move
	plan  *Plan // of a proposal, a decision or an approval
	now   time.Time

	waiting *Waiting // what waits of the requester already, of its appeal
	glance  *glance  // what one of the staff wants to open
}

// holds answers the machine's questions.
func (c *course) holds(g states.Guard) bool {
	switch r := &c.r; g {
	case isParty:
		return true // it is found by its party alone
	case takenByHim:
		return r.Taken == c.staff.Account
	case notTaken:
		return r.Taken == "" || r.Taken == c.staff.Account
	case mayRelease:
		return r.Taken != "" && (r.Taken == c.staff.Account || c.staff.leads())
	case heard, notHeard:
		return c.heard() == (g == heard)
	case permitted:
		return c.plan.Permitted
	case oneIsEnough, twoNeeded:
		return c.plan.Two == (g == twoNeeded)
	case anotherHand:
		return c.another()
	case ofTwoHands:
		return r.Proposal.apartFrom(c.staff)
	case mayApprove:
		return c.staff.Approves
	case notNew:
		return !c.staff.New
	case sameHash:
		return r.Proposal != nil && bytes.Equal(r.Proposal.Hash, c.move.Hash) && bytes.Equal(c.hash(), c.move.Hash)
	case onlySafety:
		return c.move.Reason == "safety"
	case newObjection:
		return !r.Contested || c.move.Reason == "safety" && r.Objection != "safety"
	case stillHolds:
		return c.b.holds(&c.f.Decided, c.f.without())
	case inTime:
		return c.now.Before(c.decidedAt().Add(appealTime))
	case firstAppeal:
		return c.actor == ByRequester && !r.Appealed || c.actor == BySubject && !r.Opposed
	case newDecider:
		return !slices.Contains(r.Deciders, c.staff.Account)
	case newHands:
		return apart(c.staff.hands(), slices.Concat(r.Deciders, r.Behind))
	case fewHeldOff, notHeldOff:
		return c.mayHoldOff(g)
	case contested, inTheRight:
		return r.Contested
	case proposed:
		return r.Proposal != nil
	case barred:
		return c.b.barred(c.f, r)
	case mayAsk:
		return !c.b.barred(c.f, r)
	}
	return c.over(g)
}

// over answers those about a grant that is over, and what was seen of it.
func (c *course) over(g states.Guard) bool {
	switch r := &c.r; g {
	case fewPending:
		return c.waiting.Count < mostPending
	case notAttested:
		return r.Attested.IsZero()
	case seen:
		return len(c.f.Looks) > 0 && r.RecallBy.IsZero() && r.Attested.IsZero()
	case calledBack:
		return !r.RecallBy.IsZero() && r.State == c.f.Request.State // that its requester was excluded is told first
	case revoked:
		return c.f.Grant != nil && c.f.Grant.State == Revoked
	}
	return c.glance.holds(g, c)
}

// heard says whether the subject was heard. An appeal of the requester's is a second
// try for the same fields, so a hearing that the subject had of them counts for it.
func (c *course) heard() bool {
	r := &c.r
	if c.move.Event == Appeal && c.actor == ByRequester {
		return r.Heard == heardObjected || r.Heard == heardSilent
	}
	return r.Heard != "" || r.Opposed && !r.Appealed
}

// another: nobody approves his own work, whatever his role. What rests on a
// citation a privacy officer approves.
func (c *course) another() bool {
	if !c.r.Proposal.byAnother(c.staff) {
		return false
	}
	var because []string
	switch {
	case c.plan != nil:
		because = c.plan.Because
	case c.f.Grant != nil && !c.r.Proposal.revokes():
		because = c.f.revivedBecause()
	}
	if slices.Contains(because, "citation") {
		return c.staff.Role == rolePrivacy
	}
	return c.staff.leads()
}

// hash is what would be done now.
func (c *course) hash() []byte {
	switch {
	case c.plan != nil:
		return c.plan.Hash
	case c.move.Event == ToRecall || c.move.Event == Recall:
		return c.f.revocation(c.move.Reason)
	}
	return c.b.reinstatement(c.f)
}

// decidedAt is when what can be appealed was decided. That the marketplace revoked a
// grant, or that its consent ended, is in no record of it: then it is when the recall
// was written down, within a second of that, or of what nobody has seen the time until
// when it could have been, which cuts nobody's time short.
func (c *course) decidedAt() time.Time {
	r, at := &c.r, c.f.At
	if !r.DecidedAt.IsZero() {
		at = r.DecidedAt
	}
	if c.state != Recalled {
		return at
	}
	ended := r.RecallBy.Add(-recallTime)
	switch {
	case !r.RecallBy.IsZero():
	case r.State == Recalled: // by people, or closed
		return at
	default:
		ended = c.b.endsAt(&c.f.Decided, &c.f.Situation)
	}
	if ended.After(at) {
		return ended
	}
	return at
}

// act lets something happen to a disclosure, if its life has that event in the
// state that it is in, for this actor. Nothing else writes to its record.
func (b *Broker) act(ctx context.Context, by actor, id DisclosureID, m Move, once *Outcome) (RequestView, error) {
	return again(ctx, func(ctx context.Context) (RequestView, error) {
		f, err := b.Store.Request(ctx, id)
		if err != nil {
			return RequestView{}, err
		}
		role, err := by.of(f)
		if err != nil {
			return RequestView{}, err
		}
		if err := b.enforced(ctx, &f.Situation); err != nil {
			return RequestView{}, err
		}
		if m.Match != nil && *m.Match != f.Request.Version {
			return RequestView{}, ErrRequestChanged
		}
		c := &course{b: b, f: f, r: b.standing(f), actor: role, staff: by.staff, move: m, now: b.now()}
		c.state = b.state(f, &c.r)
		if err := c.count(ctx); err != nil {
			return RequestView{}, err
		}
		row, err := c.take()
		if err != nil {
			return RequestView{}, err
		}
		w, err := c.write(ctx, by, row)
		if err != nil {
			return RequestView{}, err
		}
		w.Once = once.led("request", string(id)+"/"+string(m.Event), w.Record.At)
		commit := b.Store.Commit
		if w.Side != nil {
			commit = b.commitMerchant // it may be one, and then less of it is public
		}
		place, err := commit(ctx, w)
		if err != nil {
			return RequestView{}, err
		}
		return c.view(w, place), nil
	})
}

// count counts what waits of the requester, whose appeal is to wait as well.
func (c *course) count(ctx context.Context) (err error) {
	if c.move.Event != Appeal || c.actor != ByRequester {
		return nil
	}
	requester, _ := c.f.sides()
	c.waiting = &Waiting{Transaction: c.f.Situation.Transaction.Row, Requester: requester.Row, At: c.now}
	c.waiting.Count, err = c.b.Store.CountWaiting(ctx, *c.waiting)
	return err
}

// take asks the machine, with what would be done worked out first.
func (c *course) take() (*states.Row, error) {
	if err := c.choose(); err != nil {
		return nil, err
	}
	row, err := Life.Next(c.state, c.move.Event, c.actor, c.holds)
	if err != nil {
		return nil, transition(err)
	}
	return row, nil
}

// choose works the plan out that this move is about.
func (c *course) choose() (err error) {
	choice := &c.move.Choice
	choice.Reason = c.move.Reason
	switch c.move.Event {
	case Grants, Deny, Overturn:
		choice.Event = c.move.Event
		c.plan, err = c.b.plan(c.f, &c.r, *choice)
	case Propose:
		switch c.state {
		case Held:
			choice.Event = Reinstate
			return nil
		case Appealed:
			choice.Event = Overturn
		default:
			choice.Event = Grants
		}
		c.plan, err = c.b.plan(c.f, &c.r, *choice)
	case ToRecall:
		choice.Event = Recall
	case Recall:
		if p := c.r.Proposal; p != nil && c.actor == BySecond {
			c.move.Reason = p.Reason
		}
	case Approve:
		if p := c.r.Proposal; p != nil {
			c.plan, err = c.b.plan(c.f, &c.r, Choice{Event: p.Event, Reason: p.Reason, Fields: p.Fields, Views: p.Views, Days: p.Days})
		}
	}
	return err
}

// write turns the row into what is written: the record, its entry, the grant.
func (c *course) write(ctx context.Context, by actor, row *states.Row) (*Write, error) {
	r, s := &c.r, &c.f.Situation
	from := c.state
	r.Disclosure, r.Transaction, r.Version = c.f.ID, s.Transaction.Row, c.f.Request.Version+1
	if c.f.Request.Version == 0 {
		r.OpenedAt, r.Trail = c.now, [][]byte{leafOf(&c.f.Found)}
	}
	r.State = row.After(from)
	c.clock(row)
	c.record(row)
	w := &Write{
		Of: s, ExpectTransaction: &s.Transaction, ExpectParties: []*PartyRecord{&s.Buyer, &s.Seller}, ExpectPolicy: s.Policy, Request: r,
		Word: by.caller.spends(), ExpectRequests: c.waiting,
	}
	st := c.statement(by, from)
	if !c.move.Note.IsZero() && !st.Type.Says("note") {
		return nil, ErrNoNote.Pointing("/note")
	}
	if err := c.b.note(w, &st, &s.Transaction, c.move.Note); err != nil {
		return nil, err
	}
	c.grant(w, row)
	if err := c.unsettle(ctx, w, row, &st); err != nil {
		return nil, err
	}
	requester, subject := c.f.sides()
	var err error
	w.Record, err = c.b.record(st, s.Transaction.Key, keys{parties: s.Transaction.Key, requester: requester.Key, subject: subject.Key})
	r.Newest = newest(w.Record)
	if st.Type == ledger.DecisionMade {
		r.Trail = append(slices.Clone(r.Trail), r.Newest)
		d := c.plan.Decided
		w.Decides = &d
		c.b.chargeDecision(w, s)
	}
	w.Notices, w.Timers = append(c.notices(row), w.Notices...), r.timers(c.f.Request.Deadline)
	if row.On == Object && r.Contested || (row.On == Propose || row.On == ToRecall) && r.IsProposed() {
		w.Timers = []Timer{r.timer(c.b.lookAgainAt(c.f))}
	}
	if err == nil && w.Side != nil && r.Feared {
		err = c.b.lookAnew(ctx, w, w.Side)
	}
	return w, err
}

// notices tell both sides what a move means for them.
func (c *course) notices(row *states.Row) []Notice {
	var kinds []NoticeKind
	switch row.On {
	case Ask:
		kinds = []NoticeKind{InformationNeeded}
	case Withdraw, Lapse, Bar:
		if kinds = []NoticeKind{RequestWithdrawn}; row.Has(recallNotice) {
			kinds = append(kinds, RecallRequested)
		}
	case Object:
		if kinds = []NoticeKind{DisclosureObjectedTo}; row.Has(holdGrant) {
			kinds = append(kinds, GrantSuspended)
		}
	case Appeal:
		if kinds = []NoticeKind{DisclosureAppealed}; row.Has(openWindow) {
			kinds = append(kinds, HearingOpened)
		}
	case Suspend:
		if row.Has(holdGrant) { // else it is suspended already
			kinds = []NoticeKind{GrantSuspended}
		}
	case Reinstate:
		kinds = []NoticeKind{GrantReinstated}
	case Recall:
		if kinds = []NoticeKind{GrantRevoked}; row.Has(recallNotice) {
			kinds = append(kinds, RecallRequested)
		}
	case CallBack:
		kinds = []NoticeKind{RecallRequested}
	case Grants, Deny, Approve, Overturn, Uphold, Keep:
		kinds = []NoticeKind{DisclosureDecidedByPerson}
	case LookInto:
		kinds = []NoticeKind{DisclosureViewedByStaff}
	}
	about := Notice{Disclosure: c.f.ID, Transaction: c.r.Transaction}
	var all []Notice
	for _, about.Kind = range kinds {
		all = append(all, about)
	}
	if c.plan != nil && c.plan.Decision == "granted" && row.Has(makeGrant) {
		all = append(all, c.plan.notices(&c.f.Situation.Transaction)[1:]...) // when it ends
	}
	return all
}

func (c *course) view(w *Write, place ledger.Place) RequestView {
	f := *c.f
	f.Request = c.r
	if w.Decides != nil {
		f.Decided, f.Place = *w.Decides, place
	}
	if i := slices.IndexFunc(w.Grants, func(g Grant) bool { return g.Disclosure == f.ID }); i >= 0 { // others can go with it
		f.Grant = &w.Grants[i]
	}
	if w.Side != nil {
		_, subject := f.sides()
		*subject = *w.Side
	}
	v := c.b.viewRequest(&f, c.actor, c.staff != nil, &place)
	if v.Plan = c.plan; v.State == Held && !c.r.Proposal.revokes() {
		v.Plan = c.b.revival(&f)
	}
	return v
}
