package budget

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// known are counts that nobody has to read: nothing has been spent yet.
func known(charges ...*Charge) *Counts {
	c := &Counts{}
	learn(c, charges)
	return c
}

func learn(c *Counts, charges []*Charge) {
	days, subjects, reach := c.Unknown(charges)
	for _, d := range days {
		c.LearnRequests(d, 0)
	}
	for _, s := range subjects {
		c.LearnSubject(s, Reached{})
	}
	if reach {
		c.LearnReach(nil)
	}
}

// grant is a granted request of a requester, about a subject, with a key.
func grant(at time.Time, subject int64, l *Limits) *Charge {
	return &Charge{At: at, Key: "k", Requester: 1, Requests: 1, Subject: subject, Person: true, Grants: 1, Limits: l}
}

func names(over []Over) (ns []Name) {
	for _, o := range over {
		ns = append(ns, o.Name)
	}
	return ns
}

// Each budget stops at its own number, and says so.
func TestLimits(t *testing.T) {
	t.Parallel()
	far := Limits{Requests: 100, Waiting: 100, Person: 100, Floor: 100, FloorDay: 100}
	for name, x := range map[string]struct {
		change func(*Limits)
		charge func(i int) *Charge
		most   int
		want   []Name
	}{
		"requests of a requester": {func(l *Limits) { l.Requests = 3 }, func(i int) *Charge { return grant(noon, int64(i+1), nil) }, 3, []Name{Requester}},
		"grants on a person":      {func(l *Limits) { l.Person = 4 }, func(int) *Charge { return grant(noon, 7, nil) }, 4, []Name{Subject}},
		"people of an hour":       {func(l *Limits) { l.Floor = 5 }, func(i int) *Charge { return grant(noon, int64(i+1), nil) }, 5, []Name{Key, Deployment}},
		"people of a day": {func(l *Limits) { l.FloorDay = 6 }, func(i int) *Charge {
			return grant(noon.Add(time.Duration(i)*time.Hour), int64(i+1), nil)
		}, 6, []Name{DeploymentDay}},
		"people of a key": {func(l *Limits) { l.Floor = 5 }, func(i int) *Charge {
			c := grant(noon, int64(i%5+1), nil) // the same five, with another key
			if i >= 5 {
				c.Key = "other"
			}
			if i == 10 {
				c.Subject = 9
			}
			return c
		}, 10, []Name{Key, Deployment}},
		"a person a second time": {func(l *Limits) { l.Floor = 1 }, func(int) *Charge { return grant(noon, 1, nil) }, 100, []Name{Requester, Subject}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := far
			x.change(&l)
			c := &Counts{}
			for i := 0; ; i++ {
				charge := x.charge(i)
				charge.Limits = &l
				learn(c, []*Charge{charge})
				if over := c.Spend().Charge(charge); len(over) > 0 {
					if i != x.most || !cmp.Equal(names(over), x.want) {
						t.Errorf("after %d: %v, want %v after %d", i, names(over), x.want, x.most)
					}
					return
				}
			}
		})
	}
}

// The edges of an hour: twelve slots of five minutes, the one under way among
// them. What was reached in the twelve before is what this hour may double.
func TestHours(t *testing.T) {
	t.Parallel()
	l := Limits{Requests: 1000, Person: 1000, Floor: 2, FloorDay: 1000}
	for after, want := range map[time.Duration]int{
		0: 0, 55*time.Minute - time.Second: 0, 59 * time.Minute: 0, time.Hour: 8, 119 * time.Minute: 8, 2 * time.Hour: 2,
	} {
		t.Run(after.String(), func(t *testing.T) {
			t.Parallel()
			c := known(grant(noon, 1, &l))
			c.LearnReach(map[Stretch]int{{SlotOf(noon), ""}: 4, {SlotOf(noon), "k"}: 4})
			got := 0
			for i := range 20 {
				x := grant(noon.Add(after), int64(100+i), &l)
				learn(c, []*Charge{x})
				if len(c.Spend().Charge(x)) == 0 {
					got++
				}
			}
			if got != want {
				t.Errorf("%d people, want %d", got, want)
			}
		})
	}
}

// What was spent and undone was never spent; what is forced counts, and is never refused.
func TestUndone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := Limits{Requests: 20, Waiting: 5, Person: 4, Floor: 6, FloorDay: 15}
		c, twin := &Counts{}, &Counts{}
		at := noon
		for range rapid.IntRange(1, 30).Draw(t, "commits") {
			at = at.Add(time.Duration(rapid.IntRange(-10, 90).Draw(t, "minutes")) * time.Minute)
			var charges []*Charge
			for range rapid.IntRange(1, 4).Draw(t, "batch") {
				x := grant(at, rapid.Int64Range(0, 9).Draw(t, "subject"), &l)
				x.Key = rapid.SampledFrom([]string{"k", "m"}).Draw(t, "key")
				x.Requester = rapid.Int64Range(1, 3).Draw(t, "requester")
				if rapid.Bool().Draw(t, "forced") {
					x.Limits, x.Again = nil, 2
				}
				charges = append(charges, x)
			}
			kept := rapid.Bool().Draw(t, "kept")
			learn(c, charges)
			learn(twin, charges)
			spent, again := c.Spend(), twin.Spend()
			for _, x := range charges {
				over := spent.Charge(x)
				if len(over) > 0 && x.Limits == nil {
					t.Fatal("what is forced was refused")
				}
				if kept && len(again.Charge(x)) != len(over) {
					t.Fatal("what was undone still counts")
				}
			}
			if !kept {
				spent.Undo()
			}
		}
	})
}

// Every budget has its rule, with its numbers in words.
func TestRules(t *testing.T) {
	t.Parallel()
	rules := Default().Rules()
	for i, name := range Names() {
		if rules[i].Name != name || rules[i].Limit == "" || rules[i].ThenAsked == "" {
			t.Errorf("rule %d: %v", i, rules[i])
		}
	}
}

func BenchmarkCharge(b *testing.B) {
	l := Default().WithFloor(1 << 30)
	l.Requests, l.Person = 1<<30, 1<<30
	c := known(grant(noon, 1, &l))
	people := map[Stretch]int{}
	for i := range int64(Kept) {
		people[Stretch{SlotOf(noon) - i, ""}], people[Stretch{SlotOf(noon) - i, "k"}] = 3, 3
	}
	c.LearnReach(people)
	charges := make([]*Charge, 1000)
	for i := range charges {
		charges[i] = grant(noon, int64(i+1), &l)
	}
	learn(c, charges)
	b.ReportAllocs()
	for b.Loop() {
		s := c.Spend()
		for _, x := range charges[:64] {
			if over := s.Charge(x); len(over) > 0 {
				b.Fatal(fmt.Sprint(over))
			}
		}
	}
}
