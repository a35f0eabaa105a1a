package broker

import (
	"bauta.dev/bauta/broker/plain"
)

// Plain is what there is to say of a disclosure in sentences: its codes, and no
// value. Without a viewer that is the decision as a whole.
func (v *DisclosureView) Plain() *plain.Decision {
	d := &plain.Decision{
		Role: v.Role, Purpose: v.Purpose, Decision: v.Decision, Ground: v.Ground, State: v.State, Ends: v.ExpiresAt, Views: v.ViewsLeft,
		Foreseen: v.ID == "",
	}
	if v.Bare {
		return d
	}
	for _, f := range v.Fields {
		d.Fields = append(d.Fields, plain.Field{Field: f.Field, Outcome: f.Outcome, Reason: f.Reason})
	}
	for _, r := range v.Reasons {
		d.Reasons = append(d.Reasons, plain.Reason{Code: r.Code, Missing: inCurrency(r.Missing, string(v.Currency))})
	}
	return d
}

func inCurrency(missing []Missing, currency string) []plain.Missing {
	ms := make([]plain.Missing, len(missing))
	for i, m := range missing {
		ms[i] = plain.Missing{Obligation: string(m.Obligation), Need: m.Need, Have: m.Have}
		if m.Obligation == Pay || m.Obligation == Refund {
			ms[i].Currency = currency
		}
	}
	return ms
}
