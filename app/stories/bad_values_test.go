package stories

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

// Values of the right type that can't be: where, what, and the code.
func TestBadValues(t *testing.T) {
	t.Parallel()
	untouched(t, func(t *testing.T, h *house, _ string) {
		for _, x := range []struct {
			pointer, code string
			bad           []string
		}{
			{"/amount/value", "not_an_amount", []string{"-1", "+1", "1e3", "1,00", " 1", "1.", ".5", "0x10", "NaN", "Infinity", "١٢", "1_000", "1.2.3"}},
			{"/amount/value", "out_of_range", []string{"0", "0.00", "99999999999999999999999999999", "10000000000000.01"}},
			{"/amount/value", "too_many_decimals", []string{"1.001"}},
			{"/amount/value", "too_long", []string{repeat("1", 33)}},
			{"/amount/currency", "not_a_currency", []string{"brl", "BRLX", "XYZ", "R$"}},
			{"/created_at", "not_a_time", []string{
				"2026-03-04T12:00:00", "2026-03-04", "2026-03-04 12:00:00Z", "2026-02-30T12:00:00Z", "2026-03-04T25:00:00Z", "2026-03-04T12:00:60Z",
				"2026-03-04T12:00:00+99:00", "1772625600", "now", "2026-3-4T12:00:00Z", "+12026-03-04T12:00:00Z",
			}},
			{"/created_at", "out_of_range", []string{"1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2200-01-01T00:00:00Z", "9999-12-31T23:59:59Z"}},
			{"/created_at", "in_the_future", []string{"2026-03-04T12:05:00.000001Z", "2199-01-01T00:00:00Z"}},
			{"/kind", "not_one_of", []string{"Shipped_goods", "shipped_goods ", "*", "shipped_goods' OR 1=1 --"}},
			{"/deposit", "out_of_range", []string{"10.01", "0"}},
			{"/slot/end", "out_of_range", []string{"2026-03-10T15:00:00Z", "2026-03-10T14:59:59Z"}},
			{"/buyer", "unknown_party", []string{"b-9"}},
			{"/seller", "same_party", []string{"b-1"}},
			{"/contacts/delivery/phone", "not_a_phone", []string{"12", "+1", "hello", "+5581933334444 or +5581933334445"}},
			{"/contacts/delivery/email", "not_an_email", []string{"a", "a@", "@b.c", "a@b@c.de", "a@b.com, c@d.com", "<a@b.com>"}},
			{"/contacts/delivery/address/country", "not_a_country", []string{"BRA", "ZZ", "Brasil"}},
			{"/contacts/delivery/name", "blank", []string{"", "  ", "\u200b"}},
		} {
			for _, bad := range x.bad {
				r := h.tryTransaction(t, x.pointer, bad)
				if got := r.at("errors.0.code"); r.at("errors.0.pointer") != x.pointer || got != x.code {
					t.Errorf("%s = %q: %s %q, want %s", x.pointer, bad, r.at("errors.0.pointer"), got, x.code)
				}
			}
		}
	})
}

// A time is RFC 3339 to the letter: a comma or a single digit is another format.
func TestLaxTimes(t *testing.T) {
	t.Parallel()
	untouched(t, func(t *testing.T, h *house, _ string) {
		for _, lax := range []string{"2026-03-04T12:00:00,5Z", "2026-03-04T8:00:00Z", "2026-03-04T08:00:00+24:00", "2026-03-04T08:00:00-00:60"} {
			h.tryTransaction(t, "/created_at", lax)
		}
	})
}

func (h *house) tryTransaction(t *testing.T, pointer, bad string) reply {
	t.Helper()
	e := entrances("")[2]
	return h.do(t, e.key, e.request, bent(t, e.body, pointer, bad)).want(t, 422).refused(t, pointer+" = "+bad)
}

