package postgres_test

import (
	"context"
	"strings"
	"testing"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
)

// bending is a broker's store that is not true to it: what it finds, and what it writes,
// is changed. All of that carries this broker's own MACs.
type bending struct {
	broker.Store

	found   func(*broker.FoundCase)
	written func(*broker.Write)
}

func (b *bending) CaseByID(ctx context.Context, id broker.CaseID) (*broker.FoundCase, error) {
	f, err := b.Store.CaseByID(ctx, id)
	if err == nil && b.found != nil {
		b.found(f)
	}
	return f, err
}

func (b *bending) Commit(ctx context.Context, w *broker.Write) (ledger.Place, error) {
	if b.written != nil {
		b.written(w)
	}
	return b.Store.Commit(ctx, w)
}

// An entry that does not name the one before it, a record without the end of its chain,
// and a transaction that says otherwise than its case are found, whoever has made them.
func TestCasesThatDoNotHangTogether(t *testing.T) {
	t.Parallel()
	out := broker.CaseMove{Event: disputes.GoOutside, Reason: "court"}
	say := broker.CaseMove{Event: disputes.Message, Text: masking.NewText("hello")}
	dispute := func(change func(*broker.Dispute)) func(*broker.Write) {
		return func(w *broker.Write) {
			if w.Transaction != nil && w.Transaction.Dispute != nil {
				d := *w.Transaction.Dispute
				change(&d)
				w.Transaction.Dispute = &d
			}
		}
	}
	for name, x := range map[string]struct {
		found   func(*broker.FoundCase)
		written func(*broker.Write)
		do      func(h *house, id broker.CaseID)
		says    string
	}{
		"nothing": {do: func(h *house, id broker.CaseID) { h.moves(t, "b-1", id, say) }},
		"one is left out": {
			found: func(f *broker.FoundCase) { f.Chain = make([]byte, 32) },
			do:    func(h *house, id broker.CaseID) { h.moves(t, "b-1", id, say) }, says: "does not name the one before it",
		},
		"the end is left out": {
			written: func(w *broker.Write) { w.Case.Chain = make([]byte, 32) },
			do:      func(h *house, id broker.CaseID) { h.moves(t, "b-1", id, say) }, says: "the end of the chain",
		},
		"its lines are free": {
			written: dispute(func(d *broker.Dispute) { d.Lines = nil }),
			do:      func(h *house, id broker.CaseID) { h.handles(t, lena, id, out) }, says: "lines in dispute",
		},
		"another line is not": {
			written: dispute(func(d *broker.Dispute) {
				d.Lines = map[broker.Obligation]broker.CaseID{broker.Deliver: d.Lines[broker.Deliver], broker.Ship: d.Lines[broker.Deliver]}
			}),
			do: func(h *house, id broker.CaseID) { h.handles(t, lena, id, out) }, says: "other lines",
		},
		"nobody else has it": {
			written: dispute(func(d *broker.Dispute) { d.External = nil }),
			do:      func(h *house, id broker.CaseID) { h.handles(t, lena, id, out) }, says: "somebody else has it",
		},
		"something may be paid back yet": {
			written: dispute(func(d *broker.Dispute) {
				d.Refundable = map[broker.CaseID]broker.Quantity{}
				for _, id := range d.Before {
					d.Refundable[id] = 100
				}
			}),
			do: func(h *house, id broker.CaseID) { h.moves(t, "b-1", id, broker.CaseMove{Event: disputes.Withdraw}) }, says: "lets be paid back",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.deal(t, "t-1", "b-1", "s-1")
			id := h.disputes(t, "t-1", "b-1")
			h.moves(t, "s-1", id, say)
			h.Store = &bending{h.store, x.found, x.written}
			x.do(h, id)
			_, err := h.store.CheckComplete(t.Context(), nil)
			if x.says == "" && err != nil || x.says != "" && (!isFinding(err) || !strings.Contains(err.Error(), x.says)) {
				t.Errorf("the check says %v, want %q", err, x.says)
			}
		})
	}
}
