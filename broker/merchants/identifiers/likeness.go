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
	written *regexp.Regexp // with its punctuation; nil: it has none
	parts   []string       // the lengths of its parts, as people write them apart
	proves  func(number string) bool
	// alike: chance makes too many of them; without its name at home nothing is proved.
	alike bool
	// trade: businesses have the same number.
	trade bool
}

var proofs = []proof{
	{"ES", regexp.MustCompile(`^[XYZ]?-?[0-9]{1,2}\.?[0-9]{3}\.?[0-9]{3}-?[A-Z]$`), []string{"81", "171", "18", "2331", "11331"}, dni, false, false},
	{"PL", nil, []string{"65", "245", "2225"}, func(n string) bool { return pesel(n) && peselDate(n) }, false, false},
	{"DE", nil, []string{"2333"}, taxpayerDE, false, false},
	{"BE", regexp.MustCompile(`^[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}[.-][0-9]{2}$`), []string{"632", "65", "22232", "2225"}, func(n string) bool { return registered(n) && monthDay(n[2:4], n[4:6], 20, 0) }, false, false},
	{"SE", regexp.MustCompile(`^([0-9]{2})?[0-9]{6}[-+][0-9]{4}$`), []string{"64", "84", "2224", "4224"}, func(n string) bool { return personnummer(n) && swedishDate(n) }, false, false},
	{"BR", regexp.MustCompile(`^[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}$`), []string{"3332", "92"}, cpf, false, false},
	{"US", regexp.MustCompile(`^[0-8][0-9]{2}-[0-9]{2}-[0-9]{4}$`), []string{"324"}, nil, false, false},
	{"CZ", regexp.MustCompile(`^[0-9]{6}/[0-9]{3,4}$`), []string{"63", "64"}, birthNumber, true, false}, // and of Slovakia
	{"RO", nil, []string{"166", "1666", "1226", "12226"}, cnp, true, false},
	{"FI", regexp.MustCompile(`^[0-9]{6}[-+][0-9]{3}[0-9A-Y]$`), []string{"64"}, hetu, true, false},
	{"DK", regexp.MustCompile(`^[0-9]{6}-[0-9]{4}$`), []string{"64", "2224"}, func(n string) bool { return sized(n, 10) && monthDay(n[2:4], n[:2], 0, 0) }, true, false},
	{"BG", nil, []string{"64"}, egn, true, false},
	{"LT", nil, []string{"164", "74", "65"}, balticCode, true, false}, // and of Estonia
	{"HR", nil, nil, func(n string) bool { return sized(n, 11) && hybrid11(n) }, true, true},
	{"GB", nil, []string{"22221", "261", "27", "2223"}, nino.MatchString, true, false},
	{"NL", nil, []string{"333", "423"}, bsn, true, false},
}

// names are by which texts name a number: its place among the proofs.
var names = named([][]string{
	{"DNI", "NIE", "NIF"},
	{"PESEL"},
	{"STEUERID", "STEUER ID", "STEUER IDNR", "IDNR", "STEUERIDENTNUMMER", "STEUERIDENTIFIKATIONSNUMMER", "STEUER IDENTIFIKATIONSNUMMER", "IDENTIFIKATIONSNUMMER"},
	{"RIJKSREGISTERNUMMER", "INSZ", "NISS"},
	{"PERSONNUMMER", "PERSONNR"},
	{"CPF"},
	{"SSN", "SOCIAL SECURITY"},
	{},
	{"CNP"},
	{"HETU"},
	{"CPR"},
	{"EGN"},
	{},
	{"OIB"},
	{"NINO", "NATIONAL INSURANCE"},
	{"BSN", "BURGERSERVICENUMMER"},
})

func named(rows [][]string) map[[2]string]int {
	all := map[[2]string]int{}
	for at, row := range rows {
		for _, name := range row {
			first, second, _ := strings.Cut(name, " ")
			all[[2]string{first, second}] = at
		}
	}
	return all
}

// sisters have the numbers of another country.
var sisters = map[string]string{"SK": "CZ", "EE": "LT"}

// Everywhere are the countries of all these numbers.
func Everywhere() []string {
	all := make([]string, 0, len(proofs)+len(shapes))
	for i := range proofs {
		all = append(all, proofs[i].country)
	}
	for i := range shapes {
		all = append(all, shapes[i].country)
	}
	return all
}

// of says that the people who have such numbers are at home in one of these countries.
func (p *proof) of(countries []string) bool {
	for _, c := range countries {
		if c == p.country || sisters[c] == p.country {
			return true
		}
	}
	return false
}

