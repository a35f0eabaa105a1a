package broker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// Consent is a party's own permission (clause 3a): to give one recipient, for
// one purpose, the fields that are named, until it expires or is withdrawn.
type Consent struct {
	Purpose   necessity.Purpose `json:"purpose"`
	Recipient PartyID           `json:"recipient"`
	Fields    []masking.Field   `json:"fields"` // in the order of the API
	Text      [sha256.Size]byte `json:"text"`   // SHA-256 of what the party was shown
	Locale    string            `json:"locale"` // that it was shown in
	GivenAt   time.Time         `json:"given_at"`
	ExpiresAt time.Time         `json:"expires_at"`
	Entry     []byte            `json:"entry"` // leaf hash of the entry that says so
}

// MostConsents of one party that have not expired. They are read with the party
// at every look at it.
const MostConsents = 64

// Refusals of consents.
var (
	ErrBlanketConsent    = fault.New(fault.Invalid, "blanket_consent", "a consent names one recipient, one purpose and each field: one for everything is none")
	ErrConsentUnattested = fault.New(fault.Denied, "consent_unattested", "a consent is the party's own word: it comes with that party's Bauta-Party token, or from the party's own page")
	ErrTooManyConsents   = fault.New(fault.Conflict, "too_many_consents", "this party has 64 consents in force; one of them has to end first")
)

// liveAt says whether a consent has not expired.
func (c *Consent) liveAt(now time.Time) bool { return c.ExpiresAt.After(now) }

// same says whether another consent would change nothing.
func (c *Consent) same(o *Consent) bool {
	return c.Text == o.Text && c.Locale == o.Locale && c.ExpiresAt.Equal(o.ExpiresAt) && slices.Equal(c.Fields, o.Fields)
}

// consent finds what a party permits a recipient for a purpose; nil for nothing.
func (p *Party) consent(recipient PartyID, purpose necessity.Purpose, now time.Time) *Consent {
	for i := range p.Consents {
		if c := &p.Consents[i]; c.Recipient == recipient && c.Purpose == purpose && c.liveAt(now) {
			return c
		}
	}
	return nil
}

// consenting is the party at its next version: without what has expired and what
// it permitted this recipient for this purpose.
func (p *PartyRecord) consenting(recipient PartyID, purpose necessity.Purpose, now time.Time) PartyRecord {
	next := *p
	next.Version, next.UpdatedAt = p.Version+1, now
	next.Consents = slices.DeleteFunc(slices.Clone(p.Consents), func(c Consent) bool {
		return !c.liveAt(now) || c.Recipient == recipient && c.Purpose == purpose
	})
	return next
}

// GiveConsent writes down what a party permits. It takes the party's own word,
// and nobody else's. A consent takes the place of an earlier one for the same
// recipient and purpose; grants that rested on more than it permits end in the
// same commit. The same consent again is nothing new, with the same token too.
func (b *Broker) GiveConsent(ctx context.Context, c Caller, id PartyID, in Consent) (given Consent, created bool, err error) {
	if !c.speaksFor(id) {
		return Consent{}, false, ErrConsentUnattested
	}
	given, err = retried(ctx, func(ctx context.Context) (Consent, error) {
		p, recipient, err := b.consenters(ctx, id, in.Recipient)
		if err != nil {
			return Consent{}, err
		}
		now := b.now()
		if !in.ExpiresAt.After(now) || in.ExpiresAt.After(now.AddDate(1, 0, 0)) {
			return Consent{}, fault.At("/expires_at", "out_of_range", "a consent ends within a year from now")
		}
		before := p.consent(in.Recipient, in.Purpose, now)
		if created = before == nil; !created && before.same(&in) {
			return *before, b.repeat(ctx, c)
		}
		next := p.consenting(in.Recipient, in.Purpose, now)
		if len(next.Consents) >= MostConsents {
			return Consent{}, ErrTooManyConsents
		}
		given := in
		given.GivenAt = now
		next.Consents = append(next.Consents, given)
		return b.writeConsent(ctx, c, p, &next, recipient)
	})
	return given, created, err
}

