// Package hindsight decides what past requests would have come to under another
// set of policies.
package hindsight

import (
	"slices"

	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// Past is what was decided about one field.
type Past struct {
	Field   masking.Field
	Outcome necessity.Outcome
	Reason  necessity.Reason
	Rule    string
}

// Request is one past request, as its entry tells it.
type Request struct {
	disclosure []byte // its id
	Kind       necessity.Kind
	Role       necessity.Role // the requester's
	Purpose    necessity.Purpose
	Bits       necessity.Bits // the conditions that held
	Decision   string
	Policy     string // the version that decided
	Fields     []Past // that were asked for

	excluded   bool // the requester had lost its right to ask
	pastBudget bool // it waited, or would have, because too much was asked
}

// field finds what was decided about a field. One that another one includes is
// not listed beside it: it went out with that.
func (r *Request) field(f masking.Field) (Past, bool) {
	for _, p := range r.Fields {
		if p.Field == f || p.Field == includes(f) && p.Outcome == necessity.Granted {
			return p, true
		}
	}
	return Past{Field: f, Outcome: necessity.Withheld}, false
}

// includes is the field that has another one in it.
func includes(f masking.Field) masking.Field {
	switch f {
	case masking.FirstName:
		return masking.Name
	case masking.Locality:
		return masking.FullAddress
	default:
		return ""
	}
}

// everything says that a request named just the fields that were necessary by
// the set that decided it: whoever leaves fields out asks for those.
func (r *Request) everything(by *necessity.Engine) bool {
	if by == nil {
		return false
	}
	necessary := by.Decide(r.Kind, r.Role, r.Purpose, r.Bits).Necessary
	for _, p := range r.Fields {
		if !slices.Contains(necessary, p.Field) {
			return false
		}
	}
	return !slices.ContainsFunc(necessary, func(f masking.Field) bool {
		_, asked := r.field(f)
		return !asked
	})
}

// asked are the fields that the request would be about by this set.
func (r *Request) asked(d *necessity.Decision, by *necessity.Engine, into []masking.Field) []masking.Field {
	for _, p := range r.Fields {
		into = append(into, p.Field)
	}
	if !r.everything(by) {
		return into
	}
	for _, f := range d.Necessary {
		if !slices.Contains(into, f) {
			into = append(into, f)
		}
	}
	return into
}
