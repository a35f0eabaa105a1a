package broker

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// glassCourse is one step of a session under way.
type glassCourse struct {
	b     *Broker
	was   *GlassRecord // nil: there is none yet
	r     GlassRecord  // as time has made it, and as it is to be
	staff *Staff
	now   time.Time
	held  []GlassRecord // of whoever acts, those that hold
	floor bool          // what he names is above it
	// recent: what it is about goes on, or ended no longer ago than GlassReach.
	recent bool
}

// glassCourse begins a step on a session as it stands now. Its time never goes back,
// whatever a clock does.
func (b *Broker) glassCourse(s *Staff, r *GlassRecord) *glassCourse {
	c := &glassCourse{b: b, was: r, staff: s, now: b.now()}
	if r != nil {
		if c.now.Before(r.UpdatedAt) {
			c.now = r.UpdatedAt
		}
		if c.r = r.At(c.now); r.over(b.now()) {
			c.r = r.At(r.Deadline)
		}
	}
	return c
}

// holds answers the machine's questions.
func (c *glassCourse) holds(g states.Guard) bool {
	s := c.staff
	if s == nil {
		return false
	}
	switch g {
	case mayHandle:
		return s.handles()
	case mayReview:
		return s.leads()
	case notNew:
		return !s.New
	case mayApprove:
		return s.Approves
	case noneOpen:
		return !c.any(func(r *GlassRecord) bool { return r.State == GlassOpen })
	case noneUnseen:
		return !c.any(func(r *GlassRecord) bool { return r.State != GlassReviewed })
	case recentOrLead:
		return c.recent || s.leads()
	case noneOverdue:
		return !c.any(func(r *GlassRecord) bool { return r.State == GlassOverdue })
	case noneWrong:
		return !c.any(func(r *GlassRecord) bool { return r.Outcome == NotJustified })
	case ownSession:
		return c.r.Account == s.Account
	case anotherHand:
		return c.r.Account != s.Account
	case ofTwoHands:
		return len(c.r.Hands) > 0 && apart(s.hands(), c.r.Hands)
	case aboveFloor:
		return c.floor
	}
	return false // what is not known does not hold
}

func (c *glassCourse) any(is func(*GlassRecord) bool) bool {
	return slices.ContainsFunc(c.held, func(r GlassRecord) bool {
		x := r.At(c.now)
		return is(&x)
	})
}

// trusted refuses values to an account of which a session was not reviewed in time, or
// was found not justified.
func (b *Broker) trusted(ctx context.Context, s *Staff) error {
	held, _, err := b.Store.GlassesHeld(ctx, s.Account)
	if err != nil {
		return err
	}
	c := b.glassCourse(s, nil)
	c.held = held
	for _, g := range []states.Guard{noneWrong, noneOverdue} {
		if !c.holds(g) {
			return guardFault(g)
		}
	}
	return nil
}

// actor is whoever acts, as the machine knows him.
func (c *glassCourse) actor(e states.Event) states.Actor {
	if e == ReviewGlass || e == EndGlass && c.r.Account != c.staff.Account {
		return ByReviewer
	}
	return ByOpener
}

// next asks the machine, and takes the row.
func (c *glassCourse) next(e states.Event, by states.Actor) (*states.Row, error) {
	row, err := GlassLife.Next(c.r.State, e, by, c.holds)
	if err != nil {
		return nil, transition(err)
	}
	c.r.move(row, c.now)
	c.r.Version++
	c.r.UpdatedAt = c.now
	return row, nil
}

// write makes the entry of a step, with what was written with it sealed under the
// transaction's key.
func (c *glassCourse) write(s *Situation, t ledger.Type, text masking.Text, subject masking.Key, what ...ledger.Member) (*Write, error) {
	w := &Write{Of: s, Glass: &c.r}
	st := ledger.Statement{Type: t, At: c.now, Members: append(ledger.Object{
		{Name: "session", Value: string(c.r.ID)}, {Name: "transaction", Value: string(c.r.Of)}, {Name: "step", Value: c.r.Version},
	}, what...)}
	if c.staff != nil {
		st.Members = append(st.Members, ledger.Member{Name: "account", Value: c.staff.Account})
	}
	if !text.IsZero() {
		l := c.b.glassLabel(c.r.ID, c.r.Version)
		sealed, err := masking.SealValue(s.Transaction.Key, l, masking.Value{Text: text}, c.b.Random)
		if err != nil {
			return nil, err
		}
		w.Note = &SealedValue{Label: l, Sealed: sealed}
		st.Members = append(st.Members, ledger.Member{Name: "note", Value: encode(sealed.Commitment)})
	}
	var err error
	if w.Record, err = c.b.record(st, s.Transaction.Key, keys{subject: subject}); err != nil {
		return nil, err
	}
	c.r.Newest = newest(w.Record)
	return w, nil
}

