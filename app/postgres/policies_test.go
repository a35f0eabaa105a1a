package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking/fault"
)

// permitting is a set with one permit: the name, to deliver.
func permitting(tb testing.TB, expires string) *necessity.Engine {
	tb.Helper()
	e, err := necessity.Load(fstest.MapFS{"p.cedar": {Data: []byte(fmt.Sprintf(`@id("name-only") @ground("3b") @expires(%q) @views("5") @decide("auto") @contact("delivery") @why("test")
permit (principal == Role::"seller", action == Action::"deliver", resource == Field::"name")
when { context.kind == Kind::"shipped_goods" && context.accepted && context.held };`, expires))}})
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// due is a house with one order that its seller may ask about.
func due(tb testing.TB) *house {
	tb.Helper()
	h := newHouse(tb)
	h.order(tb, "t-1")
	h.perform(tb, "t-1", broker.Pay, "221.65", "card/1")
	h.perform(tb, "t-1", broker.Accept, "1", "stock")
	return h
}

func given(v broker.DisclosureView) int { return len(v.Values) }

// A set that reveals nothing new comes into force by itself, and every broker
// decides by it from the next request on, restarted or not.
func TestStricterSetComesIntoForce(t *testing.T) {
	t.Parallel()
	h := due(t)
	other := enter(t, h.db, h.keys)
	v := h.ask(t, "t-1", "s-1", necessity.Deliver)
	if given(v) != 3 {
		t.Fatalf("the shipped set gives %d fields", given(v))
	}
	strict := permitting(t, "delivered+14d")
	if state, err := h.Offer(t.Context(), strict); state != broker.InForce || err != nil {
		t.Fatalf("%s, %v", state, err)
	}
	for name, b := range map[string]*house{"the one that it was offered to": h, "the other one": other} {
		v := b.ask(t, "t-1", "s-1", necessity.Deliver)
		if given(v) != 1 || v.Policy != strict.Version() || v.Views != 5 {
			t.Errorf("%s gives %d fields by %s", name, given(v), v.Policy)
		}
	}
	if _, _, err := other.View(t.Context(), market, v.ID, "s-1", nil); !errors.Is(err, broker.ErrGone) {
		t.Errorf("a grant that the new set does not have: %v", err)
	}
	late := enter(t, h.db, h.keys) // given the shipped set, which reveals more
	if v := late.ask(t, "t-1", "s-1", necessity.Deliver); given(v) != 1 {
		t.Errorf("one that starts later gives %d fields", given(v))
	}
	if p, err := late.OpenProposal(t.Context()); err != nil || p.Version != late.Engine.Version() {
		t.Errorf("what it was started with is not proposed: %+v, %v", p, err)
	}
	h.checkLog(t)
}

// A set that newly reveals anything waits for approval of just that comparison.
func TestLooserSetWaitsForApproval(t *testing.T) {
	t.Parallel()
	h := due(t)
	ctx := t.Context()
	loose, strict, stricter := h.Engine, permitting(t, "delivered+14d"), permitting(t, "delivered+7d")
	if _, err := h.Offer(ctx, strict); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second time it is proposed already
		if state, err := h.Offer(ctx, loose); state != broker.Proposed || err != nil {
			t.Fatalf("%s, %v", state, err)
		}
	}
	if v := h.ask(t, "t-1", "s-1", necessity.Deliver); given(v) != 1 {
		t.Errorf("what is only proposed gives %d fields", given(v))
	}
	p, err := h.OpenProposal(ctx)
	if err != nil || p.Version != loose.Version() {
		t.Fatalf("%+v, %v", p, err)
	}
	officer := broker.Approver{Account: "acc_1", Role: broker.PrivacyOfficer, Approves: true}
	for name, x := range map[string]struct {
		by            broker.Approver
		version, diff string
		want          *fault.Error
	}{
		"a handler":            {broker.Approver{Account: "acc_2", Role: "handler"}, p.Version, p.Diff, broker.ErrNotApprover},
		"nobody":               {broker.Approver{Role: broker.PrivacyOfficer, Approves: true}, p.Version, p.Diff, broker.ErrNotApprover},
		"a false operator":     {broker.Approver{Account: "acc_2", Role: "operator"}, p.Version, p.Diff, broker.ErrNotApprover},
		"another set":          {officer, stricter.Version(), p.Diff, broker.ErrNotProposed},
		"the one in force":     {officer, strict.Version(), p.Diff, broker.ErrNotProposed},
		"another comparison":   {officer, p.Version, strict.Compare(stricter).Hash, broker.ErrOtherDiff},
		"no comparison at all": {officer, p.Version, "", broker.ErrOtherDiff},
	} {
		if err := h.ApprovePolicy(ctx, x.by, x.version, x.diff); !errors.Is(err, x.want) {
			t.Errorf("%s: %v, want %v", name, err, x.want)
		}
	}
	// The set in force changes: what was to be approved is another comparison now.
	if state, err := h.Offer(ctx, stricter); state != broker.InForce || err != nil {
		t.Fatalf("%s, %v", state, err)
	}
	if err := h.ApprovePolicy(ctx, officer, p.Version, p.Diff); !errors.Is(err, broker.ErrOtherDiff) {
		t.Errorf("a comparison with what is not in force any more: %v", err)
	}
	if _, err := h.Offer(ctx, loose); err != nil {
		t.Fatal(err)
	}
	again, err := h.OpenProposal(ctx)
	if err != nil || again.Diff == p.Diff {
		t.Fatalf("proposed anew: %+v, %v", again, err)
	}
	if err := h.ApprovePolicy(ctx, officer, again.Version, again.Diff); err != nil {
		t.Fatal(err)
	}
	if v := h.ask(t, "t-1", "s-1", necessity.Deliver); given(v) != 3 || v.Policy != loose.Version() {
		t.Errorf("approved, and it gives %d fields by %s", given(v), v.Policy)
	}
	h.wantHistory(t, "in_force", "in_force", "proposed", "in_force", "proposed", "in_force acc_1")
	h.checkLog(t)
}

