package stories

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"bauta.dev/bauta/app/chromium"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
)

const whyNow = "O entregador ameaçou a compradora; a polícia pede o contato agora."

// seesNow is a reveal in a session.
func (c *court) seesNow(t *testing.T, who, id, subject string) reply {
	t.Helper()
	return c.do(t, who, "POST /v1/break-glass/"+id+"/reveals", `{"subject":"`+subject+`","fields":["phone"]}`)
}

// breaks opens a session about t-1.
func (c *court) breaks(t *testing.T, who string) string {
	t.Helper()
	r := c.do(t, who, "POST /v1/break-glass", body("transaction", "t-1", "reason", "danger_to_life", "text", whyNow)).want(t, 201, "state", "open")
	return r.at("id")
}

// confirms makes what people do fresh again, a moment later.
func (c *court) confirms(t *testing.T, d time.Duration) {
	t.Helper()
	c.clock.forward(d)
	c.sits(t)
}

// In an emergency a handler sees what the floor leaves, without a case, for a quarter of
// an hour; those who lead are paged, somebody else reviews it, and the person sees it.
func TestBreakGlassStory(t *testing.T) {
	t.Parallel()
	c := newCourt(t, terms{reveals: 20})
	c.bought(t, "t-1")
	l := c.listen(t, broker.GlassOpened, broker.GlassViewedByStaff, broker.GlassReviewOverdue)
	stop := c.tell(t)
	c.badGlass(t)
	id := c.breaks(t, "hanna")
	await(t, "the leads are paged", func() bool { return l.kinds() == "break_glass.opened" })
	if m := l.all()[0]; !strings.Contains(m.body, `"for":[]`) || !strings.Contains(m.body, id) || strings.Contains(m.body, c.hanna.id) {
		t.Errorf("%s", m.body)
	}
	c.do(t, "hanna", "POST /v1/break-glass", body("transaction", "t-1", "reason", "data_breach", "text", whyNow)).want(t, 409, "code", "session_open")
	seen := c.seesNow(t, "hanna", id, "b-1").want(t, 200, "fields.0.field", "phone", "fields.0.value", "+5587991935795")
	c.seesNow(t, "lena", id, "b-1").want(t, 403, "code", "not_yours")
	c.seesNow(t, "hugo", id, "b-1").want(t, 404)
	c.do(t, "hanna", "POST /v1/break-glass/"+id+"/reveals", `{"subject":"b-1","fields":["iban"]}`).want(t, 422)
	c.do(t, "privacy", "PUT /v1/parties/s-1/flags", `["minor"]`).want(t, 200)
	c.seesNow(t, "hanna", id, "s-1").want(t, 409, "code", "nothing_to_open")
	c.do(t, "lena", "GET /v1/break-glass?unreviewed=1", "").want(t, 200, "data.0.id", id, "data.0.reveals", "1", "data.0.allowed", `["end"]`)
	c.do(t, "hugo", "GET /v1/break-glass", "").want(t, 200, "data", "[]")
	looks := func() reply { return c.do(t, "market", "GET /v1/parties/b-1/disclosures", "").want(t, 200) }
	if r := looks(); r.at("cases.0.purpose") != "break_glass" || r.at("cases.0.role") != "handler" || r.at("cases.0.transaction") != "t-1" || r.at("cases.0.index") != seen.at("ledger.index") || strings.Contains(r.short(), c.hanna.id) {
		t.Errorf("what the person sees: %s", r.short())
	}
	stop() // a restart later, time still ends it
	c.confirms(t, 15*time.Minute)
	c.seesNow(t, "hanna", id, "b-1").want(t, 409, "code", "invalid_transition")
	stop = c.tell(t)
	c.do(t, "lena", "GET /v1/break-glass/"+id, "").want(t, 200, "state", "ended", "ended_by", "", "text", whyNow, "seen.0.subject", "b-1")
	c.clock.forward(24 * time.Hour)
	await(t, "its review is overdue", func() bool { return strings.HasSuffix(l.kinds(), "break_glass.viewed break_glass.review_overdue") })
	stop()
	c.unreviewed(t, id)
	if r := looks(); r.at("cases.0.review") != "justified" {
		t.Errorf("what the person sees of the review: %s", r.short())
	}
}

// badGlass are sessions that are refused.
func (c *court) badGlass(t *testing.T) {
	t.Helper()
	good := []string{"transaction", "t-1", "reason", "danger_to_life", "text", whyNow}
	but := func(at int, v string) string { x := append([]string{}, good...); x[at] = v; return body(x...) }
	open := "POST /v1/break-glass"
	c.do(t, "hanna", open, but(5, "Perigo de vida!")).want(t, 422, "errors.0.pointer", "/text", "errors.0.code", "too_short")
	c.do(t, "hanna", open, but(3, "curious")).want(t, 422, "errors.0.pointer", "/reason")
	c.do(t, "hanna", open, but(1, "t-99")).want(t, 404)
	c.do(t, "hanna", open, body("dispute", "dsp_05wq0e9m2r6a1b7c3d4e5f6g7g", "reason", "danger_to_life", "text", whyNow)).want(t, 404)
	c.do(t, "hanna", open, body(append(good, "dispute", "dsp_05wq0e9m2r6a1b7c3d4e5f6g7g")...)).want(t, 422, "errors.0.pointer", "/transaction")
	c.do(t, "market", open, body(good...)).want(t, 403)
	c.employ(t, "otto", "elisa.prado3@desk.example.org", accounts.Auditor)
	c.do(t, "otto", open, body(good...)).want(t, 403, "code", "role_missing")
	c.do(t, "lena", "POST /v1/handlers", body("email", "nova.gente1@desk.example.org", "role", "handler")).want(t, 201)
	c.clock.forward(6 * time.Minute)
	c.do(t, "hanna", open, body(good...)).want(t, 403, "code", "reauthentication_required")
	c.sits(t)
	c.do(t, "hanna", "GET /v1/break-glass/bgl_05wq0e9m2r6a1b7c3d4e5f6g7g", "").want(t, 404)
	c.do(t, "hanna", "POST /v1/break-glass/dsp_05wq0e9m2r6a1b7c3d4e5f6g7g/end", "{}").want(t, 404)
}

