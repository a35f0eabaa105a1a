package stories

import (
	"testing"

	"bauta.dev/bauta/broker/budget"
	"bauta.dev/bauta/broker/hindsight"
	"bauta.dev/bauta/broker/necessity"
)

// replayed replays what a house has under the very set that decided it.
func (h *house) replayed(t *testing.T) *hindsight.Tally {
	t.Helper()
	e, err := h.terms.engine()
	if err != nil {
		t.Fatal(err)
	}
	y, err := h.store.ReplayRequests(t.Context(), noon.AddDate(-1, 0, 0), func() *hindsight.Tally {
		return hindsight.New(e, func(string) *necessity.Engine { return e })
	}, func(int64, int64) {})
	if err != nil {
		t.Fatal(err)
	}
	return y
}

// Under the set that decided nothing would have been otherwise: what a consent, a lost
// right to ask or a budget decided besides is counted apart.
func TestSimulationOfTheSameSetIsTheSame(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		house func(*testing.T) *house
		apart hindsight.Apart
	}{
		"a consent": {func(t *testing.T) *house {
			h := shop(t, terms{signs: newProvider(t), policies: consenting})
			h.askSigned(t, "settle", "name", "phone").want(t, 201)
			h.give(t, "settle", month, "phone").want(t, 201)
			h.askSigned(t, "settle", "name", "phone").want(t, 201, "decision", "granted")
			return h
		}, hindsight.Apart{Consented: 1}},
		"excluded": {func(t *testing.T) *house {
			h := shop(t, terms{})
			h.attest(t, "t-1", "pay 221.65, accept 1")
			h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted")
			h.do(t, "privacy", "PUT /v1/parties/s-1/exclusion", `{"reason":"sold"}`).want(t, 200)
			h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "refused")
			return h
		}, hindsight.Apart{Excluded: 1}},
		"a budget": {func(t *testing.T) *house {
			h := street(t, within(func(l *budget.Limits) { l.Floor = 1 }), 3)
			h.harvest(t, "market", 1, 3)
			return h
		}, hindsight.Apart{PastBudget: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := x.house(t).replayed(t)
			if y.Changed != 0 || y.Was != y.Is || y.Apart != x.apart || y.Requests != 1 {
				t.Errorf("%d requests, %d changed, %+v apart, %+v then, %+v now: %+v", y.Requests, y.Changed, y.Apart, y.Was, y.Is, y.Differences())
			}
		})
	}
}
