package postgres

import (
	"encoding/binary"
	"time"

	"bauta.dev/bauta/broker"
)

// A party's facts are read at every look at it, so they are written as bytes: a
// form, its strings behind their lengths, a bit a flag, a number a version of
// each field, two times, its consents, and whom it fears. (As JSON, reading them was a tenth of a masked
// read.) A transaction has many more, and they stay JSON.

// Forms of a party's facts. A broker that does not know one fails closed.
const (
	partyForm    = 1
	consentForm  = 2 // form 1, and the party's consents after it; only where there are any
	excludedForm = 3 // form 1, when it was excluded and reinstated, and its consents, if any
	fearingForm  = 4 // form 3, and whom it fears
	liftingForm  = 5 // form 4, which fears nobody or somebody, and that somebody proposed to end its exclusion
)

// kindCodes and flagCodes never change; flags are those of broker.Flags.
var (
	kindCodes = []broker.PartyKind{"", broker.Person, broker.Merchant}
	flagCodes = []broker.Flag{broker.Minor, broker.AtRisk, broker.Restricted}
)

func encodeParty(p *broker.Party) ([]byte, error) {
	kind, err := code(kindCodes, p.Kind)
	if err != nil {
		return nil, err
	}
	var flags byte
	for _, f := range p.Flags {
		bit, err := code(flagCodes, f)
		if err != nil {
			return nil, err
		}
		flags |= 1 << bit
	}
	form := byte(partyForm)
	switch {
	case p.Lift != nil:
		form = liftingForm
	case len(p.Fears) > 0:
		form = fearingForm
	case !p.ExcludedAt.IsZero() || !p.ReinstatedAt.IsZero():
		form = excludedForm
	case len(p.Consents) > 0:
		form = consentForm
	}
	b := append(make([]byte, 0, 96), form, kind, flags)
	for _, s := range []string{p.Locale, p.Residency, string(p.Newest)} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	for _, f := range fieldCodes {
		b = binary.AppendUvarint(b, uint64(p.Values[f])) //nolint:gosec // versions are positive
	}
	b = binary.AppendUvarint(b, uint64(p.Masked)) //nolint:gosec // a version
	b = binary.AppendVarint(b, p.CreatedAt.UnixMicro())
	b = binary.AppendVarint(b, p.UpdatedAt.UnixMicro())
	if form == partyForm {
		return b, nil
	}
	if form >= excludedForm {
		b = binary.AppendVarint(b, micros(p.ExcludedAt))
		b = binary.AppendVarint(b, micros(p.ReinstatedAt))
	}
	b, err = encodeConsents(b, p.Consents)
	if err != nil || form < fearingForm {
		return b, err
	}
	if b, err = encodeFears(b, p.Fears); err != nil || form < liftingForm {
		return b, err
	}
	return encodeLift(b, p.Lift), nil
}

// decodeParty is the inverse of encodeParty; the bytes have been checked against
// their MAC, so whatever does not fit is a bug or a newer form.
func decodeParty(b []byte, p *broker.Party) error {
	r := factReader{b: b}
	form, kind, flags := r.byte(), r.byte(), r.byte()
	p.Locale, p.Residency, p.Newest = string(r.bytes()), string(r.bytes()), r.bytes()
	p.Values = make(broker.Versions, len(fieldCodes))
	for _, f := range fieldCodes {
		if n := r.uint(); n > 0 {
			p.Values[f] = int(n) //nolint:gosec // a version
		}
	}
	p.Masked = int(r.uint()) //nolint:gosec // a version
	p.CreatedAt, p.UpdatedAt = r.time(), r.time()
	if form >= excludedForm {
		p.ExcludedAt, p.ReinstatedAt = r.when(), r.when()
	}
	if form >= consentForm {
		p.Consents = r.consents(form >= excludedForm)
	}
	if form >= fearingForm {
		p.Fears = r.fears()
		r.failed = r.failed || form == fearingForm && len(p.Fears) == 0
	}
	if form == liftingForm {
		p.Lift = r.lift()
	}
	if form < partyForm || form > liftingForm || int(kind) >= len(kindCodes) || r.failed || len(r.b) > 0 {
		return errPacked
	}
	p.Kind = kindCodes[kind]
	for i, f := range flagCodes {
		if flags>>i&1 == 1 {
			p.Flags = append(p.Flags, f)
		}
	}
	return nil
}

// factReader reads what encodeParty writes; after a failure all is zero.
type factReader struct {
	b      []byte
	failed bool
}

func (r *factReader) byte() byte {
	if len(r.b) == 0 {
		r.failed = true
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *factReader) uint() uint64 {
	x, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.failed, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return x
}

func (r *factReader) bytes() []byte {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.failed, r.b = true, nil
		return nil
	}
	p := r.b[:n:n]
	r.b = r.b[n:]
	return p
}

// micros is a time that may be missing; when reads it.
func micros(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMicro()
}

func (r *factReader) when() time.Time {
	if n := r.int(); n != 0 {
		return time.UnixMicro(n).UTC()
	}
	return time.Time{}
}

func (r *factReader) time() time.Time { return time.UnixMicro(r.int()).UTC() }

func encodeFears(b []byte, fears []broker.Fear) ([]byte, error) {
	b = binary.AppendUvarint(b, uint64(len(fears)))
	for _, f := range fears {
		id, ok := f.Disclosure.Bytes()
		if !ok {
			return nil, errPacked
		}
		b = append(binary.AppendVarint(b, int64(f.Requester)), id...)
	}
	return b, nil
}

func (r *factReader) fears() (fears []broker.Fear) {
	for n := r.uint(); n > 0 && !r.failed; n-- {
		requester := broker.Row(r.int())
		if len(r.b) < 16 {
			r.failed = true
			return nil
		}
		fears = append(fears, broker.Fear{Requester: requester, Disclosure: broker.DisclosureOf(r.b[:16])})
		r.b = r.b[16:]
	}
	return fears
}

// encodeLift writes what is proposed for a party; its event is always the same.
func encodeLift(b []byte, p *broker.Proposal) []byte {
	b = binary.AppendUvarint(b, uint64(len(p.Hands)))
	for _, s := range append([]string{p.By, p.Reason, string(p.Hash)}, p.Hands...) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	return b
}

func (r *factReader) lift() *broker.Proposal {
	n := r.uint()
	p := &broker.Proposal{By: string(r.bytes()), Reason: string(r.bytes()), Hash: r.bytes(), Event: broker.Reinstate}
	for ; n > 0 && !r.failed; n-- {
		p.Hands = append(p.Hands, string(r.bytes()))
	}
	return p
}
