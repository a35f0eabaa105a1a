package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

var trader = values{
	"/legal_name": "Wanda Lake", "/contact/email": "wanda@lake.example.com", "/contact/phone": "+4930123456",
	"/address/street": "Seestraße 1", "/address/city": "Berlin", "/address/postal_code": "13347", "/address/country": "DE", "/payout/iban": "DE89370400440532013000",
}

// byTwo approves what one person alone must not.
func (h *house) byTwo(tb testing.TB, id broker.MerchantID) broker.MerchantReview {
	tb.Helper()
	h.review(tb, rita, id, broker.MerchantMove{Event: merchants.Take})
	r := h.review(tb, rita, id, broker.MerchantMove{Event: merchants.Propose, Reason: "verified", Checks: h.looks()})
	return h.review(tb, leo, id, broker.MerchantMove{Event: merchants.Approve, Hash: r.Hash})
}

// A party at risk is approved by two who are told so, and how to reach it is not
// published; of a minor, and of whoever's data is restricted, nothing is.
func TestFlaggedMerchant(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.register(t, trader.of("s-1", merchants.EU, merchants.SoleTrader, "lawful_goods")).ID
	flag := func(flags ...broker.Flag) {
		t.Helper()
		if err := h.SetFlags(t.Context(), market, "s-1", flags); err != nil {
			t.Fatal(err)
		}
	}
	flag(broker.AtRisk)
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
	if r, err := h.Review(t.Context(), rita, id); err != nil || !r.Two || !slices.Equal(r.Because, []string{"at_risk"}) || !slices.Equal(r.Cautions, r.Because) {
		t.Errorf("%+v, %v", r.Because, err)
	}
	h.opens(t, rita, id)
	h.turnsDown(t, rita, id, broker.MerchantMove{Event: merchants.Approve, Reason: "verified", Checks: looks}, "second_needed")
	h.byTwo(t, id)
	shown := h.shown(t, id)
	if shown["/legal_name"] == "" || shown["/address/country"] != "DE" {
		t.Error(shown)
	}
	for at := range shown {
		if strings.HasPrefix(string(at), "/contact/") || strings.HasPrefix(string(at), "/address/") && at != "/address/country" {
			t.Errorf("%s is public", at)
		}
	}
	for _, f := range []broker.Flag{broker.Minor, broker.Restricted} {
		flag(broker.AtRisk, f)
		if h.shown(t, id) != nil {
			t.Errorf("its party is %s, and it is public", f)
		}
	}
	flag(broker.AtRisk)
	if h.shown(t, id) == nil {
		t.Error("what two people approved who knew this is not public")
	}
	h.checkLog(t)
}

// A flag that comes later ends the profile at once, and has two people look; lifting it
// gives back what was approved.
func TestMerchantIsFlaggedLater(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.register(t, trader.of("s-1", merchants.EU, merchants.SoleTrader, "lawful_goods")).ID
	h.approve(t, id)
	if h.shown(t, id)["/contact/phone"] == "" {
		t.Fatal("it is not public")
	}
	if err := h.SetFlags(t.Context(), market, "s-1", []broker.Flag{broker.AtRisk}); err != nil {
		t.Fatal(err)
	}
	if h.shown(t, id) != nil {
		t.Error("nobody who approved it knew of the flag, and it is public")
	}
	h.fire(t)
	if v := h.stands(t, id, merchants.InReview); v.Published != 0 {
		t.Errorf("%+v", v)
	}
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Suspend, Reason: "data_false"})
	h.turnsDown(t, rosa, id, broker.MerchantMove{Event: merchants.Reinstate, Reason: "cured"}, "not_cured")
	if _, _, err := h.SubmitMerchant(t.Context(), market, id, nil); err != nil {
		t.Fatal(err)
	}
	h.byTwo(t, id)
	if shown := h.shown(t, id); shown == nil || shown["/contact/phone"] != "" {
		t.Error(shown)
	}
	if err := h.SetFlags(t.Context(), market, "s-1", nil); err != nil {
		t.Fatal(err)
	}
	if h.shown(t, id)["/contact/phone"] == "" {
		t.Error("the flag is gone, and what was approved is not public")
	}
	h.checkLog(t)
}

