package web

import (
	"regexp"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// given is a member that can be left out, or be null, which is not the same.
type given[T any] struct {
	value    T
	is, null bool
}

// UnmarshalJSONFrom notes that the member is there.
func (g *given[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() == 'n' {
		g.null = true
		return d.SkipValue()
	}
	g.is = true
	return json.UnmarshalDecode(d, &g.value)
}

// moment is a time with its zone, in the precision that is stored and signed.
type moment struct{ at time.Time }

var (
	errNotATime = fault.New(fault.Invalid, "not_a_time", "a time is RFC 3339 with its zone, like 2017-01-05T13:34:00-03:00")
	errFarTime  = fault.New(fault.Invalid, "out_of_range", "the time is before 1970 or after 2199")
)

// strictTime is date-time of RFC 3339, section 5.6, but for the ranges of days.
var strictTime = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// Years outside these are mistakes, and some of them no database holds.
const firstYear, lastYear = 1970, 2199

// UnmarshalText reads RFC 3339.
func (m *moment) UnmarshalText(b []byte) error {
	if !strictTime.Match(b) { // Go takes a comma, one digit of an hour, and zones that are none
		return errNotATime
	}
	var t time.Time
	if err := t.UnmarshalText(b); err != nil {
		return errNotATime
	}
	t = t.UTC().Truncate(time.Microsecond)
	if t.Year() < firstYear || t.Year() > lastYear {
		return errFarTime
	}
	m.at = t
	return nil
}

// time is the zero time for a moment that was left out.
func (m *moment) time() time.Time {
	if m == nil {
		return time.Time{}
	}
	return m.at
}

// addressBody is a postal address as callers write it.
type addressBody struct {
	Street     masking.Text `json:"street" description:"street and number"`
	City       masking.Text `json:"city"`
	Region     masking.Text `json:"region"`
	PostalCode masking.Text `json:"postal_code"`
	Country    string       `json:"country" description:"ISO 3166-1 alpha-2"`
}

func (a addressBody) address() masking.Address {
	return masking.Address{Street: a.Street, City: a.City, Region: a.Region, PostalCode: a.PostalCode, Country: a.Country}
}

// contactBody are the contact values of a party. Absent members stay as they
// are, null removes.
type contactBody struct {
	FirstName given[masking.Text] `json:"first_name"`
	Name      given[masking.Text] `json:"name"`
	Email     given[masking.Text] `json:"email"`
	Phone     given[masking.Text] `json:"phone"`
	Address   given[addressBody]  `json:"address"`
}

// useBody are the contact values of a transaction: a party's, and instructions.
type useBody struct {
	FirstName    given[masking.Text] `json:"first_name"`
	Name         given[masking.Text] `json:"name"`
	Email        given[masking.Text] `json:"email"`
	Phone        given[masking.Text] `json:"phone"`
	Address      given[addressBody]  `json:"address"`
	Instructions given[masking.Text] `json:"instructions"`
}

func (u useBody) contact() contactBody {
	return contactBody{u.FirstName, u.Name, u.Email, u.Phone, u.Address}
}

// mistakes gathers what is wrong with a body, so that one answer says it all.
type mistakes []fault.Field

func (m *mistakes) add(pointer, code, detail string) {
	*m = append(*m, fault.Field{Pointer: pointer, Code: code, Detail: detail})
}

// fold takes a fault over, pointing from its own place in the body.
func (m *mistakes) fold(pointer string, err error) {
	if err == nil {
		return
	}
	f := fault.Of(err)
	if len(f.Fields) == 0 {
		m.add(pointer, f.Code, f.Detail)
	}
	for _, x := range f.Fields {
		m.add(pointer+x.Pointer, x.Code, x.Detail)
	}
}

func (m mistakes) err() error {
	if len(m) == 0 {
		return nil
	}
	f := fault.At("", "", "")
	f.Fields = m
	return f
}

// normal brings a contact into the one form in which it is stored. region is
// where a telephone number without a country code is from, unless the address
// says better.
func (b contactBody) normal(pointer, region string, wrong *mistakes) broker.Contact {
	out := broker.Contact{Values: map[masking.Field]masking.Value{}}
	if b.Address.is {
		if country, err := masking.NormalizeCountry(b.Address.value.Country); err == nil {
			region = country
		}
		a, err := masking.NormalizeAddress(b.Address.value.address())
		wrong.fold(pointer+"/address", err)
		out.Values[masking.FullAddress] = masking.Value{Address: a}
	}
	if b.Address.null {
		out.Removed = append(out.Removed, masking.FullAddress)
	}
	for _, x := range []struct {
		field masking.Field
		given given[masking.Text]
	}{{masking.FirstName, b.FirstName}, {masking.Name, b.Name}, {masking.Email, b.Email}, {masking.Phone, b.Phone}} {
		takeText(&out, x.field, x.given, pointer, region, wrong)
	}
	return out
}

func takeText(out *broker.Contact, f masking.Field, g given[masking.Text], pointer, region string, wrong *mistakes) {
	if g.null {
		out.Removed = append(out.Removed, f)
	}
	if !g.is {
		return
	}
	t, err := masking.Normalize(f, g.value, region)
	wrong.fold(pointer+"/"+string(f), err)
	out.Values[f] = masking.Value{Text: t}
}

// mostNote is how long a note can be, in characters; masking.Normalize says so.
const mostNote = 2000

// note is free text, which is kept sealed; an empty one is none.
func note(raw masking.Text, wrong *mistakes) masking.Text { return noteAt("/note", raw, wrong) }

func noteAt(pointer string, raw masking.Text, wrong *mistakes) masking.Text {
	if raw.IsZero() {
		return raw
	}
	t, err := masking.Normalize(masking.Instructions, raw, "")
	wrong.fold(pointer, err)
	return t
}

// regionOf is where a party seems to live: what it says, or what its locale says.
func regionOf(residency, locale string) string {
	if residency != "" {
		return residency
	}
	for i, part := range strings.Split(locale, "-") {
		if i > 0 && len(part) == 1 {
			break // extensions say nothing of a place
		}
		if part = strings.ToUpper(part); i > 0 && masking.ValidCountry(part) {
			return part
		}
	}
	return ""
}

// line brings a text of one line, which is no contact value, into the one form
// in which it is compared. What stands in a tag is not checked here.
func line(s, pointer string, wrong *mistakes) string {
	if s == "" {
		return s
	}
	t, err := masking.Normalize(masking.Name, masking.NewText(s), "")
	wrong.fold(pointer, err)
	return t.Reveal()
}
