package stories

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"bauta.dev/bauta/broker/ledger"
)

// provider is a marketplace's identity provider.
type provider struct {
	file    string
	private ed25519.PrivateKey
	numbers atomic.Int64
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{file: filepath.Join(t.TempDir(), "jwks.json")}
	p.renew(t)
	return p
}

// renew publishes a new key in place of the old one.
func (p *provider) renew(t *testing.T) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p.private = private
	set := fmt.Sprintf(`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"%x","x":"%s"}]}`, public[:4], base64.RawURLEncoding.EncodeToString(public))
	next := p.file + ".new"
	if err := os.WriteFile(next, []byte(set), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, p.file); err != nil {
		t.Fatal(err)
	}
}

// sign makes the header of one request; change, if given, spoils the claims.
func (p *provider) sign(t *testing.T, now time.Time, party, request, body string, change func(jwt.MapClaims)) []string {
	t.Helper()
	method, target, _ := strings.Cut(request, " ")
	bound := sha256.Sum256([]byte(method + "\n" + target + "\n" + body))
	c := jwt.MapClaims{
		"sub": party, "iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(), "jti": fmt.Sprint("n", p.numbers.Add(1)),
		"bh": base64.RawURLEncoding.EncodeToString(bound[:]),
	}
	if change != nil {
		change(c)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, c)
	token.Header["kid"] = fmt.Sprintf("%x", p.private.Public().(ed25519.PublicKey)[:4]) //nolint:forcetypeassert // made above
	text, err := token.SignedString(p.private)
	if err != nil {
		t.Error(err)
	}
	return []string{"Bauta-Party", text}
}

// signing is a call with the token of the party that it acts for.
func (d *desk) signing(t *testing.T, key, party, request, body string, headers ...string) reply {
	t.Helper()
	return d.do(t, key, request, body, append(d.house.terms.signs.sign(t, d.house.clock.now(), party, request, body, nil), headers...)...)
}

func asserted(token []string) string {
	digest := sha256.Sum256([]byte(token[1]))
	return "token:" + base64.StdEncoding.EncodeToString(digest[:])
}

// A party's own token stands in the answer, the entry and the receipt; without
// one nobody acts for a party, and no answer tells what there is.
func TestPartiesSignForThemselves(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	h := shop(t, terms{signs: p})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	body := request("t-1", "s-1", "deliver")
	token := p.sign(t, h.clock.now(), "s-1", disclosures, body, nil)
	r := h.do(t, "market", disclosures, body, token...).want(t, 201, "decision", "granted", "asserted_by", asserted(token))
	id := r.at("id")
	views := "POST /v1/disclosures/" + id + "/views"
	h.signing(t, "market", "s-1", views, `{"viewer":"s-1"}`).want(t, 200, "views_left", "18")
	receipt := h.signing(t, "market", "s-1", "GET /v1/disclosures/"+id+"/receipt?viewer=s-1", "").want(t, 200)
	if proof, err := ledger.Verify(receipt.raw, h.trust(t)); err != nil || !strings.Contains(string(receipt.raw), asserted(token)) || len(proof.Entries) != 2 { // the decision and the view
		t.Errorf("the receipt: %v", err)
	}
	h.do(t, "market", "GET /v1/disclosures/"+id, "").want(t, 200)
	h.do(t, "market", "GET /v1/transactions/t-1", "").want(t, 200)
	if strings.Contains(h.log.String(), token[1][:40]) {
		t.Error("the log repeats a token")
	}
}

