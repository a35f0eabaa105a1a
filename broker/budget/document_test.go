package budget

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const documentPath = "../../docs/operations.md"

// The operator reads the numbers that the program has; UPDATE=1 writes them.
func TestDocumentListsTheBudgets(t *testing.T) {
	var b strings.Builder
	b.WriteString("| budget | for each | counts | in a | up to | a request past it | a view past it |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, r := range Default().Rules() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s |\n", r.Name, r.Per, r.Counts, r.Window, r.Limit, r.ThenAsked, r.Viewed)
	}
	doc, err := os.ReadFile(documentPath)
	if err != nil {
		t.Fatal(err)
	}
	mark := regexp.MustCompile(`(?s)(<!-- generated: budgets -->\n).*?(<!-- end -->)`)
	if os.Getenv("UPDATE") != "" {
		doc = mark.ReplaceAll(doc, []byte("${1}"+b.String()+"${2}"))
		if err := os.WriteFile(documentPath, doc, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, rest, there := strings.Cut(string(mark.Find(doc)), "-->\n")
	if !there {
		t.Fatal("the document has no budgets")
	}
	if diff := cmp.Diff(b.String(), strings.TrimSuffix(rest, "<!-- end -->")); diff != "" {
		t.Errorf("the document differs (UPDATE=1 writes it):\n%s", diff)
	}
}