// consenters are the party whose consent it is, and its recipient.
func (b *Broker) consenters(ctx context.Context, id, recipient PartyID) (p, r *PartyRecord, err error) {
	if p, _, err = b.Store.Party(ctx, id, MasksOnly); err != nil {
		return nil, nil, err
	}
	if id == recipient {
		return nil, nil, validation("/recipient", ErrSameParty)
	}
	r, _, err = b.Store.Party(ctx, recipient, MasksOnly)
	return p, r, unknown(err, "/recipient")
}

// writeConsent commits the newest consent of next.
func (b *Broker) writeConsent(ctx context.Context, c Caller, p, next *PartyRecord, recipient *PartyRecord) (Consent, error) {
	given := &next.Consents[len(next.Consents)-1]
	w := &Write{ExpectParties: []*PartyRecord{p}, Party: next, Word: c.spends()}
	ended, err := b.endGrants(ctx, w, next, recipient, given.Purpose)
	if err != nil {
		return Consent{}, err
	}
	w.Record, err = b.record(ledger.Statement{Type: ledger.ConsentGiven, At: given.GivenAt, Members: ledger.Object{
		{Name: "party", Value: string(p.ID)},
		{Name: "recipient", Value: string(given.Recipient)},
		{Name: "purpose", Value: string(given.Purpose)},
		{Name: "fields", Value: names(given.Fields)},
		{Name: "text", Value: hex.EncodeToString(given.Text[:])},
		{Name: "locale", Value: given.Locale},
		{Name: "expires", Value: given.ExpiresAt},
		{Name: "ended", Value: ended},
		{Name: "asserted_by", Value: c.assertedBy()},
		{Name: "key", Value: c.Key},
	}}, p.Key, keys{subject: p.Key})
	if err != nil {
		return Consent{}, err
	}
	next.Newest = newest(w.Record)
	given.Entry = next.Newest
	_, err = b.Store.Commit(ctx, w)
	return *given, err
}

// WithdrawConsent ends what a party permitted a recipient for a purpose, and in
// the same commit every grant that rested on it. Where there is no such consent
// that is so already, and nothing is written. It takes the party's own word or,
// where parties do not sign for themselves, the platform's: that somebody no
// longer permits something is believed sooner than that he does.
func (b *Broker) WithdrawConsent(ctx context.Context, c Caller, id PartyID, purpose necessity.Purpose, recipient PartyID) error {
	if c.Word != nil && !c.speaksFor(id) {
		return ErrConsentUnattested
	}
	_, err := retried(ctx, func(ctx context.Context) (struct{}, error) {
		p, _, err := b.Store.Party(ctx, id, MasksOnly)
		if err != nil {
			return struct{}{}, err
		}
		if p.consent(recipient, purpose, b.now()) == nil {
			return struct{}{}, b.repeat(ctx, c)
		}
		to, _, err := b.Store.Party(ctx, recipient, MasksOnly)
		if err != nil {
			return struct{}{}, err
		}
		next := p.consenting(recipient, purpose, b.now())
		w := &Write{ExpectParties: []*PartyRecord{p}, Party: &next, Word: c.spends()}
		ended, err := b.endGrants(ctx, w, &next, to, purpose)
		if err != nil {
			return struct{}{}, err
		}
		w.Record, err = b.record(ledger.Statement{Type: ledger.ConsentWithdrawn, At: next.UpdatedAt, Members: ledger.Object{
			{Name: "party", Value: string(id)},
			{Name: "recipient", Value: string(recipient)},
			{Name: "purpose", Value: string(purpose)},
			{Name: "ended", Value: ended},
			{Name: "asserted_by", Value: c.assertedBy()},
			{Name: "key", Value: c.Key},
		}}, p.Key, keys{subject: p.Key})
		if err != nil {
			return struct{}{}, err
		}
		next.Newest = newest(w.Record)
		_, err = b.Store.Commit(ctx, w)
		return struct{}{}, err
	})
	return err
}

