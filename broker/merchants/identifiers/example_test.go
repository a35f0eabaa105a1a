package identifiers_test

import (
	"fmt"

	"bauta.dev/bauta/broker/merchants/identifiers"
)

func ExampleCheck() {
	r := identifiers.Check(identifiers.USCC, "", "9133 0100 MA00 0007 40")
	fmt.Println(r.Outcome, r.Personal, r.Normal())

	r = identifiers.Check(identifiers.VAT, "FR", "0L 433 754 066")
	fmt.Println(r.Outcome, r.Code, r.Normal())

	// Output:
	// valid false 91330100MA00000740
	// suspect vat_letter_key FR0L433754066
}

// A resident's number where a business number belongs is found, and is not shown
// by accident.
func ExampleCheck_person() {
	r := identifiers.Check(identifiers.USCC, "", "11010119900307002X")
	fmt.Println(r.Outcome, r.Personal)
	fmt.Println(r.Code.Detail())
	// Output:
	// invalid true
	// this looks like the number of a natural person, not of a business
}
