package merchants

import (
	"errors"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"

	"bauta.dev/bauta/masking"
)

// kept is a registration as it is sealed: with its values, and without the facts,
// which are the broker's.
type kept struct {
	Jurisdiction   Jurisdiction       `json:"jurisdiction"`
	Type           Type               `json:"type"`
	Values         map[Pointer]string `json:"values"`
	Residential    bool               `json:"residential,omitzero"`
	Certifications []string           `json:"certifications,omitempty"`
}

// ErrKept says that a text is no registration. It quotes nothing of it.
var ErrKept = errors.New("merchants: this is no registration that was kept")

// Keep writes a registration out, to be sealed. Equal ones give equal texts.
func (r *Registration) Keep() (masking.Text, error) {
	k := kept{Jurisdiction: r.Jurisdiction, Type: r.Type, Values: map[Pointer]string{}, Residential: r.Residential, Certifications: r.Certifications}
	for at, v := range r.Values {
		if !v.IsZero() {
			k.Values[at] = v.Reveal()
		}
	}
	text, err := jsonv2.Marshal(&k, jsonv2.Deterministic(true))
	if err != nil {
		return masking.Text{}, ErrKept // the cause could quote a value
	}
	return masking.NewText(string(text)), nil
}

// ParseKept is the inverse of Keep.
func ParseKept(t masking.Text) (*Registration, error) {
	var k kept
	if err := jsonv2.Unmarshal([]byte(t.Reveal()), &k, jsonv2.RejectUnknownMembers(true)); err != nil {
		return nil, ErrKept
	}
	r := &Registration{Jurisdiction: k.Jurisdiction, Type: k.Type, Values: map[Pointer]masking.Text{}, Residential: k.Residential, Certifications: k.Certifications}
	for at, v := range k.Values {
		r.Values[at] = masking.NewText(v)
	}
	return r, nil
}

// Same says whether two hold the same.
func (r *Registration) Same(o *Registration) bool {
	a, errA := r.Keep()
	b, errB := o.Keep()
	return errA == nil && errB == nil && a.Reveal() == b.Reveal()
}

// Contact is what a registration says of how its merchant is reached, as a party
// has it. What cannot be taken for that is left out.
func (r *Registration) Contact() map[masking.Field]masking.Value {
	all := map[masking.Field]masking.Value{}
	country, _ := masking.NormalizeCountry(r.at("/address/country"))
	for at, f := range map[Pointer]masking.Field{"/legal_name": masking.Name, "/contact/email": masking.Email, "/contact/phone": masking.Phone} {
		if t, err := masking.Normalize(f, r.Values[at], country); err == nil && !t.IsZero() {
			all[f] = masking.Value{Text: t}
		}
	}
	a, err := masking.NormalizeAddress(masking.Address{
		Street: r.Values["/address/street"], City: r.Values["/address/city"], Region: r.Values["/address/region"],
		PostalCode: r.Values["/address/postal_code"], Country: country,
	})
	if err == nil && !a.Street.IsZero() {
		all[masking.FullAddress] = masking.Value{Address: a}
	}
	return all
}

// Amend is a registration with some values taken away, with all that stands under
// them, and others put in.
func (r *Registration) Amend(removed []Pointer, values map[Pointer]masking.Text) *Registration {
	next := *r
	next.Values = map[Pointer]masking.Text{}
	for at, v := range r.Values {
		if !under(at, removed) {
			next.Values[at] = v
		}
	}
	for at, v := range values {
		next.Values[at] = v
	}
	return &next
}

func under(at Pointer, removed []Pointer) bool {
	for _, p := range removed {
		if at == p || strings.HasPrefix(string(at), string(p)+"/") {
			return true
		}
	}
	return false
}

// Missing says whether a code is about something that is not there yet.
func Missing(code string) bool { return code == codeRequired || code == codeUncertified }
