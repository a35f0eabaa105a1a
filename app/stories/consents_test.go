package stories

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"bauta.dev/bauta/broker"
)

// consenting are the permits of these stories: something under 3a, something
// under 3g, and beside them the least that 3b gives.
const consenting = `
@id("settle-consented") @ground("3a") @expires("request+60d") @views("20") @decide("auto") @why("the subject permits it")
permit (principal == Role::"seller", action == Action::"settle", resource)
when { resource in [Field::"name", Field::"phone", Field::"address"] };
@id("deliver-name") @ground("3b") @expires("request+30d") @views("20") @decide("auto") @why("the least")
permit (principal == Role::"seller", action == Action::"deliver", resource == Field::"name") when { context.held };
@id("deliver-consented") @ground("3a") @expires("request+30d") @views("20") @decide("auto") @why("the subject permits it")
permit (principal == Role::"seller", action == Action::"deliver", resource == Field::"phone");
@id("collect-cited") @ground("3g") @expires("request+30d") @views("2") @decide("person") @why("a law that is cited")
permit (principal == Role::"seller", action == Action::"collect", resource == Field::"name");`

func consentPath(purpose string) string { return "/v1/parties/b-1/consents/" + purpose }

// consent is a body for s-1; its text is what the party was shown.
func (h *house) consent(until time.Duration, fields ...string) string {
	names, _ := json.Marshal(fields)
	return fmt.Sprintf(`{"recipient":"s-1","fields":%s,"text_sha256":"%x","locale":"pt-BR","expires_at":%q}`,
		names, sha256.Sum256([]byte("Permito que a vendedora…")), h.clock.now().Add(until).Format(time.RFC3339))
}

func (h *house) give(t *testing.T, purpose string, until time.Duration, fields ...string) reply {
	t.Helper()
	return h.signing(t, "privacy", "b-1", "PUT "+consentPath(purpose), h.consent(until, fields...))
}

func (d *desk) withdraw(t *testing.T, purpose string) reply {
	t.Helper()
	return d.signing(t, "privacy", "b-1", "DELETE "+consentPath(purpose)+"?recipient=s-1", "")
}

func (d *desk) askSigned(t *testing.T, purpose string, fields ...string) reply {
	t.Helper()
	return d.signing(t, "market", "s-1", disclosures, request("t-1", "s-1", purpose, fields...))
}

func (d *desk) viewSigned(t *testing.T, id string) reply {
	t.Helper()
	return d.signing(t, "market", "s-1", "POST /v1/disclosures/"+id+"/views", `{"viewer":"s-1"}`)
}

const month = 30 * 24 * time.Hour

// What the subject permits is given, field by field and no more, and ends with
// the permission: at once when it is withdrawn, and by comparison when it expires.
func TestConsent(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{signs: newProvider(t), policies: consenting})
	if r := h.askSigned(t, "settle", "name", "phone").want(t, 201, "decision", "refused"); r.because() != "not_necessary" {
		t.Errorf("without a consent: %s", r.because())
	}
	h.give(t, "settle", month, "phone").want(t, 201, "purpose", "settle", "recipient", "s-1", "fields", `["phone"]`)
	r := h.askSigned(t, "settle", "name", "phone").want(t, 201, "decision", "granted", "ground", "3a", "expires_at", h.clock.now().Add(month).Format(time.RFC3339))
	if r.opens() != "phone" || r.withheld("name") != "not_necessary" {
		t.Errorf("only the phone is permitted: %s", r.short())
	}
	phone := r.at("id")
	if got := h.signing(t, "market", "s-1", "GET /v1/transactions/t-1?viewer=s-1", ""); !strings.Contains(string(got.raw), `{"purpose":"settle","decision":"granted","fields":["phone"]`) {
		t.Errorf("what could be asked: %s", got.raw)
	}
	h.give(t, "settle", month, "phone").want(t, 200) // the same is nothing new
	h.give(t, "settle", 2*month, "name", "phone").want(t, 200)
	both := h.askSigned(t, "settle", "name", "phone").want(t, 201, "ground", "3a")
	if both.opens() != "name phone" {
		t.Errorf("both are permitted: %s", both.short())
	}
	h.give(t, "settle", 2*month, "phone").want(t, 200) // narrower: what rested on more ends
	h.viewSigned(t, both.at("id")).want(t, 410)
	h.signing(t, "market", "s-1", "GET /v1/disclosures/"+both.at("id")+"?viewer=s-1", "").want(t, 200, "state", "revoked")
	h.viewSigned(t, phone).want(t, 200)

	h.withdraw(t, "settle").want(t, 200, "in_force", "false")
	h.withdraw(t, "settle").want(t, 200, "in_force", "false")
	h.viewSigned(t, phone).want(t, 410, "code", "gone")
	h.signing(t, "market", "s-1", "GET /v1/disclosures/"+phone+"?viewer=s-1", "").want(t, 200, "state", "revoked")
	h.askSigned(t, "settle", "phone").want(t, 201, "decision", "refused")

	h.give(t, "settle", time.Hour, "phone").want(t, 201)
	h.viewSigned(t, phone).want(t, 410) // a new permission is no old grant
	id := h.askSigned(t, "settle", "phone").want(t, 201, "decision", "granted")
	h.clock.forward(time.Hour)
	h.viewSigned(t, id.at("id")).want(t, 410)
	h.askSigned(t, "settle", "phone").want(t, 201, "decision", "refused")
	if list := h.do(t, "privacy", "GET /v1/parties/b-1/consents", "").want(t, 200, "next", ""); len(list.list("data")) != 0 {
		t.Errorf("what has expired is not in force: %s", list.short())
	}
	h.do(t, "audit", "GET /ledger/checkpoint", "").want(t, 200)
}

