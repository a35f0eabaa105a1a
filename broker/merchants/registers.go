package merchants

import (
	"regexp"
	"strings"
	"unicode"

	"bauta.dev/bauta/broker/merchants/identifiers"
	"bauta.dev/bauta/masking"
)

// companyNumbers is the kind of the numbers of Companies House.
const companyNumbers = "company_number"

// companyNumber is what Companies House gives: eight digits, or letters of the
// register and the rest.
var companyNumber = regexp.MustCompile(`^([0-9]{8}|(SC|NI|OC|SO|NC|LP|SL|NL|FC|SF|NF|GE|GS|IP|SP|NP|RC|SR|NR|IC|SI|NO|AC|SA|NA|CE|CS|PC|RS|ZC|SZ|NZ)[0-9]{6}|R0[0-9]{6})$`)

// registerShapes are the numbers of the registers of commerce, as written
// without blanks, dots and hyphens. Where a check digit is known from the VAT
// number, that check is asked as well.
var registerShapes = map[string]*regexp.Regexp{
	"AT": regexp.MustCompile(`^(FN)?[0-9]{1,6}[A-Z]$`),
	"BE": regexp.MustCompile(`^(BE)?[01][0-9]{9}$`),
	"DE": regexp.MustCompile(`^(HRA|HRB|GNR|GSR|PR|VR)[0-9]{1,6}[A-Z]{0,3}$`),
	"DK": regexp.MustCompile(`^(CVR)?[0-9]{8}$`),
	"ES": regexp.MustCompile(`^[A-W][0-9]{7}[0-9A-J]$`),
	"FR": regexp.MustCompile(`^(RCS[A-Z]*)?([0-9]{9}|[0-9]{14})$`),
	"GB": companyNumber,
	"HU": regexp.MustCompile(`^(0[1-9]|1[0-9]|20)(0[1-9]|1[0-9]|2[0-3])[0-9]{6}$`),
	"IE": regexp.MustCompile(`^[0-9]{5,6}$`),
	"IT": regexp.MustCompile(`^([0-9]{11}|(REA)?[A-Z]{2}[0-9]{5,7})$`),
	"LU": regexp.MustCompile(`^[A-L][0-9]{1,6}$`),
	"NL": regexp.MustCompile(`^(KVK)?[0-9]{8}$`),
	"PL": regexp.MustCompile(`^(KRS)?[0-9]{10}$`),
	"SE": regexp.MustCompile(`^[0-9]{10}$`),
}

// hungarian is a company's number as it is written: the court, the form, six digits.
var hungarian = regexp.MustCompile(`^(0[1-9]|1[0-9]|20)[- ]?(0[1-9]|1[0-9]|2[0-3])[- ]?[0-9]{6}$`)

// ofRegister is the number of a business in a register. Registers write their
// numbers in many ways, so what has another shape is for a person to look up.
func (p *Pack) ofRegister(r *Registration, at Pointer, given string) finding {
	switch kind := p.registerKind(r, at); kind {
	case string(identifiers.USCC), string(identifiers.LEI):
		return number(identifiers.Check(identifiers.Kind(kind), "", given))
	case companyNumbers:
		return inRegister(append([]string{"GB"}, r.countries(at)...), given, true)
	}
	return inRegister(r.countries(at), given, false)
}

// registerKind is what kind of number it is said to be; where nothing is said, the
// first that the pack has.
func (p *Pack) registerKind(r *Registration, at Pointer) string {
	kind := r.at(at.beside("kind"))
	if f := p.fields[at.beside("kind")]; kind == "" && f != nil && len(f.Values) > 0 {
		return f.Values[0]
	}
	return kind
}

func inRegister(countries []string, given string, sure bool) finding {
	country := countries[0]
	f := homeOf(countries).ofText(masking.Normalize(masking.Name, masking.NewText(given), ""))
	if f.outcome != identifiers.Valid {
		f.personal = ofPerson(countries, given)
		return f
	}
	shape, known := registerShapes[country]
	compact := compacted(f.normal)
	switch {
	case ofPerson(countries, given):
		f.personal = true
		f.outcome, f.code = identifiers.Invalid, string(identifiers.PersonalID)
	case !known:
		return unchecked("register_unsupported", f.normal)
	case shape.MatchString(compact) && !ownSum(country, given) && identifiers.OfPerson(countries, given) != identifiers.Unlike:
		return doubtful(codeShape, f.normal)
	case shape.MatchString(compact):
		f.code = string(identifiers.ShapeOnly)
	case sure:
		return bad("register_shape")
	default:
		return doubtful("register_shape", f.normal)
	}
	return f
}

