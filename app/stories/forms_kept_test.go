package stories

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker/accounts"
)

// lacks holds what a page must not say against it.
func (v *visitor) lacks(text string, all ...string) {
	v.Helper()
	for _, not := range all {
		if strings.Contains(text, not) {
			v.Errorf("the page says %q:\n%s", not, text)
		}
	}
}

// again signs somebody in on the page that asks for it, with what he had sent.
func (h *house) again(t *testing.T, v *visitor, p *person, at string, sent ...string) func(wants ...string) string {
	t.Helper()
	v.page(v.form(at, sent...), 401, "Sign in again")
	h.clock.forward(time.Minute)
	in := append([]string{"email", p.email, "password", phrase, "code", p.shows(t, h.clock.now())}, sent...)
	return func(wants ...string) string {
		v.Helper()
		return v.page(v.form(at, in...), 200, append(wants, "You are signed in again, and nothing was done yet")...)
	}
}

// caseFormsKeep: the shortest time that a form offers is one that can be given, whatever the
// clock does between two looks at it; nothing typed is lost on any of the ways back; and an
// address says of nothing that it was done.
func (c *court) caseFormsKeep(t *testing.T, hanna, hugo *visitor, path, at string) {
	t.Helper()
	hanna.get(at+"?done=assign", 200, "It is assigned")
	hanna.lacks(hanna.get(at+"?done=approve", 200), "It is decided")
	hugo.lacks(hugo.get(at+"?done=assign", 200), "It is assigned")
	c.clock.tick(time.Millisecond)
	hanna.sends(at, "request_evidence", 200, "want_seller_carrier_tracking", "on", "days", "2")("told what is wanted")
	c.clock.tick(0)
	c.textsAreMasked(t, hanna, at)
	hanna.sends(at, "message", 409, "text", "Bom dia.", "as", c.hugo.id)("while somebody else was signed in here", "\nBom dia.</textarea>", `name="as" value="`+c.hanna.id)
	c.on(t, path, "evidence/completion", `{"by":"s-1"}`).want(t, 200)

	c.clock.forward(49 * time.Hour)
	proposal := []string{"event", "preview", "moves", "5", "seen", "1", "outcome", "refund", "reason_code", "not_delivered", "clause", "3f", "findings", "Achado.\nE mais."}
	page := c.again(t, hanna, c.hanna, at, proposal...)("in its form", "\nAchado.\nE mais.</textarea>", `<option value="refund" selected>`)
	hanna.lacks(page, "What you had typed")
	proposal[1], proposal[3] = "propose", between(page, `name="moves" value="`, `"`)
	hanna.page(hanna.form(at, proposal...), 200, "A second person looks at it")
	hanna.lacks(hanna.get(at+"?done=assign", 200), "It is assigned")
}

// takenOverWithText: what was written for a form that went, while somebody else had it open,
// is in it again for whoever takes it over.
func (c *court) takenOverWithText(t *testing.T, hugo, lena *visitor, at string) {
	t.Helper()
	hugo.get(at, 200, `value="send_back"`)
	page := lena.sends(at, "send_back", 422, "text", "Falta prova.")("It lies open before", "What you had typed", "take over what lies before", `name="was" value="send_back"`, `name="text" value="Falta prova."`)
	lena.lacks(page, "There is no form for it any more")
	moves := between(page, `name="moves" value="`, `"`)
	lena.page(lena.form(at, "event", "take_over", "as", c.hugo.id, "moves", moves, "seen", "1", "was", "send_back", "text", "Falta prova."), 409, "while somebody else was signed in here", `name="text" value="Falta prova."`)
	page = lena.page(lena.form(at, "event", "take_over", "moves", moves, "seen", "1", "was", "send_back", "text", "Falta prova."), 200,
		"It lies before you now, and nothing was done yet", "\nFalta prova.</textarea>")
	lena.lacks(page, "What you had typed", "signed in again")
}

