package broker

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// documented gives the part of a document between its marks; with UPDATE set it
// writes it first.
func documented(t *testing.T, path, name, want string) string {
	t.Helper()
	doc, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	mark := regexp.MustCompile(`(?s)(<!-- generated: ` + name + ` -->\n).*?(<!-- end -->)`)
	if os.Getenv("UPDATE") != "" {
		doc = mark.ReplaceAll(doc, []byte("${1}"+strings.ReplaceAll(want, "$", "$$")+"${2}"))
		if err := os.WriteFile(path, doc, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	found := mark.Find(doc)
	if found == nil {
		t.Fatalf("%s has no part %q", path, name)
	}
	_, rest, _ := strings.Cut(string(found), "-->\n")
	return strings.TrimSuffix(rest, "<!-- end -->")
}
