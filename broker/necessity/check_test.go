package necessity

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const good = `@id("good") @why("test") ` + usual + "\npermit (" + names + ") when { context.accepted };\n"

// refusals are sets that may not come into force, each with the place and the
// words of its first problem.
var refusals = map[string]struct {
	text string
	line int
	want string
}{
	"syntax":             {"\n\n" + with("when", "wenn"), 4, "column"},
	"unknown condition":  {"\n" + when("context.acepted"), 2, "attribute `acepted` is not in the schema"},
	"unknown action":     {with(`"deliver"`, `"marketing"`), 1, `unrecognized action`},
	"unknown field":      {with(`"name"`, `"passport"`), 1, `unknown Field::"passport"`},
	"unknown kind":       {when(`context.kind == Kind::"gift"`), 1, `unknown Kind::"gift"`},
	"unknown role":       {with(`"seller"`, `"admin"`), 1, `unknown Role::"admin"`},
	"wrong type":         {when("context.accepted == 1"), 1, "not compatible"},
	"whole context":      {when("context has accepted"), 1, "context.NAME"},
	"errs":               {when("context.accepted && 9223372036854775807 + 1 == 3"), 1, "evaluation fails"},
	"never":              {when("context.accepted && !context.accepted"), 1, "can never hold"},
	"mixed-up entity":    {with(`Field::"name"`, `Kind::"rental"`), 1, "unable to find an applicable action"},
	"forbid":             {with("permit", "forbid"), 1, "only permits"},
	"no id":              {with(`@id("good")`, ""), 1, "@id is missing"},
	"no ground":          {with(`@ground("3b")`, ""), 1, "@ground is missing"},
	"no expires":         {with(`@expires("closed+30d")`, ""), 1, "@expires is missing"},
	"no views":           {with(`@views("20")`, ""), 1, "@views is missing"},
	"no decide":          {with(`@decide("auto")`, ""), 1, "@decide is missing"},
	"no why":             {with(`@why("test")`, ""), 1, "@why is missing"},
	"empty why":          {with(`@why("test")`, "@why"), 1, "@why is empty"},
	"unknown annotation": {with("@contact", "@contacts"), 1, "@contacts is not an annotation"},
	"annotation twice":   {with("@views", `@views("1") @views`), 1, "duplicate annotation"},
	"ill-formed id":      {with(`"good"`, `"Good One"`), 1, "lower-case words"},
	"floor's id":         {with(`"good"`, `"floor-minor"`), 1, "taken in floor.cedar"},
	"id twice":           {good + good, 3, "taken in p.cedar:1"},
	"ground":             {with("3b", "4z"), 1, `@ground "4z"`},
	"term":               {with("30d", "401d"), 1, "longer than 400 days"},
	"citation for long":  {strings.NewReplacer("3b", "3g", "closed+30d", "request+31d").Replace(good), 1, "request+30d"},
	"citation at close":  {with("3b", "3g"), 1, "request+30d"},
	"term form":          {with("30d", "30"), 1, "like 14d or 24h"},
	"event":              {with("closed", "created"), 1, "expiry"},
	"no views at all":    {with(`"20"`, `"0"`), 1, "@views"},
	"many views":         {with(`"20"`, `"101"`), 1, "@views"},
	"views in words":     {with(`"20"`, `"many"`), 1, "@views"},
	"decide":             {with(`"auto"`, `"nobody"`), 1, "@decide"},
	"contact":            {with(`"delivery"`, `"home"`), 1, "@contact"},
	"own only":           {with(`"delivery"`, `"own only"`), 1, "@contact"},
	"contact of asker":   {with(`"delivery"`, `"pickup"`), 1, "not the buyer's"},
	"channel":            {with(`@contact("delivery")`, `@channel("fax")`), 1, "@channel"},
	"relayed name":       {with(`@contact("delivery")`, `@channel("relay")`), 1, "gives no name"},
	"email of a party":   {strings.NewReplacer(`"name"`, `"email"`, `@contact("delivery")`, "").Replace(good), 1, "an email comes only from"},
	"many conditions": {when("context.accepted || context.held || context.paid || context.unpaid || context.shipped || context.provided || " +
		"context.meet || context.item || context.slot_24h || context.slot_48h || context.slot_booked"), 1, "mentions 11 conditions"},
	"many together": {when("context.held || context.paid || context.unpaid || context.shipped") + // and five of the floor
		"\n" + permit("more", usual, names, "context.meet || context.item"), 4, "for shipped_goods, seller asking to deliver"},
	"empty": {"// nothing\n", 0, "no policy"},
}

func with(old, text string) string { return strings.Replace(good, old, text, 1) }
func when(condition string) string { return permit("good", usual, names, condition) }

func TestCheckRefuses(t *testing.T) {
	for name, c := range refusals {
		t.Run(name, func(t *testing.T) {
			fsys := folder(map[string]string{"p.cedar": c.text})
			problems := Check(fsys)
			if len(problems) == 0 {
				t.Fatal("no problem")
			}
			p := problems[0]
			if p.Line != c.line || !strings.Contains(p.Message, c.want) || c.line > 0 && p.File != "p.cedar" {
				t.Errorf("got %q, want line %d and %q", p, c.line, c.want)
			}
			e, err := Load(fsys)
			var invalid *InvalidError
			if e != nil || !errors.Is(err, ErrPoliciesInvalid) || !errors.As(err, &invalid) || len(invalid.Problems) != len(problems) {
				t.Errorf("load: %v, %v", e, err)
			}
		})
	}
	if problems := Check(folder(map[string]string{"p.cedar": good})); len(problems) != 0 {
		t.Errorf("the policy that all these come from: %v", problems)
	}
}

// Every problem is told, by file and line, and one bad policy keeps the whole
// set out.
func TestCheckTellsAll(t *testing.T) {
	bad := strings.Replace(permit("b", usual, names, "context.accepted"), "30d", "999d", 1)
	problems := Check(folder(map[string]string{
		"b.cedar": permit("a", usual, names, "context.accepted") + bad + "\n" + strings.Replace(bad, `"b"`, `"c"`, 1),
		"a.cedar": "permit",
	}))
	var got []string
	for _, p := range problems {
		got = append(got, strings.SplitN(p.String(), ": ", 2)[0])
	}
	if want := "a.cedar:1 b.cedar:3 b.cedar:6"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", problems, want)
	}
	if problems := Check(os.DirFS(t.TempDir())); len(problems) != 1 {
		t.Errorf("an empty folder: %v", problems)
	}
	if problems := Check(os.DirFS(filepath.Join(t.TempDir(), "none"))); len(problems) != 1 {
		t.Errorf("no folder: %v", problems)
	}
}

// Whatever a file says, it is refused or taken, and what is taken keeps the
// floor.
func FuzzCheck(f *testing.F) {
	f.Add(good)
	for _, c := range refusals {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fsys := folder(map[string]string{"p.cedar": text})
		e, err := Load(fsys)
		if (err == nil) != (len(Check(fsys)) == 0) {
			t.Fatalf("check and load differ: %v", err)
		}
		if err != nil {
			return
		}
		for _, s := range e.sheets {
			if d := e.Decide(s.kind, s.role, s.purpose, 0); d.Ground(s.necessary) != "" {
				t.Fatalf("nothing was performed, and %v goes out", d)
			}
		}
	})
}
