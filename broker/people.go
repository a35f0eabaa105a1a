package broker

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// actor is who wants a move: a party by its own word, one of the staff, or time.
type actor struct {
	caller Caller
	party  PartyID
	staff  *Staff
	second bool // this staff member wants to do what the second person does
}

// of is the actor that the machine knows, for this disclosure. Strangers learn
// that there is no such thing.
func (a actor) of(f *FoundRequest) (states.Actor, error) {
	switch {
	case a.staff != nil && !a.staff.handles():
		return "", ErrRole
	case a.staff != nil && a.second:
		return BySecond, nil
	case a.staff != nil:
		return ByHandler, nil
	case a.party == "":
		return ByClock, nil
	case a.party == f.Requester:
		return ByRequester, nil
	case a.party == f.Subject:
		return BySubject, nil
	}
	return "", ErrNotFound
}

// ReasonsFor are the codes that an event has to be given one of; none for events
// that need no reason.
func ReasonsFor(e states.Event) []string {
	switch e {
	case Object:
		return []string{"safety", "not_necessary", "other_way", "done_already", "other"}
	case Skip:
		return []string{"defeats_purpose", "perishable", "legal_duty"}
	case Ask:
		return []string{"purpose_unclear", "evidence_missing", "identity_unclear", "other"}
	case Grants, Overturn, Propose:
		return []string{"necessary", "legal_duty", "agreed"}
	case Keep:
		return []string{"necessary", "legal_duty"}
	case Deny, Uphold:
		return []string{"not_necessary", "subject_objected", "safety", "other_way", "evidence_missing", "abuse_suspected"}
	case Reject:
		return []string{"not_necessary", "less_suffices", "evidence_missing", "mistake"}
	case Suspend:
		return []string{"misuse_suspected", "safety", "mistake"}
	case Recall, ToRecall:
		return RevocationReasons()
	case Appeal:
		return []string{"new_facts", "mistake", "unfair"}
	case LookInto:
		return []string{"identity_unclear", "data_disputed", "evidence_compared", "note_needed", "safety"}
	}
	return nil
}

// StaffMove lets one of the staff do something with a request. Approvals, rejections
// and reinstatements are the second person's, and so is a revocation by the hash of
// what was proposed.
func (b *Broker) StaffMove(ctx context.Context, s Staff, id DisclosureID, m Move, once *Outcome) (RequestView, bool, error) {
	second := m.Event == Approve || m.Event == Reject || m.Event == Reinstate || m.Event == Recall && len(m.Hash) > 0
	by := actor{staff: &s, second: second}
	if !s.handles() {
		return RequestView{}, false, ErrRole
	}
	return b.moved(ctx, by, id, m, once)
}

// PartyMove lets a party object, answer, withdraw, appeal, or attest that it has
// deleted what was revoked.
func (b *Broker) PartyMove(ctx context.Context, c Caller, party PartyID, id DisclosureID, m Move, once *Outcome) (RequestView, bool, error) {
	if party == "" {
		return RequestView{}, false, ErrNotFound // nobody is the clock
	}
	return b.moved(ctx, actor{caller: c, party: party}, id, m, once)
}

func (b *Broker) moved(ctx context.Context, by actor, id DisclosureID, m Move, once *Outcome) (RequestView, bool, error) {
	return replayable(ctx, b, once, func(ctx context.Context) (RequestView, error) {
		return b.act(ctx, by, id, m, once)
	}, func(ctx context.Context, _ *Outcome) (RequestView, error) {
		f, err := b.Store.Request(ctx, id)
		if err != nil {
			return RequestView{}, err
		}
		role, err := by.of(f)
		if err != nil {
			return RequestView{}, err
		}
		return b.viewRequest(f, role, by.staff != nil, nil), nil
	})
}

