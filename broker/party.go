package broker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
)

// PartyKind tells a person's home from a merchant's premises.
type PartyKind string

// Kinds of parties.
const (
	Person   PartyKind = "person"
	Merchant PartyKind = "merchant"
)

// Flag is a safety flag. A requester never learns of one.
type Flag string

// Flags of contract.md.
const (
	Minor      Flag = "minor"
	AtRisk     Flag = "at_risk"
	Restricted Flag = "restricted"
)

// Flags are all of them, in the order in which they are kept.
func Flags() []Flag { return []Flag{Minor, AtRisk, Restricted} }

// Party is what the broker knows of a party, without any value.
type Party struct {
	ID        PartyID   `json:"-"`
	Kind      PartyKind `json:"kind"`
	Locale    string    `json:"locale,omitempty"`
	Residency string    `json:"residency,omitempty"`
	Flags     []Flag    `json:"flags,omitempty"`
	Values    Versions  `json:"values,omitempty"`
	Masked    int       `json:"masked,omitzero"` // the version that the masks were sealed in
	// ExcludedAt is set while the party may not ask: exclude.go.
	ExcludedAt   time.Time `json:"excluded_at,omitzero"`
	ReinstatedAt time.Time `json:"reinstated_at,omitzero"`
	Lift         *Proposal `json:"lift,omitempty"` // that its exclusion ends: reinstate.go
	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
	Newest       []byte    `json:"newest"` // leaf hash of the entry that made this version
	Consents     []Consent `json:"consents,omitempty"`
	Fears        []Fear    `json:"fears,omitempty"` // whom two people decide for: fear.go
}

// Contact are values that somebody has given. A field in Removed is taken away;
// one that is in neither stays as it is.
type Contact struct {
	Values  map[masking.Field]masking.Value
	Removed []masking.Field
}

// Source says where data came from (clause 1c).
type Source struct {
	Kind        string    `json:"kind"` // registration, partner, import
	Partner     string    `json:"partner,omitempty"`
	CollectedAt time.Time `json:"collected_at,omitzero"`
	LawfulBasis string    `json:"lawful_basis,omitempty"`
}

// PartyInput is what PUT /v1/parties/{id} says. Empty members stay as they are.
type PartyInput struct {
	Kind              PartyKind
	Locale, Residency string
	Contact           Contact
	Source            Source
}

// PartyView is the owner's masked view.
type PartyView struct {
	ID        PartyID                  `json:"id"`
	Kind      PartyKind                `json:"kind"`
	Locale    string                   `json:"locale,omitempty"`
	Residency string                   `json:"residency,omitempty"`
	Contact   map[masking.Field]string `json:"contact"`
	CreatedAt time.Time                `json:"created_at"`
	UpdatedAt time.Time                `json:"updated_at"`
}

// PutParty registers a party, or changes one: a changed value is a new version
// with an entry, an unchanged one is nothing.
func (b *Broker) PutParty(ctx context.Context, c Caller, id PartyID, in PartyInput) (v PartyView, created bool, err error) {
	v, err = again(ctx, func(ctx context.Context) (PartyView, error) {
		p, cards, err := b.partyOrNew(ctx, id)
		if err != nil {
			return PartyView{}, err
		}
		created = p.Version == 0
		w, err := b.writeParty(c, p, cards, in)
		if err != nil {
			return PartyView{}, err
		}
		if w == nil {
			return b.viewParty(p)
		}
		if _, err = b.Store.Commit(ctx, w); err != nil {
			return PartyView{}, err
		}
		return b.viewParty(w.Party)
	})
	return v, created, err
}

// Party is the owner's masked view of a party.
func (b *Broker) Party(ctx context.Context, id PartyID) (PartyView, error) {
	p, _, err := b.Store.Party(ctx, id, MasksOnly)
	if err != nil {
		return PartyView{}, err
	}
	return b.viewParty(p)
}

