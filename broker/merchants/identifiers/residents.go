package identifiers

import (
	"strings"
	"unicode"
)

// numerals are the Chinese ones, as they are written and as banks write them.
var numerals = map[rune]int{
	'〇': 0, '零': 0, '○': 0, '一': 1, '壹': 1, '二': 2, '贰': 2, '貳': 2, '三': 3, '叁': 3, '參': 3, '四': 4, '肆': 4,
	'五': 5, '伍': 5, '六': 6, '陆': 6, '陸': 6, '七': 7, '柒': 7, '八': 8, '捌': 8, '九': 9, '玖': 9,
}

func numeral(r rune) int {
	if r < 0x2000 {
		return -1
	}
	if n, is := numerals[r]; is {
		return n
	}
	return -1
}

// What passes for a zero, a one, and an X, of whatever script.
const (
	zeros   = "OОΟՕoоοօ"
	ones    = "IІΙӀl|iіιıӏ¦"
	crosses = "XХΧxхχ×✕✖✗╳⨯*"
)

// residentIn finds the number of a Chinese resident, in whatever digits, and with whatever
// between them: chance makes none of eighteen. What passes for a zero or a one may be one
// or a letter.
func residentIn(s string) bool {
	if possible(s) < 17 {
		return false
	}
	s = unworded(s)
	for _, letters := range []string{"", zeros, ones, zeros + ones} {
		if residentAmong(s, letters) {
			return true
		}
	}
	return false
}

// unworded is a text without its words, but for the X that may end a number: no letter of a
// word is a digit.
func unworded(s string) string {
	b := []rune(s)
	for from := 0; from < len(b); from++ {
		to, other := from, false
		for ; to < len(b) && unicode.IsLetter(b[to]) && !unicode.Is(unicode.Han, b[to]); to++ {
			other = other || !strings.ContainsRune(zeros+ones+crosses, b[to])
		}
		for i := from; other && i < to; i++ {
			if !strings.ContainsRune(crosses, b[i]) {
				b[i] = ' '
			}
		}
		from = max(from, to)
	}
	return string(b)
}

// possible counts what can be a digit.
func possible(s string) int {
	n := 0
	for _, r := range s {
		if '0' <= r && r <= '9' || r > unicode.MaxASCII && (unicode.IsDigit(r) || numeral(r) >= 0) || strings.ContainsRune(zeros+ones, r) {
			n++
		}
	}
	return n
}

func residentAmong(s, letters string) bool {
	all := make([]byte, 0, 64)
	crossed := make([]bool, 0, 64) // an X follows
	add := func(digit byte) { all, crossed = append(all, digit), append(crossed, false) }
	for _, r := range s {
		switch n := numeral(r); {
		case '0' <= r && r <= '9':
			add(byte(r)) //nolint:gosec // below 128
		case r > unicode.MaxASCII && unicode.IsDigit(r):
			add('0' + digitOf(r))
		case n >= 0:
			add('0' + byte(n))
		case letters != "" && strings.ContainsRune(letters, r):
			digit := byte('0')
			if strings.ContainsRune(ones, r) {
				digit = '1'
			}
			add(digit)
		case len(all) > 0 && strings.ContainsRune(crosses, r):
			crossed[len(all)-1] = true
		}
	}
	for i := 0; i+17 <= len(all); i++ {
		body := string(all[i : i+17])
		if born := body[6:10]; !province(body) || born < "1900" || born > "2029" { // nobody older sells, or younger
			continue
		}
		if crossed[i+16] && residentID(body+"X") || i+17 < len(all) && residentID(body+string(all[i+17])) {
			return true
		}
	}
	return false
}
