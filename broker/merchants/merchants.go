// Package merchants decides what a merchant has to give, what of it the law of
// its market makes public, and what happens to a registration in its life. The
// law is data (packs); the package knows no clock and no store.
package merchants

import (
	"strconv"
	"strings"
	"time"

	"bauta.dev/bauta/broker/merchants/identifiers"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// The words of a registration. They are part of the API.
type (
	Jurisdiction string // whose law a merchant is registered under
	Type         string // what a merchant is
	Visibility   string // who sees a field
	Pointer      string // RFC 6901, into the body of POST /v1/merchants; a pack has * for a place in a list
	Condition    string // what a pack asks of a registration; with ! before it, that it does not hold
)

// Jurisdictions.
const (
	CN Jurisdiction = "CN"
	EU Jurisdiction = "EU"
	US Jurisdiction = "US"
	UK Jurisdiction = "UK"
)

// Jurisdictions are those that packs are shipped for, in the order of the documents.
func Jurisdictions() []Jurisdiction { return []Jurisdiction{CN, EU, US, UK} }

// Types. An exempt merchant is a person who needs no registration and says why.
const (
	Company    Type = "company"
	SoleTrader Type = "sole_trader"
	Exempt     Type = "exempt"
)

// Types are all of them.
func Types() []Type { return []Type{Company, SoleTrader, Exempt} }

// Visibilities. What is conditional is public where all conditions of its field
// hold, and private elsewhere.
const (
	Public      Visibility = "public"
	Private     Visibility = "private"
	Conditional Visibility = "conditional"
)

// Pointers that are no texts, and so are not among the values.
const (
	PointerJurisdiction   Pointer = "/jurisdiction"
	PointerType           Pointer = "/type"
	PointerResidential    Pointer = "/address/residential"
	PointerCertifications Pointer = "/certifications"
)

// Registration is what somebody gave. Every value is personal until a pack says
// otherwise.
type Registration struct {
	Jurisdiction Jurisdiction
	Type         Type
	// Values are all texts, by where they stand: /tax/0/number, /tax/0/kind.
	Values         map[Pointer]masking.Text
	Residential    bool // the address is somebody's home
	Certifications []string
	// Facts are conditions that the broker knows of by itself, as turnover_20k.
	Facts []Condition
}

// FieldOutcome is what a pack says of one field.
type FieldOutcome struct {
	Pointer Pointer `json:"pointer"`
	// Visibility is the pack's, and private where the value is barred from public.
	Visibility Visibility          `json:"visibility"`
	Outcome    identifiers.Outcome `json:"outcome"`
	Code       string              `json:"code,omitempty"` // why; Detail has it as a sentence
	Law        string              `json:"law,omitempty"`  // as cited
}

// Assessment is what a pack says of a registration. It holds no value.
type Assessment struct {
	Pack string // jurisdiction and version, as in CN/2026-01-01
	// Fields are all that were given, and the required ones that were not, in the
	// pack's order.
	Fields []FieldOutcome
	// Suspect: something is suspect or unsupported, so a lead confirms.
	Suspect bool
	// ResidentialPublic: part of a residential address would be public, by the
	// certificate that there is no other: a lead confirms.
	ResidentialPublic bool
}

// Refusal is why a registration is not taken: for each field a pointer, a code
// and a detail. Nothing is stored then, and nothing in it repeats a value. Its
// code is validation_failed, or personal_id_in_public_field where one was.
type Refusal = fault.Error //nolint:errname // of a merchant it is a refusal, and nothing else

// PublicField is what the law makes public of a merchant.
type PublicField struct {
	Pointer Pointer
	Label   string       // a key; the pages have words for it
	Value   masking.Text // opened where it is written out
	Law     string       // as cited
	Since   time.Time    // when that law began to ask for it
}

// split gives a pointer's form in a pack, and its place in a list: -1 where it
// is in none.
func (p Pointer) split() (pattern Pointer, place int) {
	s := string(p)
	for from := 0; from < len(s); {
		end := from
		for end < len(s) && s[end] != '/' {
			end++
		}
		if part := s[from:end]; part != "" && '0' <= part[0] && part[0] <= '9' {
			if n, err := strconv.Atoi(part); err == nil && strconv.Itoa(n) == part {
				return Pointer(s[:from] + "*" + s[end:]), n
			}
		}
		from = end + 1
	}
	return p, -1
}

// at is a pointer of a pack at a place in its list.
func (p Pointer) at(place int) Pointer {
	before, after, in := strings.Cut(string(p), "*")
	if !in {
		return p
	}
	return Pointer(before + strconv.Itoa(place) + after)
}

// beside is a member of the same object.
func (p Pointer) beside(member string) Pointer {
	return p[:strings.LastIndexByte(string(p), '/')+1] + Pointer(member)
}
