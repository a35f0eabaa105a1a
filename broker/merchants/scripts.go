package merchants

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"bauta.dev/bauta/broker/merchants/identifiers"
)

// suspicious says what an eye would not see in a text: characters of another
// width, none at all, or letters of two scripts in one word.
func suspicious(s string) string {
	if plainASCII(s) {
		return ""
	}
	code := ""
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Cf, r):
			return "invisible"
		case r >= 0xFF10 && r <= 0xFF5A && norm.NFKC.String(string(r)) != string(r): // digits and letters
			code = string(identifiers.FullWidth)
		case r > unicode.MaxASCII && unicode.IsDigit(r):
			code = "foreign_digits"
		case code == "" && unicode.In(r, unicode.Other_Math, unicode.No) && norm.NFKC.String(string(r)) != string(r):
			code = string(identifiers.LookAlike)
		}
	}
	if code != "" {
		return code
	}
	return scripted(s)
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
// alphabet whose letters all pass for ours is plain beside others of its own.
func scripted(s string) string {
	var latin, other, posing bool
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		var of [4]bool // alphabets
		poses := true
		for _, r := range word {
			if i := alphabet(r); i >= 0 {
				of[i] = true
			}
			poses = poses && strings.ContainsRune(posers, r)
		}
		foreign := of[1] || of[2] || of[3]
		if of[0] && foreign || of[1] && of[2] {
			return "mixed_scripts"
		}
		latin, posing, other = latin || of[0], posing || poses, other || foreign && !poses
	}
	switch {
	case posing && !other:
		return string(identifiers.LookAlike)
	case latin && (other || posing):
		return "mixed_scripts"
	}
	return ""
}

// posers are the letters of Cyrillic and Greek that pass for Latin ones.
const posers = "АВЕЅІЈКМНОРСТУХаеорсухіјѕԁһӏԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρ"

// alphabet is Latin (0), one that looks like it, or none of them (-1).
func alphabet(r rune) int {
	switch {
	case unicode.Is(unicode.Latin, r):
		return 0
	case unicode.Is(unicode.Cyrillic, r):
		return 1
	case unicode.Is(unicode.Greek, r):
		return 2
	case unicode.In(r, unicode.Armenian, unicode.Cherokee):
		return 3
	}
	return -1
}

// personIn looks for the number of a person in a text that is to be public.
func personIn(s string) identifiers.Likeness { return identifiers.InText(norm.NFKC.String(s)) }
