package broker

import (
	"strconv"
	"strings"

	"bauta.dev/bauta/masking/fault"
)

// Quantity is an amount of money in the currency's minor units, or a count.
type Quantity int64

// maxMinor bounds amounts: a trillion in a currency with three decimals still
// adds up without overflow a thousand times over.
const maxMinor = 1_000_000_000_000_000

// Currency is an ISO 4217 code that the door has checked.
type Currency string

// Digits is the number of digits after the point (ISO 4217, column "minor unit").
func (c Currency) Digits() int {
	switch c {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	case "CLF", "UYW":
		return 4
	default:
		return 2
	}
}

var (
	errAmount = fault.New(fault.Invalid, "not_an_amount", `an amount is a decimal string such as "221.65", without sign, exponent or grouping`)
	errDigits = fault.New(fault.Invalid, "too_many_decimals", "the currency has fewer digits after the point")
	errRange  = fault.New(fault.Invalid, "out_of_range", "the amount is larger than any that is taken here, or not above zero")
)

// ParseQuantity reads a decimal string with at most digits after the point.
func ParseQuantity(s string, digits int) (Quantity, error) {
	whole, frac, point := strings.Cut(s, ".")
	if !allDigits(whole) || point && !allDigits(frac) || len(s) > 32 {
		return 0, errAmount
	}
	frac = strings.TrimRight(frac, "0")
	if len(frac) > digits {
		return 0, errDigits
	}
	n, err := strconv.ParseInt(whole+frac+strings.Repeat("0", digits-len(frac)), 10, 64)
	if err != nil || n <= 0 || n > maxMinor {
		return 0, errRange
	}
	return Quantity(n), nil
}

// Format is the inverse of ParseQuantity, with all digits written out.
func (q Quantity) Format(digits int) string {
	s := strconv.FormatInt(int64(q), 10)
	if digits == 0 {
		return s
	}
	if len(s) <= digits {
		s = strings.Repeat("0", digits+1-len(s)) + s
	}
	return s[:len(s)-digits] + "." + s[len(s)-digits:]
}

func allDigits(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}
