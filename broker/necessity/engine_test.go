package necessity

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	cedar "github.com/cedar-policy/cedar-go"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"bauta.dev/bauta/masking"
)

// naive answers by Cedar alone: every permit, the whole floor, every
// condition. It knows nothing of sheets, clauses and what is told apart.
func naive(t *rapid.T, floor, permits []*rule, k Kind, r Role, p Purpose, field int, b Bits) Outcome {
	best := Withheld
	for _, g := range []Ground{Ground3b, Ground3f} { // no permit that ships has another
		for _, mode := range []struct {
			auto bool
			Outcome
		}{{true, Granted}, {false, Pending}} {
			for _, alias := range []bool{false, true} {
				set := cedar.NewPolicySet()
				for _, rule := range floor {
					set.Add(cedar.PolicyID(rule.id), rule.policy)
				}
				for _, rule := range permits {
					if rule.ground == g && (rule.auto || !mode.auto) && rule.relay == alias {
						set.Add(cedar.PolicyID(rule.id), rule.policy)
					}
				}
				f := frame{k, g, mode.auto, alias}
				decision, diag := cedar.Authorize(set, nil, request(r, p, field, f.context(Of(Conditions()...), b)))
				if len(diag.Errors) > 0 {
					t.Fatalf("evaluate: %v", diag.Errors)
				}
				if decision == cedar.Allow && (!alias || b.Has(Relay)) && (best == Withheld || mode.auto) {
					best = mode.Outcome
				}
			}
		}
	}
	return best
}

func TestDecideIsWhatCedarSays(t *testing.T) {
	e := shipped(t)
	floor, _ := readFloor(floorText)
	permits, _ := readFolder(defaultFiles, "defaults")
	for _, r := range permits {
		r.annotate()
	}
	rapid.Check(t, func(t *rapid.T) {
		b := Bits(rapid.Uint32Range(0, 1<<conditionCount-1).Draw(t, "bits"))
		if rapid.Bool().Draw(t, "open") { // else nearly all are cancelled, restricted or flagged
			b &^= Of(Cancelled, SubjectRestricted, SubjectMinor, SubjectAtRisk)
		}
		for _, s := range e.sheets {
			for i, field := range masking.Fields() {
				if !slices.Contains(s.necessary, field) {
					continue // TestOnlyNecessaryFields
				}
				want := naive(t, floor, permits, s.kind, s.role, s.purpose, i, b)
				if got := e.Decide(s.kind, s.role, s.purpose, b).Field(field).Outcome; got != want {
					t.Errorf("%s %s %s %s when %s: %s, Cedar says %s", s.kind, s.role, s.purpose, field, b, got, want)
				}
			}
		}
	})
}

// What is missing is enough, and nothing smaller that can come about is.
func TestMissingIsEnoughAndLeast(t *testing.T) {
	e := shipped(t)
	for _, s := range e.sheets {
		for b := range situations(s.mentioned) {
			for _, field := range s.necessary {
				f := e.Decide(s.kind, s.role, s.purpose, b).Field(field)
				if len(f.Missing) == 0 {
					continue
				}
				after := e.Decide(s.kind, s.role, s.purpose, b|Of(f.Missing...)).Field(field)
				if after.Outcome == Withheld && after.Reason != RelayUnavailable && after.Reason != NotAvailable {
					t.Fatalf("%s %s %s %s when %s: with %v still %+v", s.kind, s.role, s.purpose, field, b, f.Missing, after)
				}
				for i := range f.Missing {
					less := Of(slices.Delete(slices.Clone(f.Missing), i, i+1)...)
					if e.Decide(s.kind, s.role, s.purpose, b|less).Field(field).Outcome != Withheld {
						t.Fatalf("%s %s %s %s when %s: %s is enough of %v", s.kind, s.role, s.purpose, field, b, less, f.Missing)
					}
				}
			}
		}
	}
}

// A refusal that would be one without the subject's flags too tells nothing of
// them: with and without the flag, the requester reads the same.
func TestRefusalsTellNothingOfFlags(t *testing.T) {
	flags := Of(SubjectRestricted, SubjectMinor, SubjectAtRisk)
	answers(shipped(t), func(d *Decision, b Bits, f *FieldDecision) {
		for _, c := range f.Missing {
			if conditionTable[c].fixed {
				t.Fatalf("%+v says that %s is missing", f, c)
			}
		}
	})
	e := shipped(t)
	for _, s := range e.sheets {
		for b := range situations(Of(s.told...)) {
			for _, field := range s.necessary {
				plain := e.Decide(s.kind, s.role, s.purpose, b&^flags).Field(field)
				flagged := e.Decide(s.kind, s.role, s.purpose, b).Field(field)
				if plain.Outcome == Withheld && (flagged.Reason != plain.Reason || !slices.Equal(flagged.Missing, plain.Missing)) {
					t.Fatalf("when %s: %+v, without flags %+v", b, flagged, plain)
				}
				if plain.Outcome != Withheld && flagged.Outcome == Withheld && flagged.Reason != NotAvailable && !b.Has(Cancelled) {
					t.Fatalf("when %s: %+v, want not_available", b, flagged)
				}
			}
		}
	}
}

