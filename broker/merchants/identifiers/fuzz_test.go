package identifiers_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	. "bauta.dev/bauta/broker/merchants/identifiers"
)

// holds is what is true of every number, whatever it is.
func holds(t *testing.T, kind Kind, country, given string) {
	t.Helper()
	r := Check(kind, country, given)
	if !slices.Contains([]Outcome{Valid, Suspect, Invalid, Unsupported}, r.Outcome) {
		t.Fatalf("outcome %q", r.Outcome)
	}
	if r.Outcome != Valid && r.Code.Detail() == "" {
		t.Fatalf("%s, and no reason that says something: %q", r.Outcome, r.Code)
	}
	if (kind == RIC || kind == IBAN || kind == VAT && strings.EqualFold(country, "NL")) && !r.Personal {
		t.Fatal("not personal")
	}
	again := Check(kind, country, r.Normal())
	if again.Normal() != r.Normal() {
		t.Fatalf("normal is %q, and of that %q", r.Normal(), again.Normal())
	}
	switch {
	case r.Outcome == Valid && (again.Outcome != Valid || again.Code != r.Code || again.Personal != r.Personal):
		t.Fatalf("%q is %s, its normal form %q is %s %s", given, r.Outcome, r.Normal(), again.Outcome, again.Code)
	case r.Code == FullWidth && again.Outcome != Valid:
		t.Fatalf("%q would be right in plain characters, and %q is %s", given, r.Normal(), again.Code)
	case r.Outcome == Valid && strings.Trim(r.Normal(), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "":
		t.Fatalf("%q is valid", r.Normal())
	}
}

func fuzz(f *testing.F, kind Kind) {
	f.Helper()
	for _, all := range [][]vector{valid, traps, written} {
		for _, v := range all {
			if v.kind == kind && len(v.given) < 1000 {
				f.Add(v.given)
			}
		}
	}
	f.Fuzz(func(t *testing.T, given string) { holds(t, kind, "", given) })
}

func FuzzUSCC(f *testing.F) { fuzz(f, USCC) }
func FuzzRIC(f *testing.F)  { fuzz(f, RIC) }
func FuzzLEI(f *testing.F)  { fuzz(f, LEI) }
func FuzzIBAN(f *testing.F) { fuzz(f, IBAN) }
func FuzzGLN(f *testing.F)  { fuzz(f, GLN) }
func FuzzEORI(f *testing.F) { fuzz(f, EORI) }
func FuzzEIN(f *testing.F)  { fuzz(f, EIN) }

func FuzzVAT(f *testing.F) {
	for _, all := range [][]vector{valid, traps, written} {
		for _, v := range all {
			if v.kind == VAT && len(v.given) < 1000 {
				f.Add(v.country, v.given)
			}
		}
	}
	f.Fuzz(func(t *testing.T, country, given string) { holds(t, VAT, country, given) })
}

// A result can be printed in every way that Go has: the number is not in it.
func TestResultsDoNotPrint(t *testing.T) {
	t.Parallel()
	const number = "11010119900307002X"
	r := Check(RIC, "", number)
	if r.Normal() != number {
		t.Fatal("the number is not kept")
	}
	var out strings.Builder
	for _, v := range []any{r, &r, []Result{r}, map[string]Result{"k": r}, struct{ r Result }{r}, struct{ r *Result }{&r}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%U"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(b)
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", v)
	}
	if strings.Contains(out.String(), number) || strings.Contains(strings.ToUpper(out.String()), fmt.Sprintf("%X", number)) {
		t.Errorf("it is printed:\n%s", out.String())
	}
	if b, err := json.Marshal(r); err != nil || string(b) != `{"outcome":"valid","personal":true}` {
		t.Errorf("%s %v", b, err)
	}
}

func BenchmarkCheck(b *testing.B) {
	for _, row := range Rows() {
		for _, v := range valid {
			if v.kind != row.Kind || v.country != row.Country {
				continue
			}
			b.Run(strings.TrimSpace(string(row.Kind)+" "+row.Country), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if Check(v.kind, v.country, v.given).Outcome != Valid {
						b.Fatal("not valid")
					}
				}
			})
			break
		}
	}
}
