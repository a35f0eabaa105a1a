package postgres_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// values are what a merchant gives, by their pointers.
type values map[merchants.Pointer]string

func (v values) but(with values) values {
	all := maps.Clone(v)
	maps.Copy(all, with)
	return all
}

func (v values) of(party broker.PartyID, j merchants.Jurisdiction, t merchants.Type, certifications ...string) broker.MerchantInput {
	in := broker.MerchantInput{Party: party, Registration: merchants.Registration{Jurisdiction: j, Type: t, Values: v.texts(), Certifications: certifications}}
	return in
}

func (v values) texts() map[merchants.Pointer]masking.Text {
	all := map[merchants.Pointer]masking.Text{}
	for at, s := range v {
		if s != "" {
			all[at] = masking.NewText(s)
		}
	}
	return all
}

var lake = values{
	"/legal_name": "杭州蓝湖贸易有限公司", "/trade_name": "Blue Lake", "/registration/kind": "uscc", "/registration/number": "91330100MA00000740",
	"/representative/name": "王小明", "/representative/id/kind": "ric", "/representative/id/number": "11010119900307002X",
	"/contact/email": "shop@lake.example.com", "/contact/phone": "+8657188880000",
	"/address/street": "文三路 1 号", "/address/city": "杭州", "/address/region": "浙江", "/address/postal_code": "310012", "/address/country": "CN",
	"/payout/iban": "DE89370400440532013000",
}

var (
	rita  = broker.Staff{Account: "acc_rita", Role: "merchant_reviewer", Approves: true}
	rosa  = broker.Staff{Account: "acc_rosa", Role: "merchant_reviewer", Approves: true}
	leo   = broker.Staff{Account: "acc_leo", Role: "lead", Approves: true}
	looks = []broker.FieldCheck{{Source: "company_register", Method: "looked_up", At: noon}}
)

func (h *house) register(tb testing.TB, in broker.MerchantInput) broker.MerchantView {
	tb.Helper()
	v, _, err := h.RegisterMerchant(context.Background(), market, in, nil)
	if err != nil {
		tb.Fatal(err, fault.Of(err).Fields)
	}
	return v
}

// review is what one of the staff does; what he approves or proposes he opens before.
func (h *house) review(tb testing.TB, s broker.Staff, id broker.MerchantID, m broker.MerchantMove) broker.MerchantReview {
	tb.Helper()
	if m.Event == merchants.Approve || m.Event == merchants.Propose {
		h.opens(tb, s, id)
	}
	v, _, err := h.MoveMerchant(context.Background(), s, id, m, nil)
	if err != nil {
		tb.Fatalf("%s by %s: %v", m.Event, s.Account, err)
	}
	return v
}

// looks are checks that were made now.
func (h *house) looks() []broker.FieldCheck {
	return []broker.FieldCheck{{Source: "company_register", Method: "looked_up", At: h.clock()}}
}

// looking is what a registration is opened for, where that is all the same.
var looking = broker.MerchantLook{Purpose: "decide_registration", Reason: "fields_to_verify"}

func (h *house) opens(tb testing.TB, s broker.Staff, id broker.MerchantID) {
	tb.Helper()
	if _, _, err := h.LookAtMerchant(context.Background(), s, id, looking, nil); err != nil {
		tb.Fatalf("look by %s: %v", s.Account, err)
	}
}

func (h *house) turnsDown(tb testing.TB, s broker.Staff, id broker.MerchantID, m broker.MerchantMove, code string) {
	tb.Helper()
	if _, _, err := h.MoveMerchant(context.Background(), s, id, m, nil); err == nil || fault.Of(err).Code != code {
		tb.Errorf("%s by %s: %v, want %s", m.Event, s.Account, err, code)
	}
}

// approve is what one reviewer does where nothing needs a second one.
func (h *house) approve(tb testing.TB, id broker.MerchantID) broker.MerchantReview {
	tb.Helper()
	h.review(tb, rita, id, broker.MerchantMove{Event: merchants.Take})
	return h.review(tb, rita, id, broker.MerchantMove{Event: merchants.Approve, Reason: "verified", Checks: h.looks()})
}

func (h *house) shown(tb testing.TB, id broker.MerchantID) map[merchants.Pointer]string {
	tb.Helper()
	m, err := h.PublicMerchant(context.Background(), id)
	if errors.Is(err, broker.ErrNotFound) {
		return nil
	}
	if err != nil {
		tb.Fatal(err)
	}
	all := map[merchants.Pointer]string{}
	for _, f := range m.Fields {
		all[f.Pointer] = f.Value.Reveal()
	}
	return all
}

