package pages

import (
	"slices"
	"time"
)

// PolicySet is where a privacy officer looks at a policy set that waits, and
// approves it.
type PolicySet struct {
	Shell
	Account      string
	InForce      string // version
	Waiting      *WaitingPolicy
	Confirm      []Input    // nil: he has just shown who he is
	ApprovesFrom *time.Time // nil: now already
	Again
}

func (PolicySet) template() string { return "policy" }

// WaitingPolicy is a set that waits for approval, and what it would change.
type WaitingPolicy struct {
	Version, Diff string
	Proposed      time.Time
	Index         int64
	More, Less    PolicyChanges
}

// PolicyChanges are shown field by field; where there are many, each field's are folded.
type PolicyChanges []PolicyChange

// atOnce is how many changes are shown without folding.
const atOnce = 12

// Folded says whether there are too many to be shown at once.
func (all PolicyChanges) Folded() bool { return len(all) > atOnce }

// OfField are those about one field.
type OfField struct {
	Field string
	All   PolicyChanges
}

// Fields are all of them, the field with the first one first.
func (all PolicyChanges) Fields() []OfField {
	var fields []OfField
	for _, c := range all {
		i := slices.IndexFunc(fields, func(f OfField) bool { return f.Field == c.Field })
		if i < 0 {
			i, fields = len(fields), append(fields, OfField{Field: c.Field})
		}
		fields[i].All = append(fields[i].All, c)
	}
	return fields
}

// PolicyChange is one thing that the set answers differently, in words.
type PolicyChange struct {
	Kind, Role, Purpose, Field, From, To, Rule, Example string
	Cells                                               int
}
