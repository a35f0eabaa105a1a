package necessity

import (
	"strings"
	"testing"

	"bauta.dev/bauta/masking"
)

// What is kept of a set is the set: over the same floor it has the same
// version, and answers every cell alike.
func TestKeptSetIsTheSet(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]*Engine{"shipped": shipped(t), "one": written(t, map[string]string{"a.cedar": "// why\n" + good})} {
		again, err := Restore(e.Text())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if again.Version() != e.Version() || again.Text() != e.Text() {
			t.Errorf("%s: kept as %s, restored as %s", name, e.Version(), again.Version())
		}
		recalled, err := Recall(e.Text(), e.Floor())
		if err != nil || recalled.Version() != e.Version() {
			t.Errorf("%s: recalled as %v, %v", name, recalled, err)
		}
		if v, err := VersionOf(e.Text(), e.Floor()); v != e.Version() || err != nil {
			t.Errorf("%s: the version of what is kept is %s, %v", name, v, err)
		}
	}
	if e := written(t, map[string]string{"a.cedar": good}); strings.Contains(e.Text(), "//") {
		t.Errorf("comments are kept: %s", e.Text())
	}
	if _, err := Restore("permit"); err == nil {
		t.Error("a text that is no set was restored")
	}
}

// A floor that was another one is recalled for comparing, so that a binary
// with a lower floor is found to reveal more.
func TestLowerFloorRevealsMore(t *testing.T) {
	t.Parallel()
	e := written(t, map[string]string{"a.cedar": good})
	higher := e.Floor() + `@id("floor-test") @why("test") forbid (principal, action, resource) when { context.kind == Kind::"rental" };`
	before, err := Recall(e.Text(), higher)
	if err != nil {
		t.Fatal(err)
	}
	if c := before.Compare(e); c.Reveals == 0 || c.From == c.To {
		t.Errorf("rentals are newly open, and %d changes reveal more", c.Reveals)
	}
	if c := e.Compare(before); c.Reveals != 0 || len(c.Changes) == 0 {
		t.Errorf("rentals are newly shut: %+v", c.Changes)
	}
	none, err := Recall("", "")
	if err != nil {
		t.Fatal(err)
	}
	if c := none.Compare(e); c.Reveals != len(c.Changes) || c.Reveals == 0 {
		t.Errorf("against nothing: %d of %d changes reveal", c.Reveals, len(c.Changes))
	}
}

// A comparison's hash names the two sets and what differs, in that direction.
func TestComparisonHasAName(t *testing.T) {
	t.Parallel()
	a, b := written(t, map[string]string{"a.cedar": good}), written(t, map[string]string{"a.cedar": strings.Replace(good, "30d", "31d", 1)})
	if again := a.Compare(b).Hash; again != a.Compare(b).Hash || a.Compare(b).Hash == b.Compare(a).Hash || a.Compare(b).Hash == a.Compare(a).Hash {
		t.Errorf("%s, %s, %s", a.Compare(b).Hash, b.Compare(a).Hash, a.Compare(a).Hash)
	}
	if c := a.Compare(b); c.Reveals != len(Kinds()) || len(c.Changes) != c.Reveals {
		t.Errorf("a longer term: %+v", c)
	}
}

// A decision that was made before allocates nothing, however many policies
// there are.
func TestDecidingAllocatesNothing(t *testing.T) {
	for name, e := range map[string]*Engine{"defaults": shipped(t), "200": crowded(t)} {
		decide := func() {
			d := e.Decide(ShippedGoods, Seller, Deliver, Of(Accepted, Held, Shipped))
			if d.Under(d.Ground(d.Necessary), masking.Name).Outcome != Granted {
				t.Fatalf("%s: not granted", name)
			}
		}
		if n := testing.AllocsPerRun(100, decide); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
