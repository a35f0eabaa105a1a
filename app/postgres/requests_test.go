package postgres_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

var (
	hanna = broker.Staff{Account: "hnd_hanna", Role: "handler", Approves: true}
	lena  = broker.Staff{Account: "hnd_lena", Role: "lead", Approves: true}
	lars  = broker.Staff{Account: "hnd_lars", Role: "lead", Approves: true}
	fresh = broker.Staff{Account: "hnd_fresh", Role: "lead"}
	audra = broker.Staff{Account: "hnd_audra", Role: "auditor", Approves: true}
)

// atRisk is an order whose buyer's data only people may give out.
func (h *house) atRisk(t *testing.T, id broker.TransactionID) broker.DisclosureID {
	t.Helper()
	h.order(t, id)
	h.perform(t, id, broker.Pay, "221.65", "card/"+string(id))
	h.perform(t, id, broker.Accept, "1", "stock/"+string(id))
	if err := h.SetFlags(context.Background(), market, "b-1", []broker.Flag{broker.AtRisk}); err != nil {
		t.Fatal(err)
	}
	v := h.ask(t, id, "s-1", necessity.Deliver)
	if v.Decision != "pending" || v.Values != nil {
		t.Fatalf("%s with values %v, want pending without any", v.Decision, v.Values)
	}
	return v.ID
}

// does lets one of the staff do something that must work.
func (h *house) does(t *testing.T, who broker.Staff, id broker.DisclosureID, m broker.Move) broker.RequestView {
	t.Helper()
	v, _, err := h.StaffMove(context.Background(), who, id, m, nil)
	if err != nil {
		t.Fatalf("%s by %s: %v", m.Event, who.Account, err)
	}
	return v
}

// revokes has two people end a grant.
func (h *house) revokes(t *testing.T, first, second broker.Staff, id broker.DisclosureID, reason string) broker.RequestView {
	t.Helper()
	v := h.does(t, first, id, broker.Move{Event: broker.ToRecall, Reason: reason})
	return h.does(t, second, id, broker.Move{Event: broker.Recall, Hash: v.Request.Proposal.Hash})
}

// says lets a party do so.
func (h *house) says(t *testing.T, who broker.PartyID, id broker.DisclosureID, m broker.Move) broker.RequestView {
	t.Helper()
	v, _, err := h.PartyMove(context.Background(), market, who, id, m, nil)
	if err != nil {
		t.Fatalf("%s by %s: %v", m.Event, who, err)
	}
	return v
}

// refuses is a move of the staff that must fail in this way.
func (h *house) refuses(t *testing.T, who broker.Staff, id broker.DisclosureID, m broker.Move, want error) {
	t.Helper()
	if _, _, err := h.StaffMove(context.Background(), who, id, m, nil); !errors.Is(err, want) {
		t.Errorf("%s by %s: %v, want %v", m.Event, who.Account, err, want)
	}
}

func TestPeopleDecideInPairs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := context.Background()
	id := h.atRisk(t, "t-1")
	proposal := broker.Move{Event: broker.Propose, Reason: "necessary", Choice: broker.Choice{Fields: []masking.Field{masking.Name, masking.FullAddress}, Views: 3, Days: 2}}

	h.refuses(t, hanna, id, proposal, broker.ErrInvalidTransition) // the subject is being heard
	h.refuses(t, audra, id, broker.Move{Event: broker.Take}, broker.ErrRole)
	v := h.does(t, hanna, id, broker.Move{Event: broker.Take})
	if v.State != broker.Hearing || !slices.Contains(v.Allowed, broker.Skip) {
		t.Errorf("%s, allowed %v", v.State, v.Allowed)
	}
	h.refuses(t, lena, id, broker.Move{Event: broker.Take}, broker.ErrTaken)
	h.at(noon.Add(25 * time.Hour)) // silence is not consent, it ends the wait
	h.refuses(t, lena, id, proposal, broker.ErrNotTaken)
	h.refuses(t, hanna, id, broker.Move{Event: broker.Grants, Reason: "necessary"}, broker.ErrSecondNeeded)
	v = h.does(t, hanna, id, proposal)
	if v.State != broker.Second || !v.Plan.Two || !slices.Equal(v.Plan.Because, []string{"at_risk", "home_address"}) {
		t.Errorf("%s, second for %v", v.State, v.Plan.Because)
	}
	hash := v.Plan.Hash
	h.refuses(t, hanna, id, broker.Move{Event: broker.Approve, Hash: hash}, broker.ErrOwnWork)
	h.refuses(t, fresh, id, broker.Move{Event: broker.Approve, Hash: hash}, accounts.ErrNotYet)
	h.refuses(t, lena, id, broker.Move{Event: broker.Approve, Hash: make([]byte, 32)}, broker.ErrHashDiffers)
	if seen, err := h.RequestOf(ctx, lena, id); err != nil || string(seen.Plan.Hash) != string(hash) {
		t.Errorf("the approver is shown another plan: %v", err)
	}
	v = h.does(t, lena, id, broker.Move{Event: broker.Approve, Hash: hash})
	if v.State != broker.Granted || v.Disclosure.Decision != "granted" || v.Disclosure.ViewsLeft != 3 || v.Disclosure.Values != nil {
		t.Errorf("%s %s %d", v.State, v.Disclosure.Decision, v.Disclosure.ViewsLeft)
	}
	if ends := h.clock().Add(48 * time.Hour); !v.Disclosure.ExpiresAt.Equal(ends) {
		t.Errorf("ends at %s, want %s", v.Disclosure.ExpiresAt, ends)
	}
	seen, _, err := h.View(ctx, market, id, "s-1", nil)
	if err != nil || len(seen.Values) != 2 || seen.ViewsLeft != 2 {
		t.Errorf("%d values, %d views left, %v", len(seen.Values), seen.ViewsLeft, err)
	}
	if _, ok := seen.Values[masking.Phone]; ok {
		t.Error("the phone was not given, and is shown")
	}
	h.at(h.clock().Add(49 * time.Hour))
	if _, _, err := h.View(ctx, market, id, "s-1", nil); !errors.Is(err, broker.ErrGone) {
		t.Errorf("after its end: %v, want gone", err)
	}
	h.checkLog(t)
}

