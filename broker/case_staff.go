package broker

import (
	"context"
	"errors"
	"slices"
	"time"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
)

// What the staff do with cases, each in a session of his own.

// MoveStaffCase lets one of the staff do something with a case. What he looked at when
// he decided to, he says with Match.
func (b *Broker) MoveStaffCase(ctx context.Context, s Staff, id CaseID, m CaseMove, once *Outcome) (CaseView, bool, error) {
	if !s.handles() {
		return CaseView{}, false, ErrRole
	}
	if err := m.checked(); err != nil {
		return CaseView{}, false, err
	}
	return replayable(ctx, b, once, func(ctx context.Context) (CaseView, error) {
		return again(ctx, func(ctx context.Context) (CaseView, error) { return b.moveStaffCase(ctx, s, id, m, once) })
	}, func(ctx context.Context, o *Outcome) (CaseView, error) {
		v, err := b.StaffCase(ctx, s, caseOf(o))
		if err == nil {
			v.Place, err = b.Store.Place(ctx, o)
		}
		return v, err
	})
}

func (b *Broker) moveStaffCase(ctx context.Context, s Staff, id CaseID, m CaseMove, once *Outcome) (CaseView, error) {
	f, err := b.caseNow(ctx, id)
	if err != nil {
		return CaseView{}, err
	}
	c := b.caseCourse(f, m)
	c.staff, c.actor, c.caller = &s, disputes.ByHandler, Caller{Key: s.Account}
	if m.Event == disputes.Approve || m.Event == disputes.SendBack {
		c.actor = disputes.BySecond
	}
	if err := c.prepare(ctx); err != nil {
		return CaseView{}, err
	}
	w, err := c.write(ctx)
	if err != nil {
		return CaseView{}, err
	}
	return c.commit(ctx, w, once)
}

// prepare reads what a move of the staff's depends on besides the case.
func (c *caseCourse) prepare(ctx context.Context) (err error) {
	if err := c.price(); err != nil {
		return err
	}
	switch c.move.Event {
	case disputes.AskEvidence:
		c.wanted()
	case disputes.Assign:
		c.to, err = c.b.assignee(ctx, c.staff, c.move.To)
	case disputes.Propose:
		c.told, err = c.delivered(ctx)
	case disputes.Approve:
		if c.told, err = c.delivered(ctx); err == nil {
			err = c.findings(ctx)
		}
	}
	return err
}

// wanted gives each item that is asked for its time; the round lasts until the last of
// them.
func (c *caseCourse) wanted() {
	due := c.move.Due.UTC().Truncate(time.Microsecond)
	if c.move.Days > 0 { // counted from here: who asks may have looked at a clock before
		due = c.at.AddDate(0, 0, c.move.Days)
	}
	c.move.Wanted, c.move.Due = slices.Clone(c.move.Wanted), time.Time{}
	for i := range c.move.Wanted {
		p := &c.move.Wanted[i]
		if p.Due = p.Due.UTC().Truncate(time.Microsecond); p.Due.IsZero() {
			p.Due = due
		}
		if p.Due.After(c.move.Due) {
			c.move.Due = p.Due
		}
	}
}

// delivered says whether both sides were told what they have to be told before anybody
// decides. What one side says to the other is not waited for: else it could say more and
// more, and nobody would ever decide.
func (c *caseCourse) delivered(ctx context.Context) (bool, error) {
	waiting, err := c.b.Store.Undelivered(ctx, &c.f.CaseRecord)
	if err != nil || len(waiting) == 0 {
		return true, err
	}
	entries, err := c.b.Store.CaseEntries(ctx, c.f)
	return !slices.ContainsFunc(entries, func(e Recorded) bool {
		return slices.Contains(waiting, e.Index) && isForBoth(&e.Statement)
	}), err
}

// findings are those that were proposed: an approval says them to both sides.
func (c *caseCourse) findings(ctx context.Context) error {
	p := c.f.Proposal
	if p == nil || len(p.Note) == 0 {
		return nil
	}
	entries, err := c.b.Store.CaseEntries(ctx, c.f)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(entries, func(e Recorded) bool {
		return e.Statement.Type == ledger.CaseProposed && e.Statement.Members.Int("step") == p.Step
	})
	if i < 0 {
		return nil // the hash then is another one
	}
	sealed, err := c.b.Store.Statements(ctx, []int64{entries[i].Index})
	if err != nil {
		return err
	}
	text, err := c.b.caseText(c.f, &entries[i], sealed[entries[i].Index])
	c.move.Text = text.Text
	return err
}

