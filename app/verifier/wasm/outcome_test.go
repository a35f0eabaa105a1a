package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"bauta.dev/bauta/broker/ledger"
)

// documented is the worked example of docs/receipt-format.md.
func documented(t *testing.T) (file []byte, vkey string) {
	t.Helper()
	doc, err := os.ReadFile("../../../docs/receipt-format.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(doc), "The receipt:\n\n")
	text, rest, _ := strings.Cut(text, "\nThe log's verifier keys, Ed25519 and ML-DSA-44:\n\n    ")
	for line := range strings.Lines(text) {
		file = append(file, strings.TrimPrefix(line, "    ")...)
	}
	vkey, _, _ = strings.Cut(rest, "\n")
	return file, vkey
}

func TestTrust(t *testing.T) {
	t.Parallel()
	file, vkey := documented(t)
	const witness = "witness1.example+d0089c06+BIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
	for _, x := range []struct{ trust, state, reason string }{
		{"", unanchored, ""},
		{" \r\n\t\n", unanchored, ""},
		{vkey, verified, ""},
		{"  " + vkey + " \r\n\r\n", verified, ""},
		{"# the marketplace\n" + vkey + "\n", verified, ""},
		{"log " + vkey + "\nquorum none", verified, ""},
		{"\r\n# both\r\nlog " + vkey + "\r\nquorum none\r\n", verified, ""},
		{"log " + vkey + "\nwitness w " + witness + "\nquorum w", failed, "quorum"},
		{"log " + vkey, failed, "policy"},
		{"quorum none", failed, "policy"},
		{vkey + "\nquorum none", failed, "policy"},
		{strings.Repeat("#\n", ledger.MaxPolicySize), failed, "policy"},
		{"# nobody", failed, "key"},
		{vkey + "\n" + vkey, failed, "key"},
		{vkey[1:], failed, "key"},
		{witness, failed, "key"},
		{"\x00", failed, "key"},
	} {
		o := verify(file, x.trust)
		if o.State != x.state || o.Reason != x.reason {
			t.Errorf("trust %.80q: %v, want %s %s", x.trust, o, x.state, x.reason)
		}
		if (o.State == failed) != (len(o.Entries) == 0) {
			t.Errorf("trust %.80q: %s shows %d entries", x.trust, o.State, len(o.Entries))
		}
	}
}

// Whatever Verify may say has a name and words of its own.
func TestReasons(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, r := range reasons {
		if names[r.name] || r.headline == "" || !strings.HasSuffix(r.sentence, ".") {
			t.Errorf("reason %q is there twice, or says nothing", r.name)
		}
		names[r.name] = true
		if o := failure(fmt.Errorf("verify item 1: %w", r.err)); o.Reason != r.name || o.State != failed {
			t.Errorf("%v is told as %v, want %s", r.err, o, r.name)
		}
	}
	if o := failure(errors.New("something new")); o.State != failed || o.Reason != "other" || o.Headline == "" {
		t.Errorf("an unknown error: %v", o)
	}
}

func TestOutcomeSays(t *testing.T) {
	t.Parallel()
	file, vkey := documented(t)
	o := verify(file, vkey)
	if len(o.Entries) != 1 || len(o.Entries[0].Said) != 2 || len(o.Entries[0].Opened) != 1 {
		t.Fatalf("%v", o)
	}
	e := o.Entries[0]
	for got, want := range map[string]string{
		e.Index: "5", e.Size: "7", e.What: "Disclosure decided", e.Hour: "2026-03-04, 05:00 to 06:00 UTC", e.Origin: "bauta.example/log",
		e.Said[1].To: "the requester", e.Opened[0].Field: "Name", e.Opened[0].Lines[0]: "Ada Hartwell",
		e.Said[1].Signed: `{"at":"2026-03-04T05:06:07.089000Z","note":"wsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsI=","type":"disclosure_decided"}`,
		fmt.Sprint(o):    "verified ",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if strings.Contains(fmt.Sprintf("%v %s", o, o), "Ada") {
		t.Error("an outcome prints a value")
	}
	if _, err := json.Marshal(o); err != nil {
		t.Error(err)
	}
}

// No byte of a receipt can be cut or changed so that an entry is shown, and
// nothing that happens on the way ends the program.
func TestOutcomeFailsClosed(t *testing.T) {
	t.Parallel()
	file, vkey := documented(t)
	for i := range file {
		changed := append([]byte{}, file...)
		changed[i] ^= 0x20
		for _, x := range [][]byte{changed, file[:i]} {
			if o := verify(x, vkey); o.State != failed || len(o.Entries) > 0 || o.Reason == "broken" || o.Reason == "other" {
				t.Errorf("at byte %d: %v", i, o)
			}
		}
	}
}

func TestVisible(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Ada":                    "Ada",
		"ليلى":                   "ليلى",
		"a\u202eb":               `a\u{202e}b`,
		"a\nb\x00":               `a\u{000a}b\u{0000}`,
		"a\u2066b\u2028":         `a\u{2066}b\u{2028}`,
		"\xff":                   "\uFFFD",
		"\U0001F468\u200d\u2695": "\U0001F468\u200d\u2695",
	} {
		if got := visible(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ field, value, want string }{
		{"address", `{"street":"12 Carlisle Lane","city":"London","postal_code":"SE1 7LG","country":"GB"}`, "12 Carlisle Lane|SE1 7LG London|GB"},
		{"locality", `{"city":"London","country":"GB"}`, "London|GB"},
		{"address", `not JSON`, "not JSON"},
		{"address", `{"city":"London","else":1}`, `{"city":"London","else":1}`},
		{"address", `{"city":"London"} and more`, `{"city":"London"} and more`},
		{"address", `{}`, `{}`},
		{"name", `{"street":"x"}`, `{"street":"x"}`},
	} {
		got := strings.Join(lines(ledger.Opening{Field: x.field, Value: []byte(x.value)}), "|")
		if got != x.want {
			t.Errorf("%s %s: %q, want %q", x.field, x.value, got, x.want)
		}
	}
}
