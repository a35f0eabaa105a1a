package merchants

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"bauta.dev/bauta/broker/merchants/identifiers"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// The rules of this package, beside the kinds of identifiers.
const (
	ruleText         = "text"
	ruleName         = "name"
	ruleAddress      = "address"
	ruleEmail        = "email"
	rulePhone        = "phone"
	ruleCountry      = "country"
	rulePostalCode   = "postal_code"
	ruleURL          = "url"
	ruleDate         = "date"
	ruleEnum         = "enum"
	ruleType         = "type"
	ruleAccount      = "account"
	ruleNumbered     = "numbered"     // by the kind beside it, and the country
	ruleRegistration = "registration" // of a business, likewise
)

// finding is what a check says, with the value in the form in which it is shown
// and compared.
type finding struct {
	outcome identifiers.Outcome
	code    string
	normal  string
	// personal: it identifies a natural person; maybe: it can, and nothing tells.
	personal, maybe bool
}

func bad(code string) finding    { return finding{outcome: identifiers.Invalid, code: code} }
func good(normal string) finding { return finding{outcome: identifiers.Valid, normal: normal} }
func doubtful(code, normal string) finding {
	return finding{outcome: identifiers.Suspect, code: code, normal: normal}
}

func unchecked(code, normal string) finding {
	return finding{outcome: identifiers.Unsupported, code: code, normal: normal}
}
func refused(err error) finding { return bad(fault.Of(err).Code) }

// ruleWords are the rules for people.
var ruleWords = []struct{ Rule, Says string }{
	{ruleText, "up to 200 characters, none of which can't be seen or turns the text round; scripts that look alike are suspect"},
	{ruleName, "a text with a letter in it; an e-mail address or a link in it is suspect"},
	{ruleAddress, "a text of up to 300 characters"},
	{ruleEmail, "one address, as RFC 5321 has it; letters of two scripts are suspect"},
	{rulePhone, "a possible number, kept as E.164; without a country code it is read as one of the country beside it, or of the address"},
	{ruleCountry, "an assigned code of ISO 3166-1 alpha-2"},
	{rulePostalCode, "a text; another shape than that of its country is suspect, where the shape is known"},
	{ruleURL, "begins with https, and names a host and no user"},
	{ruleDate, "a day that there is, as 2026-03-04"},
	{ruleEnum, "one of the values of its row"},
	{ruleType, "a type of merchant"},
	{ruleAccount, "a text; never public"},
	{ruleNumbered, "the kind of number that is said beside it, of the country beside it; other kinds are unsupported"},
	{ruleRegistration, "a USCC, a LEI, the number of a British company, or the shape of a number of the country's register; another shape is suspect, another register unsupported, a person's number refused"},
}

// Checks are all that a pack can name.
func Checks() []string {
	var all []string
	for _, w := range ruleWords {
		all = append(all, w.Rule)
	}
	for _, k := range identifiers.Kinds() {
		all = append(all, string(k))
	}
	return all
}

// look checks a value that is there.
func (p *Pack) look(r *Registration, f *Field, at Pointer) finding {
	return p.lookFrom(r, f, at, r.whose(at))
}

// lookFrom knows whose value it is.
func (p *Pack) lookFrom(r *Registration, f *Field, at Pointer, whose identifiers.Whose) finding {
	value := r.value(at)
	given, home := value.Reveal(), homeOf(whose.Countries)
	switch f.Check {
	case ruleEnum:
		return oneOf(given, f.Values)
	case ruleType:
		return oneOf(given, []string{string(Company), string(SoleTrader), string(Exempt)})
	case ruleName:
		return ofName(home, value)
	case ruleText:
		return home.ofText(masking.Normalize(masking.Name, value, ""))
	case ruleAddress:
		return home.ofAddress(masking.NormalizeAddress(masking.Address{Street: value}))
	case ruleEmail:
		return home.ofText(masking.Normalize(masking.Email, value, ""))
	case rulePhone:
		return plainForm(home, given, home.ofText(masking.Normalize(masking.Phone, value, whose.Countries[0])))
	case ruleAccount:
		return home.ofText(masking.Normalize(masking.Name, value, ""))
	case ruleNumbered:
		return ofKind(r.at(at.beside("kind")), whose, given)
	case ruleRegistration:
		return p.ofRegister(r, at, given)
	}
	return lookPlain(f, value, whose.Countries)
}

func lookPlain(f *Field, value masking.Text, countries []string) finding {
	given := value.Reveal()
	switch f.Check {
	case ruleCountry:
		c, err := masking.NormalizeCountry(given)
		if err != nil {
			return refused(err)
		}
		return good(c)
	case rulePostalCode:
		return ofPostalCode(value, countries[0])
	case ruleURL:
		return ofURL(homeOf(countries), given)
	case ruleDate:
		day, err := time.Parse(time.DateOnly, given)
		if err != nil || day.Year() < 1850 || day.Year() > 2200 {
			return bad("not_a_date")
		}
		return good(given)
	}
	return number(identifiers.Check(identifiers.Kind(f.Check), countries[0], given))
}

// homes are the countries of a registration's register and address; empty, where none is
// said.
type homes struct{ registration, address string }

func (r *Registration) homes() homes {
	return homes{r.countryAt("/registration/country"), r.countryAt("/address/country")}
}

// countryAt is what a country's field says; empty, if that is none.
func (r *Registration) countryAt(at Pointer) string {
	given := r.at(at)
	if given == "" {
		return ""
	}
	c, err := masking.NormalizeCountry(given)
	if err != nil {
		return ""
	}
	return c
}

// country is the one that stands beside a value, else that of the address.
func (r *Registration) country(at Pointer) string { return r.countryFrom(at, r.homes()) }

