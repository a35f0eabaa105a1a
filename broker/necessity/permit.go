package necessity

import (
	"fmt"
	"slices"
	"strings"

	cedar "github.com/cedar-policy/cedar-go"

	"bauta.dev/bauta/masking"
)

// Permit is one permit of a set, as people read it: what its text says, and not what the
// floor leaves of that.
type Permit struct {
	ID, Why  string
	Kinds    []Kind
	Roles    []Role
	Purposes []Purpose
	Fields   []masking.Field
	Ground   Ground
	Expires  string
	Views    int
	Person   bool   // who decides; else the engine does
	Contact  string // which contact the value comes from
	Only     bool   // and never from the party's own
	Relay    bool   // an alias goes out
	When     string // its conditions, as they are written
}

// Permits reads those of a kept set, in the order of their ids. Without a text there are none.
func Permits(text string) ([]Permit, error) {
	rules, problems := parse("kept.cedar", []byte(text))
	for _, r := range rules {
		problems = append(problems, r.annotate()...)
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("read permits: %w", &InvalidError{problems})
	}
	all := make([]Permit, 0, len(rules))
	for _, r := range byID(rules) {
		all = append(all, r.permit())
	}
	return all, nil
}

func (r *rule) permit() Permit {
	p := Permit{
		ID: r.id, Why: r.why, Ground: r.ground, Expires: r.expires.String(), Views: r.views, Person: !r.auto,
		Contact: r.contact, Only: r.only, Relay: r.relay, When: conditionText(r.policy),
	}
	named := map[string][]string{}
	for _, uid := range entities(r.policy) {
		named[string(uid.Type)] = append(named[string(uid.Type)], string(uid.ID))
	}
	p.Kinds, p.Roles = mentioned(kindTable, named["Kind"]), mentioned(roleTable, named["Role"])
	p.Purposes, p.Fields = mentioned(purposeTable, named["Action"]), mentioned(fieldTable, named["Field"])
	return p
}

// mentioned are those of a table that a text names, in the table's order; all of them where it
// names none, which is how a text leaves them open.
func mentioned[W ~string](table []W, names []string) []W {
	if len(names) == 0 {
		return slices.Clone(table)
	}
	return slices.DeleteFunc(slices.Clone(table), func(w W) bool { return !slices.Contains(names, string(w)) })
}

// conditionText is what stands after the head of a policy.
func conditionText(p *cedar.Policy) string {
	_, after, found := strings.Cut(string(p.MarshalCedar()), "\n)")
	if !found {
		_, after, found = strings.Cut(string(p.MarshalCedar()), ")\n")
	}
	if !found {
		return ""
	}
	return strings.TrimSuffix(strings.TrimSpace(after), ";")
}

// PermitChange is one permit that two sets do not have alike.
type PermitChange struct {
	Was, Is *Permit // nil: the set has none of this id
}

// ID is the permit's.
func (c PermitChange) ID() string {
	if c.Is != nil {
		return c.Is.ID
	}
	return c.Was.ID
}

// ComparePermits says which permits of two sets are not alike, by id. What the sets would
// answer differently for all that, Diff says by exhausting both.
func ComparePermits(was, is []Permit) []PermitChange {
	by := map[string]*PermitChange{}
	at := func(id string) *PermitChange {
		if by[id] == nil {
			by[id] = &PermitChange{}
		}
		return by[id]
	}
	for i := range was {
		at(was[i].ID).Was = &was[i]
	}
	for i := range is {
		at(is[i].ID).Is = &is[i]
	}
	var all []PermitChange
	for _, c := range by {
		if c.Was == nil || c.Is == nil || fmt.Sprint(*c.Was) != fmt.Sprint(*c.Is) {
			all = append(all, *c)
		}
	}
	slices.SortFunc(all, func(a, b PermitChange) int { return strings.Compare(a.ID(), b.ID()) })
	return all
}