// acts are all calls that act for a party, as s-1 makes them of a disclosure.
func (h *house) acts(id string) map[string]signedCall {
	d, party := "/v1/disclosures/"+id, `{"party":"s-1"}`
	viewer, reasoned := `{"viewer":"s-1"}`, func(code string) string { return `{"party":"s-1","reason":"` + code + `"}` }
	return map[string]signedCall{
		"get /v1/transactions/{id}":                  {"market", "GET /v1/transactions/t-1?viewer=s-1", ""},
		"post /v1/transactions/{id}/performances":    {"market", performances, `{"obligation":"ship","done":"1","performed_at":"2026-03-04T11:00:00Z","reference":"mine","by":"s-1"}`},
		"post /v1/disclosures":                       {"market", disclosures, request("t-1", "s-1", "deliver")},
		"get /v1/disclosures/{id}":                   {"market", "GET " + d + "?viewer=s-1", ""},
		"get /v1/disclosures/{id}/receipt":           {"market", "GET " + d + "/receipt?viewer=s-1", ""},
		"get /v1/disclosures/{id}/request":           {"market", "GET " + d + "/request?viewer=s-1", ""},
		"post /v1/disclosures/{id}/openings":         {"market", "POST " + d + "/openings", viewer},
		"post /v1/disclosures/{id}/views":            {"market", "POST " + d + "/views", viewer},
		"post /v1/disclosures/{id}/objection":        {"market", "POST " + d + "/objection", reasoned("safety")},
		"post /v1/disclosures/{id}/answer":           {"market", "POST " + d + "/answer", party},
		"post /v1/disclosures/{id}/withdrawal":       {"market", "POST " + d + "/withdrawal", party},
		"post /v1/disclosures/{id}/appeal":           {"market", "POST " + d + "/appeal", reasoned("unfair")},
		"post /v1/disclosures/{id}/deletion":         {"market", "POST " + d + "/deletion", party},
		"get /v1/parties/{id}/export":                {"privacy", "GET /v1/parties/s-1/export", ""},
		"put /v1/parties/{id}/consents/{purpose}":    {"privacy", "PUT /v1/parties/s-1/consents/settle", strings.ReplaceAll(h.consent(month, "phone"), `"recipient":"s-1"`, `"recipient":"b-1"`)},
		"delete /v1/parties/{id}/consents/{purpose}": {"privacy", "DELETE /v1/parties/s-1/consents/deliver?recipient=b-1", ""},
	}
}

type signedCall struct{ key, line, body string }

// Every call of the table that says so takes the party's token, and no other one
// looks at it.
func TestEveryActIsSigned(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	h := shop(t, terms{signs: p})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	granted := h.signing(t, "market", "s-1", disclosures, request("t-1", "s-1", "deliver")).want(t, 201, "decision", "granted")
	all := h.acts(granted.at("id"))
	maps.Copy(all, h.merchantActs(t))
	maps.Copy(all, h.disputeActs(t))
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name string }
			Security   []map[string]any
		}
	}
	if err := json.Unmarshal(h.do(t, "", "GET /openapi.json", "").raw, &doc); err != nil {
		t.Fatal(err)
	}
	signed, others := 0, 0
	for path, methods := range doc.Paths {
		for method, o := range methods {
			if call, ok := all[method+" "+path]; ok {
				h.refusesOthers(t, p, call)
				signed++
			}
			if takes := slices.ContainsFunc(o.Parameters, func(x struct{ Name string }) bool { return x.Name == "Bauta-Party" }); takes {
				if _, ok := all[method+" "+path]; !ok {
					t.Errorf("%s %s takes a token, and nobody tries it without", method, path)
				}
				continue
			}
			others++
			line := strings.ToUpper(method) + " " + strings.NewReplacer("{id}", "s-1", "{purpose}", "deliver", "{level}", "0", "{tile}", "000").Replace(path)
			for _, key := range []string{"market", "payment", "privacy", "audit"} {
				if r := h.do(t, key, line, "", "Bauta-Party", "nonsense"); strings.HasPrefix(r.at("code"), "party_") {
					t.Errorf("%s looks at a token: %s", line, r.short())
				}
			}
		}
	}
	if signed != len(all) || others < 40 {
		t.Errorf("%d calls of %d are in the document, and %d others", signed, len(all), others)
	}
}