// A grant that ends because a consent ends, or is made narrower, is told by that
// commit, once; that there was a consent, the message does not say.
func TestConsentsEndIsTold(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{signs: newProvider(t), policies: consenting})
	l := h.listen(t, broker.GrantRevoked)
	h.give(t, "settle", month, "name", "phone").want(t, 201)
	both := h.askSigned(t, "settle", "name", "phone").want(t, 201, "ground", "3a")
	phone := h.askSigned(t, "settle", "phone").want(t, 201, "ground", "3a")
	h.give(t, "settle", month, "phone").want(t, 200)
	told := func() string { return h.ask(t, `SELECT string_agg(DISTINCT entry::text, ' ') FROM outbox`) }
	newest := func() string { return h.ask(t, `SELECT max(idx) FROM ledger_entries`) }
	if got := told(); got != newest() {
		t.Errorf("narrower: told of %s", got)
	}
	h.clock.forward(time.Second)
	h.withdraw(t, "settle").want(t, 200)
	if n := h.ask(t, `SELECT count(*) FROM outbox WHERE endpoint > 0 AND entry = `+newest()); n != "1" {
		t.Errorf("withdrawn: %s rows of its commit", n)
	}
	h.give(t, "settle", month, "phone").want(t, 201)
	expired := h.askSigned(t, "settle", "phone").want(t, 201, "ground", "3a")
	h.clock.forward(month)
	h.withdraw(t, "settle").want(t, 200)
	h.viewSigned(t, expired.at("id")).want(t, 410)
	h.tell(t)
	h.caughtUp(t)
	heard := l.all()
	if len(heard) != 2 || heard[0].disclosure != both.at("id") || heard[1].disclosure != phone.at("id") {
		t.Fatalf("told: %+v", heard)
	}
	for i, r := range []reply{both, phone} {
		if m := heard[i]; fmt.Sprint(m.index) != r.at("ledger.index") || strings.Contains(m.body, "consent") || strings.Contains(m.body, `"reason":"`) {
			t.Errorf("told: %s", m.body)
		}
	}
	h.retold(t, l)
}

// One disclosure has one ground, and a consent adds nothing to another one.
func TestConsentBesideAnotherGround(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{signs: newProvider(t), policies: consenting})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	h.give(t, "deliver", month, "phone").want(t, 201)
	if r := h.askSigned(t, "deliver", "name", "phone").want(t, 201, "ground", "3a"); r.opens() != "phone" {
		t.Errorf("both asked for: %s", r.short())
	}
	if r := h.askSigned(t, "deliver", "name").want(t, 201, "ground", "3b"); r.opens() != "name" {
		t.Errorf("the name alone: %s", r.short())
	}
	h.withdraw(t, "deliver").want(t, 200)
	if r := h.askSigned(t, "deliver").want(t, 201, "ground", "3b"); r.opens() != "name" {
		t.Errorf("withdrawn: %s", r.short())
	}
}

