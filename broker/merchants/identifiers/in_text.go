package identifiers

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// longestNumber is more than any number of a person has.
const longestNumber = 24

// InText looks for the number of a person in a text of somebody in these countries. What
// is long enough to be nothing else is found whatever stands between its parts, other
// numbers only where they stand for themselves, without or with their own punctuation:
// numbers that follow each other, as those of telephones do, make many others by chance.
// The text is in its form NFKC.
func InText(countries []string, text string) Likeness {
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsNumber(r) || numeral(r) >= 0 }) {
		return Unlike
	}
	s := strings.ToUpper(text)
	spelt := spell(s)
	if residentIn(s) || slices.Contains(countries, "US") && spacedSSN.MatchString(spelt) {
		return Proved
	}
	for _, p := range proofs {
		if p.namedIn(spelt) {
			countries = append(slices.Clone(countries), p.country)
		}
	}
	best := Unlike
	for sentence := range strings.SplitSeq(spelt, "|") {
		words := strings.FieldsFunc(sentence, func(r rune) bool { return r == ' ' || strings.ContainsRune(marks, r) })
		if best = max(best, longIn(words)); best == Proved {
			return best
		}
		for _, written := range strings.Fields(sentence) {
			if best = max(best, writtenIn(countries, written)); best == Proved {
				return best
			}
		}
	}
	return best
}

// longIn looks for numbers that chance does not make, among words and in what follows
// each other; and for shapes, where a word is one.
func longIn(words []string) Likeness {
	best := Unlike
	for from := range words {
		joined, cuts := "", []int(nil)
		for to := from; to < len(words) && len(joined) < longestNumber; to++ {
			if to > from {
				cuts = append(cuts, len(joined))
			}
			joined += words[to]
			if len(joined) < 9 {
				continue
			}
			for prefix, form := range forms(joined) {
				if long(form, shifted(cuts, len(prefix))) {
					return Proved
				}
				if from == to && shaped(form) {
					best = Alike
				}
			}
		}
	}
	return best
}

func shifted(cuts []int, by int) []int {
	var all []int
	for _, at := range cuts {
		if at > by {
			all = append(all, at-by)
		}
	}
	return all
}

// writtenIn looks at one run without blanks: at the whole, with the punctuation that
// people write such a number with, and at each of its parts.
func writtenIn(countries []string, run string) Likeness {
	run = strings.Trim(run, marks)
	best := Unlike
	for prefix, form := range forms(run) {
		for i := range proofs {
			if p := &proofs[i]; p.fits(form) {
				best = max(best, p.weighs(countries, prefix))
			}
		}
	}
	if strings.ContainsAny(run, marks) {
		for _, part := range strings.FieldsFunc(run, func(r rune) bool { return strings.ContainsRune(marks, r) }) {
			best = max(best, writtenIn(countries, part))
		}
	}
	return best
}

// spacedSSN: whoever writes nine digits in these groups writes an SSN.
var spacedSSN = regexp.MustCompile(`(?:^|[^0-9])[0-8][0-9]{2} [0-9]{2} [0-9]{4}(?:$|[^0-9])`)

// marks are what stands within numbers as they are written.
const marks = "./-+"

// spell gives a text in plain letters and digits: its blanks are one, another letter than
// ours is a bar, and of the marks there are those that numbers have.
func spell(s string) string {
	var b strings.Builder
	for _, r := range s {
		at := strings.IndexRune(twins, r)
		switch {
		case r < unicode.MaxASCII && (plain(byte(r)) || strings.ContainsRune(marks, r)): //nolint:gosec // below 128
			b.WriteRune(r)
		case unicode.Is(unicode.Nd, r):
			b.WriteByte('0' + digitOf(r))
		case at >= 0:
			b.WriteByte(twins[at+len(string(r))])
		case unicode.Is(unicode.Cf, r):
		case unicode.IsLetter(r):
			b.WriteByte('|')
		case unicode.Is(unicode.Pd, r) || r == '\u2212':
			b.WriteByte('-')
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
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

// residentIn finds the number of a Chinese resident, in whatever digits, and with whatever
// between them: chance makes none of eighteen. An O may be one of its letters or a zero.
func residentIn(s string) bool { return residentAmong(s, false) || residentAmong(s, true) }

func residentAmong(s string, zeros bool) bool {
	all := make([]byte, 0, len(s))
	crossed := make([]bool, 0, len(s)) // an X follows
	add := func(digit byte) { all, crossed = append(all, digit), append(crossed, false) }
	for _, r := range s {
		switch n := numeral(r); {
		case unicode.IsDigit(r):
			add('0' + digitOf(r))
		case n >= 0:
			add('0' + byte(n))
		case zeros && strings.ContainsRune("OОΟ", r): // of three scripts
			add('0')
		case len(all) > 0 && strings.ContainsRune("XХΧ", r):
			crossed[len(all)-1] = true
		}
	}
	for i := 0; i+17 <= len(all); i++ {
		body := string(all[i : i+17])
		if crossed[i+16] && residentID(body+"X") || i+17 < len(all) && residentID(body+string(all[i+17])) {
			return true
		}
	}
	return false
}
