package masking

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"strings"
	"testing"
)

type carrier struct {
	Open   any
	hidden any
}

// nested puts a thing where fmt does and where it doesn't find its methods.
func nested[T any](v T) []any {
	return []any{
		v, &v,
		[]T{v},
		map[string]T{"k": v},
		struct{ V T }{v},
		struct{ v T }{v},
		&struct{ v T }{v},
		struct{ v *T }{&v},
		carrier{Open: v, hidden: v},
		&carrier{Open: &v, hidden: &v},
		[]any{v},
	}
}

// everyPrint is everything that Go has to print with.
func everyPrint(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%T", "%b", "%c", "%t", "%U"} {
		fmt.Fprintf(&b, verb+"\n", v)
	}
	fmt.Fprintln(&b, v)
	fmt.Fprintln(&b, fmt.Errorf("wrap: %v %w", v, errors.New("inner")))
	if raw, err := json.Marshal(v); err == nil {
		b.Write(raw)
	}
	slog.New(slog.NewTextHandler(&b, nil)).Info("m", "v", v, slog.Group("g", "v", v))
	slog.New(slog.NewJSONHandler(&b, nil)).Info("m", "v", v, slog.Group("g", "v", v))
	page := template.Must(template.New("").Parse(`<p title="{{.}}">{{.}}</p><script>var v = {{.}}</script>{{printf "%#v %d" . .}}`))
	if err := page.Execute(&b, v); err != nil {
		fmt.Fprintln(&b, err)
	}
	return b.String()
}

func leaks(out, secret string) bool {
	for _, form := range []string{
		secret, hex.EncodeToString([]byte(secret)), fmt.Sprintf("% x", secret), fmt.Sprintf("%d", []byte(secret)), strings.Trim(fmt.Sprint([]byte(secret)), "[]"), //nolint:staticcheck // every way that fmt has
	} {
		if strings.Contains(strings.ToLower(out), strings.ToLower(form)) {
			return true
		}
	}
	return false
}

func TestValuesDoNotPrint(t *testing.T) {
	t.Parallel()
	const secret = "Zaphod Beeblebrox"
	everything := nested(NewText(secret))
	everything = append(everything, nested(text(secret))...)
	everything = append(everything, nested(place(secret, secret, secret, secret, "GB"))...)
	everything = append(everything, nested(place(secret, secret, secret, secret, "GB").Address)...)
	for i, v := range everything {
		if out := everyPrint(t, v); leaks(out, secret) {
			t.Errorf("%d (%T) prints its value:\n%s", i, v, out)
		}
	}
	if !leaks(everyPrint(t, secret), secret) {
		t.Error("this test finds nothing")
	}
}

func TestKeysDoNotPrint(t *testing.T) {
	t.Parallel()
	_, f := newFolder(t)
	if err := f.SetLedgerKey("PRIVATE+KEY+bauta"); err != nil {
		t.Fatal(err)
	}
	if err := f.SetCosigningKey("PRIVATE+KEY+second"); err != nil {
		t.Fatal(err)
	}
	for i, v := range append(nested(f.KEK), nested(f)...) {
		out := everyPrint(t, v)
		if leaks(out, string(f.KEK.bytes())) || leaks(out, f.LedgerKey.Reveal()) || leaks(out, f.CosigningKey.Reveal()) {
			t.Errorf("%d (%T) prints a key:\n%s", i, v, out)
		}
	}
	if out := everyPrint(t, *f); leaks(out, f.LedgerKey.Reveal()) {
		t.Errorf("a folder by value prints its ledger key:\n%s", out)
	}
}

func TestTextTakesJSON(t *testing.T) {
	t.Parallel()
	var in struct{ A, B, C Text }
	if err := json.Unmarshal([]byte(`{"A":"x","B":null}`), &in); err != nil || in.A.Reveal() != "x" || !in.B.IsZero() || !in.C.IsZero() {
		t.Errorf("%v", err)
	}
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	v := place("1 Rue <X>", "Paris", "", "75004", "FR")
	if got := string(v.Canonical()); got != `{"street":"1 Rue \u003cX\u003e","city":"Paris","postal_code":"75004","country":"FR"}` {
		t.Errorf("the bytes that commitments are made over changed: %s", got)
	}
	back, err := ParseCanonical(FullAddress, v.Canonical())
	if err != nil || !bytes.Equal(back.Canonical(), v.Canonical()) {
		t.Errorf("round trip: %v", err)
	}
	if _, err := ParseCanonical(FullAddress, []byte("Zaphod")); !errors.Is(err, ErrUnreadable) || strings.Contains(err.Error(), "Zaphod") {
		t.Errorf("what is no address: %v", err)
	}
}
