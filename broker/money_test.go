package broker

import (
	"testing"

	"pgregory.net/rapid"
)

func TestParseQuantity(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in     string
		digits int
		want   Quantity
		code   string
	}{
		{"221.65", 2, 22165, ""},
		{"221.650", 2, 22165, ""},
		{"1", 2, 100, ""},
		{"0.01", 2, 1, ""},
		{"1000", 0, 1000, ""},
		{"1.5", 3, 1500, ""},
		{"0", 2, 0, "out_of_range"},
		{"0.00", 2, 0, "out_of_range"},
		{"99999999999999999999", 2, 0, "out_of_range"},
		{"1.005", 2, 0, "too_many_decimals"},
		{"1.5", 0, 0, "too_many_decimals"},
		{"-1", 2, 0, "not_an_amount"},
		{"+1", 2, 0, "not_an_amount"},
		{"1e3", 2, 0, "not_an_amount"},
		{"1,50", 2, 0, "not_an_amount"},
		{"", 2, 0, "not_an_amount"},
		{".5", 2, 0, "not_an_amount"},
		{"1.", 2, 0, "not_an_amount"},
		{" 1", 2, 0, "not_an_amount"},
		{"٣", 2, 0, "not_an_amount"},
		{"NaN", 2, 0, "not_an_amount"},
	} {
		got, err := ParseQuantity(test.in, test.digits)
		if code := codeOf(err); got != test.want || code != test.code {
			t.Errorf("ParseQuantity(%q, %d) = %d, %q, want %d, %q", test.in, test.digits, got, code, test.want, test.code)
		}
	}
}

func TestQuantityRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := Quantity(rapid.Int64Range(1, maxMinor).Draw(t, "quantity"))
		digits := rapid.IntRange(0, 4).Draw(t, "digits")
		if got, err := ParseQuantity(q.Format(digits), digits); err != nil || got != q {
			t.Fatalf("%d with %d digits is written %s and read %d, %v", q, digits, q.Format(digits), got, err)
		}
	})
}
