package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"
)

const documentPath = "../../docs/entry-format.md"

// generated gives the part of the document between its marks; with UPDATE set it
// writes it first.
func generated(t *testing.T, name, want string) string {
	t.Helper()
	doc, err := os.ReadFile(documentPath)
	if err != nil {
		t.Fatal(err)
	}
	mark := regexp.MustCompile(`(?s)(<!-- generated: ` + name + ` -->\n).*?(<!-- end -->)`)
	if os.Getenv("UPDATE") != "" {
		doc = mark.ReplaceAll(doc, []byte("${1}"+strings.ReplaceAll(want, "$", "$$")+"${2}"))
		if err := os.WriteFile(documentPath, doc, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	found := mark.Find(doc)
	if found == nil {
		t.Fatalf("the document has no part %q", name)
	}
	_, rest, _ := strings.Cut(string(found), "-->\n")
	return strings.TrimSuffix(rest, "<!-- end -->")
}

func TestDocumentListsTheSchema(t *testing.T) {
	var b strings.Builder
	for _, typ := range Types() {
		s := schemas[typ]
		names := make([]string, len(s.audiences))
		for i, a := range s.audiences {
			names[i] = a.String()
		}
		fmt.Fprintf(&b, "\n### %d `%s`\n\n", typ, s.name)
		fmt.Fprintf(&b, "Digests: %s. The entry has %d bytes.\n\n", strings.Join(names, ", "), headerSize+hashSize*len(names))
		b.WriteString("| member | shape | seen by |\n| --- | --- | --- |\n")
		for _, m := range s.members {
			if m.name != nameAt && m.name != nameType {
				fmt.Fprintf(&b, "| `%s` | %s | %s |\n", m.name, describe(m), describeSeen(m.seen))
			}
		}
	}
	b.WriteString("\n")
	if diff := cmp.Diff(b.String(), generated(t, "types", b.String())); diff != "" {
		t.Errorf("the document differs from the schema (UPDATE=1 writes it):\n%s", diff)
	}
}

func describe(s spec) string {
	switch s.shape {
	case object, objects:
		parts := make([]string, len(s.parts))
		for i, p := range s.parts {
			parts[i] = "`" + p.name + "` " + describe(p)
		}
		inner := "{" + strings.Join(parts, ", ") + "}"
		if s.shape == objects {
			return "list of " + inner
		}
		return inner
	default:
		return map[shape]string{text: "text", number: "number", flag: "flag", moment: "time", texts: "list of text", flags: "flags"}[s.shape]
	}
}

func describeSeen(seen audiences) string {
	var names []string
	for a := Parties; a <= Auditor; a++ {
		if seen.has(a) {
			names = append(names, a.String())
		}
	}
	return strings.Join(names, ", ")
}

func TestSchemaFitsItsBounds(t *testing.T) {
	var check func(specs []spec)
	check = func(specs []spec) {
		if len(specs) > maxMembers {
			t.Errorf("%d members, and maxMembers is %d", len(specs), maxMembers)
		}
		for i, s := range specs {
			if !validName(s.name) {
				t.Errorf("%q is no name", s.name)
			}
			if i > 0 && specs[i-1].name >= s.name {
				t.Errorf("%s does not come after %s", s.name, specs[i-1].name)
			}
			if (s.shape == object || s.shape == objects) != (len(s.parts) > 0) {
				t.Errorf("%s has the wrong parts", s.name)
			}
			check(s.parts)
		}
	}
	for _, typ := range Types() {
		check(schemas[typ].members)
		if len(schemas[typ].audiences) == 0 {
			t.Errorf("%s is for nobody", typ)
		}
		for _, m := range schemas[typ].members {
			if m.seen == 0 {
				t.Errorf("%s of %s is seen by nobody", m.name, typ)
			}
		}
	}
}

// exampleKeys are the keys of the worked example: 32 times the audience's number.
func exampleSalt(nonce [16]byte) func(Audience) ([]byte, error) {
	return func(a Audience) ([]byte, error) {
		return Salt(bytes.Repeat([]byte{byte(a)}, 32), a, nonce), nil
	}
}

func exampleNonce() (n [16]byte) {
	for i := range n {
		n[i] = 0xa0 + byte(i)
	}
	return n
}

func exampleStatement() Statement {
	return Statement{
		Type: DisclosureDecided,
		At:   time.Date(2026, 3, 4, 5, 6, 7, 89_000_000, time.UTC),
		Members: Object{
			{"disclosure", "dsc_01"},
			{"transaction", "t-1"},
			{"requester", "s-1"},
			{"subject", "b-1"},
			{"purpose", "deliver"},
			{"decision", "granted"},
			{"ground", "3b"},
			{"fields", []Object{
				{
					{"field", "name"},
					{"outcome", "granted"},
					{"rule", "deliver-shipped-goods"},
					{"version", 1},
					{"commitment", base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xc1}, 32))},
				},
				{{"field", "email"}, {"outcome", "withheld"}, {"reason", "not_necessary"}},
			}},
			{"rules", []string{"deliver-shipped-goods"}},
			{"policy", "sha256:5f3c"},
			{"expires", "delivered+14d"},
			{"views", 20},
			{"asserted_by", "platform"},
			{"note", base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xc2}, 32))},
			{"facts", Object{{"held", true}, {"accepted", true}}},
			{"situation", Object{{"subject_restricted", true}}},
			{"key", "key_7"},
		},
	}
}

