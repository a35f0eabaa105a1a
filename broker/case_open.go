package broker

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// OpenCase opens a case about lines that the other side owes. From then on nothing is
// paid back past it.
func (b *Broker) OpenCase(ctx context.Context, c Caller, in CaseInput, once *Outcome) (CaseView, bool, error) {
	return b.casing(ctx, once, in.By, func(ctx context.Context) (CaseView, error) {
		return again(ctx, func(ctx context.Context) (CaseView, error) { return b.openCase(ctx, c, in, once) })
	})
}

// casing does something once; told again, it is the case as it stands.
func (b *Broker) casing(ctx context.Context, once *Outcome, viewer PartyID, do func(context.Context) (CaseView, error)) (CaseView, bool, error) {
	return replayable(ctx, b, once, do, func(ctx context.Context, o *Outcome) (CaseView, error) {
		v, err := b.Case(ctx, viewer, caseOf(o))
		if err == nil {
			v.Place, err = b.Store.Place(ctx, o)
		}
		return v, err
	})
}

func (b *Broker) openCase(ctx context.Context, by Caller, in CaseInput, once *Outcome) (CaseView, error) {
	s, err := b.Store.Situation(ctx, in.Transaction, in.By, TheirOwn)
	if err != nil {
		return CaseView{}, err
	}
	role, ok := s.Transaction.Role(in.By)
	if !ok {
		return CaseView{}, ErrNotFound
	}
	side := disputes.Side(role)
	f, err := b.newCase(ctx, s, side, &in)
	if err != nil {
		return CaseView{}, err
	}
	course := b.caseCourse(f, CaseMove{Event: disputes.Open, Text: in.Statement})
	course.actor, course.side, course.caller = disputes.ByOpener, side, by
	course.r.OpenedAt = course.now
	if course.at.After(s.Transaction.disputable()) {
		return CaseView{}, ErrOutOfWindow
	}
	w, err := course.write(ctx)
	if err != nil {
		return CaseView{}, err
	}
	w.CaseKey = f.Key
	return course.commit(ctx, w, once)
}

// newCase is a case that is not there yet.
func (b *Broker) newCase(ctx context.Context, s *Situation, side disputes.Side, in *CaseInput) (*FoundCase, error) {
	t := &s.Transaction.Transaction
	if !slices.Contains(disputes.Reasons(), in.Reason) {
		return nil, ErrCaseReason.Pointing("/reason")
	}
	lines, err := t.lines(side, in)
	if err != nil {
		return nil, err
	}
	amount, err := t.claimed(in)
	if err != nil {
		return nil, err
	}
	f := &FoundCase{Situation: *s, CaseRecord: CaseRecord{Transaction: s.Transaction.Row, CaseFacts: CaseFacts{
		Opener: side, Reason: in.Reason, Lines: lines, Amount: amount, Currency: t.Currency, Follows: in.Follows,
	}}}
	if f.ID, err = b.newCaseID(b.now()); err != nil {
		return nil, err
	}
	if f.Row, err = b.Store.NewRow(ctx); err != nil {
		return nil, err
	}
	f.Key, err = masking.NewKey(b.Random)
	return f, err
}

// mostCases are as many as there can be about one transaction.
const mostCases = 10

// lines are those that a case is to be about: what the other side owes, and no open
// case is about. Where there was a case before, a new one names it.
func (t *Transaction) lines(side disputes.Side, in *CaseInput) ([]Obligation, error) {
	if len(in.Lines) == 0 || len(in.Lines) > 8 {
		return nil, ErrUnknownLine.Pointing("/obligations")
	}
	if t.Dispute != nil && t.Dispute.Cases >= mostCases {
		return nil, ErrTooMany
	}
	var lines []Obligation
	before := CaseID("")
	for _, l := range in.Lines {
		d, ok := t.duty(l)
		if !ok || disputes.Side(d.debtor) == side || !in.Reason.About(string(l)) || slices.Contains(lines, l) {
			return nil, ErrUnknownLine.Pointing("/obligations")
		}
		lines = append(lines, l)
		if t.Dispute == nil {
			continue
		}
		if t.Dispute.Lines[l] != "" {
			return nil, ErrLineDisputed
		}
		if id := t.Dispute.Before[l]; id != "" {
			before = id
		}
	}
	if before != in.Follows {
		return nil, ErrFollows
	}
	return lines, nil
}

// claimed is the amount of a case: at most that of the transaction, and all of it where
// nothing is said. One about the payment is about no more than is still to be paid,
// whatever its reason.
func (t *Transaction) claimed(in *CaseInput) (Quantity, error) {
	whole, most := t.Amount, max(t.Amount, t.Highest)
	if slices.Contains(in.Lines, Pay) {
		whole = max(0, t.Amount-t.Totals[Pay].Done)
		most = whole
	}
	a := whole
	if in.Amount != "" {
		var err error
		if a, err = ParseQuantity(in.Amount, t.Currency.Digits()); err != nil {
			return 0, atAmount(err)
		}
	}
	if a > most || most == 0 {
		return 0, ErrCaseAmount.Pointing("/amount")
	}
	return a, nil
}

// disputable is until when a case can be opened: 90 days after the last of it.
func (t *Transaction) disputable() time.Time { return t.last().Add(disputes.WindowTerm) }

// last is the latest of the day that was promised, the end of its slot, and the last of
// what was done. That is the end of what nobody has ever completed.
func (t *Transaction) last() time.Time {
	latest := t.promised()
	for _, at := range []time.Time{t.Slot.End, t.CompletedAt, t.CancelledAt} {
		if at.After(latest) {
			latest = at
		}
	}
	for _, total := range t.Totals {
		if total.LastAt.After(latest) {
			latest = total.LastAt
		}
	}
	return latest
}