// The hash is of what will be done on the facts of the moment: a value that has
// changed since makes it another one.
func TestApprovalIsOfWhatWasSeen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.atRisk(t, "t-1")
	h.at(noon.Add(25 * time.Hour))
	h.does(t, hanna, id, broker.Move{Event: broker.Take})
	v := h.does(t, hanna, id, broker.Move{Event: broker.Propose, Reason: "necessary"})
	in := giovana()
	in.Contact.Values[masking.Phone] = masking.Value{Text: masking.NewText("+5587991935796")}
	if _, _, err := h.PutParty(context.Background(), market, "b-1", in); err != nil {
		t.Fatal(err)
	}
	h.refuses(t, lena, id, broker.Move{Event: broker.Approve, Hash: v.Plan.Hash}, broker.ErrHashDiffers)
	h.does(t, lena, id, broker.Move{Event: broker.Reject, Reason: "mistake"})
	again := h.does(t, hanna, id, broker.Move{Event: broker.Propose, Reason: "necessary"})
	h.does(t, lena, id, broker.Move{Event: broker.Approve, Hash: again.Plan.Hash})
	h.checkLog(t)
}

// decideBy puts other permits in force.
func (h *house) decideBy(t *testing.T, permits string) {
	t.Helper()
	engine, err := necessity.Load(fstest.MapFS{"permits.cedar": {Data: []byte(permits)}})
	if err != nil {
		t.Fatal(err)
	}
	d := h.Deps
	d.Engine = engine
	h.Broker = broker.New(d)
	vkey, _ := h.store.Verifier()
	ctx := context.Background()
	if err := h.Begin(ctx, h.store, vkey); err != nil {
		t.Fatal(err)
	}
	p, err := h.OpenProposal(ctx) // it asks people where the shipped set asks nobody
	if err != nil {
		t.Fatal(err)
	}
	if err := h.ApprovePolicy(ctx, broker.Approver{Account: "acc_1", Role: broker.PrivacyOfficer, Approves: true}, p.Version, p.Diff); err != nil {
		t.Fatal(err)
	}
}

func TestOnePersonIsEnough(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := context.Background()
	h.decideBy(t, `@id("name-by-decision") @ground("3b") @expires("delivered+14d") @views("5") @decide("person") @why("a test")
		permit (principal == Role::"seller", action == Action::"deliver", resource == Field::"name")
		when { context.kind == Kind::"shipped_goods" && context.accepted };`)
	h.order(t, "t-1")
	h.perform(t, "t-1", broker.Accept, "1", "stock")
	v := h.ask(t, "t-1", "s-1", necessity.Deliver)
	if v.Decision != "pending" {
		t.Fatalf("%s, want pending", v.Decision)
	}
	h.does(t, hanna, v.ID, broker.Move{Event: broker.Take})
	h.does(t, hanna, v.ID, broker.Move{Event: broker.Skip, Reason: "perishable"})
	h.refuses(t, hanna, v.ID, broker.Move{Event: broker.Propose, Reason: "necessary"}, broker.ErrOneIsEnough)
	got := h.does(t, hanna, v.ID, broker.Move{Event: broker.Grants, Reason: "necessary"})
	if got.Disclosure.Ground != necessity.Ground3b || got.Disclosure.Fields[0].Outcome != necessity.Granted {
		t.Errorf("%s %v", got.Disclosure.Ground, got.Disclosure.Fields)
	}
	if seen, _, err := h.View(ctx, market, v.ID, "s-1", nil); err != nil || len(seen.Values) != 1 {
		t.Errorf("%v, %v", seen.Values, err)
	}
	h.checkLog(t)
}

