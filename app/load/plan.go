package load

import (
	"math/rand/v2"
	"slices"
	"time"
)

// Blow is something that happens, at a step or at any moment.
type Blow string

// The blows.
const (
	Cut      Blow = "its connections are cut"
	Killed   Blow = "the broker is killed"
	Felled   Blow = "the database is killed"
	Frozen   Blow = "the broker freezes"
	Full     Blow = "the disk is full"
	Jumped   Blow = "its clock jumps"
	Sluggish Blow = "its connections are slow"
)

// Blows are all of them.
func Blows() []Blow { return []Blow{Cut, Killed, Felled, Frozen, Full, Jumped, Sluggish} }

// Fault is one round of a torture: what happens, when, and to whom.
type Fault struct {
	At      Step
	Blow    Blow
	Against int           // which broker
	Wait    time.Duration // before it
	Clock   time.Duration // how far that broker's clock is off from then on, where it jumps
}

// farthest is how far a clock may be off, either way. Two clocks that are half a
// day apart still agree on which idempotency keys are of the last 24 hours.
const farthest = 6 * time.Hour

// Plan is what a seed says: equal seeds, equal plans. First broker and database
// are killed at every step of a commit; then comes every other pair of step and
// blow, first those of which least was seen; then it begins anew, in another order.
func Plan(seed uint64, rounds, brokers int) []Fault {
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // a seed repeats a run
	plan := make([]Fault, 0, rounds)
	var due []Fault
	for len(plan) < rounds {
		if len(due) == 0 {
			due = pairs(random)
		}
		f := due[0]
		due = due[1:]
		f.Against = random.IntN(brokers)
		f.Wait = time.Duration(50+random.IntN(250)) * time.Millisecond
		off := time.Duration(random.Int64N(int64(2*farthest))) - farthest
		if f.Blow == Jumped {
			f.Clock = off.Round(time.Second)
		}
		plan = append(plan, f)
	}
	return plan
}

// pairs are all steps with all blows.
func pairs(random *rand.Rand) []Fault {
	var kills, rest []Fault
	for _, step := range append(Steps(), Anytime) {
		for _, blow := range Blows() {
			f := Fault{At: step, Blow: blow}
			if !step.reads() && step != Anytime && (blow == Killed || blow == Felled) {
				kills = append(kills, f)
			} else {
				rest = append(rest, f)
			}
		}
	}
	for _, some := range [][]Fault{kills, rest} {
		random.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
	}
	steps, blows := map[Step]int{}, map[Blow]int{}
	all := kills
	for _, f := range kills {
		steps[f.At]++
		blows[f.Blow]++
	}
	for len(rest) > 0 {
		next := 0
		for i, f := range rest {
			if steps[f.At]+blows[f.Blow] < steps[rest[next].At]+blows[rest[next].Blow] {
				next = i
			}
		}
		f := rest[next]
		steps[f.At]++
		blows[f.Blow]++
		all, rest = append(all, f), slices.Delete(rest, next, next+1)
	}
	return all
}
