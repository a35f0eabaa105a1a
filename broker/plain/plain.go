// Package plain decides how a decision reads: in plain sentences, English,
// Portuguese or Chinese, made of its codes alone.
package plain

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"

	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// Field is what was decided about one field.
type Field struct {
	Field   masking.Field
	Outcome necessity.Outcome
	Reason  necessity.Reason
}

// Missing is what an obligation lacks; Currency is empty for a count.
type Missing struct {
	Obligation, Need, Have, Currency string
}

// Reason is why nothing is given.
type Reason struct {
	Code    necessity.Reason
	Missing []Missing
}

// Decision is what there is to say of a decision. No value is in it.
type Decision struct {
	Role     necessity.Role // the requester's side
	Purpose  necessity.Purpose
	Decision string // granted, pending, refused
	Ground   necessity.Ground
	Fields   []Field
	Reasons  []Reason
	State    string // of the grant; empty without one
	Ends     time.Time
	Views    int
	Foreseen bool // a dry run: nothing was decided
	Own      bool // it is said to whom the data is about: what the requester could do is not
}

// Explainer writes sentences. It never changes, and any number of goroutines
// may use it.
type Explainer struct {
	catalog  catalog.Catalog
	matcher  language.Matcher
	printers []*speaker
}

// languages are those that there are words for; the first is for everybody else.
var languages = []language.Tag{language.English, language.Portuguese, language.Chinese}

// New makes an explainer; its error means that the binary was built wrong.
func New() (*Explainer, error) {
	b := catalog.NewBuilder(catalog.Fallback(languages[0]))
	for i, words := range []map[string]string{english, portuguese, chinese} {
		for key, text := range words {
			if err := set(b, languages[i], key, text); err != nil {
				return nil, fmt.Errorf("build catalogue %s: %w", languages[i], err)
			}
		}
	}
	e := &Explainer{catalog: b, matcher: language.NewMatcher(languages)}
	for _, tag := range languages {
		e.printers = append(e.printers, &speaker{message.NewPrinter(tag, message.Catalog(b)), tag})
	}
	return e, nil
}

// set adds a message. One whose text has "=one" in it says how one and how many
// of its number read.
func set(b *catalog.Builder, tag language.Tag, key, text string) error {
	one, many, counted := strings.Cut(text, "=one ")
	if !counted {
		return b.SetString(tag, key, text)
	}
	return b.Set(tag, key, plural.Selectf(2, "%d", "=1", one, plural.Other, many))
}

// Explain says a decision in sentences, in the language of an Accept-Language
// header that suits best, and names that.
func (e *Explainer) Explain(d *Decision, accept string) (sentences []string, tag string) {
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		wanted = nil
	}
	_, i, _ := e.matcher.Match(wanted...)
	s := e.printers[i]
	return s.explain(d), s.tag.String()
}

// Language is the one of ours that suits an Accept-Language header best.
func (e *Explainer) Language(accept string) string {
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		wanted = nil
	}
	_, i, _ := e.matcher.Match(wanted...)
	return e.printers[i].tag.String()
}

// Named are the words for codes of a kind (purpose, field, role), joined as the
// language does.
func (e *Explainer) Named(accept, kind string, codes ...string) string {
	return e.speaker(accept).list(kind+".", codes)
}

// When writes a time.
func (e *Explainer) When(accept string, t time.Time) string { return e.speaker(accept).when(t) }

// Troubles are what can go wrong on a page of a party's own, by what that party
// can do about it.
func Troubles() []string {
	return []string{"nothing", "broken", "later", "busy", "moved", "foreign", "wrong", "large", "refused"}
}

// Trouble is a headline and a sentence about something that went wrong.
func (e *Explainer) Trouble(accept, kind string) (headline, sentence string) {
	s := e.speaker(accept)
	return s.say("trouble." + kind + ".head"), s.say("trouble." + kind)
}

// TroubleWords stand beside the number of a request, and on the way back.
func (e *Explainer) TroubleWords(accept string) (number, back string) {
	s := e.speaker(accept)
	return s.say("trouble.number"), s.say("trouble.back")
}

func (e *Explainer) speaker(accept string) *speaker {
	for _, s := range e.printers {
		if s.tag.String() == accept {
			return s
		}
	}
	return e.printers[0]
}

// Detail is the sentence of a reason in English, as problem details have it.
func Detail(code necessity.Reason) string {
	if text, ok := english["reason."+string(code)]; ok {
		return text
	}
	return english["reason."+string(necessity.NotAvailable)]
}

// speaker says things in one language.
type speaker struct {
	printer *message.Printer
	tag     language.Tag
}

func (s *speaker) say(key string, args ...any) string {
	return s.printer.Sprintf(message.Key(key, key), args...)
}

