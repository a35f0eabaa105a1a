package broker

import (
	"crypto/sha256"
	"slices"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/plain"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// Choice is what a person decides: which fields, for how long, how often, and
// why, all of it within what the policies leave to him.
type Choice struct {
	Event  states.Event    // grant, deny, overturn, uphold
	Reason string          // a code
	Fields []masking.Field // that are given; nil: all that may be
	Views  int             // 0: as many as the row says
	Days   int             // 0: as long as the row says; from the decision on
}

// Plan is a choice on the facts as they are: exactly what would be done.
type Plan struct {
	Decided
	// Permitted: every field of the choice is one that the engine gives, or
	// leaves to a person, and at least one is given.
	Permitted bool
	// Two: it needs a second person, for the reasons named.
	Two     bool
	Because []string
	EndsAt  time.Time // of the grant, if it were given now
	// Hash is what a second person signs: of everything that would be done.
	Hash []byte

	bits necessity.Bits // the facts that it was worked out on
}

// plan works a choice out. The engine is asked anew: a person can give less than
// it leaves to him, and never more (I4).
func (b *Broker) plan(f *FoundRequest, r *Request, c Choice) (p *Plan, err error) {
	s := &f.Situation
	role, ok := s.Transaction.Role(f.Requester)
	if !ok {
		return nil, ErrNotFound
	}
	now := b.now()
	v := b.verdicts(b.engine(), s, role, f.Purpose, f.Citation, now)
	asked := make([]masking.Field, len(f.Fields))
	for i, o := range f.Fields {
		asked[i] = o.Field
	}
	p = &Plan{Decided: f.Decided, Permitted: !s.Party(role).excluded()}
	p.At, p.Policy, p.Decision, p.Revealed = now, b.PolicyVersion(), "refused", false
	p.Fields, p.Reasons, p.Expires, p.Views, p.ByPerson = nil, nil, nil, 0, true
	p.Ground, p.bits = v.ground(asked), v.bits
	terms := conclusion{}
	for _, field := range asked {
		fd := v.field(p.Ground, field)
		o := b.outcome(s, role, f.Purpose, fd, v.bits, now)
		wanted := c.gives() && (c.Fields == nil || slices.Contains(c.Fields, field))
		switch {
		case o.Outcome == necessity.Withheld:
			p.Permitted = p.Permitted && (!wanted || c.Fields == nil)
		case wanted:
			o.Outcome, p.Decision = necessity.Granted, "granted"
			terms.strictest(s, f.Purpose, fd, now)
			p.second(s, role, o.Field, fd)
		default:
			o = FieldOutcome{Field: field, Outcome: necessity.Withheld, Reason: necessity.DeniedByPerson}
		}
		p.Fields = append(p.Fields, o)
	}
	p.Consent, p.Until = nil, time.Time{}
	if p.Ground == necessity.Ground3a && v.consent != nil {
		p.Consent, p.Until = v.consent.Entry, v.consent.ExpiresAt
	}
	if p.Decision == "granted" && f.Grant != nil { // it was revoked, and is to be given again
		p.because("revoked")
	}
	p.finish(s, r, c, terms)
	p.rests(&s.Transaction.Transaction, role)
	p.EndsAt = p.ends(&s.Transaction.Transaction)
	p.Hash, err = p.hash(c.Event)
	return p, err
}

func (c *Choice) gives() bool { return c.Event == Grants || c.Event == Overturn }

// second notes why a field that is given needs another pair of eyes.
func (p *Plan) second(s *Situation, role necessity.Role, field masking.Field, fd *necessity.FieldDecision) {
	subject := s.Party(otherRole(role))
	business := subject.Kind == Merchant || role == necessity.Seller && s.Transaction.BusinessBuyer
	switch {
	case fd.Outcome == necessity.Granted: // the engine would give it by itself
	case field == masking.Phone && fd.Channel == "":
		p.because("phone")
	case field == masking.FullAddress && !business:
		p.because("home_address")
	}
}

// secondAbout notes what of the two sides needs it.
func (p *Plan) secondAbout(s *Situation, r *Request) {
	role, _ := s.Transaction.Role(p.Requester)
	requester, subject := s.Party(role), s.Party(otherRole(role))
	for flag, code := range map[Flag]string{Minor: "minor", AtRisk: "at_risk"} {
		if slices.Contains(subject.Flags, flag) {
			p.because(code)
		}
	}
	if s.crossesBorder() {
		p.because("cross_border")
	}
	if r.Heard == heardObjected || r.Objection != "" || subject.fears(requester.Row) {
		p.because("objected")
	}
}

// crossesBorder: the two sides are known to live in different countries, so that
// showing one to the other is a transfer (clause 4).
func (s *Situation) crossesBorder() bool {
	a, b := s.Buyer.Residency, s.Seller.Residency
	return a != "" && b != "" && a != b
}

func (p *Plan) because(code string) {
	if !slices.Contains(p.Because, code) {
		p.Because = append(p.Because, code)
	}
}

func (p *Plan) finish(s *Situation, r *Request, c Choice, terms conclusion) {
	p.Choice = c.Reason
	if p.Decision != "granted" {
		p.Permitted = p.Permitted && !c.gives()
		p.Reasons = []Reason{{Code: necessity.DeniedByPerson, Detail: plain.Detail(necessity.DeniedByPerson)}}
		p.Ground = ""
	} else {
		p.Fields = alone(p.Fields)
		p.Expires, p.Views = terms.expires, terms.views
		if c.Views > 0 {
			p.Views = min(p.Views, c.Views)
		}
		days := c.Days
		if limit := int(citationExpiry / (24 * time.Hour)); p.Ground == necessity.Ground3g && (days == 0 || days > limit) {
			days = limit
		}
		if days > 0 {
			p.Expires = append(slices.Clone(p.Expires), necessity.Expiry{Event: necessity.EventRequest, After: time.Duration(days) * 24 * time.Hour})
		}
		if p.Permitted = p.Permitted && s.Transaction.Ends(p.Expires, p.Purpose, p.At).After(p.At); p.Ground == necessity.Ground3g {
			p.because("citation")
		}
		p.secondAbout(s, r)
	}
	slices.Sort(p.Because)
	p.Two = len(p.Because) > 0
}

// hash is of everything that the approver lets happen: the event, and what the
// deciding entry would say, but for its time.
func (p *Plan) hash(on states.Event) ([]byte, error) {
	st := p.statement()
	st.At = time.Unix(0, 0).UTC()
	content, err := st.Content(ledger.Parties)
	if err != nil {
		return nil, err
	}
	h := sha256.Sum256(slices.Concat([]byte("bauta/plan/v1\n"+string(on)+"\n"), content))
	return h[:], nil
}
