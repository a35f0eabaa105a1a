package web

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// The document of the export names what is left out as the export does.
func TestExportDocumentNamesWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	const path = "../../docs/export.md"
	doc, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	want.WriteString("<!-- generated: left_out -->\n\n")
	for _, l := range leftOut() {
		fmt.Fprintf(&want, "- `%s`: %s\n", l.What, l.Why)
	}
	want.WriteString("\n<!-- end -->")
	part := regexp.MustCompile(`(?s)<!-- generated: left_out -->.*?<!-- end -->`)
	if os.Getenv("UPDATE") != "" {
		doc = part.ReplaceAllLiteral(doc, []byte(want.String()))
		if err := os.WriteFile(path, doc, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := string(part.Find(doc)); got != want.String() {
		t.Errorf("the document differs from the code (UPDATE=1 writes it):\n%s\nwant\n%s", got, want.String())
	}
	for _, member := range membersOf(exportAnswer{}) {
		if !strings.Contains(string(doc), "`"+member+"`") {
			t.Errorf("the document has no word about %s", member)
		}
	}
}

// membersOf are the names of an answer's own members.
func membersOf(v any) (names []string) {
	for f := range reflect.TypeOf(v).Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}
