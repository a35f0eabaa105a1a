package pages

import (
	"html/template"
	"strings"
	"time"
)

// SubjectShell is what the pages of a party's own have around their parts.
type SubjectShell struct {
	Shell
	W SubjectWords
}

// NewSubjectShell is for a page in the language of the words.
func NewSubjectShell(w SubjectWords, title string) SubjectShell {
	return SubjectShell{Shell{Title: title, Lang: w.Lang}, w}
}

// Skip is said to who hears the page.
func (s SubjectShell) Skip() string { return s.W.Skip }

// Here is where the page is, in whatever language.
func (SubjectShell) Here() string { return "/me" }

// Languages are the others, and this one.
func (s SubjectShell) Languages() []Language { return languages(s.Lang) }

// SubjectDoor is where a link to a party's own page is spent.
type SubjectDoor struct {
	SubjectShell
	Wrong string
	Input Input
}

func (SubjectDoor) template() string { return "subject_door" }

// NewSubjectDoor is the page in a language, with what was wrong in its words.
func NewSubjectDoor(lang, wrong string) SubjectDoor {
	w := SubjectWordsIn(lang)
	title := w.Title
	if wrong != "" {
		title = w.Error + ": " + title
	}
	return SubjectDoor{
		SubjectShell: NewSubjectShell(w, title), Wrong: wrong,
		Input: Input{Name: "code", Label: w.Code, Hint: w.CodeHint, Kind: "text", Fill: "off"},
	}
}

// SubjectTrouble is what went wrong, in the party's language.
type SubjectTrouble struct {
	SubjectShell
	Headline, Sentence string
	Number, Request    string // the words for it, and the request's id
	Back               string
	Home               string // where the party's pages begin, or the form's
}

// Here is where the pages begin, in whatever language.
func (t SubjectTrouble) Here() string { return t.Home }

func (SubjectTrouble) template() string { return "subject_trouble" }

// Subject is a party's own page: who got or saw what of it, and what it can do.
type Subject struct {
	SubjectShell
	Party    string
	Ends     Dated
	Done     string // what was just done, in words
	Hints    []HeldHint
	Consents []SubjectConsent
	Told     []SubjectTold
	InCases  []CaseLook
	Next     string // cursor of the next part of the list
	First    bool   // this is the first part
	Permit   string // what leads to giving a permission, in words
}

func (Subject) template() string { return "subject" }

// Options are the reasons that somebody may object for. They are the same for each
// decision, and are written once for the page.
func (s Subject) Options() template.HTML {
	var b strings.Builder
	for _, r := range s.W.Reasons {
		b.WriteString(`<option value="` + template.HTMLEscapeString(r.Code) + `">` + template.HTMLEscapeString(r.Text) + `</option>`)
	}
	return template.HTML(b.String()) //nolint:gosec // our own words, and escaped
}

// Dated is a time as it is written in the page's language.
type Dated struct {
	At   time.Time
	Text string
}

// HeldHint is one value that is held, masked.
type HeldHint struct{ Label, Mask string }

// SubjectConsent is something that the party permits, in words; the codes are for
// the form that withdraws it.
type SubjectConsent struct {
	Recipient, Purpose     string
	PurposeWords, FieldSet string
	Given, Ends            Dated
}

// SubjectTold is one decision about the party's data.
type SubjectTold struct {
	ID, Requester   string
	State, Chip     string
	Side            string
	At              Dated
	Sentences       []string
	Looks           []SubjectLook
	ByStaff         []StaffLook
	MayObject       bool
	ObjectionReason string
}

// StaffLook is a moment at which one of the staff opened something.
type StaffLook struct {
	At            Dated
	Role, Purpose string
	What          []string
}

// CaseLook is a moment at which one of the staff opened something to decide a dispute,
// or in an emergency: then there is a transaction, and what came of the review.
type CaseLook struct {
	StaffLook
	Dispute, Transaction, Review string
}

// SubjectLook is one moment that values left.
type SubjectLook struct {
	Dated
	Openings bool // with what proves them to others
}

// Language is one that the page can be read in.
type Language struct {
	Tag, Name string
	This      bool
}

func languages(now string) []Language {
	all := []Language{{Tag: "en", Name: "English"}, {Tag: "pt", Name: "Português"}, {Tag: "zh", Name: "中文"}}
	for i := range all {
		all[i].This = all[i].Tag == now
	}
	return all
}
