package postgres_test

import (
	"context"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
)

// deal is a paid order between two sides of its own.
func (h *house) deal(tb testing.TB, id broker.TransactionID, buyer, seller broker.PartyID) {
	tb.Helper()
	ctx := context.Background()
	for name, in := range map[broker.PartyID]broker.PartyInput{buyer: giovana(), seller: ursula()} {
		if _, err := h.Party(ctx, name); err == nil {
			continue
		}
		if _, _, err := h.PutParty(ctx, market, name, in); err != nil {
			tb.Fatal(err)
		}
	}
	_, _, err := h.PutTransaction(ctx, market, id, broker.TransactionInput{Transaction: broker.Transaction{
		Kind: necessity.ShippedGoods, Buyer: buyer, Seller: seller, Currency: "BRL", Amount: 22165, Items: 1,
		CreatedAt: noon.Add(-time.Hour), Payment: broker.Prepaid, Handover: broker.Post, Rental: broker.Stay,
	}})
	if err != nil {
		tb.Fatal(err)
	}
	h.perform(tb, id, broker.Pay, "221.65", "card/1")
}

func lost(id broker.TransactionID, by broker.PartyID) broker.CaseInput {
	return broker.CaseInput{Transaction: id, By: by, Reason: disputes.NotReceived, Lines: []broker.Obligation{broker.Deliver}, Statement: masking.NewText("it never came")}
}

// disputes opens a case about an order that never came.
func (h *house) disputes(tb testing.TB, id broker.TransactionID, by broker.PartyID) broker.CaseID {
	tb.Helper()
	v, _, err := h.OpenCase(context.Background(), market, lost(id, by), h.NewOutcome(market, "dispute", string(id), nil))
	if err != nil {
		tb.Fatal(err)
	}
	return v.ID
}

func (h *house) moves(tb testing.TB, by broker.PartyID, id broker.CaseID, m broker.CaseMove) broker.CaseView {
	tb.Helper()
	v, _, err := h.MoveCase(context.Background(), market, by, id, m, nil)
	if err != nil {
		tb.Fatalf("%s by %s: %v", m.Event, by, err)
	}
	return v
}

func (h *house) handles(tb testing.TB, s broker.Staff, id broker.CaseID, m broker.CaseMove) broker.CaseView {
	tb.Helper()
	v, _, err := h.MoveStaffCase(context.Background(), s, id, m, nil)
	if err != nil {
		tb.Fatalf("%s by %s: %v", m.Event, s.Account, err)
	}
	return v
}

func (h *house) handsIn(tb testing.TB, by broker.PartyID, id broker.CaseID, what string) broker.CaseView {
	tb.Helper()
	v, _, err := h.AddEvidence(context.Background(), market, by, id, broker.EvidenceInput{
		Type: disputes.Correspondence, Note: masking.NewText("see " + what), Media: "image/jpeg", Original: []byte("a scan of " + what), Shows: "image/png", Derivative: []byte("a picture of " + what),
	}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func (h *house) find(tb testing.TB, id broker.CaseID) *broker.FoundCase {
	tb.Helper()
	f, err := h.store.CaseByID(context.Background(), id)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// quarrel opens two cases, and a side hands something in.
func (a *adversary) quarrel(t *testing.T) {
	t.Helper()
	for _, id := range []broker.TransactionID{"d-1", "d-2"} {
		a.deal(t, id, "b-"+broker.PartyID(id), "s-"+broker.PartyID(id))
		dispute := a.disputes(t, id, "b-"+broker.PartyID(id))
		a.handsIn(t, "b-"+broker.PartyID(id), dispute, string(id))
		a.cases = append(a.cases, dispute)
	}
}

// settle decides one case, and the sides settle the other.
func (a *adversary) settle(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	first, second := a.cases[0], a.cases[1]
	a.moves(t, "s-d-1", first, broker.CaseMove{Event: disputes.Message, Text: masking.NewText("it was posted")})
	a.moves(t, "b-d-1", first, broker.CaseMove{Event: disputes.Escalate})
	all, err := a.ListAccounts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	mara := broker.Staff{Account: string(all[1].ID), Role: string(all[1].Role), Approves: true}
	a.handles(t, lena, first, broker.CaseMove{Event: disputes.Assign, To: mara.Account})
	if _, _, err := a.RevealInCase(ctx, mara, first, broker.CaseReveal{
		Subject: "s-d-1", Fields: []masking.Field{masking.Name}, Purpose: "decide_case", Reason: "identity_unclear",
	}, a.NewOutcome(market, "reveal", "1", nil)); err != nil {
		t.Fatal(err)
	}
	a.handles(t, mara, first, broker.CaseMove{Event: disputes.AskEvidence, Wanted: []disputes.Point{{By: disputes.Seller, Type: disputes.Tracking}}, Due: a.clock().Add(50 * time.Hour)})
	a.moves(t, "s-d-1", first, broker.CaseMove{Event: disputes.Rest})
	if _, err := a.OpenStaffEvidence(ctx, mara, first, 1); err != nil {
		t.Fatal(err)
	}
	proposed := a.handles(t, mara, first, broker.CaseMove{
		Event: disputes.Propose, Outcome: disputes.Refund, Code: "not_delivered", Clause: "3f", Text: masking.NewText("nobody has signed for it"),
	})
	a.handles(t, lena, first, broker.CaseMove{Event: disputes.Approve, Hash: proposed.Hash})
	a.moves(t, "s-d-2", second, broker.CaseMove{Event: disputes.Offer, Offer: disputes.OfferRefund})
	a.moves(t, "b-d-2", second, broker.CaseMove{Event: disputes.AcceptOffer, N: 1})
}
