package identifiers

import (
	"regexp"
	"strings"
	"unicode"
)

// Likeness says how surely something is the number of a natural person.
type Likeness int

// What has the shape alone can as well be the number of something else.
const (
	Unlike Likeness = iota
	Alike
	Proved // by its check digits, or by the way it is written
)

// proofs are what makes a number a person's, whatever field it stands in: its check
// digits, and all else that such a number has. Where the business numbers of a country
// have the same form, the proof is none.
var proofs = []struct {
	proves func(number string) bool
	twins  string // countries
}{
	{residentID, ""},
	{dni, ""},
	{fiscalCode, ""},
	{func(n string) bool { return pesel(n) && peselDate(n) }, " HR LV "},
	{taxpayerDE, " HR LV "},
	{func(n string) bool { return nir(n) && nirKey(n) }, ""},
	{func(n string) bool { return registered(n) && monthDay(n[2:4], n[4:6], 20, 0) }, " HR LV "},
	{func(n string) bool { return personnummer(n) && swedishDate(n) }, " BG CZ PL RO SK "},
	{cpf, " HR LV "},
}

// shapes have no check digit that proves anything.
var shapes = []func(number string) bool{
	fiscal.MatchString, nir, residentShape, nino.MatchString, dutchTrader.MatchString,
	func(n string) bool { return sized(n, 9) && americanArea(n) || bsn(n) },
	func(n string) bool { return sized(n, 10) && monthDay(n[2:4], n[0:2], 0, 0) }, // CPR
}

var (
	nino        = regexp.MustCompile(`^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]$`)
	dutchTrader = regexp.MustCompile(`^NL[0-9]{9}B[0-9]{2}$`)
	writtenSSN  = regexp.MustCompile(`(?:^|[^0-9])[0-8][0-9]{2}([- ])[0-9]{2}[- ][0-9]{4}(?:$|[^0-9])`)
)

// OfPerson says whether a number could be a natural person's, of whatever country, where
// it is said to be one of a business of this country.
func OfPerson(country, given string) Likeness {
	n, _ := normalise(given)
	n = folded(n)
	best := Unlike
	for _, form := range forms(n) {
		best = max(best, likeness(country, form, true))
	}
	return best
}

// likeness of one number, whole; its shape is asked where it stands for itself.
func likeness(country, n string, shape bool) Likeness {
	best := Unlike
	for _, p := range proofs {
		switch {
		case !p.proves(n):
		case country != "" && listed(p.twins, country):
			best = Alike
		default:
			return Proved
		}
	}
	if shape {
		for _, is := range shapes {
			if is(n) {
				return Alike
			}
		}
	}
	return best
}

// forms are a number and what is left of it without letters before it: of a country, or
// a word for what it is.
func forms(n string) []string {
	letters := 0
	for letters < len(n) && letter(n[letters]) {
		letters++
	}
	all := []string{n}
	if letters >= 2 && len(n) > letters {
		all = append(all, n[2:], n[letters-1:], n[letters:])
	}
	return all
}

// InText looks for the number of a person in a text, among its words and in what follows
// each other with anything but letters between it. The text is in its form NFKC.
func InText(text string) Likeness {
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsNumber(r) || numeral(r) >= 0 }) {
		return Unlike
	}
	s := strings.ToUpper(text)
	if residentIn(s) || writtenSSN.MatchString(s) {
		return Proved
	}
	best := Unlike
	for _, groups := range runs(s) {
		for from := range groups {
			joined := ""
			for to := from; to < len(groups) && len(joined) < 24; to++ {
				joined += groups[to]
				if len(joined) < 9 {
					continue
				}
				for _, form := range forms(joined) {
					best = max(best, likeness("", form, from == to))
				}
				if best == Proved {
					return best
				}
			}
		}
	}
	return best
}

// runs are the words of a text, of plain letters and digits, as other letters part them.
func runs(s string) (all [][]string) {
	var groups []string
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			groups = append(groups, word.String())
			word.Reset()
		}
	}
	for _, r := range s {
		at := strings.IndexRune(twins, r)
		switch {
		case r < unicode.MaxASCII && plain(byte(r)): //nolint:gosec // below 128
			word.WriteRune(r)
		case unicode.Is(unicode.Nd, r):
			word.WriteByte('0' + digitOf(r))
		case at >= 0 && word.Len() > 0:
			word.WriteByte(twins[at+len(string(r))])
		case unicode.Is(unicode.Cf, r):
		case unicode.IsLetter(r):
			end()
			all, groups = append(all, groups), nil
		default:
			end()
		}
	}
	end()
	return append(all, groups)
}

