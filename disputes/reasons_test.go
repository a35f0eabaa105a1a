package disputes_test

import (
	"slices"
	"testing"

	. "bauta.dev/bauta/disputes"
)

func TestChecklist(t *testing.T) {
	t.Parallel()
	items := []Item{
		{N: 1, By: Buyer, Type: PhotoItem, Standing: Submitted},
		{N: 2, By: Buyer, Type: PhotoPackaging, Standing: Late},
		{N: 3, By: Seller, Type: PhotoPackaging, Standing: Staged},
		{N: 4, By: Buyer, Type: PhotoItem, Standing: Late},
		{N: 5, By: Seller, Type: Correspondence, Standing: Staged}, // nothing asks for it
	}
	asked := []Point{{By: Seller, Type: Tracking}, {By: Seller, Type: Invoice, Required: true}}
	lines := Checklist(Damaged, asked, items)
	want := []struct {
		by       Side
		kind     EvidenceType
		required bool
		standing Standing
		items    []int
	}{
		{Buyer, PhotoItem, true, Submitted, []int{1, 4}},
		{Buyer, PhotoPackaging, true, Late, []int{2}},
		{Seller, PhotoPackaging, false, Staged, []int{3}},
		{Seller, Tracking, true, Missing, nil},
		{Seller, ExpertReport, false, Missing, nil},
		{Seller, Invoice, true, Missing, nil},
	}
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d", len(lines), len(want))
	}
	for i, w := range want {
		if l := lines[i]; l.By != w.by || l.Type != w.kind || l.Required != w.required || l.Standing != w.standing || !slices.Equal(l.Items, w.items) {
			t.Errorf("line %d: %+v, want %+v", i, l, w)
		}
	}
}

// Each reason is about something, asks for types that there are, and both for whom.
func TestReasons(t *testing.T) {
	t.Parallel()
	if len(Reasons()) != 8 {
		t.Errorf("%d reasons", len(Reasons()))
	}
	lines := []string{"pay", "ship", "deliver", "hand_over", "serve", "grant_access", "give_back", "return", "refund"}
	about := map[string]bool{}
	for _, r := range Reasons() {
		for _, l := range lines {
			about[l] = about[l] || r.About(l) && r != OtherReason
		}
		for _, p := range r.Points() {
			if !slices.Contains(EvidenceTypes(), p.Type) || p.By != Buyer && p.By != Seller {
				t.Errorf("%s asks for %v", r, p)
			}
		}
		if !slices.ContainsFunc(lines, r.About) {
			t.Errorf("%s is about nothing", r)
		}
	}
	for _, l := range lines {
		if !about[l] {
			t.Errorf("no reason but other is about %s", l)
		}
	}
	if NotPaid.About("deliver") || NotReceived.About("pay") || Reason("").About("pay") {
		t.Error("a reason is about what it is not")
	}
}

func TestOffers(t *testing.T) {
	t.Parallel()
	all := MakeOffer(nil, Seller, OfferPart, 1000)
	all = MakeOffer(all, Buyer, OfferRefund, 5000)
	all = MakeOffer(all, Seller, OfferPart, 2000)
	stand := func(all []TheOffer) (s []OfferState) {
		for _, o := range all {
			s = append(s, o.State)
		}
		return s
	}
	if got := stand(all); !slices.Equal(got, []OfferState{OfferFollowed, OfferStands, OfferStands}) || all[2].N != 3 {
		t.Errorf("%v", got)
	}
	if got := stand(EndOffers(all, 3)); !slices.Equal(got, []OfferState{OfferFollowed, OfferOverByCase, OfferAccepted}) {
		t.Errorf("%v", got)
	}
	if got := stand(all); got[1] != OfferStands {
		t.Error("ending offers changed those before")
	}
}

func TestLoser(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		opener, side Side
		outcome      Outcome
		amount       int64
		lost         bool
	}{
		{Buyer, Buyer, Refund, 100, false},
		{Buyer, Seller, Refund, 100, true},
		{Buyer, Buyer, PartRefund, 40, true},
		{Buyer, Seller, PartRefund, 40, true},
		{Buyer, Buyer, ReleaseIt, 0, true},
		{Buyer, Seller, ReleaseIt, 0, false},
		{Buyer, Buyer, Nothing, 0, true},
		{Buyer, Seller, Nothing, 0, false},
		{Seller, Seller, ReleaseIt, 0, false},
		{Seller, Buyer, ReleaseIt, 0, true},
		{Seller, Seller, Nothing, 0, true},
		{Seller, Buyer, Nothing, 0, false},
		{Seller, Seller, Refund, 100, true},
		{Seller, Buyer, Refund, 100, false},
	} {
		if got := Loser(x.opener, x.side, x.outcome, x.amount, 100); got != x.lost {
			t.Errorf("%+v: %v", x, got)
		}
	}
}
