package letters

import (
	"strings"
	"time"

	"bauta.dev/bauta/masking"
)

// Told is what a letter tells, in codes: of a decision, or of a question for evidence.
type Told struct {
	Kind              Kind
	Version           int // 0: the first
	Case, Transaction string
	At                time.Time
	To                string // buyer or seller
	Outcome, Amount   string // the amount with its currency
	Lines             []string
	Reason            string
	Clause            string
	AppealBy          time.Time // zero: this side cannot appeal
	Wanted            []Wanted
}

// Wanted is what a side is asked for, and until when it has time for that.
type Wanted struct {
	Type string
	Due  time.Time
}

// Letter is one letter.
type Letter struct {
	Told
	Language string
	Text     masking.Text
}

// Write writes a letter in a language.
func (b *Book) Write(t Told, lang string, findings masking.Text) (Letter, error) {
	w := words[lang]
	if t.Version == 0 {
		t.Version = 1
	}
	said := map[string]string{
		"case": t.Case, "transaction": t.Transaction, "date": day(t.At, lang), "recipient": w["to."+t.To], "lines": list(w, "line.", t.Lines), "reason": w["reason."+t.Reason],
		"clause": t.Clause, "amount": t.Amount, "outcome": strings.TrimSpace(w["outcome."+t.Outcome] + " " + t.Amount), "fields": w["fields"], "wanted": wanted(w, t.Wanted, lang),
	}
	said["remedy"] = w["remedy.none"]
	if t.Amount != "" {
		said["remedy"] = w["remedy.refund"]
	}
	switch {
	case t.Kind == AppealDecided:
		said["appeal"] = w["appeal.over"]
	case t.AppealBy.IsZero():
		said["appeal"] = w["appeal.not"]
	default:
		said["appeal"] = strings.ReplaceAll(w["appeal.until"], "%", day(t.AppealBy, lang))
	}
	text, err := b.Render(t.Kind, t.Version, lang, said, findings)
	return Letter{t, lang, text}, err
}

// wanted is a line for each thing that is asked for, with its own time.
func wanted(w map[string]string, all []Wanted, lang string) string {
	lines := make([]string, len(all))
	for i, x := range all {
		lines[i] = "- " + strings.NewReplacer("$", list(w, "evidence.", []string{x.Type}), "%", day(x.Due, lang)).Replace(w["wanted.until"])
	}
	return strings.Join(lines, "\n")
}

func list(w map[string]string, prefix string, codes []string) string {
	all := make([]string, len(codes))
	for i, c := range codes {
		if all[i] = w[prefix+c]; all[i] == "" {
			all[i] = c
		}
	}
	return strings.Join(all, w["comma"])
}

// day is a day as a language writes it, with the hour of it in UTC.
func day(t time.Time, lang string) string {
	if t.IsZero() {
		return ""
	}
	layout := map[string]string{"en": "2 January 2006, 15:04 UTC", "pt": "02/01/2006, 15:04 UTC", "zh": "2006年1月2日 15:04（UTC）"}[lang]
	return t.UTC().Format(layout)
}