// numerals are the Chinese ones, as they are written and as banks write them.
var numerals = []string{"〇零○", "一壹", "二贰貳", "三叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖"}

func numeral(r rune) int {
	for i, n := range numerals {
		if strings.ContainsRune(n, r) {
			return i
		}
	}
	return -1
}

// residentIn finds the number of a Chinese resident, in whatever digits.
func residentIn(s string) bool {
	run := make([]byte, 0, len(s))
	for _, r := range s {
		switch n := numeral(r); {
		case unicode.IsDigit(r):
			run = append(run, '0'+digitOf(r))
		case n >= 0:
			run = append(run, '0'+byte(n))
		case strings.ContainsRune("XХΧ", r): // of three scripts
			run = append(run, 'X')
		case unicode.IsLetter(r):
			run = append(run, '|')
		}
	}
	for i := 0; i+18 <= len(run); i++ {
		if part := string(run[i : i+18]); digits(part[:17]) && residentID(part) {
			return true
		}
	}
	return false
}

func monthDay(month, day string, step, more int) bool {
	if !digits(month) || !digits(day) {
		return false
	}
	m, d := atoi(month), atoi(day)
	if step > 0 {
		m %= step
	}
	if d > more {
		d -= more
	}
	return m >= 1 && m <= 12 && d >= 1 && d <= 31
}

// peselDate: 20, 40, 60 or 80 is added to the month for the century.
func peselDate(n string) bool { return monthDay(n[2:4], n[4:6], 20, 0) }

// swedishDate: 60 is added to the day of who is not registered.
func swedishDate(n string) bool {
	if len(n) == 12 {
		if n[:2] != "19" && n[:2] != "20" {
			return false
		}
		n = n[2:]
	}
	return monthDay(n[2:4], n[4:6], 0, 0) || monthDay(n[2:4], n[4:6], 0, 60)
}

// fiscalCode: D.M. 23 dicembre 1976: characters in odd places count otherwise.
func fiscalCode(n string) bool {
	if !fiscal.MatchString(n) {
		return false
	}
	const odd = "BAKPLCQDREVOSFTGUHMINJWZYX" // the letter that stands for each sum of one character
	sum := 0
	for i := range 15 {
		v := int(n[i] - 'A')
		if !letter(n[i]) {
			v = int(n[i] - '0')
		}
		if i%2 == 0 {
			v = strings.IndexByte(odd, 'A'+byte(v)) //nolint:gosec // below 26
		}
		sum += v
	}
	return n[15] == 'A'+byte(sum%26) //nolint:gosec // below 26
}

// taxpayerDE: AO § 139b: of the first ten digits one is there twice or three times, the
// others once or not at all.
func taxpayerDE(n string) bool {
	if !sized(n, 11) || n[0] == '0' || !hybrid11(n) {
		return false
	}
	var of [10]int
	for i := range 10 {
		of[n[i]-'0']++
	}
	again := 0
	for _, k := range of {
		if k > 3 {
			return false
		}
		if k > 1 {
			again++
		}
	}
	return again == 1
}

// nirKey: of Corsica, 2A counts as 19 and 2B as 18.
func nirKey(n string) bool {
	body := strings.NewReplacer("2A", "19", "2B", "18").Replace(n[5:7])
	body = n[:5] + body + n[7:13]
	return digits(body) && atoi(n[13:]) == 97-mod97(body)
}

// cpf: two check digits mod 11; eleven equal ones fit, and are nobody's.
func cpf(n string) bool {
	if !sized(n, 11) || strings.Count(n, n[:1]) == 11 {
		return false
	}
	for at := 9; at < 11; at++ {
		sum := 0
		for i := range at {
			sum += (at + 1 - i) * int(n[i]-'0')
		}
		if want := sum * 10 % 11 % 10; want != int(n[at]-'0') {
			return false
		}
	}
	return true
}

// bsn: Wet algemene bepalingen burgerservicenummer; one number in eleven passes it.
func bsn(n string) bool {
	return sized(n, 9) && weighted(n, []int{9, 8, 7, 6, 5, 4, 3, 2, 10})%11 == 0
}

// americanArea: what an SSN can begin with, and what none of its parts is.
func americanArea(n string) bool {
	return n[0] != '9' && n[:3] != "000" && n[:3] != "666" && n[3:5] != "00" && n[5:] != "0000"
}
