package merchants

import (
	"encoding/json"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"bauta.dev/bauta/broker/merchants/identifiers"
	"bauta.dev/bauta/masking"
)

// Shown is a public value on its way out: the only place where this package
// writes one. Printed in any other way it is masked like all others.
type Shown struct{ masking.Text }

// MarshalJSONTo writes the value.
func (s Shown) MarshalJSONTo(e *jsontext.Encoder) error {
	return e.WriteToken(jsontext.String(s.Reveal()))
}

// MarshalJSON is the same for the standard library's encoder.
func (s Shown) MarshalJSON() ([]byte, error) { return json.Marshal(s.Reveal()) }

// Organization is a public profile as schema.org has it, for application/ld+json.
type Organization struct {
	Context        string          `json:"@context"`
	Type           string          `json:"@type"`
	ID             string          `json:"@id,omitempty"` // the profile's address
	LegalName      *Shown          `json:"legalName,omitempty"`
	Name           *Shown          `json:"name,omitempty"`
	Identifiers    []PropertyValue `json:"identifier,omitempty"`
	VATID          *Shown          `json:"vatID,omitempty"`
	LEICode        *Shown          `json:"leiCode,omitempty"`
	GLN            *Shown          `json:"globalLocationNumber,omitempty"`
	Email          *Shown          `json:"email,omitempty"`
	Telephone      *Shown          `json:"telephone,omitempty"`
	ContactPoint   *ContactPoint   `json:"contactPoint,omitempty"`
	Address        *PostalAddress  `json:"address,omitempty"`
	Representative *Person         `json:"employee,omitempty"`
	Certifications []Certified     `json:"hasCertification,omitempty"`
}

// PropertyValue is a number, and what kind it is.
type PropertyValue struct {
	Type       string `json:"@type"`
	PropertyID string `json:"propertyID"`
	Name       *Shown `json:"name,omitempty"` // the register
	Value      Shown  `json:"value"`
}

// PostalAddress is an address, or the country and state of one.
type PostalAddress struct {
	Type       string `json:"@type"`
	Street     *Shown `json:"streetAddress,omitempty"`
	Locality   *Shown `json:"addressLocality,omitempty"`
	Region     *Shown `json:"addressRegion,omitempty"`
	PostalCode *Shown `json:"postalCode,omitempty"`
	Country    *Shown `json:"addressCountry,omitempty"`
}

// Person is who represents it.
type Person struct {
	Type string `json:"@type"`
	Name Shown  `json:"name"`
}

// ContactPoint is a page by which it is reached.
type ContactPoint struct {
	Type string `json:"@type"`
	URL  Shown  `json:"url"`
}

// Certified is what it states of itself, or a permit.
type Certified struct {
	Type     string `json:"@type"`
	Name     Shown  `json:"name"`
	Number   *Shown `json:"certificationIdentification,omitempty"`
	IssuedBy *Shown `json:"issuedBy,omitempty"`
	Expires  *Shown `json:"expires,omitempty"`
}

// NewOrganization puts public fields into the words of schema.org. What has no
// word there is left out; id is the profile's own address.
func NewOrganization(id string, fields []PublicField) Organization {
	o := Organization{Context: "https://schema.org", Type: "Organization", ID: id}
	by := make(publics, len(fields))
	for _, f := range fields {
		by[f.Pointer] = f.Value
	}
	o.LegalName, o.Name = by.shown("/legal_name"), by.shown("/trade_name")
	if o.Name == nil {
		o.Name = o.LegalName
	}
	o.LEICode, o.GLN = by.shown("/lei"), by.shown("/gln")
	o.Email, o.Telephone = by.shown("/contact/email"), by.shown("/contact/phone")
	if url := by.shown("/contact/message_url"); url != nil {
		o.ContactPoint = &ContactPoint{"ContactPoint", *url}
	}
	if name := by.shown("/representative/name"); name != nil {
		o.Representative = &Person{"Person", *name}
	}
	o.Address = by.address()
	for _, f := range fields {
		o.number(by, f)
		o.certify(by, f)
	}
	return o
}

type publics map[Pointer]masking.Text

func (p publics) shown(at Pointer) *Shown {
	if t := p[at]; !t.IsZero() {
		return &Shown{t}
	}
	return nil
}

func (p publics) address() *PostalAddress {
	a := PostalAddress{
		Type: "PostalAddress", Street: p.shown("/address/street"), Locality: p.shown("/address/city"),
		Region: p.shown("/address/region"), PostalCode: p.shown("/address/postal_code"), Country: p.shown("/address/country"),
	}
	if a == (PostalAddress{Type: "PostalAddress"}) {
		return nil
	}
	return &a
}

// number adds a number under the name of its kind.
func (o *Organization) number(by publics, f PublicField) {
	switch pattern, _ := f.Pointer.split(); pattern {
	case "/registration/number":
		kind := "registration"
		if k := by["/registration/kind"]; !k.IsZero() {
			kind = k.Reveal()
		}
		o.Identifiers = append(o.Identifiers, PropertyValue{"PropertyValue", kind, by.shown("/registration/register"), Shown{f.Value}})
	case "/eori":
		o.Identifiers = append(o.Identifiers, PropertyValue{"PropertyValue", string(identifiers.EORI), nil, Shown{f.Value}})
	case "/tax/*/number":
		if o.VATID == nil {
			o.VATID = &Shown{f.Value}
		} else {
			o.Identifiers = append(o.Identifiers, PropertyValue{"PropertyValue", "tax", nil, Shown{f.Value}})
		}
	default: // it has a word of its own
	}
}

func (o *Organization) certify(by publics, f PublicField) {
	switch {
	case strings.HasPrefix(string(f.Pointer), string(PointerCertifications)+"/"):
		o.Certifications = append(o.Certifications, Certified{Type: "Certification", Name: Shown{f.Value}})
	case strings.HasPrefix(string(f.Pointer), "/certificates/") && strings.HasSuffix(string(f.Pointer), "/kind"):
		at := f.Pointer
		o.Certifications = append(o.Certifications, Certified{
			"Certification", Shown{f.Value}, by.shown(at.beside("number")), by.shown(at.beside("issuer")), by.shown(at.beside("expires")),
		})
	}
}
