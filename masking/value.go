// Package masking decides how a contact value exists inside the broker: as
// something that can't be printed, as a mask, or sealed. Nothing else holds one.
package masking

import (
	"encoding/json"
	"log/slog"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
)

// Hidden is what everybody sees who may see nothing.
const Hidden = "•••"

// Text is a personal value. Every way Go prints a value prints the mask;
// Reveal is the only way out, and a test counts each use of it.
type Text struct{ s *string } // a pointer: in an unexported field fmt skips methods, and prints an address

// NewText wraps a value. The empty string is no value.
func NewText(s string) Text {
	if s == "" {
		return Text{}
	}
	return Text{s: &s}
}

// Reveal is the value itself.
func (t Text) Reveal() string {
	if t.s == nil {
		return ""
	}
	return *t.s
}

// IsZero says that there is no value.
func (t Text) IsZero() bool { return t.s == nil }

func (t Text) String() string                { return Hidden }
func (t Text) GoString() string              { return Hidden }
func (t Text) LogValue() slog.Value          { return slog.StringValue(Hidden) }
func (t Text) MarshalJSON() ([]byte, error)  { return []byte(`"` + Hidden + `"`), nil }
func (t Text) MarshalText() ([]byte, error)  { return []byte(Hidden), nil }
func (t *Text) UnmarshalText(b []byte) error { *t = NewText(string(b)); return nil }

// Field names one kind of contact value.
type Field string

// The contact fields of contract.md; Instructions are kept sealed, and are not
// one of the fields that a request can name.
const (
	FirstName    Field = "first_name"
	Name         Field = "name"
	Email        Field = "email"
	Phone        Field = "phone"
	Locality     Field = "locality"
	FullAddress  Field = "address"
	Instructions Field = "instructions"
)

// Fields are those that a disclosure can name, in the order of the API.
func Fields() []Field { return []Field{FirstName, Name, Email, Phone, Locality, FullAddress} }

// Address is a postal address; Locality is the part of it without Street and
// PostalCode.
type Address struct {
	Street, City, Region, PostalCode Text
	Country                          string // ISO 3166-1 alpha-2; no personal value by itself
}

// IsZero says that nothing is given.
func (a Address) IsZero() bool {
	return a.Street.IsZero() && a.City.IsZero() && a.Region.IsZero() && a.PostalCode.IsZero() && a.Country == ""
}

// Locality leaves out what finds a door.
func (a Address) Locality() Address {
	return Address{City: a.City, Region: a.Region, Country: a.Country}
}

// Value is one contact value: a text, or an address.
type Value struct {
	Text    Text
	Address Address
}

// IsZero says that there is no value.
func (v Value) IsZero() bool { return v.Text.IsZero() && v.Address.IsZero() }

func (v Value) String() string       { return Hidden }
func (v Value) GoString() string     { return Hidden }
func (v Value) LogValue() slog.Value { return slog.StringValue(Hidden) }

// canonicalAddress fixes the order of the members: commitments are made over
// these bytes, so it never changes.
type canonicalAddress struct {
	Street     string `json:"street,omitempty"`
	City       string `json:"city,omitempty"`
	Region     string `json:"region,omitempty"`
	PostalCode string `json:"postal_code,omitempty"`
	Country    string `json:"country,omitempty"`
}

// Canonical are the bytes that are sealed and committed to: the text in UTF-8,
// or the address as a JSON object with its members in a fixed order.
func (v Value) Canonical() []byte {
	if v.Address.IsZero() {
		return []byte(v.Text.Reveal())
	}
	a := v.Address
	b, err := json.Marshal(canonicalAddress{
		a.Street.Reveal(), a.City.Reveal(), a.Region.Reveal(), a.PostalCode.Reveal(), a.Country,
	})
	if err != nil { // strings always marshal
		panic("masking: canonical address: " + err.Error())
	}
	return b
}

// ParseCanonical is the inverse of Canonical for a field.
func ParseCanonical(f Field, b []byte) (Value, error) {
	if f != FullAddress && f != Locality {
		return Value{Text: NewText(string(b))}, nil
	}
	var c canonicalAddress
	if err := jsonv2.Unmarshal(b, &c); err != nil {
		return Value{}, ErrUnreadable // the cause would quote the value
	}
	return Value{Address: Address{
		Street: NewText(c.Street), City: NewText(c.City), Region: NewText(c.Region),
		PostalCode: NewText(c.PostalCode), Country: strings.Clone(c.Country),
	}}, nil
}
