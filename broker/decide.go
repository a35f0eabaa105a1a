package broker

import (
	"slices"
	"time"

	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/plain"
	"bauta.dev/bauta/masking"
)

// Missing is what an obligation still lacks, in decimal strings.
type Missing struct {
	Obligation Obligation `json:"obligation"`
	Need       string     `json:"need"`
	Have       string     `json:"have"`
}

// FieldOutcome is what was decided about one field. Use and Version name the
// value that it was decided on; they are zero where none is given.
type FieldOutcome struct {
	Field      masking.Field
	Outcome    necessity.Outcome
	Reason     necessity.Reason
	Rule       string
	Use        Use
	Version    int
	Commitment []byte
}

// Reason is why a disclosure was refused.
type Reason struct {
	Code    necessity.Reason `json:"code"`
	Detail  string           `json:"detail"`
	Missing []Missing        `json:"missing,omitempty"`
}

// situation turns facts into the conditions that policies speak of. now decides
// only how near a slot is.
func (b *Broker) situation(s *Situation, role necessity.Role, now time.Time) necessity.Bits {
	t := &s.Transaction.Transaction
	subject := s.Party(otherRole(role))
	_, main := t.fulfilment()
	pay := t.Totals[Pay]
	var bits necessity.Bits
	for _, x := range [...]struct {
		condition necessity.Condition
		holds     bool
	}{
		{necessity.Accepted, t.Totals[Accept].carries() > 0},
		{necessity.Held, pay.carries() >= t.Held()},
		{necessity.Paid, pay.carries() >= t.Floor()},
		{necessity.PaidInFull, pay.carries() >= t.Amount},
		{necessity.Unpaid, pay.Done < t.Amount && !pay.Waived},
		{necessity.Shipped, t.Totals[Ship].carries() > 0},
		{necessity.Provided, main.carries() > 0},
		{necessity.ReturnApproved, t.Totals[ApproveReturn].Done > 0},
		{necessity.GivenBack, t.Totals[Return].carries() > 0 || t.Totals[GiveBack].carries() > 0},
		{necessity.SlotBooked, !t.Slot.End.IsZero()},
		{necessity.Slot24h, within(t.Slot, now, 24*time.Hour)},
		{necessity.Slot48h, within(t.Slot, now, 48*time.Hour)},
		{necessity.Overdue48h, overdue(t, now)},
		{necessity.TaxInvoice, t.TaxInvoice},
		{necessity.Meet, t.Handover == Meet},
		{necessity.Item, t.Rental == Item},
		{necessity.SubjectBusiness, subject.Kind == Merchant || role == necessity.Seller && t.BusinessBuyer},
		{necessity.SubjectMinor, slices.Contains(subject.Flags, Minor)},
		{necessity.SubjectAtRisk, slices.Contains(subject.Flags, AtRisk) || subject.fears(s.Party(role).Row)},
		{necessity.SubjectRestricted, slices.Contains(subject.Flags, Restricted)},
		{necessity.Cancelled, !t.CancelledAt.IsZero()},
		{necessity.DisputeOpen, t.Dispute.Open() || s.WasDisputed && t.Dispute != nil},
	} {
		if x.holds {
			bits |= x.condition.Bit()
		}
	}
	return bits
}

func within(s Slot, now time.Time, d time.Duration) bool {
	return !s.Start.IsZero() && !now.Before(s.Start.Add(-d))
}

// overdue: the rented item should have been back two days ago.
func overdue(t *Transaction, now time.Time) bool {
	return !t.Slot.End.IsZero() && now.After(t.Slot.End.Add(48*time.Hour)) &&
		t.Totals[GiveBack].Done < Quantity(t.Items)
}

// conclusion is a decision on all fields that were asked for.
type conclusion struct {
	decision string
	ground   necessity.Ground
	fields   []FieldOutcome
	reasons  []Reason
	missing  []Missing
	expires  []necessity.Expiry
	views    int
	bits     necessity.Bits
	internal []string
	consent  *Consent // that it rests on, under 3a
}

// conclude decides: pure, but for the clock reading that it is given.
func (b *Broker) conclude(s *Situation, role necessity.Role, in *DisclosureInput, now time.Time) conclusion {
	v := b.verdicts(b.engine(), s, role, in.Purpose, in.Citation, now)
	asked := in.Fields
	if len(asked) == 0 {
		asked = v.plain.Necessary
	}
	if s.Party(role).excluded() {
		return refuseAll(asked, v.bits)
	}
	c := conclusion{decision: "refused", ground: v.ground(asked), bits: v.bits, fields: make([]FieldOutcome, 0, len(asked))}
	pending := false
	for _, f := range asked {
		fd := v.field(c.ground, f)
		o := b.outcome(s, role, in.Purpose, fd, v.bits, now)
		switch o.Outcome {
		case necessity.Granted:
			c.decision = "granted"
			c.strictest(s, in.Purpose, fd, now)
		case necessity.Pending:
			pending = true
		case necessity.Withheld:
			c.because(s, fd, o.Reason)
		}
		c.fields = append(c.fields, o)
	}
	c.fields = alone(c.fields)
	switch {
	case c.decision == "granted":
		c.reasons = nil
	case pending:
		c.decision, c.reasons = "pending", nil
	default:
		c.ground = ""
	}
	if c.ground == necessity.Ground3a {
		c.consent = v.consent
	}
	if len(asked) == 0 {
		c.reasons = []Reason{{Code: necessity.NotNecessary, Detail: plain.Detail(necessity.NotNecessary)}}
	}
	return c
}

