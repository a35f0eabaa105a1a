package pages

import (
	"net/url"
	"time"

	"bauta.dev/bauta/masking"
)

// CaseQueue is the start of the desk: the cases and requests that wait, by the time that is left.
type CaseQueue struct {
	Shell
	Account, Role string
	Tabs          []DeskTab
	Places        []DeskTab // what else waits at the desk
	Glass         []GlassNote
	Name, Empty   string // of this queue
	Rows          []CaseRow
	Asked         []AskedRow // disclosures that wait for a person
	Elsewhere     []DeskTab  // where else a second person is waited for
	Requests      bool       // there are no cases on this page
	Next          string     // where the next part of the cases is
	MoreAsked     string     // where that of the requests is
	First         string     // where the first one is, on a later part
}

func (CaseQueue) template() string { return "case_queue" }

// DeskTab leads to a part of the desk, and says how much is there.
type DeskTab struct {
	Address, Text, Count string
	Here                 bool
}

// CaseRow is one case that waits.
type CaseRow struct {
	ID, Reason, State, Chip    string
	Amount, Transaction        string
	Buyer, Seller, Opener      string
	Holder                     string // the account that has it
	Open                       string // before whom it lies, if that is somebody else
	Mine, Late, Soon, Proposed bool
	Due                        *time.Time
	Left                       string // until then, in words
}

// AskedRow is a disclosure that somebody asked for and that a person decides.
type AskedRow struct {
	ID, Purpose, State, Transaction string
	Requester, Subject              string
	Taken                           string
	Open                            string // before whom it lies, if that is somebody else
	Mine, Late                      bool
	Due                             *time.Time
	Left                            string
	Wants                           string // what a second person is to look at, of a grant
}

// Lefts is what is said of its time as of a case's.
func (r AskedRow) Lefts() CaseRow { return CaseRow{Left: r.Left, Late: r.Late, Due: r.Due} }

// Case is one case, as the people see it who work on it.
type Case struct {
	Shell
	CaseRow

	Account         string // whose session it is
	Moves           int64  // how often it had moved, on this page
	Opened, Updated time.Time
	Follows         string
	External        string
	SecondFor       string // why a lead is needed
	Lines           []CaseLine
	Clocks          []CaseClock // of the law
	Others          []CaseClock // of the procedure, and our own
	Ended           []CaseClock // of either kind
	Checklist       []CaseCheck
	Evidence        []CaseItem
	Offers          []string
	Decision        *CaseRuling
	Proposal        *CaseRuling
	Moments
	Texts       int
	TextsOpened *int64 // the entry that says so: they are on this page
	Minutes     int    // until the page leaves by itself, then
	MayOpen     bool
	Forms       []CaseForm
	Sides       []CaseSide
	NoReveal    string // why not
	Letters     []CaseLetter
	Preview     bool    // nobody has sent those letters
	Glass       string  // where a break-glass session about it is opened
	Confirm     []Input // nil: he has just shown who he is
	Again
	Reads bool // only
}

// Moments are a part of what happened, the newest first.
type Moments struct {
	Timeline      []CaseMoment
	Older, Newest string
	Before        string // this part, for the form that opens the texts
	Seen          int64  // the newest entry
	Newly         string // what the person has just done, by the newest entry
}

// Again is what a page says when a form of it was sent.
type Again struct {
	Wrong, Done string
	Changed     []CaseMoment // what somebody else did meanwhile
	Faster      bool
	Kept        []KeptField // what was typed for a form that is not there any more
	Was         string      // what that form would do, once it is there again
	Carried     []KeptField // goes with whatever brings it back
}

func (Case) template() string { return "case" }

// Address is where its forms are sent to.
func (c Case) Address() string { return "/desk/cases/" + c.ID }

// Masked is the page of the same part of what happened, without what was written.
func (c Case) Masked() string {
	if c.Moments.Before == "" {
		return c.Address()
	}
	return c.Address() + "?before=" + url.QueryEscape(c.Moments.Before)
}

// Work is a page of something that is worked on with forms.
type Work interface {
	Page
	All() []*CaseForm
	// Sent is what the page says of a form that was sent, and what happened.
	Sent() (*Again, []CaseMoment)
	// Before is before whom it lies open, if that is somebody else.
	Before() string
}

// Sent is for Work.
func (c *Case) Sent() (*Again, []CaseMoment) { return &c.Again, c.Timeline }

// Before is for Work.
func (c *Case) Before() string { return c.Open }

// All are its forms.
func (c *Case) All() []*CaseForm { return allForms(c.Forms, c.Sides) }

func allForms(forms []CaseForm, sides []CaseSide) (all []*CaseForm) {
	for i := range forms {
		all = append(all, &forms[i])
	}
	for i := range sides {
		if f := sides[i].Form; f != nil {
			all = append(all, f)
		}
	}
	return all
}

// CaseLine is what a side owes, with how much of it is done.
type CaseLine struct {
	Label, Debtor, Done, Due, Unit, State string
	Percent                               int
	Disputed                              bool
}

