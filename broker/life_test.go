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
	for _, m := range []*states.Machine{Life, Standing, GlassLife} {
		if err := m.Check(); err != nil {
			t.Fatal(err)
		}
	}
	for g := range Life.Why {
		if guardFaults[g] == nil && !slices.Contains([]states.Guard{refusedByLaw, givenByRow, leftToPeople, notHeard}, g) {
			t.Errorf("nobody is told what %s means", g)
		}
	}
}

// Every pair of state and event, for every actor: what the table lists leads
// where it says, and all else is refused with what would have been possible.
func TestLifeHasNoOtherWay(t *testing.T) {
	t.Parallel()
	if listed, refused := pairs(t, Life); listed < 50 || refused < 1000 {
		t.Errorf("%d pairs are listed and %d refused: the table was not looked at", listed, refused)
	}
	if listed, refused := pairs(t, Standing); listed != 5 || refused != 31 {
		t.Errorf("%d pairs are listed and %d refused: the table was not looked at", listed, refused)
	}
}

func pairs(t *testing.T, m *states.Machine) (listed, refused int) {
	t.Helper()
	for _, s := range append(m.States(), states.Beginning) {
		for _, e := range m.Events() {
			for _, a := range m.Actors() {
				rows := 0
				for i := range m.Rows {
					r := &m.Rows[i]
					if !slices.Contains(r.From, s) || r.On != e || !slices.Contains(r.By, a) {
						continue
					}
					rows++
					got, err := m.Next(s, e, a, func(g states.Guard) bool { return slices.Contains(r.Guards, g) })
					if err != nil || got.After(s) != r.After(s) {
						t.Errorf("%s by %s in %q: %v, %v, want %q", e, a, s, got, err, r.After(s))
					}
				}
				if rows > 0 {
					listed++
					continue
				}
				refused++
				_, err := m.Next(s, e, a, func(states.Guard) bool { return true })
				f := fault.Of(transition(err))
				if !errors.Is(f, ErrInvalidTransition) || f.Kind != fault.Conflict || f.Allowed == nil || slices.Contains(f.Allowed, string(e)) {
					t.Errorf("%s by %s in %q: %v (%v), want 409 with what is allowed", e, a, s, err, f.Allowed)
				}
			}
		}
	}
	return listed, refused
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
	for _, m := range []*states.Machine{Life, Standing, GlassLife} {
		want := "\n" + m.Markdown() + "\n"
		if documented(t, path, m.Name, want) != want {
			t.Errorf("%s is not what the table %s says; UPDATE=1 go test ./broker writes it", path, m.Name)
		}
	}
}
