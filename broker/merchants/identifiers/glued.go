package identifiers

import "strings"

// endings are where a number can end in a word: at its end, and where letters follow its
// digits, before them or behind the first or the second.
func endings(word string) []int {
	digits := len(word)
	for digits > 0 && letter(word[digits-1]) {
		digits--
	}
	switch letters := len(word) - digits; {
	case digits == 0, letters == 0:
		return []int{len(word)}
	case letters == 1:
		return []int{len(word), digits}
	case letters == 2:
		return []int{len(word), digits, digits + 1}
	}
	return []int{digits, digits + 1, digits + 2}
}

// gluedIn looks within words that letters and digits share: whatever letters touch it, a
// number with its own is one. Its digits are never cut.
func (s *searched) gluedIn() Likeness {
	best, least := Unlike, 15 // of the long ones
	if s.link {               // as accounts have
		least = 16
	}
	for i := range s.words {
		word := s.text(i)
		if numerous(word) && strings.IndexFunc(word, func(r rune) bool { return r >= 'A' }) >= 0 {
			best = max(best, glued(word, least, s.home|s.named, func(bit uint64) Likeness { return s.weighed(bit, s.home, false) }))
		}
	}
	return best
}

const shortestKind = 7

// glued tries all that a number can be in a word, long ones of so many characters at least;
// worth says what one of these kinds is.
func glued(word string, least int, among uint64, worth func(bit uint64) Likeness) Likeness {
	best := Unlike
	cut := func(at int) bool { return at > 0 && at < len(word) && !letter(word[at-1]) && !letter(word[at]) }
	for from := range word {
		for to := from + shortestKind; !cut(from) && to <= min(len(word), from+longestOfAll); to++ {
			form := word[from:to]
			if cut(to) || !numerous(form) {
				continue
			}
			if len(form) >= least && long(form) {
				return Proved
			}
			for fits := fitting(form, among); fits != 0; fits &= fits - 1 {
				best = max(best, worth(fits&-fits))
			}
		}
	}
	return best
}

// longestOfAll is how many characters any number of a person has.
const longestOfAll = 18
