package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

var american = values{
	"/legal_name": "Blue Lake Trading LLC", "/contact/email": "shop@lake.example.com", "/contact/phone": "+12125550123", "/tax/0/kind": "ein", "/tax/0/number": "12-3456789", "/tax/0/country": "US",
	"/address/street": "1 Lake Street", "/address/city": "Albany", "/address/region": "NY", "/address/postal_code": "12207", "/address/country": "US",
	"/payout/account": "000123456789", "/representative/name": "Wanda Lake",
}

// sells has the merchant s-1 sell so often, each time for more than a hundred dollars.
func (h *house) sells(tb testing.TB, often int) {
	tb.Helper()
	for i := range often {
		_, _, err := h.PutTransaction(tb.Context(), market, broker.TransactionID(fmt.Sprintf("u-%d", i)), broker.TransactionInput{Transaction: broker.Transaction{
			Kind: necessity.ShippedGoods, Buyer: "b-1", Seller: "s-1", Currency: "USD", Amount: 100_50, Items: 1,
			CreatedAt: noon.Add(-time.Hour), Payment: broker.Prepaid, Handover: broker.Post, Rental: broker.Stay,
		}})
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// Over the threshold of its law, a merchant is told, and shows more once people have
// looked at it again.
func TestMerchantOverThreshold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.order(t, "t-0")
	id := h.register(t, american.of("s-1", merchants.US, merchants.Company, "accurate")).ID
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
	r, err := h.Review(t.Context(), rita, id)
	if err != nil {
		t.Fatal(err)
	}
	approve := broker.MerchantMove{Event: merchants.Approve, Reason: "verified", Checks: looks}
	if r.Two {
		t.Fatal(r.Because)
	}
	h.review(t, rita, id, approve)
	if shown := h.shown(t, id); shown["/legal_name"] != "" {
		t.Error(shown)
	}
	h.sells(t, 200)
	patch := broker.MerchantPatch{Values: values{"/trade_name": "Green Lake"}.texts()}
	if v, _, err := h.AmendMerchant(t.Context(), market, id, patch, nil); err != nil || v.State != merchants.InReview || !v.Deadline.Equal(noon.AddDate(1, 0, 0)) {
		t.Errorf("%+v, %v", v, err) // and an amendment stops neither the counting nor the year
	}
	h.at(noon.Add(25 * time.Hour))
	h.fire(t)
	if v := h.stands(t, id, merchants.ThresholdDue); !v.Deadline.Equal(h.clock().AddDate(0, 0, 10)) {
		t.Errorf("%+v", v)
	}
	if _, _, err := h.SubmitMerchant(t.Context(), market, id, nil); err != nil {
		t.Fatal(err)
	}
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
	approve.Checks = h.looks()
	h.review(t, rita, id, approve)
	if shown := h.shown(t, id); shown["/legal_name"] != "Blue Lake Trading LLC" {
		t.Error(shown)
	}
	h.fire(t)
	h.stands(t, id, merchants.Active)
	h.at(noon.AddDate(1, 0, 0)) // in March of next year the last of it was sold in the thirteenth month before
	h.fire(t)
	if shown := h.shown(t, id); shown["/legal_name"] != "" {
		t.Errorf("it sells nothing any more, and %v is public", shown)
	}
	h.checkLog(t)
}

// What is due by law is due whatever the merchant and the staff do meanwhile: it amends,
// is asked, one person proposes, or it closes. By the day it is not public any more.
func TestNothingStopsDeadlines(t *testing.T) {
	t.Parallel()
	half := noon.AddDate(0, 6, 0)
	ask := broker.MerchantMove{Event: merchants.Ask, Reason: "number_differs"}
	for _, test := range []struct {
		name   string
		before func(*house, broker.MerchantID) // the reverification is due
		state  states.State                    // where it then stands
		after  func(*house, broker.MerchantID) // it is
		ends   states.State                    // 20 days later
	}{
		{
			"an amendment", func(h *house, id broker.MerchantID) { h.amends(t, id) }, merchants.ReverifyDue,
			func(h *house, id broker.MerchantID) { h.amends(t, id); h.amends(t, id) }, merchants.Suspended,
		},
		{"nothing that it confirms", func(h *house, id broker.MerchantID) { h.amends(t, id) }, merchants.ReverifyDue, func(*house, broker.MerchantID) {}, merchants.Suspended},
		{
			"a question", func(h *house, id broker.MerchantID) {
				h.amends(t, id)
				h.at(half.AddDate(0, 0, -1))
				h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
				h.review(t, rita, id, ask)
			}, merchants.ReverifyDue,
			func(h *house, id broker.MerchantID) {
				h.confirms(t, id)
				h.at(half.AddDate(0, 0, 9))
				h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
				h.review(t, rita, id, ask)
				h.at(half.AddDate(0, 0, 11))
				h.stands(t, id, merchants.Suspended)
			}, merchants.Suspended,
		},
		{
			"a proposal", func(h *house, id broker.MerchantID) {
				if err := h.SetFlags(t.Context(), market, "s-1", []broker.Flag{broker.AtRisk}); err != nil {
					t.Fatal(err)
				}
				h.fire(t)
				h.byTwo(t, id)
				h.at(noon.AddDate(0, 5, 0))
				h.amends(t, id)
				h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
				h.review(t, rita, id, broker.MerchantMove{Event: merchants.Propose, Reason: "verified", Checks: h.looks()})
			}, merchants.ReverifyDue,
			func(h *house, id broker.MerchantID) {
				h.confirms(t, id)
				h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
				h.review(t, rita, id, broker.MerchantMove{Event: merchants.Propose, Reason: "verified", Checks: h.looks()})
			}, merchants.Suspended,
		},
		{
			"closing", func(h *house, id broker.MerchantID) {
				h.at(half.AddDate(0, 0, -1))
				h.closes(t, id)
			}, merchants.Closing, func(*house, broker.MerchantID) {}, merchants.Closing,
		},
		{"closing when it is due", func(*house, broker.MerchantID) {}, merchants.ReverifyDue, func(h *house, id broker.MerchantID) { h.closes(t, id) }, merchants.Closing},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			id := h.register(t, lake.of("s-1", merchants.CN, merchants.Company)).ID
			h.approve(t, id)
			test.before(h, id)
			h.at(half)
			h.fire(t)
			if h.stands(t, id, test.state); h.shown(t, id) == nil {
				t.Error("it is due, and already not public")
			}
			test.after(h, id)
			h.at(half.AddDate(0, 0, 20))
			if h.stands(t, id, test.ends); h.shown(t, id) != nil {
				t.Error("nobody has verified it, and it is public")
			}
			h.fire(t)
			if h.stands(t, id, test.ends); h.shown(t, id) != nil {
				t.Error("that was written down, and it is public")
			}
			h.checkLog(t)
		})
	}
}