// unreviewed: whoever is not reviewed in time sees nothing; the review is another one's.
func (c *court) unreviewed(t *testing.T, id string) {
	t.Helper()
	c.sits(t)
	one := "/v1/break-glass/" + id
	c.do(t, "hanna", "GET "+one, "").want(t, 200, "state", "overdue", "allowed", "[]")
	c.do(t, "hanna", "POST /v1/break-glass", body("transaction", "t-1", "reason", "data_breach", "text", whyNow)).want(t, 403, "code", "review_overdue")
	c.do(t, "hanna", "POST /v1/disputes/dsp_05wq0e9m2r6a1b7c3d4e5f6g7g/reveals", `{"subject":"b-1","fields":["name"],"purpose":"decide_case","reason":"identity_unclear"}`, "If-Match", `"1"`).
		want(t, 403, "code", "review_overdue")
	fine := body("outcome", "justified", "text", "Não havia outro caminho.")
	c.do(t, "hugo", "POST "+one+"/review", fine).want(t, 404)
	c.do(t, "hanna", "POST "+one+"/review", fine).want(t, 403)
	c.do(t, "lena", "POST "+one+"/review", `{"outcome":"justified"}`).want(t, 422, "errors.0.pointer", "/text")
	c.do(t, "lena", "POST "+one+"/review", fine, "Idempotency-Key", "r").want(t, 200, "state", "reviewed", "outcome", "justified", "review", "Não havia outro caminho.")
	c.do(t, "lena", "POST "+one+"/review", fine, "Idempotency-Key", "r").want(t, 200, "state", "reviewed")
	wrong := c.breaks(t, "hanna") // he may again
	c.do(t, "lena", "POST /v1/break-glass/"+wrong+"/end", "{}").want(t, 200, "state", "ended", "ended_by", c.lena.id)
	c.do(t, "lena", "POST /v1/break-glass/"+wrong+"/review", body("outcome", "not_justified", "text", "Havia tempo para o caso.")).want(t, 200)
	c.do(t, "hanna", "POST /v1/break-glass", body("transaction", "t-1", "reason", "data_breach", "text", whyNow)).want(t, 403, "code", "break_glass_not_justified")
}

// The desk: a session from the case's page to its review, at both widths.
func TestGlassDesk(t *testing.T) {
	t.Parallel()
	c := newCourt(t, terms{reveals: 20})
	c.bought(t, "t-1")
	opened := lines(body("transaction", "t-1", "opened_by", "b-1", "reason", "not_received", "amount", "100.00", "statement", "Nada chegou."), "deliver")
	made := c.do(t, "disputes", "POST /v1/disputes", opened).want(t, 201)
	id := made.at("id")
	b := chromium.New(t)
	hanna := c.clerk(t, b, c.hanna)
	hanna.Visit(c.url + "/desk/cases/" + id)
	hanna.Press(`a[href="/desk/break-glass?case=` + id + `"]`)
	hanna.Says("h1", "Break glass")
	hanna.Choose("#open-reason", "danger_to_life")
	hanna.Type("#open-text", "Perigo!")
	hanna.does("break")
	hanna.Says(".input-error", "at least 20 characters")
	hanna.look("glass-1-open")
	hanna.Type("#open-text", crafty)
	hanna.does("break")
	hanna.Says("[role=status]", "It is open, and those who lead are paged")
	hanna.folded("reveal")
	hanna.look("glass-2-session")
	refused := &clerk{hanna.Opens("button[value=reveal]"), hanna.who}
	refused.Says(".input-error", "Choose what you need to see")
	hanna.Do(chromedp.Click(chromedp.CSS("#reveal-buyer-fields-field_phone")))
	values := &clerk{hanna.Opens("button[value=reveal]"), hanna.who}
	values.Says("main", "+5587991935795", "The person is told now", "after 60 seconds")
	values.look("glass-3-values")
	values.Press("main a.button")
	values.SaysNot("main", "+5587991935795")
	hanna.does("end")
	hanna.Says("[role=status]", "It has ended")
	hanna.Says("main", "ended", "phone", "by you")

	lena := c.clerk(t, b, c.lena)
	lena.Says(".glass-note", "1 break-glass session to review, due in 23 h")
	lena.look("glass-4-desk")
	lena.Press(".glass-note a")
	lena.Says("main", "Review it", crafty)
	lena.look("glass-5-review")
	lena.Choose("#review-outcome", "needs_follow_up")
	lena.Type("#review-text", "Não havia outro caminho.")
	lena.does("review")
	lena.Says("[role=status]", "It is reviewed")
	lena.Visit(c.url + "/desk/break-glass")
	lena.Says("main", "It has to be followed up")
	lena.look("glass-6-all")
}