// Ids that are, or look like, something about a person (contract.md, 2), in a
// path, a query and a body.
func TestPersonalIDs(t *testing.T) {
	t.Parallel()
	untouched(t, func(t *testing.T, h *house, _ string) {
		for id, code := range map[string]string{
			"giovana_teixeira790@example.com": "id_is_personal", "+5587991935795": "id_is_personal", "005587991935795": "id_is_personal",
			"5587991935795": "id_is_personal", "4915123456789": "id_is_personal",
			"11010519491231002X": "id_is_personal", "529.982.247-25": "id_is_personal", "52998224725": "id_is_personal",
			"12345678Z": "id_is_personal", "X1234567L": "id_is_personal", "078-05-1120": "id_is_personal",
			"a b": "malformed_id", "a\x00b": "malformed_id", "\xff": "malformed_id", "é": "malformed_id", "a/b": "malformed_id", "a\nb": "malformed_id",
			repeat("a", 129): "malformed_id", "../x": "malformed_id", "a;b": "malformed_id", "a'--": "malformed_id", "%": "malformed_id", "${x}": "malformed_id",
		} {
			for _, request := range []string{
				"GET /v1/parties/ID", "PUT /v1/parties/ID " + giovana, "GET /v1/parties/ID/disclosures", "PUT /v1/transactions/ID " + deal{kind: "rental"}.body(),
				"GET /v1/transactions/ID", "GET /v1/transactions/t-1?viewer=ID", "GET /v1/disclosures?transaction=ID", "GET /v1/disclosures?requester=ID",
				"GET /v1/disclosures?subject=ID", `POST /v1/transactions/ID/completion {"reason":"agreed"}`,
			} {
				r := h.line(t, "market", strings.Replace(request, "ID", url.PathEscape(strings.NewReplacer("+", "%2B").Replace(id)), 1))
				if strings.Contains(id, "+") || strings.Contains(id, ";") {
					r = h.line(t, "market", strings.Replace(request, "ID", url.QueryEscape(id), 1))
				}
				r.want(t, 422).refused(t, id)
				if got := r.at("errors.0.code"); got != code {
					t.Errorf("%s with %q: %q, want %s", request[:30], id, got, code)
				}
			}
			if strings.ContainsAny(id, "\x00\n") || !utf8.ValidString(id) {
				continue // no such JSON
			}
			for _, pointer := range []string{"/buyer", "/seller"} {
				h.tryTransaction(t, pointer, id).want(t, 422, "errors.0.code", code, "errors.0.pointer", pointer)
			}
			for pointer, body := range map[string]string{
				"/transaction": bent(t, request("t-1", "s-1", "deliver"), "/transaction", id),
				"/requester":   bent(t, request("t-1", "s-1", "deliver"), "/requester", id),
			} {
				h.do(t, "market", disclosures, body).want(t, 422, "errors.0.code", code, "errors.0.pointer", pointer).refused(t, id)
			}
			h.do(t, "market", performances, h.told("pay", "1", "r").of(id)).want(t, 422, "errors.0.code", code, "errors.0.pointer", "/by").refused(t, id)
		}
	})
}

// Queries are as strict as bodies.
func TestBadQueries(t *testing.T) {
	t.Parallel()
	untouched(t, func(t *testing.T, h *house, granted string) {
		wrapped := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
		for _, list := range []string{"/v1/disclosures", "/v1/parties/b-1/disclosures"} {
			for _, q := range []string{
				"limit=0", "limit=-1", "limit=201", "limit=x", "limit=1e2", "limit=", "limit=99999999999999999999", "limit=%2B5", "limit=1&limit=2",
				"after=", "after=x", "after=" + secret, "after=" + wrapped("dsc_1"), "after=" + wrapped("1"+secret), "after=" + wrapped("1dsc_short"),
				"after=" + wrapped("1"+strings.ToUpper(granted)), "after=" + granted, "unknown=1", secret + "=1", "order=value", "q=" + secret, "name=" + secret,
			} {
				h.do(t, "market", "GET "+list+"?"+q, "").want(t, 422).refused(t, q)
			}
			for _, q := range []string{"limit=%25%", "%zz=1", "a;b=1"} {
				h.do(t, "market", "GET "+list+"?"+q, "").refused(t, q)
			}
		}
		for _, q := range []string{
			"GET /v1/disclosures?decision=", "GET /v1/disclosures?decision=" + secret, "GET /v1/disclosures?decision=granted&decision=refused",
			"GET /v1/transactions/t-1?viewer=", "GET /v1/transactions/t-1?viewer=s-1&viewer=b-1", "GET /v1/transactions/t-1?viewer=s-1&email=" + secret,
			"GET /v1/disclosures/" + granted + "?viewer=", "GET /v1/parties/b-1?reveal=true", "GET /healthz?x=" + secret,
		} {
			h.line(t, "market", q).want(t, 422).refused(t, q)
		}
	})
}

