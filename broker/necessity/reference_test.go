package necessity

import (
	"cmp"
	"iter"
	"maps"
	"math/bits"
	"slices"
	"testing"

	cedar "github.com/cedar-policy/cedar-go"
	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// reference answers as the tables of an engine must, the slow way: it asks Cedar
// for every situation, with the whole floor, every permit of the ground and every
// condition there is, and it looks for what is missing by trying.
type reference struct {
	floor, permits []*rule
	judged         map[question]FieldDecision
}

// question is for one clause in one situation.
type question struct {
	place, field int
	ground       Ground
	bits         Bits
}

// All makes rules a cedar.PolicyIterator.
func (rs rules) All() iter.Seq2[cedar.PolicyID, *cedar.Policy] {
	return func(yield func(cedar.PolicyID, *cedar.Policy) bool) {
		for _, r := range rs {
			if !yield(cedar.PolicyID(r.id), r.policy) {
				return
			}
		}
	}
}

// allowed gives the permits that hold, or the forbids in their way.
func (x *reference) allowed(tb testing.TB, q question, auto, alias bool) (hold rules, forbids []string) {
	tb.Helper()
	set, byID := rules{}, map[cedar.PolicyID]*rule{}
	for _, r := range x.permits {
		if r.ground == q.ground && r.relay == alias && (r.auto || !auto) && r.reach[q.place].has(q.field) {
			set, byID[cedar.PolicyID(r.id)] = append(set, r), r
		}
	}
	if len(set) == 0 {
		return nil, nil
	}
	k, r, p := at(q.place)
	f := frame{k, q.ground, auto, alias}
	decision, diag := cedar.Authorize(append(set, x.floor...), nil, request(r, p, q.field, f.context(Of(Conditions()...), q.bits)))
	if len(diag.Errors) > 0 {
		tb.Fatalf("evaluate: %v", diag.Errors)
	}
	for _, reason := range diag.Reasons {
		if decision == cedar.Allow {
			hold = append(hold, byID[reason.PolicyID])
		} else {
			forbids = append(forbids, string(reason.PolicyID))
		}
	}
	return hold, forbids
}

func (x *reference) judge(tb testing.TB, q question) FieldDecision {
	tb.Helper()
	if d, ok := x.judged[q]; ok {
		return d
	}
	c := &clause{field: q.field, ground: q.ground}
	d := FieldDecision{Field: fieldTable[q.field], Outcome: Withheld}
	for _, auto := range []bool{true, false} {
		alias, forbids := x.allowed(tb, q, auto, true)
		if len(alias) > 0 && q.bits.Has(Relay) {
			d = c.give(alias, auto)
			break
		}
		value, more := x.allowed(tb, q, auto, false)
		if len(value) > 0 {
			d = c.give(value, auto)
			break
		}
		if len(alias) > 0 && !d.blocked {
			d.blocked, d.Nearest = true, alias[0].id
		}
		d.Forbids = union(forbids, more)
	}
	x.judged[q] = d
	return d
}

func (x *reference) explain(tb testing.TB, s *sheet, q question) FieldDecision {
	tb.Helper()
	d := x.judge(tb, q)
	if d.Outcome != Withheld {
		return d
	}
	b, open := q.bits, q
	open.bits = b &^ Of(SubjectRestricted, SubjectMinor, SubjectAtRisk)
	switch clear := x.judge(tb, open); {
	case b.Has(Cancelled):
		d.Reason = TransactionCancelled
	case clear.Outcome != Withheld:
		d.Reason = NotAvailable
	case clear.blocked:
		d.Reason = RelayUnavailable
	default:
		d.Reason = NotNecessary
		come, would := x.nearest(tb, s, open)
		if would == nil {
			break
		}
		d.Missing, d.Nearest = come.Conditions(), cmp.Or(would.Rule, would.Nearest)
		for _, condition := range d.Missing {
			if _, _, ok := condition.Obligation(s.kind, b); ok {
				d.Reason = NoPerformance
			}
		}
	}
	return d
}

func (x *reference) nearest(tb testing.TB, s *sheet, q question) (come Bits, would *FieldDecision) {
	tb.Helper()
	var open Bits
	for _, condition := range s.told {
		if !q.bits.Has(condition) && condition.canCome(s.kind, q.bits) {
			open |= condition.Bit()
		}
	}
	for size := 1; size <= bits.OnesCount32(uint32(open)) && would == nil; size++ {
		waits := size + 1
		for set := range situations(open) {
			if bits.OnesCount32(uint32(set)) != size {
				continue
			}
			with := q
			with.bits |= set
			d := x.judge(tb, with)
			n := 0
			for _, condition := range set.Conditions() {
				if _, _, ok := condition.Obligation(s.kind, q.bits); !ok {
					n++
				}
			}
			if d.holds() && n < waits {
				come, would, waits = set, &d, n
			}
		}
	}
	return come, would
}

// differ holds one situation of an engine against the reference.
func (x *reference) differ(tb testing.TB, e *Engine, place int, b Bits) {
	tb.Helper()
	s := e.sheets[place]
	d := e.Decide(s.kind, s.role, s.purpose, b)
	for f := range fieldTable {
		var best *FieldDecision
		for _, g := range groundTable {
			named := slices.ContainsFunc(x.permits, func(r *rule) bool { return r.ground == g && r.reach[place].has(f) })
			if !named {
				continue
			}
			want := x.explain(tb, s, question{place, f, g, b})
			if diff := gocmp.Diff(&want, d.Under(g, fieldTable[f]), gocmp.AllowUnexported(FieldDecision{})); diff != "" {
				tb.Fatalf("%s %s %s under %s when %q:\n%s", s.kind, s.role, s.purpose, g, b, diff)
			}
			if best == nil || better(&want, best) {
				best = &want
			}
		}
		if best != nil && !gocmp.Equal(best, d.Field(fieldTable[f]), gocmp.AllowUnexported(FieldDecision{})) {
			tb.Fatalf("%s %s %s when %q: %+v, want %+v", s.kind, s.role, s.purpose, b, d.Field(fieldTable[f]), best)
		}
	}
}

// sound makes a set of a reference and its engine; nil if it is refused.
func sound(tb testing.TB, read reader) (*reference, *Engine) {
	tb.Helper()
	e, problems := build(floorText, read)
	if len(problems) > 0 {
		return nil, nil
	}
	floor, _ := readFloor(floorText)
	permits, _ := read()
	for _, r := range permits {
		if p := append(r.annotate(), r.explore()...); len(p) > 0 {
			tb.Fatal(p)
		}
	}
	return &reference{floor, permits, map[question]FieldDecision{}}, e
}

// Every cell of the tables is what Cedar says, to the last member: of the set
// that ships, and of one with 200 permits.
func TestTablesAreWhatCedarSays(t *testing.T) {
	t.Parallel()
	many := folder(map[string]string{"many.cedar": everywhere(t).Text()})
	for name, read := range map[string]reader{"shipped": folderOf(defaultFiles, "defaults"), "200": folderOf(many, ".")} {
		x, e := sound(t, read)
		cells := 0
		for place, s := range e.sheets {
			if len(s.permits) == 0 {
				continue
			}
			clear(x.judged)
			for b := range situations(Of(s.told...)) {
				x.differ(t, e, place, b)
				cells += len(s.necessary)
			}
		}
		if cells == 0 {
			t.Errorf("%s: no cell, which proves nothing", name)
		}
	}
}

// So is every set that policy check accepts, wherever it is asked.
func TestTablesOfAnySetAreWhatCedarSays(t *testing.T) {
	t.Parallel()
	accepted, outcomes := 0, map[Outcome]int{}
	rapid.Check(t, func(rt *rapid.T) {
		fsys := folder(map[string]string{"p.cedar": permits(rt)})
		x, e := sound(t, folderOf(fsys, "."))
		if e == nil {
			return
		}
		accepted++
		for place, s := range e.sheets {
			if len(s.permits) == 0 {
				continue
			}
			clear(x.judged)
			for range 24 {
				b := Bits(rapid.Uint32Range(0, 1<<conditionCount-1).Draw(rt, "bits"))
				if rapid.Bool().Draw(rt, "open") { // else nearly all are closed
					b &^= closing
				}
				x.differ(t, e, place, b)
				for _, f := range s.necessary {
					outcomes[e.Decide(s.kind, s.role, s.purpose, b).Field(f).Outcome]++
				}
			}
		}
	})
	if kinds := slices.Collect(maps.Keys(outcomes)); accepted < 20 || len(kinds) < 3 {
		t.Errorf("%d sets were accepted, and came to %v: this proves nothing", accepted, kinds)
	}
}

// The first decision of a situation allocates as much with 200 permits as with
// five: itself, and its list by ground.
func TestFirstDecisionAllocatesAlike(t *testing.T) {
	for name, e := range sets(t) {
		s := e.sheets[place(ShippedGoods, Seller, Deliver)]
		n := 0
		allocations := testing.AllocsPerRun(len(s.decisions)-1, func() { // and once to warm up
			e.Decide(ShippedGoods, Seller, Deliver, s.bits(n))
			n++
		})
		if allocations != 2 {
			t.Errorf("%s: %v allocations", name, allocations)
		}
	}
}
