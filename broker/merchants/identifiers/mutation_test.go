package identifiers_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	. "bauta.dev/bauta/broker/merchants/identifiers"
)

// What each algorithm must catch is worked out here a second time, in other
// words than the package has: shapes, and sums over all places that have to be
// divisible. A number of which both hold can't be told from a right one.

// shapes are those of the vectors' own kinds and countries.
var shapes = map[string]*regexp.Regexp{
	"uscc ":  regexp.MustCompile(`^..\d{6}.{10}$`),
	"ric ":   regexp.MustCompile(`^\d{17}[\dX]$`),
	"lei ":   regexp.MustCompile(`^.{18}\d\d$`),
	"iban ":  regexp.MustCompile(`^(GB\d\d[A-Z]{4}\d{14}|DE\d{20}|NL\d\d[A-Z]{4}\d{10}|NO\d{13}|FR\d{12}.{11}\d\d)$`),
	"vat NL": regexp.MustCompile(`^\d{9}B\d\d$`),
	"vat ES": regexp.MustCompile(`^([\dXYZ]\d{7}[A-Z]|[ABEH]\d{8}|[NPQRSW]\d{7}[A-J]|[CDFGJUV]\d{7}[\dA-J])$`),
	"vat BE": regexp.MustCompile(`^[01]`),
	"vat SE": regexp.MustCompile(`^\d{10}01$`),
	"eori ":  regexp.MustCompile(`^((GB|XI)\d{9}000|DE\d{7,15}|(AT|BE|BG|CY|CZ|DK|EE|EL|ES|FI|FR|GR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK).{1,15})$`),
	"ein ":   regexp.MustCompile(`^(0[1-6]|1[0-6]|2[0-7]|3\d|4[0-8]|5\d|6[0-8]|7[1-7]|8[0-8]|9[0-589])\d{7}$`),
}

// can says whether a number of a kind can be right.
func can(kind Kind, country, s string) bool {
	if shape := shapes[string(kind)+" "+country]; shape != nil && !shape.MatchString(s) {
		return false
	}
	return sumsOf(kind, country)(s)
}

// congruence is a sum of the symbols' places in the alphabet, weighted, that
// has to leave one of the rests.
type congruence struct {
	alphabet string
	weights  []int
	mod      int
	rests    []int
}

func (c congruence) holds(s string) bool {
	if len(s) != len(c.weights) {
		return false
	}
	sum := 0
	for i, w := range c.weights {
		at := strings.IndexByte(c.alphabet, s[i])
		if at < 0 {
			return false
		}
		sum += at * w
	}
	for _, r := range c.rests {
		if ((sum-r)%c.mod+c.mod)%c.mod == 0 {
			return true
		}
	}
	return false
}

const (
	decimals = "0123456789"
	base36   = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

func powers(base, mod, n int) []int {
	all := make([]int, n)
	p := 1
	for i := range all {
		all[i] = p
		p = p * base % mod
	}
	return all
}

func mod11X(s string) string { return strings.ReplaceAll(s, "X", ":") } // X after 9, as in ASCII

func remainder97(s string) int64 {
	var b strings.Builder
	for _, c := range s {
		fmt.Fprint(&b, strings.IndexRune(base36, c))
	}
	n, _ := new(big.Int).SetString(b.String(), 10)
	return new(big.Int).Mod(n, big.NewInt(97)).Int64()
}

func number(s string) int64 {
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		return -1
	}
	return n.Int64()
}

// luhnSum is -1 where there is more than digits.
func luhnSum(s string) int {
	sum := 0
	for i := range len(s) {
		d := strings.IndexByte(decimals, s[len(s)-1-i])
		if d < 0 {
			return -1
		}
		if i%2 == 1 {
			d = []int{0, 2, 4, 6, 8, 1, 3, 5, 7, 9}[d]
		}
		sum += d
	}
	return sum
}

func luhn(s string) bool { return luhnSum(s)%10 == 0 }