// assignee is the account that a case is to be assigned to; without one, his own.
func (b *Broker) assignee(ctx context.Context, s *Staff, to string) (*Staff, error) {
	if to == "" || to == s.Account {
		return s, b.trusted(ctx, s)
	}
	a, err := b.Store.Account(ctx, accounts.ID(to))
	if errors.Is(err, ErrNotFound) {
		return nil, ErrAssignee.Pointing("/account")
	}
	if err != nil {
		return nil, err
	}
	x := &Staff{Account: to, Role: string(a.Role), Makers: wordsOf(a.Makers)}
	if !x.handles() || !a.EndedAt.IsZero() {
		return nil, ErrAssignee.Pointing("/account")
	}
	err = b.trusted(ctx, x) // nobody whose session was not justified, or not reviewed in time
	if errors.Is(err, ErrReviewDue) || errors.Is(err, ErrGlassWrong) {
		return nil, ErrAssignee.Pointing("/account")
	}
	return x, err
}

// TextsOfCase opens what the sides have written for whoever has the case, or looks at
// what was proposed in it. The entry comes first.
func (b *Broker) TextsOfCase(ctx context.Context, s Staff, id CaseID, once *Outcome) ([]CaseText, ledger.Place, error) {
	if !s.handles() {
		return nil, ledger.Place{}, ErrRole
	}
	type opened struct {
		texts []CaseText
		place ledger.Place
	}
	v, _, err := replayable(ctx, b, once, func(ctx context.Context) (opened, error) {
		return again(ctx, func(ctx context.Context) (o opened, err error) {
			c, err := b.openingCase(ctx, &s, id)
			if err != nil {
				return o, err
			}
			w, err := c.opening(ledger.Object{{Name: "texts", Value: c.r.Told.Texts}})
			if err != nil {
				return o, err
			}
			w.Once = once.ledCase(id, "texts", w)
			if o.place, err = b.Store.Commit(ctx, w); err != nil {
				return o, err
			}
			o.texts, err = b.textsOf(ctx, c.f)
			return o, err
		})
	}, func(ctx context.Context, out *Outcome) (o opened, err error) {
		c, err := b.openingCase(ctx, &s, id)
		if err != nil || b.now().Sub(out.At) >= replayWindow {
			return o, errors.Join(err, ErrGone)
		}
		if o.place, err = b.Store.Place(ctx, out); err != nil {
			return o, err
		}
		o.texts, err = b.textsOf(ctx, c.f)
		o.texts = slices.DeleteFunc(o.texts, func(x CaseText) bool { return x.Index > out.Index }) // I10
		return o, err
	})
	return v.texts, v.place, err
}

func (b *Broker) textsOf(ctx context.Context, f *FoundCase) ([]CaseText, error) {
	entries, err := b.Store.CaseEntries(ctx, f)
	if err != nil {
		return nil, err
	}
	return b.caseTexts(ctx, f, entries, true)
}

// openingCase begins an opening: for whoever has the case, and while something is proposed
// for a second person, who could approve it.
func (b *Broker) openingCase(ctx context.Context, s *Staff, id CaseID) (*caseCourse, error) {
	if err := b.sound(); err != nil {
		return nil, err
	}
	if err := b.trusted(ctx, s); err != nil {
		return nil, err
	}
	f, err := b.caseNow(ctx, id)
	if err != nil {
		return nil, err
	}
	c := b.caseCourse(f, CaseMove{})
	c.staff, c.actor, c.caller = s, disputes.ByHandler, Caller{Key: s.Account}
	if s.New {
		return nil, accounts.ErrNotYet
	}
	if !c.r.IsOpen() || c.r.Assigned != s.Account && !c.isSecond() {
		return nil, ErrNotAssigned.Offering(wordsOf(c.allowedStaff()))
	}
	return c, nil
}

// isSecond says that something is proposed that this person could approve, once he has
// looked: nobody else needs to see what it rests on.
func (c *caseCourse) isSecond() bool {
	_, err := disputes.Life.Next(c.state, disputes.Approve, disputes.BySecond, func(g states.Guard) bool {
		return slices.Contains([]states.Guard{disputes.SameHash, disputes.Within, disputes.Told}, g) || c.staffHolds(g)
	})
	return err == nil
}

// opening writes that something of a case is opened. It is no move: whoever decides on
// the case has nothing to look at again because of it.
func (c *caseCourse) opening(what ledger.Object) (*Write, error) {
	c.r = c.f.CaseRecord
	c.r.Version++
	c.r.Looked = countOne(c.r.Looked, c.side)
	w := &Write{Of: &c.f.Situation, Case: &c.r, Word: c.caller.spends()}
	m := c.whose(append(append(c.about(), ledger.Member{Name: "by", Value: c.by()}), what...))
	if c.staff != nil {
		m = append(m, ledger.Member{Name: "role", Value: c.staff.Role})
	}
	if err := c.seal(w, ledger.Statement{Type: ledger.EvidenceOpened, At: c.now, Members: m}); err != nil {
		return nil, err
	}
	c.r.Chain = c.r.Newest
	return w, nil
}
