package merchants

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking/fault"
)

// Pack is the law of one jurisdiction from a day on.
type Pack struct {
	Jurisdiction   Jurisdiction    `json:"jurisdiction"`
	Version        string          `json:"version"`
	Since          time.Time       `json:"since"` // in force from then on
	Laws           []Law           `json:"laws"`
	Fields         []Field         `json:"fields"`
	Certifications []Certification `json:"certifications"`
	Timers         []Deadline      `json:"timers"`

	fields map[Pointer]*Field
	laws   map[string]*Law
}

// Law is what fields cite.
type Law struct {
	Key   string    `json:"key"`
	Cite  string    `json:"cite"` // short, as answers have it
	Title string    `json:"title"`
	Since time.Time `json:"since"`
	// Read: somebody of this house has read it. What rests on another one is to be
	// checked before anybody relies on it.
	Read bool `json:"read"`
}

// Field is one row of a pack. What no row names is private.
type Field struct {
	Pointer    Pointer     `json:"pointer"`
	Label      string      `json:"label"` // a key; the pages have words for it
	Types      []Type      `json:"types"` // that have it; all where empty
	Visibility Visibility  `json:"visibility"`
	PublicIf   []Condition `json:"public_if"` // of a conditional field: all have to hold
	Required   Requirement `json:"required"`
	Check      string      `json:"check"`  // a kind of identifiers, or a rule of this package
	Values     []string    `json:"values"` // of an enum
	Law        string      `json:"law"`    // the key of a law
}

// Requirement says when a field has to be there.
type Requirement struct {
	Always bool        `json:"always"`
	Types  []Type      `json:"types"`  // for these
	If     []Condition `json:"if"`     // where all of them hold
	Unless []Pointer   `json:"unless"` // one of these is there
}

// Certification is what a merchant states of itself, by its code.
type Certification struct {
	Code       string      `json:"code"`
	Types      []Type      `json:"types"`
	Visibility Visibility  `json:"visibility"`
	PublicIf   []Condition `json:"public_if"` // of a conditional one: all have to hold
	Required   Requirement `json:"required"`
	Law        string      `json:"law"`
}

// Deadline is how long a timer of Life runs.
type Deadline struct {
	Timer  states.Timer `json:"timer"`
	Days   int          `json:"days"`
	Months int          `json:"months"`
	Law    string       `json:"law"`
}

// Name is the pack's, as in CN/2026-01-01.
func (p *Pack) Name() string { return string(p.Jurisdiction) + "/" + p.Version }

// LawOf is the law that a key stands for; the zero one where there is none.
func (p *Pack) LawOf(key string) Law {
	if l := p.laws[key]; l != nil {
		return *l
	}
	return Law{}
}

// Ends is when a timer that begins at a time is over; false where the pack has
// none, and nothing is ever due.
func (p *Pack) Ends(t states.Timer, began time.Time) (time.Time, bool) {
	for _, d := range p.Timers {
		if d.Timer == t {
			return began.AddDate(0, d.Months, d.Days), true
		}
	}
	return time.Time{}, false
}

// has says whether merchants of a type have the field.
func (f *Field) has(t Type) bool { return len(f.Types) == 0 || slices.Contains(f.Types, t) }

//go:embed packs/*.json
var shipped embed.FS

// Packs are all that there are.
type Packs struct{ all []*Pack }

// Load reads the packs that are shipped. The error says all that is wrong.
func Load() (*Packs, error) { return LoadFrom(shipped, "packs") }

// LoadFrom reads the packs of a folder, one a file that is named for it:
// CN-2026-01-01.json.
func LoadFrom(fsys fs.FS, dir string) (*Packs, error) {
	files, err := fs.Glob(fsys, path.Join(dir, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("load packs: %w", err)
	}
	var packs Packs
	var wrong []error
	for _, file := range files {
		text, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, fmt.Errorf("load packs: %w", err)
		}
		p, err := Parse(text)
		if err == nil && path.Base(file) != strings.ReplaceAll(p.Name(), "/", "-")+".json" {
			err = fmt.Errorf("it is pack %s: %w", p.Name(), ErrPack)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", path.Base(file), err))
			continue
		}
		packs.all = append(packs.all, p)
	}
	wrong = append(wrong, packs.together()...)
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return &packs, nil
}

// days are written without an hour.
var days = jsonv2.UnmarshalFunc(func(text []byte, t *time.Time) (err error) {
	*t, err = time.Parse(`"`+time.DateOnly+`"`, string(text))
	return err
})

// Parse reads one pack, and refuses what is not right in itself.
func Parse(text []byte) (*Pack, error) {
	var p Pack
	if err := jsonv2.Unmarshal(text, &p, jsonv2.RejectUnknownMembers(true), jsonv2.WithUnmarshalers(days)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPack, err)
	}
	p.fields, p.laws = map[Pointer]*Field{}, map[string]*Law{}
	for i := range p.Laws {
		p.laws[p.Laws[i].Key] = &p.Laws[i]
	}
	for i := range p.Fields {
		p.fields[p.Fields[i].Pointer] = &p.Fields[i]
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	return &p, nil
}

// What is asked for and not there.
var (
	ErrJurisdictionUnknown = fault.New(fault.Invalid, "jurisdiction_unsupported", "there is no pack for this jurisdiction")
	ErrPackUnknown         = fault.New(fault.NotFound, "not_found", "there is no such pack")
)

// For is the pack of a jurisdiction that is in force at a time.
func (p *Packs) For(j Jurisdiction, at time.Time) (*Pack, error) {
	var newest *Pack
	for _, x := range p.all {
		if x.Jurisdiction == j && !x.Since.After(at) && (newest == nil || x.Since.After(newest.Since)) {
			newest = x
		}
	}
	if newest == nil {
		return nil, ErrJurisdictionUnknown
	}
	return newest, nil
}

// Named is a pack by its name, whether or not it is in force.
func (p *Packs) Named(name string) (*Pack, error) {
	for _, x := range p.all {
		if x.Name() == name {
			return x, nil
		}
	}
	return nil, ErrPackUnknown
}

// All are the packs, by the names of their files.
func (p *Packs) All() []*Pack { return slices.Clone(p.all) }