// sumsOf are the check digits of a kind.
func sumsOf(kind Kind, country string) func(s string) bool {
	switch kind {
	case USCC:
		c18 := congruence{"0123456789ABCDEFGHJKLMNPQRTUWXY", append(powers(3, 31, 17), 1), 31, []int{0}}
		org := congruence{base36, []int{3, 7, 9, 10, 5, 8, 4, 2, 1}, 11, []int{0}}
		return func(s string) bool {
			last := s[16:17]
			switch last {
			case "A":
				return false
			case "X":
				last = "A" // worth ten
			}
			return c18.holds(s) && strings.Contains(decimals+"A", last) && org.holds(s[8:16]+last)
		}
	case RIC:
		c := congruence{decimals + ":", append(reversed(powers(2, 11, 18)[1:]), 1), 11, []int{1}}
		return func(s string) bool { return c.holds(mod11X(s)) }
	case LEI:
		return func(s string) bool { return remainder97(s) == 1 && remainder97(s[:18]+"00") == 98-number(s[18:]) }
	case IBAN:
		return func(s string) bool { return remainder97(s[4:]+s[:2]+"00") == 98-number(s[2:4]) }
	case GLN:
		return congruence{decimals, []int{1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1}, 10, []int{0}}.holds
	case EORI:
		return func(s string) bool { return s[:2] != "GB" && s[:2] != "XI" || sumsOf(VAT, "GB")(s[2:11]) }
	case EIN:
		return func(string) bool { return true }
	default:
		return sumsOfVAT(country)
	}
}

func reversed(a []int) []int {
	b := make([]int, 0, len(a))
	for i := range a {
		b = append(b, a[len(a)-1-i])
	}
	return b
}

func sumsOfVAT(country string) func(string) bool {
	switch country {
	case "DE":
		return func(s string) bool { // the definition: P runs over doubled sums mod 11
			p := 10
			if number(s) < 0 {
				return false
			}
			for i := range 8 {
				p = ((p+int(s[i]-'0')-1)%10 + 1) * 2 % 11
			}
			return (p+int(s[8]-'0'))%10 == 1
		}
	case "FR":
		return func(s string) bool { return luhn(s[2:]) && (number(s[2:])*100+12)%97 == number(s[:2]) }
	case "IT":
		return luhn
	case "BE":
		return func(s string) bool { return (number(s[:8])+number(s[8:]))%97 == 0 }
	case "NL":
		eleven := congruence{decimals, []int{9, 8, 7, 6, 5, 4, 3, 2, -1}, 11, []int{0}}
		return func(s string) bool { return eleven.holds(s[:9]) || remainder97("NL"+s) == 1 }
	case "ES":
		return sumsOfSpain
	case "PL":
		return congruence{decimals, []int{6, 5, 7, 2, 3, 4, 5, 6, 7, -1}, 11, []int{0}}.holds
	case "AT":
		return func(s string) bool {
			sum, check := luhnSum(s[1:8]), strings.IndexByte(decimals, s[8])
			return s[0] == 'U' && sum >= 0 && check >= 0 && (sum+check)%10 == 6
		}
	case "SE":
		return func(s string) bool { return luhn(s[:10]) }
	case "DK":
		return congruence{decimals, []int{2, 7, 6, 5, 4, 3, 2, 1}, 11, []int{0}}.holds
	default: // GB, XI
		return congruence{decimals, []int{8, 7, 6, 5, 4, 3, 2, 10, 1}, 97, []int{0, 42}}.holds
	}
}

func sumsOfSpain(s string) bool {
	const letters = "TRWAGMYFPDXBNJZSQVHLCKE"
	if at := strings.IndexByte("XYZ", s[0]); at >= 0 {
		s = decimals[at:at+1] + s[1:]
	}
	if n := number(s[:8]); n >= 0 {
		return s[8] == letters[n%23]
	}
	for d := range 10 {
		if luhn(s[1:8] + decimals[d:d+1]) {
			return s[8] == decimals[d] || s[8] == "JABCDEFGHI"[d]
		}
	}
	return false
}

// mutants are all numbers one typing error away, by the kind of error.
func mutants(s string) map[string][]string {
	all := map[string][]string{}
	add := func(class string, i int, with string) {
		if m := s[:i] + with + s[i+len(with):]; m != s {
			all[class] = append(all[class], m)
		}
	}
	isDigit := func(i int) bool { return s[i] <= '9' }
	for i := range len(s) {
		for j, c := range base36 {
			if isDigit(i) == (j < 10) {
				add("substitution", i, string(c))
			} else {
				add("letter for digit", i, string(c))
			}
		}
		if i+1 < len(s) {
			class := "transposition"
			if isDigit(i) != isDigit(i+1) {
				class = "transposition of letter and digit"
			}
			add(class, i, s[i+1:i+2]+s[i:i+1])
		}
	}
	return all
}

