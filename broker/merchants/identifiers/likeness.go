package identifiers

import (
	"iter"
	"maps"
	"math/bits"
	"regexp"
	"slices"
	"strings"
	"unicode"
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

// longestKind is how many characters any of the kinds has.
const longestKind = 13

// index finds kinds, as sets of their places.
type index struct {
	names    map[[2]string]uint64 // one word, or two
	foreign  map[string]uint64    // names in other letters than ours
	homes    map[string]uint64    // by country
	ofLength [longestKind + 1]uint64
}

var kindTable = indexed()

func indexed() index {
	x := index{names: map[[2]string]uint64{}, foreign: map[string]uint64{}, homes: map[string]uint64{}}
	for i := range kinds {
		k, bit := &kinds[i], uint64(1)<<i
		for name := range strings.SplitSeq(k.names, "|") {
			switch first, second, _ := strings.Cut(name, " "); {
			case name == "":
			case ascii(name):
				x.names[[2]string{first, second}] |= bit
			default:
				x.foreign[name] |= bit
			}
		}
		for country := range strings.FieldsSeq(k.countries) {
			x.homes[country] |= bit
		}
		for n := k.lengths[0]; n <= k.lengths[1]; n++ {
			x.ofLength[n] |= bit
		}
	}
	return x
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] > unicode.MaxASCII {
			return false
		}
	}
	return true
}

// Whose is what is known of who gives a number: the countries that are its home, and that
// it is a natural person's own business.
type Whose struct {
	Countries []string
	Person    bool
}

func (w Whose) home() uint64 {
	var all uint64
	for _, c := range w.Countries {
		all |= kindTable.homes[c]
	}
	return all
}

// Everywhere is somebody who could be of any country.
func Everywhere() Whose {
	all := slices.Collect(maps.Keys(kindTable.homes))
	for i := range unmistakable {
		all = append(all, unmistakable[i].country)
	}
	return Whose{Countries: all}
}

// fitting are the kinds that a number fits, as it is written or, where it is bare, without
// any punctuation.
func fitting(number string, among uint64) uint64 {
	var all uint64
	bare := strings.Map(unmarked, number)
	if len(bare) > longestKind {
		return 0
	}
	for rest := among & kindTable.ofLength[len(bare)]; rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros64(rest)
		k := &kinds[i]
		if (len(bare) == len(number) || k.written != nil && k.written.MatchString(number)) && k.proves(bare) {
			all |= 1 << i
		}
	}
	return all
}

func unmarked(r rune) rune {
	if marked(r) {
		return -1
	}
	return r
}

// weighs says what a number that fits is worth: where its people are at home, where its name
// stands beside it, where it is written or parted as only such numbers are.
func (k *kind) weighs(home, named, written, person bool) Likeness {
	switch {
	case named && (person || !k.trade):
		return Proved
	case named:
		return Alike
	case home && (k.strength == rare || k.strength == likely && written):
		return Proved
	case home:
		return Alike
	case k.strength == rare:
		return Elsewhere
	case k.strength == likely:
		return Alike
	}
	return Unlike
}

// joined says what a number is worth that was put together from parts that stand side by
// side. Telephones make some by chance: so only its name, or parts as people write them
// where they have such numbers, prove it.
func (k *kind) joined(home, named, written, person bool) Likeness {
	switch {
	case named, written:
		return k.weighs(home, named, k.written != nil, person) // parts alone prove no more than the rare ones
	case k.strength < rare:
		return Unlike
	}
	return Alike
}

// long says that a number is one that chance does not make.
func long(n string) bool {
	for i := range unmistakable {
		if x := &unmistakable[i]; x.length == len(n) && x.proves(n) {
			return true
		}
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
		if x := &shapes[i]; x.country != "FR" && slices.Contains(s.whose.Countries, x.country) && x.lengths[0] <= len(n) && len(n) <= x.lengths[1] && x.is(n) {
			return true
		}
	}
	return false
}

// OfPerson says whether a number could be a natural person's, of whatever country, where
// it is said to be one of a business.
func OfPerson(whose Whose, given string) Likeness {
	n, _ := normalise(given)
	n = folded(n)
	best, homes := Unlike, whose.home()
	for prefix, form := range forms(n) {
		if long(form) {
			return Proved
		}
		if shaped(form) {
			best = max(best, Alike)
		}
		at, named := homes|kindTable.homes[prefix], kindTable.names[[2]string{prefix}]
		for fits := fitting(form, everyKind); fits != 0; fits &= fits - 1 {
			bit := fits & -fits
			best = max(best, whose.own(bit, at&bit != 0, named&bit != 0, strings.ContainsAny(form, marks)))
		}
	}
	return max(best, glued(n, 15, homes, func(bit uint64) Likeness { return whose.own(bit, true, false, false) }))
}

// own says what one of these kinds is worth as the number of a business: no lawful one of a
// person's business looks like the person's own, but for the faint ones.
func (w Whose) own(bit uint64, home, named, written bool) Likeness {
	k := &kinds[bits.TrailingZeros64(bit)]
	if home && w.Person && k.strength > faint {
		return Proved
	}
	return k.weighs(home, named, written, w.Person)
}

const everyKind = ^uint64(0)

// AsWritten says that a text is nothing but the number of a person at home there, with the
// punctuation that only such numbers have.
func AsWritten(whose Whose, text string) bool {
	n := strings.TrimSpace(spell(text))
	return strings.ContainsAny(n, marks) && fitting(n, whose.home()) != 0
}

// OwnPerson says whether a VAT number that nobody checks is that of a person of its country:
// it is one of a business or of a person for certain, so chance counts for nothing.
func OwnPerson(country, given string) Likeness {
	n, _ := normalise(given)
	best := Unlike
	for fits := fitting(strings.TrimPrefix(folded(n), country), kindTable.homes[country]); fits != 0; fits &= fits - 1 {
		switch k := &kinds[bits.TrailingZeros64(fits)]; {
		case k.strength > common:
			return Proved
		case !k.trade:
			best = Alike
		}
	}
	return best
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
