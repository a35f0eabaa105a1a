package broker

import (
	"bytes"
	"context"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// DisclosureID is "dsc_" and 26 characters: 48 bits of milliseconds, then 80
// random ones, so that rows arrive in order and nobody guesses one.
type DisclosureID string

var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

const disclosurePrefix = "dsc_"

// Bytes are the 16 bytes of a well-formed id.
func (id DisclosureID) Bytes() ([]byte, bool) {
	return idBytes(string(id), disclosurePrefix)
}

// idBytes are the 16 bytes of an id with its prefix; false if it is not well formed.
func idBytes(id, prefix string) ([]byte, bool) {
	s, ok := strings.CutPrefix(id, prefix)
	raw, err := idEncoding.DecodeString(s)
	return raw, ok && err == nil && len(raw) == 16 && idEncoding.EncodeToString(raw) == s
}

// DisclosureOf is the inverse of Bytes.
func DisclosureOf(raw []byte) DisclosureID {
	return DisclosureID(disclosurePrefix + idEncoding.EncodeToString(raw))
}

func (b *Broker) newID(now time.Time) (DisclosureID, error) {
	var raw [16]byte
	if _, err := io.ReadFull(b.Random, raw[6:]); err != nil {
		return "", fmt.Errorf("make id: %w", err)
	}
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(now.UnixMilli())) //nolint:gosec // after 1970
	copy(raw[:6], ms[2:])
	return DisclosureOf(raw[:]), nil
}

// DisclosureInput is what POST /v1/disclosures says.
type DisclosureInput struct {
	Transaction TransactionID
	Requester   PartyID
	Purpose     necessity.Purpose
	Fields      []masking.Field // none: all that are necessary
	Note        masking.Text
	Reveal      bool
	Citation    Citation // of what allows it under 3g; empty for none
}

// Decided is a disclosure: the decision on one request, as its entry says it.
type Decided struct {
	ID          DisclosureID
	At          time.Time
	Transaction TransactionID
	Requester   PartyID
	Subject     PartyID
	Purpose     necessity.Purpose
	Decision    string // granted, pending, refused
	Ground      necessity.Ground
	Fields      []FieldOutcome
	Reasons     []Reason
	Expires     []necessity.Expiry // of the grant: the earliest counts
	Views       int                // that the grant began with
	Revealed    bool               // the answer was the first view
	Policy      string
	AssertedBy  string
	Pieces      int       // items that a grant under 3f is for (R5); 0: all, whatever happens
	AskedAt     time.Time // when it was asked for; At is when it was decided
	ByPerson    bool
	Choice      string // why, if a person decided: a code
	Citation    Citation
	Consent     []byte    // leaf hash of the consent that it rests on, under 3a
	Until       time.Time // when that consent expires, and the grant with it
}

// DisclosureView is a disclosure as its parties see it; Fields carry values only
// in the answer to a reveal.
type DisclosureView struct {
	Decided
	State      string // of the grant: live, expired, used_up, suspended, revoked; empty without one
	Values     map[masking.Field]masking.Value
	Superseded []masking.Field
	ExpiresAt  time.Time
	ViewsLeft  int
	Place      ledger.Place
	Looks      []Look         // who lists disclosures is told when values left
	ByStaff    []StaffView    // and when one of the staff opened something
	Role       necessity.Role // the requester's
	Currency   Currency
	// PastBudgets made it wait for a person; for the metrics alone.
	PastBudgets []string
	// Public is where fields that were withheld as public stand.
	Public []PublicAt
	// Bare: for nobody in particular, so without fields.
	Bare bool
}

// Disclose decides on one request, writes the decision down, and only then
// opens what it grants (I1).
func (b *Broker) Disclose(ctx context.Context, c Caller, in DisclosureInput, once *Outcome) (DisclosureView, bool, error) {
	return replayable(ctx, b, once, func(ctx context.Context) (DisclosureView, error) {
		return again(ctx, func(ctx context.Context) (DisclosureView, error) { return b.discloseWithin(ctx, c, in, once) })
	}, func(ctx context.Context, o *Outcome) (DisclosureView, error) { return b.replayDisclosure(ctx, o) })
}

