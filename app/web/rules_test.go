package web

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// One thing wrong at a time: what it is called, and where it is.
func TestRules(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	es := endpoints()
	party, flags, transaction, performance, reversal, completion, disclosure, view := es[0], es[1], es[2], es[3], es[4], es[5], es[7], es[8]
	for _, x := range []struct {
		e                        endpoint
		pointer, value           string
		wantPointer, field, code string
	}{
		{party, "/kind", `"PLANTED"`, "/kind", "not_one_of", "validation_failed"},
		{party, "/locale", `"pt_BR"`, "/locale", "not_a_locale", "validation_failed"},
		{party, "/residency", `"XX"`, "/residency", "not_a_country", "validation_failed"},
		{party, "/contact/phone", `"87 PLANTED"`, "/contact/phone", "not_a_phone", "validation_failed"},
		{party, "/contact/email", `"planted"`, "/contact/email", "not_an_email", "validation_failed"},
		{party, "/contact/name", `""`, "/contact/name", "blank", "validation_failed"},
		{party, "/contact/address", `{}`, "/contact/address", "blank", "validation_failed"},
		{party, "/contact/address/country", `"PLANTED"`, "/contact/address/country", "not_a_country", "validation_failed"},
		{party, "/contact/address/door", `"x"`, "/contact/address/door", "unknown_member", "unknown_member"},
		{party, "/contact/instructions", `"x"`, "/contact/instructions", "unknown_member", "unknown_member"},
		{party, "/contact/address/street", `null`, "/contact/address/street", "not_null", "validation_failed"},
		{party, "/source/kind", `""`, "/source/kind", "provenance_missing", "provenance_missing"},
		{party, "/source/partner", `""`, "/source/partner", "provenance_missing", "provenance_missing"},
		{party, "/source/lawful_basis", `""`, "/source/lawful_basis", "provenance_missing", "provenance_missing"},
		{party, "/source/collected_at", `"2017-01-05T13:34:00"`, "/source/collected_at", "not_a_time", "validation_failed"},
		{flags, "/0", `"PLANTED"`, "/0", "not_one_of", "validation_failed"},
		{flags, "/1", `"minor"`, "", "repeated", "validation_failed"},
		{transaction, "/kind", `"marketing"`, "/kind", "not_one_of", "validation_failed"},
		{transaction, "/buyer", `"5511999990000"`, "/buyer", "id_is_personal", "id_is_personal"},
		{transaction, "/buyer", `"+planted"`, "/buyer", "id_is_personal", "id_is_personal"},
		{transaction, "/seller", `"planted@example.com"`, "/seller", "id_is_personal", "id_is_personal"},
		{transaction, "/seller", `"a b"`, "/seller", "malformed_id", "validation_failed"},
		{transaction, "/amount/currency", `"XYZ"`, "/amount/currency", "not_a_currency", "validation_failed"},
		{transaction, "/amount/value", `"-1"`, "/amount/value", "not_an_amount", "validation_failed"},
		{transaction, "/amount/value", `"1e3"`, "/amount/value", "not_an_amount", "validation_failed"},
		{transaction, "/amount/value", `"0"`, "/amount/value", "out_of_range", "validation_failed"},
		{transaction, "/amount/value", `"1.234"`, "/amount/value", "too_many_decimals", "validation_failed"},
		{transaction, "/amount/value", `"99999999999999999999"`, "/amount/value", "out_of_range", "validation_failed"},
		{transaction, "/amount/value", `"` + strings.Repeat("9", 40) + `"`, "/amount/value", "too_long", "validation_failed"},
		{transaction, "/items", `0`, "/items", "required", "validation_failed"},
		{transaction, "/items", `1000001`, "/items", "out_of_range", "validation_failed"},
		{transaction, "/items", `1.5`, "/items", "wrong_type", "validation_failed"},
		{transaction, "/items", `99999999999999999999`, "/items", "wrong_type", "validation_failed"},
		{transaction, "/created_at", `"2017-01-05T13:34:00"`, "/created_at", "not_a_time", "validation_failed"},
		{transaction, "/created_at", `"2017-01-05"`, "/created_at", "not_a_time", "validation_failed"},
		{transaction, "/created_at", `"0000-01-01T00:00:00Z"`, "/created_at", "out_of_range", "validation_failed"},
		{transaction, "/created_at", `"9999-12-31T23:59:59Z"`, "/created_at", "out_of_range", "validation_failed"},
		{transaction, "/slot/end", `"2017-01-05T13:34:00Z"`, "/slot/end", "out_of_range", "validation_failed"},
		{transaction, "/slot", `{"start":"2017-01-05T13:34:00Z"}`, "/slot/end", "required", "validation_failed"},
		{transaction, "/payment", `"PLANTED"`, "/payment", "not_one_of", "validation_failed"},
		{transaction, "/deposit", `"221.66"`, "/deposit", "out_of_range", "validation_failed"},
		{transaction, "/deposit", `""`, "/deposit", "required", "validation_failed"},
		{transaction, "/contacts/delivery/phone", `"87991935795"`, "/contacts/delivery/phone", "not_a_phone", "validation_failed"},
		{transaction, "/contacts/home", `{}`, "/contacts/home", "unknown_member", "unknown_member"},
		{performance, "/by", `"planted@example.com"`, "/by", "id_is_personal", "id_is_personal"},
		{performance, "/reference", `"` + strings.Repeat("r", 129) + `"`, "/reference", "too_long", "validation_failed"},
		{performance, "/reference", `"a\nb"`, "/reference", "control_character", "validation_failed"},
		{reversal, "/by", `"s-1"`, "/by", "not_allowed", "validation_failed"},
		{completion, "/reason", `"PLANTED"`, "/reason", "not_one_of", "validation_failed"},
		{completion, "/note", `"` + strings.Repeat("PLANTED", 300) + `"`, "/note", "too_long", "validation_failed"},
		{disclosure, "/purpose", `"marketing"`, "/purpose", "unknown_purpose", "unknown_purpose"},
		{disclosure, "/fields/1", `"*"`, "/fields/1", "unknown_field", "unknown_field"},
		{disclosure, "/fields/1", `"instructions"`, "/fields/1", "unknown_field", "unknown_field"},
		{disclosure, "/fields/1", `"name"`, "/fields/1", "repeated", "validation_failed"},
		{disclosure, "/fields", `[]`, "/fields", "wrong_number", "validation_failed"},
		{disclosure, "/reveal", `null`, "/reveal", "not_null", "validation_failed"},
		{disclosure, "/note", `"` + strings.Repeat("ü", 2001) + `"`, "/note", "too_long", "validation_failed"},
		{view, "/viewer", `"00551199999"`, "/viewer", "id_is_personal", "id_is_personal"},
	} {
		var body any
		if err := json.Unmarshal([]byte(x.e.body), &body); err != nil {
			t.Fatal(err)
		}
		changed := with(body, strings.Split(x.pointer[1:], "/"), json.RawMessage(x.value))
		r := refused(t, d, x.e, changed, x.pointer+"="+x.value, x.code)
		found := slices.ContainsFunc(r.Errors, func(f fault.Field) bool { return f.Pointer == x.wantPointer && f.Code == x.field && f.Detail != "" })
		if r.status != 422 || !found {
			t.Errorf("%s %s=%s: %s", x.e.path, x.pointer, x.value, r.body)
		}
	}
}