// fits says that a number is one, as it is written or, where it is bare, without any
// punctuation. Where there are no check digits, the way it is written is all that there is.
func (p *proof) fits(number string, bare bool) bool {
	switch {
	case bare && p.proves == nil:
		return false
	case bare:
		return p.proves(number)
	case p.written == nil || !p.written.MatchString(number):
		return false
	}
	return p.proves == nil || p.proves(strings.Map(unmarked, number))
}

func unmarked(r rune) rune {
	if marked(r) {
		return -1
	}
	return r
}

// weighs says what such a number is worth, where its people are at home or its name stands.
func (p *proof) weighs(home, named bool) Likeness {
	switch {
	case p.trade && !home && !named: // one number of eleven digits in ten fits
		return Unlike
	case p.trade, p.alike && (!home || !named):
		return Alike
	case home || named:
		return Proved
	}
	return Elsewhere
}

// joined says what a number is worth that was put together from parts that stand side by
// side, if its check digits fit. Telephones make some by chance: so only its name, or parts
// as people write them where they have such numbers, prove it.
func (p *proof) joined(number string, home, named, written bool) Likeness {
	switch {
	case p.proves == nil && !americanParts(number, named, written):
		return Unlike
	case named, written:
		return p.weighs(home, named)
	case p.alike:
		return Unlike
	}
	return Alike
}

// americanParts: there are no check digits, so its name or the way it is written has to do.
func americanParts(number string, named, written bool) bool {
	return sized(number, 9) && (written && number[0] != '9' || named && americanArea(number))
}

// long says that a number is one that chance does not make: a resident's, a fiscal code,
// a French one.
func long(n string) bool {
	switch len(n) {
	case 18:
		return residentID(n)
	case 16:
		return fiscalCode(n)
	case 15:
		return nirKey(n)
	}
	return false
}

// nirCuts are where people part a French number.
var nirCuts = []int{1, 3, 5, 7, 10, 13}

// shapes have no check digit that proves anything.
var shapes = []struct {
	country string
	lengths [2]int
	is      func(number string) bool
}{
	{"IT", [2]int{16, 16}, fiscal.MatchString},
	{"FR", [2]int{15, 15}, nir},
	{"CN", [2]int{15, 18}, residentShape},
	{"GB", [2]int{9, 9}, nino.MatchString},
	{"NL", [2]int{14, 14}, dutchTrader.MatchString},
	{"US", [2]int{9, 9}, func(n string) bool { return sized(n, 9) && americanArea(n) }},
	{"NL", [2]int{9, 9}, bsn},
}

var (
	nino        = regexp.MustCompile(`^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]$`)
	dutchTrader = regexp.MustCompile(`^NL[0-9]{9}B[0-9]{2}$`)
)

func shaped(n string) bool {
	for i := range shapes {
		if x := &shapes[i]; x.lengths[0] <= len(n) && len(n) <= x.lengths[1] && x.is(n) {
			return true
		}
	}
	return false
}

// shaped: the number of an account in a link can have any of these shapes, and that of
// Facebook always has the French one.
func (s *searched) shaped(n string) bool {
	if !s.link {
		return shaped(n)
	}
	for i := range shapes {
		if x := &shapes[i]; x.country != "FR" && slices.Contains(s.at, x.country) && x.lengths[0] <= len(n) && len(n) <= x.lengths[1] && x.is(n) {
			return true
		}
	}
	return false
}

// OfPerson says whether a number could be a natural person's, of whatever country, where
// it is said to be one of a business of these countries.
func OfPerson(countries []string, given string) Likeness {
	n, _ := normalise(given)
	n = folded(n)
	best, bare := Unlike, !strings.ContainsAny(n, marks)
	for prefix, form := range forms(n) {
		if long(form) {
			return Proved
		}
		if shaped(form) {
			best = max(best, Alike)
		}
		for i := range proofs {
			if p := &proofs[i]; p.fits(form, bare) {
				at, known := names[[2]string{prefix}]
				best = max(best, p.weighs(p.of(countries) || p.of([]string{prefix}), known && at == i))
			}
		}
	}
	return best
}

// OwnPerson says that a number could be that of a person of this very country.
func OwnPerson(country, given string) bool {
	n, _ := normalise(given)
	n = folded(n)
	for i := range proofs {
		if p := &proofs[i]; !p.trade && p.of([]string{country}) && p.fits(strings.TrimPrefix(n, country), true) {
			return true
		}
	}
	return false
}

// forms are a number and what is left of it without letters before it: of a country, or
// a word for what it is.
func forms(n string) iter.Seq2[string, string] {
	letters := led(n)
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
