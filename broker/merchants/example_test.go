package merchants_test

import (
	"fmt"
	"time"

	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/masking"
)

// A pack says of each field who sees it and whether it can be right; what is
// public has the law that makes it so.
func Example() {
	packs, err := merchants.Load()
	if err != nil {
		panic(err)
	}
	pack, err := packs.For(merchants.UK, time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC))
	if err != nil {
		panic(err)
	}
	r := &merchants.Registration{
		Jurisdiction: merchants.UK, Type: merchants.Company,
		Values: map[merchants.Pointer]masking.Text{
			"/legal_name":          masking.NewText("Thames Trading Ltd"),
			"/registration/number": masking.NewText("01234567"),
			"/contact/email":       masking.NewText("hello@example.co.uk"),
			"/contact/phone":       masking.NewText("+442079460000"),
			"/address/street":      masking.NewText("1 High Street"),
			"/address/city":        masking.NewText("London"),
			"/address/country":     masking.NewText("GB"),
		},
	}
	a, err := pack.Assess(r)
	fmt.Println(a.Pack, err, a.Suspect)
	for _, f := range pack.Public(r, a) {
		fmt.Println(f.Pointer, f.Value, f.Law)
	}
	// Output:
	// UK/2026-01-01 <nil> false
	// /type ••• ECR 2002 reg. 6(1)
	// /legal_name ••• ECR 2002 reg. 6(1)
	// /registration/number ••• SI 2015/17
	// /contact/email ••• ECR 2002 reg. 6(1)
	// /address/street ••• ECR 2002 reg. 6(1)
	// /address/city ••• ECR 2002 reg. 6(1)
	// /address/country ••• ECR 2002 reg. 6(1)
}