// commit writes a move of a party's, or a staff member's, and reads the case again.
func (c *caseCourse) commit(ctx context.Context, w *Write, once *Outcome) (CaseView, error) {
	w.Once = once.ledCase(c.f.ID, string(c.move.Event), w)
	place, err := c.b.Store.Commit(ctx, w)
	if err != nil {
		return CaseView{}, err
	}
	after := *c.f
	after.CaseRecord = c.r
	if w.Transaction != nil {
		after.Situation.Transaction = *w.Transaction
	}
	v, err := c.b.viewCase(ctx, &after, c.viewer())
	v.Place = place
	return v, err
}

func (c *caseCourse) viewer() caseViewer {
	if c.staff != nil {
		return caseViewer{staff: c.staff}
	}
	return caseViewer{side: c.side}
}

func (o *Outcome) ledCase(id CaseID, what string, w *Write) *Outcome {
	return o.led("dispute", string(id)+"/"+what, w.Record.At)
}

// caseOf is the case that an outcome is about.
func caseOf(o *Outcome) CaseID {
	id, _, _ := strings.Cut(o.ID, "/")
	return CaseID(id)
}

// MoveCase lets a party do something with a case of its own. To everybody else there is
// no such case.
func (b *Broker) MoveCase(ctx context.Context, c Caller, by PartyID, id CaseID, m CaseMove, once *Outcome) (CaseView, bool, error) {
	if err := m.checked(); err != nil {
		return CaseView{}, false, err
	}
	return b.casing(ctx, once, by, func(ctx context.Context) (CaseView, error) {
		return again(ctx, func(ctx context.Context) (CaseView, error) {
			course, err := b.partyCourse(ctx, c, by, id, m)
			if err != nil {
				return CaseView{}, err
			}
			w, err := course.write(ctx)
			if err != nil {
				return CaseView{}, err
			}
			return course.commit(ctx, w, once)
		})
	})
}

func (b *Broker) partyCourse(ctx context.Context, c Caller, by PartyID, id CaseID, m CaseMove) (*caseCourse, error) {
	f, err := b.caseNow(ctx, id)
	if err != nil {
		return nil, err
	}
	role, ok := f.Situation.Transaction.Role(by)
	if !ok {
		return nil, ErrNotFound
	}
	course := b.caseCourse(f, m)
	course.caller, course.side, course.actor = c, disputes.Side(role), disputes.ByOther
	if course.side == f.Opener {
		course.actor = disputes.ByOpener
	}
	return course, course.price()
}

// price reads the amount that a move names; a refund names none, or all of it.
func (c *caseCourse) price() (err error) {
	whole := c.move.Offer == disputes.OfferRefund || c.move.Outcome == disputes.Refund
	switch {
	case c.move.Amount != "":
		if c.amount, err = ParseQuantity(c.move.Amount, c.f.Currency.Digits()); err != nil {
			return atAmount(err)
		}
	case whole:
		c.amount = c.whole()
	}
	return nil
}

// caseNow finds a case that somebody wants to change. A deadline that has passed is
// written down first, so that what follows from it has followed.
func (b *Broker) caseNow(ctx context.Context, id CaseID) (*FoundCase, error) {
	f, err := b.Store.CaseByID(ctx, id)
	if err != nil || f.Timer == "" || b.now().Before(f.Deadline) {
		return f, err
	}
	if _, err := b.elapseCase(ctx, f); err != nil {
		return nil, err
	}
	return b.Store.CaseByID(ctx, id)
}

// elapseCase writes down that the deadline of a case has passed. One that waits for
// what is to be paid back is looked at again.
func (b *Broker) elapseCase(ctx context.Context, f *FoundCase) (time.Time, error) {
	c := b.caseCourse(f, CaseMove{Event: disputes.Life.Timers[f.Timer]})
	c.r, c.state, c.actor = f.CaseRecord, f.State, disputes.ByClock // as it was before time had passed
	w, err := c.write(ctx)
	if err != nil {
		if r, ok := errors.AsType[*states.RefusedError](err); ok && r.Guard == disputes.RemedyDone || errors.Is(err, ErrInvalidTransition) {
			return c.at.Add(recheck), nil
		}
		return time.Time{}, err
	}
	_, err = b.Store.Commit(ctx, w)
	return time.Time{}, err
}

// TidyCase looks after what a timer is about, and says when it wants to look again: at
// the deadline of the state, and then at what law gives the consumer.
func (b *Broker) TidyCase(ctx context.Context, t DueTimer) (time.Time, error) {
	var next time.Time
	for _, look := range []func(context.Context, *FoundCase) (time.Time, error){b.tidyDeadline, b.tidyDetails} {
		at, err := again(ctx, func(ctx context.Context) (time.Time, error) {
			f, err := b.Store.CaseByRow(ctx, t.Transaction)
			if errors.Is(err, ErrNotFound) {
				return time.Time{}, nil
			}
			if err != nil {
				return time.Time{}, err
			}
			return look(ctx, f)
		})
		if err != nil {
			return time.Time{}, err
		}
		if next.IsZero() || !at.IsZero() && at.Before(next) {
			next = at
		}
	}
	return next, nil
}

func (b *Broker) tidyDeadline(ctx context.Context, f *FoundCase) (time.Time, error) {
	if f.Timer == "" || b.now().Before(f.Deadline) {
		return f.Deadline, nil
	}
	return b.elapseCase(ctx, f)
}

// atAmount says where an amount that cannot be read stands.
func atAmount(err error) error {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e.Pointing("/amount")
	}
	return err
}
