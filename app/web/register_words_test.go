package web

import (
	"os"
	"regexp"
	"testing"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
)

// The form has words for all that the packs have, in each language.
func TestRegisterHasWords(t *testing.T) {
	t.Parallel()
	packs, err := merchants.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "pt", "zh"} {
		w := pages.RegisterWordsIn(lang)
		named := func(list string, code string) {
			if w.Named(list, code) == code && code != "" {
				t.Errorf("%s has no word for %s.%s", lang, list, code)
			}
		}
		for _, p := range packs.All() {
			named("market", string(p.Jurisdiction))
			for i := range p.Fields {
				f := &p.Fields[i]
				if w.Label(f.Label) == f.Label {
					t.Errorf("%s has no word for %s", lang, f.Label)
				}
				for _, v := range f.Values {
					named(f.Label, v)
				}
				for _, c := range append(f.PublicIf, f.Required.If...) {
					if w.Condition(string(c)) == string(c) {
						t.Errorf("%s has no words for %s", lang, c)
					}
				}
			}
			for _, c := range p.Certifications {
				named("certify", c.Code)
				if c.Visibility == merchants.Public {
					named("certified", c.Code)
				}
			}
		}
		for _, s := range merchants.Types() {
			named("type", string(s))
		}
		for _, s := range broker.CheckSources() {
			named("source", s)
		}
		for _, s := range broker.MerchantReasons(merchants.Ask) {
			named("question", s)
		}
	}
}

// Whatever code a document lists has a sentence in each language.
func TestRegisterSpeaksCodes(t *testing.T) {
	t.Parallel()
	n := 0
	for _, lang := range []string{"en", "pt", "zh"} {
		if !pages.RegisterWordsIn(lang).Speaks(needsReview) {
			t.Errorf("%s has no words for what needs a person", lang)
		}
	}
	for _, file := range []string{"../../docs/merchants.md", "../../docs/identifiers.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range regexp.MustCompile(`(?s)<!-- generated: codes -->(.*?)<!-- end -->`).FindAllStringSubmatch(string(text), -1) {
			for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_0-9]+)` \\|").FindAllStringSubmatch(part[1], -1) {
				n++
				for _, lang := range []string{"pt", "zh"} {
					if w := pages.RegisterWordsIn(lang); !w.Speaks(row[1]) || w.Says(row[1], "") == "" {
						t.Errorf("%s has no words for %s", lang, row[1])
					}
				}
			}
		}
	}
	if n < 50 {
		t.Errorf("the documents list %d codes", n)
	}
}
