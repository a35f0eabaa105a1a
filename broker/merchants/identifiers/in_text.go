package identifiers

import (
	"math/bits"
	"slices"
	"strings"
	"unicode"
)

// InText looks for the number of a person in a text of somebody in these countries. What
// is long enough to be nothing else is found whatever stands between its parts, and so is
// what has its people at home in these countries, or its name in the text. Other numbers
// are found only where they stand for themselves, without or with their own punctuation:
// numbers that follow each other, as those of telephones do, make many others by chance.
// The text is in its form NFKC.
func InText(whose Whose, text string) Likeness { return look(whose, text, false) }

// InLink is the same for a link. Links have numbers of accounts, of any length: a shape,
// and what is not more than one, is a person's only where such people are at home.
func InLink(whose Whose, text string) Likeness { return look(whose, text, true) }

func look(whose Whose, text string, link bool) Likeness {
	figures := figuresOf(text)
	if figures == 0 {
		return Unlike
	}
	if residentIn(text) {
		return Proved
	}
	s := &searched{link: link, whose: whose, home: whose.home()}
	if s.read(text); figures >= leastDigits {
		s.settle(text)
	}
	best := s.longIn()
	if best == Proved || figures < leastDigits {
		return best
	}
	for run := range strings.FieldsFuncSeq(s.spelt, func(r rune) bool { return r == ' ' || r == '|' || r == ',' }) {
		if best = max(best, s.writtenIn(run)); best == Proved {
			return best
		}
	}
	if best = max(best, s.joinedIn(), s.gluedIn(), s.behindNames()); s.paper {
		return max(best, Alike)
	}
	return best
}

// leastDigits are those of a British insurance number; all others but the Italian ones,
// which can have letters for them, have more.
const leastDigits = 6

// figuresOf counts what reads as a digit in whatever script.
func figuresOf(text string) int {
	n := 0
	for _, r := range text {
		switch {
		case r < unicode.MaxASCII:
			if '0' <= r && r <= '9' {
				n++
			}
		case unicode.IsNumber(r) || numeral(r) >= 0:
			n++
		}
	}
	return n
}

// searched is a text as it is looked at.
type searched struct {
	spelt string
	flat  string // the words alone, one after another
	words []word
	home  uint64 // the kinds whose people are at home
	named uint64 // those that the text names
	ends  []nameEnd
	paper bool // it names a paper of a person, and a number follows
	whose Whose
	link  bool
}

// word is a run of letters and digits.
type word struct {
	start, end int
	apart      bool // a letter of another alphabet stands before it
	listed     bool // a comma does: one number ends there, and the next begins
	plus       bool // a telephone's number begins with one
}

func (s *searched) text(i int) string { return s.flat[s.words[i].start:s.words[i].end] }

// read spells a text and takes its words.
func (s *searched) read(text string) {
	s.spelt = spell(text)
	flat := make([]byte, 0, len(s.spelt))
	s.words = make([]word, 0, 8)
	var apart, in, plus, listed bool
	for i := range len(s.spelt) {
		c := s.spelt[i]
		if !plain(c) {
			apart, listed, plus, in = apart || c == '|', listed || c == ',', c == '+', false
			continue
		}
		if !in {
			s.words = append(s.words, word{start: len(flat), apart: apart, listed: listed, plus: plus})
			in, apart, listed, plus = true, false, false, false
		}
		flat = append(flat, c)
		s.words[len(s.words)-1].end = len(flat)
	}
	s.flat = string(flat)
}

// led is how many letters a word begins with.
func led(word string) int {
	n := 0
	for n < len(word) && letter(word[n]) {
		n++
	}
	return n
}

// starts are where a number can begin in a word: at once, or behind a country or a word
// for what it is.
func starts(word string) ([4]int, int) {
	switch letters := led(word); letters {
	case 0, len(word):
		return [4]int{}, 1
	case 1:
		return [4]int{0, 1}, 2
	default:
		return [4]int{0, 2, letters - 1, letters}, 4
	}
}

// longIn looks for numbers that chance does not make, among words and in what follows
// each other; and for shapes, where a word is one.
func (s *searched) longIn() Likeness {
	best := Unlike
	for from := range s.words {
		w := s.words[from]
		skips, n := starts(s.text(from))
		for _, skip := range skips[:n] {
			if form := s.flat[w.start+skip : w.end]; len(form) >= 9 && s.shaped(form) {
				best = Alike
			}
			for to := from; to < len(s.words) && (to == from || !s.words[to].apart) && s.words[to].end-w.start-skip <= 18; to++ {
				switch {
				case !s.longAt(from, to, w.start+skip):
				case s.link && s.words[to].end-w.start-skip == 15: // as many accounts have
					best = Alike
				default:
					return Proved
				}
			}
		}
	}
	return best
}

// longAt: a French number is found in the parts that people write alone, since a telephone's
// make some, and Facebook has accounts that fit.
func (s *searched) longAt(from, to, start int) bool {
	form := s.flat[start:s.words[to].end]
	if len(form) != 15 {
		return long(form)
	}
	if !nirKey(form) || s.link && !slices.Contains(s.whose.Countries, "FR") {
		return false
	}
	for _, w := range s.words[from+1 : to+1] {
		if w.listed || !slices.Contains(nirCuts, w.start-start) {
			return false
		}
	}
	return true
}

