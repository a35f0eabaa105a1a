package broker

import (
	"context"
	"crypto/hmac"
	"errors"
	"slices"

	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/plain"
	"bauta.dev/bauta/masking"
)

// What a merchant shows to everybody by law needs no request (R3, R7 of the matrix):
// a buyer who asks for it is told where it stands, and gets no grant for it. Only the
// very value that is public is meant: where the merchant has another one with this
// marketplace, or with this order, that is decided as ever.

// PublicAt says where fields that were asked for are public.
type PublicAt struct {
	Merchant MerchantID
	Fields   []masking.Field
}

// publicFirst withholds what is public anyway.
func (b *Broker) publicFirst(ctx context.Context, s *Situation, role necessity.Role, c *conclusion) error {
	if b.Packs == nil || role != necessity.Buyer || s.Buyer.excluded() {
		return nil
	}
	at, err := b.publicOf(ctx, s)
	if err != nil {
		return err
	}
	found := false
	for i := range c.fields {
		f := &c.fields[i]
		own := f.Use == Own || f.Outcome == necessity.Withheld
		if own && slices.ContainsFunc(at, func(p PublicAt) bool { return slices.Contains(p.Fields, f.Field) }) {
			*f, found = FieldOutcome{Field: f.Field, Outcome: necessity.Withheld, Reason: necessity.AlreadyPublic}, true
		}
	}
	if found {
		c.again()
	}
	return nil
}

// again is the decision after some of its fields were withheld.
func (c *conclusion) again() {
	has := func(o necessity.Outcome) bool {
		return slices.ContainsFunc(c.fields, func(f FieldOutcome) bool { return f.Outcome == o })
	}
	switch {
	case has(necessity.Granted):
	case has(necessity.Pending):
		c.decision, c.expires, c.views = "pending", nil, 0
	default:
		c.decision, c.ground, c.expires, c.views, c.consent = "refused", "", nil, 0, nil
		c.reasons = slices.DeleteFunc(c.reasons, func(r Reason) bool {
			return !slices.ContainsFunc(c.fields, func(f FieldOutcome) bool { return f.Reason == r.Code })
		})
		for _, f := range c.fields {
			if !slices.ContainsFunc(c.reasons, func(r Reason) bool { return r.Code == f.Reason }) {
				c.reasons = append(c.reasons, Reason{Code: f.Reason, Detail: plain.Detail(f.Reason)})
			}
		}
	}
}

// publicOf are the seller's own values that its public profiles show as well.
// Comparing opens nothing that is not public.
func (b *Broker) publicOf(ctx context.Context, s *Situation) ([]PublicAt, error) {
	if len(s.Seller.cautions()) > 0 {
		return nil, nil // R6: of who must not be found, no answer points anywhere
	}
	records, err := b.Store.MerchantsOf(ctx, s.Seller.Row)
	if err != nil {
		return nil, err
	}
	var all []PublicAt
	for i := range records {
		if !records[i].Shown {
			continue
		}
		m, err := b.PublicMerchant(ctx, records[i].ID)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if fields := m.same(s); len(fields) > 0 {
			all = append(all, PublicAt{m.ID, fields})
		}
	}
	return all, nil
}

// same are the fields of which the seller's own value is the public one.
func (m *PublicMerchant) same(s *Situation) (fields []masking.Field) {
	shown := merchants.Registration{Values: map[merchants.Pointer]masking.Text{}}
	for _, f := range m.Fields {
		shown.Values[f.Pointer] = f.Value
	}
	public := shown.Contact()
	if a, ok := public[masking.FullAddress]; ok {
		public[masking.Locality] = masking.Value{Address: a.Address.Locality()}
	}
	for _, f := range masking.Fields() {
		v, ok := public[f]
		own, held := find(s.Cards, PartysOwn, Own, f, s.Seller.Values[f])
		if ok && held && hmac.Equal(own.Sealed.Same, masking.Same(s.Seller.Key, f, v)) {
			fields = append(fields, f)
		}
	}
	return fields
}

// pointToPublic says where a disclosure's public fields stand, as things are now.
func (b *Broker) pointToPublic(ctx context.Context, v *DisclosureView, s *Situation) error {
	if !slices.ContainsFunc(v.Fields, func(f FieldOutcome) bool { return f.Reason == necessity.AlreadyPublic }) {
		return nil
	}
	at, err := b.publicOf(ctx, s)
	for i := range at {
		at[i].Fields = slices.DeleteFunc(at[i].Fields, func(f masking.Field) bool {
			return !slices.ContainsFunc(v.Fields, func(o FieldOutcome) bool { return o.Field == f && o.Reason == necessity.AlreadyPublic })
		})
	}
	v.Public = slices.DeleteFunc(at, func(p PublicAt) bool { return len(p.Fields) == 0 })
	return err
}
