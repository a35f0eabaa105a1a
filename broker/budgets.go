package broker

import (
	"context"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"

	"bauta.dev/bauta/broker/budget"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
)

// OverBudgetError says that a write would reveal more than a budget allows: nothing
// was written. New are those of Over that the ledger may not have noted yet.
type OverBudgetError struct{ Over, New []budget.Over }

func (e *OverBudgetError) Error() string {
	return "past the budget of " + strings.Join(e.Names(), ", ")
}

// Names of the budgets that are used up.
func (e *OverBudgetError) Names() []string {
	names := make([]string, len(e.Over))
	for i, o := range e.Over {
		names[i] = string(o.Name)
	}
	return names
}

// until is when it is worth asking again.
func (e *OverBudgetError) until() (at time.Time) {
	for _, o := range e.Over {
		if o.Until.After(at) {
			at = o.Until
		}
	}
	return at
}

// Anomaly is a budget that was gone past. It is noted once for each time that
// the budget is counted in; Mark names that, and no person.
type Anomaly struct {
	budget.Bound
	Mark []byte
}

// discloseWithin decides, and decides again when a budget is used up: then what
// would be granted waits for a person. A refusal stays one. The requester
// learns no more than that it is pending.
func (b *Broker) discloseWithin(ctx context.Context, c Caller, in DisclosureInput, once *Outcome) (DisclosureView, error) {
	v, err := b.disclose(ctx, c, in, once, nil)
	over, is := errors.AsType[*OverBudgetError](err)
	if !is {
		return v, err
	}
	v, err = b.disclose(ctx, c, in, once, over)
	v.PastBudgets = over.Names()
	return v, b.tooMany(err)
}

// tooMany: a request that may not even wait is refused.
func (b *Broker) tooMany(err error) error {
	if over, is := errors.AsType[*OverBudgetError](err); is {
		return ErrLimited.Because(over).After(max(over.until().Sub(b.now()), time.Second))
	}
	return err
}

// wait turns what would be granted into what a person decides.
func (c *conclusion) wait(over *OverBudgetError) {
	if over == nil {
		return
	}
	for _, o := range over.Over {
		c.internal = append(c.internal, "past_budget:"+string(o.Name))
	}
	if c.decision != "granted" {
		return
	}
	c.decision, c.expires, c.views = "pending", nil, 0
	for i := range c.fields {
		if c.fields[i].Outcome == necessity.Granted {
			c.fields[i].Outcome = necessity.Pending
		}
	}
}

// charge is what a decision spends: one request, and if it is granted, a person.
func (b *Broker) charge(w *Write, c Caller, s *Situation, role necessity.Role, over *OverBudgetError) error {
	if b.Budgets == nil {
		return nil
	}
	d := w.Disclosure
	x := budget.Charge{At: d.At, Key: c.Key, Requester: int64(s.Party(role).Row), Requests: 1, Limits: b.Budgets, Waits: over != nil}
	if d.Decision == "granted" {
		subject := s.Party(otherRole(role))
		x.Subject, x.Person, x.Grants = int64(subject.Row), subject.Kind == Person, 1
	}
	w.Charges = []budget.Charge{x}
	if over == nil {
		return nil
	}
	var err error
	w.Noted, err = b.noting(c, over)
	return err
}

// chargeDecision: whom a person's decision reaches counts like any other, and is
// never refused: a person has looked.
func (b *Broker) chargeDecision(w *Write, s *Situation) {
	d := w.Decides
	if b.Budgets == nil || d == nil || d.Decision != "granted" {
		return
	}
	role, _ := s.Transaction.Role(d.Requester)
	subject := s.Party(otherRole(role))
	w.Charges = []budget.Charge{{
		At: d.At, Requester: int64(s.Party(role).Row), Subject: int64(subject.Row), Person: subject.Kind == Person, Grants: 1,
	}}
}

// chargeReach: a view reaches a person as a grant does, and so does a link to the
// person's own page: nobody empties a marketplace through the grants that are
// there, or by opening one page after the other.
func (b *Broker) chargeReach(w *Write, c Caller, subject Row) {
	if b.Budgets != nil {
		w.Charges = []budget.Charge{{At: w.Record.At, Key: c.Key, Subject: int64(subject), Limits: b.Budgets}}
	}
}

// refuseReach notes what such a write would have gone past, before it is refused.
func (b *Broker) refuseReach(ctx context.Context, c Caller, err error) error {
	over, is := errors.AsType[*OverBudgetError](err)
	if !is {
		return err
	}
	notes, err := b.noting(c, over)
	if err != nil {
		return err
	}
	for _, w := range notes {
		if _, err := b.Store.Commit(ctx, w); err != nil && !errors.Is(err, ErrStale) {
			return err
		}
	}
	return b.tooMany(over)
}

// noting makes the entries that say which budgets were gone past. They name no
// party: whose request it was is in the entry of the request.
func (b *Broker) noting(c Caller, over *OverBudgetError) ([]*Write, error) {
	var ws []*Write
	for _, o := range over.New {
		mark := b.Once.MAC("bauta/anomaly/v1", []byte(o.Name), []byte(o.Who), []byte(strconv.FormatInt(o.Since, 10)))[:16]
		r, err := b.record(ledger.Statement{Type: ledger.AnomalyNoted, At: b.now(), Members: ledger.Object{
			{Name: "budget", Value: string(o.Name)},
			{Name: "count", Value: o.Count},
			{Name: "limit", Value: o.Limit},
			{Name: "since", Value: time.Unix(o.Since, 0).UTC()},
			{Name: "mark", Value: hex.EncodeToString(mark)},
			{Name: "key", Value: c.Key},
		}}, b.Auditor, keys{})
		if err != nil {
			return nil, err
		}
		ws = append(ws, &Write{Record: r, Anomaly: &Anomaly{o.Bound, mark}})
	}
	return ws, nil
}
