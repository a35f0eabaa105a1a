package identifiers

import (
	"strings"
	"time"
)

// usccAlphabet are the 31 symbols of GB 32100-2015, each worth its place.
const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// The weights of GB 32100-2015 (powers of 3 mod 31), GB 11714-1997 and
// GB 11643-1999 (powers of 2 mod 11).
var (
	usccWeights = [...]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}
	orgWeights  = [...]int{3, 7, 9, 10, 5, 8, 4, 2}
	ricWeights  = [...]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
)

// checkUSCC: GB 32100-2015, with the organisation code of GB 11714 in it. Two
// checks, so a failure can be told from a typing error: codes that Fujian gave
// before 2016 have a right organisation code and a wrong last character. The
// same is true of a typing error in that character, so they are suspect only
// where such codes were given.
func checkUSCC(number string) finding {
	resident := residentID(number)
	if f := usccShape(number); f.outcome != Valid {
		return f.ofPerson(residentShape(number))
	}
	last, org := usccCheck(number) == number[17], orgCheck(number[8:16]) == number[16]
	switch {
	case last && org && resident && number[0] == '9':
		// A registrar of companies gives these; one in some thousands that are all
		// digits is also a resident's.
		return doubtful(PersonalID).ofPerson(true)
	case resident:
		return bad(PersonalID).ofPerson(true)
	case last && org:
		return good()
	case last:
		return bad(USCCOrgCode).ofPerson(residentShape(number))
	case org && strings.HasPrefix(number, "9135") && number[8:10] == "M0":
		return doubtful(USCCLegacyFujian)
	}
	return bad(USCCCheck).ofPerson(residentShape(number))
}

func usccShape(number string) finding {
	if len(number) != 18 {
		return bad(USCCLength)
	}
	for i := range len(number) {
		if strings.IndexByte(usccAlphabet, number[i]) < 0 {
			return bad(USCCCharacters)
		}
	}
	if !digits(number[2:8]) {
		return bad(USCCRegion)
	}
	return unless(blank(number), AllZeros)
}

// usccCheck is the last character that the first 17 ask for. A sum that 31
// divides asks for 0, not for a 32nd symbol.
func usccCheck(number string) byte {
	sum := 0
	for i, w := range usccWeights {
		sum += w * strings.IndexByte(usccAlphabet, number[i])
	}
	return usccAlphabet[(31-sum%31)%31]
}

// orgCheck: here letters count on from 9 without a gap (J is 19, not 18).
func orgCheck(body string) byte {
	sum := 0
	for i, w := range orgWeights {
		sum += w * base36(body[i])
	}
	return "0X987654321"[sum%11] // 11 - sum mod 11, of which 10 is X and 11 is 0
}

func base36(c byte) int {
	if letter(c) {
		return int(c-'A') + 10
	}
	return int(c - '0')
}

// checkRIC: GB 11643-1999.
func checkRIC(number string) finding {
	switch {
	case len(number) != 18:
		return bad(RICLength)
	case !digits(number[:17]) || !digits(number[17:]) && number[17] != 'X':
		return bad(RICCharacters)
	case !province(number):
		return bad(RICRegion)
	case !birthday(number[6:14]):
		return bad(RICDate)
	}
	return unless(ricCheck(number) != number[17], RICCheck)
}

func ricCheck(number string) byte {
	return "10X98765432"[weighted(number, ricWeights[:])%11]
}

// residentID says that a number is a resident's, with all that makes it one.
func residentID(number string) bool { return checkRIC(number).outcome == Valid }

// residentShape says that a number looks like a resident's, the old ones of 15
// digits included. A wrong digit in it does not make it anybody else's.
func residentShape(number string) bool {
	switch len(number) {
	case 18:
		code := checkRIC(number).code
		return code == "" || code == RICCheck
	case 15:
		return digits(number) && province(number) && birthday("19"+number[6:12])
	}
	return false
}

// provinces are the first two digits of GB/T 2260, 81 to 83 for residents from
// Hong Kong, Macao and Taiwan.
const provinces = " 11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91 "

// province: a foreigner's number begins with 9, and the province follows.
func province(number string) bool {
	return listed(provinces, number[:2]) || number[0] == '9' && listed(provinces, number[1:3])
}

func listed(list, word string) bool { return strings.Contains(list, " "+word+" ") }

func birthday(date string) bool {
	born, err := time.Parse("20060102", date)
	return err == nil && born.Year() >= 1850 && born.Year() <= 2100
}
