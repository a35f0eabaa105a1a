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
