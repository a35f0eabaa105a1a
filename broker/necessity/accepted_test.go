package necessity

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// permits draws a set as an operator could write it, sound or not: any ground,
// sides, purposes and fields, any conditions, for a kind or two.
func permits(t *rapid.T) string {
	var text strings.Builder
	for i := range rapid.IntRange(1, 3).Draw(t, "permits") {
		draw := func(what string, words ...string) string { return rapid.SampledFrom(words).Draw(t, what) }
		notes := fmt.Sprintf(`@ground(%q) @expires(%q) @views(%q) @decide(%q)`,
			rapid.SampledFrom(append(Grounds(), Ground3b, Ground3f, Ground3a, Ground3g)).Draw(t, "ground"),
			string(rapid.SampledFrom(Events()).Draw(t, "event"))+"+"+draw("term", "1h", "14d", "60d", "90d", "365d", "400d"),
			draw("views", "1", "5", "20", "50", "100", "100"), draw("decide", "auto", "auto", "person"))
		if contact := draw("contact", "", "", "", "", "", "", "", "", "", "", "delivery", "invoice only", "pickup only"); contact != "" {
			notes += fmt.Sprintf(` @contact(%q)`, contact)
		}
		if draw("relay", "no", "no", "no", "no", "no", "no", "no", "yes") == "yes" {
			notes += ` @channel("relay")`
		}
		scope := strings.Join([]string{
			draw("who", "principal", `principal == Role::"buyer"`, `principal == Role::"seller"`),
			draw("why", "action", `action == Action::"deliver"`, `action in [Action::"settle", Action::"return"]`, `action in [Action::"invoice", Action::"hand_over"]`),
			draw("what", "resource", `resource == Field::"phone"`, `resource == Field::"name"`, `resource == Field::"first_name"`, `resource == Field::"address"`, `resource == Field::"name"`, `resource == Field::"locality"`),
		}, ", ")
		kind := rapid.SampledFrom(Kinds()).Draw(t, "kind")
		fields := draw("fields", `resource in [Field::"name", Field::"phone", Field::"address"]`, `resource != Field::"email"`, `true`)
		text.WriteString(permit(fmt.Sprintf("row-%d", i), notes, scope, fmt.Sprintf(`context.kind == Kind::%q && %s && (%s)`, kind, fields, formula(t))))
	}
	return text.String()
}

// formula draws conditions joined as it comes.
func formula(t *rapid.T) string {
	if rapid.Bool().Draw(t, "always") {
		return "true"
	}
	var b strings.Builder
	for i := range rapid.IntRange(1, 3).Draw(t, "conditions") {
		if i > 0 {
			b.WriteString(rapid.SampledFrom([]string{" && ", " || "}).Draw(t, "join"))
			b.WriteString("(")
		}
		b.WriteString(rapid.SampledFrom([]string{"", "!"}).Draw(t, "not"))
		b.WriteString("context." + rapid.SampledFrom(Conditions()).Draw(t, "condition").String())
	}
	return b.String() + strings.Repeat(")", strings.Count(b.String(), "("))
}

// Whatever set policy check accepts, the floor holds in every cell: with the
// relay and without, with every flag, under every ground. And with nothing
// attested nothing goes out under 3b and 3f, the grounds of performance.
func TestAcceptedSetsKeepTheFloor(t *testing.T) {
	t.Parallel()
	accepted, refused, opened := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		fsys := folder(map[string]string{"p.cedar": permits(t)})
		if len(Check(fsys)) > 0 {
			refused++
			return
		}
		accepted++
		e, err := Load(fsys)
		if err != nil {
			t.Fatalf("checked, and not loaded: %v", err)
		}
		found, open := breaches(e)
		if len(found) > 0 {
			t.Fatalf("breaches: %v", found)
		}
		for _, n := range open {
			opened += n
		}
		for _, s := range e.sheets {
			for _, f := range s.necessary {
				d := e.Decide(s.kind, s.role, s.purpose, 0).Field(f)
				if d.Outcome != Withheld {
					t.Fatalf("%s %s %s: nothing holds, and %s is %s", s.kind, s.role, s.purpose, f, d.Outcome)
				}
			}
		}
	})
	if accepted < 20 || refused == 0 || opened == 0 {
		t.Errorf("%d sets were accepted, %d refused, %d answers open: this proves nothing", accepted, refused, opened)
	}
}
