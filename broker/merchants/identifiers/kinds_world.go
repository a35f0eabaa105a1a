package identifiers

import (
	"regexp"
	"strings"
)

// americanTaxpayer is what an ITIN can have in its fourth and fifth places.
func americanTaxpayer(group string) bool {
	return group >= "50" && group <= "65" || group >= "70" && group <= "88" || group >= "90" && group <= "92" || group >= "94"
}

// ssnOrITIN: there is no check digit.
func ssnOrITIN(n string) bool {
	return sized(n, 9) && (americanArea(n) || n[0] == '9' && americanTaxpayer(n[3:5]))
}

// pis: mod 11.
func pis(n string) bool {
	return sized(n, 11) && (11-weighted(n, []int{3, 2, 9, 8, 7, 6, 5, 4, 3, 2})%11)%11%10 == int(n[10]-'0')
}

const curpCharacters = "0123456789ABCDEFGHIJKLMN\x00OPQRSTUVWXYZ" // the Ñ has a place

var curpShape = regexp.MustCompile(`^[A-Z]{4}[0-9]{6}[HMX][A-Z]{5}[0-9A-Z][0-9]$`)

// curp: the number of every Mexican (Ley General de Población, art. 91): letters of the name,
// date of birth, sex, state, consonants, mod 10.
func curp(n string) bool {
	if len(n) != 18 || !curpShape.MatchString(n) || !monthDay(n[6:8], n[8:10], 0, 0) {
		return false
	}
	sum := 0
	for i := range 17 {
		sum += strings.IndexByte(curpCharacters, n[i]) * (18 - i)
	}
	return (10-sum%10)%10 == int(n[17]-'0')
}

const rfcCharacters = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ"

var rfcShape = regexp.MustCompile(`^[A-Z]{4}[0-9]{6}[1-9A-V][1-9A-Z][0-9A]$`)

// rfc: letters of the name, date of birth, two characters, mod 11; that of a business has
// three letters.
func rfc(n string) bool {
	if len(n) != 13 || !rfcShape.MatchString(n) || !monthDay(n[6:8], n[8:10], 0, 0) {
		return false
	}
	sum := 0
	for i := range 12 {
		sum += strings.IndexByte(rfcCharacters, n[i]) * (13 - i)
	}
	return n[12] == "0123456789A"[(11-sum%11)%11]
}

// cuil: those of persons begin with 20 and 23 to 27; mod 11.
func cuil(n string) bool {
	if !sized(n, 11) || n[0] != '2' || n[1] > '7' || n[1] == '1' || n[1] == '2' {
		return false
	}
	return n[10] == "09987654321"[weighted(n, []int{5, 4, 3, 2, 7, 6, 5, 4, 3, 2})%11]
}

// run: those of persons are below 47 million; mod 11.
func run(n string) bool {
	if len(n) < 8 || len(n) > 9 || !digits(n[:len(n)-1]) || len(n) == 9 && n[:2] > "46" {
		return false
	}
	sum, body := 0, n[:len(n)-1]
	for i := range len(body) {
		sum += (2 + i%6) * int(body[len(body)-1-i]-'0')
	}
	return n[len(n)-1] == "0K987654321"[sum%11]
}

// ruc: that of a person is its DNI behind 10; mod 11.
func ruc(n string) bool {
	return sized(n, 11) && n[:2] == "10" && (11-weighted(n, []int{5, 4, 3, 2, 7, 6, 5, 4, 3, 2})%11)%10 == int(n[10]-'0')
}

// cedula: province, a third digit up to 5, Luhn.
func cedula(n string) bool {
	return sized(n, 10) && (n[:2] >= "01" && n[:2] <= "24" || n[:2] == "30") && n[2] <= '5' && luhn(n)
}

// rrn: date of birth, sex and century, mod 11; since October 2020 the rest is drawn by lot.
func rrn(n string) bool { return sized(n, 13) && n[6] != '0' && monthDay(n[2:4], n[4:6], 0, 0) }

// myNumber: mod 11.
func myNumber(n string) bool {
	if !sized(n, 12) {
		return false
	}
	rest := weighted(n, []int{6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11
	return rest < 2 && n[11] == '0' || rest > 1 && 11-rest == int(n[11]-'0')
}

// nationalTW: a letter that counts as two digits, sex, mod 10.
func nationalTW(n string) bool {
	const letters = "ABCDEFGHJKLMNPQRSTUVXYWZIO" // from 10
	if len(n) != 10 || !letter(n[0]) || !sized(n[1:], 9) || !strings.ContainsRune("1289", rune(n[1])) {
		return false
	}
	at := strings.IndexByte(letters, n[0]) + 10
	return (at/10+9*(at%10)+weighted(n[1:], []int{8, 7, 6, 5, 4, 3, 2, 1, 1}))%10 == 0
}

// hkid: one or two letters, which count from 10, and for one that is missing 36; mod 11.
func hkid(n string) bool {
	if len(n) < 8 || len(n) > 9 {
		return false
	}
	body := n
	first := 36
	if len(n) == 9 {
		if !letter(n[0]) {
			return false
		}
		first, body = base36(n[0]), n[1:]
	}
	if !letter(body[0]) || !digits(body[1:7]) || body[7] != 'A' && !digits(body[7:]) {
		return false
	}
	last := base36(body[7])
	return (9*first+8*base36(body[0])+weighted(body[1:], []int{7, 6, 5, 4, 3, 2})+last)%11 == 0
}

// nric: a letter for the century or a foreigner, mod 11 to a letter.
func nric(n string) bool {
	if len(n) != 9 || !sized(n[1:8], 7) {
		return false
	}
	sum := weighted(n[1:], []int{2, 7, 6, 5, 4, 3, 2})
	switch n[0] {
	case 'T':
		sum += 4
		fallthrough
	case 'S':
		return n[8] == "JZIHGFEDCBA"[sum%11]
	case 'G':
		sum += 4
		fallthrough
	case 'F':
		return n[8] == "XWUTRQPNMLK"[sum%11]
	case 'M':
		return n[8] == "XWUTRQPNJLK"[(sum+3)%11]
	}
	return false
}

// The tables of Verhoeff, Error Detecting Decimal Codes (1969): the dihedral group of order
// ten, and the powers of his permutation.
var (
	dihedral = []string{"0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043", "8765932104", "9876543210"}
	permuted = []string{"0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258"}
)

func verhoeff(n string) bool {
	c := byte('0')
	for i := range len(n) {
		c = dihedral[c-'0'][permuted[i%8][n[len(n)-1-i]-'0']-'0']
	}
	return c == '0'
}

// aadhaar begins with 2 to 9.
func aadhaar(n string) bool { return sized(n, 12) && n[0] > '1' && verhoeff(n) }

// pinTH: mod 11; those of persons begin with 1 to 8.
func pinTH(n string) bool {
	return sized(n, 13) && n[0] >= '1' && n[0] <= '8' && (11-weighted(n, []int{13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2})%11)%10 == int(n[12]-'0')
}

// identityZA: date of birth, sex, citizen or not, Luhn.
func identityZA(n string) bool {
	return sized(n, 13) && monthDay(n[2:4], n[4:6], 0, 0) && n[10] <= '2' && luhn(n)
}

func nineLuhn(n string) bool { return sized(n, 9) && luhn(n) }

// tfn: mod 11.
func tfn(n string) bool {
	return sized(n, 9) && weighted(n, []int{1, 4, 3, 7, 5, 8, 6, 9, 10})%11 == 0
}
