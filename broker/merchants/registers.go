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

var shortCompany = regexp.MustCompile(`^[0-9]{6,7}$`)

// registerShapes are the numbers of the registers of commerce, as written
// without blanks, dots and hyphens. Where a check digit is known from the VAT
// number, that check is asked as well.
var registerShapes = map[string]*regexp.Regexp{
	"AT": regexp.MustCompile(`^(FN)?[0-9]{1,6}[A-Z]$`),
	"BE": regexp.MustCompile(`^(BE)?[01][0-9]{9}$`),
	"DE": regexp.MustCompile(`^(HRA|HRB|GNR|GSR|PR|VR)[0-9]{1,6}[A-Z]{0,3}$`),
	"DK": regexp.MustCompile(`^(CVR)?[0-9]{8}$`),
	"ES": regexp.MustCompile(`^[A-HJNP-SUVW][0-9]{7}[0-9A-J]$`),
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

// hungarian is a business's number as it is written: the court, the form, six digits; or
// that of its taxes, with the kind of VAT and the county.
var hungarian = regexp.MustCompile(`^((0[1-9]|1[0-9]|20)[- ]?(0[1-9]|1[0-9]|2[0-3])[- ]?[0-9]{6}|[0-9]{8}-[1-5]-[0-9]{2})$`)

// ofRegister is the number of a business in a register. Registers write their
// numbers in many ways, so what has another shape is for a person to look up.
func (p *Pack) ofRegister(r *Registration, at Pointer, given string) finding {
	switch kind := p.registerKind(r, at); kind {
	case string(identifiers.USCC), string(identifiers.LEI):
		return number(identifiers.Check(identifiers.Kind(kind), "", given))
	case companyNumbers:
		whose := r.whose(at)
		whose.Countries = append([]string{"GB"}, whose.Countries...)
		return inRegister(whose, given, true)
	}
	return inRegister(r.whose(at), given, false)
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

func inRegister(whose identifiers.Whose, given string, sure bool) finding {
	country := whose.Countries[0]
	f := homeOf(whose.Countries).ofText(masking.Normalize(masking.Name, masking.NewText(given), ""))
	if f.outcome != identifiers.Valid {
		f.personal = ofPerson(whose, given)
		return f
	}
	shape, known := registerShapes[country]
	compact := compacted(f.normal)
	if shortCompany.MatchString(compact) && sure { // people leave its first zeros out
		compact = strings.Repeat("0", 8-len(compact)) + compact
		f.normal = compact
	}
	switch {
	case ofPerson(whose, given):
		f.personal = true
		f.outcome, f.code = identifiers.Invalid, string(identifiers.PersonalID)
	case !known:
		return unchecked("register_unsupported", f.normal)
	case shape.MatchString(compact) && !ownSum(country, given) && identifiers.OfPerson(whose, given) != identifiers.Unlike:
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

// prefixes are what people write before a number of a register, and what may follow it,
// places and courts among it: with them it is the same number. The first that fits counts.
var prefixes = map[string][]*regexp.Regexp{
	"AT": forms(`0*([0-9]+[A-Z])`),
	"BE": forms(`(0?[0-9]{9}|1[0-9]{9})`),
	"DK": forms(`([0-9]{8})`),
	"ES": forms(`([A-W][0-9]{7}[0-9A-J])`),
	"FR": append([]*regexp.Regexp{regexp.MustCompile(`^FR[0-9A-Z]{2}([0-9]{9})$`)}, forms(`([0-9]{9})(?:[0-9]{5})?`)...),
	"GB": {regexp.MustCompile(`^0*([A-Z0-9]+)$`)},
	"HU": forms(`([0-9]{10})`),
	"IE": forms(`0*([0-9]{5,6})`),
	"IT": append(forms(`([0-9]{11})`), forms(`([A-Z]{2}[0-9]{5,7})`)...),
	"LU": forms(`([A-L])0*([0-9]{1,6})`),
	"NL": forms(`([0-9]{8})`),
	"PL": forms(`0*([1-9][0-9]*)`),
	"SE": forms(`([0-9]{10})(?:01)?`),
	// German numbers say what they are before the number or behind it, and a place that
	// follows can have a number of its own.
	"DE": {
		regexp.MustCompile(`(HRA|HRB|GNR|GSR|PR|VR)(?:NR|NUMMER)?0*([0-9]+)`),
		regexp.MustCompile(`^\p{L}*?([AB])(?:NR|NUMMER)?0*([0-9]+)\p{L}*$`),
		regexp.MustCompile(`()0*([0-9]+)(HRA|HRB|GNR|GSR|PR|VR)`),
	},
}

// forms is a number with letters around it, of whatever alphabet.
func forms(number string) []*regexp.Regexp {
	return []*regexp.Regexp{regexp.MustCompile(`^\p{L}*?` + number + `\p{L}*$`)}
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
	for _, form := range prefixes[country] {
		if m := form.FindStringSubmatch(n); m != nil {
			return uniform(country, m[1:])
		}
	}
	return n
}

// uniform is what a form has found: in Belgium with the zero that older numbers lack,
// in Germany with the register before the number.
func uniform(country string, found []string) string {
	switch {
	case country == "BE" && len(found[0]) == 9:
		return "0" + found[0]
	case len(found) == 3:
		return found[2] + found[1]
	case country == "DE" && len(found[0]) == 1:
		return "HR" + strings.Join(found, "")
	}
	return strings.Join(found, "")
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
