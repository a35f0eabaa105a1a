package broker

import (
	"slices"
	"time"

	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
)

// A state can have a deadline, and so can the law: that what was approved is verified
// anew, and that what is due is verified by a day. The law's run on in whatever state
// it is that something is public, or an amendment would stop them.

// shownStates are those in which something can be public.
func shownStates() []states.State {
	return []states.State{
		merchants.Active, merchants.InReview, merchants.NeedsInfo, merchants.Proposed, merchants.ThresholdDue, merchants.ReverifyDue, merchants.Closing,
	}
}

// lawful is the deadline of the law that runs, whatever the state.
func (r *MerchantRecord) lawful() (states.Timer, time.Time) {
	due := r.State == merchants.ThresholdDue || r.State == merchants.ReverifyDue
	switch {
	case !r.Shown || !slices.Contains(shownStates(), r.State):
	case !r.Must.IsZero():
		return merchants.VerificationTimer, r.Must
	case r.Owed == "" && !due && !r.ReverifyAt.IsZero():
		return merchants.ReverifyTimer, r.ReverifyAt
	}
	return "", time.Time{}
}

// sooner sets the deadline that comes first.
func (r *MerchantRecord) sooner() {
	r.Timer, r.Deadline = r.StateTimer, r.StateEnds
	if t, at := r.lawful(); t != "" && (r.Timer == "" || at.Before(r.Deadline)) {
		r.Timer, r.Deadline = t, at
	}
}

// passed are the deadlines that are over, the earliest first.
func (r *MerchantRecord) passed(now time.Time) []states.Timer {
	if r.Timer == "" || now.Before(r.Deadline) {
		return nil
	}
	all := []states.Timer{r.Timer}
	if t, at := r.lawful(); t != "" && t != r.Timer && !now.Before(at) {
		all = append(all, t)
	}
	if t := r.StateTimer; t != "" && t != r.Timer && !now.Before(r.StateEnds) {
		all = append(all, t)
	}
	return all
}

// clock starts and stops the deadlines of a row.
func (c *merchantCourse) clock(row *states.Row) {
	r := &c.r
	if r.State != c.state || c.f.Version == 0 {
		if c.move.Event == merchants.Close && (c.state == merchants.ThresholdDue || c.state == merchants.ReverifyDue) {
			r.mustBy(r.StateEnds) // who closes owes by then what he owed before
		}
		r.StateTimer, r.StateEnds, r.KeptUntil, r.Since = "", time.Time{}, time.Time{}, c.now
	}
	ends, runs := c.pack.Ends(row.Timer, c.now)
	switch row.Timer {
	case "":
	case merchants.LeftoverTimer, merchants.RetentionTimer:
		if runs {
			r.KeptUntil, r.StateTimer, r.StateEnds = ends, row.Timer, ends
		}
	case merchants.ReverifyTimer:
		if c.move.Event == merchants.Approve {
			r.ReverifyAt = ends
		}
	case merchants.VerificationTimer:
		r.mustBy(ends)
	default:
		if runs {
			r.StateTimer, r.StateEnds = row.Timer, ends
		}
	}
}

// mustBy: what is due by two days is due by the first of them.
func (r *MerchantRecord) mustBy(day time.Time) {
	if !day.IsZero() && (r.Must.IsZero() || day.Before(r.Must)) {
		r.Must = day
	}
}

// timers are for the deadline of a registration, if it is not the one from before;
// who may pass a threshold of the law is looked at every day.
func (r *MerchantRecord) timers(before *MerchantRecord, now time.Time) []Timer {
	at := r.Deadline
	if r.counted() && (at.IsZero() || now.Add(recheck).Before(at)) {
		at = now.Add(recheck)
	}
	if at.IsZero() || r.Deadline.Equal(before.Deadline) && r.State == before.State {
		return nil
	}
	return []Timer{{Kind: Reviewing, Transaction: r.Row, DueAt: at}}
}

// counted says whether what it sells is held against thresholds: as long as anything
// of it is public.
func (r *MerchantRecord) counted() bool {
	return r.Jurisdiction == merchants.US && r.Shown && slices.Contains(shownStates(), r.State)
}
