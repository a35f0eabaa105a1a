package broker

import (
	"context"
	"slices"
	"time"

	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
)

// clocks starts and stops the deadlines of a row.
func (c *caseCourse) clocks(row *states.Row) {
	r := &c.r
	r.Clocks = slices.Clone(r.Clocks)
	switch {
	case row.On == disputes.GoOutside:
		if !r.Deadline.IsZero() {
			r.Left = max(r.Deadline.Sub(c.at), 0)
		}
		r.Timer, r.Deadline, r.Since = "", time.Time{}, c.now
	case row.On == disputes.ComeBack:
		if row.Timer != "" {
			r.Timer, r.Deadline = row.Timer, c.at.Add(r.Left)
		}
		r.Left, r.Since = 0, c.now
		c.prolong()
	case r.State != c.state || c.f.Version == 0:
		for _, name := range []string{disputes.TalksClock, disputes.EvidenceClock, disputes.RemedyClock, disputes.AppealClock} {
			c.end(name)
		}
		r.Timer, r.Deadline, r.Since = "", time.Time{}, c.now
		c.begin(row.Timer)
	case row.On == disputes.Rest:
		c.hasten()
	}
	c.run(row)
	office := c.b.Office
	for i := range r.Clocks {
		x := &r.Clocks[i]
		switch {
		case row.Has(disputes.PauseClocks) && (row.On == disputes.GoOutside || x.Kind == disputes.Internal):
			x.Pause(c.at, office)
		case row.Has(disputes.RunClocks) && r.State == disputes.Evidence && x.Kind == disputes.Internal: // both sides are waited for
		case row.Has(disputes.RunClocks):
			x.Resume(c.at, office)
		case row.Has(disputes.SealCase):
			x.End(c.at)
		}
	}
}

// prolong gives each who was asked for something, and had time for it yet when the case
// went outside, that time: the clock of the round stood still since.
func (c *caseCourse) prolong() {
	r := &c.r
	c.move.Wanted = nil
	i := slices.IndexFunc(r.Clocks, func(x disputes.Clock) bool { return x.Name == disputes.EvidenceClock && x.State(c.at) == "paused" })
	if r.State != disputes.Evidence || i < 0 {
		return
	}
	spans := r.Clocks[i].Paused
	from := spans[len(spans)-1].From
	r.Asked = slices.Clone(r.Asked)
	for i := range r.Asked {
		if p := &r.Asked[i]; p.Round == r.Rounds && p.Due.After(from) && c.at.After(from) {
			p.Due = p.Due.Add(c.at.Sub(from))
			c.move.Wanted = append(c.move.Wanted, *p)
		}
	}
}

// hasten ends a round when whoever has not said that it has no more has no time any more,
// where that is before the time of who has.
func (c *caseCourse) hasten() {
	due := c.dueOf(c.side.Other())
	if due.IsZero() || !due.Before(c.r.Deadline) {
		return
	}
	c.r.Deadline = due
	for i := range c.r.Clocks {
		if x := &c.r.Clocks[i]; x.Name == disputes.EvidenceClock && x.Ended.IsZero() {
			x.Due = due
		}
	}
}

// begin starts the deadline of the state that a case has come to.
func (c *caseCourse) begin(t states.Timer) {
	if t == "" {
		return
	}
	var x disputes.Clock
	switch t {
	case disputes.TalksTimer:
		x = disputes.Start(disputes.TalksClock, c.at, nil)
	case disputes.EvidenceTimer:
		x = disputes.Until(disputes.EvidenceClock, c.at, c.move.Due)
	case disputes.RemedyTimer:
		x = disputes.Start(disputes.RemedyClock, c.at, nil)
	case disputes.AppealTimer:
		x = disputes.Start(disputes.AppealClock, c.at, nil)
	}
	c.r.Clocks = append(c.r.Clocks, x)
	c.r.Timer, c.r.Deadline = t, x.Due
}

