package broker

import (
	"maps"
	"reflect"
	"slices"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/disputes/letters"
	"bauta.dev/bauta/masking"
)

// What a move writes into the record of a case, and into its entry.

// CaseLabel owns what is sealed of a case.
func CaseLabel(id CaseID) string { return "case/" + string(id) }

// note commits to the free text that comes with a move, and keeps it sealed under the
// case's key.
// Those of both sides are numbered for themselves: by the steps of the case a side would
// count those that it is not told of.
func (c *caseCourse) note(w *Write, told bool) ([]byte, error) {
	if c.move.Text.IsZero() {
		return nil, nil
	}
	text := 0
	if told {
		text = c.f.Told.Texts + 1
	}
	l := c.b.noteLabel(c.f.ID, c.r.Version, text)
	sealed, err := masking.SealValue(c.f.Key, l, masking.Value{Text: c.move.Text}, c.b.Random)
	if err != nil {
		return nil, err
	}
	w.Note = &SealedValue{Label: l, Sealed: sealed}
	c.r.Texts++
	return sealed.Commitment, nil
}

// record keeps what the next move depends on.
func (c *caseCourse) record(row *states.Row, note []byte) {
	r := &c.r
	answers := []states.Event{disputes.Message, disputes.Offer, disputes.AddEvidence}
	r.Answered = r.Answered || c.side == r.Opener.Other() && slices.Contains(answers, row.On)
	switch row.On {
	case disputes.Message:
		c.r.Written = countOne(c.r.Written, c.side)
	case disputes.Offer:
		r.Offers = disputes.MakeOffer(r.Offers, c.side, c.move.Offer, int64(c.amount))
	case disputes.RetractOffer:
		r.Offers = slices.Clone(r.Offers)
		r.Offers[c.move.N-1].State = disputes.OfferTakenBack
	case disputes.AcceptOffer:
		r.Offers = disputes.EndOffers(r.Offers, c.move.N)
	case disputes.Escalate, disputes.Withdraw, disputes.Lapse:
		r.Offers = disputes.EndOffers(r.Offers, 0)
	case disputes.AddEvidence:
		r.Items = append(slices.Clone(r.Items), *c.item)
	case disputes.Rest:
		r.Rested = append(slices.Clone(r.Rested), c.side)
	case disputes.AskEvidence:
		c.ask()
	case disputes.AdmitEvidence:
		r.Items = slices.Clone(r.Items)
		r.Items[c.move.N-1].Standing = disputes.Admitted
	case disputes.Assign:
		r.Assigned, r.AssignedBy, r.AssignedLed = c.to.Account, c.staff.hands(), c.staff.leads()
	case disputes.Release:
		r.Assigned, r.AssignedBy, r.Proposal = "", nil, nil
	case disputes.Propose:
		c.propose(note)
	case disputes.Approve:
		c.decide()
	case disputes.SendBack:
		r.Proposal = nil
	case disputes.Appeal:
		r.Assigned, r.AssignedBy, r.Proposal, r.Rested = "", nil, nil, nil
		c.stand(disputes.Late, disputes.Staged) // what came late is in time for the appeal
		for i := range r.Items {
			r.Items[i].Anew = r.Items[i].Standing == disputes.Staged
		}
	case disputes.GoOutside:
		r.Was, r.External, r.OutBy = c.state, c.move.Reason, c.staff.hands()
	case disputes.CheckDetails:
		c.overdue()
	case disputes.ComeBack, disputes.Conclude:
		r.Was, r.External, r.OutBy = "", "", nil
	}
	if row.Has(disputes.FreezeItems) && row.On != disputes.Propose {
		c.freeze()
	}
}

// propose keeps what a second person is to look at, with the evidence as it is then.
func (c *caseCourse) propose(note []byte) {
	d := CaseDecision{Outcome: c.move.Outcome, Amount: c.amount, Reason: c.move.Code, Clause: c.move.Clause}
	if c.state == disputes.Appealed {
		c.freeze()
	}
	c.r.Proposal = &CaseProposal{CaseDecision: d, By: c.staff.Account, Hands: c.staff.hands(), Hash: c.hash(&d, note), Note: note, Step: c.r.Version}
}

// ask begins a round.
func (c *caseCourse) ask() {
	r := &c.r
	r.Rounds, r.Rested, r.Asked = r.Rounds+1, nil, slices.Clone(r.Asked)
	for _, p := range c.move.Wanted {
		p.Round = r.Rounds
		r.Asked = append(r.Asked, p)
	}
}