// refusesOthers tries a call without a token, with bad ones and another party's;
// a thing that is not there is refused in the same words.
func (h *house) refusesOthers(t *testing.T, p *provider, call signedCall) {
	t.Helper()
	key, line, body := call.key, call.line, call.body
	now := h.clock.now()
	media := []string{}
	if strings.HasSuffix(line, "/evidence") {
		media = []string{"Content-Type", formOfSeller}
	}
	missing := strings.NewReplacer("dsc_", "dsc_0", "mer_", "mer_0", "dsp_", "dsp_0", "t-1", "t-9", "parties/s-1", "parties/s-9").Replace(line)
	for _, x := range []struct {
		what   string
		token  func(line, body string) []string
		status int
		code   string
	}{
		{"none", func(string, string) []string { return nil }, 401, "party_token_required"},
		{"no token", func(string, string) []string { return []string{"Bauta-Party", "s-1"} }, 401, "party_token_invalid"},
		{"of another body", func(l, b string) []string { return p.sign(t, now, "s-1", l, b+" ", nil) }, 401, "party_token_invalid"},
		{"expired", func(l, b string) []string { return p.sign(t, now.Add(-3*time.Minute), "s-1", l, b, nil) }, 401, "party_token_invalid"},
		{"from the future", func(l, b string) []string { return p.sign(t, now.Add(2*time.Minute), "s-1", l, b, nil) }, 401, "party_token_invalid"},
		{"for another broker", func(l, b string) []string {
			return p.sign(t, now, "s-1", l, b, func(c jwt.MapClaims) { c["aud"] = "elsewhere" })
		}, 401, "party_token_invalid"},
		{"another party's", func(l, b string) []string { return p.sign(t, now, "b-1", l, b, nil) }, 403, "party_mismatch"},
		{"a stranger's", func(l, b string) []string { return p.sign(t, now, "x-9", l, b, nil) }, 403, "party_mismatch"},
	} {
		r := h.do(t, key, line, body, append(x.token(line, body), media...)...).want(t, x.status, "code", x.code)
		other := h.do(t, key, missing, body, append(x.token(missing, body), media...)...)
		if r.unnumbered() != other.unnumbered() {
			t.Errorf("%s, %s: %s, and of what is not there: %s", line, x.what, r.short(), other.short())
		}
	}
}

// A token does its work once; a retry by its idempotency key is no second time.
func TestTokensAndRetries(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	h := shop(t, terms{signs: p})
	other := h.second(t)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	body := request("t-1", "s-1", "deliver")
	sign := func() []string { return p.sign(t, h.clock.now(), "s-1", disclosures, body, nil) }
	entries := func() string { return h.ask(t, `SELECT count(*) FROM ledger_entries`) }

	token := sign()
	first := h.do(t, "market", disclosures, body, append(token, keyed("once")...)...).want(t, 201)
	before := entries()
	for name, headers := range map[string][]string{"the same token": token, "a new one": sign()} {
		r := other.do(t, "market", disclosures, body, append(headers, keyed("once")...)...).want(t, 201, "id", first.at("id"))
		if r.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("%s: not replayed", name)
		}
	}
	other.do(t, "market", disclosures, body, token...).want(t, 409, "code", "token_used")
	other.do(t, "market", disclosures, body, append(token, keyed("twice")...)...).want(t, 409, "code", "token_used")
	if entries() != before {
		t.Error("a retry was written down")
	}
	// Sixteen with one token and one key, at two brokers.
	token = sign()
	desks := []*desk{h.desk, other}
	ids := map[string]bool{}
	for _, r := range together(16, func(i int) reply {
		return desks[i%2].do(t, "market", disclosures, body, append(token[:2:2], keyed("race")...)...)
	}) {
		if r.status != http.StatusConflict || r.at("code") != "conflict" {
			r.want(t, 201)
			ids[r.at("id")] = true
		}
	}
	if len(ids) != 1 {
		t.Errorf("%d outcomes", len(ids))
	}
	get := "GET /v1/transactions/t-1?viewer=s-1"
	reading := p.sign(t, h.clock.now(), "s-1", get, "", nil)
	for range 2 { // nothing happens, so nothing is used up
		h.do(t, "market", get, "", reading...).want(t, 200)
	}
	late := sign()
	p.renew(t)
	h.do(t, "market", disclosures, body, late...).want(t, 401, "code", "party_token_invalid")
	h.do(t, "market", disclosures, body, sign()...).want(t, 201)
	if err := os.Remove(p.file); err != nil {
		t.Fatal(err)
	}
	h.do(t, "market", disclosures, body, sign()...).want(t, 503, "code", "unavailable")
}