// Who gives a consent, to whom, and for what: each by name, and by himself.
func TestConsentIsRefused(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	h := shop(t, terms{signs: p, policies: consenting})
	settle := "PUT " + consentPath("settle")
	good := h.consent(month, "phone")
	for name, x := range map[string]struct {
		line, body string
		status     int
		code       string
	}{
		"every purpose":    {"PUT " + consentPath("*"), good, 422, "blanket_consent"},
		"everybody":        {settle, strings.Replace(good, "s-1", "*", 1), 422, "blanket_consent"},
		"every field":      {settle, h.consent(month, "*"), 422, "blanket_consent"},
		"one and the rest": {settle, h.consent(month, "phone", "*"), 422, "blanket_consent"},
		"no field":         {settle, h.consent(month), 422, "validation_failed"},
		"unknown field":    {settle, h.consent(month, "passport"), 422, "unknown_field"},
		"unknown purpose":  {"PUT " + consentPath("marketing"), good, 422, "unknown_purpose"},
		"unknown party":    {settle, strings.Replace(good, "s-1", "s-9", 1), 422, "unknown_party"},
		"himself":          {settle, strings.Replace(good, "s-1", "b-1", 1), 422, "same_party"},
		"for ever":         {settle, h.consent(366 * 24 * time.Hour), 422, "validation_failed"},
		"over a year":      {settle, h.consent(366*24*time.Hour, "phone"), 422, "validation_failed"},
		"in the past":      {settle, h.consent(0, "phone"), 422, "validation_failed"},
		"no text":          {settle, strings.Replace(good, `"text_sha256"`, `"text"`, 1), 422, "unknown_member"},
		"a short hash":     {settle, strings.Replace(good, `"text_sha256":"`, `"text_sha256":"0`, 1), 422, "validation_failed"},
		"no locale":        {settle, strings.Replace(good, "pt-BR", "", 1), 422, "validation_failed"},
		"of nobody":        {"DELETE " + consentPath("settle"), "", 422, "validation_failed"},
	} {
		r := h.signing(t, "privacy", "b-1", x.line, x.body)
		if r.status != x.status || r.at("code") != x.code {
			t.Errorf("%s: %d %s", name, r.status, r.short())
		}
	}
	h.signing(t, "market", "b-1", settle, good).want(t, 403, "code", "scope_missing")
	h.do(t, "privacy", settle, good).want(t, 401, "code", "party_token_required")
	h.signing(t, "privacy", "s-1", settle, good).want(t, 403, "code", "party_mismatch")
	token := p.sign(t, h.clock.now(), "b-1", settle, good, nil)
	h.do(t, "privacy", settle, good, token...).want(t, 201)
	other := h.consent(month, "name")
	h.do(t, "privacy", settle, other, token...).want(t, 401, "code", "party_token_invalid")
	nobody := "PUT /v1/parties/b-9/consents/settle"
	h.signing(t, "privacy", "b-9", nobody, good).want(t, 404, "code", "not_found")
}

// A retry of a consent, or of its withdrawal, with the very token is answered like
// the first one, and makes nothing; but no token gives again what was taken back
// since, nor takes back what was given since.
func TestConsentIsRetried(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	h := shop(t, terms{signs: p, policies: consenting})
	other := h.second(t)
	put, body, gone := "PUT "+consentPath("settle"), h.consent(month, "phone"), "DELETE "+consentPath("settle")+"?recipient=s-1"
	give := func() []string { return p.sign(t, h.clock.now(), "b-1", put, body, nil) }
	take := func() []string { return p.sign(t, h.clock.now(), "b-1", gone, "", nil) }
	desks := []*desk{h.desk, other}
	retry := func(line, body string, token []string) (all []reply) {
		all = together(8, func(i int) reply { return desks[i%2].do(t, "privacy", line, body, token...) })
		h.clock.forward(time.Second)
		return append(all, other.do(t, "privacy", line, body, token...))
	}
	var first []byte
	given := give()
	size := h.size(t)
	for _, r := range retry(put, body, given) {
		if first == nil {
			first = r.raw
		}
		if (r.status != 201 && r.status != 200) || string(r.raw) != string(first) {
			t.Errorf("a retry: %d %s, was %s", r.status, r.short(), first)
		}
	}
	for range 2 { // the same consent with another token, and that one's retry
		anew := give()
		h.do(t, "privacy", put, body, anew...).want(t, 200)
		other.do(t, "privacy", put, body, anew...).want(t, 200)
	}
	// A token of the same number that was signed for something else is no retry.
	narrow := strings.Replace(body, "pt-BR", "pt-PT", 1)
	forged := p.sign(t, h.clock.now(), "b-1", put, narrow, func(c jwt.MapClaims) { c["jti"] = "n-again" })
	h.do(t, "privacy", put, narrow, forged...).want(t, 200)
	forged = p.sign(t, h.clock.now().Add(time.Second), "b-1", put, narrow, func(c jwt.MapClaims) { c["jti"] = "n-again" })
	h.do(t, "privacy", put, narrow, forged...).want(t, 409, "code", "token_used")
	h.do(t, "privacy", put, body, given...).want(t, 409, "code", "token_used")
	if n := h.ask(t, `SELECT count(*) - `+size+` FROM ledger_entries`); n != "2" {
		t.Errorf("%s entries, want the two consents", n)
	}

	taken := take()
	for _, r := range retry(gone, "", taken) {
		r.want(t, 200, "in_force", "false")
	}
	h.do(t, "privacy", put, body, given...).want(t, 409, "code", "token_used")
	h.do(t, "privacy", put, body, give()...).want(t, 201)
	h.do(t, "privacy", gone, "", taken...).want(t, 409, "code", "token_used")
	h.do(t, "privacy", gone, "", take()...).want(t, 200)
	if n := h.ask(t, `SELECT count(*) - `+size+` FROM ledger_entries`); n != "5" {
		t.Errorf("%s entries, want two more", n)
	}
}