func (h *house) wantHistory(t *testing.T, want ...string) {
	t.Helper()
	sets, err := h.store.PolicyHistory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range sets {
		s := string(p.State)
		if p.Change.ApprovedBy != "" {
			s += " " + p.Change.ApprovedBy
		}
		got = append(got, s)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("history %v, want %v", got, want)
	}
}

// What was withdrawn is not proposed again by a broker that is started with it,
// only by somebody who means it.
func TestWithdrawnSetStaysWithdrawn(t *testing.T) {
	t.Parallel()
	h := due(t)
	ctx := t.Context()
	loose := h.Engine
	for _, e := range []*necessity.Engine{permitting(t, "delivered+14d"), loose} {
		if _, err := h.Offer(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	p, err := h.OpenProposal(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.WithdrawPolicy(ctx, broker.Operator(), p.Version); err != nil {
		t.Fatal(err)
	}
	if err := h.WithdrawPolicy(ctx, broker.Operator(), p.Version); !errors.Is(err, broker.ErrNotProposed) {
		t.Errorf("withdrawn twice: %v", err)
	}
	if err := h.ApprovePolicy(ctx, broker.Operator(), p.Version, p.Diff); !errors.Is(err, broker.ErrNotProposed) {
		t.Errorf("approved after it was withdrawn: %v", err)
	}
	enter(t, h.db, h.keys)
	if state, err := h.Offer(ctx, loose); state != broker.Withdrawn || err != nil {
		t.Errorf("offered again: %s, %v", state, err)
	}
	if state, err := h.Propose(ctx, loose); state != broker.Proposed || err != nil {
		t.Errorf("proposed again: %s, %v", state, err)
	}
	h.wantHistory(t, "in_force", "in_force", "proposed", "withdrawn operator", "proposed")
	h.checkLog(t)
}

// Sixteen brokers offer two sets at once: each change is one entry, and one set
// is in force for all.
func TestManyOffersAtOnce(t *testing.T) {
	t.Parallel()
	h := due(t)
	desks := []*house{h, enter(t, h.db, h.keys)}
	sets := []*necessity.Engine{permitting(t, "delivered+14d"), permitting(t, "delivered+7d")}
	var wait sync.WaitGroup
	for i := range 16 {
		wait.Go(func() {
			for {
				_, err := desks[i%2].Offer(context.Background(), sets[i/2%2])
				if !errors.Is(err, broker.ErrConflict) {
					if err != nil {
						t.Error(err)
					}
					return
				}
			}
		})
	}
	wait.Wait()
	in, err := h.store.PolicyInForce(t.Context())
	if err != nil || in.Version != sets[1].Version() { // the shorter term reveals least
		t.Errorf("in force: %+v, %v", in, err)
	}
	for _, d := range desks {
		if v := d.ask(t, "t-1", "s-1", necessity.Deliver); v.Policy != in.Version {
			t.Errorf("a broker decides by %s", v.Policy)
		}
	}
	h.checkLog(t)
}

// Requests go on while sets change: nobody is decided by a set that is not in
// force at the commit.
func TestSetsChangeUnderLoad(t *testing.T) {
	t.Parallel()
	h := due(t)
	other := enter(t, h.db, h.keys)
	terms := []string{"delivered+14d", "delivered+12d", "delivered+10d", "delivered+8d"}
	var wait sync.WaitGroup
	done := make(chan struct{})
	for i := range 8 {
		wait.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				_, _, err := []*house{h, other}[i%2].Disclose(context.Background(), market, broker.DisclosureInput{
					Transaction: "t-1", Requester: "s-1", Purpose: necessity.Deliver, Reveal: true,
				}, nil)
				if err != nil && !errors.Is(err, broker.ErrConflict) {
					t.Error(err)
				}
			}
		})
	}
	for _, term := range terms {
		if _, err := h.Offer(t.Context(), permitting(t, term)); err != nil {
			t.Error(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	close(done)
	wait.Wait()
	h.decidedInForce(t)
	h.checkLog(t)
}

// decidedInForce reads the log in order: each decision names the set that was in
// force just then.
func (h *house) decidedInForce(t *testing.T) {
	t.Helper()
	sets, err := h.store.PolicyHistory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found, _, err := h.store.Disclosures(t.Context(), broker.Filter{Limit: 10000})
	if err != nil || len(found) < 10 {
		t.Fatalf("%d disclosures, %v", len(found), err)
	}
	seen := map[string]bool{}
	for i := range found {
		f := &found[i]
		inForce := ""
		for _, p := range sets {
			if p.State == broker.InForce && p.Number < f.Place.Index {
				inForce = p.Version
			}
		}
		seen[f.Policy] = true
		if f.Policy != inForce {
			t.Errorf("entry %d is decided by %s, and %s was in force", f.Place.Index, f.Policy, inForce)
		}
	}
	if len(seen) < 3 {
		t.Errorf("%d sets were decided by, which proves little", len(seen))
	}
}

// Who can write to the database, and has no key, puts no set into force.
func TestForgedPolicyRows(t *testing.T) {
	t.Parallel()
	h := due(t)
	ctx := t.Context()
	if _, err := h.Offer(ctx, permitting(t, "delivered+14d")); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Offer(ctx, h.Engine); err != nil {
		t.Fatal(err)
	}
	h.ask(t, "t-1", "s-1", necessity.Deliver)
	a := outlaw(t, h)
	a.keep(t, "kept")
	for name, q := range map[string]string{
		"what is proposed":         `INSERT INTO policies SELECT id, version, permits, floor FROM policy_proposals`,
		"an older set":             `INSERT INTO policies SELECT (SELECT max(idx) FROM ledger_entries), version, permits, floor FROM policies ORDER BY id LIMIT 1`,
		"a set without an entry":   `INSERT INTO policies SELECT id + 1000, version, permits, floor FROM policies ORDER BY id LIMIT 1`,
		"without text, by version": `INSERT INTO policies SELECT id + 1000, version FROM policies ORDER BY id LIMIT 1`,
		"another text":             `UPDATE policies SET permits = (SELECT permits FROM policy_proposals LIMIT 1) WHERE id = (SELECT max(id) FROM policies)`,
		"the newest taken away":    `DELETE FROM policies WHERE id = (SELECT max(id) FROM policies)`,
	} {
		a.sql(t, q)
		v, _, err := h.Disclose(ctx, market, broker.DisclosureInput{Transaction: "t-1", Requester: "s-1", Purpose: necessity.Deliver, Reveal: true}, nil)
		if given(v) > 1 {
			t.Errorf("%s: %d fields are given", name, given(v))
		}
		if err == nil && name != "another text" { // which this broker has no need to read
			t.Errorf("%s: decided as if nothing were", name)
		}
		if _, err := h.store.CheckComplete(ctx, nil); !isFinding(err) {
			t.Errorf("%s: the check says %v", name, err)
		}
		a.undo(t, "policies")
	}
	if v := h.ask(t, "t-1", "s-1", necessity.Deliver); given(v) != 1 {
		t.Errorf("after all was put back: %d fields", given(v))
	}
	h.checkLog(t)
}

// A set over another floor than this release has can't be decided by: nothing is
// given, until a set of this release is approved.
func TestSetOfAnotherFloor(t *testing.T) {
	t.Parallel()
	h := due(t)
	ctx := t.Context()
	v := h.ask(t, "t-1", "s-1", necessity.Deliver)
	higher, err := necessity.Recall(h.Engine.Text(), h.Engine.Floor()+`@id("floor-test") @why("test") forbid (principal, action, resource) when { context.kind == Kind::"rental" };`)
	if err != nil {
		t.Fatal(err)
	}
	if state, err := h.Offer(ctx, higher); state != broker.InForce || err != nil {
		t.Fatalf("%s, %v", state, err)
	}
	refused := func(b *house) {
		t.Helper()
		if _, _, err := b.Disclose(ctx, market, broker.DisclosureInput{Transaction: "t-1", Requester: "s-1", Purpose: necessity.Deliver, Reveal: true}, nil); !errors.Is(err, broker.ErrUnavailable) {
			t.Errorf("a decision: %v", err)
		}
		if _, _, err := b.View(ctx, market, v.ID, "s-1", nil); !errors.Is(err, broker.ErrUnavailable) {
			t.Errorf("a view: %v", err)
		}
		if !b.Undecided() {
			t.Error("it does not say that it can't decide")
		}
	}
	refused(h)
	late := enter(t, h.db, h.keys) // a start offers this release's own set, which newly has rentals
	refused(late)
	p, err := late.OpenProposal(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := late.ApprovePolicy(ctx, broker.Operator(), p.Version, p.Diff); err != nil {
		t.Fatal(err)
	}
	for _, b := range []*house{h, late} {
		if v := b.ask(t, "t-1", "s-1", necessity.Deliver); given(v) != 3 || b.Undecided() {
			t.Errorf("after the approval: %d fields", given(v))
		}
	}
	h.checkLog(t)
}
