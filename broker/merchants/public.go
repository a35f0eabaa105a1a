package merchants

import (
	"slices"

	"bauta.dev/bauta/broker/merchants/identifiers"
	"bauta.dev/bauta/masking"
)

// Public are the public fields of a registration and nothing else, in the pack's
// order, each in its normal form. A field is public where the pack has it so,
// its conditions hold now, and the assessment has not barred it.
func (p *Pack) Public(r *Registration, a Assessment) []PublicField {
	if a.Pack != p.Name() || r.Jurisdiction != p.Jurisdiction {
		return nil
	}
	var all []PublicField
	for _, o := range a.Fields {
		if o.Visibility == Private || o.Outcome == identifiers.Invalid {
			continue
		}
		pattern, place := o.Pointer.split()
		if pattern == PointerCertifications+"/*" {
			all = append(all, p.publicCertification(r, o.Pointer, place)...)
			continue
		}
		f := p.fields[pattern]
		if f == nil || !p.shows(r, f, o.Pointer) {
			continue
		}
		found := p.look(r, f, o.Pointer)
		if found.outcome == identifiers.Invalid || found.personal || found.maybe || found.normal == "" {
			continue // of a record that is not what was assessed
		}
		law := p.LawOf(f.Law)
		all = append(all, PublicField{Pointer: o.Pointer, Label: f.Label, Value: masking.NewText(found.normal), Law: law.Cite, Since: law.Since})
	}
	return all
}

// Still are those of public fields that this pack shows as well: what a law has made
// private since they were approved is not shown any more, by whatever pack they were.
func (p *Pack) Still(r *Registration, fields []PublicField) []PublicField {
	return slices.DeleteFunc(fields, func(x PublicField) bool {
		pattern, place := x.Pointer.split()
		if pattern == PointerCertifications+"/*" {
			return len(p.publicCertification(r, x.Pointer, place)) == 0
		}
		f := p.fields[pattern]
		return f == nil || !p.shows(r, f, x.Pointer)
	})
}

// shows asks the pack again, with the facts as they are.
func (p *Pack) shows(r *Registration, f *Field, at Pointer) bool {
	return f.has(r.Type) && !r.value(at).IsZero() && r.visibility(f, at) != Private &&
		(f.Visibility == Public || r.holdAll(f.PublicIf))
}

func (p *Pack) publicCertification(r *Registration, at Pointer, place int) []PublicField {
	if place < 0 || place >= len(r.Certifications) {
		return nil
	}
	c := p.certification(r.Certifications[place])
	if c == nil || c.Visibility == Private || !r.holdAll(c.PublicIf) {
		return nil
	}
	law := p.LawOf(c.Law)
	return []PublicField{{Pointer: at, Label: "certification", Value: masking.NewText(c.Code), Law: law.Cite, Since: law.Since}}
}

// Number is a number by which a merchant is found again, in its normal form.
type Number struct {
	Pointer Pointer
	Kind    string
	Scope   string // of a register: in which country; empty where the kind is enough
	Value   masking.Text
}

// Identifying says that what stands at a pointer may be such a number.
func (p Pointer) Identifying() bool {
	pattern, _ := p.split()
	return slices.Contains([]Pointer{"/registration/number", "/tax/*/number", "/lei", "/eori", "/gln"}, pattern)
}

// Numbers are what two registrations of one business have in common. They are
// for a keyed index, and may be personal.
func (p *Pack) Numbers(r *Registration) []Number {
	given, wrong := r.places()
	if wrong != "" {
		return nil
	}
	var all []Number
	for i := range p.Fields {
		f := &p.Fields[i]
		for _, place := range given[f.Pointer] {
			at := f.Pointer.at(place)
			if n := p.identifying(r, f, at); f.has(r.Type) && n.Kind != "" && !n.Value.IsZero() {
				all = append(all, n)
			}
		}
	}
	return all
}

func (p *Pack) identifying(r *Registration, f *Field, at Pointer) Number {
	n := Number{Pointer: at, Kind: f.Check}
	switch f.Check {
	case string(identifiers.USCC), string(identifiers.LEI), string(identifiers.EORI), string(identifiers.GLN):
	case ruleNumbered:
		if n.Kind = r.at(at.beside("kind")); n.Kind == string(identifiers.RIC) || f.Visibility == Private && f.Label == "id_number" {
			return Number{}
		}
		if n.Scope = r.country(at); n.Kind == string(identifiers.VAT) {
			n.Scope = "" // its normal form begins with the country
		}
	case ruleRegistration:
		if n.Kind = p.registerKind(r, at); n.Kind == "register" || n.Kind == companyNumbers {
			return p.inRegister(r, at, n.Kind)
		}
	default:
		return Number{}
	}
	found := p.look(r, f, at)
	if found.outcome == identifiers.Invalid {
		return Number{}
	}
	n.Value = masking.NewText(compacted(found.normal))
	return n
}

// inRegister is a number of a register: the British one has a kind of its own in one
// pack, and is the same number.
func (p *Pack) inRegister(r *Registration, at Pointer, kind string) Number {
	n := Number{Pointer: at, Kind: "register", Scope: r.country(at)}
	if kind == companyNumbers {
		n.Scope = "GB"
	}
	if found := p.ofRegister(r, at, r.at(at)); found.outcome != identifiers.Invalid {
		n.Value = masking.NewText(registered(n.Scope, found.normal))
	}
	return n
}
