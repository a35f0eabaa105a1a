package necessity

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta.dev/bauta/masking"
)

func TestDiffSaysWhatIsRevealed(t *testing.T) {
	old := permit("a", usual, names, `context.kind == Kind::"rental" && context.accepted && context.held`)
	relayed := permit("r", strings.Replace(usual, "@decide", `@channel("relay") @decide`, 1), strings.Replace(names, "name", "phone", 1), `context.kind == Kind::"rental" && context.accepted`)
	for name, c := range map[string]struct {
		is   string
		want []string // reveals, from, to, cells, example
	}{
		"nothing":  {old, nil},
		"renamed":  {strings.Replace(old, `"a"`, `"b"`, 1), nil},
		"held":     {strings.Replace(old, " && context.held", "", 1), []string{"+ withheld → granted ×1, accepted", "+ withheld → pending ×3, accepted subject_minor"}},
		"person":   {strings.Replace(old, "auto", "person", 1), []string{"- granted → pending ×1, accepted held"}},
		"never":    {strings.Replace(old, "context.accepted", "context.accepted && context.paid", 1), []string{"- granted → withheld ×1, accepted held", "- pending → withheld ×3, accepted held subject_minor"}},
		"longer":   {strings.Replace(old, "30d", "31d", 1), []string{"+ 3b closed+30d 20 views of delivery → 3b closed+31d 20 views of delivery ×4, accepted held"}},
		"shorter":  {strings.Replace(old, "30d", "29d", 1), []string{"- 3b closed+30d 20 views of delivery → 3b closed+29d 20 views of delivery ×4, accepted held"}},
		"event":    {strings.Replace(old, "closed", "paid", 1), []string{"+ 3b closed+30d 20 views of delivery → 3b paid+30d 20 views of delivery ×4, accepted held"}},
		"contact":  {strings.Replace(old, "delivery", "own", 1), []string{"+ 3b closed+30d 20 views of delivery → 3b closed+30d 20 views of own ×4, accepted held"}},
		"relay":    {old + relayed, nil},
		"no relay": {old + strings.Replace(relayed, `@channel("relay")`, "", 1), []string{"+ withheld → granted ×2, accepted", "+ withheld → pending ×6, accepted subject_minor"}},
	} {
		t.Run(name, func(t *testing.T) {
			from := old
			if name == "no relay" {
				from += relayed
			}
			changes := written(t, map[string]string{"p.cedar": from}).Diff(written(t, map[string]string{"p.cedar": c.is}))
			var got []string
			for _, ch := range changes {
				if ch.Kind != Rental || ch.Role != Seller || ch.Purpose != Deliver {
					t.Errorf("%+v changed too", ch)
				}
				got = append(got, strings.Fields(ch.String())[0]+" "+ch.From+" → "+ch.To+" ×"+string(rune('0'+ch.Cells))+", "+ch.Example)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDiffOfTheSameIsEmpty(t *testing.T) {
	if changes := shipped(t).Diff(shipped(t)); len(changes) != 0 {
		t.Errorf("%v", changes)
	}
	for _, c := range shipped(t).Diff(written(t, map[string]string{"p.cedar": permit("a", usual, names, `context.kind == Kind::"rental"`)})) {
		if c.Reveals != (c.Kind == Rental && c.Role == Seller && c.Purpose == Deliver && c.Field == masking.Name) {
			t.Errorf("%s", c)
		}
	}
}

// A disclosure has one ground, that of most of its fields: so what a set gives
// under any of them counts, and not the best of each field alone.
func TestDiffKnowsEveryGround(t *testing.T) {
	on := func(id, field, ground, decide, terms, when string) string {
		return `@id("` + id + `") @ground("` + ground + `") @decide("` + decide + `") ` + terms + ` @why("w")
permit (principal == Role::"seller", action == Action::"deliver", resource == Field::"` + field + `") when { ` + when + ` };` + "\n"
	}
	const short = `@expires("request+5d") @views("1") @contact("delivery only")`
	const long = `@expires("request+365d") @views("100")`
	const accepted, shipped = "context.accepted", "context.shipped"
	name, phone := on("name", "name", "3b", "auto", short, accepted), on("phone", "phone", "3f", "auto", short, shipped)
	second := on("name-2", "name", "3f", "auto", short, accepted+" && "+shipped)
	// Their one ground is 3b, as long as that gives both.
	hidden := name + on("phone-b", "phone", "3b", "person", short, accepted) + on("both", "name", "3f", "auto", long, accepted) + on("both-2", "phone", "3f", "auto", short, accepted)
	for title, c := range map[string]struct {
		from, to string
		reveals  bool
	}{
		"another ground":             {name + phone, name + phone + on("name-2", "name", "3f", "auto", long, accepted+" && "+shipped), true},
		"another, by a person":       {name + phone, name + phone + on("phone-2", "phone", "3g", "person", `@expires("request+30d") @views("100")`, shipped), true},
		"longer under the second":    {name + phone + second, name + phone + strings.Replace(second, "+5d", "+6d", 1), true},
		"more views":                 {name + phone + second, name + phone + strings.Replace(second, `"1"`, `"2"`, 1), true},
		"another contact":            {name + phone + second, name + phone + strings.Replace(second, "delivery only", "delivery", 1), true},
		"shorter under the second":   {name + phone + strings.Replace(second, "+5d", "+6d", 1), name + phone + second, false},
		"no second":                  {name + phone + second, name + phone, false},
		"the first gives less":       {hidden, strings.Replace(hidden, on("phone-b", "phone", "3b", "person", short, accepted), "", 1), true},
		"by a person, and longer":    {name, on("name", "name", "3b", "person", long, accepted), true},
		"by a person, and not so":    {name, strings.Replace(name, "auto", "person", 1), false},
		"the same, in another order": {name + phone + second, second + phone + name, false},
	} {
		t.Run(title, func(t *testing.T) {
			from, to := written(t, map[string]string{"p.cedar": c.from}), written(t, map[string]string{"p.cedar": c.to})
			x := from.Compare(to)
			if (x.Reveals > 0) != c.reveals || len(x.Changes) == 0 != strings.HasPrefix(title, "the same") {
				t.Errorf("%d reveal more, of %v", x.Reveals, x.Changes)
			}
		})
	}
}
