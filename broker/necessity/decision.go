package necessity

import (
	"slices"
	"time"

	"bauta.dev/bauta/masking"
)

// Decision is what one side may learn for one purpose in one situation. It is
// shared, and for reading only.
type Decision struct {
	Kind    Kind
	Role    Role
	Purpose Purpose
	Bits    Bits // the conditions that hold, of those that any policy here mentions

	// Necessary are the fields that a permit names for this kind, role and
	// purpose, whatever the conditions; in the order of the API.
	Necessary []masking.Field

	grounds []Ground                     // those that permits here carry, in clause order
	under   [][fieldCount]*FieldDecision // by ground; nil where no permit of that ground names the field
	best    [fieldCount]*FieldDecision
}

// FieldDecision is the answer for one field. It is shared, and for reading only.
type FieldDecision struct {
	Field   masking.Field
	Outcome Outcome

	// Of a field that is granted or pending.
	Ground  Ground
	Rule    string   // the permit; the strictest, where several hold
	Expires Expiry   // the shortest term of those that hold
	Others  []Expiry // their other terms, from other events: Ends is the earliest of all
	Views   int
	Contact string // which contact the value comes from: one of the transaction's, or "own"
	Only    bool   // never from the party's own, if the transaction gives none
	Channel string // ChannelRelay: what goes out is an alias; else empty

	// Of a field that is withheld. Missing is the smallest set of conditions
	// that would have to come about; what nobody brings about is never in it.
	Reason  Reason
	Missing []Condition

	// For staff only: the permit that was nearest, and what forbids it.
	Nearest string
	Forbids []string

	blocked bool // a permit holds, but there is no relay for what it gives
}

// Ends is when a grant under this decision ends: the earliest of its terms. at
// says when an event was, or is taken to have been.
func (d *FieldDecision) Ends(at func(Event) time.Time) time.Time {
	end := at(d.Expires.Event).Add(d.Expires.After)
	for _, other := range d.Others {
		if t := at(other.Event).Add(other.After); t.Before(end) {
			end = t
		}
	}
	return end
}

// holds says that something goes out, or would if there were a relay.
func (d *FieldDecision) holds() bool { return d.Outcome != Withheld || d.blocked }

// Field is the answer for a field, under the ground that gives most: granted
// before pending, and of equals the earlier clause. It is never nil: a field
// that no permit names, known or not, is withheld as not_necessary.
func (d *Decision) Field(f masking.Field) *FieldDecision {
	if i := slices.Index(fieldTable, f); i >= 0 && d.best[i] != nil {
		return d.best[i]
	}
	return unnamed(f)
}

// Under is the answer for a field under one ground alone; never nil.
func (d *Decision) Under(g Ground, f masking.Field) *FieldDecision {
	i, n := slices.Index(fieldTable, f), slices.Index(d.grounds, g)
	if i >= 0 && n >= 0 && d.under[n][i] != nil {
		return d.under[n][i]
	}
	return unnamed(f)
}

func unnamed(f masking.Field) *FieldDecision {
	return &FieldDecision{Field: f, Outcome: Withheld, Reason: NotNecessary}
}

// Ground is the one ground of a disclosure of these fields: that under which
// most of them are granted or pending, of equals the earlier clause. It is ""
// when nothing is.
func (d *Decision) Ground(fields []masking.Field) Ground {
	var ground Ground
	most := 0
	for _, g := range d.grounds {
		n := 0
		for _, f := range fields {
			if d.Under(g, f).Outcome != Withheld {
				n++
			}
		}
		if n > most {
			ground, most = g, n
		}
	}
	return ground
}