// The platform alone gives no consent; that one is withdrawn it may say.
func TestConsentOfThePlatform(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{policies: consenting})
	h.do(t, "privacy", "PUT "+consentPath("settle"), h.consent(month, "phone")).want(t, 403, "code", "consent_unattested")
	h.do(t, "privacy", "DELETE "+consentPath("settle")+"?recipient=s-1", "").want(t, 200, "in_force", "false")
	h.do(t, "privacy", "GET /v1/parties/b-1/consents", "").want(t, 200)
}

// Sixteen at two brokers ask and look while the consent is withdrawn and given
// again: after its withdrawal's entry no value leaves.
func TestConsentIsWithdrawnMeanwhile(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{signs: newProvider(t), policies: consenting})
	desks := []*desk{h.desk, h.second(t)}
	for range 3 {
		h.give(t, "settle", month, "phone").want(t, 201)
		var withdrawn atomic.Bool
		var wait sync.WaitGroup
		wait.Go(func() {
			desks[1].withdraw(t, "settle").want(t, 200)
			withdrawn.Store(true)
		})
		for i := range 16 {
			wait.Go(func() {
				over := withdrawn.Load()
				r := desks[i%2].askSigned(t, "settle", "phone")
				if r.status == 409 {
					return
				}
				if r.want(t, 201); over && r.opens() != "" {
					t.Error("asked after the withdrawal, and shown")
				}
				if r.at("decision") != "granted" {
					return
				}
				over = withdrawn.Load()
				if v := desks[(i+1)%2].viewSigned(t, r.at("id")); over && v.status != 410 {
					t.Errorf("looked after the withdrawal: %d", v.status)
				}
			})
		}
		wait.Wait()
		// By the ledger's own order: nothing decided or viewed behind the withdrawal opened anything.
		if late := h.ask(t, `SELECT count(*) FROM disclosures WHERE decision = 2 AND entry > (SELECT max(idx) FROM ledger_entries WHERE get_byte(entry, 1) = 17)`); late != "0" {
			t.Errorf("%s grants stand behind the withdrawal", late)
		}
		if seen := h.ask(t, `SELECT count(*) FROM views WHERE entry > (SELECT max(idx) FROM ledger_entries WHERE get_byte(entry, 1) = 17)`); seen != "0" {
			t.Errorf("%s views stand behind the withdrawal", seen)
		}
		if live := h.ask(t, `SELECT count(*) FROM disclosures WHERE state = 0`); live != "0" {
			t.Errorf("%s grants live on after the withdrawal", live)
		}
	}
}

// Under 3g nothing goes out by itself, and nothing without a citation, which has
// no room for free text.
func TestCitation(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{policies: consenting})
	ask := func(citation string) reply {
		return h.do(t, "market", disclosures, strings.TrimSuffix(request("t-1", "s-1", "collect", "name"), "}")+citation+"}")
	}
	ask("").want(t, 201, "decision", "refused")
	ask(`,"citation":{"instrument":"ecl","section":"62"}`).want(t, 201, "decision", "pending", "ground", "3g", "citation", "ecl/62", "expires_at", "")
	for _, bad := range []string{
		`{"instrument":"my law","section":"62"}`, `{"instrument":"gdpr","section":"because Ana asked"}`, `{"instrument":"gdpr","section":"5511-999-999-0"}`,
		`{"instrument":"gdpr","section":""}`, `{"section":"6"}`,
	} {
		ask(`,"citation":`+bad).want(t, 422, "code", "unknown_citation")
	}
	ask(`,"citation":"gdpr/6"`).want(t, 422, "code", "validation_failed")
}
