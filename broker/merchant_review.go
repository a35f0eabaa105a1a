package broker

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
)

// What reviewers do with registrations. What a merchant has given is opened for who
// works on it alone, and each opening is an entry before it is one.

// Reviews lists what waits for a reviewer, what waits longest first.
func (b *Broker) Reviews(ctx context.Context, s Staff, f ReviewFilter) ([]MerchantReview, string, error) {
	if !s.readsReviews() {
		return nil, "", ErrRole
	}
	found, next, err := b.Store.OpenMerchants(ctx, f)
	if err != nil {
		return nil, "", err
	}
	all := make([]MerchantReview, 0, len(found))
	for i := range found {
		if r := found[i].At(b.now()); r.IsOpen() { // else nobody has written down yet that it is not
			all = append(all, reviewOf(&r, &found[i].Of, &s))
		}
	}
	return all, next, nil
}

// WaitsFor says whether this person could do what was proposed, once he has looked.
func (v *MerchantReview) WaitsFor(s *Staff) bool {
	c := &merchantCourse{r: MerchantRecord{MerchantFacts: MerchantFacts{Proposal: v.Proposal}}, staff: s}
	return c.secondHolds(merchants.AnotherHand) && c.secondHolds(merchants.MayApprove) && c.secondHolds(merchants.OfTwoHands)
}

func reviewOf(r *MerchantRecord, of *PartyRecord, s *Staff) MerchantReview {
	v := MerchantReview{
		MerchantView: r.view(of.ID), Taken: r.Taken, Since: r.Since, Because: r.secondFor(of, r.Others), Proposal: r.Proposal, Owed: r.Owed, Cautions: of.cautions(),
	}
	v.Two = len(v.Because) > 0
	if s.reviews() {
		v.Allowed = merchants.Life.Allowed(r.State, merchants.ByReviewer)
		if s.Role == roleLead {
			for _, e := range merchants.Life.Allowed(r.State, merchants.BySecond) {
				if !slices.Contains(v.Allowed, e) {
					v.Allowed = append(v.Allowed, e)
				}
			}
		}
	}
	return v
}

// Review is one case, with its history and without values.
func (b *Broker) Review(ctx context.Context, s Staff, id MerchantID) (MerchantReview, error) {
	if !s.readsReviews() {
		return MerchantReview{}, ErrRole
	}
	f, err := b.Store.MerchantByID(ctx, id)
	if err != nil {
		return MerchantReview{}, err
	}
	c, err := b.courseOf(f, MerchantMove{})
	if err != nil {
		return MerchantReview{}, err
	}
	c.staff = &s
	return c.review(ctx)
}

// review reads a case as it stands in a course that writes nothing any more.
func (c *merchantCourse) review(ctx context.Context) (MerchantReview, error) {
	if err := c.look(ctx); err != nil {
		return MerchantReview{}, err
	}
	v := reviewOf(&c.r, &c.f.Of, c.staff)
	v.Duplicates, v.More, v.Because = c.others, c.more, c.because()
	v.Two = len(v.Because) > 0
	if c.r.Proposal != nil {
		v.Hash = c.hash()
	}
	v.Contested = c.contested()
	var err error
	if v.Documents, err = c.b.Store.MerchantDocuments(ctx, &c.r); err != nil {
		return v, err
	}
	entries, err := c.b.Store.MerchantEntries(ctx, c.f)
	for i := range entries {
		v.History = append(v.History, merchantEvent(&entries[i]))
	}
	return v, err
}

// contested: he can take what nobody has, look at what somebody else proposed, or let a
// suspended one be active again; and so can others.
func (c *merchantCourse) contested() bool {
	may := func(e states.Event, a states.Actor) bool {
		_, err := merchants.Life.Next(c.state, e, a, c.holds)
		return err == nil
	}
	return c.staff.reviews() && c.r.Taken != c.staff.Account &&
		(may(merchants.Take, merchants.ByReviewer) || may(merchants.SendBack, merchants.BySecond) || may(merchants.Reinstate, merchants.ByReviewer))
}

