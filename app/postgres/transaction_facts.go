package postgres

import (
	"encoding/binary"
	"fmt"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
)

// A transaction's facts are read at every decision, and are written as bytes,
// as a party's are: words as their places in the tables below, numbers as
// varints. Rows from before hold JSON, which begins with a brace, until their
// next version.

const (
	transactionForm = 1
	signedForm      = 2 // form 1, and each total has what the creditor signed for; only where there is any
	disputedForm    = 3 // form 2, and what cases have made of it; only where there ever was one
)

// The tables never change but at their ends: rows hold places in them.
var (
	transactionKinds = []necessity.Kind{
		"", necessity.ShippedGoods, necessity.BusinessSupply, necessity.LocalPickup, necessity.DigitalGoods,
		necessity.ServiceAtHome, necessity.Rental, necessity.UsedGoods,
	}
	payments    = []broker.Payment{"", broker.Prepaid, broker.Deposit, broker.OnDelivery, broker.OnInvoice}
	handovers   = []broker.Handover{"", broker.Post, broker.Meet}
	rentals     = []broker.RentalOf{"", broker.Stay, broker.Item}
	obligations = []broker.Obligation{
		broker.Pay, broker.Accept, broker.Ship, broker.Deliver, broker.HandOver, broker.Serve,
		broker.GrantAccess, broker.GiveBack, broker.ApproveReturn, broker.Return, broker.Refund,
	}
)

const (
	taxInvoice = 1 << iota
	businessBuyer
)

func encodeTransaction(t *broker.Transaction) ([]byte, error) {
	w := factWriter{b: append(make([]byte, 0, 160), transactionForm)}
	for _, total := range t.Totals {
		if total.Signed > 0 {
			w.signed, w.b[0] = true, signedForm
		}
	}
	if t.Dispute != nil {
		w.signed, w.b[0] = true, disputedForm
	}
	word(&w, transactionKinds, t.Kind)
	word(&w, payments, t.Payment)
	word(&w, handovers, t.Handover)
	word(&w, rentals, t.Rental)
	w.flags(t.TaxInvoice, t.BusinessBuyer)
	for _, s := range []string{string(t.Currency), t.Reason, string(t.Newest)} {
		w.text(s)
	}
	for _, n := range []int64{int64(t.Amount), int64(t.Highest), int64(t.Deposit), int64(t.Items)} {
		w.b = binary.AppendVarint(w.b, n)
	}
	for _, at := range []time.Time{t.CreatedAt, t.PromisedAt, t.Slot.Start, t.Slot.End, t.CompletedAt, t.CancelledAt} {
		w.time(at)
	}
	w.contacts(t.Contacts)
	w.totals(t.Totals)
	if t.Dispute != nil {
		w.dispute(t.Dispute)
	}
	return w.b, w.err
}

// decodeTransaction is the inverse of encodeTransaction; the bytes have been
// checked against their MAC.
func decodeTransaction(b []byte, t *broker.Transaction) error {
	if len(b) > 0 && b[0] == '{' {
		return jsonv2.Unmarshal(b, t)
	}
	r := factReader{b: b}
	form := r.byte()
	t.Kind, t.Payment = wordOf(&r, transactionKinds), wordOf(&r, payments)
	t.Handover, t.Rental = wordOf(&r, handovers), wordOf(&r, rentals)
	flags := r.byte()
	t.TaxInvoice, t.BusinessBuyer = flags&taxInvoice > 0, flags&businessBuyer > 0
	t.Currency, t.Reason = broker.Currency(r.bytes()), string(r.bytes())
	t.Newest = r.bytes()
	t.Amount, t.Highest, t.Deposit = broker.Quantity(r.int()), broker.Quantity(r.int()), broker.Quantity(r.int())
	t.Items = int(r.int())
	for _, at := range []*time.Time{&t.CreatedAt, &t.PromisedAt, &t.Slot.Start, &t.Slot.End, &t.CompletedAt, &t.CancelledAt} {
		*at = r.perhaps()
	}
	t.Contacts, t.Totals = r.contacts(), r.totals(form >= signedForm)
	if form == disputedForm {
		t.Dispute = r.dispute()
	}
	if form < transactionForm || form > disputedForm || r.failed || len(r.b) > 0 {
		return errPacked
	}
	return nil
}

// factWriter writes what factReader reads; after a failure err says which word
// has no code.
type factWriter struct {
	b      []byte
	err    error
	signed bool
}

