package postgres

import (
	"encoding/binary"
	"fmt"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking"
)

// A card's values are packed into one column, so that reading a party is one
// row: use, field, then tag, commitment and sealed value behind their lengths.

// Codes of uses and fields in packed cards; they never change.
var (
	useCodes   = []broker.Use{broker.Own, broker.UseDelivery, broker.UsePickup, broker.UseReturn, broker.UseInvoice}
	fieldCodes = []masking.Field{
		masking.FirstName, masking.Name, masking.Email, masking.Phone, masking.Locality, masking.FullAddress, masking.Instructions,
	}
)

func code[T comparable](codes []T, x T) (byte, error) {
	for i, c := range codes {
		if c == x {
			return byte(i), nil //nolint:gosec // short tables
		}
	}
	return 0, fmt.Errorf("no code for %v", x)
}

func packCard(c *broker.Card) ([]byte, error) {
	var b []byte
	for _, v := range c.Values {
		use, err := code(useCodes, v.Use)
		if err != nil {
			return nil, err
		}
		field, err := code(fieldCodes, v.Label.Field)
		if err != nil {
			return nil, err
		}
		b = append(b, use, field)
		for _, p := range [][]byte{v.Sealed.Same, v.Sealed.Commitment, v.Sealed.Value} {
			b = binary.BigEndian.AppendUint32(b, uint32(len(p))) //nolint:gosec // values are bounded by the door
			b = append(b, p...)
		}
	}
	return b, nil
}

// unpackCards reads what the queries' string_agg over cards gives: for each
// card owner, side, version and packed values. label names an owner.
func (s *Store) unpackCards(packed []byte, label func(c *broker.Card, u broker.Use) string) ([]broker.Card, error) {
	u := unpacker{b: packed}
	var cards []broker.Card
	for len(u.b) > 0 && u.err == nil {
		c := broker.Card{Owner: broker.Row(u.int8()), Side: broker.Side(u.int2()), Version: int(u.int8()), Values: make([]broker.SealedValue, 0, len(fieldCodes))} //nolint:gosec // 0 to 2
		values := unpacker{b: u.bytes()}
		for len(values.b) > 0 && values.err == nil {
			head := values.take(2)
			v := broker.SealedValue{Sealed: masking.Sealed{Same: values.bytes(), Commitment: values.bytes(), Value: values.bytes()}}
			if values.err != nil || int(head[0]) >= len(useCodes) || int(head[1]) >= len(fieldCodes) {
				return nil, errPacked
			}
			v.Use = useCodes[head[0]]
			v.Label = masking.Label{Origin: s.origin, Owner: label(&c, v.Use), Field: fieldCodes[head[1]], Version: c.Version}
			c.Values = append(c.Values, v)
		}
		cards = append(cards, c)
	}
	return cards, u.err
}
