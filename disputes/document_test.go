package disputes

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// docs/disputes.md and docs/states.md have the tables as they are. UPDATE=1 writes them.
func TestDocuments(t *testing.T) {
	t.Parallel()
	written(t, "../docs/disputes.md", map[string]string{
		"reasons": reasonTable(), "clocks": clockTable(),
		"codes": fmt.Sprintf("\n| where | codes |\n| --- | --- |\n| `kind` of an offer | %s |\n| `type` of evidence | %s |\n| `outcome` | %s |\n| `reason_code` | %s |\n| `grounds` of an appeal | %s |\n| `kind` of what is outside | %s |\n\n",
			listed(OfferKinds()), listed(EvidenceTypes()), listed(Outcomes()), listed(ReasonCodes()), listed(AppealGrounds()), listed(ExternalKinds())),
	})
	written(t, "../docs/states.md", map[string]string{"dispute": "\n" + Life.Markdown() + "\n"})
}

func listed[W ~string](all []W) string {
	words := make([]string, len(all))
	for i, w := range all {
		words[i] = "`" + string(w) + "`"
	}
	return strings.Join(words, ", ")
}

func reasonTable() string {
	var b strings.Builder
	b.WriteString("\n| reason | about | the buyer shows | the seller shows |\n| --- | --- | --- | --- |\n")
	for _, g := range grounds {
		about := "any"
		if len(g.lines) > 0 {
			about = listed(g.lines)
		}
		shows := map[Side][]string{}
		for _, p := range g.points {
			word := "`" + string(p.Type) + "`"
			if p.Required {
				word = "**" + word + "**"
			}
			shows[p.By] = append(shows[p.By], word)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", g.reason, about, strings.Join(shows[Buyer], ", "), strings.Join(shows[Seller], ", "))
	}
	return b.String() + "\n"
}

func clockTable() string {
	var b strings.Builder
	b.WriteString("\n| clock | kind | rule |\n| --- | --- | --- |\n")
	for _, name := range []string{TalksClock, EvidenceClock, RemedyClock, AppealClock, ResolveClock, DetailsClock, FirstClock, DecisionClock} {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, rules[name].kind, rules[name].rule)
	}
	return b.String() + "\n"
}

func written(t *testing.T, path string, parts map[string]string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc := string(content)
	for name, want := range parts {
		mark := regexp.MustCompile(`(?s)(<!-- generated: ` + name + ` -->\n).*?(<!-- end -->)`)
		if !mark.MatchString(doc) {
			t.Fatalf("%s has no part %q", path, name)
		}
		doc = mark.ReplaceAllString(doc, "${1}"+want+"${2}")
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, []byte(doc), 0o644); err != nil { //nolint:gosec // a document
			t.Fatal(err)
		}
		return
	}
	if doc != string(content) {
		t.Errorf("%s is another one; UPDATE=1 writes it", path)
	}
}
