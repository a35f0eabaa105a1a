package web

import (
	"testing"
	"time"

	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// A person's number is not shown again, whatever stands against it: that it is no
// telephone, or no country. What only is wrong is, for whoever puts it right.
func TestFormForgetsPersons(t *testing.T) {
	t.Parallel()
	packs, err := merchants.Load()
	if err != nil {
		t.Fatal(err)
	}
	pack, err := packs.For(merchants.EU, time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	const person = "11010119900307002X"
	r := &merchants.Registration{Jurisdiction: merchants.EU, Type: merchants.Company, Values: map[merchants.Pointer]masking.Text{}}
	for at, v := range map[merchants.Pointer]string{
		"/legal_name": "Nordlicht GmbH", "/contact/phone": person, "/address/country": person, "/registration/country": person, "/trade_name": person,
		"/address/street": "Weg " + person, "/contact/email": "kontor@", "/payout/iban": "DE00",
	} {
		r.Values[at] = masking.NewText(v)
	}
	f := &filled{Registration: r, pack: pack, wrongs: map[string]fault.Field{}}
	f.forget()
	for at, v := range f.Values {
		if len(v.Reveal()) >= len(person) {
			t.Errorf("%s is shown again", at)
		}
	}
	for _, kept := range []merchants.Pointer{"/legal_name", "/contact/email", "/payout/iban"} {
		if _, ok := f.Values[kept]; !ok {
			t.Errorf("%s is gone", kept)
		}
	}
}
