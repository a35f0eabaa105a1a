package pages

import (
	"time"

	"bauta.dev/bauta/masking"
)

// ReviewQueue is what waits for a reviewer.
type ReviewQueue struct {
	Shell
	Markets, States Select
	Mine            bool
	Filtered        bool
	Rows            []ReviewRow
	Next            string // where the next part of the list is
	First           bool
}

func (ReviewQueue) template() string { return "review_queue" }

// ReviewRow is one registration that waits.
type ReviewRow struct {
	ID, Market, Type, State, Chip string
	Since                         time.Time
	Deadline                      *time.Time
	Taken                         string // by this account
	Open                          string // before whom it lies, if that is somebody else
	Mine                          bool
	Two                           []string // why two people are needed, in words
}

// Review is one registration, as the people see it who decide about it.
type Review struct {
	Shell
	ReviewRow

	Account              string // whose session it is
	Party, Pack          string
	Version, Published   int
	Reason, Owed, Asked  string
	Fields               []ReviewField
	Opened               *OpenedNote // the values are on this page
	Duplicates           []ReviewDuplicate
	More                 int // of them, that are not shown
	Documents            []ReviewDocument
	Proposal             *ReviewProposal
	History              []ReviewEvent
	Acts                 []ReviewAct
	MayOpen              bool
	Look                 *CaseForm // opens the values; nil: he may not
	Confirm              []Input   // nil: he has just shown who he is
	Hash                 string
	Note                 masking.Text // that was typed, for a form that is shown again
	NoteWrong            string
	Checks               []CaseField // how all fields were verified
	Unchecked            [][]Select  // and each of those that are doubtful
	NeedsChecks, Decides bool
	Again
}

func (Review) template() string { return "review" }

// Noted is the note that was typed.
func (r Review) Noted() string { return r.Note.Reveal() }

// OpenedNote is the entry of an opening, and what was written about the registration.
type OpenedNote struct {
	Index           int64
	Purpose, Reason string
	Notes           []ReviewNote
	Seconds         int // until the page leaves by itself
}

// ReviewNote is what somebody wrote with an event.
type ReviewNote struct {
	What, By string
	At       time.Time
	Index    int64
	Text     masking.Text
}

// Shown is the note, for the page that was opened for it.
func (n ReviewNote) Shown() string { return n.Text.Reveal() }

// ReviewField is a field, what was found of it, who sees it, and its value where
// the values were opened.
type ReviewField struct {
	N                   int // its place
	Label, Pointer      string
	Seen, SeenChip      string
	Outcome, Chip, Says string
	Law                 string
	Value               masking.Text
}

// Shown is the value, for the page that was opened for it.
func (f ReviewField) Shown() string { return f.Value.Reveal() }

// ReviewDuplicate is another registration with one of the same numbers.
type ReviewDuplicate struct{ ID, Party, State, Chip, Numbers string }

// ReviewDocument is one that the merchant has handed in.
type ReviewDocument struct {
	N           int
	Kind, Media string
	Size        string
	Hash        string
	At          time.Time
	Expires     *time.Time
}

// ReviewProposal is what one reviewer wants to be approved.
type ReviewProposal struct {
	By, Reason string
	Checks     []string
}

// ReviewEvent is one entry about a registration, in words.
type ReviewEvent struct {
	Index      int64
	At         time.Time
	What, By   string
	Of, Reason string
}

// ReviewAct is something that can be done with it.
type ReviewAct struct {
	Event, Label, Note string
	Reason             *CaseField // nil: it needs none
	Checked            bool       // it says how the fields were verified
	Main               bool       // what is done most often
}
