package pages_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bauta.dev/bauta/app/web/pages"
)

// sheet is the one style sheet, without its comments.
func sheet(t *testing.T) string {
	t.Helper()
	m := regexp.MustCompile(`/assets/(bauta\.[0-9a-f]+\.css)`).FindStringSubmatch(render(t, pages.About{}))
	a, ok := pages.FindAsset(m[1])
	if !ok {
		t.Fatal("there is no style sheet")
	}
	return regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(string(a.Content), "")
}

// classesOfSheet are those that a rule is about.
func classesOfSheet(css string) map[string]bool {
	known := map[string]bool{}
	for _, selector := range regexp.MustCompile(`[^{}]+\{`).FindAllString(css, -1) {
		if strings.HasPrefix(strings.TrimSpace(selector), "@") {
			continue
		}
		for _, m := range regexp.MustCompile(`\.([a-zA-Z][\w-]*)`).FindAllStringSubmatch(selector, -1) {
			known[m[1]] = true
		}
	}
	return known
}

// variant says whether a class is one of a component that it stands beside, like chip-open
// beside chip: of those the sheet has only what looks otherwise.
func variant(class string, beside []string, known map[string]bool) bool {
	return slices.ContainsFunc(beside, func(base string) bool { return known[base] && strings.HasPrefix(class, base+"-") })
}

// Whatever class a page has, the one sheet knows; and it has no rule for what no page has.
func TestOneSheet(t *testing.T) {
	t.Parallel()
	known, used := classesOfSheet(sheet(t)), map[string]bool{}
	for f, p := range all() {
		page := render(t, p)
		if n := strings.Count(page, `<link rel="stylesheet"`); n != 1 {
			t.Errorf("%s has %d style sheets", f, n)
		}
		for _, m := range regexp.MustCompile(`\sclass="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			all := strings.Fields(m[1])
			for _, class := range all {
				if used[class] = true; !known[class] && !variant(class, all, known) {
					t.Errorf("%s: the sheet knows no class %s", f, class)
				}
			}
		}
	}
	for _, class := range slices.Sorted(maps.Keys(known)) {
		if !used[class] {
			t.Errorf("no page has the class %s, which the sheet has rules for", class)
		}
	}
}

// What stands in a template as it is, whether a page was made of it or not.
func TestTemplatesKnowTheSheet(t *testing.T) {
	t.Parallel()
	known := classesOfSheet(sheet(t))
	files, err := filepath.Glob("templates/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal("no templates", err)
	}
	action := regexp.MustCompile(`\{\{.*?\}\}`)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		// What an action writes is unknown here, so what touches one is left to the pages.
		suffix := regexp.MustCompile(`-\{\{if.*?\{\{end\}\}`).ReplaceAllString(string(text), "-")
		plain := action.ReplaceAllStringFunc(suffix, func(a string) string {
			if strings.HasPrefix(a, "{{if") || strings.HasPrefix(a, "{{else") || a == "{{end}}" {
				return " "
			}
			return "\x00"
		})
		for _, m := range regexp.MustCompile(`\sclass="([^"]*)"`).FindAllStringSubmatch(plain, -1) {
			for class := range strings.FieldsSeq(m[1]) {
				if !strings.Contains(class, "\x00") && !strings.HasSuffix(class, "-") && !known[class] {
					t.Errorf("%s: the sheet knows no class %s", filepath.Base(f), class)
				}
			}
		}
	}
}
