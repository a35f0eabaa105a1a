package pages

import "time"

// Lifts are the excluded parties of whom somebody has proposed that they may ask again.
type Lifts struct {
	Shell
	Account string // whose session it is
	Rows    []LiftRow
	More    bool // there are more than these
	Confirm []Input
	Again
}

func (Lifts) template() string { return "lifts" }

// Sent is for Work.
func (l *Lifts) Sent() (*Again, []CaseMoment) { return &l.Again, nil }

// Before is for Work: it lies open before nobody else.
func (l *Lifts) Before() string { return "" }

// All are its forms.
func (l *Lifts) All() (all []*CaseForm) {
	for i := range l.Rows {
		all = append(all, allForms(l.Rows[i].Forms, nil)...)
	}
	return all
}

// LiftRow is one of them.
type LiftRow struct {
	Party, By, Reason string
	Since             time.Time // excluded
	Own               bool
	Forms             []CaseForm
	Why               string // there is no form
}