func (s *speaker) explain(d *Decision) []string {
	asked := d.named(func(Field) bool { return true })
	sentences := []string{s.headline(d, asked)}
	add := func(key string, args ...any) { sentences = append(sentences, s.say(key, args...)) }
	if d.Ground != "" && d.Decision != "refused" {
		add("ground." + string(d.Ground))
	}
	of := "state."
	if d.Own {
		of = "own.state."
	}
	switch d.State {
	case "":
	case "live":
		add(of+"live", s.when(d.Ends), d.Views)
	case "expired":
		add(of+"expired", s.when(d.Ends))
	default:
		add(of + d.State)
	}
	if later := d.named(func(f Field) bool { return d.Decision == "granted" && f.Outcome == necessity.Pending }); len(later) > 0 {
		add("also.pending", s.list("field.", later))
	}
	for _, w := range d.withheld() {
		add("withheld", s.list("field.", w.fields), s.reason(w.code, d.Own))
	}
	for _, r := range d.Reasons {
		sentences = append(sentences, s.refusal(&r, !d.Own)...)
	}
	if d.Foreseen {
		add("foreseen")
	}
	if d.Foreseen && d.Decision == "refused" {
		add("foreseen.refused")
	}
	return sentences
}

func (s *speaker) headline(d *Decision, asked []string) string {
	who, of, purpose := s.say("role."+string(d.Role)), s.say("of."+string(d.Role.Subject())), s.say("purpose."+string(d.Purpose))
	if d.Own {
		of = s.say("of.you")
	}
	if d.Decision == "granted" {
		asked = d.named(func(f Field) bool { return f.Outcome == necessity.Granted })
	}
	if len(asked) == 0 {
		return s.say(d.Decision+".bare", who, of, purpose)
	}
	return s.say(d.Decision, who, of, purpose, s.list("field.", asked))
}

// refusal says why, what is missing, and what to do.
func (s *speaker) refusal(r *Reason, advise bool) []string {
	sentences := []string{s.say("because", s.reason(r.Code, !advise))}
	for _, m := range r.Missing {
		debtor := s.say("from." + string(debtors[m.Obligation]))
		sentences = append(sentences, s.say("missing", debtor, s.say("obligation."+m.Obligation), s.amount(m.Have, ""), s.amount(m.Need, m.Currency)))
	}
	if !advise {
		return sentences
	}
	return append(sentences, s.say("todo."+string(r.Code)))
}

// reason is why something is not given, as it reads to whom it is said.
func (s *speaker) reason(code necessity.Reason, own bool) string {
	if own && code == necessity.NotHeld {
		return s.say("own.reason." + string(code))
	}
	return s.say("reason." + string(code))
}

// debtors are who owes what, in every kind.
var debtors = map[string]necessity.Role{
	"pay": necessity.Buyer, "return": necessity.Buyer, "give_back": necessity.Buyer,
	"accept": necessity.Seller, "ship": necessity.Seller, "deliver": necessity.Seller, "hand_over": necessity.Seller, "serve": necessity.Seller,
	"grant_access": necessity.Seller, "approve_return": necessity.Seller, "refund": necessity.Seller,
}

// named are the fields that are as wanted.
func (d *Decision) named(wanted func(Field) bool) (names []string) {
	for _, f := range d.Fields {
		if wanted(f) {
			names = append(names, string(f.Field))
		}
	}
	return names
}

// withheld gathers, of a decision that gives something, the fields that are not
// given, by reason. A refusal says why as a whole.
func (d *Decision) withheld() (all []struct {
	code   necessity.Reason
	fields []string
},
) {
	if d.Decision == "refused" {
		return nil
	}
	for _, code := range necessity.Reasons() {
		fields := d.named(func(f Field) bool { return f.Outcome == necessity.Withheld && f.Reason == code })
		if len(fields) > 0 {
			all = append(all, struct {
				code   necessity.Reason
				fields []string
			}{code, fields})
		}
	}
	return all
}

// list joins words as the language does.
func (s *speaker) list(prefix string, words []string) string {
	said := make([]string, len(words))
	for i, w := range words {
		said[i] = s.say(prefix + w)
	}
	last := len(said) - 1
	if last < 1 {
		return strings.Join(said, "")
	}
	return strings.Join(said[:last], s.say("list.comma")) + s.say("list.and") + said[last]
}

// amount writes a decimal string as the language does, with its currency.
func (s *speaker) amount(decimal, currency string) string {
	decimal = strings.Replace(decimal, ".", s.say("decimal"), 1)
	if currency != "" {
		decimal += " " + currency
	}
	return decimal
}

func (s *speaker) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.UTC()
	month := s.say("month." + strconv.Itoa(int(t.Month())))
	return s.say("time", strconv.Itoa(t.Year()), month, strconv.Itoa(t.Day()), t.Format("15:04"))
}
