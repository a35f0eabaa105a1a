package broker

import (
	"crypto/hmac"
	"maps"
	"slices"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
)

// Side says whose part of an owner's contact a card holds: a party's own, or
// one side's part of a transaction's contacts.
type Side uint8

// Sides of a card.
const (
	PartysOwn Side = iota
	BuyersPart
	SellersPart
)

// sealing is what it takes to seal one owner's contact.
type sealing struct {
	owner   Row
	side    Side
	label   string // of the owner, in every value's label
	key     masking.Key
	version int
	current Versions
	cards   []Card
	use     Use
}

// sealedContact is the outcome: a card with what is new, and the versions as
// they are to be.
type sealedContact struct {
	card    Card
	current Versions
	removed []string
	masks   map[masking.Field]string // of the values of the card
}

func (s sealedContact) unchanged() bool { return len(s.card.Values) == 0 && len(s.removed) == 0 }

// commitments lists the new versions as an entry says them.
func (s sealedContact) commitments() []ledger.Object {
	objects := make([]ledger.Object, 0, len(s.card.Values))
	for _, v := range s.card.Values {
		o := ledger.Object{
			{Name: "field", Value: string(v.Label.Field)},
			{Name: "version", Value: v.Label.Version},
			{Name: "commitment", Value: encode(v.Sealed.Commitment)},
		}
		if v.Use != Own {
			o = append(o, ledger.Member{Name: "use", Value: string(v.Use)})
		}
		objects = append(objects, o)
	}
	return objects
}

// seal makes new versions of the values that differ from what is there.
// Comparing uses the values' tags and opens nothing.
func (b *Broker) seal(s sealing, in Contact) (sealedContact, error) {
	out := sealedContact{current: maps.Clone(s.current), masks: map[masking.Field]string{}, card: Card{Owner: s.owner, Side: s.side, Version: s.version}}
	if out.current == nil {
		out.current = Versions{}
	}
	for _, f := range slices.Sorted(slices.Values(in.Removed)) {
		for _, f := range withDerived(f) {
			if out.current[f] > 0 {
				delete(out.current, f)
				out.removed = append(out.removed, string(f))
			}
		}
	}
	for _, f := range slices.Sorted(maps.Keys(in.Values)) {
		for _, f := range withDerived(f) {
			v := in.Values[f]
			if f == masking.Locality {
				v = masking.Value{Address: in.Values[masking.FullAddress].Address.Locality()}
			}
			if s.has(f, v) || v.IsZero() {
				continue
			}
			l := masking.Label{Origin: b.Origin, Owner: s.label, Field: f, Version: s.version}
			sealed, err := masking.SealValue(s.key, l, v, b.Random)
			if err != nil {
				return sealedContact{}, err
			}
			out.card.Values = append(out.card.Values, SealedValue{Use: s.use, Label: l, Sealed: sealed, Index: index(f, v)})
			out.current[f] = s.version
			out.masks[f] = masking.Mask(f, v)
		}
	}
	return out, nil
}

// withDerived: the locality is a value of its own, with a commitment of its
// own, so that showing it proves nothing about the door.
func withDerived(f masking.Field) []masking.Field {
	if f == masking.FullAddress {
		return []masking.Field{f, masking.Locality}
	}
	return []masking.Field{f}
}

// has says whether the current version of a field is this very value.
func (s sealing) has(f masking.Field, v masking.Value) bool {
	sealed, ok := find(s.cards, s.side, s.use, f, s.current[f])
	return ok && hmac.Equal(sealed.Sealed.Same, masking.Same(s.key, f, v))
}

// find looks a value version up among cards.
func find(cards []Card, side Side, u Use, f masking.Field, version int) (SealedValue, bool) {
	for _, c := range cards {
		if c.Side != side || c.Version != version {
			continue
		}
		for _, v := range c.Values {
			if v.Use == u && v.Label.Field == f {
				return v, true
			}
		}
	}
	return SealedValue{}, false
}

// index is the form under which a keyed index finds the owner of a value again.
func index(f masking.Field, v masking.Value) masking.Text {
	if form, ok := masking.IndexForm(f, v); ok {
		return masking.NewText(form)
	}
	return masking.Text{}
}

func maskLabel(origin, owner string, version int) masking.Label {
	return masking.Label{Origin: origin, Owner: owner, Field: "masks", Version: version}
}

// shown are the members of a masked contact: always the same ones, whatever is held.
func shown() []masking.Field {
	return []masking.Field{masking.FirstName, masking.Name, masking.Email, masking.Phone, masking.FullAddress}
}

// ownMasks are the hints that an owner sees of the values that are current.
func (b *Broker) ownMasks(p *PartyRecord) (map[masking.Field]string, error) {
	if len(p.Masks) == 0 {
		return map[masking.Field]string{}, nil
	}
	masks, err := masking.OpenMasks(p.Key, maskLabel(b.Origin, PartyLabel(p.ID), p.Masked), p.Masks)
	delete(masks, masking.Locality) // the address's own mask says as much
	return masks, err
}

// remask seals the masks of the values that are current after a write. A mask
// is made once for a value version: those of unchanged values are carried over.
func (b *Broker) remask(p *PartyRecord, next *PartyRecord, sealed sealedContact) error {
	if sealed.unchanged() {
		return nil
	}
	masks := map[masking.Field]string{}
	if len(p.Masks) > 0 {
		var err error
		if masks, err = masking.OpenMasks(p.Key, maskLabel(b.Origin, PartyLabel(p.ID), p.Masked), p.Masks); err != nil {
			return err
		}
	}
	maps.Copy(masks, sealed.masks)
	maps.DeleteFunc(masks, func(f masking.Field, _ string) bool { return sealed.current[f] == 0 })
	next.Masked = int(next.Version)
	var err error
	next.Masks, err = masking.SealMasks(p.Key, maskLabel(b.Origin, PartyLabel(p.ID), next.Masked), masks)
	return err
}

// nothing is what the other side sees, held or not.
func nothing() map[masking.Field]string {
	hidden := map[masking.Field]string{}
	for _, f := range shown() {
		hidden[f] = masking.Hidden
	}
	return hidden
}

// PartyLabel owns the values that a party has given about itself.
func PartyLabel(id PartyID) string { return "party/" + string(id) }
