package merchants

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"bauta.dev/bauta/broker/merchants/identifiers"
	"bauta.dev/bauta/broker/states"
)

// ErrPack says that a pack is not right in itself.
var ErrPack = errors.New("the pack may not be used")

var (
	wellPointed = regexp.MustCompile(`^(/[a-z][a-z_]*)+(/\*(/[a-z][a-z_]*)+)?$`)
	wellNamed   = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// neverPublic are checks of what belongs to a person whatever the field is for.
var neverPublic = []string{string(identifiers.RIC), string(identifiers.IBAN), ruleAccount}

// maybePersonal are checks of numbers that of a natural person are his own: they
// may be public of companies only.
var maybePersonal = []string{string(identifiers.VAT), string(identifiers.EIN), string(identifiers.EORI), ruleNumbered}

// compulsory are the timers that every pack has to set.
var compulsory = []states.Timer{DraftTimer, InformationTimer, CollectionTimer, VerificationTimer, NoticeTimer, RetentionTimer, LeftoverTimer}

// check gathers all that is wrong.
func (p *Pack) check() error {
	w := &wrongs{pack: p}
	if !slices.Contains(Jurisdictions(), p.Jurisdiction) {
		w.add("jurisdiction", "unknown %q", p.Jurisdiction)
	}
	if _, err := time.Parse(time.DateOnly, p.Version); err != nil {
		w.add("version", "want a day, like 2026-01-01")
	}
	if p.Since.IsZero() {
		w.add("since", "no day from which it is in force")
	}
	w.laws()
	seen := map[Pointer]bool{}
	for i := range p.Fields {
		f := &p.Fields[i]
		at := string(f.Pointer)
		if seen[f.Pointer] {
			w.add(at, "two fields with one pointer")
		}
		seen[f.Pointer] = true
		w.field(at, f)
		w.checked(at, f)
		w.requirement(at, f.Types, &f.Required)
	}
	w.certifications()
	w.timers()
	if len(p.Fields) == 0 {
		w.add("fields", "none")
	}
	return errors.Join(w.all...)
}

// wrongs gathers what is wrong with a pack.
type wrongs struct {
	pack *Pack
	all  []error
}

func (w *wrongs) add(at, format string, args ...any) {
	w.all = append(w.all, fmt.Errorf("%s: %s: %w", at, fmt.Sprintf(format, args...), ErrPack))
}

func (w *wrongs) laws() {
	seen := map[string]bool{}
	for _, l := range w.pack.Laws {
		at := "law " + l.Key
		switch {
		case !wellNamed.MatchString(l.Key):
			w.add(at, "want a key of small letters")
		case seen[l.Key]:
			w.add(at, "two laws with one key")
		case l.Cite == "" || l.Title == "":
			w.add(at, "no words to cite it by")
		case l.Since.IsZero():
			w.add(at, "no day from which it is in force")
		}
		seen[l.Key] = true
	}
}

// law: what is public is so by a law; and who names one names one of the pack's.
func (w *wrongs) law(at, key string, needed bool) {
	switch {
	case key == "" && needed:
		w.add(at, "no law is cited")
	case key != "" && w.pack.laws[key] == nil:
		w.add(at, "unknown law %q", key)
	}
}

func (w *wrongs) field(at string, f *Field) {
	if !wellPointed.MatchString(at) {
		w.add(at, "this is no pointer")
	}
	if !wellNamed.MatchString(f.Label) {
		w.add(at, "no label")
	}
	w.types(at, f.Types)
	w.visibility(at, f.Visibility, f.PublicIf)
	w.law(at, f.Law, f.Visibility != Private)
}

// visibility: what is conditional says on what, and nothing else does.
func (w *wrongs) visibility(at string, v Visibility, conditions []Condition) {
	switch v {
	case Public, Private:
		if len(conditions) > 0 {
			w.add(at, "%s, and has conditions", v)
		}
	case Conditional:
		if len(conditions) == 0 {
			w.add(at, "conditional, and has no condition")
		}
	default:
		w.add(at, "unknown visibility %q", v)
	}
	w.conditions(at, conditions)
}

// checked: a personal number is never declared public.
func (w *wrongs) checked(at string, f *Field) {
	if !slices.Contains(Checks(), f.Check) {
		w.add(at, "unknown check %q", f.Check)
	}
	if (f.Check == ruleEnum) != (len(f.Values) > 0) {
		w.add(at, "an enum has values, and nothing else has")
	}
	if f.Check == ruleNumbered && w.pack.fields[f.Pointer.beside("kind")] == nil {
		w.add(at, "no field beside it says the kind of number")
	}
	if f.Visibility == Private {
		return
	}
	if slices.Contains(neverPublic, f.Check) || strings.HasPrefix(at, "/representative/id/") {
		w.add(at, "a person's number is never public")
	}
	if slices.Contains(maybePersonal, f.Check) && !slices.Contains(f.PublicIf, "!"+naturalPerson) {
		w.add(at, "of a natural person this is a person's number: public if !%s only", naturalPerson)
	}
}

func (w *wrongs) types(at string, all []Type) {
	for i, t := range all {
		if !slices.Contains(Types(), t) || slices.Contains(all[:i], t) {
			w.add(at, "unknown type %q, or twice", t)
		}
	}
}

// conditions: one that rests on a certification that nobody can give never holds.
func (w *wrongs) conditions(at string, all []Condition) {
	for _, c := range all {
		name, _ := c.plain()
		switch _, known := conditions[name]; {
		case !known && !slices.Contains(facts, name) && !slices.Contains(certified, name):
			w.add(at, "unknown condition %q", c)
		case slices.Contains(certified, name) && w.pack.certification(string(name)) == nil:
			w.add(at, "condition %q: no certification is called that", c)
		}
	}
}

func (w *wrongs) requirement(at string, of []Type, r *Requirement) {
	w.types(at, r.Types)
	w.conditions(at, r.If)
	for _, t := range r.Types {
		if len(of) > 0 && !slices.Contains(of, t) {
			w.add(at, "required for type %q, which does not have it", t)
		}
	}
	if r.Always && (len(r.Types) > 0 || len(r.If) > 0) {
		w.add(at, "required always, and also on conditions")
	}
	if len(r.Unless) > 0 && !r.Always && len(r.Types) == 0 && len(r.If) == 0 {
		w.add(at, "required unless, and never required")
	}
	for _, u := range r.Unless {
		if w.pack.fields[u] == nil {
			w.add(at, "required unless %s, which is no field", u)
		}
	}
}

func (w *wrongs) certifications() {
	seen := map[string]bool{}
	for i := range w.pack.Certifications {
		c := &w.pack.Certifications[i]
		at := "certification " + c.Code
		if !wellNamed.MatchString(c.Code) || seen[c.Code] {
			w.add(at, "no code of small letters, or twice")
		}
		seen[c.Code] = true
		w.visibility(at, c.Visibility, c.PublicIf)
		w.types(at, c.Types)
		w.law(at, c.Law, c.Visibility != Private)
		w.requirement(at, c.Types, &c.Required)
	}
}

func (w *wrongs) timers() {
	var seen []states.Timer
	for _, d := range w.pack.Timers {
		at := "timer " + string(d.Timer)
		if _, known := Life.Timers[d.Timer]; !known || slices.Contains(seen, d.Timer) {
			w.add(at, "unknown, or twice")
		}
		seen = append(seen, d.Timer)
		if d.Days < 0 || d.Months < 0 || d.Days+d.Months == 0 && d.Timer != NoticeTimer {
			w.add(at, "it takes no time")
		}
		w.law(at, d.Law, true)
	}
	for _, t := range compulsory {
		if !slices.Contains(seen, t) {
			w.add("timer "+string(t), "missing")
		}
	}
}

// together: names are names, and every jurisdiction has a pack.
func (p *Packs) together() []error {
	var wrong []error
	for i, x := range p.all {
		for _, y := range p.all[:i] {
			if x.Jurisdiction == y.Jurisdiction && x.Since.Equal(y.Since) {
				wrong = append(wrong, fmt.Errorf("%s and %s are in force from one day: %w", x.Name(), y.Name(), ErrPack))
			}
		}
	}
	if len(p.all) == 0 {
		wrong = append(wrong, fmt.Errorf("there are none: %w", ErrPack))
	}
	return wrong
}
