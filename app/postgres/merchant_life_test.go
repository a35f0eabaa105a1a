package postgres_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// Suspension, closing and exclusion end the profile at once, however fresh it is in
// memory; what closes says so until its notice is over.
func TestMerchantIsUnpublishedAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.register(t, lake.of("s-1", merchants.CN, merchants.Company)).ID
	h.approve(t, id)
	is := func(what string, want bool) {
		t.Helper()
		if got := h.shown(t, id) != nil; got != want {
			t.Errorf("%s: public is %t", what, got)
		}
	}
	is("approved", true)
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Suspend, Reason: "data_false", Note: masking.NewText("the licence is of somebody else")})
	is("suspended", false)
	h.review(t, rosa, id, broker.MerchantMove{Event: merchants.Reinstate, Reason: "cured"})
	is("reinstated", true)
	if _, err := h.Exclude(t.Context(), market, "s-1", broker.ExclusionInput{Reason: "passed_on"}); err != nil {
		t.Fatal(err)
	}
	is("excluded", false)
	h.checkLog(t)
}

// A merchant closes after the public notice of its law, and not while it owes
// anything from a transaction.
func TestMerchantClosesWhenItIsSettled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.order(t, "t-1")
	id := h.register(t, lake.of("s-1", merchants.CN, merchants.Company)).ID
	h.approve(t, id)
	if v, _, err := h.CloseMerchant(t.Context(), market, id, broker.MerchantMove{Reason: "trade_ended"}, nil); err != nil || v.State != merchants.Closing {
		t.Fatal(v.State, err)
	}
	m, err := h.PublicMerchant(t.Context(), id)
	if err != nil || !m.Closing || !m.ClosesAt.Equal(noon.AddDate(0, 0, 30)) {
		t.Errorf("%+v, %v", m, err)
	}
	h.at(noon.AddDate(0, 0, 31))
	h.fire(t)
	h.stands(t, id, merchants.Closing)
	if _, _, err := h.Cancel(t.Context(), market, "t-1", broker.CloseInput{Reason: "other"}, nil); err != nil {
		t.Fatal(err)
	}
	h.at(noon.AddDate(0, 0, 33))
	h.fire(t)
	h.stands(t, id, merchants.Closed)
	if h.shown(t, id) != nil {
		t.Error("it is closed, and public")
	}
	h.checkLog(t)
}

// A deadline that has passed counts from then on, before anybody has written that
// down; the timer writes it down.
func TestMerchantDeadlines(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.register(t, lake.of("s-1", merchants.CN, merchants.Company)).ID
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Ask, Reason: "document_missing"})
	if v := h.stands(t, id, merchants.NeedsInfo); v.Question != "document_missing" || !v.Deadline.Equal(noon.AddDate(0, 0, 10)) {
		t.Errorf("%+v", v)
	}
	if _, _, err := h.AnswerMerchant(t.Context(), market, id, broker.MerchantPatch{}, masking.NewText("it is attached"), nil); err != nil {
		t.Fatal(err)
	}
	opened, _, err := h.LookAtMerchant(t.Context(), rita, id, looking, nil)
	if err != nil || len(opened.Notes) != 1 || opened.Notes[0].Text.Reveal() != "it is attached" || opened.Notes[0].Event != merchants.Answer {
		t.Errorf("%v, %v", opened.Notes, err)
	}
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Approve, Reason: "verified", Checks: looks})
	half := noon.AddDate(0, 6, 0)
	h.at(half)
	h.stands(t, id, merchants.ReverifyDue)
	h.fire(t)
	if v := h.stands(t, id, merchants.ReverifyDue); !v.Deadline.Equal(half.AddDate(0, 0, 10)) || h.shown(t, id) == nil {
		t.Errorf("%+v", v)
	}
	h.at(half.AddDate(0, 0, 10))
	h.stands(t, id, merchants.Suspended)
	if h.shown(t, id) != nil {
		t.Error("nobody has verified it again, and it is public")
	}
	h.turnsDown(t, rosa, id, broker.MerchantMove{Event: merchants.Reinstate, Reason: "cured"}, "not_cured")
	if v, _, err := h.SubmitMerchant(t.Context(), market, id, nil); err != nil || v.State != merchants.InReview || v.Version != 2 {
		t.Fatal(v, err)
	}
	h.fire(t)
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Approve, Reason: "verified", Checks: h.looks()})
	if h.shown(t, id) == nil {
		t.Error("it is verified again, and not public")
	}
	h.checkLog(t)
}

