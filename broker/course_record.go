package broker

import (
	"slices"
	"time"

	"bauta.dev/bauta/broker/states"
)

// What a move writes into the record of a disclosure, and into its grant.

// clock starts and stops the deadlines of a row.
func (c *course) clock(row *states.Row) {
	r := &c.r
	if r.State != c.state {
		r.Timer, r.Deadline = "", time.Time{}
	}
	if row.Timer != "" {
		r.Timer, r.Deadline = row.Timer, c.now.Add(map[states.Timer]time.Duration{hearingTimer: hearingTime, infoTimer: infoTime}[row.Timer])
	}
	if row.Has(pauseClock) {
		r.PausedAt = c.now
	}
	if row.Has(resumeClock) {
		r.Due, r.PausedAt = r.Due.Add(c.now.Sub(r.PausedAt)), time.Time{}
	}
	if row.Has(recallNotice) {
		r.RecallBy = c.now.Add(recallTime)
	}
	if row.On == Appeal {
		r.OpenedAt, r.Due, r.Statutory = c.now, c.now.Add(dueOther), c.now.Add(statutoryTime)
	}
}

// record keeps what the next move depends on.
func (c *course) record(row *states.Row) {
	r := &c.r
	switch row.On {
	case Take:
		r.Taken = c.staff.Account
	case Release, Reject:
		if row.On == Release {
			r.Taken = ""
		}
		if r.Proposal = nil; row.On == Reject && !r.IsUndecided() {
			r.Taken = "" // the grant goes on as it was
		}
	case Object:
		c.object()
	case Skip:
		r.hear(heardSkipped, c.f.Request.Deadline)
	case Silence:
		r.hear(heardSilent, time.Time{})
	case Ask:
		r.Question = c.move.Reason
	case Answer:
		r.Question = ""
		if r.HearingEnds.After(c.f.Request.PausedAt) { // it would begin anew
			r.HearingEnds = c.now.Add(hearingTime)
		}
	case Propose, ToRecall:
		c.propose()
	case Attest:
		r.Attested = c.now
	case Appeal:
		c.appeal(row)
	case Grants, Deny, Approve, Overturn, Uphold, Recall:
		c.decide()
	case Reinstate:
		r.Proposal, r.Contested, r.Taken = nil, false, ""
		r.Freed++
	case Keep:
		if r.Contested, r.Taken, r.Kept = false, "", c.move.Reason; r.Proposal != nil {
			r.Taken = r.Proposal.By // that it ends all the same waits on
		}
	case Bar, Close:
		if r.close(); c.state == Recalled {
			r.DecidedAt = c.now // what ended the grant has left no record
		}
	case CallBack:
		if !r.waits() { // an appeal goes on
			r.close()
		}
	case LookInto:
		r.Looks++
	}
}

// propose notes what a second person is to look at. About a grant that nobody else has asked
// people about, whoever proposes it has it, and the time for it runs from the first proposal.
func (c *course) propose() {
	r := &c.r
	if !r.IsUndecided() {
		if r.Proposal == nil {
			r.Due = c.now.Add(dueOther)
		}
		r.Taken = c.staff.Account
	}
	r.Proposal = &Proposal{
		By: c.staff.Account, Hands: c.staff.hands(), Hash: c.hash(), Event: c.move.Choice.Event, Reason: c.move.Choice.Reason,
		Fields: c.move.Choice.Fields, Views: c.move.Choice.Views, Days: c.move.Choice.Days,
	}
}

// object notes an objection: to a grant, which people then look at, or within a hearing.
func (c *course) object() {
	r := &c.r
	r.Objection = c.move.Reason
	if r.Contested = !r.waits(); r.Contested {
		r.Taken, r.Proposal, r.Due = "", nil, c.now.Add(dueOther)
	} else {
		r.hear(heardObjected, c.f.Request.Deadline)
	}
}

// appeal notes whose it is, and that the subject is heard of it where the row says so.
func (c *course) appeal(row *states.Row) {
	r := &c.r
	r.Appealed, r.Opposed = r.Appealed || c.actor == ByRequester, r.Opposed || c.actor == BySubject
	if r.Taken, r.Proposal = "", nil; row.Has(openWindow) {
		r.Heard, r.HearingEnds = "", time.Time{}
	}
}

// hear ends a hearing, which would have gone on until a time.
func (r *Request) hear(how string, ends time.Time) {
	r.Heard, r.HearingEnds = how, ends
	r.Timer, r.Deadline = "", time.Time{}
}

// decide notes who has decided, so that nobody of them decides an appeal.
func (c *course) decide() {
	r := &c.r
	r.Contested = false
	r.DecidedAt, r.Reason, r.Taken = c.now, c.move.Reason, ""
	if c.plan != nil {
		r.Reason = c.plan.Choice
	}
	if c.staff == nil { // nobody: its requester was excluded
		r.Proposal = nil
		return
	}
	r.Deciders = append(slices.Clone(r.Deciders), c.staff.Account)
	r.Behind = append(slices.Clone(r.Behind), c.staff.Makers...)
	if p := r.Proposal; p != nil && p.By != c.staff.Account {
		r.Deciders, r.Behind = append(r.Deciders, p.By), append(r.Behind, p.Hands...)
	}
	r.Proposal = nil // it is done, or refused
}

// grant carries out what the row says of the grant, in the same commit.
func (c *course) grant(w *Write, row *states.Row) {
	r := &c.r
	if row.Has(makeGrant) {
		g := Grant{Disclosure: c.f.ID, Transaction: r.Transaction, State: Live, ViewsLeft: c.plan.Views, Version: 1}
		if c.f.Grant != nil { // an appeal against a revocation
			g.Version = c.f.Grant.Version + 1
			r.GrantMoves++
			r.Freed++                                         // what ended it may have no record: the marketplace's word, or the end of a consent
			r.RecallBy, r.Attested = time.Time{}, time.Time{} // they were of the grant before
		}
		w.Grants = []Grant{g}
		return
	}
	to := GrantState("")
	switch {
	case row.Has(holdGrant):
		to = Suspended
	case row.Has(freeGrant):
		to = Live
	case row.Has(endGrant):
		to = Revoked
	}
	if to == "" || c.f.Grant == nil || c.f.Grant.State == to {
		return
	}
	g := *c.f.Grant
	g.State, g.Version = to, g.Version+1
	r.GrantMoves++
	w.Grants = []Grant{g}
}