// Whoever holds somebody off is not found by the profile, and no answer points there.
func TestMerchantWhoFears(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.register(t, lake.of("s-1", merchants.CN, merchants.Company)).ID
	h.approve(t, id)
	if _, _, err := h.PutParty(t.Context(), market, "b-1", giovana()); err != nil {
		t.Fatal(err)
	}
	_, _, err := h.PutTransaction(t.Context(), market, "t-1", broker.TransactionInput{Transaction: broker.Transaction{
		Kind: necessity.ShippedGoods, Buyer: "b-1", Seller: "s-1", Currency: "BRL", Amount: 22165, Items: 1,
		CreatedAt: noon, Payment: broker.Prepaid, Handover: broker.Post, Rental: broker.Stay,
	}})
	if err != nil {
		t.Fatal(err)
	}
	h.perform(t, "t-1", broker.Pay, "221.65", "card/1")
	ask := func() broker.DisclosureView {
		t.Helper()
		v, _, err := h.Disclose(t.Context(), market, broker.DisclosureInput{
			Transaction: "t-1", Requester: "b-1", Purpose: necessity.Settle, Fields: []masking.Field{masking.Name, masking.Email}, Reveal: true,
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	first := ask()
	if len(first.Public) != 1 {
		t.Fatalf("%+v", first)
	}
	if err := h.SetFlags(t.Context(), market, "s-1", []broker.Flag{broker.AtRisk}); err != nil {
		t.Fatal(err)
	}
	if v := ask(); len(v.Public) != 0 || v.Fields[0].Reason == necessity.AlreadyPublic {
		t.Errorf("%+v", v)
	}
	if again, err := h.Disclosure(t.Context(), first.ID, "b-1"); err != nil || len(again.Public) != 0 {
		t.Errorf("%+v, %v", again.Public, err)
	}
	h.checkLog(t)
}

// An objection for safety ends the profile of whoever objects, in the same commit.
func TestMerchantObjects(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.paid(t, "t-1")
	id := h.register(t, trader.of("b-1", merchants.EU, merchants.SoleTrader, "lawful_goods")).ID
	h.approve(t, id)
	if h.shown(t, id) == nil {
		t.Fatal("it is not public")
	}
	h.objects(t, h.decides(t, "t-1", "granted"))
	if h.shown(t, id) != nil {
		t.Error("it holds somebody off, and is public")
	}
	h.fire(t)
	h.stands(t, id, merchants.InReview)
	if r := h.byTwo(t, id); !slices.Equal(r.Cautions, []string{"fears_somebody"}) || h.shown(t, id)["/contact/phone"] != "" || h.shown(t, id) == nil {
		t.Errorf("%v, %v", r.Cautions, h.shown(t, id))
	}
	h.checkLog(t)
}

// Who was suspended and registers anew, with or without a number, is found: two people
// decide, and are told what it is about. The merchant is not.
func TestSuspendedMerchantRegistersAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	in := trader.of("s-1", merchants.EU, merchants.SoleTrader, "lawful_goods")
	first := h.register(t, in)
	h.approve(t, first.ID)
	h.review(t, rita, first.ID, broker.MerchantMove{Event: merchants.Suspend, Reason: "fraud_suspected"})
	is := func(what string, v broker.MerchantView, because ...string) {
		t.Helper()
		if !slices.Equal(v.Fields, first.Fields) || v.State != first.State {
			t.Errorf("%s: the merchant is told: %+v", what, v)
		}
		r, err := h.Review(t.Context(), rita, v.ID)
		if err != nil || !slices.Equal(r.Because, because) || len(r.Duplicates) == 0 {
			t.Fatalf("%s: %v of %+v, %v", what, r.Because, r.Duplicates, err)
		}
		if d := r.Duplicates[len(r.Duplicates)-1]; d.Merchant != first.ID || d.Marked != "suspended" || d.Reason != "fraud_suspected" {
			t.Errorf("%s: %+v", what, d)
		}
	}
	second := h.register(t, in)
	is("suspended", second, "suspended_before")
	h.review(t, rita, second.ID, broker.MerchantMove{Event: merchants.Take})
	h.opens(t, rita, second.ID)
	h.turnsDown(t, rita, second.ID, broker.MerchantMove{Event: merchants.Approve, Reason: "verified", Checks: looks}, "second_needed")
	if _, _, err := h.CloseMerchant(t.Context(), market, second.ID, broker.MerchantMove{Reason: "other"}, nil); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.CloseMerchant(t.Context(), market, first.ID, broker.MerchantMove{Reason: "other"}, nil); err != nil {
		t.Fatal(err)
	}
	h.at(noon.Add(time.Minute))
	h.fire(t)
	h.stands(t, first.ID, merchants.Closed)
	is("closed", h.register(t, in), "suspended_before")
	h.checkLog(t)
}

// Who was suspended by people comes back by two people, whatever it changes and however
// long it waits between; who is in its place by time alone, by one.
func TestSuspendedMerchantAmends(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.register(t, lake.of("s-1", merchants.CN, merchants.Company)).ID
	h.approve(t, id)
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Suspend, Reason: "fraud_suspected"})
	if v := h.stands(t, id, merchants.Suspended); v.Reason != "trust_doubted" {
		t.Errorf("it is told %q", v.Reason)
	}
	h.amends(t, id)
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Ask, Reason: "document_missing"})
	h.at(noon.AddDate(0, 0, 11))
	h.fire(t)
	if v := h.stands(t, id, merchants.Suspended); v.Reason != "lapse" {
		t.Errorf("it lapsed: %q", v.Reason)
	}
	h.confirms(t, id)
	h.review(t, rosa, id, broker.MerchantMove{Event: merchants.Take})
	h.opens(t, rosa, id)
	h.turnsDown(t, rosa, id, broker.MerchantMove{Event: merchants.Approve, Reason: "verified", Checks: h.looks()}, "second_needed")
	r := h.review(t, rosa, id, broker.MerchantMove{Event: merchants.Propose, Reason: "verified", Checks: h.looks()})
	if !r.Two || !slices.Equal(r.Because, []string{"suspended_before"}) || len(r.Duplicates) > 0 {
		t.Errorf("%v %+v", r.Because, r.Duplicates)
	}
	h.review(t, leo, id, broker.MerchantMove{Event: merchants.Approve, Hash: r.Hash})
	h.amends(t, id)
	h.approve(t, id)
	h.at(h.clock().AddDate(0, 6, 0))
	h.fire(t)
	h.at(h.clock().AddDate(0, 0, 11))
	h.fire(t)
	h.stands(t, id, merchants.Suspended)
	h.confirms(t, id)
	h.approve(t, id)
	h.stands(t, id, merchants.Active)
	h.checkLog(t)
}