// What is not in the table of routes, and what is there with another method.
func TestNoSuchDoor(t *testing.T) {
	t.Parallel()
	untouched(t, func(t *testing.T, h *house, granted string) {
		for _, path := range []string{
			"/v1/parties", "/v1/" + secret, "/v1/parties/b-1/", "/V1/parties/b-1", "/v1/disclosures/" + granted + "/value", "/v1//parties/b-1", "/.git/config",
			"/v1/parties/b-1/flags/x", "/debug/pprof/", "/ledger/", "/v1/parties/giovana_teixeira790@example.com/secret",
		} {
			h.do(t, "market", "GET "+path, "").want(t, 404, "code", "not_found").refused(t, path)
		}
		for _, request := range []string{
			"DELETE /v1/transactions/t-1", "POST /v1/parties/b-1", "PUT /v1/disclosures/" + granted, "GET /v1/disclosures/" + granted + "/views", "PATCH /v1/parties/b-1",
			"DELETE /ledger/checkpoint", "POST /healthz", "PUT /v1/transactions/t-1/performances",
		} {
			r := h.do(t, "market", request, "").want(t, 405, "code", "method_not_allowed").refused(t, request)
			if r.header.Get("Allow") == "" {
				t.Errorf("%s: no Allow", request)
			}
		}
		for _, id := range []string{"dsc_", "dsc_short", "x", "dsc_" + repeat("0", 26), strings.ToUpper(granted), granted + "0", "dsc_" + repeat("z", 26), "%00", secret} {
			h.do(t, "market", "GET /v1/disclosures/"+id, "").want(t, 404, "code", "not_found").refused(t, id)
			h.view(t, id, "s-1").want(t, 404, "code", "not_found").refused(t, id)
			h.do(t, "market", "POST /v1/disclosures/"+id+"/revocation", `{"reason":"leaked"}`).want(t, 404).refused(t, id)
		}
		for _, request := range []string{
			"GET /v1/parties/b-9", "GET /v1/parties/b-9/disclosures", "GET /v1/transactions/t-9", `POST /v1/transactions/t-9/completion {"reason":"agreed"}`,
			"POST /v1/transactions/t-9/performances " + h.told("pay", "1", "r").of("b-1"),
		} {
			h.line(t, "market", request).want(t, 404, "code", "not_found").refused(t, request)
		}
	})
}

// Purposes and fields are words of a list, each by its name.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	untouched(t, func(t *testing.T, h *house, _ string) {
		for body, want := range map[string][2]string{
			request("t-1", "s-1", "marketing"):                                    {"unknown_purpose", "/purpose"},
			request("t-1", "s-1", "Deliver"):                                      {"unknown_purpose", "/purpose"},
			request("t-1", "s-1", "deliver", "*"):                                 {"unknown_field", "/fields/0"},
			request("t-1", "s-1", "deliver", "name", "birth_date"):                {"unknown_field", "/fields/1"},
			request("t-1", "s-1", "deliver", "name", "name"):                      {"repeated", "/fields/1"},
			request("t-1", "s-1", "deliver", "Name"):                              {"unknown_field", "/fields/0"},
			request("t-1", "s-1", "deliver", "instructions"):                      {"unknown_field", "/fields/0"},
			bent(t, request("t-1", "s-1", "deliver", "name"), "/fields", []any{}): {"wrong_number", "/fields"},
		} {
			h.do(t, "market", disclosures, body).want(t, 422, "errors.0.code", want[0], "errors.0.pointer", want[1]).refused(t, body)
		}
		h.do(t, "market", "PUT /v1/parties/x-1", `{"kind":"person","contact":{},"source":{"kind":"partner"}}`).
			want(t, 422, "code", "provenance_missing", "errors.0.pointer", "/source/partner")
		h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["minor","minor"]`).want(t, 422, "errors.0.code", "repeated")
		h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["adult"]`).want(t, 422, "errors.0.pointer", "/0")
	})
}