func TestDecideRemembersABoundedNumber(t *testing.T) {
	e := shipped(t)
	for b := range Bits(1 << 16) {
		e.Decide(ShippedGoods, Seller, Deliver, b<<9^b)
	}
	kept := 0
	s := e.sheets[place(ShippedGoods, Seller, Deliver)]
	for i := range s.decisions {
		if s.decisions[i].Load() != nil {
			kept++
		}
	}
	if kept > 1<<len(s.told) || len(s.told) > maxConditions {
		t.Errorf("%d decisions kept for %d conditions", kept, len(s.told))
	}
	one := e.Decide(ShippedGoods, Seller, Deliver, Of(Accepted, Held, TaxInvoice))
	if one != e.Decide(ShippedGoods, Seller, Deliver, Of(Accepted, Held, Item)) {
		t.Error("two situations that no policy tells apart have two decisions")
	}
	if n := testing.AllocsPerRun(100, func() { e.Decide(ShippedGoods, Seller, Deliver, Of(Accepted, Held)).Field(masking.Name) }); n != 0 {
		t.Errorf("a remembered decision allocates %v times", n)
	}
}

func TestDecideIsSafeForMany(t *testing.T) {
	e, want := shipped(t), shipped(t)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for b := range situations(Of(Accepted, Held, SubjectMinor, Cancelled)) {
				got := e.Decide(ShippedGoods, Seller, Deliver, b).Field(masking.FullAddress)
				if diff := cmp.Diff(want.Decide(ShippedGoods, Seller, Deliver, b).Field(masking.FullAddress), got, cmp.AllowUnexported(FieldDecision{})); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
	wg.Wait()
}

func TestBits(t *testing.T) {
	b := Of(Accepted, Paid).If(Held, true).If(Paid, false)
	if b.String() != "accepted held" || !b.Has(Held) || b.Has(Paid) {
		t.Errorf("got %q", b)
	}
	for _, c := range []struct {
		Condition
		Kind
		Bits
		id, need string
	}{
		{Held, ShippedGoods, 0, "pay", "held"},
		{Paid, Rental, 0, "pay", "floor"},
		{PaidInFull, Rental, 0, "pay", "due"},
		{Provided, ShippedGoods, 0, "deliver", "1"},
		{Provided, Rental, 0, "grant_access", "1"},
		{Provided, ServiceAtHome, 0, "serve", "1"},
		{Provided, LocalPickup, 0, "hand_over", "1"},
		{Provided, UsedGoods, 0, "deliver", "1"},
		{Provided, UsedGoods, Of(Meet), "hand_over", "1"},
		{Shipped, UsedGoods, 0, "ship", "1"},
		{Shipped, UsedGoods, Of(Meet), "", ""},
		{Shipped, DigitalGoods, 0, "", ""},
		{GivenBack, Rental, 0, "give_back", "1"},
		{GivenBack, ShippedGoods, 0, "return", "1"},
		{GivenBack, DigitalGoods, 0, "", ""},
		{ReturnApproved, LocalPickup, 0, "approve_return", "1"},
		{ReturnApproved, ServiceAtHome, 0, "", ""},
		{SlotBooked, Rental, 0, "", ""},
	} {
		if id, need, ok := c.Obligation(c.Kind, c.Bits); id != c.id || need != c.need || ok != (c.id != "") {
			t.Errorf("%s of %s: %q %q %v", c.Condition, c.Kind, id, need, ok)
		}
	}
}

func TestUnknownWordsAreWithheld(t *testing.T) {
	e := shipped(t)
	all := Of(Conditions()...) &^ Of(Cancelled, SubjectRestricted, SubjectMinor, SubjectAtRisk)
	for _, d := range []*Decision{
		e.Decide("gift", Seller, Deliver, all), e.Decide(ShippedGoods, "admin", Deliver, all), e.Decide(ShippedGoods, Seller, "marketing", all),
	} {
		for _, f := range append(masking.Fields(), "passport", masking.Instructions) {
			if got := d.Field(f); got.Outcome != Withheld || got.Reason != NotNecessary {
				t.Errorf("%s %s %s %s: %+v", d.Kind, d.Role, d.Purpose, f, got)
			}
		}
		if g := d.Ground(masking.Fields()); g != "" || len(d.Necessary) != 0 {
			t.Errorf("ground %q, necessary %v", g, d.Necessary)
		}
	}
	if got := e.Decide(ShippedGoods, Seller, Deliver, all).Field("passport"); got.Reason != NotNecessary || got.Field != "passport" {
		t.Errorf("passport: %+v", got)
	}
}

// The ground of a disclosure is one: that of most fields, then the earlier.
func TestGroundIsThatOfMostFields(t *testing.T) {
	row := func(id, ground, field string) string {
		return permit(id, strings.Replace(usual, "3b", ground, 1), strings.Replace(names, `"name"`, `"`+field+`"`, 1), "context.accepted && context.shipped")
	}
	e := written(t, map[string]string{"a.cedar": row("b-name", "3b", "name") + row("f-name", "3f", "name") + row("f-phone", "3f", "phone") + row("b-address", "3b", "address")})
	d := e.Decide(ShippedGoods, Seller, Deliver, Of(Accepted, Shipped))
	for _, c := range []struct {
		fields []masking.Field
		want   Ground
	}{
		{[]masking.Field{"name"}, Ground3b},
		{[]masking.Field{"name", "phone"}, Ground3f},
		{[]masking.Field{"phone", "address"}, Ground3b},
		{[]masking.Field{"name", "phone", "address"}, Ground3b},
		{[]masking.Field{"locality"}, ""},
		{nil, ""},
	} {
		if got := d.Ground(c.fields); got != c.want {
			t.Errorf("ground of %v: %q, want %q", c.fields, got, c.want)
		}
	}
	if got := d.Under(Ground3f, "name"); got.Rule != "f-name" || d.Field("name").Rule != "b-name" {
		t.Errorf("name under 3f by %q, best by %q", got.Rule, d.Field("name").Rule)
	}
	if got := d.Under(Ground3b, "phone"); got.Outcome != Withheld || got.Reason != NotNecessary {
		t.Errorf("phone under 3b: %+v", got)
	}
	if got := d.Under(Ground3c, "name"); got.Outcome != Withheld {
		t.Errorf("name under 3c: %+v", got)
	}
}

func TestSeveralPermitsGiveTheStrictestTerms(t *testing.T) {
	row := func(id, expires, views, decide, contact, when string) string {
		notes := fmt.Sprintf(`@ground("3b") @expires(%q) @views(%q) @decide(%q) @contact(%q)`, expires, views, decide, contact)
		return permit(id, notes, names, when)
	}
	e := written(t, map[string]string{"a.cedar": row("long", "delivered+30d", "5", "auto", "own", "context.accepted") +
		row("short", "delivered+7d", "20", "auto", "delivery", "context.accepted") +
		row("other", "slot_end+10d", "9", "auto", "delivery only", "context.accepted") +
		row("person", "request+1h", "1", "person", "own", "context.accepted")})
	got := e.Decide(Rental, Seller, Deliver, Of(Accepted)).Field(masking.Name)
	want := &FieldDecision{
		Field: masking.Name, Outcome: Granted, Ground: Ground3b, Rule: "short", Expires: Expiry{EventDelivered, 7 * day},
		Others: []Expiry{{EventSlotEnd, 10 * day}}, Views: 5, Contact: ContactDelivery, Only: true,
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(FieldDecision{})); diff != "" {
		t.Error(diff)
	}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	ends := got.Ends(func(ev Event) time.Time {
		if ev == EventSlotEnd {
			return start.Add(-5 * day)
		}
		return start
	})
	if want := start.Add(5 * day); !ends.Equal(want) {
		t.Errorf("ends %s, want %s", ends, want)
	}
	pending := e.Decide(Rental, Seller, Deliver, Of(Accepted, SubjectMinor)).Field(masking.Name)
	if pending.Outcome != Pending || pending.Rule != "person" || pending.Views != 1 {
		t.Errorf("a minor: %+v, want pending under the strictest of all", pending)
	}
}

func TestVersionNamesWhatPoliciesSay(t *testing.T) {
	a, b := permit("a", usual, names, "context.accepted"), permit("b", usual, names, "context.held")
	same := written(t, map[string]string{"x.cedar": a + b}).Version()
	for name, files := range map[string]map[string]string{
		"order":    {"x.cedar": b + a},
		"files":    {"y.cedar": a, "z.cedar": b},
		"comments": {"x.cedar": "// a\n" + a + "\n\n// b\n" + b, "README.md": "no policy"},
	} {
		if got := written(t, files).Version(); got != same {
			t.Errorf("%s: another version", name)
		}
	}
	if got := written(t, map[string]string{"x.cedar": a + strings.Replace(b, "20", "19", 1)}).Version(); got == same {
		t.Error("other views, the same version")
	}
	if !strings.HasPrefix(same, "sha256:") || len(same) != 71 {
		t.Errorf("version %q", same)
	}
}

func TestExpiry(t *testing.T) {
	for _, ev := range Events() {
		for _, after := range []time.Duration{time.Hour, 24 * time.Hour, 48 * time.Hour, 36 * time.Hour, 400 * day} {
			e := Expiry{ev, after}
			if got, err := ParseExpiry(e.String()); err != nil || got != e {
				t.Errorf("%s: %v, %v", e, got, err)
			}
		}
	}
	for _, s := range []string{"", "paid", "paid+", "paid+d", "paid+0d", "paid+-1d", "paid+1.5d", "paid+401d", "paid+9601h", "paid+14", "paid+14m", "created+1d", "paid + 1d", "paid+99999999d"} {
		if got, err := ParseExpiry(s); err == nil {
			t.Errorf("%q was read as %v", s, got)
		}
	}
}