func (r *Registration) countryFrom(at Pointer, h homes) string {
	own := ""
	beside := at.beside("country")
	switch beside {
	case "/registration/country":
		own = h.registration
	case "/address/country":
		own = h.address
	default:
		own = r.countryAt(beside)
	}
	if own = cmp.Or(own, h.address); own != "" {
		return own
	}
	return strings.ToUpper(strings.TrimSpace(r.at(beside))) // EL and XI are countries of VAT alone
}

// whose says where a value and whoever gave it are at home: the country beside it, or of
// the address, and those of register and address.
func (r *Registration) whose(at Pointer) identifiers.Whose { return r.whoseFrom(at, r.homes()) }

func (r *Registration) whoseFrom(at Pointer, h homes) identifiers.Whose {
	all := append(make([]string, 0, 3), r.countryFrom(at, h))
	for _, c := range []string{h.registration, h.address} {
		if c != "" && !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	return identifiers.Whose{Countries: all, Person: r.Type == SoleTrader || r.Type == Exempt}
}

// number turns the result of a check into a finding. Of Dutch numbers nothing
// says whose they are; of others that are personal, it is known.
func number(r identifiers.Result) finding {
	dutch := strings.HasPrefix(r.Normal(), "NL") && r.Code != identifiers.PersonalID
	return finding{outcome: r.Outcome, code: string(r.Code), normal: r.Normal(), personal: r.Personal && !dutch, maybe: r.Personal && dutch}
}

// ofKind is a number whose kind is said beside it.
func ofKind(kind string, whose identifiers.Whose, given string) finding {
	f := number(identifiers.Check(identifiers.Kind(kind), whose.Countries[0], given))
	if f.code == string(identifiers.KindUnsupported) {
		return heldBack(whose, given, homeOf(whose.Countries).ofText(masking.Normalize(masking.Name, masking.NewText(given), "")))
	}
	return f
}

// heldBack: nobody has checked it, and it waits for a person.
func heldBack(whose identifiers.Whose, given string, f finding) finding {
	if f.outcome == identifiers.Invalid {
		return f
	}
	f.outcome, f.code = identifiers.Unsupported, string(identifiers.KindUnsupported)
	f.personal = ofPerson(whose, given)
	return f
}

// ofPerson asks the checks of a number's country, and that of a Chinese resident, whose
// number it would be; and what the other countries' persons have.
func ofPerson(whose identifiers.Whose, given string) bool {
	country := whose.Countries[0]
	if o := identifiers.Check(identifiers.RIC, "", given).Outcome; o == identifiers.Valid || o == identifiers.Suspect {
		return true
	}
	if country == "US" {
		return identifiers.Check(identifiers.EIN, "", given).Code == identifiers.PersonalID
	}
	r := identifiers.Check(identifiers.VAT, country, given)
	return r.Code == identifiers.PersonalID || r.Personal && (r.Outcome == identifiers.Valid || r.Outcome == identifiers.Suspect) && country != "NL" ||
		!ownSum(country, given) && identifiers.OfPerson(whose, given) == identifiers.Proved
}

// ownSum: the number passes the check of its own country's business numbers, or is written
// as they alone are, so that it passes another country's check of persons as well says nothing.
func ownSum(country, given string) bool {
	n := compacted(given)
	switch country {
	case "HU":
		return hungarian.MatchString(strings.TrimSpace(given))
	case "FR":
		if n = registered(country, n); len(n) != 9 { // the SIREN, whatever stands before it
			return false
		}
		siren, err := strconv.Atoi(n)
		return err == nil && validVAT("FR", fmt.Sprintf("%02d%09d", (12+3*(siren%97))%97, siren))
	case "SE":
		return validVAT("SE", n+"01")
	case "IT", "BE", "DK", "ES", "PL":
		return validVAT(country, n)
	}
	return false
}

func validVAT(country, number string) bool {
	r := identifiers.Check(identifiers.VAT, country, number)
	return r.Outcome == identifiers.Valid && !r.Personal
}

func oneOf(given string, values []string) finding {
	if !slices.Contains(values, given) {
		return bad(codeNotOneOf)
	}
	return good(given)
}

func (home script) ofText(t masking.Text, err error) finding {
	if err != nil {
		return refused(err)
	}
	s := t.Reveal()
	if code := suspicious(home, s); code != "" {
		return doubtful(code, s)
	}
	return good(s)
}

func (home script) ofAddress(a masking.Address, err error) finding {
	if err != nil {
		if fields := fault.Of(err).Fields; len(fields) > 0 {
			return bad(fields[0].Code)
		}
		return refused(err)
	}
	return home.ofText(a.Street, nil)
}

// ofName: a name is read, so it has a letter; what is in it besides one is not
// for its field.
func ofName(home script, value masking.Text) finding {
	f := home.ofText(masking.Normalize(masking.Name, value, ""))
	switch {
	case f.outcome == identifiers.Invalid:
		return f
	case !strings.ContainsFunc(f.normal, unicode.IsLetter):
		return bad("not_a_name")
	case strings.ContainsRune(f.normal, '@') || strings.Contains(f.normal, "://"):
		return doubtful("contact_in_name", f.normal)
	}
	return f
}

// plainForm: digits of another width or script were understood, and are for
// a person to compare.
func plainForm(home script, given string, f finding) finding {
	if f.outcome == identifiers.Valid {
		if code := suspicious(home, given); code != "" {
			return doubtful(code, f.normal)
		}
	}
	return f
}

func ofURL(home script, given string) finding {
	u, err := url.Parse(given)
	if err != nil || len(given) > 2048 || u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return bad("not_a_url")
	}
	if code := suspicious(home, given); code != "" {
		return doubtful(code, given)
	}
	return good(u.String())
}
