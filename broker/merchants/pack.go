package merchants

import (
	"time"

	"bauta.dev/bauta/broker/states"
)

// Pack is the law of one jurisdiction from a day on.
type Pack struct {
	Jurisdiction Jurisdiction
	Version      string
	Since        time.Time // in force from then on
	Laws         []Law
	Fields       []Field
	Timers       []Deadline

	index map[Pointer]*Field
}

// Law is what fields cite.
type Law struct {
	Key   string
	Cite  string // short, as answers have it
	Title string
	Since time.Time
}

// Field is one row of a pack. What no row names is private, and is not asked for.
type Field struct {
	Pointer    Pointer
	Label      string
	Types      []Type // that have it; all where empty
	Visibility Visibility
	PublicIf   []Condition // of a conditional field: all have to hold
	Required   Requirement
	Check      string   // a kind of identifiers, or a rule of this package
	Values     []string // of an enum
	Law        string   // the key of a law
}

// Requirement says whether a field has to be there.
type Requirement struct {
	Always bool
	Types  []Type      // for these
	If     []Condition // where all of them hold
}

// Deadline is how long a timer of Life runs.
type Deadline struct {
	Timer        states.Timer
	Days, Months int
	Law          string // the key of a law
}

// Name is the pack's, as in CN/2026-01-01.
func (p *Pack) Name() string { return string(p.Jurisdiction) + "/" + p.Version }

// Packs are all that there are.
type Packs struct{ all []*Pack }

// Load reads the packs that are shipped. The error says all that is wrong.
func Load() (*Packs, error) { return &Packs{}, nil }

// For is the pack of a jurisdiction that is in force at a time.
func (p *Packs) For(j Jurisdiction, at time.Time) (*Pack, error) { return nil, nil }

// Named is a pack by its name, whether or not it is in force.
func (p *Packs) Named(name string) (*Pack, error) { return nil, nil }

// Assess judges a registration. The error is a *Refusal; the assessment beside it
// is whole all the same, for who fills in a form.
func (p *Pack) Assess(r *Registration) (Assessment, error) { return Assessment{}, nil }

// Public are the public fields of a registration and nothing else.
func (p *Pack) Public(r *Registration, a Assessment) []PublicField { return nil }

// Ends is when a timer that begins at a time is over; false where it has none.
func (p *Pack) Ends(t states.Timer, began time.Time) (time.Time, bool) { return began, false }