// overdue notes that both sides are told that the merchant's details are.
func (c *caseCourse) overdue() {
	c.r.Clocks = slices.Clone(c.r.Clocks)
	if x := detailsClock(&c.r); x != nil {
		x.Told = c.now
	}
}

// countOne counts for a side; nothing for the staff.
func countOne(counts map[disputes.Side]int, s disputes.Side) map[disputes.Side]int {
	if s == "" {
		return counts
	}
	next := maps.Clone(counts)
	set(&next, s, next[s]+1)
	return next
}

// freeze fixes the evidence that counts, by its hash.
func (c *caseCourse) freeze() {
	c.stand(disputes.Staged, disputes.Submitted)
	c.r.Frozen = freeze(c.r.ID, c.r.Items)
}

// stand lets all items that stand in one way stand in another.
func (c *caseCourse) stand(from, to disputes.Standing) {
	c.r.Items = slices.Clone(c.r.Items)
	for i := range c.r.Items {
		if c.r.Items[i].Standing == from {
			c.r.Items[i].Standing = to
		}
	}
}

// decide notes what was decided, and by whom, so that nobody of them decides an appeal.
func (c *caseCourse) decide() {
	r, p := &c.r, c.r.Proposal
	d := p.CaseDecision
	d.At = c.now
	r.First, r.Decision = r.Decision, &d
	c.stand(disputes.Staged, disputes.Late) // what came while an appeal was proposed
	for _, account := range []string{p.By, c.staff.Account} {
		if !slices.Contains(r.Deciders, account) {
			r.Deciders = append(slices.Clone(r.Deciders), account)
		}
	}
	r.Behind = slices.Concat(r.Behind, p.Hands, c.staff.Makers)
}

// tell counts what both sides are told of a move.
func (c *caseCourse) tell(note []byte) {
	t := &c.r.Told
	t.Moves, t.At = t.Moves+1, c.now
	c.r.Bundled = nil
	if note != nil {
		t.Texts++
	}
}

// about are the members that every entry about a case has.
func (c *caseCourse) about() ledger.Object {
	return ledger.Object{
		{Name: "dispute", Value: string(c.f.ID)},
		{Name: "transaction", Value: string(c.f.Situation.Transaction.ID)},
		{Name: "step", Value: c.r.Version},
		{Name: "before", Value: encode(c.f.Chain)},
	}
}

// by is who acts, as both sides are told it.
func (c *caseCourse) by() string {
	switch {
	case c.staff != nil:
		return "staff"
	case c.actor == disputes.ByClock:
		return "clock"
	default:
		return string(c.side)
	}
}

// whose adds on whose word, or by whose hand, it happened.
func (c *caseCourse) whose(m ledger.Object) ledger.Object {
	switch {
	case c.staff != nil:
		return append(m, ledger.Member{Name: "account", Value: c.staff.Account})
	case c.actor == disputes.ByClock:
		return m
	}
	return append(m, ledger.Member{Name: "asserted_by", Value: c.caller.assertedBy()}, ledger.Member{Name: "key", Value: c.caller.Key})
}

