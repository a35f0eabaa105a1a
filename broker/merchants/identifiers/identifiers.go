// Package identifiers decides whether the number that a business gives can be
// one: by its length, its characters and its check digits, as the standard or
// law named in each row has them. It asks no register: valid never means that
// the number was given to anybody.
package identifiers

import (
	"slices"
	"strings"
)

// Outcome is what a check says. The four are part of the API.
type Outcome string

// A suspect number is for a person to look at; so is one that is not supported,
// which nobody has checked.
const (
	Valid       Outcome = "valid"
	Suspect     Outcome = "suspect"
	Invalid     Outcome = "invalid"
	Unsupported Outcome = "unsupported"
)

// Kind is what a number is said to be.
type Kind string

// The kinds of the API.
const (
	USCC Kind = "uscc"
	RIC  Kind = "ric"
	LEI  Kind = "lei"
	IBAN Kind = "iban"
	GLN  Kind = "gln"
	VAT  Kind = "vat"
	EORI Kind = "eori"
	EIN  Kind = "ein"
)

// Result is what a check says of one number. It can be printed, logged and
// written as JSON: the number is not among what is shown.
type Result struct {
	Outcome Outcome `json:"outcome"`
	Code    Code    `json:"code,omitempty"` // why; empty where there is nothing to say
	// Personal: the number identifies, or may identify, a natural person. It is
	// never public, and where it was given for a public field it is not kept.
	Personal bool `json:"personal"`

	normal *string // a pointer: in an unexported field fmt prints an address
}

// Normal is the number as it is compared and kept: without blanks, dots and
// hyphens, in capitals, full-width forms made plain, a VAT number with its
// country before it. It may be personal: it is for the vault, or for a field
// that Personal does not bar.
func (r Result) Normal() string {
	if r.normal == nil {
		return ""
	}
	return *r.normal
}

// Row is one check: what it takes and who says so.
type Row struct {
	Kind     Kind
	Country  string // of a VAT number; empty where the kind has one check for all
	Shape    string // for people
	Check    string // for people
	Standard string
	Personal string // when a number of this row is personal; empty for never

	check func(number string) finding
}

// finding is a result before it carries its number.
type finding struct {
	outcome  Outcome
	code     Code
	personal bool
}

func good() finding            { return finding{outcome: Valid} }
func bad(c Code) finding       { return finding{outcome: Invalid, code: c} }
func doubtful(c Code) finding  { return finding{outcome: Suspect, code: c} }
func unchecked(c Code) finding { return finding{outcome: Unsupported, code: c} }

func (f finding) ofPerson(personal bool) finding {
	f.personal = f.personal || personal
	return f
}

// unless is good, but for what is wrong.
func unless(wrong bool, c Code) finding {
	if wrong {
		return bad(c)
	}
	return good()
}

// Rows are all checks, in the order of the documents.
func Rows() []Row { return slices.Clone(rows) }

// Kinds are the kinds that there are.
func Kinds() []Kind { return []Kind{USCC, RIC, LEI, IBAN, GLN, VAT, EORI, EIN} }

// Check says what can be said of a number without asking anybody. The country
// is that of a VAT number (ISO 3166-1 alpha-2, EL or GR for Greece, XI for
// Northern Ireland); where it is empty the number begins with it. Other kinds
// have no use for it.
func Check(kind Kind, country, given string) Result {
	number, form := normalise(given)
	if kind == VAT {
		return checkVAT(country, given, number, form)
	}
	row, known := rowOf(kind, "")
	if !known {
		return result(unchecked(KindUnsupported), number)
	}
	return result(row.judge(number, given, form), number)
}

// judge lets the check see the number in plain characters, so that it is known
// whose it would be, and reports what was not plain. The body is the number, or
// what follows the country in it.
func (r Row) judge(body, given string, form Code) finding {
	f := guard(r.check(folded(body)), persons(r.Kind, r.Country), given, folded(body))
	f.personal = f.personal || r.Personal == always
	switch {
	case form == FullWidth && f.outcome == Valid:
		f.outcome, f.code = Suspect, FullWidth
	case form != "" && form != FullWidth:
		f.outcome, f.code = Invalid, form
	}
	return f
}

// guard reports a person's number where a business number belongs. What passes
// the check of its own kind stays what it is, as a rule.
func guard(f finding, guards []person, given, number string) finding {
	for _, p := range guards {
		if (p.sure || f.outcome != Valid && !f.personal) && p.is(given, number) {
			return finding{outcome: Invalid, code: PersonalID, personal: true}
		}
	}
	return f
}

func result(f finding, number string) Result {
	return Result{Outcome: f.outcome, Code: f.code, Personal: f.personal, normal: &number}
}

func rowOf(kind Kind, country string) (Row, bool) {
	for i := range rows {
		if rows[i].Kind == kind && rows[i].Country == country {
			return rows[i], true
		}
	}
	return Row{}, false
}

// blank says that a number is nothing but zeros, which most sums take.
func blank(number string) bool { return strings.Trim(number, "0") == "" }

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func alphanumeric(s string) bool {
	for i := range len(s) {
		if !plain(s[i]) {
			return false
		}
	}
	return s != ""
}

func letter(c byte) bool { return c >= 'A' && c <= 'Z' }

func plain(c byte) bool { return c >= '0' && c <= '9' || letter(c) }