func merchantEvent(r *Recorded) MerchantEvent {
	m := r.Statement.Members
	return MerchantEvent{
		Index: r.Index, At: r.Statement.At, Type: r.Statement.Type, Event: states.Event(m.String("event")), From: states.State(m.String("from")),
		To: states.State(m.String("to")), By: states.Actor(m.String("by")), Account: m.String("account"), Reason: m.String("reason"),
		Version: int(m.Int("version")), Document: int(m.Int("document")), Role: m.String("role"), Purpose: m.String("purpose"),
	}
}

// MoveMerchant lets one of the staff do something with a registration.
func (b *Broker) MoveMerchant(ctx context.Context, s Staff, id MerchantID, m MerchantMove, once *Outcome) (MerchantReview, bool, error) {
	if !s.reviews() {
		return MerchantReview{}, false, ErrRole
	}
	if err := b.checked(&m); err != nil {
		return MerchantReview{}, false, err
	}
	return replayable(ctx, b, once, func(ctx context.Context) (MerchantReview, error) {
		return again(ctx, func(ctx context.Context) (MerchantReview, error) { return b.moveMerchant(ctx, s, id, m, once) })
	}, func(ctx context.Context, o *Outcome) (MerchantReview, error) {
		v, err := b.Review(ctx, s, merchantOf(o))
		if err == nil {
			v.Place, err = b.Store.Place(ctx, o)
		}
		return v, err
	})
}

func (b *Broker) moveMerchant(ctx context.Context, s Staff, id MerchantID, m MerchantMove, once *Outcome) (MerchantReview, error) {
	f, err := b.merchantNow(ctx, id)
	if err != nil {
		return MerchantReview{}, err
	}
	c, err := b.courseOf(f, m)
	if err != nil {
		return MerchantReview{}, err
	}
	c.staff, c.actor, c.caller = &s, merchants.ByReviewer, Caller{Key: s.Account}
	if m.Event == merchants.SendBack || m.Event == merchants.Approve && c.state == merchants.Proposed {
		c.actor = merchants.BySecond
	}
	if err := c.look(ctx); err != nil {
		return MerchantReview{}, err
	}
	w, err := c.write(ctx)
	if err != nil {
		return MerchantReview{}, err
	}
	w.Once = once.ledMerchant(id, string(m.Event), w)
	place, err := b.commitMerchant(ctx, w)
	if err != nil {
		return MerchantReview{}, err
	}
	done := &merchantCourse{b: b, f: &FoundMerchant{c.r, f.Of}, r: c.r, state: c.r.State, pack: c.pack, staff: &s, now: c.now}
	v, err := done.review(ctx)
	v.Place = place
	return v, err
}

// checked: codes are of their lists, nobody has verified anything tomorrow, and what is
// decided against a merchant, or asked of it, says why.
func (b *Broker) checked(m *MerchantMove) error {
	for i := range m.Checks {
		x := &m.Checks[i]
		if !slices.Contains(CheckSources(), x.Source) || !slices.Contains(CheckMethods(), x.Method) || x.At.IsZero() || x.At.After(b.now().Add(ahead)) {
			return ErrUnknownCheck.Pointing("/checks/" + strconv.Itoa(i))
		}
		x.At = x.At.UTC().Truncate(time.Microsecond)
	}
	if !slices.Contains(ReviewEvents(), m.Event) {
		return errTransition.Offering(nil)
	}
	if m.Event == merchants.Approve && m.Reason == "" && len(m.Hash) > 0 {
		m.Reason = "verified" // the second person says by the hash what he approves
	}
	if NoteIsToMerchant(m.Event) && m.Reason == saysNothing && m.Note.IsZero() {
		return ErrNoteNeeded.Pointing("/note")
	}
	return m.reasoned()
}

