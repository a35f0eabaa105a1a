package pages

import (
	"strings"

	"bauta.dev/bauta/masking"
)

// FirstSight is the demonstration: one order as its buyer and its seller see
// it, and the ledger under both.
type FirstSight struct {
	Shell
	Orders []OrderLink
	Order  Order
	Buyer  Pane
	Seller Pane
	Ledger Ledger
	// Notice is about the page as a whole; nil when there is nothing to say.
	Notice *Answer
}

func (FirstSight) template() string { return "first_sight" }

// Panes are both views, the buyer's first.
func (f FirstSight) Panes() []Pane { return []Pane{f.Buyer, f.Seller} }

// OrderLink leads to another order.
type OrderLink struct {
	ID, Kind, State string
	Current         bool
}

// Order is what was agreed, without anybody's contact.
type Order struct {
	ID, Kind, Amount, Items, Payment string
	State                            string // its code: open, partly_performed, …
	StateWords                       string
	Story                            string // what is happening, in two sentences
}

// Pane is what one side sees.
type Pane struct {
	Role, Other       string // buyer, seller
	Party, OtherParty string // ids
	Who               string // "a person in Brazil"
	Order             string
	Once              string // makes a form that is sent twice happen once
	Answer            *Answer
	Fields            []Field
	Owes              []Obligation
	Purposes          []Purpose
	Grants            []Grant
	Own               []Hint
}

// OpenFields counts the fields whose values stand on this page.
func (p Pane) OpenFields() int {
	n := 0
	for _, f := range p.Fields {
		if f.State == Open {
			n++
		}
	}
	return n
}

// FieldState is how a field of the other side stands.
type FieldState string

// States of a field.
const (
	Masked   FieldState = "masked"   // nobody has asked
	Open     FieldState = "open"     // its value is on this page
	Ready    FieldState = "ready"    // granted: a view opens it
	Waiting  FieldState = "waiting"  // a person decides
	Withheld FieldState = "withheld" // asked for, and not given
	Closed   FieldState = "closed"   // granted once; the grant has ended
)

// Field is one contact field of the other side.
type Field struct {
	Label        string
	State        FieldState
	Value        masking.Value // only when Open
	Ground, Rule string
	Why          string // a sentence
}

// Chip is the state in a word or two.
func (f Field) Chip() string {
	switch f.State {
	case Open:
		return "Open"
	case Ready:
		return "Granted"
	case Waiting:
		return "Pending"
	case Withheld:
		return "Withheld"
	case Closed:
		return "Closed again"
	case Masked:
	}
	return "Masked"
}

// Hint is one's own value as a mask.
type Hint struct{ Label, Mask string }

// Obligation is what one side owes, and how far it has got.
type Obligation struct {
	ID, Label, Sentence string
	Done, Due, Unit     string
	Percent             int
	State               string
	StateWords          string
	Perform             []Step // what can still be done
	Reverse             string // label of the way back; empty when there is none
}

// Step is one button: a part of an obligation.
type Step struct{ Part, Label string }

// Purpose is one thing that could be asked for now.
type Purpose struct {
	ID, Label, Sentence string
	Opens               []string // labels of fields
	Decision            string   // granted, pending, refused
	Missing             []Missing
	Why                 string // for a refusal without anything missing
}

// Missing is what an obligation lacks.
type Missing struct{ Obligation, Need, Have string }

// Grant is a grant of this side.
type Grant struct {
	Disclosure, Purpose, Ground string
	State, StateWords           string
	Fields                      string
	Expires                     string
	ViewsLeft                   int
	Live                        bool
}

// Answer says what came of the last action.
type Answer struct {
	Tone     string // granted, pending, refused, done, error
	Headline string
	Sentence string
	Reasons  []string
	Missing  []Missing
	Entry    *EntryLink
}

// EntryLink leads to the entry that the action left.
type EntryLink struct {
	Index int64
	Leaf  string
}

// Ledger is the newest part of the log, and its head.
type Ledger struct {
	Entries []Entry
	Size    int64
	Root    string
}

// Entry is one leaf as everybody may see it.
type Entry struct {
	Index     int64
	Type      string // in words
	Hour      string
	Leaf      string // hexadecimal
	Audiences []string
	Fresh     bool // left by the last action
}

// ShortLeaf is enough to tell two entries apart by eye.
func (e Entry) ShortLeaf() string { return short(e.Leaf) }

// ShortLeaf likewise.
func (e EntryLink) ShortLeaf() string { return short(e.Leaf) }

func short(hash string) string { return hash[:min(12, len(hash))] }

// lines opens a value, line by line, for the page that is being written.
func lines(v masking.Value) []string {
	if v.Address.IsZero() {
		return []string{v.Text.Reveal()}
	}
	a := v.Address
	town := strings.Join(given(a.PostalCode.Reveal(), a.City.Reveal()), " ")
	return given(a.Street.Reveal(), town, strings.Join(given(a.Region.Reveal(), a.Country), ", "))
}

func given(parts ...string) []string {
	var there []string
	for _, p := range parts {
		if p != "" {
			there = append(there, p)
		}
	}
	return there
}
