package web

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/merchants/documents"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking/fault"
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
		for _, s := range broker.DocumentKinds() {
			named("document", s)
		}
		for _, s := range registerDone() {
			named("done", s)
		}
		for s := range standingStates() {
			named("lead", string(s))
			if lang != "en" { // where some of the words are the codes
				named("state", string(s))
			}
		}
		for _, e := range []states.Event{merchants.Reject, merchants.Uphold, merchants.Suspend, merchants.Overdue, merchants.Lapse, merchants.Appeal} {
			for _, s := range append(broker.MerchantReasons(e), "overdue", "lapse", "trust_doubted") {
				if !slices.Contains([]string{"fraud_suspected", "duplicate"}, s) { // of which the merchant is not told
					named("reason", s)
				}
			}
		}
	}
}

// standingStates are those that a merchant can read.
func standingStates() map[states.State]bool {
	all := map[states.State]bool{}
	for i := range merchants.Life.Rows {
		for _, s := range append(merchants.Life.Rows[i].From, merchants.Life.Rows[i].To) {
			all[s] = s != ""
		}
	}
	for _, s := range []states.State{"", states.Beginning, merchants.Draft, merchants.Proposed} {
		delete(all, s)
	}
	return all
}

var named = regexp.MustCompile(`\.Named "(\w+)" "(\w+)"`)

// Words that a template asks for by name are there.
func TestRegisterTemplatesHaveWords(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("pages/templates/register.html")
	if err != nil {
		t.Fatal(err)
	}
	all := named.FindAllStringSubmatch(string(text), -1)
	for _, act := range []string{"answer", "appeal", "confirm", "document"} {
		for _, part := range []string{"", "_lead", "_do"} {
			all = append(all, []string{"", "on", act + part})
		}
	}
	for _, m := range all {
		for _, lang := range []string{"en", "pt", "zh"} {
			if pages.RegisterWordsIn(lang).Named(m[1], m[2]) == m[2] {
				t.Errorf("%s has no word for %s.%s", lang, m[1], m[2])
			}
		}
	}
	if len(all) < 20 {
		t.Errorf("the template asks for %d words by name", len(all))
	}
}

// Whatever refuses a document has a sentence in each language.
func TestRegisterSpeaksOfDocuments(t *testing.T) {
	t.Parallel()
	for _, e := range []*fault.Error{
		documents.ErrEmpty, documents.ErrTooLarge, documents.ErrType, documents.ErrSVG, documents.ErrHTML, documents.ErrArchive, documents.ErrPolyglot, documents.ErrTruncated,
		documents.ErrDamaged, documents.ErrPixels, documents.ErrEncrypted, documents.ErrUnsupported, documents.ErrTooComplex, broker.ErrDocuments, broker.ErrNoDocuments,
		broker.ErrTooLate, broker.ErrAppealedBefore, broker.ErrConflict,
	} {
		for _, lang := range []string{"pt", "zh"} {
			if pages.RegisterWordsIn(lang).Says(e.Code, "") == "" {
				t.Errorf("%s has no words for %s", lang, e.Code)
			}
		}
	}
}

// Whatever code a document lists has a sentence in each language.
func TestRegisterSpeaksCodes(t *testing.T) {
	t.Parallel()
	n := 0
	for _, lang := range []string{"en", "pt", "zh"} {
		if !pages.RegisterWordsIn(lang).Speaks(broker.NeedsReview) {
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
