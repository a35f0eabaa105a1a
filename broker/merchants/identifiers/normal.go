package identifiers

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest is more than any number has with its punctuation, each character in
// its full-width form.
const longest = 192

// normalise gives the number as it is compared: no blanks, dots or hyphens,
// capitals, full-width forms made plain. What it can't make plain it reports and
// leaves. It reads no more of a long text than its length. Doing it again
// changes nothing.
func normalise(given string) (string, Code) {
	if len(given) > longest {
		return "", TooLong
	}
	var b strings.Builder
	b.Grow(len(given))
	var form Code
	given = strings.TrimSpace(given)
	for _, r := range given {
		p, f := plainly(r)
		if worse(f, form) {
			form = f
		}
		if p != 0 {
			b.WriteRune(p)
		}
	}
	if b.Len() == 0 && form == "" {
		form = Empty
	}
	return b.String(), form
}

// worst are the reports of characters; a later one outweighs those before it.
var worst = []Code{"", FullWidth, LookAlike, Characters}

func worse(f, than Code) bool { return slices.Index(worst, f) > slices.Index(worst, than) }

// plainly is a character as it stands in a number, 0 for one that is dropped,
// and what there is to report of it.
func plainly(r rune) (rune, Code) {
	switch {
	case r == ' ' || r == '.' || r == '-':
		return 0, ""
	case r >= 'a' && r <= 'z':
		return r - 'a' + 'A', ""
	case r < utf8.RuneSelf && plain(byte(r)): //nolint:gosec // below 128
		return r, ""
	case r >= 0xFF01 && r <= 0xFF5E: // FULLWIDTH EXCLAMATION MARK to TILDE: ASCII, elsewhere
		p, f := plainly(r - 0xFF01 + '!')
		if f == "" {
			f = FullWidth
		}
		return p, f
	case r == 0x3002 || unicode.Is(unicode.Zs, r): // the stop and the blanks of other keyboards
		return 0, FullWidth
	case lookAlike(r):
		return r, LookAlike
	case r == utf8.RuneError || unicode.IsSpace(r) || unicode.IsControl(r):
		return 0, Characters
	}
	return r, Characters
}

// lookAlike are the letters and digits of the scripts whose forms pass for
// ours, and what has no form at all.
func lookAlike(r rune) bool {
	return r >= utf8.RuneSelf && unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee,
		unicode.Nd, unicode.Nl, unicode.No, unicode.Cf, unicode.Mn, unicode.Other_Math, unicode.Pd)
}

// twins are letters of other scripts and the one of ours that each passes for.
const twins = "АAВBЕEЅSІIЈJКKМMНHОOРPСCТTУYХXԚQԜWЗ3аAеEоOрPсCуYхXіIјJѕS" +
	"ΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXοOνVχXıIſS"

// folded is a number as an eye takes it: look-alikes replaced, all else that no
// number has left out. It only serves to say whose a number would be.
func folded(number string) string {
	if alphanumeric(number) {
		return number
	}
	var b strings.Builder
	for _, r := range number {
		switch at := strings.IndexRune(twins, r); {
		case r < utf8.RuneSelf:
			if plain(byte(r)) { //nolint:gosec // below 128
				b.WriteRune(r)
			}
		case at >= 0:
			b.WriteByte(twins[at+utf8.RuneLen(r)])
		case unicode.Is(unicode.Nd, r):
			b.WriteByte('0' + digitOf(r))
		}
	}
	return b.String()
}

// digitOf: the decimal digits of a script stand together, from zero to nine.
func digitOf(r rune) byte {
	zero := r
	for unicode.Is(unicode.Nd, zero-1) {
		zero--
	}
	return byte((r - zero) % 10) //nolint:gosec // below 10
}