func (h *house) stands(tb testing.TB, id broker.MerchantID, want states.State) broker.MerchantView {
	tb.Helper()
	v, err := h.Merchant(context.Background(), id)
	if err != nil || v.State != want {
		tb.Errorf("it is %s, want %s (%v)", v.State, want, err)
	}
	return v
}

// fire has the broker look after all timers of registrations that are due.
func (h *house) fire(tb testing.TB) {
	tb.Helper()
	h.tidies(tb, broker.Reviewing, h.TidyMerchant)
}

// A registration is nobody's to see until a reviewer has approved it; then the
// law's fields are public, and nothing else. Its party is made from it.
func TestMerchantIsRegisteredAndShown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	v := h.register(t, lake.of("s-1", merchants.CN, merchants.Company))
	if v.State != merchants.InReview || v.Version != 1 || v.Place.Size == 0 || v.Pack != "CN/2026-01-01" {
		t.Errorf("%+v", v)
	}
	if h.shown(t, v.ID) != nil {
		t.Error("nobody has looked at it, and it is public")
	}
	p, err := h.Party(t.Context(), "s-1")
	if err != nil || p.Kind != broker.Merchant || p.Contact[masking.Email] == "" || p.Contact[masking.FullAddress] == "" {
		t.Errorf("%+v, %v", p, err)
	}
	h.turnsDown(t, rita, v.ID, broker.MerchantMove{Event: merchants.Approve, Reason: "verified", Checks: looks}, "not_taken")
	h.review(t, rita, v.ID, broker.MerchantMove{Event: merchants.Take})
	h.turnsDown(t, rosa, v.ID, broker.MerchantMove{Event: merchants.Take}, "taken")
	h.turnsDown(t, rita, v.ID, broker.MerchantMove{Event: merchants.Approve, Reason: "verified", Checks: looks}, "not_opened")
	h.opens(t, rita, v.ID)
	h.turnsDown(t, rita, v.ID, broker.MerchantMove{Event: merchants.Approve, Reason: "verified"}, "not_verified")
	elsewhere := append([]broker.FieldCheck{{Pointer: "/nobody/gave/this", Source: "document", Method: "compared", At: noon}}, looks...)
	h.turnsDown(t, rita, v.ID, broker.MerchantMove{Event: merchants.Approve, Reason: "verified", Checks: elsewhere}, "not_verified")
	later := []broker.FieldCheck{{Source: "document", Method: "compared", At: noon.Add(time.Hour)}}
	h.turnsDown(t, rita, v.ID, broker.MerchantMove{Event: merchants.Approve, Reason: "verified", Checks: later}, "unknown_check")
	old := []broker.FieldCheck{{Source: "company_register", Method: "looked_up", At: noon.AddDate(0, 0, -1)}}
	h.turnsDown(t, rita, v.ID, broker.MerchantMove{Event: merchants.Approve, Reason: "verified", Checks: old}, "not_verified")
	none := []broker.FieldCheck{{Source: "document", Method: "compared", At: noon}}
	h.turnsDown(t, rita, v.ID, broker.MerchantMove{Event: merchants.Approve, Reason: "verified", Checks: none}, "not_verified")
	h.turnsDown(t, rita, v.ID, broker.MerchantMove{Event: merchants.Approve, Reason: "because", Checks: looks}, "unknown_reason")
	r := h.review(t, rita, v.ID, broker.MerchantMove{Event: merchants.Approve, Reason: "verified", Checks: looks})
	if r.State != merchants.Active || r.Published != 1 {
		t.Errorf("%+v", r)
	}
	shown := h.shown(t, v.ID)
	if shown["/registration/number"] != "91330100MA00000740" || shown["/address/city"] != "杭州" {
		t.Error(shown)
	}
	for at := range shown {
		for _, private := range []string{"/payout", "/representative/id", "/contact"} {
			if strings.HasPrefix(string(at), private) {
				t.Errorf("%s is public", at)
			}
		}
	}
	m, err := h.PublicMerchant(t.Context(), v.ID)
	if err != nil || m.Entry != r.Place.Index || m.Fields[0].VerifiedBy != "company_register" || m.Fields[0].Law == "" || m.Fields[0].Since.IsZero() {
		t.Errorf("%+v, %v, entry %d", m, err, r.Place.Index)
	}
	h.checkLog(t)
}