// roleIsGone: whoever lost his role while he wrote finds what he wrote.
func (c *court) roleIsGone(t *testing.T, lena *visitor, at string) {
	t.Helper()
	c.employ(t, "pia", "pia@desk.example.org", accounts.PrivacyOfficer)
	c.do(t, "pia", "POST /v1/handlers/"+c.lena.id+"/role", `{"role":"auditor"}`).want(t, http.StatusOK)
	page := lena.page(lena.form(at, "event", "message", "moves", "1", "seen", "1", "text", "Bom <b>dia"), 403, "What you had written", "Bom &lt;b&gt;dia", "kept nowhere else")
	lena.lacks(page, "Send it again")
}

// reviewFormsKeep: a registration's page keeps what was written and chosen, as a case's does;
// nothing is chosen beforehand, and what was opened is masked again by itself.
func (h *house) reviewFormsKeep(t *testing.T, r, stranger *visitor, rita *person, here string) {
	t.Helper()
	page := r.get(here+"?done=approve", 200, `<select id="review-reason_approve" name="reason_approve" required>`, `<select id="review-source" name="source" required>`)
	r.lacks(page, "It is approved", `<option value="verified" selected>`)
	missing := []string{"event", "approve", "version", "1", "method", "contacted", "note", "אבג"}
	r.page(r.form(here, missing...), 422, `id="review-source-error"`, `id="review-reason_approve-error"`, `<option value="contacted" selected>`, "\nאבג</textarea>")
	r.page(r.form(here, "event", "ask", "version", "1", "reason_ask", "document_missing", "note", strings.Repeat("ש", 4000)), 422, `id="note-error"`, strings.Repeat("ש", 4000))
	r.page(r.form(here, append(missing, "as", "hnd_0")...), 409, "while somebody else was signed in here", "\nאבג</textarea>")
	status, header, text := r.take(r.form(here+"/values", lookingOnPage()...))
	if status != 200 || header.Get("Refresh") != "60; url="+here || strings.Contains(text, "<textarea") {
		t.Errorf("the values: %d %q, or something can be written beside them", status, header.Get("Refresh"))
	}
	h.again(t, stranger, rita, here, missing...)("in its form", `<option value="contacted" selected>`, "\nאבג</textarea>")
}

// searchKeeps: an id is in its field again for whoever signs in on the page that asks for
// it, which says it to nobody; what one account typed another one neither sends nor, where
// it has no business, reads. So is what is asked for by an address.
func (c *court) searchKeeps(t *testing.T, hanna, rita *visitor) {
	t.Helper()
	const typed = `dsp_"<b>`
	rita.page(rita.form("/desk/search", "id", typed), 403, "What you had written", "dsp_&#34;&lt;b&gt;")
	rita.lacks(rita.page(rita.form("/desk/search", "id", typed, "as", c.hanna.id), 403), "dsp_")
	hanna.lacks(hanna.page(hanna.form("/desk/search", "id", "t-1", "as", c.hugo.id), 409, "while somebody else was signed in here", ` value="t-1"`), "Found")
	c.clock.forward(31 * time.Minute)
	page := hanna.page(hanna.form("/desk/search", "id", typed, "as", c.hanna.id), 401, `<input type="hidden" name="id" value="dsp_&#34;&lt;b&gt;">`)
	if strings.Count(page, "dsp_") != 1 {
		t.Errorf("what was typed is said to a stranger:\n%s", page)
	}
	c.again(t, hanna, c.hanna, "/desk/search", "id", typed, "as", c.hanna.id)("in its form", ` value="dsp_&#34;&lt;b&gt;"`, `name="as" value="`+c.hanna.id)

	v := c.visitor(t)
	v.page(v.form("/desk/search", "id", "t-1", "as", c.hugo.id, "email", c.hanna.email, "password", phrase, "code", "000000"), 401, "Sign in again", `name="id" value="t-1"`)
	v.page(v.address("/desk/ledger?from=1&to=2"), 401, "Sign in again", `action="/desk/ledger"`, `name="from" value="1"`, `name="to" value="2"`)
	c.clock.forward(time.Minute)
	v.page(v.form("/desk/ledger", "from", "1", "to", "2", "email", c.hugo.email, "password", phrase, "code", c.hugo.shows(t, c.clock.now())), 200, "The log of 1 entries is the beginning of that of 2")
	v.page(v.form("/desk/ledger", "entry", "0"), 200, `value="0"`)
	v.page(v.form("/desk/ledger", "next", "https://example.org"), 400)
}