func TestPathsAndQueries(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	for path, want := range map[string]struct {
		status int
		code   string
	}{
		"/v1/parties/giovana@example.com":           {422, "id_is_personal"},
		"/v1/parties/giovana%40example.com":         {422, "id_is_personal"},
		"/v1/parties/%2B5587991935795":              {422, "id_is_personal"},
		"/v1/parties/5587991935795":                 {422, "id_is_personal"},
		"/v1/parties/Giovana%20Teixeira":            {422, "validation_failed"},
		"/v1/parties/a%2Fb":                         {422, "validation_failed"},
		"/v1/parties/" + strings.Repeat("g", 129):   {422, "validation_failed"},
		"/v1/parties/b%3A1":                         {500, "internal"}, // good, and there is no store
		"/v1/parties/b-1?giovana=1":                 {422, "unknown_parameter"},
		"/v1/transactions/t-1?viewer=a&viewer=b":    {422, "validation_failed"},
		"/v1/transactions/t-1?viewer=":              {422, "validation_failed"},
		"/v1/transactions/t-1?viewer=g%40iovana":    {422, "id_is_personal"},
		"/v1/disclosures?limit=0":                   {422, "validation_failed"},
		"/v1/disclosures?limit=201":                 {422, "validation_failed"},
		"/v1/disclosures?limit=%2B5":                {422, "validation_failed"},
		"/v1/disclosures?limit=giovana":             {422, "validation_failed"},
		"/v1/disclosures?after=giovana":             {422, "validation_failed"},
		"/v1/disclosures?after=":                    {422, "validation_failed"},
		"/v1/disclosures?decision=giovana":          {422, "validation_failed"},
		"/v1/disclosures?subject=giovana%40x":       {422, "id_is_personal"},
		"/v1/disclosures?%zz":                       {400, "malformed"},
		"/v1/disclosures?after=" + *cursor("17"):    {422, "not_a_cursor"},
		"/v1/disclosures/giovana":                   {404, "not_found"},
		"/v1/disclosures/dsc_giovana":               {404, "not_found"},
		"/v1/parties/b-1/disclosures?limit=giovana": {422, "validation_failed"},
	} {
		r := d.send(t, "GET", path, "m", "")
		if r.status != want.status || r.Code != want.code || strings.Contains(string(r.body), "iovana") {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	if strings.Contains(d.log.String(), "iovana") {
		t.Error("the log tells")
	}
}

func TestAttestation(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	with, without := endpoints()[3].body, performanceExample
	for _, x := range []struct {
		key, body string
		status    int
		code      string
	}{
		{"a", without, 500, "internal"},
		{"a", with, 422, "validation_failed"},
		{"m", with, 500, "internal"},
		{"m", without, 403, "scope_missing"},
		{"p", without, 403, "scope_missing"},
	} {
		if r := d.send(t, "POST", "/v1/transactions/t-1/performances", x.key, x.body); r.status != x.status || r.Code != x.code {
			t.Errorf("%s %s: %d %s", x.key, x.body, r.status, r.Code)
		}
	}
}

func TestPartyInput(t *testing.T) {
	t.Parallel()
	var b partyBody
	if err := decodeBytes([]byte(`{"kind":"person","locale":"pt-BR","contact":{"name":" Giovana  Teixeira ","phone":"87 99193-5795","email":null,
		"address":null},"source":{"kind":"registration"}}`), &b); err != nil {
		t.Fatal(err)
	}
	if s := fmt.Sprintf("%v %+v %#v", b, b, b); strings.Contains(s, "iovana") {
		t.Errorf("the body prints its values: %s", s)
	}
	in, err := b.input()
	if err != nil {
		t.Fatal(err)
	}
	got := map[masking.Field]string{}
	for f, v := range in.Contact.Values {
		got[f] = v.Text.Reveal()
	}
	if diff := cmp.Diff(map[masking.Field]string{masking.Name: "Giovana  Teixeira", masking.Phone: "+5587991935795"}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]masking.Field{masking.FullAddress, masking.Email}, in.Contact.Removed); diff != "" {
		t.Error(diff)
	}
}

func TestTransactionDefaults(t *testing.T) {
	t.Parallel()
	var b transactionBody
	if err := decodeBytes([]byte(transactionExample), &b); err != nil {
		t.Fatal(err)
	}
	in, err := b.input()
	if err != nil {
		t.Fatal(err)
	}
	want := broker.Transaction{
		Kind: "shipped_goods", Buyer: "b-1", Seller: "s-1", Currency: "BRL", Amount: 22165, Items: 1,
		CreatedAt: time.Date(2017, 1, 5, 16, 34, 0, 0, time.UTC), Payment: broker.Prepaid, Handover: broker.Post, Rental: broker.Stay,
	}
	if diff := cmp.Diff(want, in.Transaction); diff != "" {
		t.Error(diff)
	}
}
