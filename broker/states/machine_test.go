package states_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"bauta.dev/bauta/broker/states"
)

// door is a machine small enough to see at a glance.
func door() *states.Machine {
	return &states.Machine{
		Name: "door", Clock: "clock", Finals: []states.State{"walled"},
		Timers: map[states.Timer]states.Event{"draught": "slam"},
		Why:    map[states.Guard]string{"key": "he has the key", "calm": "there is no wind"},
		Rows: []states.Row{
			{From: []states.State{states.Beginning}, On: "hang", By: []states.Actor{"joiner"}, To: "shut"},
			{From: []states.State{"shut"}, On: "open", By: []states.Actor{"guest"}, Guards: []states.Guard{"key"}, To: "open", Timer: "draught"},
			{From: []states.State{"open"}, On: "slam", By: []states.Actor{"clock"}, To: "shut"},
			{From: []states.State{"open", "shut"}, On: "knock", By: []states.Actor{"guest"}},
			{From: []states.State{"shut"}, On: "wall_up", By: []states.Actor{"joiner"}, Guards: []states.Guard{"calm", "key"}, To: "walled", Effects: []states.Effect{"tell"}},
		},
	}
}

func all(states.Guard) bool { return true }

func TestNext(t *testing.T) {
	t.Parallel()
	m := door()
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		from  states.State
		on    states.Event
		by    states.Actor
		lacks states.Guard
		to    states.State
		want  states.RefusedError
	}{
		{from: "", on: "hang", by: "joiner", to: "shut"},
		{from: "shut", on: "open", by: "guest", to: "open"},
		{from: "shut", on: "knock", by: "guest", to: "shut"},
		{from: "shut", on: "wall_up", by: "joiner", to: "walled"},
		{from: "shut", on: "open", by: "guest", lacks: "key", want: states.RefusedError{Guard: "key"}},
		{from: "shut", on: "wall_up", by: "joiner", lacks: "calm", want: states.RefusedError{Guard: "calm"}},
		{from: "shut", on: "open", by: "joiner", want: states.RefusedError{Allowed: []states.Event{"wall_up"}}},
		{from: "walled", on: "open", by: "guest", want: states.RefusedError{Allowed: []states.Event{}}},
		{from: "open", on: "open", by: "guest", want: states.RefusedError{Allowed: []states.Event{"knock"}}},
	} {
		row, err := m.Next(test.from, test.on, test.by, func(g states.Guard) bool { return g != test.lacks })
		if test.to != "" {
			if err != nil || row.After(test.from) != test.to {
				t.Errorf("%s in %q: %v, %v, want %s", test.on, test.from, row, err, test.to)
			}
			continue
		}
		r, ok := errors.AsType[*states.RefusedError](err)
		if !ok || r.Guard != test.want.Guard || !slices.Equal(r.Allowed, test.want.Allowed) || r.State != test.from || r.Event != test.on {
			t.Errorf("%s in %q: %+v, want %+v", test.on, test.from, err, test.want)
		}
	}
}

// The first row whose guards hold is taken, and the last that did not says why.
func TestNextTriesRowsInOrder(t *testing.T) {
	t.Parallel()
	m := &states.Machine{Rows: []states.Row{
		{From: []states.State{"a"}, On: "go", By: []states.Actor{"x"}, Guards: []states.Guard{"one"}, To: "b"},
		{From: []states.State{"a"}, On: "go", By: []states.Actor{"x"}, Guards: []states.Guard{"two"}, To: "c"},
	}}
	row, err := m.Next("a", "go", "x", func(g states.Guard) bool { return g == "two" })
	if err != nil || row.To != "c" {
		t.Errorf("%v, %v, want c", row, err)
	}
	if row, err = m.Next("a", "go", "x", all); err != nil || row.To != "b" {
		t.Errorf("%v, %v, want b", row, err)
	}
	_, err = m.Next("a", "go", "x", func(states.Guard) bool { return false })
	if r, ok := errors.AsType[*states.RefusedError](err); !ok || r.Guard != "two" || r.Allowed != nil {
		t.Errorf("%v, want that two does not hold", err)
	}
}

func TestCheckFinds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil func(*states.Machine)
		want  string
	}{
		"unreachable":  {func(m *states.Machine) { m.Rows[1].From = []states.State{"ajar"} }, `no way leads to "ajar"`},
		"dead end":     {func(m *states.Machine) { m.Finals = nil }, `no way leads on from "walled"`},
		"shadow":       {func(m *states.Machine) { m.Rows = append(m.Rows, m.Rows[1]) }, "can never be taken"},
		"no event":     {func(m *states.Machine) { m.Timers = nil }, "timer draught"},
		"mute guard":   {func(m *states.Machine) { delete(m.Why, "key") }, "nothing says what key means"},
		"leads no way": {func(m *states.Machine) { m.Rows[0].To = "" }, "leads nowhere"},
		"nobody":       {func(m *states.Machine) { m.Rows[0].By = nil }, "no state, event or actor"},
	} {
		m := door()
		test.spoil(m)
		if err := m.Check(); !errors.Is(err, states.ErrMachine) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

func TestMarkdownNamesEverything(t *testing.T) {
	t.Parallel()
	table := door().Markdown()
	for _, want := range []string{"`shut`", "`open`", "`key`", "he has the key", "`draught`, then `slam`", "| stays |", "`tell`", "(nothing yet)"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table lacks %s:\n%s", want, table)
		}
	}
}