// mayOpen says who may open what a merchant has given: who works on it, and the
// second person while something is proposed.
func (c *merchantCourse) mayOpen() error {
	switch s := c.staff; {
	case !s.reviews():
		return ErrRole
	case c.state == merchants.Erased:
		return ErrErased
	case c.state == merchants.Proposed && s.Role == roleLead:
		return nil
	case c.r.Taken == "" || c.r.Taken != s.Account || !slices.Contains([]states.State{merchants.InReview, merchants.Proposed, merchants.Appealed}, c.state):
		return errUntaken
	}
	return nil
}

// LookAtMerchant opens the version that counts for who works on it; the entry comes first,
// and says what for.
func (b *Broker) LookAtMerchant(ctx context.Context, s Staff, id MerchantID, in MerchantLook, once *Outcome) (MerchantValues, bool, error) {
	if !s.reviews() {
		return MerchantValues{}, false, ErrRole
	}
	if err := in.checked(); err != nil {
		return MerchantValues{}, false, err
	}
	return replayable(ctx, b, once, func(ctx context.Context) (MerchantValues, error) {
		return again(ctx, func(ctx context.Context) (MerchantValues, error) {
			c, err := b.lookingAt(ctx, s, id, &in)
			if err != nil {
				return MerchantValues{}, err
			}
			return c.openValues(ctx, &s, Caller{Key: s.Account}, &in, once)
		})
	}, func(ctx context.Context, o *Outcome) (MerchantValues, error) {
		return b.lookAtAgain(ctx, s, id, &in, o)
	})
}

func (b *Broker) lookingAt(ctx context.Context, s Staff, id MerchantID, in *MerchantLook) (*merchantCourse, error) {
	if err := b.sound(); err != nil {
		return nil, err
	}
	f, err := b.merchantNow(ctx, id)
	if err != nil {
		return nil, err
	}
	c, err := b.courseOf(f, MerchantMove{})
	if err != nil {
		return nil, err
	}
	c.staff = &s
	if err := c.mayOpen(); err != nil {
		return nil, err
	}
	if in != nil && in.Purpose != MerchantPurpose(c.state) {
		return nil, errOtherLook.Pointing("/purpose")
	}
	return c, nil
}

// lookAtAgain gives a first outcome again, for ten minutes, and only while the same
// could be opened anew.
func (b *Broker) lookAtAgain(ctx context.Context, s Staff, id MerchantID, in *MerchantLook, o *Outcome) (MerchantValues, error) {
	c, err := b.lookingAt(ctx, s, id, in)
	if err != nil {
		return MerchantValues{}, err
	}
	version, err := strconv.Atoi(o.ID[strings.LastIndexByte(o.ID, '/')+1:])
	if err != nil || merchantOf(o) != id || version != c.r.Current || b.now().Sub(o.At) >= replayWindow {
		return MerchantValues{}, ErrGone
	}
	place, err := b.Store.Place(ctx, o)
	if err != nil {
		return MerchantValues{}, err
	}
	v, err := c.valuesOf(ctx, place)
	v.Notes = slices.DeleteFunc(v.Notes, func(n MerchantNote) bool { return n.Index > o.Index }) // I10: what came since was not opened then
	return v, err
}

// OpenOwn gives a registration back to its merchant, who goes on with a draft or
// changes what was given. The entry comes first; what cannot be changed any more is
// not there.
func (b *Broker) OpenOwn(ctx context.Context, c Caller, id MerchantID) (MerchantValues, error) {
	return again(ctx, func(ctx context.Context) (MerchantValues, error) {
		if err := b.sound(); err != nil {
			return MerchantValues{}, err
		}
		f, err := b.merchantNow(ctx, id)
		if err != nil {
			return MerchantValues{}, err
		}
		course, err := b.courseOf(f, MerchantMove{})
		if err != nil {
			return MerchantValues{}, err
		}
		if course.state == merchants.Erased {
			return MerchantValues{}, ErrErased
		}
		if !MayChange(merchants.Life.Allowed(course.state, merchants.ByMerchant)) {
			return MerchantValues{}, ErrNotFound
		}
		return course.openValues(ctx, nil, c, nil, nil)
	})
}