// What is wrong is refused with a pointer and a code, and nothing is kept of it:
// no registration, no party, no entry.
func TestMerchantThatIsWrongLeavesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	before := h.store.Stats().Size
	for what, in := range map[string]broker.MerchantInput{
		"/registration/number": lake.but(values{"/registration/number": "91330100MA0000074Z"}).of("s-1", merchants.CN, merchants.Company),
		"/legal_name":          lake.but(values{"/legal_name": "王小明 11010119900307002X"}).of("s-1", merchants.CN, merchants.Company),
		"/address/street":      lake.but(values{"/address/street": ""}).of("s-1", merchants.CN, merchants.Company),
		"/jurisdiction":        lake.of("s-1", "XX", merchants.Company),
	} {
		_, _, err := h.RegisterMerchant(t.Context(), market, in, nil)
		refused := fault.Of(err)
		if refused.Kind != fault.Invalid || !slices.ContainsFunc(refused.Fields, func(f fault.Field) bool { return f.Pointer == what && f.Code != "" }) {
			t.Errorf("%s: %v %v", what, err, refused.Fields)
		}
	}
	if h.store.Stats().Size != before {
		t.Error("something was written")
	}
	if _, err := h.Party(t.Context(), "s-1"); !errors.Is(err, broker.ErrNotFound) {
		t.Error("a party was made", err)
	}
}

// What was approved stays public while an amendment is looked at, and after one
// that was rejected; an approved one takes its place.
func TestAmendedMerchantStaysAsApproved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.register(t, lake.of("s-1", merchants.CN, merchants.Company)).ID
	h.approve(t, id)
	patch := broker.MerchantPatch{Values: values{"/trade_name": "Green Lake"}.texts()}
	v, _, err := h.AmendMerchant(t.Context(), market, id, patch, nil)
	if err != nil || v.State != merchants.InReview || v.Version != 2 || v.Published != 1 {
		t.Errorf("%+v, %v", v, err)
	}
	if got := h.shown(t, id)["/trade_name"]; got != "Blue Lake" {
		t.Errorf("while it is looked at, %q is public", got)
	}
	h.review(t, rosa, id, broker.MerchantMove{Event: merchants.Take})
	if r := h.review(t, rosa, id, broker.MerchantMove{Event: merchants.Reject, Reason: "fraud_suspected"}); r.State != merchants.Active || r.Version != 1 {
		t.Errorf("%+v", r)
	}
	if v := h.stands(t, id, merchants.Active); v.Reason != "trust_doubted" {
		t.Errorf("the merchant is told %q", v.Reason)
	}
	if got := h.shown(t, id)["/trade_name"]; got != "Blue Lake" {
		t.Errorf("after it was rejected, %q is public", got)
	}
	if same, _, err := h.AmendMerchant(t.Context(), market, id, broker.MerchantPatch{Values: values{"/trade_name": "Blue Lake"}.texts()}, nil); err != nil || same.State != merchants.Active {
		t.Errorf("an amendment that changes nothing: %+v, %v", same, err)
	}
	if _, _, err := h.AmendMerchant(t.Context(), market, id, patch, nil); err != nil {
		t.Fatal(err)
	}
	h.approve(t, id)
	if got := h.shown(t, id)["/trade_name"]; got != "Green Lake" {
		t.Errorf("after it was approved, %q is public", got)
	}
	h.checkLog(t)
}