// writtenIn looks at one run without blanks: at the whole, with the punctuation that
// people write such a number with, and at each of its parts.
func (s *searched) writtenIn(run string) Likeness {
	run = strings.Trim(run, marks)
	if !numerous(run) {
		return Unlike
	}
	best := Unlike
	if len(run) <= longestWritten {
		for prefix, form := range forms(run) {
			home, written := s.home|kindTable.homes[prefix], strings.ContainsAny(form, marks)
			for fits := fitting(form, everyKind); fits != 0; fits &= fits - 1 {
				best = max(best, s.weighed(fits&-fits, home, written))
			}
		}
	}
	if strings.ContainsAny(run, marks) {
		for part := range strings.FieldsFuncSeq(run, marked) {
			best = max(best, s.writtenIn(part))
		}
	}
	return best
}

func (s *searched) weighed(bit, at uint64, written bool) Likeness {
	k, home, named := &kinds[bits.TrailingZeros64(bit)], at&bit != 0, s.named&bit != 0
	switch worth := k.weighs(home, named, written, s.whose.Person); {
	case s.link && k.strength < rare && !home && !named:
		return Unlike
	case s.link && !named && !written: // accounts have numbers of any length
		return min(worth, Elsewhere)
	default:
		return worth
	}
}

// numerous says that a run has digits enough for a number of a person.
func numerous(run string) bool {
	n := 0
	for i := range len(run) {
		if '0' <= run[i] && run[i] <= '9' {
			n++
		}
	}
	return n >= leastDigits
}

const (
	longestWritten = 32 // more than any number has with its punctuation, and its name before it
	longestJoined  = longestKind
)

// joinedIn looks at numbers whose parts stand side by side, whatever is between them but
// letters: only at those whose people are at home, or which the text names.
func (s *searched) joinedIn() Likeness {
	best := Unlike
	if s.home|s.named == 0 {
		return best
	}
	for from := range s.words {
		w := s.words[from]
		if letters := led(s.text(from)); letters > 4 && letters == w.end-w.start { // of a name some numbers have four
			continue
		}
		skips, n := starts(s.text(from))
		for _, skip := range skips[:n] {
			if best = max(best, s.joinedFrom(from, w.start+skip)); best == Proved {
				return best
			}
		}
	}
	return best
}

func (s *searched) joinedFrom(from, start int) Likeness {
	best, split := Unlike, s.words[from].plus
	parts := []byte{'0' + byte(min(s.words[from].end-start, longestJoined))} //nolint:gosec // a few
	for to := from + 1; to < len(s.words) && !s.words[to].apart && s.words[to].start-start <= longestJoined; to++ {
		split = split || s.words[to].listed
		for _, end := range endings(s.text(to)) {
			form := s.flat[start : s.words[to].start+end]
			if len(form) < 8 || len(form) > longestKind || !numerous(form) {
				continue
			}
			shape := string(append(parts, '0'+byte(end))) //nolint:gosec // a few
			for fits := fitting(form, s.home|s.named); fits != 0; fits &= fits - 1 {
				bit := fits & -fits
				k := &kinds[bits.TrailingZeros64(bit)]
				best = max(best, k.joined(s.home&bit != 0, s.named&bit != 0, !split && slices.Contains(k.parts, shape), s.whose.Person))
			}
		}
		parts = append(parts, '0'+byte(min(s.words[to].end-s.words[to].start, longestJoined))) //nolint:gosec // a few
	}
	return best
}

// marks are what stands within numbers as they are written.
const marks = "./-+"

func marked(r rune) bool { return r == '.' || r == '/' || r == '-' || r == '+' }

// spell gives a text in plain capitals and digits: its blanks are one, another letter than
// ours is a bar, and of the marks there are those that numbers have.
func spell(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		switch {
		case 'a' <= r && r <= 'z':
			b = append(b, byte(r)-'a'+'A') //nolint:gosec // below 128
		case r < unicode.MaxASCII && (plain(byte(r)) || marked(r)): //nolint:gosec // below 128
			b = append(b, byte(r)) //nolint:gosec // below 128
		case r == ',' || r == ';':
			b = append(b, ',')
		case r < unicode.MaxASCII:
			b = append(b, ' ')
		default:
			if c := spelt(unicode.ToUpper(r)); c != 0 {
				b = append(b, c)
			}
		}
	}
	return string(b)
}

// spelt is a character that is none of ours; 0 draws nothing.
func spelt(r rune) byte {
	at := strings.IndexRune(twins, r)
	switch {
	case at >= 0:
		return twins[at+len(string(r))]
	case r < unicode.MaxASCII && plain(byte(r)): //nolint:gosec // below 128
		return byte(r) //nolint:gosec // below 128
	case unicode.Is(unicode.Nd, r):
		return '0' + digitOf(r)
	case unicode.Is(unicode.Cf, r):
		return 0
	case unicode.IsLetter(r):
		return '|'
	case unicode.Is(unicode.Pd, r) || r == '\u2212':
		return '-'
	}
	return ' '
}