// The other registrations with one number are counted, and the first of them shown: one
// more of them changes nothing of what was proposed.
func TestManyMerchantsWithOneNumber(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i := range 23 {
		h.register(t, lake.of(broker.PartyID(fmt.Sprintf("s-%d", i)), merchants.CN, merchants.Company))
	}
	id := h.register(t, lake.of("s-x", merchants.CN, merchants.Company)).ID
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
	r := h.review(t, rita, id, broker.MerchantMove{Event: merchants.Propose, Reason: "verified", Checks: looks})
	if len(r.Duplicates) != 20 || r.More != 3 {
		t.Errorf("%d and %d more", len(r.Duplicates), r.More)
	}
	h.register(t, lake.of("s-y", merchants.CN, merchants.Company))
	h.review(t, leo, id, broker.MerchantMove{Event: merchants.Approve, Hash: r.Hash})
	h.stands(t, id, merchants.Active)
}

// A document that comes after the proposal is not what was proposed.
func TestDocumentAfterProposal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.register(t, lake.of("s-1", merchants.CN, merchants.Company)).ID
	if err := h.SetFlags(t.Context(), market, "s-1", []broker.Flag{broker.AtRisk}); err != nil {
		t.Fatal(err)
	}
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
	r := h.review(t, rita, id, broker.MerchantMove{Event: merchants.Propose, Reason: "verified", Checks: looks})
	if _, _, err := h.StoreDocument(t.Context(), market, id, broker.DocumentInput{Kind: "licence", Media: "image/png", Original: []byte("a"), Shows: "image/png", Derivative: []byte("b")}, nil); err != nil {
		t.Fatal(err)
	}
	h.opens(t, leo, id)
	h.turnsDown(t, leo, id, broker.MerchantMove{Event: merchants.Approve, Hash: r.Hash}, "proposal_changed")
}