func (h *house) amends(tb testing.TB, id broker.MerchantID) {
	tb.Helper()
	patch := broker.MerchantPatch{Values: values{"/trade_name": "Lake " + h.clock().Format(time.RFC3339)}.texts()}
	if _, _, err := h.AmendMerchant(tb.Context(), market, id, patch, nil); err != nil {
		tb.Fatal(err)
	}
}

func (h *house) confirms(tb testing.TB, id broker.MerchantID) {
	tb.Helper()
	if _, _, err := h.SubmitMerchant(tb.Context(), market, id, nil); err != nil {
		tb.Fatal(err)
	}
}

func (h *house) closes(tb testing.TB, id broker.MerchantID) {
	tb.Helper()
	if _, _, err := h.CloseMerchant(tb.Context(), market, id, broker.MerchantMove{Reason: "trade_ended"}, nil); err != nil {
		tb.Fatal(err)
	}
}

// What waits to be looked at still waits after a suspension: the merchant is public as it
// was approved, and a person goes on with the rest. One that closes can be suspended.
func TestReinstatedWithAmendment(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.register(t, lake.of("s-1", merchants.CN, merchants.Company)).ID
	h.approve(t, id)
	h.amends(t, id)
	suspend := broker.MerchantMove{Event: merchants.Suspend, Reason: "data_false", Note: masking.NewText("the licence is of somebody else")}
	h.review(t, rita, id, suspend)
	h.review(t, rosa, id, broker.MerchantMove{Event: merchants.Reinstate, Reason: "cured"})
	if v := h.stands(t, id, merchants.InReview); v.Version != 2 || v.Published != 1 || !v.Deadline.Equal(noon.AddDate(0, 6, 0)) || h.shown(t, id)["/trade_name"] != "Blue Lake" {
		t.Errorf("%+v", v)
	}
	h.approve(t, id)
	if v := h.stands(t, id, merchants.Active); v.Published != 2 {
		t.Errorf("%+v", v)
	}
	h.closes(t, id)
	h.review(t, rita, id, suspend)
	if h.stands(t, id, merchants.Suspended); h.shown(t, id) != nil {
		t.Error("it was suspended while it closed, and is public")
	}
	h.closes(t, id)
	h.checkLog(t)
}
