package stories

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// What somebody could try to register: an outcome with a code for each field, or a
// refusal that repeats nothing, and then nothing is kept.
func TestBadRegistrations(t *testing.T) {
	t.Parallel()
	h := bureau(t, terms{})
	nor, hang := func(old, next string) string { return strings.Replace(nordlicht, old, next, 1) }, func(old, next string) string { return strings.Replace(hangzhou, old, next, 1) }
	before, size := h.dump(t), h.size(t)
	for name, x := range map[string]struct{ body, pointer, code, refusal string }{
		"a resident id where a company's number belongs":   {hang("91350203M0001QKT19", "11010119900307002X"), "/registration/number", "", "personal_id_in_public_field"},
		"a resident id that is a USCC by its check digit":  {hang("91350203M0001QKT19", "362322198709086409"), "/registration/number", "", ""},
		"a resident id in a name":                          {hang("杭州青瓷坊有限公司", "青瓷坊 11010119900307002X"), "/legal_name", "personal_id_in_public_field", "personal_id_in_public_field"},
		"a check digit that is right, of no date":          {hang("11010119900307002X", "110101199902310023"), "/representative/id/number", "", "validation_failed"},
		"a check digit that is wrong":                      {hang("11010119900307002X", "110101199003070021"), "/representative/id/number", "", "validation_failed"},
		"an account with a check digit that is an alias":   {nor("DE89370400440532013000", "GB99WEST00000000000029"), "/payout/iban", "", "validation_failed"},
		"a company's number with a letter that is not one": {hang("91350203M0001QKT19", "91350100M000100Y4Z"), "/registration/number", "", "validation_failed"},
		"a name that turns the text round":                 {nor("Nordlicht Kerzen GmbH", "Nordlicht\u202e Kerzen"), "/legal_name", "", "validation_failed"},
		"what nobody is asked for":                         {nor(`"trade_name":"Wachsstube"`, `"owner_phone":"+494030303344"`), "/owner_phone", "unknown_member", "unknown_member"},
		"a certificate that there is not":                  {nor(`["lawful_goods"]`, `["lawful_goods","Ottilie"]`), "/certifications/1", "certification_unknown", "validation_failed"},
		"a certificate that is missing":                    {nor(`["lawful_goods"]`, `[]`), "/certifications", "certification_missing", "validation_failed"},
	} {
		r := h.do(t, "shops", "POST /v1/merchants", x.body).want(t, 422).refused(t, name)
		if x.refusal != "" && r.at("code") != x.refusal {
			t.Errorf("%s: %s", name, r.raw)
		}
		found := false
		for i := range r.list("errors") {
			at := "errors." + itoa(i)
			found = found || r.at(at+".pointer") == x.pointer && (x.code == "" || r.at(at+".code") == x.code) && r.at(at+".detail") != ""
		}
		if !found {
			t.Errorf("%s: %s", name, r.raw)
		}
	}
	after := h.dump(t)
	for table := range after {
		if after[table] != before[table] {
			t.Errorf("a bad registration changed %s", table)
		}
	}
	if h.size(t) != size {
		t.Error("a bad registration is in the ledger")
	}
}

