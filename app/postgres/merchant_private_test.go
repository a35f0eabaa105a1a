package postgres_test

import (
	"maps"
	"slices"
	"testing"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
)

// atHome says that the address is a home.
func atHome(is bool) broker.MerchantPatch { return broker.MerchantPatch{Residential: &is} }

func certified(all ...string) broker.MerchantPatch { return broker.MerchantPatch{Certifications: &all} }

func (h *house) amend(tb testing.TB, id broker.MerchantID, p broker.MerchantPatch) broker.MerchantView {
	tb.Helper()
	v, _, err := h.AmendMerchant(tb.Context(), market, id, p, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// less are fields without some.
func less(fields map[merchants.Pointer]string, without ...merchants.Pointer) map[merchants.Pointer]string {
	rest := maps.Clone(fields)
	for _, at := range without {
		delete(rest, at)
	}
	return rest
}

// trades is a sole trader whose home is public, for nobody has said that it is one.
func (h *house) trades(tb testing.TB) (broker.MerchantID, map[merchants.Pointer]string) {
	tb.Helper()
	with := trader.but(values{"/address/region": "Berlin", "/trade_name": "Lake", "/lei": "5493001KJTIIGC8Y1R12"})
	id := h.register(tb, with.of("s-1", merchants.EU, merchants.SoleTrader, "lawful_goods", "publish_identifiers")).ID
	h.approve(tb, id)
	shown := h.shown(tb, id)
	if shown["/address/street"] == "" || shown["/lei"] == "" {
		tb.Fatal(shown)
	}
	return id, shown
}

var address = []merchants.Pointer{"/address/street", "/address/city", "/address/region", "/address/postal_code", "/address/country"}

// What a merchant makes private is not public from that commit on, whatever becomes of
// the version that says so: while it waits, when it is asked, when time ends it, when it
// is rejected. The values stay those that were approved.
func TestMerchantHidesAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, shown := h.trades(t)
	before, err := h.PublicMerchant(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	want := less(shown, address...)
	holds := func(when string, s states.State) {
		t.Helper()
		if got := h.shown(t, id); !maps.Equal(got, want) {
			t.Errorf("%s: %v is public", when, got)
		}
		v := h.stands(t, id, s)
		if v.Published != 1 || !slices.Contains(v.Hidden, "/address/street") || len(v.Hidden) != len(shown)-len(want) {
			t.Errorf("%s: %+v", when, v.Hidden)
		}
		for _, o := range v.Fields {
			if o.Pointer == "/address/street" && o.Visibility != merchants.Private {
				t.Errorf("%s: the merchant is told that its street is %s", when, o.Visibility)
			}
		}
	}
	name := atHome(true)
	name.Values = values{"/trade_name": "Sea"}.texts()
	h.amend(t, id, name)
	holds("it waits", merchants.InReview)
	if after, err := h.PublicMerchant(t.Context(), id); err != nil || after == before || after.Version != 1 || after.UpdatedAt.Before(before.UpdatedAt) {
		t.Errorf("%+v, %v", after, err)
	}
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Ask, Reason: "address_differs"})
	holds("it is asked", merchants.NeedsInfo)
	h.at(h.clock().AddDate(0, 0, 11))
	holds("time has ended it", merchants.Active)
	h.fire(t)
	holds("that is written down", merchants.Active)

	h.amend(t, id, certified("lawful_goods"))
	want = less(want, "/lei")
	holds("it takes back what it asked to be shown", merchants.InReview)
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Reject, Reason: "not_verified"})
	holds("that is rejected", merchants.Active)
	if _, _, err := h.CloseMerchant(t.Context(), market, id, broker.MerchantMove{Reason: "moved"}, nil); err != nil {
		t.Fatal(err)
	}
	holds("it closes", merchants.Closing)
	h.checkLog(t)
}

// Only the approval of a version that says otherwise shows again what was hidden: not
// that version while it waits, not a change of something else, not an approval of what
// was given before.
func TestHiddenUntilApproved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, shown := h.trades(t)
	rejects := func() {
		t.Helper()
		h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
		h.review(t, rita, id, broker.MerchantMove{Event: merchants.Reject, Reason: "not_verified"})
	}
	hidden := func(when string, want map[merchants.Pointer]string) {
		t.Helper()
		if got := h.shown(t, id); !maps.Equal(got, want) {
			t.Errorf("%s: %v is public", when, got)
		}
	}
	want := less(shown, address...)
	h.amend(t, id, atHome(true))
	rejects()
	if v, err := h.OpenOwn(t.Context(), market, id); err != nil || !v.Residential {
		t.Errorf("the form begins with residential %t, %v", v.Residential, err)
	}
	if v := h.amend(t, id, broker.MerchantPatch{}); v.State != merchants.Active || v.Version != 1 {
		t.Errorf("nothing is changed, and it is %+v", v)
	}
	h.amend(t, id, atHome(false))
	hidden("it says otherwise, and waits", want)
	rejects()
	h.amend(t, id, atHome(true))
	rejects()
	h.amend(t, id, broker.MerchantPatch{Values: values{"/trade_name": "Sea"}.texts()})
	h.byTwo(t, id)
	want["/trade_name"] = "Sea"
	hidden("something else is approved", want)
	h.amend(t, id, atHome(false))
	hidden("it has moved, and waits", want)
	h.approve(t, id)
	shown["/trade_name"] = "Sea"
	hidden("that is approved", shown)
	if v := h.stands(t, id, merchants.Active); v.Hidden != nil || v.Published != v.Version {
		t.Errorf("%+v", v)
	}
	h.checkLog(t)
}

// A version from before it was hidden can be approved anew, and shows none of it.
func TestOlderApprovalShowsNothingHidden(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, shown := h.trades(t)
	h.amend(t, id, atHome(true))
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Reject, Reason: "not_verified"})
	if err := h.SetFlags(t.Context(), market, "s-1", []broker.Flag{broker.AtRisk}); err != nil {
		t.Fatal(err)
	}
	h.fire(t)
	h.byTwo(t, id)
	if err := h.SetFlags(t.Context(), market, "s-1", nil); err != nil {
		t.Fatal(err)
	}
	if got, want := h.shown(t, id), less(shown, address...); !maps.Equal(got, want) {
		t.Errorf("%v is public", got)
	}
	h.checkLog(t)
}