// outcome adds to the engine's decision what only facts and time can say: the
// value that it is about, whether there is one, and whether its term is over.
func (b *Broker) outcome(s *Situation, role necessity.Role, p necessity.Purpose, fd *necessity.FieldDecision, bits necessity.Bits, now time.Time) FieldOutcome {
	o := FieldOutcome{Field: fd.Field, Outcome: fd.Outcome, Reason: fd.Reason}
	if fd.Outcome == necessity.Withheld {
		o.Reason = refine(&s.Transaction.Transaction, fd, bits)
		return o
	}
	o.Rule, o.Reason = fd.Rule, ""
	v, use, ok := s.value(otherRole(role), fd)
	switch {
	case !ok:
		o.Outcome, o.Reason, o.Rule = necessity.Withheld, necessity.NotHeld, ""
	case s.Transaction.over(p), !s.Transaction.Ends(terms(fd), p, now).After(now): // nor is there anything for a person to decide
		o.Outcome, o.Reason, o.Rule = necessity.Withheld, necessity.TransactionClosed, ""
	default:
		o.Use, o.Version, o.Commitment = use, v.Label.Version, v.Sealed.Commitment
	}
	return o
}

// value finds what a row gives: from the transaction's own contacts, or else
// the party's own value unless the row says "only".
func (s *Situation) value(subject necessity.Role, fd *necessity.FieldDecision) (SealedValue, Use, bool) {
	t := &s.Transaction.Transaction
	if u := Use(fd.Contact); u != Own && u != "" && u.Owner() == subject {
		if version := t.Contacts[u][fd.Field]; version > 0 {
			v, ok := find(s.Cards, partOf(subject), u, fd.Field, version)
			return v, u, ok
		}
	}
	if fd.Only {
		return SealedValue{}, "", false
	}
	version := s.Party(subject).Values[fd.Field]
	if version == 0 {
		return SealedValue{}, "", false
	}
	v, ok := find(s.Cards, PartysOwn, Own, fd.Field, version)
	return v, Own, ok
}

// strictest expiry and views of all fields given: the grant has one of each.
func (c *conclusion) strictest(s *Situation, p necessity.Purpose, fd *necessity.FieldDecision, now time.Time) {
	t := &s.Transaction.Transaction
	if c.views == 0 || t.Ends(terms(fd), p, now).Before(t.Ends(c.expires, p, now)) {
		c.expires = terms(fd)
	}
	if c.views == 0 || fd.Views < c.views {
		c.views = fd.Views
	}
}

// because collects why a field is withheld, each code once, with what is missing.
func (c *conclusion) because(s *Situation, fd *necessity.FieldDecision, code necessity.Reason) {
	var missing []Missing
	if performable(code) {
		missing = lacking(&s.Transaction.Transaction, fd.Missing, c.bits)
	}
	for _, m := range missing {
		if !slices.Contains(c.missing, m) {
			c.missing = append(c.missing, m)
		}
	}
	for _, forbid := range fd.Forbids {
		if !slices.Contains(c.internal, forbid) {
			c.internal = append(c.internal, forbid)
		}
	}
	i := slices.IndexFunc(c.reasons, func(r Reason) bool { return r.Code == code })
	if i < 0 {
		c.reasons = append(c.reasons, Reason{Code: code, Detail: plain.Detail(code), Missing: missing})
		return
	}
	for _, m := range missing {
		if !slices.Contains(c.reasons[i].Missing, m) {
			c.reasons[i].Missing = append(c.reasons[i].Missing, m)
		}
	}
}

// terms are all that bound a field's time.
func terms(fd *necessity.FieldDecision) []necessity.Expiry {
	return append([]necessity.Expiry{fd.Expires}, fd.Others...)
}

func performable(code necessity.Reason) bool {
	return code == necessity.NoPerformance || code == necessity.BelowFloor || code == necessity.PerformanceUnattested
}

