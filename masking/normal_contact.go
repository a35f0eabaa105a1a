package masking

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/net/idna"
)

// normalEmail takes an addr-spec of RFC 5322 in its shortest form. A domain in
// ASCII stays as it is typed, in lower case; any other becomes what IDNA makes
// of it, so that full-width letters are none of ours.
func normalEmail(s string) (string, error) {
	s, err := normalText(s, maxEmail, "")
	if err != nil {
		return "", err
	}
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || !isAddrSpec(s) {
		return "", ErrNotAnEmail
	}
	local, domain := s[:at], strings.ToLower(s[at+1:])
	ascii, ok := asciiDomain(domain)
	if !ok || len(local) > maxLocalPart {
		return "", ErrNotAnEmail
	}
	if ascii != domain {
		if domain, err = idna.Lookup.ToUnicode(ascii); err != nil {
			return "", ErrNotAnEmail
		}
	}
	if s = local + "@" + domain; len(s) > maxEmail {
		return "", tooLong(maxEmail)
	}
	return s, nil
}

// isAddrSpec compares what the parser understood with what it was given: it
// takes display names, comments and white space too, and drops them silently.
func isAddrSpec(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && (a.Address == s || a.Name == "" && a.String() == "<"+s+">") // the latter when it is quoted
}

// asciiDomain is the domain as the DNS knows it: at least two labels, the last
// of them no number (an address literal is no domain either).
func asciiDomain(domain string) (string, bool) {
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || len(ascii) > 253 {
		return "", false
	}
	labels := strings.Split(ascii, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 {
			return "", false
		}
	}
	return ascii, len(labels) > 1 && !allDigits(labels[len(labels)-1])
}

// normalPhone asks for a possible number, not for a valid one: numbering plans
// change faster than libraries, and reserved ranges are never valid.
func normalPhone(s, region string) (string, error) {
	s, err := normalText(s, maxPhone, "")
	if err != nil {
		return "", err
	}
	if !startsLikeNumber(s) {
		return "", ErrNotAPhone
	}
	if !ValidCountry(region) {
		region = "ZZ" // the library's word for none
	}
	n, err := phonenumbers.Parse(s, region)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return "", ErrNotAPhone // the cause would quote the value
	}
	e164 := phonenumbers.Format(n, phonenumbers.E164)
	if !isE164(e164) || e164 != s && !readsAsItself(e164) {
		return "", ErrNotAPhone
	}
	return e164, nil
}

// readsAsItself: from a number of zeros the library takes one trunk prefix each
// time, so that no form of it is the normal one.
func readsAsItself(e164 string) bool {
	n, err := phonenumbers.Parse(e164, "ZZ")
	return err == nil && phonenumbers.IsPossibleNumber(n) && phonenumbers.Format(n, phonenumbers.E164) == e164
}

// startsLikeNumber: the library would look for a number inside a sentence.
func startsLikeNumber(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return strings.ContainsRune("+＋(（", r) || unicode.IsDigit(r)
}

// Dialled says that a telephone is written as it is dialled in a region, two letters of ISO
// 3166: with its country; or as a number of that region, with the zero that goes before it
// there, where one does and not everybody leaves it out.
func Dialled(written, region string) bool {
	written = strings.TrimLeft(written, " (")
	switch trunk := phonenumbers.GetNddPrefixForRegion(region, true); {
	case strings.HasPrefix(written, "+"):
		return true
	case strings.ContainsFunc(written, unicode.IsLetter):
		return false
	case trunk == "0" && region != "BR" && written[:min(1, len(written))] != trunk:
		return false
	}
	n, err := phonenumbers.Parse(written, region)
	return err == nil && phonenumbers.IsValidNumberForRegion(n, region)
}

// IndexForm is the form of a value under which a keyed index finds a party: an
// e-mail address in lower case with its domain in punycode, a telephone number
// in E.164. Nothing else is searched for, nor what is not normal: false.
func IndexForm(f Field, v Value) (string, bool) {
	s := v.Text.Reveal()
	switch f {
	case Phone:
		return s, isE164(s)
	case Email:
		at := strings.LastIndexByte(s, '@')
		if at <= 0 {
			return "", false
		}
		domain, ok := asciiDomain(strings.ToLower(s[at+1:]))
		if !ok {
			return "", false
		}
		return strings.ToLower(s[:at]) + "@" + domain, true
	case FirstName, Name, Locality, FullAddress, Instructions:
	}
	return "", false
}