// RequestOf is what one of the staff sees of a request.
func (b *Broker) RequestOf(ctx context.Context, s Staff, id DisclosureID) (RequestView, error) {
	if !s.reads() {
		return RequestView{}, ErrRole
	}
	f, err := b.Store.Request(ctx, id)
	if err != nil {
		return RequestView{}, err
	}
	v := b.viewRequest(f, ByHandler, true, nil)
	switch {
	case v.State == Held && !v.Request.Proposal.revokes():
		v.Plan = b.revival(f)
		return v, nil
	case !v.Request.IsOpen() || v.Request.Proposal.revokes():
		return v, nil
	}
	r := v.Request
	choice := Choice{Event: Grants, Reason: "necessary"}
	if p := r.Proposal; p != nil {
		choice = Choice{Event: p.Event, Reason: p.Reason, Fields: p.Fields, Views: p.Views, Days: p.Days}
	}
	v.Plan, err = b.plan(f, &r, choice)
	return v, err
}

// OpenRequests lists what waits for a person, the most urgent first.
func (b *Broker) OpenRequests(ctx context.Context, s Staff, filter RequestFilter) ([]RequestView, string, error) {
	if !s.reads() {
		return nil, "", ErrRole
	}
	if filter.Second && !s.isSecond() {
		return nil, "", nil
	}
	filter.Now, filter.By = b.now(), &s
	found, next, err := b.Store.Requests(ctx, filter)
	if err != nil {
		return nil, "", err
	}
	vs := make([]RequestView, 0, len(found))
	for i := range found {
		if v := b.viewRequest(&found[i], ByHandler, true, nil); v.Request.IsOpen() { // else nobody has written down yet that it is not
			vs = append(vs, v)
		}
	}
	return vs, next, nil
}

// CountRequests says how many requests wait in each queue of one of the staff.
func (b *Broker) CountRequests(ctx context.Context, s Staff) (RequestCounts, error) {
	if !s.reads() {
		return RequestCounts{}, ErrRole
	}
	n, err := b.Store.CountRequests(ctx, &s, b.now())
	if !s.isSecond() {
		n.Second = 0
	}
	return n, err
}

// StandingOf is what a party sees of a disclosure that a person decides, or has
// decided: where it stands, never who decides.
func (b *Broker) StandingOf(ctx context.Context, id DisclosureID, viewer PartyID) (RequestView, error) {
	f, err := b.Store.Request(ctx, id)
	if err != nil {
		return RequestView{}, err
	}
	role, err := actor{party: viewer}.of(f)
	if err != nil || viewer == "" {
		return RequestView{}, ErrNotFound
	}
	return b.viewRequest(f, role, false, nil), nil
}

// reinstatement is what a second person signs for a suspended grant: that this
// very grant lives again.
func (b *Broker) reinstatement(f *FoundRequest) []byte {
	if f.Grant == nil {
		return nil
	}
	id, _ := f.ID.Bytes()
	h := sha256.Sum256(slices.Concat([]byte("bauta/reinstatement/v1\n"), id, leafOf(&f.Found), []byte{byte(f.Grant.ViewsLeft)}))
	return h[:]
}

// revocation is what a second person signs for the end of a grant: that this very
// grant ends, for this reason.
func (f *FoundRequest) revocation(reason string) []byte {
	id, _ := f.ID.Bytes()
	h := sha256.Sum256(slices.Concat([]byte("bauta/revocation/v1\n"), id, leafOf(&f.Found), []byte(reason)))
	return h[:]
}

// revokes says that it is the end of a grant.
func (p *Proposal) revokes() bool { return p != nil && p.Event == Recall }

// revival is that as a plan: the grant as it was given, with the views that it has
// left, as far as it still holds.
func (b *Broker) revival(f *FoundRequest) *Plan {
	v := b.viewDecided(&f.Situation, &f.Decided, f.Grant, f.Place)
	p := &Plan{
		Decided: f.Decided, Permitted: b.holds(&f.Decided, f.without()), Two: true, Because: f.revivedBecause(),
		EndsAt: v.ExpiresAt, Hash: b.reinstatement(f),
	}
	p.Views = f.Grant.ViewsLeft
	return p
}

