package broker

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// ForEmergency is the purpose of what is seen in a session, as the person is told it.
const ForEmergency = "break_glass"

// GlassInput is a session on its way in: about a transaction, or about a case.
type GlassInput struct {
	Transaction TransactionID
	Dispute     CaseID
	Reason      string // of GlassReasons
	Text        masking.Text
}

// GlassLook is what somebody wants to see in a session.
type GlassLook struct {
	Subject PartyID
	Fields  []masking.Field
	Delay   string    // of RevealDelays; empty: the person is told at once
	Until   time.Time // then it is told
}

// GlassRevealed is what was opened, with the entry that says so.
type GlassRevealed struct {
	GlassLook

	Session GlassID
	Values  map[masking.Field]masking.Value
	Place   ledger.Place
}

func (in *GlassInput) checked() error {
	switch {
	case (in.Transaction == "") == (in.Dispute == ""):
		return ErrGlassAbout.Pointing("/transaction")
	case !slices.Contains(GlassReasons(), in.Reason):
		return ErrGlassReason.Pointing("/reason")
	case in.Text.IsZero():
		return ErrGlassText.Pointing("/text")
	}
	return nil
}

// BreakGlass opens a session, and pages those who lead.
func (b *Broker) BreakGlass(ctx context.Context, s Staff, in GlassInput, once *Outcome) (GlassView, bool, error) {
	if err := in.checked(); err != nil {
		return GlassView{}, false, err
	}
	return b.glassOnce(ctx, &s, once, func(ctx context.Context) (GlassView, error) {
		c := b.glassCourse(&s, nil)
		situation, count, err := c.breaking(ctx, &in)
		if err != nil {
			return GlassView{}, err
		}
		row, err := c.next(BreakGlass, ByOpener)
		if err != nil {
			return GlassView{}, err
		}
		if c.r.ID, err = b.newGlassID(c.now); err != nil {
			return GlassView{}, err
		}
		if c.r.Row, err = b.Store.NewRow(ctx); err != nil {
			return GlassView{}, err
		}
		c.r.Account, c.r.Transaction, c.r.Of, c.r.Dispute = s.Account, situation.Transaction.Row, situation.Transaction.ID, in.Dispute
		c.r.Reason, c.r.Role, c.r.Hands, c.r.OpenedAt = in.Reason, s.Role, s.hands(), c.now
		w, err := c.write(situation, ledger.GlassBroken, in.Text, masking.Key{},
			ledger.Member{Name: "case", Value: string(in.Dispute)}, ledger.Member{Name: "reason", Value: in.Reason}, ledger.Member{Name: "until", Value: c.r.Until},
			ledger.Member{Name: "role", Value: s.Role})
		if err != nil {
			return GlassView{}, err
		}
		w.ExpectGlasses = &GlassOf{s.Account, count}
		w.Timers = []Timer{{Kind: Mending, Transaction: c.r.Row, DueAt: c.r.Until}}
		if row.Has(pageLeads) {
			w.Notices = []Notice{{Kind: GlassOpened, Transaction: c.r.Row}}
		}
		return c.commit(ctx, w, once, BreakGlass)
	})
}

// breaking reads what the opening of a session depends on: which of his own sessions hold,
// how many there were, and how old the transaction is that it is to be about.
func (c *glassCourse) breaking(ctx context.Context, in *GlassInput) (s *Situation, count int, err error) {
	if !c.staff.handles() {
		return nil, 0, ErrRole
	}
	if c.held, count, err = c.b.Store.GlassesHeld(ctx, c.staff.Account); err != nil {
		return nil, 0, err
	}
	if s, err = c.b.glassAbout(ctx, in); err != nil {
		return nil, 0, err
	}
	t := &s.Transaction.Transaction
	c.recent = t.Dispute.Open() || c.now.Before(t.last().Add(GlassReach))
	for _, ended := range []time.Time{t.CompletedAt, t.CancelledAt} {
		c.recent = c.recent && (ended.IsZero() || c.now.Before(ended.Add(GlassReach)))
	}
	return s, count, nil
}

// glassAbout is the transaction of a session.
func (b *Broker) glassAbout(ctx context.Context, in *GlassInput) (*Situation, error) {
	if in.Dispute == "" {
		return b.Store.Situation(ctx, in.Transaction, "", Counterpartys)
	}
	f, err := b.Store.CaseByID(ctx, in.Dispute)
	if err != nil {
		return nil, err
	}
	return &f.Situation, nil
}

// glassOnce does a step of a session, once for an idempotency key.
func (b *Broker) glassOnce(ctx context.Context, s *Staff, once *Outcome, do func(context.Context) (GlassView, error)) (GlassView, bool, error) {
	return replayable(ctx, b, once, func(ctx context.Context) (GlassView, error) { return again(ctx, do) },
		func(ctx context.Context, o *Outcome) (GlassView, error) {
			id, _, _ := strings.Cut(o.ID, "/")
			v, err := b.Glass(ctx, *s, GlassID(id))
			if err == nil {
				v.Place, err = b.Store.Place(ctx, o)
			}
			return v, err
		})
}

