package necessity

import "math/bits"

// Nobody asks Cedar while somebody waits for a decision. A policy reads few
// conditions, so loading a set asks it for each of their combinations, once,
// and keeps the answers as a truth table: from then on evaluating is a bit test.

// truth says in which situations a policy applies: a bit for each combination
// of the conditions that it reads, in the order in which situations has them.
type truth []uint64

func newTruth(reads Bits) truth {
	return make(truth, (1<<bits.OnesCount32(uint32(reads))+63)/64)
}

func (t truth) set(n int)      { t[n/64] |= 1 << (n % 64) }
func (t truth) has(n int) bool { return t[n/64]>>(n%64)&1 != 0 }

// among gives a situation its place among those that a mask tells apart.
func (b Bits) among(mask Bits) int {
	n := 0
	for i := 0; mask != 0; i++ {
		if c := mask & -mask; b&c != 0 {
			n |= 1 << i
		}
		mask &= mask - 1
	}
	return n
}

// spot is where a permit can apply: a kind, role and purpose, a field, and who
// decides, if the permit asks.
type spot struct {
	place, field int
	auto         bool
}

// voice is a policy in one mode of a clause.
type voice struct {
	*rule
	truth truth
}

func (v voice) applies(b Bits) bool { return v.truth.has(b.among(v.reads)) }

// mode is one way in which a field can go out: decided by the engine alone or
// by a person, as an alias or as the value itself.
type mode struct {
	auto, alias bool
	permits     []voice
	forbids     []voice // what of the floor can apply
}

// allowed gives the permits that hold, or the forbids in their way; neither
// where no permit is for this mode. What errs is not here: a set with a policy
// that errs in any situation is refused, whereas Cedar would skip it.
func (m *mode) allowed(b Bits) (hold rules, forbids []string) {
	if len(m.permits) == 0 {
		return nil, nil
	}
	for _, v := range m.forbids {
		if v.applies(b) {
			forbids = append(forbids, v.id)
		}
	}
	if len(forbids) > 0 {
		return nil, forbids
	}
	for _, v := range m.permits {
		if v.applies(b) {
			hold = append(hold, v.rule)
		}
	}
	return hold, nil
}