// statement is what the entry of a move says. No text and no value is in it.
func (c *caseCourse) statement(row *states.Row, from states.State, note []byte, suspended []string) ledger.Statement {
	r := &c.r
	digits := r.Currency.Digits()
	m := append(c.about(), ledger.Member{Name: "note", Value: encode(note)})
	if note != nil && !untold(row, from) {
		m = append(m, ledger.Member{Name: "text", Value: c.r.Told.Texts})
	}
	if untold(row, from) { // for the staff alone, and no link of the sides' chain
		m = slices.DeleteFunc(m, func(x ledger.Member) bool { return x.Name == "before" })
	}
	switch row.On {
	case disputes.Open:
		return c.openingStatement(m, suspended)
	case disputes.AddEvidence:
		return c.evidenceStatement(m)
	case disputes.SendBack, disputes.Release:
		if untold(row, from) {
			return ledger.Statement{Type: ledger.CaseProposed, At: c.now, Members: append(m, ledger.Member{Name: "event", Value: string(row.On)},
				ledger.Member{Name: "by", Value: c.by()}, ledger.Member{Name: "reason", Value: c.move.Reason}, ledger.Member{Name: "account", Value: c.staff.Account})}
		}
	case disputes.Propose:
		p := r.Proposal
		return ledger.Statement{Type: ledger.CaseProposed, At: c.now, Members: append(m,
			ledger.Member{Name: "event", Value: string(row.On)}, ledger.Member{Name: "outcome", Value: string(p.Outcome)}, ledger.Member{Name: "amount", Value: said(p.Amount, digits)},
			ledger.Member{Name: "reason", Value: p.Reason}, ledger.Member{Name: "clause", Value: p.Clause}, ledger.Member{Name: "plan", Value: encode(p.Hash)},
			ledger.Member{Name: "second_for", Value: c.secondFor()}, ledger.Member{Name: "account", Value: c.staff.Account})}
	case disputes.Approve:
		d, p := r.Decision, c.f.Proposal
		return ledger.Statement{Type: ledger.CaseDecided, At: c.now, Members: append(m,
			ledger.Member{Name: "event", Value: string(row.On)}, ledger.Member{Name: "outcome", Value: string(d.Outcome)}, ledger.Member{Name: "amount", Value: said(d.Amount, digits)},
			ledger.Member{Name: "currency", Value: string(r.Currency)}, ledger.Member{Name: "lines", Value: wordsOf(r.Lines)}, ledger.Member{Name: "reason", Value: d.Reason},
			ledger.Member{Name: "clause", Value: d.Clause}, ledger.Member{Name: "letters", Value: letters.Newest}, ledger.Member{Name: "frozen", Value: encode(r.Frozen)}, ledger.Member{Name: "until", Value: r.Deadline},
			ledger.Member{Name: "clocks", Value: c.clockObjects()}, ledger.Member{Name: "suspended", Value: suspended}, ledger.Member{Name: "plan", Value: encode(p.Hash)},
			ledger.Member{Name: "second_for", Value: c.secondFor()}, ledger.Member{Name: "decider", Value: p.By}, ledger.Member{Name: "approver", Value: c.staff.Account})}
	}
	m = c.whose(append(m, ledger.Member{Name: "event", Value: string(row.On)},
		ledger.Member{Name: "from", Value: string(disputes.ToldState(from))}, ledger.Member{Name: "to", Value: string(disputes.ToldState(r.State))},
		ledger.Member{Name: "by", Value: c.by()}, ledger.Member{Name: "reason", Value: c.move.Reason}, ledger.Member{Name: "clocks", Value: c.clockObjects()},
		ledger.Member{Name: "suspended", Value: suspended}))
	if row.Has(disputes.SealCase) {
		return c.closingStatement(m)
	}
	return c.moveStatement(row, m)
}

// untold says whether a move is no side's to know: what was proposed, and that it is no
// longer.
func untold(row *states.Row, from states.State) bool {
	return row.On == disputes.Propose || row.On == disputes.SendBack || row.On == disputes.Release && disputes.ToldState(from) != from
}

func (c *caseCourse) moveStatement(row *states.Row, m ledger.Object) ledger.Statement {
	r := &c.r
	st := ledger.Statement{Type: ledger.CaseMoved, At: c.now}
	if turns(row) {
		st.Type = ledger.CaseTurned
	}
	m = append(m, ledger.Member{Name: "until", Value: r.Deadline})
	switch row.On {
	case disputes.Offer, disputes.RetractOffer, disputes.AcceptOffer:
		o := r.Offers[len(r.Offers)-1]
		if row.On != disputes.Offer {
			o = r.Offers[c.move.N-1]
		}
		m = append(m, ledger.Member{Name: "offer", Value: o.N}, ledger.Member{Name: "kind", Value: string(o.Kind)},
			ledger.Member{Name: "amount", Value: said(Quantity(o.Amount), r.Currency.Digits())})
	case disputes.AskEvidence, disputes.ComeBack: // which gives more time for what is open
		if len(c.move.Wanted) == 0 {
			break
		}
		var wanted []ledger.Object
		for _, p := range c.move.Wanted {
			wanted = append(wanted, ledger.Object{{Name: "by", Value: string(p.By)}, {Name: "type", Value: string(p.Type)}, {Name: "due", Value: p.Due}})
		}
		m = append(m, ledger.Member{Name: "wanted", Value: wanted}, ledger.Member{Name: "letters", Value: letters.Newest})
	case disputes.AdmitEvidence:
		m = append(m, ledger.Member{Name: "item", Value: c.move.N})
	case disputes.Assign:
		m = append(m, ledger.Member{Name: "assigned", Value: c.to.Account})
	}
	if row.Has(disputes.FreezeItems) {
		m = append(m, ledger.Member{Name: "frozen", Value: encode(r.Frozen)})
	}
	st.Members = m
	return st
}