func (c *glassCourse) commit(ctx context.Context, w *Write, once *Outcome, e states.Event) (GlassView, error) {
	w.Once = once.ledGlass(c.r.ID, string(e), w)
	place, err := c.b.Store.Commit(ctx, w)
	if err != nil {
		return GlassView{}, err
	}
	v, err := c.b.showGlass(ctx, c.staff, &c.r)
	v.Place = place
	return v, err
}

// EndGlass ends a session: his own, or, for those who lead, anybody's.
func (b *Broker) EndGlass(ctx context.Context, s Staff, id GlassID, once *Outcome) (GlassView, bool, error) {
	return b.glassOnce(ctx, &s, once, func(ctx context.Context) (GlassView, error) {
		c, err := b.glassStep(ctx, &s, id)
		if err != nil {
			return GlassView{}, err
		}
		by := c.actor(EndGlass)
		if _, err := c.next(EndGlass, by); err != nil {
			return GlassView{}, err
		}
		c.r.EndedBy = s.Account
		w, err := c.ended(ctx, by)
		if err != nil {
			return GlassView{}, err
		}
		return c.commit(ctx, w, once, EndGlass)
	})
}

// glassStep begins what one of the staff does with a session.
func (b *Broker) glassStep(ctx context.Context, s *Staff, id GlassID) (*glassCourse, error) {
	if !s.handles() {
		return nil, ErrRole
	}
	r, err := b.glassNow(ctx, id)
	if err != nil {
		return nil, err
	}
	if s.Role == roleHandler && r.Account != s.Account {
		return nil, ErrNotFound
	}
	return b.glassCourse(s, r), nil
}

// ReviewGlass says what another person thinks of a session that is over.
func (b *Broker) ReviewGlass(ctx context.Context, s Staff, id GlassID, outcome string, text masking.Text, once *Outcome) (GlassView, bool, error) {
	switch {
	case !slices.Contains(GlassOutcomes(), outcome):
		return GlassView{}, false, ErrUnknownCode.Pointing("/outcome")
	case text.IsZero():
		return GlassView{}, false, ErrGlassText.Pointing("/text")
	}
	return b.glassOnce(ctx, &s, once, func(ctx context.Context) (GlassView, error) {
		c, err := b.glassStep(ctx, &s, id)
		if err != nil {
			return GlassView{}, err
		}
		if _, err := c.next(ReviewGlass, ByReviewer); err != nil {
			return GlassView{}, err
		}
		c.r.Outcome, c.r.Reviewer, c.r.Reviewed = outcome, s.Account, c.now
		situation, err := b.Store.Situation(ctx, c.r.Of, "", Counterpartys)
		if err != nil {
			return GlassView{}, err
		}
		w, err := c.write(situation, ledger.GlassReviewed, text, masking.Key{}, ledger.Member{Name: "outcome", Value: outcome})
		if err != nil {
			return GlassView{}, err
		}
		return c.commit(ctx, w, once, ReviewGlass)
	})
}

// RevealGlass opens values of a side for whoever has opened the session. The entry is
// durable first (I1).
func (b *Broker) RevealGlass(ctx context.Context, s Staff, id GlassID, in GlassLook, once *Outcome) (GlassRevealed, bool, error) {
	if err := in.checked(b.now()); err != nil {
		return GlassRevealed{}, false, err
	}
	return replayable(ctx, b, once, func(ctx context.Context) (GlassRevealed, error) {
		count := sync.OnceValue(func() error { return b.countReveal(ctx, &s) })
		return again(ctx, func(ctx context.Context) (GlassRevealed, error) { return b.revealGlass(ctx, &s, id, in, once, count) })
	}, func(ctx context.Context, o *Outcome) (GlassRevealed, error) {
		if b.now().Sub(o.At) >= replayWindow {
			return GlassRevealed{}, ErrGone
		}
		c, situation, fields, err := b.glassLook(ctx, &s, id, &in)
		if err != nil {
			return GlassRevealed{}, err
		}
		st, err := b.Store.Statement(ctx, o.Index, situation.Transaction.Key)
		if err != nil {
			return GlassRevealed{}, err
		}
		if m := st.Members; m.String("account") != s.Account || !slices.EqualFunc(m.Objects("fields"), fieldObjects(fields), sameField) {
			return GlassRevealed{}, ErrGone
		}
		place, err := b.Store.Place(ctx, o)
		if err != nil {
			return GlassRevealed{}, err
		}
		return c.reveal(in, situation, fields, place)
	})
}

func (in *GlassLook) checked(now time.Time) error {
	x := CaseReveal{Fields: in.Fields, Purpose: RevealPurposes()[0], Reason: ReasonsFor(LookInto)[0], Delay: in.Delay, Until: in.Until}
	return x.checked(now)
}