func word[T comparable](w *factWriter, codes []T, x T) {
	c, err := code(codes, x)
	if err != nil {
		w.err = err
	}
	w.b = append(w.b, c)
}

func wordOf[T comparable](r *factReader, codes []T) (none T) {
	c := r.byte()
	if int(c) >= len(codes) {
		r.failed = true
		return none
	}
	return codes[c]
}

func (w *factWriter) text(s string) {
	w.b = append(binary.AppendUvarint(w.b, uint64(len(s))), s...)
}

func (w *factWriter) flags(bits ...bool) {
	var b byte
	for i, set := range bits {
		if set {
			b |= 1 << i
		}
	}
	w.b = append(w.b, b)
}

// time writes microseconds since 1970, those from 1970 on one higher: 0 is no time.
func (w *factWriter) time(t time.Time) {
	at := int64(0)
	if !t.IsZero() {
		if at = t.UnixMicro(); at >= 0 {
			at++
		}
	}
	w.b = binary.AppendVarint(w.b, at)
}

func (w *factWriter) contacts(cs map[broker.Use]broker.Versions) {
	w.b = append(w.b, byte(len(cs))) // there are five uses
	known := 0
	for _, use := range useCodes {
		vs, ok := cs[use]
		if !ok {
			continue
		}
		known++
		word(w, useCodes, use)
		for _, f := range fieldCodes {
			w.b = binary.AppendUvarint(w.b, uint64(vs[f])) //nolint:gosec // versions are positive
		}
	}
	w.all(known, len(cs))
}

// all fails where something has no place in its table, and so was left out.
func (w *factWriter) all(known, of int) {
	if known < of {
		w.err = fmt.Errorf("no code for %d of the words", of-known)
	}
}

func (w *factWriter) totals(ts map[broker.Obligation]broker.Total) {
	w.b = append(w.b, byte(len(ts))) // there are eleven obligations
	known := 0
	for _, o := range obligations {
		t, ok := ts[o]
		if !ok {
			continue
		}
		known++
		word(w, obligations, o)
		w.flags(t.Waived)
		for _, q := range []broker.Quantity{t.Done, t.Attested, t.Claimed} {
			w.b = binary.AppendVarint(w.b, int64(q))
		}
		if w.signed {
			w.b = binary.AppendVarint(w.b, int64(t.Signed))
		}
		w.time(t.LastAt)
	}
	w.all(known, len(ts))
}

// dispute writes it as JSON: there are few, and each new kind of effect adds to them.
func (w *factWriter) dispute(d *broker.Dispute) {
	b, err := jsonv2.Marshal(d, jsonv2.Deterministic(true))
	if err != nil {
		w.err = err
	}
	w.text(string(b))
}

func (r *factReader) dispute() *broker.Dispute {
	d := &broker.Dispute{}
	if b := r.bytes(); r.failed || jsonv2.Unmarshal(b, d) != nil {
		r.failed = true
	}
	return d
}

func (r *factReader) int() int64 {
	x, n := binary.Varint(r.b)
	if n <= 0 {
		r.failed, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return x
}

// perhaps reads a time that may be absent.
func (r *factReader) perhaps() time.Time {
	at := r.int()
	switch {
	case at == 0:
		return time.Time{}
	case at > 0:
		at--
	}
	return time.UnixMicro(at).UTC()
}

func (r *factReader) contacts() map[broker.Use]broker.Versions {
	n := int(r.byte())
	if n == 0 || n > len(useCodes) {
		r.failed = r.failed || n > 0
		return nil
	}
	cs := make(map[broker.Use]broker.Versions, n)
	for range n {
		use, vs := wordOf(r, useCodes), broker.Versions{}
		for _, f := range fieldCodes {
			if v := r.uint(); v > 0 {
				vs[f] = int(v) //nolint:gosec // a version
			}
		}
		cs[use] = vs
	}
	return cs
}

func (r *factReader) totals(signed bool) map[broker.Obligation]broker.Total {
	n := int(r.byte())
	if n == 0 || n > len(obligations) {
		r.failed = r.failed || n > 0
		return nil
	}
	ts := make(map[broker.Obligation]broker.Total, n)
	for range n {
		o, waived := wordOf(r, obligations), r.byte()&1 > 0
		total := broker.Total{
			Done: broker.Quantity(r.int()), Attested: broker.Quantity(r.int()), Claimed: broker.Quantity(r.int()), Waived: waived,
		}
		if signed {
			total.Signed = broker.Quantity(r.int())
		}
		total.LastAt = r.perhaps()
		ts[o] = total
	}
	return ts
}
