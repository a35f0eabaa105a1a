package broker

import (
	"slices"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// What a move writes into the record of a registration, and into its entry.

// record keeps what the next move depends on.
func (c *merchantCourse) record(row *states.Row) {
	r := &c.r
	if v := c.version; v != nil {
		r.Given, r.Current, r.Assessed, r.Opened = v.Version, v.Version, v.Assessed, nil
		r.Others = c.ofOthers()
		if len(c.hidden) != len(r.Hidden) { // it only grows until something is approved
			r.Hidden, r.ShownAt = c.hidden, c.now
		}
	}
	if c.state == merchants.NeedsInfo && r.State != c.state {
		r.Question = ""
	}
	if row.Has(merchants.ReviewAnew) || r.State == merchants.InReview && !slices.Contains([]states.State{merchants.InReview, merchants.NeedsInfo, merchants.Proposed}, c.state) {
		r.Taken, r.Proposal = "", nil
	}
	switch row.On {
	case merchants.Take:
		r.Taken = c.staff.Account
	case merchants.Release:
		r.Taken, r.Proposal = "", nil
	case merchants.Ask:
		r.Question, r.Asked = c.move.Reason, c.noted()
	case merchants.Propose:
		r.Proposal = &MerchantProposal{By: c.staff.Account, Hands: c.staff.hands(), Hash: c.hash(), Reason: c.move.Reason, Checks: c.move.Checks}
	case merchants.SendBack:
		r.Proposal = nil
	case merchants.Appeal:
		r.Appealed, r.OfSuspension, r.Taken = true, c.state == merchants.Suspended, ""
		r.Barred = slices.Concat(r.Deciders, r.Behind)
	case merchants.Threshold:
		r.Owed, r.Conditions = owedThreshold, c.over
	case merchants.Reverify:
		r.Owed = owedReverify
	case merchants.Ebb:
		r.Conditions, r.ApprovedFor, r.ShownAt = c.over, both(r.ApprovedFor, c.over), c.now
	case merchants.Close:
		r.ClosingAt, r.Taken, r.Proposal = c.now, "", nil
	case merchants.Approve, merchants.Reject, merchants.Suspend, merchants.Reinstate, merchants.Uphold, merchants.Overturn:
		c.decide(row)
	case merchants.Erase:
		r.erase(c.notes)
	case merchants.Overdue, merchants.Lapse:
		if r.State == merchants.Suspended {
			c.decide(row)
		}
	}
	c.publish(row)
	r.sooner()
}

// decide notes who has decided, so that nobody of them decides an appeal.
func (c *merchantCourse) decide(row *states.Row) {
	r := &c.r
	r.DecidedAt, r.Reason, r.Reasoned, r.Taken = c.now, c.move.Reason, 0, ""
	r.Deciders, r.Behind = nil, nil
	if c.staff == nil {
		r.Reason = string(row.On) // nobody has: time
	} else {
		if NoteIsToMerchant(row.On) {
			r.Reasoned = c.noted()
		}
		r.Deciders, r.Behind = []string{c.staff.Account}, slices.Clone(c.staff.Makers)
		if p := r.Proposal; p != nil && row.On == merchants.Approve && p.By != c.staff.Account {
			r.Deciders, r.Behind = append(r.Deciders, p.By), append(r.Behind, p.Hands...)
		}
	}
	if row.On != merchants.Uphold && row.On != merchants.Overturn {
		r.Appealed, r.Barred = false, nil
	}
	switch {
	case r.State == merchants.Suspended:
		r.Must, r.Marked = time.Time{}, marksSuspended // it is over; what is due is still due
		r.Blamed = r.Blamed || c.staff != nil          // time alone blames nobody, and excuses nobody either
		r.Suspected = r.Suspected || c.staff != nil && c.move.Reason == fraudSuspected
	case r.State == merchants.Rejected:
		r.Marked = marksRejected
	case row.Has(merchants.Publish), row.On == merchants.Overturn:
		r.Marked, r.Blamed, r.Suspected = "", false, false
	}
}

// noted is the step of a move, where somebody has written something with it.
func (c *merchantCourse) noted() int64 {
	if c.move.Note.IsZero() {
		return 0
	}
	return c.r.Version
}

// publish carries out what the row says of the public profile.
func (c *merchantCourse) publish(row *states.Row) {
	r := &c.r
	before := r.Shown
	if row.On == merchants.Approve && row.Has(merchants.Publish) {
		r.Checks = c.checks()
		r.Approved, r.ApprovedAt, r.ApprovedStep, r.ApprovedFor = r.Current, c.now, r.Version, r.Conditions
		r.Known = c.f.Of.cautions()
		if r.Approved == r.Given { // one from before says nothing of what was hidden since
			r.Hidden = nil
		}
		r.Owed, r.Must, r.Proposal, r.Question = "", time.Time{}, nil, ""
		before = false
	}
	switch {
	case row.Has(merchants.Publish):
		r.Shown = true
	case row.Has(merchants.Unpublish):
		r.Shown = false
	}
	if r.Shown != before || c.f.Shown != r.Shown {
		r.ShownAt = c.now
	}
	if row.Has(merchants.DropNew) {
		r.Current, r.Proposal, r.Taken, r.Question, r.Others, r.Opened = r.Approved, nil, "", "", nil, nil
		if c.dropped != nil {
			r.Assessed = c.dropped.Assessed
		}
	}
}

// both are the conditions that are among those that hold.
func both(all, hold []merchants.Condition) []merchants.Condition {
	return slices.DeleteFunc(slices.Clone(all), func(x merchants.Condition) bool { return !slices.Contains(hold, x) })
}

// about are the members that every entry about a registration has.
func (c *merchantCourse) about() ledger.Object {
	return registrationMembers(c.f, c.r.Version)
}

func registrationMembers(f *FoundMerchant, step int64) ledger.Object {
	return ledger.Object{{Name: "merchant", Value: string(f.ID)}, {Name: "party", Value: string(f.Of.ID)}, {Name: "step", Value: step}}
}

// statement is what the entry of a move says. No value is in it.
func (c *merchantCourse) statement() ledger.Statement {
	r := &c.r
	m := append(c.about(),
		ledger.Member{Name: "event", Value: string(c.move.Event)}, ledger.Member{Name: "from", Value: string(c.state)},
		ledger.Member{Name: "to", Value: string(r.State)}, ledger.Member{Name: "state", Value: string(merchantState(r.State))}, ledger.Member{Name: "by", Value: string(c.actor)},
		ledger.Member{Name: "until", Value: r.Deadline}, ledger.Member{Name: "duplicates", Value: c.otherIDs()})
	switch {
	case c.staff != nil:
		m = append(m, ledger.Member{Name: "account", Value: c.staff.Account})
	case c.actor != merchants.ByClock:
		m = append(m, ledger.Member{Name: "asserted_by", Value: c.caller.assertedBy()}, ledger.Member{Name: "key", Value: c.caller.Key})
	}
	if v := c.version; v != nil {
		return ledger.Statement{Type: ledger.MerchantWritten, At: c.now, Members: append(m,
			ledger.Member{Name: "version", Value: v.Version}, ledger.Member{Name: "jurisdiction", Value: string(r.Jurisdiction)},
			ledger.Member{Name: "kind", Value: string(r.Type)}, ledger.Member{Name: "pack", Value: v.Assessed.Pack},
			ledger.Member{Name: "fields", Value: outcomeObjects(r.toldFields())}, ledger.Member{Name: "commitment", Value: encode(v.Commitment)})}
	}
	m = append(m, ledger.Member{Name: "version", Value: r.Current}, ledger.Member{Name: "reason", Value: c.reason()},
		ledger.Member{Name: "told", Value: c.told()})
	if p := c.f.Proposal; p != nil && c.move.Event == merchants.Approve {
		m = append(m, ledger.Member{Name: "decider", Value: p.By}, ledger.Member{Name: "plan", Value: encode(p.Hash)})
	}
	switch c.move.Event {
	case merchants.Approve:
		m = append(m, ledger.Member{Name: "checks", Value: checkObjects(r.Checks)})
	case merchants.Propose:
		m = append(m, ledger.Member{Name: "plan", Value: encode(r.Proposal.Hash)})
	}
	return ledger.Statement{Type: ledger.MerchantMoved, At: c.now, Members: m}
}

func (c *merchantCourse) reason() string {
	if c.staff == nil && c.actor == merchants.ByClock {
		return string(c.move.Event)
	}
	return c.move.Reason
}

// told is what the merchant may read of the reason: nothing of what goes on among staff
// before they decide, which could be about another registration.
func (c *merchantCourse) told() string {
	if amongStaff(c.move.Event) {
		return ""
	}
	return merchantReason(c.reason())
}

// merchantNote commits to free text and keeps it sealed under the party's key.
func (b *Broker) merchantNote(w *Write, st *ledger.Statement, c *merchantCourse) error {
	if c.move.Note.IsZero() {
		return nil
	}
	l := masking.Label{Origin: b.Origin, Owner: MerchantLabel(c.f.ID), Field: "note", Version: int(c.r.Version)}
	sealed, err := masking.SealValue(c.f.Of.Key, l, masking.Value{Text: c.move.Note}, b.Random)
	if err != nil {
		return err
	}
	w.Note = &SealedValue{Label: l, Sealed: sealed}
	st.Members = append(st.Members, ledger.Member{Name: "note", Value: encode(sealed.Commitment)})
	return nil
}
