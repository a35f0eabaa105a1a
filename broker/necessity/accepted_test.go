package necessity

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bauta.dev/bauta/masking"
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
			draw("why", "action", `action == Action::"deliver"`, `action in [Action::"settle", Action::"return"]`, `action in [Action::"invoice", Action::"hand_over"]`, `action in [Action::"collect", Action::"delay"]`),
			draw("what", "resource", `resource == Field::"phone"`, `resource == Field::"name"`, `resource == Field::"first_name"`, `resource == Field::"address"`, `resource == Field::"email"`, `resource == Field::"locality"`),
		}, ", ")
		fields := draw("fields", `resource in [Field::"name", Field::"phone", Field::"address"]`, `resource != Field::"email"`, `true`)
		text.WriteString(permit(fmt.Sprintf("row-%d", i), notes, scope, fmt.Sprintf(`%s && %s && (%s)`, kinds(t), fields, formula(t))))
	}
	return text.String()
}

// kinds draws which a permit is for: one, or either of two, written in any way.
func kinds(t *rapid.T) string {
	one, two := rapid.SampledFrom(Kinds()).Draw(t, "kind"), rapid.SampledFrom(Kinds()).Draw(t, "kind")
	return fmt.Sprintf(rapid.SampledFrom([]string{
		`context.kind == Kind::%[1]q`, `context.kind == Kind::%[2]q`, `(context.kind == Kind::%q || context.kind == Kind::%q)`, `[Kind::%q, Kind::%q].contains(context.kind)`,
	}).Draw(t, "kinds"), one, two)
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

// givenForNothing says what goes out where nobody has performed anything, nor
// consented, nor cited a law: with nothing else the case, and with all else.
func givenForNothing(e *Engine) string {
	all := Of(Conditions()...) &^ Of(Accepted, Held, Paid, PaidInFull, Shipped, Provided, ReturnApproved, GivenBack, Consent, Citation, Cancelled, SubjectRestricted)
	for _, s := range e.sheets {
		for _, b := range []Bits{0, all, all &^ Of(SubjectMinor, SubjectAtRisk), Of(Unpaid, SubjectBusiness, Relay, DisputeOpen)} {
			d := e.Decide(s.kind, s.role, s.purpose, b)
			for _, f := range masking.Fields() {
				if got := d.Field(f); got.Outcome != Withheld {
					return fmt.Sprintf("%s %s %s: nothing is performed (%s), and %s is %s", s.kind, s.role, s.purpose, b, f, got.Outcome)
				}
			}
		}
	}
	return ""
}

// Whatever set policy check accepts, the floor holds in every cell: with the
// relay and without, with every flag, under every ground. And with nothing
// attested nothing goes out under 3b and 3f, the grounds of performance.
func TestAcceptedSetsKeepTheFloor(t *testing.T) {
	t.Parallel()
	accepted, refused, opened := 0, 0, map[Ground]int{}
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
		for g := range open {
			opened[g]++
		}
		if what := givenForNothing(e); what != "" {
			t.Fatal(what)
		}
	})
	t.Logf("%d sets accepted, %d refused; sets that open anything, by ground: %v", accepted, refused, opened)
	if accepted < 10 || refused == 0 || len(opened) < 2 {
		t.Errorf("this proves nothing")
	}
}
