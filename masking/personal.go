package masking

import (
	"strconv"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"
)

const maxID = 128

// ValidID says whether an id of a party or transaction is 1 to 128 of
// A-Za-z0-9._:- .
func ValidID(id string) bool {
	if id == "" || len(id) > maxID {
		return false
	}
	for i := range len(id) {
		if !isAlphanumeric(id[i]) && !strings.ContainsRune("._:-", rune(id[i])) {
			return false
		}
	}
	return true
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// PersonalID says whether an id is, or looks like, something about a person:
// an e-mail address, a telephone number, or the number of a Chinese resident
// (RIC), Brazilian taxpayer (CPF), Spanish resident (DNI, NIE) or American
// (SSN). Ids are in the ledger, in URLs and in logs, for ever. A prefix before
// a number makes it none of these.
func PersonalID(id string) bool {
	if strings.Contains(id, "@") || strings.HasPrefix(id, "+") {
		return true
	}
	if len(id) > 32 { // longer than any number with its punctuation
		return false
	}
	return isDialled(id) || isPhone(id) || isRIC(id) || isCPF(id) || isDNI(id) || isSSN(id)
}

// isDialled: 00 before a number is the international prefix; before anything
// with a letter it is the start of a hash.
func isDialled(id string) bool {
	return strings.HasPrefix(id, "00") && allDigits(without(id, ".-:_"))
}

func isPhone(id string) bool {
	if len(id) < 10 || len(id) > 15 || !allDigits(id) {
		return false
	}
	n, err := phonenumbers.Parse("+"+id, "ZZ")
	return err == nil && phonenumbers.IsValidNumber(n)
}

// bare drops the punctuation that people put into numbers.
func bare(id string) string {
	return strings.ToUpper(without(id, ".-"))
}

// without drops punctuation; as a rule there is none.
func without(id, punctuation string) string {
	if !strings.ContainsAny(id, punctuation) {
		return id
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(punctuation, r) {
			return -1
		}
		return r
	}, id)
}

// ricProvinces are the first two digits of GB/T 2260.
const ricProvinces = " 11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91 "

// isRIC: GB 11643-1999; a province, a real date, and ISO 7064 mod 11-2.
func isRIC(id string) bool {
	id = bare(id)
	if len(id) != 18 || !allDigits(id[:17]) || !listed(ricProvinces, id[:2]) {
		return false
	}
	born, err := time.Parse("20060102", id[6:14])
	if err != nil || born.Year() < 1850 || born.Year() > 2100 {
		return false
	}
	sum := 0
	for i, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += w * int(id[i]-'0')
	}
	return id[17] == "10X98765432"[sum%11]
}

// isCPF: two check digits mod 11 (Receita Federal); eleven equal digits pass
// the sum, and are nobody's.
func isCPF(id string) bool {
	id = bare(id)
	if len(id) != 11 || !allDigits(id) || strings.Count(id, id[:1]) == 11 {
		return false
	}
	return cpfDigit(id[:9]) == id[9] && cpfDigit(id[:10]) == id[10]
}

func cpfDigit(digits string) byte {
	sum := 0
	for i := range len(digits) {
		sum += (len(digits) + 1 - i) * int(digits[i]-'0')
	}
	if rest := sum % 11; rest >= 2 {
		return '0' + byte(11-rest) //nolint:gosec // 1 to 9
	}
	return '0'
}

// isDNI: Real Decreto 1553/2005, art. 11; an NIE is X, Y or Z for 0, 1 or 2.
func isDNI(id string) bool {
	id = bare(id)
	if len(id) != 9 {
		return false
	}
	digits := id[:8]
	if i := strings.IndexByte("XYZ", id[0]); i >= 0 {
		digits = strconv.Itoa(i) + id[1:8]
	}
	if !allDigits(digits) {
		return false
	}
	n, err := strconv.Atoi(digits)
	return err == nil && id[8] == "TRWAGMYFPDXBNJZSQVHLCKE"[n%23]
}

// isSSN: nine digits, or AAA-GG-SSSS; SSA never assigns area 000, 666 or 900 and
// up, group 00, or serial 0000 (POMS RM 10201.035).
func isSSN(id string) bool {
	if len(id) == 11 && id[3] == '-' && id[6] == '-' {
		id = id[:3] + id[4:6] + id[7:]
	}
	if len(id) != 9 || !allDigits(id) {
		return false
	}
	return id[:3] != "000" && id[:3] != "666" && id[0] != '9' && id[3:5] != "00" && id[5:] != "0000"
}
