package postgres_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// Who was rejected comes back by two people, whatever it changes: until it is public.
func TestRejectedMerchantAmends(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.register(t, lake.of("s-1", merchants.CN, merchants.Company)).ID
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Reject, Reason: "fraud_suspected"})
	h.amends(t, id)
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
	h.opens(t, rita, id)
	h.turnsDown(t, rita, id, broker.MerchantMove{Event: merchants.Approve, Reason: "verified", Checks: h.looks()}, "second_needed")
	r := h.review(t, rita, id, broker.MerchantMove{Event: merchants.Propose, Reason: "verified", Checks: h.looks()})
	if !slices.Equal(r.Because, []string{"rejected_before"}) {
		t.Errorf("%v", r.Because)
	}
	h.review(t, leo, id, broker.MerchantMove{Event: merchants.Approve, Hash: r.Hash})
	h.at(noon.Add(time.Minute))
	h.amends(t, id)
	h.approve(t, id)
	h.checkLog(t)
}

// A suspension for suspected fraud that one person takes back is looked at anew, and
// nothing is public before a second one has approved it; any other is over at once.
func TestSuspectedMerchantIsReinstated(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.register(t, lake.of("s-1", merchants.CN, merchants.Company)).ID
	h.approve(t, id)
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Suspend, Reason: "data_false"})
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Reinstate, Reason: "mistake"})
	h.stands(t, id, merchants.Active)
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Suspend, Reason: "fraud_suspected"})
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Reinstate, Reason: "mistake"})
	if v := h.stands(t, id, merchants.InReview); v.Published != 0 || h.shown(t, id) != nil {
		t.Errorf("it is public: %+v", v)
	}
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
	h.opens(t, rita, id)
	h.turnsDown(t, rita, id, broker.MerchantMove{Event: merchants.Approve, Reason: "verified", Checks: h.looks()}, "second_needed")
	r := h.review(t, rita, id, broker.MerchantMove{Event: merchants.Propose, Reason: "verified", Checks: h.looks()})
	h.review(t, leo, id, broker.MerchantMove{Event: merchants.Approve, Hash: r.Hash})
	if h.stands(t, id, merchants.Active); h.shown(t, id) == nil {
		t.Error("it is not public")
	}
	h.checkLog(t)
}

// What staff do among themselves shows to no merchant: in its export and its times, one
// that two people have approved is what one that one person has approved is.
func TestSecondPersonShowsToNoMerchant(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	one := h.register(t, lake.of("s-1", merchants.CN, merchants.Company)).ID
	h.at(noon.Add(time.Minute))
	h.approve(t, one)
	two := h.register(t, lake.but(values{"/legal_name": "杭州绿湖贸易有限公司"}).of("s-2", merchants.CN, merchants.Company)).ID
	h.review(t, rita, two, broker.MerchantMove{Event: merchants.Take})
	given := h.stands(t, two, merchants.InReview).UpdatedAt
	h.at(noon.Add(2 * time.Minute))
	r := h.review(t, rita, two, broker.MerchantMove{Event: merchants.Propose, Reason: "verified", Checks: h.looks()})
	if v := h.stands(t, two, merchants.InReview); !v.UpdatedAt.Equal(given) {
		t.Errorf("its time says that something was proposed: %v", v.UpdatedAt)
	}
	h.review(t, leo, two, broker.MerchantMove{Event: merchants.SendBack, Reason: "mistake"})
	r = h.review(t, rita, two, broker.MerchantMove{Event: merchants.Propose, Reason: "verified", Checks: h.looks()})
	h.review(t, leo, two, broker.MerchantMove{Event: merchants.Approve, Hash: r.Hash})
	events := func(of broker.PartyID) (all []string) {
		x, err := h.Export(t.Context(), broker.OnPage(of), of)
		if err != nil || len(x.Merchants) != 1 {
			t.Fatalf("%d registrations, %v", len(x.Merchants), err)
		}
		for _, e := range x.Merchants[0].Events {
			all = append(all, strings.Join([]string{e.What, string(e.State), string(e.By), e.Role, e.Reason}, " "))
		}
		return slices.Compact(all) // how often each was opened says nothing
	}
	if a, b := events("s-1"), events("s-2"); !slices.Equal(a, b) || len(a) != 3 {
		t.Errorf("%q\n%q", a, b)
	}
	f, err := h.store.MerchantByID(t.Context(), two)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := h.store.MerchantEntries(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if m := e.Statement.Members; m.String("told") != "" && m.String("event") != "approve" {
			t.Errorf("%s tells %s", m.String("event"), m.String("told"))
		}
	}
}

// Why it was decided against a merchant, it reads in the words of who has; nothing else
// that staff have written, and nothing that was decided otherwise since.
func TestReasonsAreTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	says := func(e states.Event, reason, note string) broker.MerchantMove {
		return broker.MerchantMove{Event: e, Reason: reason, Note: masking.NewText(note), Checks: h.looks()}
	}
	id := h.register(t, lake.of("s-1", merchants.CN, merchants.Company)).ID
	told := func(what, want string) {
		t.Helper()
		if v, err := h.Merchant(t.Context(), id); err != nil || v.Reasons.Reveal() != want || !v.Asks.IsZero() {
			t.Errorf("%s: it reads %q and %q, %v", what, v.Reasons.Reveal(), v.Asks.Reveal(), err)
		}
		if r, err := h.Review(t.Context(), rita, id); err != nil || !r.Reasons.IsZero() {
			t.Errorf("%s: staff read it without an entry, %v", what, err)
		}
	}
	h.review(t, rita, id, says(merchants.Take, "", "for colleagues"))
	h.review(t, rita, id, says(merchants.Approve, "verified", "for colleagues"))
	told("approved", "")
	h.review(t, rita, id, says(merchants.Suspend, "other", "Your address is not where you say it is."))
	told("suspended", "Your address is not where you say it is.")
	if _, _, err := h.AppealMerchant(t.Context(), market, id, says(merchants.Appeal, "unfair", "It is."), nil); err != nil {
		t.Fatal(err)
	}
	told("appealed", "Your address is not where you say it is.")
	h.review(t, rosa, id, broker.MerchantMove{Event: merchants.Take})
	h.review(t, rosa, id, says(merchants.Uphold, "not_verified", "Nobody lives there."))
	told("upheld", "Nobody lives there.")
	h.review(t, rosa, id, says(merchants.Reinstate, "mistake", "for colleagues"))
	told("reinstated", "")
	h.turnsDown(t, rosa, id, broker.MerchantMove{Event: merchants.Suspend, Reason: "other"}, "note_needed")
	h.review(t, rosa, id, broker.MerchantMove{Event: merchants.Suspend, Reason: "data_false"})
	told("without words", "")
	h.checkLog(t)
}