// refine says with numbers what the engine knows as "missing": nothing done,
// less than the floor, or done by nobody's word that counts.
func refine(t *Transaction, fd *necessity.FieldDecision, bits necessity.Bits) necessity.Reason {
	if fd.Reason != necessity.NoPerformance {
		return fd.Reason
	}
	code := necessity.NoPerformance
	for _, c := range fd.Missing {
		o, _, ok := c.Obligation(t.Kind, bits)
		if !ok {
			continue
		}
		total := t.Totals[Obligation(o)]
		switch {
		case total.carries() > 0:
			return necessity.BelowFloor
		case total.Done > 0 || total.Claimed > 0:
			code = necessity.PerformanceUnattested
		}
	}
	return code
}

// lacking lists the obligations behind missing conditions, with numbers.
func lacking(t *Transaction, conditions []necessity.Condition, bits necessity.Bits) []Missing {
	var ms []Missing
	for _, c := range conditions {
		o, _, ok := c.Obligation(t.Kind, bits)
		d, known := t.duty(Obligation(o))
		if !ok || !known {
			continue
		}
		need := Quantity(1)
		switch c {
		case necessity.Paid:
			need = t.Floor()
		case necessity.Held:
			need = t.Held()
		case necessity.PaidInFull:
			need = t.Amount
		default: // a count: one is needed
		}
		m := Missing{d.id, need.Format(t.digits(d)), t.Totals[d.id].carries().Format(t.digits(d))}
		if !slices.Contains(ms, m) {
			ms = append(ms, m)
		}
	}
	return ms
}

// alone drops a field that another one includes.
func alone(fields []FieldOutcome) []FieldOutcome {
	given := func(f masking.Field) bool {
		return slices.ContainsFunc(fields, func(o FieldOutcome) bool { return o.Field == f && o.Outcome == necessity.Granted })
	}
	return slices.DeleteFunc(fields, func(o FieldOutcome) bool {
		return o.Outcome == necessity.Granted &&
			(o.Field == masking.FirstName && given(masking.Name) || o.Field == masking.Locality && given(masking.FullAddress))
	})
}

// holds says whether every field of a grant would still be given on the facts
// of s, under its own ground.
func (b *Broker) holds(d *Decided, s *Situation) bool {
	if s.Transaction.over(d.Purpose) {
		return false
	}
	role, _ := s.Transaction.Role(d.Requester)
	if d.Pieces > s.Transaction.covers(role) || s.Party(role).lost(d.At) {
		return false // less is performed than what it was given for (R5), or the requester lost it
	}
	now, then := b.now(), *s
	then.WasDisputed = true // a case that is over ends what was given for it by its term alone
	v := b.verdicts(b.engine(), &then, role, d.Purpose, d.Citation, now)
	for _, f := range d.Fields {
		if f.Outcome != necessity.Granted {
			continue
		}
		switch v.field(d.Ground, f.Field).Outcome {
		case necessity.Granted:
		case necessity.Pending:
			if !d.ByPerson {
				return false
			}
		case necessity.Withheld:
			return false
		}
	}
	return true
}

// disclosable is what a side could ask for now, purpose by purpose.
func (b *Broker) disclosable(s *Situation, role necessity.Role) []Disclosable {
	var ds []Disclosable
	for _, p := range necessity.Purposes() {
		now := b.now()
		v := b.verdicts(b.engine(), s, role, p, "", now)
		c := b.concludeUnseen(&v, s, role, p, v.plain.Necessary, now)
		if len(c.fields) == 0 {
			continue
		}
		d := Disclosable{Purpose: p, Decision: c.decision, Fields: []masking.Field{}, Missing: []Missing{}}
		for _, f := range c.fields {
			if f.Outcome == necessity.Granted {
				d.Fields = append(d.Fields, f.Field)
			}
		}
		if c.decision == "refused" {
			d.Missing = append(d.Missing, c.missing...)
		}
		ds = append(ds, d)
	}
	return ds
}

// concludeUnseen decides without looking at which values the subject has given:
// what is not held is only said in an answer that leaves an entry.
func (b *Broker) concludeUnseen(v *verdicts, s *Situation, role necessity.Role, p necessity.Purpose, asked []masking.Field, now time.Time) conclusion {
	if s.Party(role).excluded() {
		return refuseAll(asked, v.bits)
	}
	c := conclusion{decision: "refused", ground: v.ground(asked), bits: v.bits}
	for _, f := range asked {
		fd := v.field(c.ground, f)
		o := FieldOutcome{Field: f, Outcome: fd.Outcome, Rule: fd.Rule}
		if o.Outcome != necessity.Withheld && (s.Transaction.over(p) || !s.Transaction.Ends(terms(fd), p, now).After(now)) {
			o.Outcome = necessity.Withheld
		}
		switch o.Outcome {
		case necessity.Granted:
			c.decision = "granted"
		case necessity.Pending:
			if c.decision == "refused" {
				c.decision = "pending"
			}
		case necessity.Withheld:
			o.Rule, o.Reason = "", refine(&s.Transaction.Transaction, fd, v.bits)
			c.because(s, fd, o.Reason)
		}
		c.fields = append(c.fields, o)
	}
	c.fields = alone(c.fields)
	return c
}
