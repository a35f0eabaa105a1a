package ledger

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const receiptDocument = "../../docs/receipt-format.md"

// The document shows a receipt that Verify proves; UPDATE=1 writes it.
func TestDocumentShowsAReceipt(t *testing.T) {
	r, l := realReceipt(t)
	var b strings.Builder
	b.WriteString("\nThe receipt:\n\n")
	for line := range strings.Lines(string(r.Marshal())) {
		b.WriteString(strings.TrimRight("    "+line, " \n") + "\n")
	}
	fmt.Fprintf(&b, "\nThe log's verifier keys, Ed25519 and ML-DSA-44:\n\n    %s\n    %s\n\nThe proof, out of its base64:\n\n",
		l.signer.Verifier(), exampleCosigner(t).Verifier())
	for line := range strings.Lines(string(r.Items[0].Proof.Marshal())) {
		b.WriteString(strings.TrimRight("    "+line, " \n") + "\n")
	}
	b.WriteString("\n")

	doc, err := os.ReadFile(receiptDocument)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(doc), "<!-- generated: receipt -->\n")
	got, after, closed := strings.Cut(rest, "<!-- end -->")
	if !found || !closed {
		t.Fatal("the document has lost its marks")
	}
	if os.Getenv("UPDATE") != "" {
		got = b.String()
		text := before + "<!-- generated: receipt -->\n" + got + "<!-- end -->" + after
		if err := os.WriteFile(receiptDocument, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(b.String(), got); diff != "" {
		t.Errorf("the document differs from what the package does (UPDATE=1 writes it):\n%s", diff)
	}
}
