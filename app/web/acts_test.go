package web

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// docs/party-tokens.md names every call for which a party may have to sign, as the
// table of routes has them.
func TestPartyTokensDocument(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	table.WriteString("| call | the party |\n| --- | --- |\n")
	for _, r := range newDoor(t, nil).routes() {
		if r.does.acts != "" {
			fmt.Fprintf(&table, "| `%s %s` | %s |\n", r.method, r.template, r.does.acts)
		}
	}
	const file, from, to = "../../docs/party-tokens.md", "<!-- generated: calls -->\n\n", "\n<!-- end -->"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(raw), from)
	had, after, ends := strings.Cut(rest, to)
	if !begins || !ends {
		t.Fatal("the document has no place for the calls")
	}
	if had == table.String() {
		return
	}
	if os.Getenv("UPDATE") == "" {
		t.Fatalf("the calls are others; UPDATE=1 writes them:\n%s", table.String())
	}
	if err := os.WriteFile(file, []byte(before+from+table.String()+to+after), 0o600); err != nil {
		t.Fatal(err)
	}
}