// glassKeeps: what was chosen in a session that is over, and written where somebody else
// was faster, is told as it is of a case.
func (c *court) glassKeeps(t *testing.T, hanna *visitor, at string) {
	t.Helper()
	reveal := []string{"event", "reveal", "moves", "0", "seen", "0", "subject", "b-1", "field_phone", "on", "as", c.hanna.id}
	hanna.lacks(hanna.page(hanna.form(at, reveal...), 409, "There is no form for it any more", `<dt>Phone</dt><dd class="said" dir="auto">chosen</dd>`), "<dt>Purpose")
	lena := c.atDesk(t, c.lena)
	review := []string{"event", "review", "moves", "0", "seen", "0", "outcome", "justified", "text", "Não havia outro <b>caminho."}
	lena.page(lena.form(at, review...), 200, "It is reviewed")
	lena.page(lena.form(at, review...), 409, "What you had typed", "There is no form for it any more", "Não havia outro &lt;b&gt;caminho.")
	c.clock.forward(31 * time.Minute)
	page := c.again(t, lena, c.lena, at, review...)("What you had written is below", "There is no form for it any more", "Não havia outro &lt;b&gt;caminho.")
	lena.lacks(page, "Look, and choose again")
	c.again(t, hanna, c.hanna, "/desk/break-glass", "event", "break", "moves", "0", "seen", "0", "about", "t-1", "text", "Bom dia.")("in its form", ` value="t-1"`, "\nBom dia.</textarea>")
}

// textsAreMasked: what was written is masked again by itself, and nothing can be written
// beside it that would be lost with that.
func (c *court) textsAreMasked(t *testing.T, hanna *visitor, at string) {
	t.Helper()
	moves := between(hanna.get(at, 200, `target="_blank"`), `name="moves" value="`, `"`)
	status, header, text := hanna.take(hanna.form(at, "event", "texts", "moves", moves, "seen", "1", "password", phrase))
	if status != 200 || header.Get("Refresh") != "300; url="+at || !strings.Contains(text, "after 5 minutes in any case") || !strings.Contains(text, `<blockquote class="said"`) {
		t.Errorf("the texts: %d %q\n%s", status, header.Get("Refresh"), text)
	}
	hanna.lacks(text, "<textarea", "<select", `type="text"`, `type="checkbox"`, `type="password"`)
	hanna.lacks(hanna.get(at, 200, "<textarea"), `<blockquote class="said"`)
}

// nameIsKept: what a passkey was to be called stays, with its form or below it, whatever
// became of the session; what the browser made with it does not.
func (h *house) nameIsKept(t *testing.T, v *visitor, p *person) {
	t.Helper()
	named := []string{"name", "chave <azul>", "passkey", "made"}
	v.page(v.form("/desk/passkeys", named...), 403, "Confirm that it is you", "What you had typed", "chave &lt;azul&gt;")
	h.clock.forward(31 * time.Minute)
	v.lacks(v.page(v.form("/desk/passkeys", named...), 401, `name="name" value="chave &lt;azul&gt;"`), "made")
	h.again(t, v, p, "/desk/passkeys", named[:2]...)("What you had written is below", "chave &lt;azul&gt;") // there are five
	first := regexp.MustCompile(`name="id" value="([0-9a-f]{16})"`).FindAllStringSubmatch(v.get("/desk", 200), -1)[4][1]
	v.page(v.form("/desk/passkeys/removal", "id", first), 200)
	v.page(v.form("/desk/passkeys", named...), 422, ` value="chave &lt;azul&gt;"`)
	h.clock.forward(31 * time.Minute)
	h.again(t, v, p, "/desk/passkeys", named[:2]...)("in its form", ` value="chave &lt;azul&gt;"`)
}
