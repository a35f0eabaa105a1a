package plain

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

var words = map[string]map[string]string{"en": english, "pt": portuguese, "zh": chinese}

// constants reads off the source what words of a type there are, so that a new
// one is missed here before anybody misses its sentence.
func constants(t *testing.T, dir, typ string) (values []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v", dir, err)
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if id, ok := spec.Type.(*ast.Ident); !ok || id.Name != typ {
				return true
			}
			for _, v := range spec.Values {
				if lit, ok := v.(*ast.BasicLit); ok {
					word, err := strconv.Unquote(lit.Value)
					if err != nil {
						t.Fatal(err)
					}
					values = append(values, word)
				}
			}
			return true
		})
	}
	if len(values) == 0 {
		t.Fatalf("no constant of type %s in %s", typ, dir)
	}
	return values
}

// Every code has its words in every language, and what is refused says what to do.
func TestEveryCodeHasItsWords(t *testing.T) {
	t.Parallel()
	var keys []string
	for prefixes, codes := range map[string][]string{
		"reason todo":  constants(t, "necessity", "Reason"),
		"purpose":      constants(t, "necessity", "Purpose"),
		"ground":       constants(t, "necessity", "Ground"),
		"role of from": constants(t, "necessity", "Role"),
		"obligation":   constants(t, ".", "Obligation"),
		"state":        append(constants(t, ".", "GrantState"), "expired", "used_up"),
		"field":        fields(),
		"month":        {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"},
		"":             {"granted", "pending", "refused", "withheld", "also.pending", "because", "missing", "foreseen", "time", "decimal"},
		"list":         {"comma", "and"},
		"foreseen":     {"refused"},
		"granted":      {"bare"},
		"pending":      {"bare"},
		"refused":      {"bare"},
		"own.state":    append(constants(t, ".", "GrantState"), "expired", "used_up"),
		"own.reason":   {"not_held"},
		"of":           {"you"},
		"trouble":      troubles(),
	} {
		for _, prefix := range append(strings.Fields(prefixes), slices.Repeat([]string{""}, 1-min(1, len(prefixes)))...) {
			for _, code := range codes {
				keys = append(keys, strings.TrimPrefix(prefix+"."+code, "."))
			}
		}
	}
	for tag, w := range words {
		for _, key := range keys {
			if strings.TrimSpace(w[key]) == "" && key != "list.comma" && key != "list.and" {
				t.Errorf("%s has no words for %s", tag, key)
			}
		}
		for key := range w {
			if !slices.Contains(keys, key) {
				t.Errorf("%s has words for %s, which is no code", tag, key)
			}
		}
	}
	for _, o := range constants(t, ".", "Obligation") {
		if debtors[o] == "" {
			t.Errorf("who owes %s is not said", o)
		}
	}
	if got := len(necessity.Reasons()); got != len(constants(t, "necessity", "Reason")) {
		t.Errorf("%d reasons are listed", got)
	}
}

func troubles() []string {
	words := []string{"number", "back"}
	for _, kind := range Troubles() {
		words = append(words, kind, kind+".head")
	}
	return words
}

func fields() (names []string) {
	for _, f := range masking.Fields() {
		names = append(names, string(f))
	}
	return names
}

// The same is filled in in every language, and no language borrows another's words.
func TestLanguagesSayTheSame(t *testing.T) {
	t.Parallel()
	holes := regexp.MustCompile(`%\[\d\][sd]`)
	for key, text := range english {
		want := holes.FindAllString(text, -1)
		slices.Sort(want)
		for tag, w := range words {
			got := holes.FindAllString(w[key], -1)
			slices.Sort(got)
			if !slices.Equal(slices.Compact(got), slices.Compact(slices.Clone(want))) {
				t.Errorf("%s says %v in %s, English %v", tag, got, key, want)
			}
			if tag != "en" && w[key] == text && !strings.HasPrefix(key, "list.") && key != "decimal" {
				t.Errorf("%s says %s in English", tag, key)
			}
		}
	}
}

func explainer(tb testing.TB) *Explainer {
	tb.Helper()
	e, err := New()
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// decisions are with every code beside every other of its kind, sensible or not.
func decisions(yield func(*Decision) bool) {
	var all []Field
	for i, f := range masking.Fields() {
		all = append(all, Field{Field: f, Outcome: necessity.Granted})
		if i%2 == 0 {
			all = append(all, Field{Field: f, Outcome: necessity.Pending}, Field{Field: f, Outcome: necessity.Withheld, Reason: necessity.Reasons()[i]})
		}
	}
	ends := time.Date(2026, 3, 4, 11, 0, 0, 0, time.UTC)
	for _, role := range necessity.Roles() {
		for _, purpose := range necessity.Purposes() {
			for _, decision := range []string{"granted", "pending", "refused"} {
				for i, state := range []string{"", "live", "expired", "used_up", "suspended", "revoked"} {
					for n, code := range necessity.Reasons() {
						d := &Decision{
							Role: role, Purpose: purpose, Decision: decision, Ground: necessity.Grounds()[(i+n)%len(necessity.Grounds())], Fields: all[:n],
							State: state, Ends: ends, Views: n, Foreseen: (i+n)%2 == 0,
							Reasons: []Reason{{Code: code, Missing: []Missing{{"pay", "1221.65", "21.65", "BRL"}, {"accept", "1", "0", ""}}}},
						}
						if !yield(d) {
							return
						}
					}
				}
			}
		}
	}
}

// No sentence has a hole in it, or a code where words should be.
func TestSentencesAreWhole(t *testing.T) {
	t.Parallel()
	e := explainer(t)
	odd := regexp.MustCompile(`%|\[|\]|  |=one|\w+\.[a-z]|_|\(\)|: \.|,,`)
	ends := regexp.MustCompile(`[.。]$`)
	n := 0
	for d := range decisions {
		for _, accept := range []string{"en", "pt-BR", "zh-CN"} {
			sentences, _ := e.Explain(d, accept)
			for _, s := range sentences {
				n++
				if odd.MatchString(strings.ReplaceAll(s, "dry_run", "this")) || !ends.MatchString(s) {
					t.Fatalf("%s: %q", accept, s)
				}
			}
		}
	}
	if n < 10000 {
		t.Errorf("%d sentences", n)
	}
}

// What is asked for is answered in the language that suits best.
func TestLanguageIsChosen(t *testing.T) {
	t.Parallel()
	e := explainer(t)
	d := &Decision{Role: necessity.Seller, Purpose: necessity.Deliver, Decision: "refused", Fields: []Field{{Field: masking.Name}}}
	for accept, want := range map[string]string{
		"": "en", "en-GB": "en", "pt": "pt", "pt-PT,pt;q=0.9": "pt", "zh-Hans-CN": "zh", "zh": "zh", "de, fr;q=0.5": "en",
		"de, pt;q=0.5": "pt", "fr;q=0.9, zh;q=0.8, en;q=0.1": "zh", "not a header": "en", "*": "en", strings.Repeat("x,", 2000): "en",
	} {
		if _, got := e.Explain(d, accept); got != want {
			t.Errorf("%.20q is answered in %s, want %s", accept, got, want)
		}
	}
}

// The sentences as people read them.
func TestExplanations(t *testing.T) {
	t.Parallel()
	e := explainer(t)
	granted := &Decision{
		Role: necessity.Seller, Purpose: necessity.Deliver, Decision: "granted", Ground: necessity.Ground3b,
		Fields: []Field{
			{masking.Name, necessity.Granted, ""},
			{masking.Phone, necessity.Granted, ""},
			{masking.FullAddress, necessity.Granted, ""},
			{masking.Email, necessity.Withheld, necessity.NotNecessary},
		},
		State: "live", Ends: time.Date(2026, 4, 17, 11, 0, 0, 0, time.UTC), Views: 19,
	}
	refused := &Decision{
		Role: necessity.Seller, Purpose: necessity.Deliver, Decision: "refused",
		Fields:  []Field{{masking.Name, necessity.Withheld, necessity.BelowFloor}},
		Reasons: []Reason{{necessity.BelowFloor, []Missing{{"pay", "221.65", "21.65", "BRL"}, {"accept", "1", "0", ""}}}},
	}
	var text strings.Builder
	for _, d := range []*Decision{granted, refused} {
		for _, accept := range []string{"en", "pt", "zh"} {
			sentences, _ := e.Explain(d, accept)
			text.WriteString(strings.Join(sentences, "\n") + "\n\n")
		}
	}
	one := *granted
	one.Views = 1
	if s, _ := e.Explain(&one, "en"); !slices.Contains(s, "It can be looked at until 17 April 2026, 11:00 UTC, once more.") {
		t.Errorf("one view: %q", s)
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile("testdata/explanations.txt", []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/explanations.txt")
	if err != nil {
		t.Fatal(err)
	}
	if text.String() != string(want) {
		t.Errorf("not as in testdata/explanations.txt:\n%s", text.String())
	}
}

func BenchmarkExplain(b *testing.B) {
	e := explainer(b)
	d := &Decision{
		Role: necessity.Seller, Purpose: necessity.Deliver, Decision: "granted", Ground: necessity.Ground3b, State: "live", Views: 19,
		Fields: []Field{{masking.Name, necessity.Granted, ""}, {masking.Phone, necessity.Granted, ""}},
	}
	b.ReportAllocs()
	for b.Loop() {
		e.Explain(d, "pt-BR,pt;q=0.9,en;q=0.8")
	}
}
