package broker

import (
	"context"
	"errors"
	"time"

	"bauta.dev/bauta/broker/states"
)

// What people were to decide can be over without them: a deadline has passed, the grant that
// was objected to, or about which something was proposed, has ended, or whoever asks was excluded. That counts from the moment when it is
// so, for everybody who reads. It is written down, and told, by moves of the clock,
// each with its entry; a timer in the commit that was the cause, or that began a
// deadline, has them made.

// mostTidied is how much of a party's is ended for one timer, which then comes again.
const mostTidied = 500

// recheck is how long nobody looks whether the facts have moved a grant's end.
const recheck = 24 * time.Hour

// barred says whether the requester was excluded since it asked. An appeal is of a
// decision that may be older than a reinstatement.
func (b *Broker) barred(f *FoundRequest, r *Request) bool {
	role, _ := f.Situation.Transaction.Role(f.Requester)
	p := f.Situation.Party(role)
	return p.excluded() || r.State != Appealed && r.State != Review && p.lost(f.At)
}

// standing is the request as time, and what its grant and its requester have come
// to, have made it, whether or not anybody has written that down yet.
func (b *Broker) standing(f *FoundRequest) Request {
	r := f.Request.At(b.now())
	state := b.state(f, &r)
	if r.waits() && b.barred(f, &r) || (r.Contested || r.IsProposed()) && (state == Recalled || state == Ended) {
		r.close()
	}
	return r
}

// close leaves nothing for anybody to decide.
func (r *Request) close() {
	if r.waits() {
		r.State, r.Timer, r.Deadline = TakenBack, "", time.Time{}
	}
	r.Contested, r.Taken, r.Proposal = false, "", nil
}

// Tidy looks after what a timer is about, and says when it wants to look again.
func (b *Broker) Tidy(ctx context.Context, t DueTimer) (time.Time, error) {
	if t.Disclosure != "" {
		return b.tidy(ctx, t.Disclosure)
	}
	id, err := b.Store.PartyAt(ctx, t.Transaction)
	if errors.Is(err, ErrNotFound) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	done := 0
	for after := ""; done < mostTidied; {
		found, next, err := b.Store.Disclosures(ctx, Filter{Requester: id, Loose: true, After: after, Limit: mostTidied})
		if err != nil {
			return time.Time{}, err
		}
		for i := range found {
			f := &found[i]
			if !f.Situation.lost(&f.Decided) || f.Grant != nil && f.Grant.State != Revoked && b.over(&f.Decided, &f.Situation) {
				continue // asked anew, or it had ended before
			}
			if _, err := b.tidy(ctx, f.ID); err != nil {
				return time.Time{}, err
			}
			done++
		}
		if after = next; next == "" {
			return time.Time{}, nil
		}
	}
	return b.now(), nil
}

// tidy makes the move of the clock that a disclosure is due, if there is one.
func (b *Broker) tidy(ctx context.Context, id DisclosureID) (time.Time, error) {
	return again(ctx, func(ctx context.Context) (time.Time, error) {
		f, err := b.Store.Request(ctx, id)
		if errors.Is(err, ErrNotFound) {
			return time.Time{}, nil
		}
		if err != nil {
			return time.Time{}, err
		}
		if r := &f.Request; r.Timer != "" && !b.now().Before(r.Deadline) {
			return b.now(), b.lapse(ctx, f) // and then whatever else there is
		}
		c := &course{b: b, f: f, r: f.Request.At(b.now()), actor: ByClock, now: b.now()}
		c.state = b.stateBefore(f, &c.r)
		for _, c.move.Event = range []states.Event{Bar, Recall, CallBack, Close} {
			row, err := Life.Next(c.state, c.move.Event, ByClock, c.holds)
			if err != nil {
				continue
			}
			w, err := c.write(ctx, actor{}, row)
			if err == nil {
				_, err = b.Store.Commit(ctx, w)
			}
			return time.Time{}, err
		}
		if c.r.Contested || c.r.IsProposed() {
			return b.lookAgainAt(f), nil
		}
		return time.Time{}, nil
	})
}

// lapse writes down that the deadline of a request has passed, whatever follows from it.
func (b *Broker) lapse(ctx context.Context, f *FoundRequest) error {
	c := &course{b: b, f: f, r: f.Request, state: f.Request.State, actor: ByClock, move: Move{Event: Life.Timers[f.Request.Timer]}, now: b.now()}
	row, err := Life.Next(c.state, c.move.Event, ByClock, c.holds)
	if err != nil {
		return transition(err)
	}
	w, err := c.write(ctx, actor{}, row)
	if err != nil {
		return err
	}
	_, err = b.Store.Commit(ctx, w)
	return err
}

// stateBefore is where a disclosure would stand if its requester had not been
// excluded: that is what the exclusion ends.
func (b *Broker) stateBefore(f *FoundRequest, r *Request) states.State {
	before := *f
	role, _ := before.Situation.Transaction.Role(f.Requester)
	p := before.Situation.Party(role)
	p.ExcludedAt, p.ReinstatedAt = time.Time{}, time.Time{}
	return b.state(&before, r)
}

// lookAgainAt is when the grant of a disclosure ends, or tomorrow: the facts may move it.
func (b *Broker) lookAgainAt(f *FoundRequest) time.Time {
	at := b.now().Add(recheck)
	if ends := b.endsAt(&f.Decided, &f.Situation); ends.Before(at) {
		return ends
	}
	return at
}
