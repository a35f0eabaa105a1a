package merchants

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"bauta.dev/bauta/broker/merchants/identifiers"
)

// suspicious says what an eye would not see in a text: characters of another
// width, none at all, letters that stand for others, or letters of two scripts in
// one word. It follows UTS #39 (moderately restrictive) where that is about names.
// At home is the script that people write where the text is from.
func suspicious(home script, s string) string {
	if plainASCII(s) {
		return ""
	}
	code := ""
	for i, r := range s {
		switch {
		case r < 0x80, ideograph(r):
		case unseen(r):
			if !joins(s, i, r) {
				return "invisible"
			}
		case r >= 0xFF10 && r <= 0xFFDC && norm.NFKC.String(string(r)) != string(r): // digits and letters
			code = string(identifiers.FullWidth)
		case r > unicode.MaxASCII && unicode.IsDigit(r):
			code = "foreign_digits"
		case code == "" && poses(r):
			code = string(identifiers.LookAlike)
		}
	}
	switch {
	case code != "":
		return code
	case overmarked(s), home&katakana == 0 && loneKana(s):
		return string(identifiers.LookAlike)
	}
	return scripted(home, s)
}

// ideograph says that a character is one of the common Chinese ones, which are never
// anything else.
func ideograph(r rune) bool { return 0x4E00 <= r && r <= 0x9FFF }

// unseen characters draw nothing, letters or not.
func unseen(r rune) bool {
	return r == 0x2800 || unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// poses says that a character stands for another one: a letter in a circle, of
// mathematics or of phonetics, or what nobody knows the look of.
func poses(r rune) bool {
	if strings.ContainsRune(customary, r) || unicode.Is(raised, r) {
		return false
	}
	plain, same := norm.NFKC.String(string(r)), norm.NFC.String(string(r))
	switch {
	case plain != same && (unicode.In(r, unicode.Other_Math, unicode.No) || strings.ContainsFunc(plain, unicode.IsLetter)):
		return true
	case unicode.Is(unicode.So, r) && unicode.Is(unicode.Other_Alphabetic, r), !unicode.IsGraphic(r):
		return true
	case r <= unicode.MaxASCII || !unicode.Is(unicode.Latin, r):
		return false
	}
	letter, _ := utf8.DecodeRuneInString(norm.NFD.String(string(r)))
	return letter > unicode.MaxASCII && !strings.ContainsRune(spelt, letter)
}

const (
	// customary are in names and addresses as people write them, whatever they stand for.
	customary = "ªº™℠№µĲĳ㈱㈲㈜㍿\u0E33\u0EB3\u0EDC\u0EDD"
	// spelt are the letters of Latin alphabets that are not made of A to Z and marks: all
	// others are of phonetics and of the past.
	spelt = "ÆæØøÐðÞþĐđĦħıŁłŊŋŒœŦŧßẞƏəƎǝƁɓƆɔƉɖƊɗƐɛƔɣƗɨƘƙƝɲƤƥƩʃƬƭƱʊƲʋƳƴƷʒǤǥɄʉ"
)

// overmarked says that a letter is struck through or put into a frame, or carries more
// marks than any language gives it.
func overmarked(s string) bool {
	if strings.ContainsFunc(s, odd) {
		return true
	}
	run, last := 0, rune(0)
	for _, r := range norm.NFD.String(s) {
		if !unicode.Is(unicode.Mn, r) {
			run, last = 0, 0
			continue
		}
		if run++; r == last || run > 4 || run > 3 && unicode.Is(unicode.Inherited, r) {
			return true
		}
		last = r
	}
	return false
}

// oddMarks are marks of phonetics and of mathematics, letters above letters, and strokes.
var oddMarks = [][2]rune{{0x0334, 0x0338}, {0x0363, 0x036F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20F0}, {0xFE20, 0xFE2F}}

func odd(r rune) bool {
	return unicode.Is(unicode.Me, r) || slices.ContainsFunc(oddMarks, func(x [2]rune) bool { return x[0] <= r && r <= x[1] })
}

func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// scripted looks at the words of a text, as letters part them. A word of another
// alphabet whose letters all pass for ours is plain where people write that alphabet;
// elsewhere only one letter, or what a company is, beside others of its own.
func scripted(home script, s string) string {
	var all, posing, bold script
	var other bool
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		var of script
		pose := true
		for _, r := range norm.NFD.String(word) {
			of |= scriptOf(r)
			pose = pose && r > unicode.MaxASCII && (unicode.Is(unicode.Mn, r) || strings.ContainsRune(posers, r))
		}
		switch {
		case of&rare != 0:
			return "rare_script"
		case !of.together():
			return "mixed_scripts"
		case pose:
			posing |= of
			if !passes(word) {
				bold |= of
			}
		}
		all, other = all|of, other || of&alike != 0 && !pose
	}
	switch {
	case posing&^home != 0 && (!other || bold&^home != 0):
		return string(identifiers.LookAlike)
	case all&latin != 0 && (other || posing != 0), !(all &^ latin).together():
		return "mixed_scripts"
	}
	return ""
}

