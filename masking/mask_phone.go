package masking

import (
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Few digits are a set of numbers; k is decided by how many people live behind
// the country code, not by how many digits are hidden (masking.md, pitfall 4).
const (
	lastTwoFrom = 9 // digits of a national number that leave 10 million behind its last two
	// tinyPlans have fewer than 20,000 residents: even the country tells too much.
	tinyPlans = " 246 247 290 500 508 672 674 680 681 682 683 688 690 "
	// smallPlans have fewer than a million, so that fewer than 10,000 share two digits.
	smallPlans = " 238 239 248 269 297 298 299 350 352 354 356 376 377 378 382 423 501 590 592 594 596 597 599 " +
		"673 676 677 678 679 685 686 687 689 691 692 853 960 975 "
)

// maskPhone masks E.164, as Normalize gives it.
func maskPhone(s string) string {
	code, national, ok := splitPhone(s)
	if !ok || listed(tinyPlans, code) {
		return Hidden
	}
	if len(national) < lastTwoFrom || listed(smallPlans, code) {
		return "+" + code + " ••• ••••"
	}
	last := national[len(national)-2:]
	switch {
	case code == "1":
		return "+1 ••• ••• ••" + last
	case code == "33" && len(national) == 9 && national[0] != '8': // 8: services, some of them short
		return "+33 " + national[:1] + " •• •• •• " + last
	case code == "86" && len(national) == 11 && national[0] == '1' && national[1] >= '3':
		return national[:3] + "••••••" + last // at least 6 hidden: GB/T 41833-2022
	}
	return "+" + code + " •••• •••" + last
}

// splitPhone parts E.164 into country code and national number; it fails for
// codes that no country has.
func splitPhone(s string) (code, national string, ok bool) {
	if !isE164(s) {
		return "", "", false
	}
	digits := s[1:]
	for n := 1; n <= 3; n++ { // country codes are prefix-free
		c, err := strconv.Atoi(digits[:n])
		if err != nil {
			return "", "", false
		}
		switch phonenumbers.GetRegionCodeForCountryCode(c) {
		case "ZZ":
		case "001": // satellites and services: no country to hide in
			return "", "", false
		default:
			return digits[:n], digits[n:], true
		}
	}
	return "", "", false
}

// isE164: ITU-T E.164 allows 15 digits; the shortest plan has 4 behind a code.
func isE164(s string) bool {
	digits, plus := strings.CutPrefix(s, "+")
	return plus && len(digits) >= 5 && len(digits) <= 15 && digits[0] != '0' && allDigits(digits)
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