// What was decided is appealed once, and another reviewer decides.
func TestMerchantAppeals(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.register(t, lake.of("s-1", merchants.CN, merchants.Company)).ID
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Reject, Reason: "number_not_found"})
	appeal := broker.MerchantMove{Reason: "mistake", Note: masking.NewText("the number is in the register")}
	if v, _, err := h.AppealMerchant(t.Context(), market, id, appeal, nil); err != nil || v.State != merchants.Appealed {
		t.Fatal(v, err)
	}
	h.turnsDown(t, rita, id, broker.MerchantMove{Event: merchants.Take}, "decided_before")
	h.turnsDown(t, broker.Staff{Account: "acc_ron", Role: "merchant_reviewer", Makers: []string{"acc_rita"}}, id, broker.MerchantMove{Event: merchants.Take}, "not_independent")
	h.review(t, rosa, id, broker.MerchantMove{Event: merchants.Take})
	h.review(t, rosa, id, broker.MerchantMove{Event: merchants.Uphold, Reason: "number_not_found"})
	if _, _, err := h.AppealMerchant(t.Context(), market, id, appeal, nil); !errors.Is(err, broker.ErrAppealedBefore) {
		t.Error(err)
	}
	h.checkLog(t)
}

// A draft may lack what is required, and has nothing that cannot be; handed in, it is
// a registration like any other. A retry is told the first outcome.
func TestMerchantDraft(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	once := h.NewOutcome(market, "draft", "k-1", []byte("body"))
	half := lake.but(values{"/address/street": ""})
	v, _, err := h.SaveMerchant(t.Context(), market, "", half.of("", merchants.CN, merchants.Company), once)
	if err != nil || v.State != merchants.Draft || v.Party != broker.PartyID(v.ID) || !broker.IsMerchantID(string(v.ID)) {
		t.Fatal(v, err)
	}
	if again, replayed, err := h.SaveMerchant(t.Context(), market, "", half.of("", merchants.CN, merchants.Company), once); err != nil || !replayed || again.ID != v.ID || again.Place.Index != v.Place.Index {
		t.Error(again, replayed, err)
	}
	if _, _, err := h.SaveMerchant(t.Context(), market, v.ID, half.but(values{"/trade_name": "11010119900307002X"}).of("", merchants.CN, merchants.Company), nil); fault.Of(err).Code != "personal_id_in_public_field" {
		t.Error(err)
	}
	if _, _, err := h.SubmitMerchant(t.Context(), market, v.ID, nil); len(fault.Of(err).Fields) != 1 || fault.Of(err).Fields[0].Pointer != "/address/street" {
		t.Error(err, fault.Of(err).Fields)
	}
	opened, err := h.OpenOwn(t.Context(), market, v.ID)
	if err != nil || opened.Values["/trade_name"].Reveal() != "Blue Lake" || opened.Place.Size == 0 {
		t.Error(opened.Place, err)
	}
	if _, _, err := h.SaveMerchant(t.Context(), market, v.ID, lake.of("", merchants.CN, merchants.Company), nil); err != nil {
		t.Fatal(err)
	}
	if v, _, err = h.SubmitMerchant(t.Context(), market, v.ID, nil); err != nil || v.State != merchants.InReview {
		t.Fatal(v, err)
	}
	if opened, err = h.OpenOwn(t.Context(), market, v.ID); err != nil || opened.Version != v.Version {
		t.Error("it can be changed", err)
	}
	if _, _, err := h.CloseMerchant(t.Context(), market, v.ID, broker.MerchantMove{Reason: "other"}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := h.OpenOwn(t.Context(), market, v.ID); !errors.Is(err, broker.ErrNotFound) {
		t.Error("it can be changed no more", err)
	}
	h.checkLog(t)
}

// What a merchant has given is opened for who works on it, and each opening is an
// entry before it is one.
func TestMerchantIsOpenedWithEntries(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	id := h.register(t, lake.of("s-1", merchants.CN, merchants.Company)).ID
	scan, stripped := bytes.Repeat([]byte("scan with a position "), 1<<16), []byte("\x89PNG picture alone")
	d, _, err := h.StoreDocument(ctx, market, id, broker.DocumentInput{Kind: "licence", Media: "image/jpeg", Original: scan, Shows: "image/png", Derivative: stripped}, h.NewOutcome(market, "document", "1", nil))
	if original := sha256.Sum256(scan); err != nil || d.N != 1 || !bytes.Equal(d.Original, original[:]) {
		t.Fatal(d, err)
	}
	if _, err := h.OpenDocument(ctx, rita, id, 1); !errors.Is(err, broker.ErrNotTaken) {
		t.Error(err)
	}
	if _, _, err := h.LookAtMerchant(ctx, rita, id, looking, nil); !errors.Is(err, broker.ErrNotTaken) {
		t.Error(err)
	}
	h.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
	size := h.store.Stats().Size
	opened, err := h.OpenDocument(ctx, rita, id, 1)
	if err != nil || !bytes.Equal(opened.Content, stripped) || opened.Place.Index != size {
		t.Errorf("%d bytes, entry %d, want %d: %v", len(opened.Content), opened.Place.Index, size, err)
	}
	for _, c := range []struct {
		in   broker.MerchantLook
		code string
	}{
		{broker.MerchantLook{}, "unknown_purpose"},
		{broker.MerchantLook{Purpose: "decide_case", Reason: looking.Reason}, "unknown_purpose"},
		{broker.MerchantLook{Purpose: looking.Purpose, Reason: "curiosity"}, "unknown_reason"},
		{broker.MerchantLook{Purpose: "decide_appeal", Reason: looking.Reason}, "purpose_mismatch"},
	} {
		if _, _, err := h.LookAtMerchant(ctx, rita, id, c.in, nil); err == nil || fault.Of(err).Code != c.code || h.store.Stats().Size != size+1 {
			t.Errorf("%v: %v, want %s and no entry", c.in, err, c.code)
		}
	}
	once := h.NewOutcome(broker.Caller{Key: rita.Account}, "look", "1", nil)
	v, _, err := h.LookAtMerchant(ctx, rita, id, looking, once)
	if err != nil || v.Values["/payout/iban"].Reveal() != "DE89370400440532013000" || v.Place.Index != size+1 {
		t.Errorf("entry %d: %v", v.Place.Index, err)
	}
	if again, replayed, err := h.LookAtMerchant(ctx, rita, id, looking, once); err != nil || !replayed || again.Place.Index != size+1 || h.store.Stats().Size != size+2 {
		t.Errorf("entry %d: %v", again.Place.Index, err)
	}
	if _, _, err := h.LookAtMerchant(ctx, hanna, id, looking, nil); !errors.Is(err, broker.ErrRole) {
		t.Error(err)
	}
	r, err := h.Review(ctx, broker.Staff{Account: "acc_ada", Role: "auditor"}, id)
	if err != nil || len(r.History) != 5 || r.History[4].Type != ledger.MerchantViewed || r.History[4].Account != rita.Account || r.History[4].Purpose != looking.Purpose || r.History[4].Reason != looking.Reason || len(r.Allowed) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	h.checkLog(t)
}

// Of two that come with one number at the same moment, one is found by the other; and
// neither is told.
func TestMerchantsWithOneNumberAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var all sync.WaitGroup
	const many = 8
	for i := range many {
		all.Go(func() {
			in := lake.of(broker.PartyID(fmt.Sprintf("s-%d", i)), merchants.CN, merchants.Company)
			_, _, err := h.RegisterMerchant(t.Context(), market, in, nil)
			for errors.Is(err, broker.ErrConflict) {
				_, _, err = h.RegisterMerchant(t.Context(), market, in, nil)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	queue, _, err := h.Reviews(t.Context(), rita, broker.ReviewFilter{Limit: many + 1})
	found := 0
	for i := range queue {
		if slices.Contains(queue[i].Because, "duplicate") {
			found++
		}
	}
	if err != nil || found != many-1 {
		t.Errorf("%d of %d found another: %v", found, len(queue), err)
	}
}

// No row of a registration holds in clear what was given.
func TestMerchantRowsHoldNoValue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := adversaryOf(t, h)
	id := h.register(t, lake.of("s-1", merchants.CN, merchants.Company)).ID
	h.approve(t, id)
	if _, _, err := h.StoreDocument(t.Context(), market, id, broker.DocumentInput{Kind: "licence", Media: "image/jpeg", Original: []byte("蓝湖 scan"), Shows: "image/png", Derivative: []byte("蓝湖 picture")}, nil); err != nil {
		t.Fatal(err)
	}
	for _, table := range a.tables(t) {
		for _, row := range a.list(t, `SELECT convert_from(decode(encode(convert_to(cast(x AS text), 'UTF8'), 'hex'), 'hex'), 'UTF8') || coalesce(encode(convert_to(cast(x AS text), 'UTF8'), 'escape'), '') FROM `+table+` x`) {
			for at, v := range lake {
				for _, form := range []string{v, fmt.Sprintf("%x", v)} {
					if len(v) > 3 && strings.Contains(row[0], form) {
						t.Errorf("%s is in clear in %s", at, table)
					}
				}
			}
		}
	}
}