// CaseClock is one deadline.
type CaseClock struct {
	Name, Rule, State, Chip, Left string
	Due                           time.Time
	Ended                         *time.Time
	Paused                        []CaseSpan
	Ours                          bool // it counts the office's hours
}

// CaseSpan is a time during which a clock stood still.
type CaseSpan struct {
	From  time.Time
	Until *time.Time
}

// CaseCheck is a line of the checklist.
type CaseCheck struct {
	By, What, State, Chip string
	Required              bool
	Items                 []int
}

// CaseItem is a piece of evidence, without its content.
type CaseItem struct {
	N                     int
	By, What, State, Chip string
	Media, Size, Hash     string
	At                    time.Time
	OpenedBy              []Glance
}

// CaseRuling is what was decided, or would be.
type CaseRuling struct {
	By                      string
	Outcome, Amount, Reason string
	Clause                  string
	Evidence                []string // that it rests on
	Frozen, Hash            string
	Findings                masking.Text
	At                      *time.Time
	AppealBy                *time.Time
	Own                     bool
}

// Found are the findings, for the page that was opened for them.
func (r CaseRuling) Found() string { return r.Findings.Reveal() }

// CaseMoment is something that happened, in words.
type CaseMoment struct {
	Index           int64
	At              time.Time
	Kind, Chip      string
	What, Who, More string
	Fresh           bool // since this person looked
	Text            masking.Text
}

// Said is what was written with it, for the page that was opened for it.
func (m CaseMoment) Said() string { return m.Text.Reveal() }

// CaseSide is one side with who saw what of it.
type CaseSide struct {
	Role, Party string
	Fields      []Choice
	Looks       []Glance
	More        int // looks that are not shown
	Form        *CaseForm
}

// Glance is a moment at which somebody could see, or saw.
type Glance struct {
	Who, What, For string
	At             time.Time
	Index          int64
	Unseen         bool // granted, and not looked at
}

// CaseForm is something that can be done with a case.
type CaseForm struct {
	Event, Name, Label, Note string
	Path                     string // below the case, where it is sent to
	Do                       string // what its button says
	Also                     Choice // another button of it, that needs no confirmation
	Hidden                   []Choice
	Fields                   []CaseField
	Confirm                  []Input // it asks who it is
	Open, Main               bool
	Wrong                    string // that is about no field
}

// Beside says that what it opens has a page of its own, in a tab of its own: what stands in
// the other forms of this one stays.
func (f CaseForm) Beside() bool { return f.Event == "reveal" }

// CaseField is one field of such a form, with what was typed and what is wrong.
type CaseField struct {
	Form, Name, Label, Hint, Wrong string
	Kind                           string // text, area, select, checks or free
	Typed                          masking.Text
	Options                        []Choice
	Chosen                         []string
	Required                       bool
	Most                           int
}

// ID is of this field alone: a page has several forms.
func (f CaseField) ID() string { return f.Form + "-" + f.Name }

// Value is what was typed before.
func (f CaseField) Value() string { return f.Typed.Reveal() }

// Has says whether one of the options is chosen.
func (f CaseField) Has(code string) bool {
	for _, c := range f.Chosen {
		if c == code {
			return true
		}
	}
	return false
}

// DescribedBy names what describes it.
func (f CaseField) DescribedBy() string {
	return Input{Name: f.ID(), Hint: f.Hint, Wrong: f.Wrong}.DescribedBy()
}

// KeptField is something that was typed, by its label.
type KeptField struct {
	Name, Label string
	Typed       masking.Text
}

// Value is what was typed.
func (k KeptField) Value() string { return k.Typed.Reveal() }

// CaseSignIn asks somebody to sign in again whose session ended while he was writing.
// What he wrote goes with the form.
type CaseSignIn struct {
	Shell
	Address, Wrong string
	Inputs         []Input
	Kept           []KeptField
}

func (CaseSignIn) template() string { return "case_sign_in" }

// NewCaseSignIn is the page with what was wrong.
func NewCaseSignIn(address string, kept []KeptField, beside OtherWays, w Wrongs) CaseSignIn {
	return CaseSignIn{
		Shell: Shell{Title: w.Title("Sign in again"), Beside: beside}, Address: address, Wrong: w[""], Kept: kept,
		Inputs: w.mark(emailInput(), passwordInput(), codeInput()),
	}
}

// Kept is where somebody finds what he wrote that could not be taken.
type Kept struct {
	Shell
	Headline, Sentence, Request string
	Wrote                       []KeptField
	Broken                      bool   // nobody knows what was done of it
	Address                     string // where it is sent again; empty: nowhere
	Kept                        []KeptField
}

func (Kept) template() string { return "kept" }

// CaseValues is the page that shows what was revealed, once.
type CaseValues struct {
	Shell
	Case, Role, Party, Purpose, Reason string
	Index                              int64
	Told                               *time.Time // nil: at once
	Fields                             []CaseValue
	Seconds                            int // until the page leaves by itself
}

func (CaseValues) template() string { return "case_values" }

// CaseValue is a field with its value.
type CaseValue struct {
	Label string
	Value masking.Value
}

// Lines is the value, for the page that was opened for it.
func (v CaseValue) Lines() []string { return lines(v.Value) }