// passes says that a word stands for no Latin one: a single letter, or a form of companies.
func passes(word string) bool {
	return utf8.RuneCountInString(word) == 1 || slices.Contains(companyForms, strings.ToUpper(word))
}

// companyForms are those whose letters all pass for Latin ones.
var companyForms = []string{"АО", "АТ", "ЕАО", "НАО", "ОАО", "ООО", "ТОО", "ΑΕ", "ΕΕ", "ΙΚΕ", "ΜΟΝ", "ΟΕ"}

// posers are the letters of Cyrillic, Greek and Armenian that pass for Latin ones: those
// that UTS #39 has in intentional.txt, and some more that whole words were made of.
const posers = "АВЕЅІЈКМНОРСТУХҮԌԚԜҺӀѴаеорсухіјѕԁһӏԍԛԝѡүѵ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧͿονρϳ" + "ՍՏՕԼհոսցօզ"

// script is a set of those that people write in today (UAX #31, table 5); rare is any other.
type script uint64

const (
	latin script = 1 << iota
	cyrillic
	greek
	armenian
	han
	hiragana
	katakana
	bopomofo
	hangul

	alike = cyrillic | greek | armenian // to Latin
	rare  = script(1) << 63
)

// scriptsTable has them in the order of their bits.
var scriptsTable = []*unicode.RangeTable{
	unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Hangul,
	unicode.Arabic, unicode.Bengali, unicode.Devanagari, unicode.Ethiopic, unicode.Georgian, unicode.Gujarati, unicode.Gurmukhi, unicode.Hebrew, unicode.Kannada,
	unicode.Khmer, unicode.Lao, unicode.Malayalam, unicode.Myanmar, unicode.Oriya, unicode.Sinhala, unicode.Tamil, unicode.Telugu, unicode.Thaana, unicode.Thai,
	unicode.Tibetan,
}

func scriptOf(r rune) script {
	if r <= unicode.MaxASCII {
		return latin
	}
	if ideograph(r) {
		return han
	}
	for i, table := range scriptsTable {
		if unicode.Is(table, r) {
			return 1 << i
		}
	}
	if unicode.In(r, unicode.Common, unicode.Inherited) {
		return 0
	}
	return rare
}

// together says that people write these scripts side by side: one beside Latin letters,
// and in Chinese, Japanese and Korean those that belong there.
func (s script) together() bool {
	others := s &^ latin
	switch {
	case s&latin != 0 && s&alike != 0:
		return false
	case others&(others-1) == 0:
		return true
	}
	return others&^(han|hiragana|katakana) == 0 || others&^(han|bopomofo) == 0 || others&^(han|hangul) == 0
}
