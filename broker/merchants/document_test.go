package merchants_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	. "bauta.dev/bauta/broker/merchants"
)

// The pages have the packs, the machine and the words that there are; UPDATE=1
// writes them.
func TestDocuments(t *testing.T) {
	t.Parallel()
	all := packs(t)
	written(t, "../../docs/merchants.md", map[string]string{
		"packs": packTables(all), "conditions": words("condition | holds where", ConditionWords()),
		"checks": words("check | takes", RuleWords()), "codes": words("code | says", CodeWords()),
	})
	written(t, "../../docs/states.md", map[string]string{"merchant": "\n" + Life.Markdown() + "\n", "merchant-timers": timers(all)})
}

func written(t *testing.T, path string, parts map[string]string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc := string(b)
	for name, want := range parts {
		mark := regexp.MustCompile(`(?s)(<!-- generated: ` + name + ` -->\n).*?(<!-- end -->)`)
		if !mark.MatchString(doc) {
			t.Fatalf("%s has no part %q", path, name)
		}
		doc = mark.ReplaceAllString(doc, "${1}"+strings.ReplaceAll(want, "$", "$$")+"${2}")
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, []byte(doc), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if doc != string(b) {
		t.Errorf("%s is another one; UPDATE=1 writes it", path)
	}
}

func table(head string, rows [][]string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "\n| %s |\n|%s\n", head, strings.Repeat(" --- |", strings.Count(head, "|")+1))
	for _, r := range rows {
		fmt.Fprintf(&out, "| %s |\n", strings.Join(r, " | "))
	}
	return out.String() + "\n"
}

func words(head string, all [][2]string) string {
	var rows [][]string
	for _, w := range all {
		rows = append(rows, []string{code(w[0]), w[1]})
	}
	return table(head, rows)
}

func code[T ~string](s T) string { return "`" + string(s) + "`" }

func codes[T ~string](all []T) string {
	var words []string
	for _, s := range all {
		words = append(words, code(s))
	}
	return strings.Join(words, ", ")
}

func packTables(all *Packs) string {
	var out strings.Builder
	for _, j := range Jurisdictions() {
		for _, p := range all.All() {
			if p.Jurisdiction == j {
				out.WriteString(packTable(p))
			}
		}
	}
	return out.String()
}

func packTable(p *Pack) string {
	cite := func(key string) string {
		l := p.LawOf(key)
		if !l.Read && key != "" {
			l.Cite += " †"
		}
		return l.Cite
	}
	var fields, laws [][]string
	for _, f := range p.Fields {
		visibility, check := seen(f.Visibility, f.PublicIf), code(f.Check)
		if len(f.Values) > 0 {
			check = codes(f.Values)
		}
		fields = append(fields, []string{code(f.Pointer), codes(f.Types), visibility, required(&f.Required), check, cite(f.Law)})
	}
	for _, c := range p.Certifications {
		fields = append(fields, []string{code(PointerCertifications) + " " + code(c.Code), codes(c.Types), seen(c.Visibility, c.PublicIf), required(&c.Required), "", cite(c.Law)})
	}
	for _, l := range p.Laws {
		laws = append(laws, []string{cite(l.Key), l.Since.Format("2006-01-02"), l.Title})
	}
	return fmt.Sprintf("\n## %s\n\nPack %s, in force from %s.\n", p.Jurisdiction, code(p.Name()), p.Since.Format("2006-01-02")) +
		table("field | types | visibility | required | check | law", fields) + table("law | since | says", laws)
}

func seen(v Visibility, conditions []Condition) string {
	if len(conditions) > 0 {
		return "public if " + codes(conditions)
	}
	return string(v)
}

func required(r *Requirement) string {
	said := ""
	switch {
	case r.Always:
		said = "always"
	case len(r.Types) > 0:
		said = "for " + codes(r.Types)
	}
	if len(r.If) > 0 {
		said = strings.TrimPrefix(said+", and if "+codes(r.If), ", and ")
	}
	if len(r.Unless) > 0 {
		said += ", unless there is " + codes(r.Unless)
	}
	return said
}

func timers(all *Packs) string {
	var rows [][]string
	for timer := range Life.Timers {
		row := []string{code(timer)}
		for _, j := range Jurisdictions() {
			row = append(row, lasts(all, j, string(timer)))
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return table("deadline | CN | EU | US | UK", rows)
}

func lasts(all *Packs, j Jurisdiction, timer string) string {
	p, err := all.For(j, today)
	if err != nil {
		return err.Error()
	}
	for _, d := range p.Timers {
		if string(d.Timer) != timer {
			continue
		}
		said := ""
		switch {
		case d.Months > 0:
			said = fmt.Sprintf("%d months", d.Months)
		case d.Days > 0:
			said = fmt.Sprintf("%d days", d.Days)
		default:
			said = "at once"
		}
		if l := p.LawOf(d.Law); d.Law != "house" {
			said += ": " + l.Cite
		}
		return said
	}
	return "none"
}

// Whatever a pack can name has words, and each of its own.
func TestEverythingHasWords(t *testing.T) {
	t.Parallel()
	said := map[string]bool{}
	for _, w := range ConditionWords() {
		said[w[0]] = true
	}
	for _, c := range Conditions() {
		if !said[string(c)] {
			t.Errorf("nothing says what %s means", c)
		}
	}
	if len(Conditions()) != len(said) {
		t.Errorf("%d conditions, %d with words", len(Conditions()), len(said))
	}
	for _, w := range CodeWords() {
		if Detail(w[0]) != w[1] {
			t.Errorf("%s: %s", w[0], Detail(w[0]))
		}
	}
	for _, known := range []string{"uscc_check", "not_an_email", "too_long"} {
		if Detail(known) == Detail("of nobody") {
			t.Errorf("%s has no words", known)
		}
	}
}
