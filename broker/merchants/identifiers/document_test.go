package identifiers_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	. "bauta.dev/bauta/broker/merchants/identifiers"
)

// The page has the rows, the persons, the structures and the codes that there are.
func TestDocument(t *testing.T) {
	t.Parallel()
	const path = "../../../docs/identifiers.md"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc := string(b)
	for name, want := range map[string]string{"checks": checks(), "persons": persons(), "structures": structures(), "codes": codes()} {
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
	columns := strings.Count(head, "|") + 1
	fmt.Fprintf(&out, "\n| %s |\n|%s\n", head, strings.Repeat(" --- |", columns))
	for _, r := range rows {
		fmt.Fprintf(&out, "| %s |\n", strings.Join(r, " | "))
	}
	return out.String() + "\n"
}

func checks() string {
	var rows [][]string
	for _, r := range Rows() {
		kind := "`" + string(r.Kind) + "`"
		if r.Country != "" {
			kind += " " + r.Country
		}
		personal := r.Personal
		if personal == "" {
			personal = "no"
		}
		rows = append(rows, []string{kind, r.Shape, r.Check, personal, r.Standard})
	}
	return table("kind | shape | check | personal | standard or law", rows)
}

func persons() string {
	return table("country | number | refused | law", Persons())
}

func structures() string {
	var rows [][]string
	all := IBANStructures()
	for _, country := range slices.Sorted(maps.Keys(all)) {
		rows = append(rows, []string{country, fmt.Sprint(Lengths(all[country])), "`" + all[country] + "`"})
	}
	return table("country | length | after country and check digits", rows)
}

func codes() string {
	var rows [][]string
	for _, c := range AllCodes() {
		rows = append(rows, []string{"`" + string(c) + "`", c.Detail()})
	}
	return table("code | says", rows)
}