func (b *Broker) disclose(ctx context.Context, c Caller, in DisclosureInput, once *Outcome, over *OverBudgetError) (DisclosureView, error) {
	if err := b.sound(); in.Reveal && err != nil {
		return DisclosureView{}, err
	}
	s, err := b.Store.Situation(ctx, in.Transaction, in.Requester, Counterpartys)
	if err != nil {
		return DisclosureView{}, err
	}
	role, ok := s.Transaction.Role(in.Requester)
	if !ok {
		return DisclosureView{}, ErrNotFound
	}
	if err := b.enforced(ctx, s); err != nil {
		return DisclosureView{}, err
	}
	now := b.now()
	concluded, err := b.concludeWithin(ctx, s, role, &in, now, over)
	if err != nil {
		return DisclosureView{}, err
	}
	id, err := b.newID(now)
	if err != nil {
		return DisclosureView{}, err
	}
	d := &Decided{
		ID: id, At: now, AskedAt: now, Transaction: in.Transaction, Requester: in.Requester, Subject: s.Transaction.Other(role),
		Purpose: in.Purpose, Revealed: in.Reveal && concluded.decision == "granted", Policy: b.PolicyVersion(),
		AssertedBy: c.assertedBy(), Citation: in.Citation,
	}
	d.take(&concluded)
	d.rests(&s.Transaction.Transaction, role)
	w, err := b.writeDisclosure(c, s, role, d, concluded, in.Note)
	if err == nil {
		err = b.charge(w, c, s, role, over)
	}
	if err != nil {
		return DisclosureView{}, err
	}
	if err := b.writeOpening(ctx, w, d); err != nil {
		return DisclosureView{}, err
	}
	w.Once = once.led("disclosure", string(id), now)
	place, err := b.Store.Commit(ctx, w)
	if err != nil {
		return DisclosureView{}, err
	}
	v := b.viewDecided(s, d, grantOf(w), place)
	if err = b.pointToPublic(ctx, &v, s); err == nil && d.Revealed {
		err = b.open(&v, s)
	}
	return v, err
}

// concludeWithin concludes, withholds what is public anyway, and leaves to a person
// what is past the budgets.
func (b *Broker) concludeWithin(ctx context.Context, s *Situation, role necessity.Role, in *DisclosureInput, now time.Time, over *OverBudgetError) (conclusion, error) {
	c := b.conclude(s, role, in, now)
	err := b.publicFirst(ctx, s, role, &c)
	c.wait(over)
	return c, err
}

// take makes a conclusion the decision.
func (d *Decided) take(c *conclusion) {
	d.Decision, d.Ground, d.Fields, d.Reasons, d.Expires, d.Views = c.decision, c.ground, c.fields, c.reasons, c.expires, c.views
	if x := c.consent; x != nil {
		d.Consent, d.Until = x.Entry, x.ExpiresAt
	}
}

// rests notes for how many of several items a grant stands on the requester's
// own performance.
func (d *Decided) rests(t *Transaction, role necessity.Role) {
	if d.Pieces = 0; d.Decision == "granted" && d.Ground == necessity.Ground3f && t.Items > 1 {
		d.Pieces = t.covers(role)
	}
}

func grantOf(w *Write) *Grant {
	if len(w.Grants) == 0 {
		return nil
	}
	return &w.Grants[0]
}

func (b *Broker) writeDisclosure(c Caller, s *Situation, role necessity.Role, d *Decided, concluded conclusion, note masking.Text) (*Write, error) {
	w := &Write{
		ExpectTransaction: &s.Transaction, ExpectParties: []*PartyRecord{&s.Buyer, &s.Seller},
		ExpectPolicy: s.Policy, Disclosure: d, Of: s, Word: c.spends(),
	}
	w.Notices = d.notices(&s.Transaction)
	if d.Decision == "granted" {
		left := d.Views
		if d.Revealed {
			left--
		}
		w.Grants = []Grant{{Disclosure: d.ID, Transaction: s.Transaction.Row, State: Live, ViewsLeft: left, Version: 1}}
	}
	st := d.statement()
	facts, situation := d.conditions(concluded.bits)
	st.Members = append(st.Members, facts, situation,
		ledger.Member{Name: "reasons", Value: concluded.internal}, ledger.Member{Name: "key", Value: c.Key})
	if err := b.note(w, &st, &s.Transaction, note); err != nil {
		return nil, err
	}
	var err error
	w.Record, err = b.record(st, s.Transaction.Key, keys{
		parties: s.Transaction.Key, requester: s.Party(role).Key, subject: s.Party(otherRole(role)).Key,
	})
	return w, err
}