func (b *Broker) revealGlass(ctx context.Context, s *Staff, id GlassID, in GlassLook, once *Outcome, count func() error) (GlassRevealed, error) {
	c, situation, fields, err := b.glassLook(ctx, s, id, &in)
	if err == nil {
		err = count()
	}
	if err != nil {
		return GlassRevealed{}, err
	}
	role, _ := situation.Transaction.Role(in.Subject)
	subject := situation.Party(role)
	c.r.Reveals++
	told := in.Until
	if in.Delay == "" {
		told = time.Time{}
	}
	w, err := c.write(situation, ledger.GlassViewed, masking.Text{}, subject.Key,
		ledger.Member{Name: "subject", Value: string(in.Subject)}, ledger.Member{Name: "fields", Value: fieldObjects(fields)}, ledger.Member{Name: "purpose", Value: ForEmergency},
		ledger.Member{Name: "role", Value: s.Role}, ledger.Member{Name: "reason", Value: c.r.Reason}, ledger.Member{Name: "told_at", Value: told},
		ledger.Member{Name: "delay", Value: in.Delay})
	if err != nil {
		return GlassRevealed{}, err
	}
	w.ExpectTransaction, w.ExpectParties = &situation.Transaction, []*PartyRecord{&situation.Buyer, &situation.Seller}
	w.Notices = []Notice{{Kind: GlassViewedByStaff, Transaction: c.r.Row, DueAt: c.r.lookAgain(told, c.now)}}
	w.Once = once.ledGlass(id, string(GlassReveal), w)
	by := Caller{Key: s.Account}
	b.chargeReach(w, by, subject.Row)
	place, err := b.Store.Commit(ctx, w)
	if err != nil {
		return GlassRevealed{}, b.refuseReach(ctx, by, err)
	}
	return c.reveal(in, situation, fields, place)
}

// glassLook finds the very versions that may be opened, still sealed. The policies are
// not asked: there may be no case. What no policy could lift still holds.
func (b *Broker) glassLook(ctx context.Context, s *Staff, id GlassID, in *GlassLook) (*glassCourse, *Situation, []FieldOutcome, error) {
	if err := b.sound(); err != nil {
		return nil, nil, nil, err
	}
	c, err := b.glassStep(ctx, s, id)
	if err != nil {
		return nil, nil, nil, err
	}
	if in.Delay != "" && !s.leads() {
		return nil, nil, nil, ErrOwnWork
	}
	situation, err := b.Store.Situation(ctx, c.r.Of, in.Subject, TheirOwn)
	if err != nil {
		return nil, nil, nil, err
	}
	role, ok := situation.Transaction.Role(in.Subject)
	if !ok {
		return nil, nil, nil, ErrNotFound
	}
	if c.held, _, err = b.Store.GlassesHeld(ctx, s.Account); err != nil {
		return nil, nil, nil, err
	}
	var fields []FieldOutcome
	fields, c.floor = situation.inEmergency(role, in.Fields, c.r.Reason)
	if _, err := c.next(GlassReveal, ByOpener); err != nil {
		return nil, nil, nil, err
	}
	return c, situation, fields, nil
}

// inEmergency are the party's own values of fields, each of which has to be there; none
// of a minor's, and none of data that are restricted: the floor of the policies, without
// what depends on who asks whom for what. A contact field is all that there is: numbers of
// accounts and of papers are no fields of a party's. Who is at risk is found for nothing
// but to save somebody.
func (s *Situation) inEmergency(role necessity.Role, asked []masking.Field, reason string) (fields []FieldOutcome, above bool) {
	party := s.Party(role)
	if slices.Contains(party.Flags, Minor) || slices.Contains(party.Flags, Restricted) {
		return nil, false
	}
	if slices.Contains(party.Flags, AtRisk) && reason != dangerToLife {
		return nil, false
	}
	for _, f := range asked {
		v, use, ok := s.value(role, &necessity.FieldDecision{Field: f})
		if !ok || !slices.Contains(masking.Fields(), f) {
			return nil, false
		}
		fields = append(fields, FieldOutcome{Field: f, Outcome: necessity.Granted, Use: use, Version: v.Label.Version, Commitment: v.Sealed.Commitment})
	}
	return fields, len(fields) > 0
}

// reveal opens. It is called only with a place in the ledger in hand.
func (c *glassCourse) reveal(in GlassLook, s *Situation, fields []FieldOutcome, place ledger.Place) (GlassRevealed, error) {
	v := DisclosureView{Decided: Decided{Subject: in.Subject, Fields: fields}, Place: place}
	if err := c.b.open(&v, s); err != nil {
		return GlassRevealed{}, err
	}
	return GlassRevealed{GlassLook: in, Session: c.r.ID, Values: v.Values, Place: place}, nil
}
