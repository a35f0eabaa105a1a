package web

import (
	"strings"
	"testing"

	"bauta.dev/bauta/broker/merchants/identifiers"
	"bauta.dev/bauta/masking"
)

type numbers struct {
	USCC    string       `json:"uscc" validate:"omitempty,uscc"`
	RIC     masking.Text `json:"ric" validate:"omitempty,ric"`
	LEI     string       `json:"lei" validate:"omitempty,lei"`
	IBAN    masking.Text `json:"iban" validate:"omitempty,iban"`
	GLN     string       `json:"gln" validate:"omitempty,gln"`
	EORI    *string      `json:"eori" validate:"omitempty,eori"`
	EIN     string       `json:"ein" validate:"omitempty,ein"`
	VAT     string       `json:"vat" validate:"omitempty,vat"`
	German  string       `json:"german" validate:"omitempty,vat=DE"`
	Country string       `json:"country"`
	Other   string       `json:"other" validate:"omitempty,vat=Country"`
}

// A tag refuses what is invalid, with its code and place, and says nothing of it.
func TestIdentifierTags(t *testing.T) {
	t.Parallel()
	zz, short := "ZZ123", "GB1"
	for name, x := range map[string]struct {
		body          numbers
		pointer, code string
	}{
		"nothing":           {numbers{}, "", ""},
		"uscc":              {numbers{USCC: "91330100MA00000740"}, "", ""},
		"uscc, suspect":     {numbers{USCC: "91350203M0001QKT19"}, "", ""},
		"uscc, a person's":  {numbers{USCC: "11010119900307002X"}, "/uscc", "personal_id"},
		"ric":               {numbers{RIC: masking.NewText("11010119900307002X")}, "", ""},
		"ric, wrong":        {numbers{RIC: masking.NewText("110101199003070021")}, "/ric", "ric_check"},
		"lei":               {numbers{LEI: "213800KUD8LXJWSQ9D15"}, "/lei", "lei_check"},
		"iban":              {numbers{IBAN: masking.NewText("GB99WEST00000000000029")}, "/iban", "iban_alias_digits"},
		"iban, unsupported": {numbers{IBAN: masking.NewText("US82WEST12345698765432")}, "", ""},
		"gln":               {numbers{GLN: "9501101530004"}, "/gln", "gln_check"},
		"eori, unsupported": {numbers{EORI: &zz}, "", ""},
		"eori":              {numbers{EORI: &short}, "/eori", "eori_shape"},
		"ein":               {numbers{EIN: "00-0000000"}, "/ein", "ein_prefix"},
		"vat":               {numbers{VAT: "DE111111125"}, "", ""},
		"vat, wrong":        {numbers{VAT: "DE999999991"}, "/vat", "vat_check"},
		"of a country":      {numbers{German: "999999991"}, "/german", "vat_check"},
		"of a field's":      {numbers{Country: "DE", Other: "111111125"}, "", ""},
		"of it, wrong":      {numbers{Country: "IT", Other: "111111125"}, "/other", "vat_shape"},
	} {
		wrong := rules(&x.body)
		if x.code == "" {
			if len(wrong) > 0 {
				t.Errorf("%s: %+v", name, wrong)
			}
			continue
		}
		if len(wrong) != 1 || wrong[0].Pointer != x.pointer || wrong[0].Code != x.code || wrong[0].Detail != identifiers.Code(x.code).Detail() {
			t.Errorf("%s: %+v, want %s at %s", name, wrong, x.code, x.pointer)
		} else if strings.ContainsAny(wrong[0].Pointer+wrong[0].Code, "0123456789") {
			t.Errorf("%s: %+v repeats the number", name, wrong)
		}
	}
}