// run starts and ends the clocks that run over several states.
func (c *caseCourse) run(row *states.Row) {
	start := func(names ...string) {
		for _, name := range names {
			c.end(name)
			c.r.Clocks = append(c.r.Clocks, disputes.Start(name, c.at, c.b.Office))
		}
	}
	switch row.On {
	case disputes.Open:
		if c.f.Situation.consumer() && c.r.Opener == disputes.Buyer {
			start(disputes.DetailsClock)
		}
	case disputes.Escalate:
		start(disputes.ResolveClock, disputes.FirstClock, disputes.DecisionClock)
	case disputes.Appeal:
		start(disputes.FirstClock, disputes.DecisionClock)
	case disputes.Assign:
		c.end(disputes.FirstClock)
	case disputes.Approve:
		c.end(disputes.FirstClock)
		c.end(disputes.DecisionClock)
		c.end(disputes.ResolveClock)
	}
}

// end stops a clock that runs, if there is one of this name.
func (c *caseCourse) end(name string) {
	for i := range c.r.Clocks {
		if x := &c.r.Clocks[i]; x.Name == name {
			x.End(c.at)
		}
	}
}

// detailsClock is the one of what law gives the consumer, while that is due; nil: none is.
func detailsClock(r *CaseRecord) *disputes.Clock {
	i := slices.IndexFunc(r.Clocks, func(c disputes.Clock) bool { return c.Name == disputes.DetailsClock && c.Ended.IsZero() })
	if i < 0 {
		return nil
	}
	return &r.Clocks[i]
}

// tidyDetails writes down that what law gives the consumer is overdue, once, and then
// that it has come; meanwhile it looks each day, and the case is among what is overdue.
func (b *Broker) tidyDetails(ctx context.Context, f *FoundCase) (time.Time, error) {
	x, now, r := detailsClock(&f.CaseRecord), b.now(), f.CaseRecord
	if x == nil || !f.IsOpen() {
		return time.Time{}, nil
	}
	if f.At(now).State != f.State { // a deadline has passed this very moment: that comes first
		return now, nil
	}
	if now.Before(x.Due) {
		return x.Due, nil
	}
	if err := b.meet(ctx, f, &r); err != nil {
		return time.Time{}, err
	}
	has, told := detailsClock(&r) == nil, !x.Told.IsZero()
	move := CaseMove{Event: disputes.CheckDetails, Reason: "overdue"}
	switch {
	case has && !told: // in time, or nearly: the next entry says so
		return time.Time{}, nil
	case !has && told:
		return now.Add(recheck), nil
	case has:
		move.Reason = "given_late"
	}
	c := b.caseCourse(f, move)
	c.actor = disputes.ByClock
	w, err := c.write(ctx)
	if err == nil {
		_, err = b.Store.Commit(ctx, w)
	}
	if err != nil || has {
		return time.Time{}, err
	}
	return now.Add(recheck), nil
}

// consumer says whether a person bought from a merchant: then law gives him the
// merchant's name, address and a working contact (CPL 44).
func (s *Situation) consumer() bool {
	return s.Buyer.Kind == Person && s.Seller.Kind == Merchant && !s.Transaction.BusinessBuyer
}

// At is the case as time has made it: a deadline that has passed has happened, whether
// or not anybody has written that down yet.
func (f *FoundCase) At(now time.Time) CaseRecord {
	x := f.CaseRecord
	if x.Timer == "" || now.Before(x.Deadline) {
		return x
	}
	row, err := disputes.Life.Next(x.State, disputes.Life.Timers[x.Timer], disputes.ByClock, func(g states.Guard) bool {
		return g == disputes.RemedyDone && f.Situation.Transaction.remedied(x.ID)
	})
	if err != nil {
		return x // it waits for what is to be paid back
	}
	x.State, x.Timer, x.Deadline = row.After(x.State), "", time.Time{}
	return x
}
