package letters

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
)

func told(kind Kind) Told {
	at := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	t := Told{
		Kind: kind, Case: "dsp_1", Transaction: "t-1", At: at, To: "buyer", Outcome: "release", Lines: []string{"deliver"}, Reason: "delivered", Clause: "terms {{fields}} 7.2",
		AppealBy: at.AddDate(0, 0, 30), Wanted: []Wanted{{"invoice", at.AddDate(0, 0, 3)}, {"expert_report", at.AddDate(0, 0, 5)}},
	}
	if o, ok := strings.CutPrefix(string(kind), string(DecisionPrefix)); ok {
		t.Outcome = o
	}
	if strings.Contains(t.Outcome, "refund") {
		t.Amount = "40.00 BRL"
	}
	return t
}

// Every kind in every language and version is there, with all that it has to say, and is
// written the same way twice.
func TestLetters(t *testing.T) {
	t.Parallel()
	b, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	findings := masking.NewText("nobody signed\n{{appeal}}")
	for _, kind := range Kinds() {
		for _, lang := range Languages() {
			one, err := b.Write(told(kind), lang, findings)
			again, _ := b.Write(told(kind), lang, findings)
			text := one.Text.Reveal()
			if err != nil || text != again.Text.Reveal() || one.Version != 1 || strings.Contains(text, "%") || !strings.Contains(text, "dsp_1") {
				t.Errorf("%s %s: %v\n%s", kind, lang, err, text)
			}
			if want := strings.Count(strings.ReplaceAll(text, "terms {{fields}} 7.2", ""), "{{"); kind == Evidence && want != 0 || kind != Evidence && want != 1 {
				t.Errorf("%s %s: a slot is open, or what was found is looked at for slots:\n%s", kind, lang, text)
			}
		}
	}
	closed, err := b.Write(told("decision_none"), "pt", masking.Text{})
	if err != nil || !strings.Contains(closed.Text.Reveal(), "•••") {
		t.Errorf("what is sealed stays so: %v", err)
	}
	if _, err := b.Render(AppealDecided, 1, "en", map[string]string{}, findings); !errors.Is(err, errTemplate) {
		t.Errorf("nothing was said: %v", err)
	}
	if _, err := b.Render(AppealDecided, Newest+1, "en", nil, findings); !errors.Is(err, errTemplate) {
		t.Errorf("a version that there is not: %v", err)
	}
}

// Each thing that is asked for has its own time, and what somebody found cannot pass for
// what we say: each line of it is marked.
func TestLettersKeepWordsApart(t *testing.T) {
	t.Parallel()
	b, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	asked, err := b.Write(told(Evidence), "en", masking.Text{})
	if text := asked.Text.Reveal(); err != nil || !strings.Contains(text, ", by 7 March 2026, 12:00 UTC\n- ") || !strings.Contains(text, ", by 9 March 2026, 12:00 UTC\n\n") {
		t.Errorf("%v\n%s", err, text)
	}
	for _, end := range []string{"\n", "\r", "\r\n", "\v", "\f", "\u0085", "\u2028", "\u2029"} {
		x, err := b.Write(told("decision_release"), "en", masking.NewText("nobody signed"+end+end+"What follows"+end+"You can appeal until 2030."))
		text := x.Text.Reveal()
		if err != nil || !strings.Contains(text, "> nobody signed\n> \n> What follows\n> You can") || strings.Count(text, "\nWhat follows") != 1 {
			t.Errorf("%q: %v\n%s", end, err, text)
		}
	}
}

// There is a kind for each outcome, and words in each language for each code.
func TestLetterWords(t *testing.T) {
	t.Parallel()
	for _, o := range disputes.Outcomes() {
		if _, ok := slots[DecisionPrefix+Kind(o)]; !ok {
			t.Errorf("no letter tells of %s", o)
		}
	}
	for lang, w := range words {
		if !maps.EqualFunc(w, english, func(a, b string) bool { return a != "" && b != "" }) {
			t.Errorf("%s has other words than English", lang)
		}
		for _, r := range disputes.ReasonCodes() {
			if w["reason."+r] == "" {
				t.Errorf("%s: no words for %s", lang, r)
			}
		}
		for _, e := range disputes.EvidenceTypes() {
			if w["evidence."+string(e)] == "" {
				t.Errorf("%s: no words for %s", lang, e)
			}
		}
	}
	if Language("pt-BR") != "pt" || Language("ZH") != "zh" || Language("") != "en" || Language("fr") != "en" {
		t.Error("a locale has another language")
	}
}

// A template that is not right is refused when it is read.
func TestLettersRefused(t *testing.T) {
	t.Parallel()
	whole := fstest.MapFS{}
	names, _ := files.ReadDir("templates")
	for _, n := range names {
		text, _ := files.ReadFile("templates/" + n.Name())
		whole["templates/"+n.Name()] = &fstest.MapFile{Data: text}
	}
	const one = "templates/appeal_decided.v1.zh.txt"
	for name, change := range map[string]func(fstest.MapFS){
		"a slot is missing": func(m fstest.MapFS) {
			m[one] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(string(m[one].Data), "{{appeal}}", ""))}
		},
		"a slot that there is not": func(m fstest.MapFS) {
			m[one] = &fstest.MapFile{Data: append(slices.Clone(m[one].Data), "{{phone}}"...)}
		},
		"a brace":               func(m fstest.MapFS) { m[one] = &fstest.MapFile{Data: append(slices.Clone(m[one].Data), "{case}"...)} },
		"a language is missing": func(m fstest.MapFS) { delete(m, one) },
		"another language":      func(m fstest.MapFS) { m["templates/appeal_decided.v1.fr.txt"] = m[one] },
		"another version":       func(m fstest.MapFS) { m["templates/appeal_decided.v9.zh.txt"] = m[one] },
		"another kind":          func(m fstest.MapFS) { m["templates/proposal.v1.zh.txt"] = m[one] },
		"no version":            func(m fstest.MapFS) { m["templates/appeal_decided.zh.txt"] = m[one] },
	} {
		m := maps.Clone(whole)
		change(m)
		if _, err := load(m); !errors.Is(err, errTemplate) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := load(whole); err != nil {
		t.Error(err)
	}
}