// Denied, appealed, overturned by other people than those who denied it.
func TestAppealIsForOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := context.Background()
	id := h.atRisk(t, "t-1")
	h.does(t, lena, id, broker.Move{Event: broker.Take})
	v := h.does(t, lena, id, broker.Move{Event: broker.Deny, Reason: "safety"})
	if v.State != broker.Denied || v.Disclosure.Decision != "refused" || v.Disclosure.Reasons[0].Code != necessity.DeniedByPerson {
		t.Errorf("%s %s %v", v.State, v.Disclosure.Decision, v.Disclosure.Reasons)
	}
	h.refuses(t, lena, id, broker.Move{Event: broker.Take}, broker.ErrInvalidTransition)
	if v := h.says(t, "s-1", id, broker.Move{Event: broker.Appeal, Reason: "new_facts"}); v.State != broker.Appealed {
		t.Errorf("%s, want appealed", v.State)
	}
	h.refuses(t, lena, id, broker.Move{Event: broker.Take}, broker.ErrDecidedBefore)
	h.does(t, hanna, id, broker.Move{Event: broker.Take})
	h.refuses(t, hanna, id, broker.Move{Event: broker.Propose, Reason: "agreed"}, broker.ErrNotHeard)
	h.does(t, hanna, id, broker.Move{Event: broker.Skip, Reason: "perishable"})
	p := h.does(t, hanna, id, broker.Move{Event: broker.Propose, Reason: "agreed", Choice: broker.Choice{Fields: []masking.Field{masking.Name}}})
	h.refuses(t, lena, id, broker.Move{Event: broker.Approve, Hash: p.Plan.Hash}, broker.ErrDecidedBefore)
	if v := h.does(t, lars, id, broker.Move{Event: broker.Approve, Hash: p.Plan.Hash}); v.State != broker.Overturned || v.Disclosure.Decision != "granted" {
		t.Errorf("%s %s", v.State, v.Disclosure.Decision)
	}
	if seen, _, err := h.View(ctx, market, id, "s-1", nil); err != nil || len(seen.Values) != 1 {
		t.Errorf("%v, %v", seen.Values, err)
	}
	_, _, err := h.PartyMove(ctx, market, "s-1", id, broker.Move{Event: broker.Appeal, Reason: "unfair"}, nil)
	if !errors.Is(err, broker.ErrInvalidTransition) {
		t.Errorf("a second appeal: %v", err)
	}
	h.checkLog(t)
}

// A refusal of the engine's can be appealed too; a person can't lift the floor.
func TestPeopleCannotLiftTheFloor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := context.Background()
	h.order(t, "t-1")
	v := h.ask(t, "t-1", "s-1", necessity.Deliver) // nothing was performed
	if v.Decision != "refused" {
		t.Fatal(v.Decision)
	}
	h.says(t, "s-1", v.ID, broker.Move{Event: broker.Appeal, Reason: "mistake"})
	h.does(t, hanna, v.ID, broker.Move{Event: broker.Take})
	h.does(t, hanna, v.ID, broker.Move{Event: broker.Skip, Reason: "perishable"})
	for _, choice := range []broker.Choice{{}, {Fields: []masking.Field{masking.Name}}} {
		h.refuses(t, hanna, v.ID, broker.Move{Event: broker.Overturn, Reason: "agreed", Choice: choice}, broker.ErrNotPermitted)
		h.refuses(t, hanna, v.ID, broker.Move{Event: broker.Propose, Reason: "agreed", Choice: choice}, broker.ErrNotPermitted)
	}
	h.does(t, hanna, v.ID, broker.Move{Event: broker.Uphold, Reason: "not_necessary"})
	if f, err := h.Disclosure(ctx, v.ID, "s-1"); err != nil || f.Decision != "refused" {
		t.Errorf("%s, %v", f.Decision, err)
	}
	h.checkLog(t)
}

