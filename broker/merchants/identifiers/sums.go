package identifiers

// weighted is the sum of digits, each times its weight.
func weighted(number string, weights []int) int {
	sum := 0
	for i, w := range weights {
		sum += w * int(number[i]-'0')
	}
	return sum
}

// luhn: ISO/IEC 7812-1, annex B; every second digit from the right, the check
// digit left aside, counts double, and of what has two digits the sum.
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		d := int(number[i] - '0')
		if (len(number)-i)%2 == 0 {
			d = crossSum(2 * d)
		}
		sum += d
	}
	return sum%10 == 0
}

func crossSum(n int) int { return n/10 + n%10 }

// mod97 is a number mod 97, its letters written as 10 to 35: ISO 7064, mod 97-10.
func mod97(number string) int {
	rest := 0
	for i := range len(number) {
		if v := base36(number[i]); v > 9 {
			rest = (rest*100 + v) % 97
		} else {
			rest = (rest*10 + v) % 97
		}
	}
	return rest
}

// hybrid11 says that a number fits ISO 7064, mod 11,10.
func hybrid11(number string) bool {
	p := 10
	for i := range len(number) - 1 {
		s := (int(number[i]-'0') + p) % 10
		if s == 0 {
			s = 10
		}
		p = 2 * s % 11
	}
	return (p+int(number[len(number)-1]-'0'))%10 == 1
}

// alias says that two check digits lie where 98 minus a rest never does: 00, 01
// and 99 fit the sum in the place of 97, 98 and 02.
func alias(check string) bool { return check == "00" || check == "01" || check == "99" }