// endGrants ends what a recipient was granted on a consent that, as the party is
// to be, no longer permits it.
func (b *Broker) endGrants(ctx context.Context, w *Write, next, recipient *PartyRecord, purpose necessity.Purpose) ([]string, error) {
	return b.recoilAbout(ctx, w, next, recipient.Row, Revoked, func(d *Decided) bool {
		return d.Ground == necessity.Ground3a && d.Purpose == purpose
	})
}

// permitted is until when a grant may live by the consent that it rests on: the
// one that it was decided on, or a shorter one that has taken its place.
func (b *Broker) permitted(d *Decided, s *Situation) time.Time {
	until := d.Until
	if d.Ground != necessity.Ground3a {
		return until
	}
	role, _ := s.Transaction.Role(d.Subject)
	for _, c := range s.Party(role).Consents { // one that has expired too: the grant ended then, and not later
		if c.Recipient == d.Requester && c.Purpose == d.Purpose && c.ExpiresAt.Before(until) && c.ExpiresAt.After(d.At) {
			until = c.ExpiresAt
		}
	}
	return until
}

// Consents are those of a party that are in force, the newest first.
func (b *Broker) Consents(ctx context.Context, id PartyID) ([]Consent, error) {
	p, _, err := b.Store.Party(ctx, id, MasksOnly)
	if err != nil {
		return nil, err
	}
	return p.inForce(b.now()), nil
}

// inForce are a party's consents that have not ended, the newest first.
func (p *Party) inForce(now time.Time) []Consent {
	in := slices.DeleteFunc(slices.Clone(p.Consents), func(c Consent) bool { return !c.liveAt(now) })
	slices.Reverse(in)
	return in
}

// verdicts are the engine's decisions on what one side asks for a purpose. A
// consent speaks of fields, and a condition of the whole situation: so the fields
// that it names are decided with it, and the others without. Where no consent
// speaks of the request there is one decision, as before.
type verdicts struct {
	bits    necessity.Bits
	plain   *necessity.Decision
	allowed *necessity.Decision // with the consent; nil where there is none
	consent *Consent
}

func (b *Broker) verdicts(e *necessity.Engine, s *Situation, role necessity.Role, p necessity.Purpose, citation Citation, now time.Time) verdicts {
	v := verdicts{bits: b.situation(s, role, now).If(necessity.Citation, citation != "")}
	v.plain = e.Decide(s.Transaction.Kind, role, p, v.bits)
	if v.consent = s.Party(otherRole(role)).consent(s.Party(role).ID, p, now); v.consent != nil {
		v.bits |= necessity.Consent.Bit()
		v.allowed = e.Decide(s.Transaction.Kind, role, p, v.bits)
	}
	return v
}

// on is the decision that a field is to be read from.
func (v *verdicts) on(f masking.Field) *necessity.Decision {
	if v.consent != nil && slices.Contains(v.consent.Fields, f) {
		return v.allowed
	}
	return v.plain
}

// ground is the one ground of a disclosure of these fields: see necessity.Decision.Ground.
func (v *verdicts) ground(fields []masking.Field) necessity.Ground {
	if v.consent == nil {
		return v.plain.Ground(fields)
	}
	var ground necessity.Ground
	most := 0
	for _, g := range necessity.Grounds() {
		n := 0
		for _, f := range fields {
			if v.on(f).Under(g, f).Outcome != necessity.Withheld {
				n++
			}
		}
		if n > most {
			ground, most = g, n
		}
	}
	return ground
}

// field is the answer for a field, under the ground of the disclosure if it has one.
func (v *verdicts) field(g necessity.Ground, f masking.Field) *necessity.FieldDecision {
	if g == "" {
		return v.on(f).Field(f)
	}
	return v.on(f).Under(g, f)
}
