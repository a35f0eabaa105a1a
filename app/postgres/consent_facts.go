package postgres

import (
	"crypto/sha256"
	"encoding/binary"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
)

// Consents are among a party's facts: the party's MAC covers them, its version
// guards them, and whoever reads the party has them.

// purposeCodes never change but at their end: rows hold places in them.
var purposeCodes = []necessity.Purpose{
	necessity.Deliver, necessity.Delay, necessity.Return, necessity.Collect, necessity.Invoice, necessity.HandOver, necessity.Settle,
}

func encodeConsents(b []byte, cs []broker.Consent) ([]byte, error) {
	b = binary.AppendUvarint(b, uint64(len(cs)))
	for i := range cs {
		c := &cs[i]
		purpose, err := code(purposeCodes, c.Purpose)
		if err != nil {
			return nil, err
		}
		var fields byte
		for _, f := range c.Fields {
			bit, err := code(fieldCodes, f)
			if err != nil {
				return nil, err
			}
			fields |= 1 << bit
		}
		b = append(b, purpose, fields)
		for _, s := range []string{string(c.Recipient), c.Locale, string(c.Entry)} {
			b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
		}
		b = append(b, c.Text[:]...)
		b = binary.AppendVarint(b, c.GivenAt.UnixMicro())
		b = binary.AppendVarint(b, c.ExpiresAt.UnixMicro())
	}
	return b, nil
}

func (r *factReader) consents(orNone bool) []broker.Consent {
	n := r.uint()
	if n == 0 && orNone {
		return nil
	}
	if n == 0 || n > broker.MostConsents {
		r.failed = true
		return nil
	}
	cs := make([]broker.Consent, 0, n)
	for range n {
		c := broker.Consent{Purpose: wordOf(r, purposeCodes)}
		fields := r.byte()
		for i, f := range fieldCodes {
			if fields>>i&1 == 1 {
				c.Fields = append(c.Fields, f)
			}
		}
		c.Recipient, c.Locale, c.Entry = broker.PartyID(r.bytes()), string(r.bytes()), r.bytes()
		if len(r.b) < sha256.Size {
			r.failed, r.b = true, nil
			return nil
		}
		c.Text, r.b = [sha256.Size]byte(r.b), r.b[sha256.Size:]
		c.GivenAt, c.ExpiresAt = r.time(), r.time()
		cs = append(cs, c)
	}
	return cs
}