// revivedBecause says why a grant needs two people to live again, and which.
func (d *Decided) revivedBecause() []string {
	because := []string{"reinstatement"}
	if d.Ground == necessity.Ground3g {
		because = append(because, "citation")
	}
	return because
}

// statement is what the entry of a move says.
func (c *course) statement(by actor, from states.State) ledger.Statement {
	about := ledger.Object{{Name: "disclosure", Value: string(c.f.ID)}, {Name: "transaction", Value: string(c.f.Transaction)}}
	switch c.move.Event {
	case Object:
		return ledger.Statement{Type: ledger.DisclosureObjected, At: c.now, Members: append(about,
			ledger.Member{Name: "reason", Value: c.move.Reason}, ledger.Member{Name: "asserted_by", Value: by.caller.assertedBy()},
			ledger.Member{Name: "key", Value: by.caller.Key})}
	case Appeal:
		return ledger.Statement{Type: ledger.DecisionAppealed, At: c.now, Members: append(about,
			ledger.Member{Name: "by", Value: string(c.actor)}, ledger.Member{Name: "reason", Value: c.move.Reason},
			ledger.Member{Name: "asserted_by", Value: by.caller.assertedBy()}, ledger.Member{Name: "key", Value: by.caller.Key})}
	case Propose, ToRecall:
		return c.proposed(about)
	case Grants, Deny, Approve, Overturn:
		return c.decided()
	case LookInto:
		return c.looked(about)
	}
	moved := append(about,
		ledger.Member{Name: "event", Value: string(c.move.Event)}, ledger.Member{Name: "from", Value: string(from)},
		ledger.Member{Name: "to", Value: string(c.r.State)}, ledger.Member{Name: "by", Value: string(c.actor)},
		ledger.Member{Name: "reason", Value: c.move.Reason}, ledger.Member{Name: "told", Value: PublicReason(c.move.Reason)},
		ledger.Member{Name: "until", Value: c.until()})
	if c.staff != nil {
		moved = append(moved, ledger.Member{Name: "account", Value: c.staff.Account})
	} else if c.actor != ByClock {
		moved = append(moved, ledger.Member{Name: "asserted_by", Value: by.caller.assertedBy()}, ledger.Member{Name: "key", Value: by.caller.Key})
	}
	return ledger.Statement{Type: ledger.RequestMoved, At: c.now, Members: moved}
}

// until is the deadline that begins with a move, if one does.
func (c *course) until() time.Time {
	if by := c.r.RecallBy; !by.Equal(c.f.Request.RecallBy) {
		return by
	}
	return c.r.Deadline
}

func (c *course) proposed(about ledger.Object) ledger.Statement {
	p := c.r.Proposal
	st := ledger.Statement{Type: ledger.DecisionProposed, At: c.now, Members: append(about,
		ledger.Member{Name: "event", Value: string(p.Event)}, ledger.Member{Name: "reason", Value: p.Reason},
		ledger.Member{Name: "plan", Value: encode(p.Hash)}, ledger.Member{Name: "account", Value: p.By})}
	if c.plan != nil {
		var given []masking.Field
		for _, f := range c.plan.Fields {
			if f.Rule != "" {
				given = append(given, f.Field)
			}
		}
		st.Members = append(st.Members, ledger.Member{Name: "fields", Value: names(given)}, ledger.Member{Name: "second_for", Value: c.plan.Because})
	}
	return st
}

func (c *course) decided() ledger.Statement {
	st := c.plan.statement()
	decider, approver := c.staff.Account, ""
	if c.move.Event == Approve {
		decider, approver = c.f.Request.Proposal.By, c.staff.Account
	}
	facts, situation := c.plan.conditions(c.plan.bits)
	st.Members = append(st.Members, facts, situation, ledger.Member{Name: "plan", Value: encode(c.plan.Hash)}, ledger.Member{Name: "second_for", Value: c.plan.Because},
		ledger.Member{Name: "decider", Value: decider}, ledger.Member{Name: "approver", Value: approver})
	return st
}