// view is the session with what this person could do with it.
func (c *glassCourse) view() GlassView {
	v := GlassView{GlassRecord: c.r, Now: c.now, Allowed: []states.Event{}}
	for _, e := range []states.Event{GlassReveal, EndGlass, ReviewGlass} {
		x := *c
		x.floor = true
		if _, err := GlassLife.Next(c.r.State, e, c.actor(e), x.holds); err == nil {
			v.Allowed = append(v.Allowed, e)
		}
	}
	return v
}

// ended are the members of the entry that says that a session has ended, and what is
// said to whoever listens when nobody has reviewed it in time.
func (c *glassCourse) ended(ctx context.Context, by states.Actor) (*Write, error) {
	s, err := c.b.Store.Situation(ctx, c.r.Of, "", Counterpartys)
	if err != nil {
		return nil, err
	}
	w, err := c.write(s, ledger.GlassEnded, masking.Text{}, masking.Key{},
		ledger.Member{Name: "by", Value: string(by)}, ledger.Member{Name: "ended_at", Value: c.r.EndedAt}, ledger.Member{Name: "due", Value: c.r.Due},
		ledger.Member{Name: "reveals", Value: c.r.Reveals})
	if err != nil {
		return nil, err
	}
	w.Notices = []Notice{{Kind: GlassReviewOverdue, Transaction: c.r.Row, DueAt: c.r.Due}}
	return w, nil
}

// glassNow finds a session that somebody wants to change. An end that has come is
// written down first.
func (b *Broker) glassNow(ctx context.Context, id GlassID) (*GlassRecord, error) {
	r, err := b.Store.GlassByID(ctx, id)
	if err != nil || !r.over(b.now()) {
		return r, err
	}
	if err := b.elapseGlass(ctx, r); err != nil {
		return nil, err
	}
	return b.Store.GlassByID(ctx, id)
}

// elapseGlass writes down that the time of a session is over.
func (b *Broker) elapseGlass(ctx context.Context, r *GlassRecord) error {
	c := b.glassCourse(nil, r)
	c.r = *r // as it was before time had passed
	row, err := GlassLife.Next(c.r.State, GlassRunOut, ByClock, c.holds)
	if err != nil {
		return transition(err)
	}
	c.r.move(row, c.r.Until)
	c.r.Version++
	c.r.UpdatedAt = c.now
	w, err := c.ended(ctx, ByClock)
	if err == nil {
		_, err = b.Store.Commit(ctx, w)
	}
	return err
}

// TidyGlass looks after what a timer is about, and says when it wants to look again.
func (b *Broker) TidyGlass(ctx context.Context, t DueTimer) (time.Time, error) {
	return again(ctx, func(ctx context.Context) (time.Time, error) {
		r, err := b.Store.GlassByRow(ctx, t.Transaction)
		if errors.Is(err, ErrNotFound) {
			return time.Time{}, nil
		}
		if err != nil || r.State != GlassOpen {
			return time.Time{}, err
		}
		if !r.over(b.now()) {
			return r.Deadline, nil
		}
		return time.Time{}, b.elapseGlass(ctx, r)
	})
}

func (o *Outcome) ledGlass(id GlassID, what string, w *Write) *Outcome {
	return o.led("break_glass", string(id)+"/"+what, w.Record.At)
}

// openCommitted opens a text under a label that is known; it has to be the one that its
// entry commits to.
func (b *Broker) openCommitted(keeper masking.Key, l masking.Label, e *Recorded, sealed []byte) (masking.Text, error) {
	commitment, err := base64.StdEncoding.DecodeString(e.Statement.Members.String("note"))
	if err != nil {
		return masking.Text{}, fmt.Errorf("read note of entry %d: %w", e.Index, err)
	}
	o, err := b.openValue(keeper, &SealedValue{Label: l, Sealed: masking.Sealed{Value: sealed, Commitment: commitment}})
	if err != nil {
		return masking.Text{}, fmt.Errorf("%w (%w)", ledger.Finding{
			Part: ledger.PartRow, Table: "notes", Index: e.Index, Reason: "a note is not the one that its entry commits to",
		}, err)
	}
	return o.Value().Text, nil
}
