package identifiers

import (
	"iter"
	"regexp"
	"slices"
	"strings"
)

// Likeness says how surely something is the number of a natural person.
type Likeness int

// A check digit that fits says little by itself: of some kinds one number in twenty-five
// passes. So it proves a number only where people would have it, in its country or beside
// its name; elsewhere people look.
const (
	Unlike    Likeness = iota
	Alike              // by its shape alone, which as well can be that of something else
	Elsewhere          // by its check digits, of another country than it is said to be from
	Proved             // by its check digits, or by the way it is written
)

// proof is what makes a number a person's, whatever field it stands in: its check digits,
// and all else that such a number has.
type proof struct {
	country string
	names   []string       // by which texts name it, with or without the number behind
	written *regexp.Regexp // with its punctuation; nil: it has none
	proves  func(number string) bool
	// alike: chance makes too many of them, or businesses have the same; nothing is proved.
	alike bool
}

var proofs = []proof{
	{"ES", []string{"DNI", "NIE", "NIF"}, regexp.MustCompile(`^[XYZ]?-?[0-9]{1,2}\.?[0-9]{3}\.?[0-9]{3}-?[A-Z]$`), dni, false},
	{"PL", []string{"PESEL"}, nil, func(n string) bool { return pesel(n) && peselDate(n) }, false},
	{"DE", []string{"STEUERID", "STEUER-ID", "IDNR", "STEUERIDENTIFIKATIONSNUMMER", "IDENTIFIKATIONSNUMMER"}, nil, taxpayerDE, false},
	{"BE", []string{"RIJKSREGISTERNUMMER", "INSZ", "NISS"}, regexp.MustCompile(`^[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}[.-][0-9]{2}$`), func(n string) bool { return registered(n) && monthDay(n[2:4], n[4:6], 20, 0) }, false},
	{"SE", []string{"PERSONNUMMER", "PERSONNR"}, regexp.MustCompile(`^([0-9]{2})?[0-9]{6}[-+][0-9]{4}$`), func(n string) bool { return personnummer(n) && swedishDate(n) }, false},
	{"BR", []string{"CPF"}, regexp.MustCompile(`^[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}$`), cpf, false},
	{"US", []string{"SSN"}, regexp.MustCompile(`^[0-8][0-9]{2}-[0-9]{2}-[0-9]{4}$`), nil, false},
	{"CZ", nil, regexp.MustCompile(`^[0-9]{6}/[0-9]{3,4}$`), birthNumber, true}, // and of Slovakia
	{"RO", []string{"CNP"}, nil, cnp, true},
	{"FI", []string{"HETU"}, regexp.MustCompile(`^[0-9]{6}[-+][0-9]{3}[0-9A-Y]$`), hetu, true},
	{"DK", []string{"CPR"}, regexp.MustCompile(`^[0-9]{6}-[0-9]{4}$`), func(n string) bool { return sized(n, 10) && monthDay(n[2:4], n[:2], 0, 0) }, true},
	{"BG", []string{"EGN"}, nil, egn, true},
	{"LT", nil, nil, balticCode, true}, // and of Estonia
	{"HR", []string{"OIB"}, nil, func(n string) bool { return sized(n, 11) && hybrid11(n) }, true},
}

// named says that a word is a name for it; its country in front of it is one.
func (p *proof) named(word string) bool { return word == p.country || slices.Contains(p.names, word) }

// namedIn says that a text names such a number.
func (p *proof) namedIn(spelt string) bool {
	for _, name := range p.names {
		for rest := spelt; ; {
			at := strings.Index(rest, name)
			if at < 0 {
				break
			}
			end := at + len(name)
			if (at == 0 || !letter(rest[at-1])) && (end == len(rest) || !letter(rest[end])) {
				return true
			}
			rest = rest[end:]
		}
	}
	return false
}

// fits says that a number is one, as it is written or without any punctuation. Where there
// are no check digits, the way it is written is all that there is.
func (p *proof) fits(number string) bool {
	bare := !strings.ContainsAny(number, marks)
	switch {
	case bare && p.proves == nil:
		return false
	case !bare && (p.written == nil || !p.written.MatchString(number)):
		return false
	}
	return p.proves == nil || p.proves(strings.Map(unmarked, number))
}

func unmarked(r rune) rune {
	if strings.ContainsRune(marks, r) {
		return -1
	}
	return r
}

// weighs says what such a number is worth in these countries.
func (p *proof) weighs(countries []string, prefix string) Likeness {
	home := slices.Contains(countries, p.country) || p.named(prefix)
	switch {
	case p.alike && p.country == "HR" && !home: // one number of eleven digits in ten fits
		return Unlike
	case p.alike:
		return Alike
	case home:
		return Proved
	}
	return Elsewhere
}

// long says that a number is one that chance does not make: a resident's, a fiscal code,
// a French one. Where it was put together from parts, the French one is cut where people
// cut it.
func long(n string, cuts []int) bool {
	if residentID(n) || fiscalCode(n) {
		return true
	}
	for _, at := range cuts {
		if !slices.Contains([]int{1, 3, 5, 7, 10, 13}, at) {
			return false
		}
	}
	return nir(n) && nirKey(n)
}

// shapes have no check digit that proves anything.
var shapes = []func(number string) bool{
	fiscal.MatchString, nir, residentShape, nino.MatchString, dutchTrader.MatchString,
	func(n string) bool { return sized(n, 9) && americanArea(n) || bsn(n) },
}

var (
	nino        = regexp.MustCompile(`^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]$`)
	dutchTrader = regexp.MustCompile(`^NL[0-9]{9}B[0-9]{2}$`)
)

func shaped(n string) bool {
	return slices.ContainsFunc(shapes, func(is func(string) bool) bool { return is(n) })
}

// OfPerson says whether a number could be a natural person's, of whatever country, where
// it is said to be one of a business of these countries.
func OfPerson(countries []string, given string) Likeness {
	n, _ := normalise(given)
	n = folded(n)
	best := Unlike
	for prefix, form := range forms(n) {
		if long(form, nil) {
			return Proved
		}
		if shaped(form) {
			best = max(best, Alike)
		}
		for i := range proofs {
			if p := &proofs[i]; p.fits(form) {
				best = max(best, p.weighs(countries, prefix))
			}
		}
	}
	return best
}

// forms are a number and what is left of it without letters before it: of a country, or
// a word for what it is.
func forms(n string) iter.Seq2[string, string] {
	letters := 0
	for letters < len(n) && letter(n[letters]) {
		letters++
	}
	return func(yield func(prefix, form string) bool) {
		if !yield("", n) || letters < 2 || len(n) == letters {
			return
		}
		for _, at := range []int{2, letters - 1, letters} {
			if !yield(n[:at], n[at:]) {
				return
			}
		}
	}
}