// SetFlags replaces a party's safety flags. Grants on its data that no longer hold
// are suspended in the same commit; nobody but the staff learns that a flag did it.
func (b *Broker) SetFlags(ctx context.Context, c Caller, id PartyID, flags []Flag) error {
	flags = slices.DeleteFunc(Flags(), func(f Flag) bool { return !slices.Contains(flags, f) })
	_, err := again(ctx, func(ctx context.Context) (struct{}, error) {
		p, _, err := b.Store.Party(ctx, id, MasksOnly)
		if err != nil || slices.Equal(p.Flags, flags) {
			return struct{}{}, err
		}
		next := *p
		next.Flags, next.Version, next.UpdatedAt = flags, p.Version+1, b.now()
		names := make([]string, len(flags))
		for i, f := range flags {
			names[i] = string(f)
		}
		w := &Write{ExpectParties: []*PartyRecord{p}, Party: &next}
		suspended, err := b.recoilAbout(ctx, w, &next, AnyRow, Suspended, func(*Decided) bool { return true })
		if err != nil {
			return struct{}{}, err
		}
		w.Record, err = b.record(ledger.Statement{Type: ledger.PartyFlagged, At: next.UpdatedAt, Members: ledger.Object{
			{Name: "party", Value: string(id)}, {Name: "flags", Value: names}, {Name: "suspended", Value: suspended}, {Name: "key", Value: c.Key},
		}}, p.Key, keys{subject: p.Key})
		if err != nil {
			return struct{}{}, err
		}
		next.Newest = newest(w.Record)
		if err := b.lookAnew(ctx, w, &next); err != nil {
			return struct{}{}, err
		}
		_, err = b.commitMerchant(ctx, w) // it may be one, and then less of it is public
		return struct{}{}, err
	})
	return err
}

func (b *Broker) partyOrNew(ctx context.Context, id PartyID) (*PartyRecord, []Card, error) {
	p, cards, err := b.Store.Party(ctx, id, Complete)
	if !errors.Is(err, ErrNotFound) {
		return p, cards, err
	}
	p, err = b.newParty(ctx, id)
	return p, nil, err
}

// newParty is one that is not written yet.
func (b *Broker) newParty(ctx context.Context, id PartyID) (*PartyRecord, error) {
	row, err := b.Store.NewRow(ctx)
	if err != nil {
		return nil, err
	}
	key, err := masking.NewKey(b.Random)
	if err != nil {
		return nil, err
	}
	return &PartyRecord{Row: row, Key: key, Party: Party{ID: id, CreatedAt: b.now()}}, nil
}

// writeParty is nil when nothing changes.
func (b *Broker) writeParty(c Caller, p *PartyRecord, cards []Card, in PartyInput) (*Write, error) {
	next := *p
	next.UpdatedAt = b.now()
	if in.Kind != "" {
		next.Kind = in.Kind
	}
	if in.Locale != "" {
		next.Locale = in.Locale
	}
	if in.Residency != "" {
		next.Residency = in.Residency
	}
	version := int(p.Version + 1)
	sealed, err := b.seal(sealing{
		owner: p.Row, label: PartyLabel(p.ID), key: p.Key, version: version,
		current: p.Values, cards: cards, use: Own,
	}, in.Contact)
	if err != nil {
		return nil, fmt.Errorf("seal contact of party %s: %w", p.ID, err)
	}
	if p.Version > 0 && sealed.unchanged() && next.Kind == p.Kind && next.Locale == p.Locale && next.Residency == p.Residency {
		return nil, nil //nolint:nilnil // nothing to write is no error, and has no write
	}
	next.Values, next.Version = sealed.current, p.Version+1
	if err := b.remask(p, &next, sealed); err != nil {
		return nil, fmt.Errorf("mask contact of party %s: %w", p.ID, err)
	}
	r, err := b.record(ledger.Statement{Type: ledger.PartyWritten, At: next.UpdatedAt, Members: ledger.Object{
		{Name: "party", Value: string(p.ID)},
		{Name: "kind", Value: string(next.Kind)},
		{Name: "fields", Value: sealed.commitments()},
		{Name: "removed", Value: sealed.removed},
		{Name: "source", Value: in.Source.Kind},
		{Name: "partner", Value: in.Source.Partner},
		{Name: "collected_at", Value: in.Source.CollectedAt},
		{Name: "lawful_basis", Value: in.Source.LawfulBasis},
		{Name: "count", Value: len(sealed.card.Values)},
		{Name: "key", Value: c.Key},
		{Name: "asserted_by", Value: assertedByPlatform},
	}}, p.Key, keys{subject: p.Key})
	if err != nil {
		return nil, err
	}
	next.Newest = newest(r)
	w := &Write{Record: r, ExpectParties: []*PartyRecord{p}, Party: &next}
	if len(sealed.card.Values) > 0 {
		w.Cards = []Card{sealed.card}
	}
	return w, nil
}

// viewParty opens masks, never values.
func (b *Broker) viewParty(p *PartyRecord) (PartyView, error) {
	v := PartyView{
		ID: p.ID, Kind: p.Kind, Locale: p.Locale, Residency: p.Residency,
		CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
	}
	var err error
	v.Contact, err = b.ownMasks(p)
	return v, err
}
