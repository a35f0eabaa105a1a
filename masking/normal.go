package masking

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"bauta.dev/bauta/masking/fault"
)

// What Normalize and NormalizeAddress refuse. No text of theirs repeats what
// was given.
var (
	ErrTooLong          = fault.New(fault.Invalid, "too_long", "the value is longer than this member may be")
	ErrBlank            = fault.New(fault.Invalid, "blank", "the value shows nothing; leave the member out, or send null to remove it")
	ErrNotUTF8          = fault.New(fault.Invalid, "not_utf8", "the value is not UTF-8; send it in UTF-8")
	ErrControlCharacter = fault.New(fault.Invalid, "control_character", "the value holds a control character or a line break; take it out")
	ErrBidiControl      = fault.New(fault.Invalid, "bidi_control", "the value holds a character that reverses the text around it; take it out")
	ErrNotAnEmail       = fault.New(fault.Invalid, "not_an_email", "give one e-mail address and nothing else, like name@example.com")
	ErrNotAPhone        = fault.New(fault.Invalid, "not_a_phone", "give one telephone number, with + and the country code first unless the country is known")
	ErrNotACountry      = fault.New(fault.Invalid, "not_a_country", "give the two letters of ISO 3166-1, like GB or BR")
	errNotText          = fault.New(fault.Invalid, "unknown_field", "this is no field of a text")
)

// Bounds of the values, in characters after normalisation; e-mail addresses
// are bounded in bytes (RFC 5321, 4.5.3.1, and its erratum 1690).
const (
	maxName         = 200
	maxEmail        = 254
	maxLocalPart    = 64
	maxPhone        = 64 // as typed, with an extension
	maxAddressPart  = 300
	maxInstructions = 2000
	maxProse        = 4000
)

// Normalize gives the one form in which a value of a field is stored: NFC
// without outer white space, e-mail addresses with a lower-case domain,
// telephone numbers in E.164 without extension. region is the ISO 3166-1 code
// of where the party lives; a number without a country code is read as one of
// there, and refused if region is empty.
//
// Errors are the sentinels above, which hold no value; ErrTooLong says the bound.
func Normalize(f Field, raw Text, region string) (Text, error) {
	switch f {
	case Name, FirstName:
		return one(raw, plain(maxName))
	case Email:
		return one(raw, normalEmail)
	case Phone:
		return one(raw, func(s string) (string, error) { return normalPhone(s, region) })
	case Instructions:
		return one(raw, lines(maxInstructions))
	case FullAddress, Locality:
	}
	return Text{}, errNotText
}

// Prose is the same of what somebody writes to somebody else, which can be twice as
// long as instructions.
func Prose(raw Text) (Text, error) { return one(raw, lines(maxProse)) }

func lines(limit int) func(string) (string, error) {
	return func(s string) (string, error) { return normalText(strings.ReplaceAll(s, "\r\n", "\n"), limit, "\n") }
}

func one(raw Text, rule func(string) (string, error)) (Text, error) {
	s, err := rule(raw.Reveal())
	if err != nil {
		return Text{}, err
	}
	return NewText(s), nil
}

func plain(limit int) func(string) (string, error) {
	return func(s string) (string, error) { return normalText(s, limit, "") }
}

// NormalizeAddress normalises each part that is given; the country becomes
// upper case. It reports all parts that cannot be taken at once, as one
// *fault.Error with the code validation_failed whose Fields point into the
// address ("/street"); the caller puts the address's own pointer before them.
// An address without any part is ErrBlank.
func NormalizeAddress(a Address) (Address, error) {
	if a.IsZero() {
		return Address{}, ErrBlank
	}
	var faults []fault.Field
	part := func(pointer string, raw Text) Text {
		if raw.IsZero() {
			return raw
		}
		t, err := one(raw, plain(maxAddressPart))
		faults = appendFault(faults, pointer, err)
		return t
	}
	n := Address{
		Street: part("/street", a.Street), City: part("/city", a.City),
		Region: part("/region", a.Region), PostalCode: part("/postal_code", a.PostalCode),
	}
	if a.Country != "" {
		var err error
		n.Country, err = NormalizeCountry(a.Country)
		faults = appendFault(faults, "/country", err)
	}
	if len(faults) > 0 {
		e := fault.At("", "", "")
		e.Fields = faults
		return Address{}, e
	}
	return n, nil
}

func appendFault(to []fault.Field, pointer string, err error) []fault.Field {
	if err == nil {
		return to
	}
	e := fault.Of(err)
	return append(to, fault.Field{Pointer: pointer, Code: e.Code, Detail: e.Detail})
}

// NormalizeCountry gives an assigned code of ISO 3166-1 alpha-2 in upper case,
// or ErrNotACountry.
func NormalizeCountry(code string) (string, error) {
	code = strings.ToUpper(strings.TrimSpace(code))
	if !ValidCountry(code) {
		return "", ErrNotACountry
	}
	return code, nil
}

// normalText refuses what a reader cannot see or what makes him see something
// else, and bounds what is left. allowed are control characters that may stay.
func normalText(s string, limit int, allowed string) (string, error) {
	if !utf8.ValidString(s) {
		return "", ErrNotUTF8
	}
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) > 4*limit { // not worth composing: NFC makes three characters one at most times
		return "", tooLong(limit)
	}
	s = strings.TrimSpace(norm.NFC.String(s))
	visible := false
	for _, r := range s {
		switch {
		case isBidiControl(r):
			return "", ErrBidiControl
		case (unicode.IsControl(r) || r == 0x2028 || r == 0x2029) && !strings.ContainsRune(allowed, r):
			return "", ErrControlCharacter
		case isVisible(r):
			visible = true
		}
	}
	if !visible {
		return "", ErrBlank
	}
	if utf8.RuneCountInString(s) > limit {
		return "", tooLong(limit)
	}
	return s, nil
}

func tooLong(limit int) error {
	e := *ErrTooLong
	e.Detail = fmt.Sprintf("the value may have %d characters; shorten it", limit)
	return &e
}

// isBidiControl: embeddings, overrides and isolates. The marks U+200E, U+200F
// and U+061C stay: they are part of how names in Arabic and Hebrew are typed.
func isBidiControl(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// isVisible: letters that draw nothing are the fillers of Hangul and Braille.
func isVisible(r rune) bool {
	switch r {
	case 0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800:
		return false
	}
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S)
}
