package broker

import (
	"errors"
	"slices"
	"testing"

	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking/fault"
)

func TestLifeIsRight(t *testing.T) {
	t.Parallel()
	if err := Life.Check(); err != nil {
		t.Fatal(err)
	}
	for g := range Life.Why {
		if guardFaults[g] == nil && !slices.Contains([]states.Guard{refusedByLaw, givenByRow, leftToPeople, onlySafety, notHeard}, g) {
			t.Errorf("nobody is told what %s means", g)
		}
	}
}

// Every pair of state and event, for every actor: what the table lists leads
// where it says, and all else is refused with what would have been possible.
func TestLifeHasNoOtherWay(t *testing.T) {
	t.Parallel()
	listed, refused := 0, 0
	for _, s := range append(Life.States(), states.Beginning) {
		for _, e := range Life.Events() {
			for _, a := range Life.Actors() {
				rows := 0
				for i := range Life.Rows {
					r := &Life.Rows[i]
					if !slices.Contains(r.From, s) || r.On != e || !slices.Contains(r.By, a) {
						continue
					}
					rows++
					got, err := Life.Next(s, e, a, func(g states.Guard) bool { return slices.Contains(r.Guards, g) })
					if err != nil || got.After(s) != r.After(s) {
						t.Errorf("%s by %s in %q: %v, %v, want %q", e, a, s, got, err, r.After(s))
					}
				}
				if rows > 0 {
					listed++
					continue
				}
				refused++
				_, err := Life.Next(s, e, a, func(states.Guard) bool { return true })
				f := fault.Of(transition(err))
				if !errors.Is(f, ErrInvalidTransition) || f.Kind != fault.Conflict || f.Allowed == nil || slices.Contains(f.Allowed, string(e)) {
					t.Errorf("%s by %s in %q: %v (%v), want 409 with what is allowed", e, a, s, err, f.Allowed)
				}
			}
		}
	}
	if listed < 50 || refused < 1000 {
		t.Errorf("%d pairs are listed and %d refused: the table was not looked at", listed, refused)
	}
}

// What no path may do, whatever the guards say: states.md 3.2, invalid.
func TestLifeForbids(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		from states.State
		on   states.Event
	}{
		{Pending, See},
		{Hearing, See},
		{Second, See},
		{Denied, See},
		{AutoDenied, See},
		{TakenBack, See},
		{Ended, See},
		{Recalled, See},
		{Held, See},
		{Hearing, Grants},
		{InfoNeeded, Grants},
		{Denied, Grants},
		{TakenBack, Grants},
		{Ended, Grants},
		{AutoDenied, Grants},
		{Second, Grants},
		{Recalled, Reinstate},
		{Ended, Reinstate},
		{Ended, Recall},
		{Overturned, Appeal},
		{Granted, Overturn},
		{TakenBack, Answer},
	} {
		for _, a := range Life.Actors() {
			if row, err := Life.Next(test.from, test.on, a, func(states.Guard) bool { return true }); err == nil {
				t.Errorf("%s by %s in %s leads to %q, and must not be", test.on, a, test.from, row.To)
			}
		}
	}
}

// docs/states.md has the table as it is.
func TestStatesDocument(t *testing.T) {
	t.Parallel()
	const path = "../docs/states.md"
	want := "\n" + Life.Markdown() + "\n"
	if documented(t, path, "disclosure", want) != want {
		t.Errorf("%s is not what the table says; UPDATE=1 go test ./broker writes it", path)
	}
}