// A number that another has: the second is told what the first was told, to the letter;
// staff see whose it is, and a lead has to agree to exactly what was proposed.
func TestDuplicateMerchantNeedsTwo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	alone := h.register(t, lake.of("s-1", merchants.CN, merchants.Company))
	first := alone.ID
	h.approve(t, first)
	v := h.register(t, lake.but(values{"/legal_name": "杭州绿湖贸易有限公司"}).of("s-2", merchants.CN, merchants.Company))
	at := slices.IndexFunc(v.Fields, func(o merchants.FieldOutcome) bool { return o.Pointer == "/registration/number" })
	if v.State != alone.State || v.Fields[at].Code != "needs_review" || !slices.Equal(v.Fields, alone.Fields) {
		t.Errorf("%+v, %+v", v.Fields, alone.Fields)
	}
	if v, err := h.Merchant(t.Context(), first); err != nil || v.Fields[at].Code != "" {
		t.Errorf("people have approved it: %+v, %v", v.Fields[at], err)
	}
	r, err := h.Review(t.Context(), rita, v.ID)
	if err != nil || len(r.Duplicates) != 1 || r.Duplicates[0].Merchant != first || r.Duplicates[0].Party != "s-1" || !r.Two {
		t.Fatalf("%+v, %v", r.Duplicates, err)
	}
	h.review(t, rita, v.ID, broker.MerchantMove{Event: merchants.Take})
	approval := broker.MerchantMove{Event: merchants.Approve, Reason: "verified", Checks: looks}
	h.opens(t, rita, v.ID)
	h.turnsDown(t, rita, v.ID, approval, "second_needed")
	r = h.review(t, rita, v.ID, broker.MerchantMove{Event: merchants.Propose, Reason: "verified", Checks: looks})
	if r.State != merchants.Proposed || len(r.Hash) == 0 {
		t.Fatalf("%+v", r)
	}
	h.stands(t, v.ID, merchants.InReview) // that a second person looks at it may be about somebody else
	agreed := broker.MerchantMove{Event: merchants.Approve, Hash: r.Hash}
	for _, x := range []struct {
		who  broker.Staff
		want bool
	}{{leo, true}, {rosa, false}, {broker.Staff{Account: "acc_leo", Role: "lead"}, false}, {broker.Staff{Account: "acc_leo", Role: "lead", Approves: true, Makers: []string{"acc_rita"}}, false}} {
		if all, _, err := h.Reviews(t.Context(), x.who, broker.ReviewFilter{State: merchants.Proposed, Limit: 9}); err != nil || len(all) != 1 || all[0].WaitsFor(&x.who) != x.want {
			t.Errorf("%d for %+v, %v, want one that waits for it: %t", len(all), x.who, err, x.want)
		}
	}
	h.turnsDown(t, rosa, v.ID, agreed, "own_work") // no lead
	h.turnsDown(t, broker.Staff{Account: "acc_rita", Role: "lead", Approves: true}, v.ID, agreed, "own_work")
	h.turnsDown(t, broker.Staff{Account: "acc_leo", Role: "lead"}, v.ID, agreed, "approval_not_yet")
	h.turnsDown(t, broker.Staff{Account: "acc_leo", Role: "lead", Approves: true, Makers: []string{"acc_rita"}}, v.ID, agreed, "not_independent")
	h.turnsDown(t, leo, v.ID, broker.MerchantMove{Event: merchants.Approve, Hash: r.Hash}, "not_opened")
	h.opens(t, leo, v.ID)
	h.turnsDown(t, leo, v.ID, broker.MerchantMove{Event: merchants.Approve, Hash: []byte("another")}, "proposal_changed")
	if r := h.review(t, leo, v.ID, agreed); r.State != merchants.Active {
		t.Errorf("%+v", r)
	}
	h.checkLog(t)
}

// open registers two merchants: one is active, and of the other something is asked.
func (a *adversary) open(t *testing.T) {
	t.Helper()
	for i, number := range []string{"91330100MA00000740", "91330100MA0000496Y"} {
		party := broker.PartyID([]string{"s-1", "s-9"}[i])
		id := a.register(t, lake.but(values{"/registration/number": number}).of(party, merchants.CN, merchants.Company)).ID
		_, _, err := a.StoreDocument(context.Background(), market, id, broker.DocumentInput{
			Kind: "licence", Media: "image/jpeg", Original: []byte("a scan " + number), Shows: "image/png", Derivative: []byte("a picture " + number),
		}, a.NewOutcome(market, "document", number, nil))
		if err != nil {
			t.Fatal(err)
		}
		a.review(t, rita, id, broker.MerchantMove{Event: merchants.Take})
		a.merchants = append(a.merchants, id)
	}
	a.review(t, rita, a.merchants[0], broker.MerchantMove{Event: merchants.Approve, Reason: "verified", Checks: looks})
	a.review(t, rita, a.merchants[1], broker.MerchantMove{Event: merchants.Ask, Reason: "document_unclear", Note: masking.NewText("the stamp cannot be read")})
}

// judge suspends the first, and the second answers and is looked at.
func (a *adversary) judge(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	a.review(t, rosa, a.merchants[0], broker.MerchantMove{Event: merchants.Suspend, Reason: "data_false"})
	id := a.merchants[1]
	patch := broker.MerchantPatch{Values: values{"/trade_name": "Green Lake"}.texts()}
	_, _, err := a.AnswerMerchant(ctx, market, id, patch, masking.NewText("it is legible now"), a.NewOutcome(market, "answer", "1", nil))
	_, _, looked := a.LookAtMerchant(ctx, rita, id, looking, nil)
	_, opened := a.OpenDocument(ctx, rita, id, 1)
	if err := errors.Join(err, looked, opened); err != nil {
		t.Fatal(err)
	}
	a.review(t, rita, id, broker.MerchantMove{Event: merchants.Ask, Reason: "document_unclear"})
}
