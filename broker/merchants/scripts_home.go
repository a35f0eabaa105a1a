package merchants

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// scriptsAt are the scripts whose letters pass for others, where people write them.
var scriptsAt = map[string]script{
	"GR": greek, "EL": greek, "CY": greek, "AM": armenian, "JP": hiragana | katakana,
	"BG": cyrillic, "RS": cyrillic, "MK": cyrillic, "ME": cyrillic, "BA": cyrillic, "UA": cyrillic, "BY": cyrillic, "RU": cyrillic,
	"KZ": cyrillic, "KG": cyrillic, "TJ": cyrillic, "MN": cyrillic,
}

func homeOf(countries []string) script {
	var all script
	for _, c := range countries {
		all |= scriptsAt[c]
	}
	return all
}

// raised are figures above and below the line, and fractions: H₂O, m², ½.
var raised = &unicode.RangeTable{R16: []unicode.Range16{
	{0x00B2, 0x00B3, 1}, {0x00B9, 0x00B9, 1}, {0x00BC, 0x00BE, 1}, {0x2070, 0x2070, 1}, {0x2074, 0x2079, 1}, {0x2080, 0x2089, 1}, {0x2150, 0x215E, 1}, {0x2189, 0x2189, 1},
}, LatinOffset: 3}

const (
	joiner    = '\u200D'
	nonJoiner = '\u200C'
	asPicture = '\uFE0F'
)

// joins says that what draws nothing changes what is drawn beside it: an emoji, or how
// letters are joined (RFC 5892, A.1 and A.2).
func joins(s string, at int, r rune) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:at])
	switch r {
	case asPicture:
		return before > unicode.MaxASCII && unicode.In(before, unicode.So, unicode.Sm)
	case joiner, nonJoiner:
		if at > 0 && norm.NFD.PropertiesString(string(before)).CCC() == virama {
			return true
		}
	default:
		return false
	}
	return r == nonJoiner && joinsOn(s[:at]) && joinsBack(s[at+len(string(nonJoiner)):])
}

const virama = 9 // the combining class

// joinsOn says that the last letter, but for the marks on it, joins the next one.
func joinsOn(s string) bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(s, transparent))
	return arabic(last) && !slices.ContainsFunc(unjoining, func(x [2]rune) bool { return x[0] <= last && last <= x[1] })
}

// joinsBack says that the first letter joins the one before it.
func joinsBack(s string) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(s, transparent))
	return arabic(first) && first != 'ء' && first != 'ٴ'
}

func transparent(r rune) bool { return unicode.Is(unicode.Mn, r) }

func arabic(r rune) bool { return unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r) }

// unjoining are the Arabic letters that join nothing, or only what is before them.
var unjoining = [][2]rune{
	{0x0621, 0x0625},
	{0x0627, 0x0627},
	{0x0629, 0x0629},
	{0x062F, 0x0632},
	{0x0648, 0x0648},
	{0x0671, 0x0677},
	{0x0688, 0x0699},
	{0x06C0, 0x06C0},
	{0x06C3, 0x06CB},
	{0x06CD, 0x06CD},
	{0x06CF, 0x06CF},
	{0x06D2, 0x06D3},
	{0x06D5, 0x06D5},
	{0x06EE, 0x06EF},
	{0x0759, 0x075B},
	{0x076B, 0x076C},
	{0x0771, 0x0771},
	{0x0773, 0x0774},
	{0x0778, 0x0779},
}

// kanaPosers pass for Chinese characters: エ for 工, ロ for 口, カ for 力, ー for 一.
const kanaPosers = "エロカニハトタチミオヌヒムへヘー"

// loneKana finds a run of nothing but such kana among Chinese characters.
func loneKana(s string) bool {
	if !strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return false
	}
	for run := range strings.FieldsFuncSeq(s, func(r rune) bool { return !kana(r) }) {
		if !strings.ContainsFunc(run, func(r rune) bool { return !strings.ContainsRune(kanaPosers, r) }) {
			return true
		}
	}
	return false
}

func kana(r rune) bool { return r == 'ー' || unicode.In(r, unicode.Hiragana, unicode.Katakana) }
