// Package states decides what can happen next: state machines written down as
// data, and the one small engine that runs all of them. It knows no clock and
// no store: what holds and what time it is, its caller says.
package states

import (
	"errors"
	"fmt"
	"slices"
)

// The words of a machine. They are part of the API and of signed history, and
// never change once they are released.
type (
	State  string // where something stands
	Event  string // what happens to it
	Actor  string // who lets it happen
	Guard  string // what must hold for it
	Effect string // what has to be done with it, in the same commit
	Timer  string // which deadline begins with it
)

// Beginning is the state of what is not there yet.
const Beginning State = ""

// Row is one line of a machine: in any of the states From, when Event comes from
// one of By and all Guards hold, the next state is To. An empty To stays where
// it is. Rows are tried in their order.
type Row struct {
	From   []State
	On     Event
	By     []Actor
	Guards []Guard
	To     State
	// Effects are for the caller to carry out, together with the change.
	Effects []Effect
	// Timer begins with the row; it ends with the next change of state.
	Timer Timer
}

// Machine is a life, written down.
type Machine struct {
	Name string
	Rows []Row
	// Finals are the states after which nothing but what is listed happens.
	Finals []State
	// Timers say which event a deadline is, once it has passed.
	Timers map[Timer]Event
	// Clock is the actor that timers act as.
	Clock Actor
	// Why says of each guard what a caller would have to know to do better.
	Why map[Guard]string
}

// RefusedError says why an event did not happen.
type RefusedError struct {
	State State
	Event Event
	// Guard is what did not hold; empty where no row has this event in this state
	// by this actor.
	Guard   Guard
	Allowed []Event // by this actor, in this state, guards left aside
}

func (r *RefusedError) Error() string {
	if r.Guard != "" {
		return fmt.Sprintf("%s in state %q: %s does not hold", r.Event, r.State, r.Guard)
	}
	return fmt.Sprintf("%s is not possible in state %q", r.Event, r.State)
}

// Next is the row that is taken. holds is asked for guards only, and only for
// those of rows that fit. The error is a *RefusedError: with the first guard that did
// not hold in the last row that fits, or without one where no row fits.
func (m *Machine) Next(from State, on Event, by Actor, holds func(Guard) bool) (*Row, error) {
	refused := &RefusedError{State: from, Event: on}
	for i := range m.Rows {
		r := &m.Rows[i]
		if !r.fits(from, on, by) {
			continue
		}
		missing, all := r.missing(holds)
		if all {
			return r, nil
		}
		refused.Guard = missing
	}
	if refused.Guard == "" {
		refused.Allowed = m.Allowed(from, by)
	}
	return nil, refused
}

func (r *Row) fits(from State, on Event, by Actor) bool {
	return r.On == on && slices.Contains(r.From, from) && slices.Contains(r.By, by)
}

func (r *Row) missing(holds func(Guard) bool) (Guard, bool) {
	for _, g := range r.Guards {
		if !holds(g) {
			return g, false
		}
	}
	return "", true
}

// After is where a row leads from a state.
func (r *Row) After(from State) State {
	if r.To == Beginning {
		return from
	}
	return r.To
}

// Has says whether an effect comes with the row.
func (r *Row) Has(e Effect) bool { return slices.Contains(r.Effects, e) }

// Allowed are the events that an actor has in a state, each once, in the order
// of the rows.
func (m *Machine) Allowed(from State, by Actor) []Event {
	events := []Event{}
	for i := range m.Rows {
		r := &m.Rows[i]
		if slices.Contains(r.From, from) && slices.Contains(r.By, by) && !slices.Contains(events, r.On) {
			events = append(events, r.On)
		}
	}
	return events
}

// States are all that a row names, in the order in which they appear.
func (m *Machine) States() []State {
	var all []State
	for i := range m.Rows {
		for _, s := range append(slices.Clone(m.Rows[i].From), m.Rows[i].To) {
			if s != Beginning && !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

// Events are all that a row names, likewise.
func (m *Machine) Events() []Event {
	var all []Event
	for i := range m.Rows {
		if !slices.Contains(all, m.Rows[i].On) {
			all = append(all, m.Rows[i].On)
		}
	}
	return all
}

// Actors are all that a row names, likewise.
func (m *Machine) Actors() []Actor {
	var all []Actor
	for i := range m.Rows {
		for _, a := range m.Rows[i].By {
			if !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
	}
	return all
}

// ErrMachine says that a machine is not right in itself.
var ErrMachine = errors.New("the machine is not right in itself")

// Check demands what every machine must have: a way from the beginning to every
// state, no row that can never be taken, no state but the final ones without a
// way on, an event for every timer that begins, and a word for every guard.
func (m *Machine) Check() error {
	var errs []error
	wrong := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: "+format+": %w", append(append([]any{m.Name}, args...), ErrMachine)...))
	}
	reached := m.reached()
	for _, s := range m.States() {
		if !reached[s] {
			wrong("no way leads to %q", s)
		}
		if !slices.Contains(m.Finals, s) && !m.leaves(s) {
			wrong("no way leads on from %q, and it is not final", s)
		}
	}
	for i := range m.Rows {
		r := &m.Rows[i]
		if j := m.shadow(i); j >= 0 {
			wrong("row %d (%s) can never be taken: row %d comes first", i+1, r.On, j+1)
		}
		if len(r.From) == 0 || len(r.By) == 0 || r.On == "" {
			wrong("row %d has no state, event or actor", i+1)
		}
		if r.To == Beginning && slices.Contains(r.From, Beginning) {
			wrong("row %d (%s) leads nowhere", i+1, r.On)
		}
		for _, g := range r.Guards {
			if m.Why[g] == "" {
				wrong("nothing says what %s means", g)
			}
		}
		if r.Timer == "" {
			continue
		}
		event, ok := m.Timers[r.Timer]
		to := r.To
		if _, err := m.Next(to, event, m.Clock, func(Guard) bool { return true }); !ok || to == Beginning || err != nil {
			wrong("timer %s of row %d is no event of state %q", r.Timer, i+1, to)
		}
	}
	return errors.Join(errs...)
}

func (m *Machine) reached() map[State]bool {
	reached := map[State]bool{Beginning: true}
	for grown := true; grown; {
		grown = false
		for i := range m.Rows {
			r := &m.Rows[i]
			if !reached[r.To] && slices.ContainsFunc(r.From, func(s State) bool { return reached[s] }) {
				reached[r.To], grown = true, true
			}
		}
	}
	return reached
}

func (m *Machine) leaves(s State) bool {
	return slices.ContainsFunc(m.Rows, func(r Row) bool {
		return slices.Contains(r.From, s) && r.To != Beginning && r.To != s
	})
}

// shadow is an earlier row that takes everything that row i could, or -1.
func (m *Machine) shadow(i int) int {
	r := &m.Rows[i]
	for j := range m.Rows[:i] {
		e := &m.Rows[j]
		within := e.On == r.On
		for _, s := range r.From {
			within = within && slices.Contains(e.From, s)
		}
		for _, a := range r.By {
			within = within && slices.Contains(e.By, a)
		}
		for _, g := range e.Guards {
			within = within && slices.Contains(r.Guards, g)
		}
		if within {
			return j
		}
	}
	return -1
}