// caught are the classes that the algorithm of a kind must catch whole. Of the
// British one that takes two rests it is not true: a digit can turn one into the
// other. Nor of the first letter of a Spanish organisation, which no sum has in it.
var caught = map[Kind][]string{
	USCC: {"substitution", "transposition", "letter for digit", "transposition of letter and digit"},
	RIC:  {"substitution", "transposition", "letter for digit", "transposition of letter and digit"},
	LEI:  {"substitution", "transposition"},
	IBAN: {"substitution", "transposition"},
	GLN:  {"substitution"},
}

var caughtVAT = map[string][]string{
	"DE": {"substitution"}, "FR": {"substitution", "transposition"}, "IT": {"substitution"}, "BE": {"substitution", "transposition"},
	"PL": {"substitution"}, "AT": {"substitution"}, "SE": {"substitution"}, "DK": {"substitution", "transposition"},
}

// 200 typing errors of each kind in each valid number. What the algorithm must
// catch is caught; how much it can't is computed from it, over all errors that
// there are, and stands beside what was seen.
func TestMutations(t *testing.T) {
	t.Parallel()
	const tries = 200
	random := rand.New(rand.NewPCG(5, 2015))
	type share struct{ seen, tried, blind, all int }
	shares, order := map[string]*share{}, []string{}
	for _, v := range valid {
		plain := strings.ReplaceAll(v.given, "-", "")
		if !can(v.kind, v.country, plain) {
			t.Fatalf("%s %s: the model does not take %s", v.kind, v.country, plain)
		}
		for _, class := range []string{"substitution", "transposition", "letter for digit", "transposition of letter and digit"} {
			all := mutants(plain)[class]
			if len(all) == 0 {
				continue
			}
			name := fmt.Sprintf("%s %s: %s", v.kind, v.country, class)
			s := shares[name]
			if s == nil {
				s = &share{}
				shares[name], order = s, append(order, name)
			}
			blind := map[string]bool{}
			for _, m := range all {
				s.all++
				if can(v.kind, v.country, m) {
					blind[m] = true
					s.blind++
				} else if r := Check(v.kind, v.country, m); r.Outcome == Valid {
					t.Errorf("%s: %s for %s is not caught", name, m, plain)
				}
			}
			for range tries {
				m := all[random.IntN(len(all))]
				s.tried++
				if r := Check(v.kind, v.country, m); r.Outcome == Valid {
					s.seen++
					if !blind[m] {
						t.Errorf("%s: %s for %s is not caught", name, m, plain)
					}
				}
			}
		}
	}
	for _, name := range order {
		s := shares[name]
		t.Logf("%-52s can't be caught: %6.2f%% of %5d; passed: %6.2f%% of %5d", name, 100*float64(s.blind)/float64(s.all), s.all, 100*float64(s.seen)/float64(s.tried), s.tried)
		if must(name) && s.blind+s.seen > 0 {
			t.Errorf("%s: %d escape, though the algorithm catches all", name, s.blind)
		}
	}
}

func must(name string) bool {
	kindAndCountry, class, _ := strings.Cut(name, ": ")
	kind, country, _ := strings.Cut(kindAndCountry, " ")
	for _, c := range append(caughtVAT[country], caught[Kind(kind)]...) {
		if c == class {
			return true
		}
	}
	return false
}

// Every check character comes up and is taken, 0 and X among them, whatever the
// letters before it; and no other one is.
func TestUSCCOfAnyBody(t *testing.T) {
	t.Parallel()
	const symbols = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	random := rand.New(rand.NewPCG(31, 11))
	last, org := map[byte]int{}, map[byte]int{}
	for range 300 {
		b := []byte("91330100")
		for range 8 {
			b = append(b, symbols[random.IntN(len(symbols))])
		}
		var fitting []string
		for _, o := range decimals + "X" {
			for _, c := range symbols {
				s := string(b) + string(o) + string(c)
				right, r := can(USCC, "", s), Check(USCC, "", s)
				if right {
					fitting = append(fitting, s)
				}
				if right != (r.Outcome == Valid) {
					t.Fatalf("%s: %s %s", s, r.Outcome, r.Code)
				}
			}
		}
		if len(fitting) != 1 {
			t.Fatalf("%s: %d endings fit", b, len(fitting))
		}
		org[fitting[0][16]]++
		last[fitting[0][17]]++
	}
	if len(last) != len(symbols) || len(org) != 11 {
		t.Errorf("only %d and %d check characters came up", len(last), len(org))
	}
}
