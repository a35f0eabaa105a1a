package documents

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The page has every way of being refused that there is.
func TestDocument(t *testing.T) {
	t.Parallel()
	const path = "../../../docs/documents.md"
	source, err := os.ReadFile("errors.go")
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("\n| code | status | says |\n| --- | --- | --- |\n")
	status := map[string]int{"Invalid": 422, "TooLarge": 413, "Media": 415}
	all := regexp.MustCompile(`= fault\.New\(fault\.(\w+), "(\w+)", "(.*)"\)`).FindAllSubmatch(source, -1)
	for _, m := range all {
		fmt.Fprintf(&table, "| `%s` | %d | %s |\n", m[2], status[string(m[1])], m[3])
	}
	if len(all) < 13 {
		t.Fatalf("only %d faults: nothing was looked at", len(all))
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	part := regexp.MustCompile(`(?s)(<!-- generated: refusals -->\n).*?(<!-- end -->)`)
	doc := part.ReplaceAllString(string(b), "${1}"+table.String()+"\n${2}")
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
