package identifiers

import "strings"

// settle says which numbers the text has the names of, and where.
func (s *searched) settle(text string) {
	for i := range s.words {
		word := s.text(i)
		lead, next := led(word), ""
		if i+1 < len(s.words) && lead == len(word) {
			next = s.text(i + 1)
			next = next[:led(next)]
		}
		name := word[:lead]
		s.name(kindTable.names[[2]string{name}], s.words[i].start+lead)
		if next != "" {
			s.name(kindTable.names[[2]string{name, next}], s.words[i+1].start+len(next))
		}
		for last := i + 1; last < len(s.words) && s.single(last-1) && s.single(last); last++ { // as in D.N.I.
			s.name(kindTable.names[[2]string{s.flat[s.words[i].start:s.words[last].end]}], s.words[last].end)
		}
		s.paper = s.paper || papers[name] && s.numberAfter(i)
	}
	if ascii(text) {
		return
	}
	upper := strings.ToUpper(text)
	for name, kinds := range kindTable.foreign {
		if strings.Contains(upper, name) {
			s.named |= kinds
		}
	}
	for _, name := range foreignPapers {
		s.paper = s.paper || strings.Contains(upper, name)
	}
}

// nameEnd is where the name of some kinds ends.
type nameEnd struct {
	kinds uint64
	at    int
}

func (s *searched) name(kinds uint64, at int) {
	if kinds != 0 {
		s.named |= kinds
		s.ends = append(s.ends, nameEnd{kinds, at})
	}
}

// single says that a word is one letter.
func (s *searched) single(i int) bool {
	return s.words[i].end-s.words[i].start == 1 && letter(s.flat[s.words[i].start])
}

// Papers are of persons, and each country numbers its own: beside their name any number is
// for people to look at.
var (
	papers = map[string]bool{
		"PASSPORT": true, "PASSEPORT": true, "REISEPASS": true, "PASAPORTE": true, "PASSAPORTE": true, "PASSAPORTO": true, "PASZPORT": true, "PASPOORT": true, "REISEPASSNUMMER": true, "PASSNUMMER": true,
		"PERSONALAUSWEIS": true, "AUSWEISNUMMER": true, "PERSONALAUSWEISNUMMER": true, "CEDULA": true, "DNI": true, "NISS": true, "SSN": true, "DOWOD": true,
	}
	foreignPapers = []string{"身份证", "身分證", "護照", "护照", "ПАСПОРТ", "여권", "パスポート", "ΔΙΑΒΑΤΗΡΙΟ", "DOWÓD OSOBISTY", "CÉDULA"}
)

// numberAfter says that one of the three words behind this one has digits enough.
func (s *searched) numberAfter(i int) bool {
	for at := i; at < len(s.words) && at <= i+3; at++ {
		if numerous(s.text(at)) {
			return true
		}
	}
	return false
}

// behindNames reads the digits that follow a name, whatever else stands among them and
// whatever passes for one of them: who names a number and parts it with words means it.
func (s *searched) behindNames() Likeness {
	best := Unlike
	for _, name := range s.ends {
		rest := s.flat[name.at:min(len(s.flat), name.at+mostBehind)]
		for _, stand := range []func(byte) (byte, bool){asDigit, asAnyDigit} {
			digits := make([]byte, 0, longestKind)
			for i := 0; i < len(rest) && len(digits) < longestKind; i++ {
				d, is := stand(rest[i])
				if !is {
					continue
				}
				digits = append(digits, d)
				for fits := fitting(string(digits), name.kinds); fits != 0; fits &= fits - 1 {
					best = max(best, s.weighed(fits&-fits, s.home, false))
				}
			}
		}
	}
	return best
}

// mostBehind is how far behind its name a number is looked for, in letters and digits.
const mostBehind = 40

func asDigit(c byte) (byte, bool) { return c, !letter(c) }

// asAnyDigit takes letters for the digits that they look like.
func asAnyDigit(c byte) (byte, bool) {
	switch c {
	case 'O':
		return '0', true
	case 'I', 'L':
		return '1', true
	}
	return asDigit(c)
}
