package pages

import (
	"time"

	"bauta.dev/bauta/masking"
)

// GlassNote is what a desk says first of break-glass sessions: that one is open, or waits
// to be reviewed.
type GlassNote struct {
	Text, Address, Link string
	Late                bool
}

// GlassDesk is where a break-glass session is opened, and where all of them are.
type GlassDesk struct {
	Shell
	Account     string
	Notes       []GlassNote
	Form        *CaseForm // nil: this person opens none now
	NoForm      string    // why not
	Rows        []GlassRow
	Empty       string
	Next, First string
	Confirm     []Input
	Again
}

func (GlassDesk) template() string { return "glass_desk" }

// Sent is for Work.
func (g *GlassDesk) Sent() (*Again, []CaseMoment) { return &g.Again, nil }

// Before is for Work: a session lies open before nobody else.
func (g *GlassDesk) Before() string { return "" }

// All are its forms.
func (g *GlassDesk) All() []*CaseForm {
	if g.Form == nil {
		return nil
	}
	return []*CaseForm{g.Form}
}

// GlassRow is one session.
type GlassRow struct {
	ID, Reason, State, Chip string
	Transaction, Dispute    string
	Opener, Role            string
	Mine                    bool
	Reveals                 int
	Opened                  time.Time
	Outcome                 string
	Due                     *time.Time // when it ends, or its review is due
	Left                    string
	Late, Soon              bool
}

// Lefts is what is said of its time as of a case's.
func (r GlassRow) Lefts() CaseRow {
	return CaseRow{Left: r.Left, Late: r.Late, Soon: r.Soon, Due: r.Due}
}

// Glass is one session: while it is open, for whoever has opened it; later, for whoever
// reviews it.
type Glass struct {
	Shell
	GlassRow

	Account         string
	Ended, Reviewed *time.Time
	EndedBy, By     string // the reviewer
	Text, Review    masking.Text
	Seen            []GlassSeen
	Sides           []CaseSide
	Forms           []CaseForm
	NoForm          string
	Confirm         []Input
	Again
}

func (Glass) template() string { return "glass" }

// Sent is for Work.
func (g *Glass) Sent() (*Again, []CaseMoment) { return &g.Again, nil }

// Before is for Work.
func (g *Glass) Before() string { return "" }

// All are its forms.
func (g *Glass) All() []*CaseForm { return allForms(g.Forms, g.Sides) }

// Why is why it was opened, for the page of whoever reviews it.
func (g Glass) Why() string { return g.Text.Reveal() }

// Found is what the reviewer wrote.
func (g Glass) Found() string { return g.Review.Reveal() }

// GlassSeen is a moment at which something was seen in it.
type GlassSeen struct {
	Party, What string
	At          time.Time
	Index       int64
	Told        *time.Time // nil: at once
}

// GlassValues is the page that shows what was seen, once.
type GlassValues struct {
	Shell
	Session, Role, Party, Reason string
	Index                        int64
	Told                         *time.Time // nil: at once
	Fields                       []CaseValue
	Seconds                      int // until the page leaves by itself
}

func (GlassValues) template() string { return "glass_values" }