// MayChange says whether a merchant that can do these things can change what it gave.
func MayChange(allowed []states.Event) bool {
	return slices.ContainsFunc(allowed, func(e states.Event) bool { return e == merchants.Save || e == merchants.Amend })
}

// openValues writes down that the version that counts is opened, and opens it.
func (c *merchantCourse) openValues(ctx context.Context, s *Staff, by Caller, in *MerchantLook, once *Outcome) (MerchantValues, error) {
	what := ledger.Object{{Name: "version", Value: c.r.Current}}
	if in != nil {
		what = append(what, ledger.Member{Name: "purpose", Value: in.Purpose}, ledger.Member{Name: "reason", Value: in.Reason})
	}
	w, err := c.opening(ledger.MerchantViewed, what, s, by)
	if err != nil {
		return MerchantValues{}, err
	}
	w.Once = once.ledMerchant(c.f.ID, "look/"+strconv.Itoa(c.r.Current), w)
	if s != nil {
		c.b.chargeReach(w, by, c.f.Of.Row)
	}
	place, err := c.b.Store.Commit(ctx, w)
	if err != nil {
		return MerchantValues{}, c.b.refuseReach(ctx, by, err)
	}
	return c.valuesOf(ctx, place)
}

// opening is the entry of an opening: it makes a version of the record, which says
// who has opened what was given, and leaves the rest as it is.
func (c *merchantCourse) opening(t ledger.Type, what ledger.Object, s *Staff, by Caller) (*Write, error) {
	next := c.f.MerchantRecord
	next.Version++
	if s != nil && t == ledger.MerchantViewed && !slices.Contains(next.Opened, s.Account) {
		next.Opened = append(slices.Clone(next.Opened), s.Account)
	}
	m := append(registrationMembers(c.f, next.Version), what...)
	if s != nil {
		m = append(m, ledger.Member{Name: "role", Value: s.Role}, ledger.Member{Name: "account", Value: s.Account})
	} else {
		m = append(m, ledger.Member{Name: "role", Value: string(merchants.ByMerchant)}, ledger.Member{Name: "key", Value: by.Key}, ledger.Member{Name: "asserted_by", Value: by.assertedBy()})
	}
	w := &Write{ExpectParties: []*PartyRecord{&c.f.Of}, About: &c.f.Of, Merchant: &next, Word: by.spends()}
	var err error
	w.Record, err = c.b.record(ledger.Statement{Type: t, At: c.now, Members: m}, c.f.Of.Key, keys{subject: c.f.Of.Key})
	next.Newest = newest(w.Record)
	return w, err
}

// valuesOf opens the version that counts. It is called only with a place in hand.
func (c *merchantCourse) valuesOf(ctx context.Context, place ledger.Place) (MerchantValues, error) {
	if place.Size == 0 {
		return MerchantValues{}, errors.New("broker: nothing is opened without an entry")
	}
	v, err := c.b.Store.MerchantVersion(ctx, &c.f.MerchantRecord, c.r.Current)
	if err != nil {
		return MerchantValues{}, err
	}
	open := c.begins
	if c.staff != nil {
		open = func(_ context.Context, v *MerchantVersion) (*merchants.Registration, error) {
			return c.b.openVersion(c.f, v)
		}
	}
	r, err := open(ctx, v)
	if err != nil {
		return MerchantValues{}, err
	}
	opened := MerchantValues{MerchantInput: MerchantInput{Party: c.f.Of.ID, Registration: *r}, ID: c.f.ID, Version: v.Version, Place: place}
	if c.staff != nil {
		opened.Notes, err = c.b.notesOfMerchant(ctx, c.f)
	}
	return opened, err
}