// What can't be told from something else is taken, waits for two people, and is
// not public where it could be a person's.
func TestDoubtfulRegistrations(t *testing.T) {
	t.Parallel()
	h := bureau(t, terms{})
	n := 0
	for name, x := range map[string]struct{ old, next, pointer, visibility, outcome, code string }{
		"a name with a letter of another script": {"Nordlicht Kerzen GmbH", "N\u043erdlicht Kerzen GmbH", "/legal_name", "public", "suspect", "mixed_scripts"},
		"full-width digits":                      {"Nordlicht Kerzen GmbH", "Nordlicht Kerzen \uff11\uff12", "/legal_name", "public", "suspect", ""},
		"a number of full-width digits":          {"DE160459932", "DE\uff11\uff16\uff10\uff14\uff15\uff19\uff19\uff13\uff12", "/tax/0/number", "", "suspect", ""},
		"a person's number of VAT":               {`"country":"DE","number":"DE160459932"`, `"country":"ES","number":"93471790C"`, "/tax/0/number", "private", "", ""},
		"the key of a Dutch one-man business":    {`"country":"DE","number":"DE160459932"`, `"country":"NL","number":"NL002455799B11"`, "/tax/0/number", "private", "", ""},
		"a register that looks otherwise":        {"HRB 868910", "XYZ/9", "/registration/number", "public", "suspect", "register_shape"},
		"a country without a check":              {`"country":"DE","number":"DE160459932"`, `"country":"RO","number":"RO18547290"`, "/tax/0/number", "", "unsupported", ""},
	} {
		n++
		body := strings.NewReplacer(`"n-1"`, `"d-`+itoa(n)+`"`, x.old, x.next).Replace(nordlicht)
		r := h.do(t, "shops", "POST /v1/merchants", body)
		if r.status == 422 && strings.HasPrefix(name, "a person's") { // refused is as good as private
			r.refused(t, name)
			continue
		}
		r.want(t, 201, "state", "in_review")
		found := false
		for _, f := range r.list("fields") {
			m, _ := f.(map[string]any)
			if m["pointer"] != x.pointer {
				continue
			}
			found = true
			for member, want := range map[string]string{"visibility": x.visibility, "outcome": x.outcome, "code": x.code} {
				if want != "" && m[member] != want {
					t.Errorf("%s: %s is %v, want %s", name, member, m[member], want)
				}
			}
			if m["code"] != nil && m["detail"] == nil {
				t.Errorf("%s: %v has no words", name, m)
			}
		}
		if !found {
			t.Errorf("%s: %s", name, r.raw)
		}
	}
}