// What leaves no entry takes its token all the same: a dry run, a retry with a new
// token, what was so already. The same retry with the same token is no second use.
func TestTokensWithoutEntries(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	h := shop(t, terms{signs: p, policies: consenting, budgets: requests(4)})
	other := h.second(t)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	sign := func(party, line, body string) []string { return p.sign(t, h.clock.now(), party, line, body, nil) }
	with := func(token []string, key string) []string { return append(token[:2:2], keyed(key)...) }

	dry := foreseen("t-1", "s-1", "deliver")
	token, retried := sign("s-1", disclosures, dry), sign("s-1", disclosures, dry)
	size := h.size(t)
	h.do(t, "market", disclosures, dry, token...).want(t, 200, "decision", "granted")
	for range 5 { // and none of these counts
		other.do(t, "market", disclosures, dry, token...).want(t, 409, "code", "token_used")
		other.do(t, "market", disclosures, dry, with(token, "dry")...).want(t, 409, "code", "token_used")
	}
	first := h.do(t, "market", disclosures, dry, with(retried, "dry")...).want(t, 200, "decision", "granted")
	for range 5 {
		r := other.do(t, "market", disclosures, dry, with(retried, "dry")...).want(t, 200)
		if string(r.raw) != string(first.raw) {
			t.Errorf("the same dry run: %s", r.short())
		}
	}
	other.do(t, "market", disclosures, dry, retried...).want(t, 409, "code", "token_used")
	if h.size(t) != size {
		t.Error("a dry run left an entry")
	}

	body := request("t-1", "s-1", "deliver")
	granted := h.do(t, "market", disclosures, body, with(sign("s-1", disclosures, body), "k")...).want(t, 201)
	second := sign("s-1", disclosures, body)
	for range 3 {
		h.do(t, "market", disclosures, body, with(second, "k")...).want(t, 201, "id", granted.at("id"))
	}
	other.do(t, "market", disclosures, body, second...).want(t, 409, "code", "token_used")
	other.do(t, "market", disclosures, body, with(second, "j")...).want(t, 409, "code", "token_used")
	views := "POST /v1/disclosures/" + granted.at("id") + "/views"
	seen := h.do(t, "market", views, `{"viewer":"s-1"}`, with(sign("s-1", views, `{"viewer":"s-1"}`), "v")...).want(t, 200)
	second = sign("s-1", views, `{"viewer":"s-1"}`)
	h.do(t, "market", views, `{"viewer":"s-1"}`, with(second, "v")...).want(t, 200, "views_left", seen.at("views_left"))
	other.do(t, "market", views, `{"viewer":"s-1"}`, second...).want(t, 409, "code", "token_used")

	told := `{"obligation":"ship","done":"1","performed_at":"2026-03-04T11:00:00Z","reference":"mine","by":"s-1"}`
	h.do(t, "market", performances, told, sign("s-1", performances, told)...).want(t, 201)
	size = h.size(t)
	again := sign("s-1", performances, told)
	h.do(t, "market", performances, told, again...).want(t, 200)
	h.do(t, "market", performances, told, again...).want(t, 409, "code", "token_used")
	gone := "DELETE " + consentPath("settle") + "?recipient=s-1"
	h.do(t, "privacy", gone, "", sign("b-1", gone, "")...).want(t, 200)
	if h.size(t) != size {
		t.Error("what was so already left an entry")
	}
}

// Without the keys to check it by, a token is not taken for one that was checked.
func TestTokensNobodyChecks(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	h := shop(t, terms{})
	body := request("t-1", "s-1", "deliver")
	h.do(t, "market", disclosures, body, p.sign(t, h.clock.now(), "s-1", disclosures, body, nil)...).want(t, 422, "code", "party_tokens_off")
	h.do(t, "market", disclosures, body).want(t, 201, "asserted_by", "platform")
}

// The creditor's own signed word carries a disclosure; the debtor's stays a
// claim, and the platform may tell of the same delivery without its counting twice.
func TestSignedPerformances(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	h := shop(t, terms{signs: p})
	told := func(obligation, done, by, reference string) reply {
		body := fmt.Sprintf(`{"obligation":%q,"done":%q,"performed_at":"2026-03-04T11:00:00Z","reference":%q,"by":%q}`, obligation, done, reference, by)
		return h.signing(t, "market", by, performances, body)
	}
	ask := func() reply {
		return h.signing(t, "market", "s-1", disclosures, request("t-1", "s-1", "invoice"))
	}
	told("deliver", "1", "s-1", "claim").want(t, 201, "state", "claimed")
	if r := ask().want(t, 201, "decision", "refused"); r.because() != "performance_unattested" {
		t.Errorf("the debtor's own word: %s", r.because())
	}
	told("deliver", "1", "b-1", "got it").want(t, 201, "state", "performed")
	ask().want(t, 201, "decision", "granted", "ground", "3f")
	told("deliver", "1", "b-1", "got it again").want(t, 422, "code", "over_performed")
	h.attest(t, "t-1", "deliver 1")
	h.do(t, "payment", "POST /v1/transactions/t-1/reversals", `{"obligation":"deliver","done":"1","performed_at":"2026-03-04T11:30:00Z","reference":"came back"}`).want(t, 201)
	if r := ask().want(t, 201, "decision", "refused"); r.because() != "performance_unattested" {
		t.Errorf("taken back: %s", r.because())
	}
}