func TestObjections(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := context.Background()
	id := h.atRisk(t, "t-1")
	if _, _, err := h.PartyMove(ctx, market, "s-1", id, broker.Move{Event: broker.Object, Reason: "other"}, nil); !errors.Is(err, broker.ErrInvalidTransition) {
		t.Errorf("the requester objects to his own request: %v", err)
	}
	if _, _, err := h.PartyMove(ctx, market, "b-2", id, broker.Move{Event: broker.Object, Reason: "other"}, nil); !errors.Is(err, broker.ErrNotFound) {
		t.Errorf("a stranger objects: %v", err)
	}
	h.says(t, "b-1", id, broker.Move{Event: broker.Object, Reason: "other_way", Note: masking.NewText("write to me through the shop")})
	h.does(t, hanna, id, broker.Move{Event: broker.Take})
	p := h.does(t, hanna, id, broker.Move{Event: broker.Propose, Reason: "necessary", Choice: broker.Choice{Fields: []masking.Field{masking.Name}}})
	if !slices.Contains(p.Plan.Because, "objected") {
		t.Errorf("second for %v, want objected", p.Plan.Because)
	}
	h.does(t, lena, id, broker.Move{Event: broker.Approve, Hash: p.Plan.Hash})

	// The grant lives on when it is objected to, and ends at once when it is about safety.
	v := h.says(t, "b-1", id, broker.Move{Event: broker.Object, Reason: "done_already"})
	if v.State != broker.Granted || !v.Request.Contested {
		t.Errorf("%s", v.State)
	}
	h.does(t, hanna, id, broker.Move{Event: broker.Take})
	h.refuses(t, hanna, id, broker.Move{Event: broker.Keep, Reason: "necessary"}, broker.ErrDecidedBefore) // she had a hand in it
	h.does(t, hanna, id, broker.Move{Event: broker.Release})
	h.does(t, lars, id, broker.Move{Event: broker.Take})
	h.does(t, lars, id, broker.Move{Event: broker.Keep, Reason: "necessary"})
	if v = h.says(t, "b-1", id, broker.Move{Event: broker.Object, Reason: "safety"}); v.State != broker.Held {
		t.Errorf("%s, want suspended", v.State)
	}
	if _, _, err := h.View(ctx, market, id, "s-1", nil); !errors.Is(err, broker.ErrGone) {
		t.Errorf("a view of a suspended grant: %v", err)
	}
	h.does(t, hanna, id, broker.Move{Event: broker.Take})
	if v, err := h.RequestOf(ctx, hanna, id); err != nil || v.State != broker.Held {
		t.Errorf("%s, %v", v.State, err)
	}
	h.checkLog(t)
}

func TestReinstatementAndRecall(t *testing.T) {
	t.Parallel()
	h := due(t)
	ctx := context.Background()
	id := h.ask(t, "t-1", "s-1", necessity.Deliver).ID
	h.does(t, hanna, id, broker.Move{Event: broker.Suspend, Reason: "misuse_suspected"})
	if _, _, err := h.View(ctx, market, id, "s-1", nil); !errors.Is(err, broker.ErrGone) {
		t.Errorf("a view of a suspended grant: %v", err)
	}
	h.refuses(t, lena, id, broker.Move{Event: broker.Reinstate}, broker.ErrOwnWork) // nobody has proposed it
	h.does(t, hanna, id, broker.Move{Event: broker.Propose, Reason: "necessary"})
	found, err := h.RequestOf(ctx, lena, id)
	if err != nil || found.Request.Proposal == nil {
		t.Fatal(err)
	}
	hash := found.Request.Proposal.Hash
	h.refuses(t, hanna, id, broker.Move{Event: broker.Reinstate, Hash: hash}, broker.ErrOwnWork)
	h.does(t, lena, id, broker.Move{Event: broker.Reinstate, Hash: hash})
	if _, _, err := h.View(ctx, market, id, "s-1", nil); err != nil {
		t.Errorf("a view of a reinstated grant: %v", err)
	}
	v := h.revokes(t, hanna, lena, id, "leaked")
	if v.State != broker.Recalled || !v.Request.RecallBy.Equal(noon.Add(7*24*time.Hour)) {
		t.Errorf("%s, to be deleted by %s", v.State, v.Request.RecallBy)
	}
	h.says(t, "s-1", id, broker.Move{Event: broker.Attest})
	if _, _, err := h.PartyMove(ctx, market, "s-1", id, broker.Move{Event: broker.Attest}, nil); !errors.Is(err, broker.ErrInvalidTransition) {
		t.Errorf("attested twice: %v", err)
	}
	h.checkLog(t)
}