// closingStatement seals the case: with the chain that each of its entries is in, and
// the evidence that counted, whoever has the last one knows all the others.
func (c *caseCourse) closingStatement(m ledger.Object) ledger.Statement {
	if d := c.r.Decision; d != nil {
		m = append(m, ledger.Member{Name: "outcome", Value: string(d.Outcome)})
	}
	return ledger.Statement{Type: ledger.CaseClosed, At: c.now, Members: append(m, ledger.Member{Name: "seal", Value: encode(freeze(c.f.ID, c.r.Items))})}
}

func (c *caseCourse) openingStatement(m ledger.Object, suspended []string) ledger.Statement {
	r := &c.r
	opener := c.f.Situation.Transaction.party(r.Opener)
	m = append(m,
		ledger.Member{Name: "opened_by", Value: string(opener)}, ledger.Member{Name: "reason", Value: string(r.Reason)}, ledger.Member{Name: "lines", Value: wordsOf(r.Lines)},
		ledger.Member{Name: "amount", Value: said(r.Amount, r.Currency.Digits())}, ledger.Member{Name: "currency", Value: string(r.Currency)},
		ledger.Member{Name: "follows", Value: string(r.Follows)}, ledger.Member{Name: "state", Value: string(r.State)}, ledger.Member{Name: "until", Value: r.Deadline},
		ledger.Member{Name: "clocks", Value: c.clockObjects()}, ledger.Member{Name: "suspended", Value: suspended},
		ledger.Member{Name: "asserted_by", Value: c.caller.assertedBy()}, ledger.Member{Name: "key", Value: c.caller.Key})
	return ledger.Statement{Type: ledger.CaseOpened, At: c.now, Members: m}
}

// turns says whether a row changes the transaction: its entry then is one of those that
// make a version of it.
func turns(row *states.Row) bool {
	return slices.ContainsFunc(row.Effects, func(e states.Effect) bool {
		return slices.Contains([]states.Effect{
			disputes.FreezeLines, disputes.FreeLines, disputes.OrderRemedy, disputes.TakeRemedy, disputes.LetRefunds, disputes.HoldRefunds,
		}, e)
	})
}

func (t *Transaction) party(s disputes.Side) PartyID {
	if s == disputes.Buyer {
		return t.Buyer
	}
	return t.Seller
}

func said(q Quantity, digits int) string {
	if q == 0 {
		return ""
	}
	return q.Format(digits)
}

func wordsOf[T ~string](all []T) []string {
	words := make([]string, len(all))
	for i, x := range all {
		words[i] = string(x)
	}
	return words
}

// clockObjects are the clocks where the move has started, stopped or moved one; what an
// entry does not say of them is as the entry before it said.
func (c *caseCourse) clockObjects() []ledger.Object {
	var all []ledger.Object
	if reflect.DeepEqual(c.r.Clocks, c.f.Clocks) {
		return nil
	}
	for i := range c.r.Clocks {
		x := &c.r.Clocks[i]
		all = append(all, ledger.Object{
			{Name: "name", Value: x.Name},
			{Name: "kind", Value: string(x.Kind)},
			{Name: "rule", Value: x.Rule},
			{Name: "due", Value: x.Due},
			{Name: "state", Value: x.State(c.at)},
		})
	}
	return all
}

// timers are for the deadline of a case, if it is not the one from before.
func (c *caseCourse) timers() []Timer {
	if x := detailsClock(&c.r); x != nil && c.f.Version == 0 && x.Due.Before(c.r.Deadline) {
		return []Timer{{Kind: Judging, Transaction: c.r.Row, DueAt: x.Due}} // it is the deadline's, too, when that has been looked at
	}
	if r := &c.r; r.Timer != "" && (!r.Deadline.Equal(c.f.Deadline) || r.State != c.f.State) {
		return []Timer{{Kind: Judging, Transaction: r.Row, DueAt: r.Deadline}}
	}
	return nil
}