// conditions are those on which a decision was made: what both sides may learn of,
// and what the staff alone does. That there is a consent both learn where the
// decision rests on it.
func (d *Decided) conditions(bits necessity.Bits) (facts, situation ledger.Member) {
	told := bits.Told().If(necessity.Consent, bits.Has(necessity.Consent) && d.Consent != nil)
	return ledger.Member{Name: "facts", Value: flagsOf(told)}, ledger.Member{Name: "situation", Value: flagsOf(bits &^ told)}
}

func flagsOf(bits necessity.Bits) ledger.Object {
	if bits == 0 {
		return nil
	}
	o := make(ledger.Object, 0, 8)
	for _, c := range necessity.Conditions() {
		if bits.Has(c) {
			o = append(o, ledger.Member{Name: c.String(), Value: true})
		}
	}
	return o
}

// viewDecided is a disclosure without values, as the facts now make it.
func (b *Broker) viewDecided(s *Situation, d *Decided, g *Grant, place ledger.Place) DisclosureView {
	v := DisclosureView{Decided: *d, Place: place, Currency: s.Transaction.Currency}
	v.Role, _ = s.Transaction.Role(d.Requester)
	if g == nil {
		return v
	}
	v.ViewsLeft, v.ExpiresAt = g.ViewsLeft, b.endsAt(d, s)
	switch {
	case s.lost(d):
		v.State = string(Revoked) // with everything else that its requester had: exclude.go
	case g.State != Live:
		v.State = string(g.State)
	case !v.ExpiresAt.After(b.now()):
		v.State = "expired"
	case !b.holds(d, s):
		v.State = string(Suspended) // the facts have moved on; nobody need have noticed yet
	case g.ViewsLeft == 0:
		v.State = "used_up"
	default:
		v.State = string(Live)
	}
	return v
}

// open opens exactly the versions that were decided on. It is called only with
// a place in the ledger in hand.
func (b *Broker) open(v *DisclosureView, s *Situation) error {
	role, _ := s.Transaction.Role(v.Subject)
	subject := s.Party(role)
	v.Values = map[masking.Field]masking.Value{}
	for _, f := range v.Fields {
		if f.Outcome != necessity.Granted || b.superseded(v, s, role, f) {
			continue
		}
		side := PartysOwn
		if f.Use != Own {
			side = partOf(role)
		}
		sealed, ok := find(s.Cards, side, f.Use, f.Field, f.Version)
		if !ok || !bytes.Equal(sealed.Sealed.Commitment, f.Commitment) {
			return ledger.Finding{
				Part: ledger.PartRow, Table: "cards", Index: v.Place.Index, Reason: "the " + string(f.Field) + " of a disclosure is not the one that was decided on",
			}
		}
		opening, err := b.openValue(subject.Key, &sealed)
		if err != nil {
			return fmt.Errorf("open %s of disclosure %s: %w", f.Field, v.ID, err)
		}
		v.Values[f.Field] = opening.Value()
	}
	return nil
}

// superseded notes a field whose current value is another one than was decided on.
func (b *Broker) superseded(v *DisclosureView, s *Situation, role necessity.Role, f FieldOutcome) bool {
	current := s.Party(role).Values[f.Field]
	if f.Use != Own {
		current = s.Transaction.Contacts[f.Use][f.Field]
	}
	if current == f.Version {
		return false
	}
	v.Superseded = append(v.Superseded, f.Field)
	return true
}

func encode(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