func exampleText(t *testing.T) string {
	t.Helper()
	s, nonce := exampleStatement(), exampleNonce()
	entry, err := s.Entry(nonce, exampleSalt(nonce))
	if err != nil {
		t.Fatal(err)
	}
	whole, err := s.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nThe statement:\n\n    %s\n\nThe nonce: `%x`\n", whole, nonce)
	for i, a := range s.Type.Audiences() {
		salt, _ := exampleSalt(nonce)(a)
		content, err := s.Content(a)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "\n**%s** (key: the byte `%02x` 32 times)\n\n    content %s\n    salt    %x\n    digest  %x\n", a, byte(a), content, salt, entry.Digests[i])
	}
	raw := entry.Marshal()
	fmt.Fprintf(&b, "\nThe entry, %d bytes: %d hours after the epoch are `%x`.\n\n    %x\n", len(raw), entry.Hour, raw[2:6], raw[:headerSize])
	for chunk := range slices.Chunk(raw[headerSize:], hashSize) {
		fmt.Fprintf(&b, "    %x\n", chunk)
	}
	edge := NewEdge()
	leaf, _ := edge.Append(raw)
	fmt.Fprintf(&b, "\nIts leaf hash is `%x`. It is the root as well of a log that holds nothing else. That log's checkpoint, signed by the Ed25519 seed of 32 times `07`, with\nthe verifier key `%s`:\n\n", leaf[:], exampleSigner(t).Verifier())
	c, err := exampleSigner(t).Sign(edge.Size(), edge.Root())
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(c.Note)) {
		b.WriteString(strings.TrimRight("    "+line, " \n") + "\n")
	}
	return b.String() + "\n"
}

func exampleSigner(tb testing.TB) *Signer {
	tb.Helper()
	skey, _, err := GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, 32)), "bauta.example/log")
	if err != nil {
		tb.Fatal(err)
	}
	s, err := NewSigner(skey)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func TestDocumentShowsTheWorkedExample(t *testing.T) {
	want := exampleText(t)
	if diff := cmp.Diff(want, generated(t, "example", want)); diff != "" {
		t.Errorf("the document differs from what the package does (UPDATE=1 writes it):\n%s", diff)
	}
}

// TestWorkedExampleBySecondVerifier reads nothing but the document, and uses
// nothing of the package to make digests: what a stranger would write.
func TestWorkedExampleBySecondVerifier(t *testing.T) {
	doc := generated(t, "example", exampleText(t))
	field := func(pattern string) [][]string { return regexp.MustCompile(pattern).FindAllStringSubmatch(doc, -1) }
	unhex := func(s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	contents, salts, digests := field(`    content (.*)`), field(`    salt    (.*)`), field(`    digest  (.*)`)
	if len(contents) != 4 || len(salts) != 4 || len(digests) != 4 {
		t.Fatal("the example does not have four parts")
	}
	entry := unhex(field(`    (0109[0-9a-f]{40})\n`)[0][1])
	for i, audience := range []byte{1, 2, 4, 5} {
		var members map[string]any
		if err := json.Unmarshal([]byte(contents[i][1]), &members); err != nil || members["type"] != "disclosure_decided" {
			t.Errorf("part %d is not JSON of its type: %v", audience, err)
		}
		h := sha256.New()
		h.Write([]byte("bauta/digest/v1"))
		h.Write([]byte{9, audience})
		h.Write(unhex(salts[i][1]))
		h.Write([]byte(contents[i][1]))
		if got := hex.EncodeToString(h.Sum(nil)); got != digests[i][1] {
			t.Errorf("part %d: digest %s, and the document has %s", audience, got, digests[i][1])
		}
		entry = append(entry, unhex(digests[i][1])...)
	}
	leaf := sha256.Sum256(append([]byte{0}, entry...))
	if got := field("leaf hash is `([0-9a-f]+)`")[0][1]; got != hex.EncodeToString(leaf[:]) {
		t.Errorf("leaf hash %x, and the document has %s", leaf, got)
	}
	_, signed, _ := strings.Cut(doc, "verifier key")
	_, signed, _ = strings.Cut(signed, "\n\n")
	signed = strings.TrimSuffix(strings.ReplaceAll("\n"+signed, "\n    ", "\n")[1:], "\n")
	verifier, err := note.NewVerifier(field("verifier key `(.*)`")[0][1])
	if err != nil {
		t.Fatal(err)
	}
	c, err := OpenCheckpoint(verifier, []byte(signed))
	if err != nil || c.Size != 1 || c.Root != leaf {
		t.Errorf("the checkpoint %q does not hold: %+v, %v", signed, c, err)
	}
}
