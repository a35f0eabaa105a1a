package pages

import (
	"time"

	"bauta.dev/bauta/masking"
)

// Asked is a disclosure that somebody asked for, as the people see it who decide it. No
// value is on it.
type Asked struct {
	Shell
	AskedRow

	Account   string // whose session it is
	Moves     int64  // the version of the request on this page
	Role      string // the requester's
	Chip      string
	Opened    *time.Time
	Question  string // that the requester is asked
	Hearing   string // how it ended, or until when it runs
	Objection string // why the subject objects
	Reason    string // of the last decision
	Lines     []CaseLine
	Clocks    []CaseClock
	Plan      *AskedPlan
	Proposal  *AskedProposal
	Moments
	Sides    []CaseSide
	Forms    []CaseForm
	NoReveal string
	Confirm  []Input // nil: he has just shown who he is
	Again
	Reads bool // only
}

func (Asked) template() string { return "asked" }

// Address is where its forms are sent to.
func (a Asked) Address() string { return "/desk/requests/" + a.ID }

// Sent is for Work.
func (a *Asked) Sent() (*Again, []CaseMoment) { return &a.Again, a.Timeline }

// Before is for Work.
func (a *Asked) Before() string { return a.Open }

// All are its forms.
func (a *Asked) All() []*CaseForm { return allForms(a.Forms, a.Sides) }

// AskedPlan is exactly what would be given.
type AskedPlan struct {
	Head      string
	Fields    []AskedField
	Ground    string
	Views     int
	Ends      *time.Time
	SecondFor string // why a second person is needed
	Permitted bool
	Hash      string
}

// AskedField is a field with what becomes of it.
type AskedField struct {
	Label, Outcome, Chip, Why string
}

// AskedProposal is what somebody wants to be done.
type AskedProposal struct {
	By, What, Reason string
	Own              bool
}

// AskedValues is the page that shows what was opened of a request, once.
type AskedValues struct {
	Shell
	Request, Subject, Purpose, Reason string
	Index                             int64
	Fields                            []CaseValue
	Notes                             []AskedNote
	Seconds                           int // until the page leaves by itself
}

func (AskedValues) template() string { return "asked_values" }

// AskedNote is what a side wrote.
type AskedNote struct {
	From, On string
	At       time.Time
	Text     masking.Text
}

// Said is the text, for the page that was opened for it.
func (n AskedNote) Said() string { return n.Text.Reveal() }
