package load_test

import (
	"reflect"
	"testing"

	"bauta.dev/bauta/app/load"
)

// A seed repeats a run: what happens, when and to whom follows from it alone.
func TestPlanFollowsFromItsSeed(t *testing.T) {
	t.Parallel()
	const rounds, brokers = 200, 4
	for seed := range uint64(50) {
		plan := load.Plan(seed, rounds, brokers)
		if again := load.Plan(seed, rounds, brokers); !reflect.DeepEqual(plan, again) {
			t.Fatalf("seed %d gave two plans", seed)
		}
		if other := load.Plan(seed+1, rounds, brokers); reflect.DeepEqual(plan, other) {
			t.Errorf("seeds %d and %d gave one plan", seed, seed+1)
		}
		if shorter := load.Plan(seed, rounds/4, brokers); !reflect.DeepEqual(shorter, plan[:rounds/4]) {
			t.Errorf("seed %d: a shorter run is not the beginning of a longer one", seed)
		}
	}
}

// The short form kills both at every step of a commit, and has every step and
// every blow; the long one has every pair of them, against every broker.
func TestPlanLeavesNothingOut(t *testing.T) {
	t.Parallel()
	type pair struct {
		at   load.Step
		blow load.Blow
	}
	steps := append(load.Steps(), load.Anytime)
	for seed := range uint64(50) {
		pairs, at, blows, against, clocks := map[pair]bool{}, map[load.Step]bool{}, map[load.Blow]bool{}, map[int]bool{}, false
		for i, f := range load.Plan(seed, len(steps)*len(load.Blows()), 4) {
			pairs[pair{f.At, f.Blow}], at[f.At], blows[f.Blow], against[f.Against] = true, true, true, true
			clocks = clocks || f.Clock != 0
			if i+1 == shortRounds && (len(at) < len(steps) || len(blows) < len(load.Blows()) || !clocks) {
				t.Errorf("seed %d: the short form has only %d steps and %d blows, clocks: %t", seed, len(at), len(blows), clocks)
			}
			for _, step := range []load.Step{load.Asked, load.Torn, load.Sent, load.Done, load.Half, load.Slow} {
				if i+1 == shortRounds && (!pairs[pair{step, load.Killed}] || !pairs[pair{step, load.Felled}]) {
					t.Errorf("seed %d: the short form does not kill both at %q", seed, step)
				}
			}
		}
		if len(pairs) != len(steps)*len(load.Blows()) || len(against) != 4 {
			t.Errorf("seed %d: the long form has only %d pairs against %d brokers", seed, len(pairs), len(against))
		}
	}
}