// picture is a PNG with words beside what can be seen.
func picture(t *testing.T) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 40, 30))
	img.Set(3, 3, color.RGBA{R: 200, A: 255})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func hashed256(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// A scan is hashed and sealed as it came; who works on the registration opens what
// was drawn anew from it, and each time is an entry.
func TestDocumentsOfMerchants(t *testing.T) {
	t.Parallel()
	h := bureau(t, terms{})
	id := h.register(t, nordlicht)
	to := "POST /v1/merchants/" + id + "/documents?kind=licence&expires=2027-12-31"
	scan := picture(t)
	trail := scan + "GPS of Ottilie"
	r := h.do(t, "shops", to, trail, "Content-Type", "image/gif", "Idempotency-Key", "d-1").want(t, 201, "n", "1", "media", "image/png",
		"original_sha256", hashed256(trail), "expires", "2027-12-31", "bytes", itoa(len(trail)))
	h.do(t, "shops", to, trail, "Content-Type", "image/gif", "Idempotency-Key", "d-1").want(t, 201, "n", "1")
	h.do(t, "shops", to, scan, "Content-Type", "image/gif", "Idempotency-Key", "d-1").want(t, 409, "code", "idempotency_mismatch")

	before := h.size(t)
	for name, x := range map[string]struct{ body, code string }{
		"an SVG with a script": {`<svg xmlns="http://www.w3.org/2000/svg"><script>alert("Ottilie")</script></svg>`, "document_svg"},
		"a page":               {"<!doctype html><title>Ottilie</title>", "document_html"},
		"a zip":                {"PK\x03\x04Ottilie", "document_archive"},
		"a PDF that is a zip":  {"%PDF-1.7\nOttilie\n%%EOF\nPK\x05\x06" + repeat("\x00", 18), "document_polyglot"},
		"nothing at all":       {"", "document_empty"},
		"half a picture":       {scan[:len(scan)/2], "document_truncated"},
		"a text":               {"Ottilie", "document_type"},
	} {
		bad := h.do(t, "shops", to, x.body, "Content-Type", "image/png")
		if bad.status != 415 && bad.status != 422 || bad.at("code") != x.code {
			t.Errorf("%s: %d %s", name, bad.status, bad.raw)
		}
	}
	h.do(t, "shops", to, repeat("\x00", 50_000_000), "Content-Type", "image/png").want(t, 413, "code", "too_large")
	if h.size(t) != before {
		t.Error("a bad document is in the ledger")
	}

	open := "GET /v1/reviews/" + id + "/documents/1"
	h.do(t, "rita", open, "").want(t, 409, "code", "not_taken")
	h.do(t, "shops", open, "").want(t, 403, "code", "session_required")
	h.do(t, "rita", "POST /v1/reviews/"+id+"/taking", `{}`).want(t, 200, "documents.0.kind", "licence", "documents.0.derivative_sha256", r.at("derivative_sha256"))
	for range 2 {
		before = h.size(t)
		d := h.do(t, "rita", open, "").want(t, 200)
		if hashed256(string(d.raw)) != r.at("derivative_sha256") || strings.Contains(string(d.raw), "Ottilie") {
			t.Errorf("opened: %d bytes", len(d.raw))
		}
		for name, want := range map[string]string{
			"Content-Type": "image/png", "Content-Disposition": `attachment; filename="` + id + `-1.png"`, "X-Content-Type-Options": "nosniff",
			"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
		} {
			if got := d.header.Get(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
		if h.size(t) == before {
			t.Error("an opening is not in the ledger")
		}
	}
	before = h.size(t)
	h.do(t, "rita", open, "", "Sec-Fetch-Site", "cross-site").want(t, 403, "code", "foreign_form")
	head := h.fetch(t, http.MethodHead, "rita", strings.TrimPrefix(open, "GET "))
	if head.status != 405 || head.header.Get("Allow") != "GET" || head.header.Get("Content-Disposition") != "" {
		t.Errorf("HEAD: %d %v", head.status, head.header)
	}
	for _, n := range []string{"2", "0", "01", "-1", "x"} {
		h.do(t, "rita", "GET /v1/reviews/"+id+"/documents/"+n, "").want(t, 404, "code", "not_found")
	}
	if h.size(t) != before {
		t.Error("what was not opened is in the ledger")
	}
}

// Where parties sign for themselves, a merchant does as well, and nobody for it.
func TestMerchantsSignForThemselves(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	h := bureau(t, terms{signs: p})
	signed := func(party, request, body string) reply {
		return h.do(t, "shops", request, body, p.sign(t, h.clock.now(), party, request, body, func(jwt.MapClaims) {})...)
	}
	h.do(t, "shops", "POST /v1/merchants", nordlicht).want(t, 401, "code", "party_token_required")
	signed("n-2", "POST /v1/merchants", nordlicht).want(t, 403, "code", "party_mismatch")
	signed("n-1", "POST /v1/merchants", strings.Replace(nordlicht, `"party":"n-1",`, "", 1)).want(t, 422, "errors.0.pointer", "/party")
	made := signed("n-1", "POST /v1/merchants", nordlicht).want(t, 201)
	path := "/v1/merchants/" + made.at("id")
	h.do(t, "shops", "PATCH "+path, `{"trade_name":"Kontor"}`).want(t, 401, "code", "party_token_required")
	signed("n-2", "PATCH "+path, `{"trade_name":"Kontor"}`).want(t, 403, "code", "party_mismatch")
	signed("n-1", "PATCH "+path, `{"trade_name":"Kontor"}`).want(t, 200, "version", "2")
	const link, whose = "POST /v1/merchants/registration-link", `{"party":"n-1"}` // who has it acts for the party
	size := h.size(t)
	h.do(t, "shops", link, whose).want(t, 401, "code", "party_token_required")
	signed("n-2", link, whose).want(t, 403, "code", "party_mismatch")
	if h.size(t) != size {
		t.Error("a link was made that nobody had signed for")
	}
	once := p.sign(t, h.clock.now(), "n-1", link, whose, func(jwt.MapClaims) {})
	h.do(t, "shops", link, whose, once...).want(t, 201)
	h.do(t, "shops", link, whose, once...).want(t, 409, "code", "token_used")
	signed("n-1", "POST "+path+"/closing", `{"reason":"other"}`).want(t, 200, "state", "lapsed")
}

// A retry registers nobody twice; without a party the registration's own id is one.
func TestRegistrationsOnce(t *testing.T) {
	t.Parallel()
	h := bureau(t, terms{})
	alone := strings.Replace(nordlicht, `"party":"n-1",`, "", 1)
	first := h.do(t, "shops", "POST /v1/merchants", alone, "Idempotency-Key", "k-1").want(t, 201)
	if first.at("party") != first.at("id") {
		t.Errorf("the party is %s, of %s", first.at("party"), first.at("id"))
	}
	size := h.size(t)
	again := h.do(t, "shops", "POST /v1/merchants", alone, "Idempotency-Key", "k-1").want(t, 201, "id", first.at("id"))
	if again.header.Get("Idempotent-Replayed") != "true" || again.header.Get("Location") != first.header.Get("Location") || h.size(t) != size {
		t.Errorf("%v", again.header)
	}
	h.do(t, "shops", "POST /v1/merchants", nordlicht, "Idempotency-Key", "k-1").want(t, 409, "code", "idempotency_mismatch")
	h.do(t, "market", "GET /v1/parties/"+first.at("id"), "").want(t, 200, "kind", "merchant")

	path := "/v1/merchants/" + first.at("id")
	h.do(t, "shops", "PATCH "+path, `{"jurisdiction":"CN"}`).want(t, 409, "code", "immutable")
	h.do(t, "shops", "PATCH "+path, `{}`).want(t, 200, "version", "1")
	h.do(t, "shops", "PATCH "+path, `{"legal_name":null}`).want(t, 422, "errors.0.pointer", "/legal_name", "errors.0.code", "required")
	h.do(t, "shops", "PATCH "+path, `{"contact":{"email":"nicht@@hier"}}`).want(t, 422, "errors.0.pointer", "/contact/email")
	h.do(t, "shops", "POST "+path+"/submission", `{}`).want(t, 409, "code", "invalid_transition")
	h.do(t, "shops", "POST "+path+"/information", `{"note":"x"}`).want(t, 409, "code", "invalid_transition")
	h.do(t, "shops", "POST "+path+"/appeal", `{"reason":"unfair"}`).want(t, 409, "code", "invalid_transition")
	h.do(t, "rita", "POST /v1/reviews/"+first.at("id")+"/taking", `{}`).want(t, 200)
	h.do(t, "rita", "POST /v1/reviews/"+first.at("id")+"/rejection", `{"reason":"not_the_holder"}`).want(t, 200, "state", "rejected")
	h.do(t, "shops", "POST "+path+"/appeal", `{"reason":"unfair","note":"Ottilie hat recht."}`).want(t, 200, "state", "appealed")
	h.clock.forward(time.Minute)
	h.do(t, "rita", "POST /v1/reviews/"+first.at("id")+"/taking", `{}`).want(t, 403, "code", "decided_before")
	h.do(t, "lena", "POST /v1/reviews/"+first.at("id")+"/taking", `{}`).want(t, 200)
	h.do(t, "lena", "POST /v1/reviews/"+first.at("id")+"/overturning", verified).want(t, 200, "state", "in_review")

	// Taken back, it is kept for six months, and then nothing of it is.
	h.do(t, "shops", "POST "+path+"/closing", `{"reason":"other"}`).want(t, 200, "state", "lapsed", "timer", "leftover")
	h.clock.forward(185 * 24 * time.Hour)
	h.do(t, "shops", "PATCH "+path, `{"trade_name":"Nordlicht"}`).want(t, 410, "code", "erased")
	h.do(t, "shops", "GET "+path, "").want(t, 200, "state", "erased", "fields", "[]", "documents", "[]", "allowed", "[]")
	h.do(t, "shops", "POST "+path+"/submission", `{}`).want(t, 410, "code", "erased")
	h.do(t, "shops", "POST "+path+"/documents?kind=licence", "x").want(t, 409, "code", "invalid_transition")
	h.do(t, "shops", "GET /v1/public/merchants/"+first.at("id"), "").want(t, 404)
	if n := h.ask(t, `SELECT count(*) FROM merchant_versions`); n != "0" {
		t.Errorf("%s versions are left", n)
	}
}