func compacted(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '.' || r == '-' {
			return -1
		}
		return unicode.ToUpper(r)
	}, s)
}

// prefixes are what people write before a number of a register, and what may follow it:
// with them it is the same number.
var prefixes = map[string]*regexp.Regexp{
	"AT": regexp.MustCompile(`^(?:FN)?([0-9]+[A-Z])$`),
	"BE": regexp.MustCompile(`^(?:BE)?([0-9]+)$`),
	"DK": regexp.MustCompile(`^(?:CVR|DK)?(?:NR)?([0-9]+)$`),
	"FR": regexp.MustCompile(`^(?:FR[0-9A-Z]{2}|[A-Z]*)([0-9]{9})(?:[0-9]{5})?[A-Z]*$`),
	"GB": regexp.MustCompile(`^0*([A-Z0-9]+)$`),
	"IT": regexp.MustCompile(`^(?:REA)?([A-Z0-9]+)$`),
	"NL": regexp.MustCompile(`^(?:KVK)?(?:NR)?([0-9]+)$`),
	"PL": regexp.MustCompile(`^(?:KRS)?0*([0-9]+)$`),
	"SE": regexp.MustCompile(`^(?:SE)?([0-9]{10})(?:01)?$`),
}

// german numbers say what they are before the number or behind it.
var german = []*regexp.Regexp{
	regexp.MustCompile(`(HRA|HRB|GNR|GSR|PR|VR)(?:NR|NUMMER)?0*([0-9]+)[A-Z]*$`),
	regexp.MustCompile(`0*([0-9]+)(HRA|HRB|GNR|GSR|PR|VR)`),
}

// registered is a number of a register as it is found again, however it was written. Which
// register it is stands in a text that people write as they like, so it is not asked: most
// countries have one number for all of them, and in the others two people look once in
// a while.
func registered(country, normal string) string {
	n := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, strings.ToUpper(normal))
	if country == "DE" {
		if m := german[0].FindStringSubmatch(n); m != nil {
			return m[1] + m[2]
		}
		if m := german[1].FindStringSubmatch(n); m != nil {
			return m[2] + m[1]
		}
	}
	if p := prefixes[country]; p != nil {
		if m := p.FindStringSubmatch(n); m != nil {
			return m[1]
		}
	}
	return n
}

// postalShapes are the postal codes of the countries where most merchants are.
var postalShapes = map[string]*regexp.Regexp{
	"AT": regexp.MustCompile(`^[0-9]{4}$`),
	"BE": regexp.MustCompile(`^[0-9]{4}$`),
	"CN": regexp.MustCompile(`^[0-9]{6}$`),
	"DE": regexp.MustCompile(`^[0-9]{5}$`),
	"DK": regexp.MustCompile(`^[0-9]{4}$`),
	"ES": regexp.MustCompile(`^[0-9]{5}$`),
	"FR": regexp.MustCompile(`^[0-9]{5}$`),
	"GB": regexp.MustCompile(`^[A-Z]{1,2}[0-9][0-9A-Z]?[0-9][A-Z]{2}$`),
	"IT": regexp.MustCompile(`^[0-9]{5}$`),
	"NL": regexp.MustCompile(`^[0-9]{4}[A-Z]{2}$`),
	"PL": regexp.MustCompile(`^[0-9]{5}$`),
	"PT": regexp.MustCompile(`^[0-9]{7}$`),
	"SE": regexp.MustCompile(`^[0-9]{5}$`),
	"US": regexp.MustCompile(`^[0-9]{5}([0-9]{4})?$`),
}

func ofPostalCode(value masking.Text, country string) finding {
	f := homeOf([]string{country}).ofText(masking.Normalize(masking.Name, value, ""))
	if shape, known := postalShapes[country]; f.outcome == identifiers.Valid && known && !shape.MatchString(compacted(f.normal)) {
		return doubtful("postal_code_shape", f.normal)
	}
	return f
}
