package stories

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"bauta.dev/bauta/app/chromium"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/bundle"
)

func wideLook() chromium.Look {
	return chromium.Look{Name: "1440-light", Width: 1440, Height: 900, Apart: true}
}

func narrowLook() chromium.Look {
	return chromium.Look{Name: "390-dark", Width: 390, Height: 844, Mobile: true, Dark: true, Apart: true}
}

// crafty is what a party could write to break out of the page, with a name that is
// written from right to left.
const crafty = `<script>document.title='gone'</script>"'><img src=x onerror=alert(1)> ליאה כהן`

// clerk is somebody at the desk with a browser of his own.
type clerk struct {
	*chromium.Tab
	who *person
}

func (c *court) clerk(t *testing.T, b *chromium.Browser, p *person) *clerk {
	t.Helper()
	v := &clerk{b.Open(t, wideLook()), p}
	v.Expects = "status of 4" // forms that are shown again say so
	c.seat(t, v)
	return v
}

// seat signs somebody in at the desk.
func (c *court) seat(t *testing.T, v *clerk) {
	t.Helper()
	c.clock.forward(time.Minute)
	v.Visit(c.url + "/sign-in")
	v.Type(idOf("email"), v.who.email)
	v.Type(idOf("password"), phrase)
	v.Type(idOf("code"), v.who.shows(t, c.clock.now()))
	v.Press("button[type=submit]")
	v.Says("h1", "Your desk")
}

// look is at both widths, with axe.
func (v *clerk) look(name string) {
	v.Helper()
	v.Check()
	v.Shoot("case-" + name)
	v.Turn(narrowLook())
	v.Check()
	v.Shoot("case-" + name)
	v.Turn(wideLook())
}

// does presses the button of a form.
func (v *clerk) does(event string) {
	v.Helper()
	v.Press(`button[value=` + event + `]`)
}

// folded opens what is folded, and what the form in it needs is typed.
func (v *clerk) folded(event string) {
	v.Helper()
	v.Count(`(() => { const d = document.querySelector("button[value=` + event + `]").closest("details"); if (d) d.open = true; return 1; })()`)
}

// Handlers in browsers of their own work a case from the queue to the decision.
func TestCaseDesk(t *testing.T) {
	t.Parallel()
	c := newCourt(t, terms{reveals: 20})
	c.bought(t, "t-1")
	c.attest(t, "t-1", "deliver 1") // the carrier says
	c.do(t, "market", "POST /v1/disclosures", body("transaction", "t-1", "requester", "s-1", "purpose", "deliver")).want(t, 201)
	opened := lines(body("transaction", "t-1", "opened_by", "b-1", "reason", "not_received", "amount", "100.00", "statement", crafty), "deliver")
	made := c.do(t, "disputes", "POST /v1/disputes", opened).want(t, 201)
	id := made.at("id")
	path, here := "/v1/disputes/"+id, c.url+"/desk/cases/"+id
	c.clock.forward(48 * time.Hour)
	c.on(t, path, "escalation", `{"by":"b-1"}`).want(t, 200, "state", "claim")

	refused := c.disclose(t, "t-1", "b-1", "return").want(t, 201, "decision", "refused")
	c.do(t, "market", "POST /v1/disclosures/"+refused.at("id")+"/appeal", body("party", "b-1", "reason", "mistake", "note", crafty)).want(t, 200)
	b := chromium.New(t)
	lena, hanna := c.clerk(t, b, c.lena), c.clerk(t, b, c.hanna)
	lena.Says(".tabs [aria-current]", "Unassigned 2") // a case, and a request below it
	lena.Says("main section:last-child", "Disclosure requests", "Return")
	lena.look("1-queue")
	c.asked(t, lena)
	lena.Press(idOf("first"))
	lena.Says("h1", "Not received, 100.00 BRL")
	lena.Says("main", "nobody’s", "Decision, by law", "Deliver by the seller disputed", "s-1 asked for data of b-1: granted", "granted to deliver")
	lena.look("2-claim")
	lena.folded("assign")
	lena.Choose("#assign-account", c.hanna.id)
	lena.does("assign")
	lena.Says("[role=status]", "It is assigned")

	c.asks(t, hanna, path, here)
	c.looksInto(t, hanna, here)
	c.previews(t, hanna, here)
	c.faster(t, hanna, lena, here)
	c.keyboard(t, hanna)
	hugo := c.clerk(t, b, c.hugo)
	c.approved(t, hugo, path, here)
}

// asked: a disclosure that waits for a person is worked at the same desk.
func (c *court) asked(t *testing.T, lena *clerk) {
	t.Helper()
	lena.Visit(c.url + "/dashboard?queue=requests")
	lena.Press(idOf("first"))
	lena.Says("h1", "Return: the buyer asks")
	lena.does("take")
	lena.Says("[role=status]", "It is yours")
	lena.look("1a-request")
	lena.folded("reveal")
	lena.Do(chromedp.Click(chromedp.CSS("#reveal-fields-notes_requester")))
	lena.Choose("#reveal-purpose", "decide_appeal")
	lena.Choose("#reveal-reason", "note_needed")
	opened := &clerk{lena.Opens("button[value=reveal]"), lena.who}
	opened.Says("blockquote", crafty)
	opened.look("1b-opened")
	lena.Visit(c.url + "/dashboard?queue=unassigned")
}

// asks: a handler asks both sides, who hand in what they have.
func (c *court) asks(t *testing.T, hanna *clerk, path, here string) {
	t.Helper()
	hanna.Visit(c.url + "/dashboard?queue=mine")
	hanna.Press(idOf("first"))
	hanna.does("request_evidence")
	hanna.Says(".input-error", "Say what of whom is wanted")
	if hanna.Count(`document.activeElement.closest("fieldset.input-wrong") ? 1 : 0`) != 1 {
		t.Error("the focus is not on what is wrong")
	}
	hanna.Do(chromedp.Click(chromedp.CSS("#request_evidence-wanted-want_seller_carrier_tracking")))
	hanna.Choose("#request_evidence-more_buyer", "correspondence")
	hanna.Choose("#request_evidence-days", "3")
	hanna.does("request_evidence")
	hanna.Says("[role=status]", "told what is wanted")
	hanna.Says("main", "Evidence was asked for", "stood still from")
	c.hands(t, path, "s-1", "carrier_tracking", drawn(t, 1)).want(t, 201)
	c.hands(t, path, "b-1", "correspondence", drawn(t, 2)).want(t, 201)
	c.on(t, path, "evidence/completion", `{"by":"s-1"}`).want(t, 200)
	c.on(t, path, "evidence/completion", `{"by":"b-1"}`).want(t, 200, "state", "under_review")
	c.hands(t, path, "s-1", "delivery_proof", drawn(t, 3)).want(t, 201, "evidence.2.state", "past_due")
	hanna.Visit(here)
	hanna.folded("admit_evidence")
	hanna.Choose("#admit_evidence-item", "3")
	hanna.does("admit_evidence")
	hanna.Says("main", "Item 3 counts, although it was late", "admitted")
}

// looksInto: nothing of a party is on the page before an entry says that it is.
func (c *court) looksInto(t *testing.T, hanna *clerk, here string) {
	t.Helper()
	hanna.SaysNot("main", "ליאה", "Teixeira")
	hanna.folded("message")
	hanna.Type("#message-text", "Vamos ver.")
	beside := &clerk{hanna.Opens("button[value=texts]"), hanna.who}
	beside.Says("blockquote", crafty, "Como veio.")
	beside.Says("[role=status]", "is entry", "after 5 minutes in any case")
	if n := beside.Count(`document.querySelectorAll("main script, main img").length + (document.title.includes("gone") ? 1 : 0)`); n != 0 {
		t.Errorf("a text became %d elements", n)
	}
	beside.look("3-texts")
	if hanna.Count(`document.querySelector("#message-text").value === "Vamos ver." ? 1 : 0`) != 1 {
		t.Error("what was typed is gone with what was opened")
	}
	beside.Press(".rail a.button")
	beside.SaysNot("main", crafty)
	hanna.folded("reveal")
	hanna.Choose("#reveal-buyer-purpose", "decide_case")
	hanna.Choose("#reveal-buyer-reason", "data_disputed")
	refused := &clerk{hanna.Opens("button[value=reveal]"), hanna.who}
	refused.Says(".input-error", "Choose what you need to see")
	refused.look("4-reveal")
	refused.Do(chromedp.Click(chromedp.CSS("#reveal-buyer-fields-field_name")))
	values := &clerk{refused.Opens("button[value=reveal]"), hanna.who}
	values.Says("main", "Giovana Teixeira", "is told now", "after 60 seconds")
	values.look("5-values")
	values.Press(`main a.button`)
	values.SaysNot("main", "Giovana")
	values.Says("main", "Handler (you): name", "decide case, data disputed")
	if hanna.Count(`document.querySelector("#message-text").value === "Vamos ver." ? 1 : 0`) != 1 {
		t.Error("what was typed is gone with what was revealed")
	}
	hanna.Visit(here)
}

// faster: somebody else did something meanwhile, and then the session ends.
func (c *court) faster(t *testing.T, hanna, lena *clerk, here string) {
	t.Helper()
	hanna.folded("message")
	hanna.Type("#message-text", "Estamos a ver.")
	lena.Visit(here)
	lena.folded("message")
	lena.Type("#message-text", "Falta pouco.")
	lena.does("message")
	lena.Says("[role=status]", "Both sides are told")
	hanna.does("message")
	hanna.Says(".answer-refused", "Somebody was faster", "Staff wrote", c.lena.id)
	hanna.Says("main", "new")
	if hanna.Count(`document.querySelector("#message-text").value === "Estamos a ver." ? 1 : 0`) != 1 {
		t.Error("what was typed is gone")
	}
	c.clock.forward(31 * time.Minute)
	hanna.does("message")
	hanna.Says("h1", "Sign in again")
	hanna.look("7-signed-out")
	hanna.Type(idOf("email"), c.hanna.email)
	hanna.Type(idOf("password"), phrase)
	hanna.Type(idOf("code"), c.hanna.shows(t, c.clock.now()))
	hanna.Press("main button[type=submit]")
	hanna.Says("[role=status]", "nothing was done yet")
	hanna.does("message")
	hanna.Says("[role=status]", "Both sides are told")
}

// mostKeys is how many key presses a proposal may need from the queue on.
const mostKeys = 25

// keyboard: from the queue to the proposal without a pointer.
func (c *court) keyboard(t *testing.T, hanna *clerk) {
	t.Helper()
	keys := 0
	strike := func(all ...string) {
		for _, k := range all {
			keys++
			hanna.Strike(k)
		}
	}
	enter := func() { keys++; hanna.PressKey("\r") }
	hanna.Visit(c.url + "/dashboard?queue=mine")
	strike("\t", "\t", "\r") // past what is before the first case, which has the focus then
	enter()
	hanna.Says("h1", "Not received")
	strike("\t", "\t", "\r") // to what can be done
	strike("\t", "r", "\t", "\t", "n", "\t", "3", "f", "\t")
	keys += 2 // Ctrl and V: findings are written elsewhere, or are words and no keys of the desk's
	hanna.Paste("O transportador não tem prova de entrega.")
	strike("\t")
	hanna.Shoot("case-8-keyboard")
	enter()
	hanna.Says("[role=status]", "A second person looks at it")
	hanna.Says(".rail", "Proposed by you", "Refund all of it", "Not delivered", "3f")
	hanna.look("9-own-proposal")
	if n := hanna.Count(`document.querySelectorAll("button[value=approve]").length`); n != 0 || keys > mostKeys {
		t.Errorf("%d buttons for one's own proposal; %d keys", n, keys)
	}
	t.Logf("%d key presses from the queue to the proposal", keys)
}

// approved: his own nobody approves, by no path; another one does.
func (c *court) approved(t *testing.T, hugo *clerk, path, here string) {
	t.Helper()
	at := strings.TrimPrefix(here, c.url)
	own := c.visitor(t)
	own.bring(t, c.house, c.signInAs(t, c.hanna))
	page := own.get(at, 200)
	hash, moves := between(page, "Hash of exactly this</dt><dd><span class=\"hash\">", "<"), between(page, `name="moves" value="`, `"`)
	own.page(own.form(at, "event", "approve", "moves", moves, "seen", "1", "hash", hash), 403, "Another person has to do this")
	own.page(foreign(own.form(at, "event", "release", "moves", moves, "seen", "1")), 403, "came from another site")
	own.page(own.form(at, "event", "propose", "moves", moves, "seen", "1", "clause", "3f"), 422, "What you had typed", "3f")
	own.page(own.form(at, "event", "lose", "moves", moves, "seen", "1"), 400)
	own.page(own.form(at, "event", "release", "moves", "x", "seen", "1"), 400)

	hugo.Visit(c.url + "/dashboard?queue=second")
	hugo.Press(idOf("first"))
	hugo.look("10-second")
	beside := hugo.Opens("button[value=texts]")
	beside.Says(".rail", "O transportador não tem prova de entrega.", hash)
	beside.Shoot("case-10-second-opened")
	hugo.does("approve")
	hugo.Says("[role=status]", "It is decided")
	hugo.Says(".rail", "Refund all of it: 100.00 BRL", "Can be appealed until")
	hugo.Turn(chromium.Look{Name: "320", Width: 320, Height: 256})
	hugo.Fits("a decided case")
	hugo.Turn(wideLook())
	hugo.folded("bundle")
	hugo.Choose("#bundle-recipient", "court")
	if p, err := bundle.Verify(hugo.Saves("button[value=bundle]"), c.trust(t)); err != nil || len(p.Entries) == 0 {
		t.Errorf("the bundle that the browser saved: %d entries, %v", len(p.Entries), err)
	}
	own.page(own.form(at, "event", "release", "moves", moves, "seen", "1"), 412, "Somebody was faster", "Decided: refund all of it")
	c.do(t, "disputes", "GET "+path+"?viewer=b-1", "").want(t, 200, "state", "decided", "decision.clause", "3f")
	if resp := c.answerHeaders(t, own, at); resp.Get("Cache-Control") != "no-store" || strings.Contains(resp.Get("Content-Security-Policy"), "unsafe") {
		t.Errorf("headers: %v", resp)
	}
}

// signInAs signs somebody in anew, and gives the name of that session.
func (c *court) signInAs(t *testing.T, p *person) string {
	t.Helper()
	c.signIn(t, p)
	return p.name
}

func (c *court) answerHeaders(t *testing.T, v *visitor, path string) http.Header {
	t.Helper()
	_, header, text := v.take(v.address(path))
	if len(text) > 150_000 {
		t.Errorf("the page has %d bytes", len(text))
	}
	return header
}

func between(text, before, after string) string {
	_, rest, _ := strings.Cut(text, before)
	found, _, _ := strings.Cut(rest, after)
	return found
}

// Who has no business with cases sees none, whoever reads them does nothing in them, and
// each of the others starts at the queue that is his.
func TestCaseDeskDoors(t *testing.T) {
	t.Parallel()
	c := newCourt(t, terms{})
	c.bought(t, "t-1")
	path := c.opens(t, "t-1")
	here := "/desk/cases/" + strings.TrimPrefix(path, "/v1/disputes/")
	c.clock.forward(48 * time.Hour)
	c.on(t, path, "escalation", `{"by":"b-1"}`).want(t, 200)
	rita := c.atDesk(t, c.employ(t, "rita", "rita@desk.example.org", accounts.MerchantReviewer))
	anna := c.atDesk(t, c.employ(t, "anna", "anna@desk.example.org", accounts.Auditor))
	hugo := c.atDesk(t, c.hugo)
	stranger := c.visitor(t)
	stranger.get("/dashboard", 200, "<h1>Sign in</h1>")
	stranger.get(here, 200, "<h1>Sign in</h1>")
	stranger.page(stranger.form(here, "event", "message", "moves", "2", "seen", "1", "text", "שלום <b>"), 401, "Sign in again", `value="שלום &lt;b&gt;"`)
	rita.get("/dashboard", 200, "Merchants to look at")
	rita.get(here, 403)
	rita.page(rita.form(here, "event", "message", "moves", "2", "seen", "1", "text", "x"), 403)
	anna.get("/dashboard", 200, "All that wait", here)
	if text := anna.get(here, 200, "You read cases, and do nothing in them"); strings.Contains(text, "<button") {
		t.Error("an auditor is given something to press")
	}
	anna.page(anna.form(here, "event", "assign", "moves", "2", "seen", "1"), 403)

	hugo.get("/dashboard?queue=lost", 400)
	hugo.get("/dashboard?queue=mine", 200, "Nothing waits here")
	hugo.get("/dashboard?queue=requests", 200, "Disclosure requests")
	hugo.get("/desk/cases/dsp_0", 404)
	hugo.get(here+"?before=x", 400)
	hugo.get(here+"/evidence/1", 200, "What you can do")
	hugo.page(hugo.form(here, "event", "assign", "moves", "2", "seen", "1", "account", "hnd_0"), 422, `id="assign-account-error"`)
	hugo.page(hugo.form(here, "event", "texts", "moves", "2", "seen", "1"), 409, "has to be assigned to you first")
	hugo.page(hugo.form(here, "event", "assign", "moves", "1", "seen", "1"), 412, "Somebody was faster", "The buyer asked for a decision")
	hugo.page(hugo.form(here, "event", "assign", "moves", "2", "seen", "1", "moves2", "x"), 400)
	hugo.page(hugo.form(here, "event", "assign", "moves", "2", "seen", "1"), 200, "It is assigned", "You have taken the case yourself")
	hugo.page(hugo.form(here, "event", "request_evidence", "moves", "3", "seen", "1", "want_buyer_correspondence", "on", "days", "1"), 422, "Choose a term", "want_buyer_correspondence\" type=\"checkbox\" value=\"on\" checked")
	c.clock.forward(6 * time.Minute)
	hugo.page(hugo.form(here, "event", "go_external", "moves", "3", "seen", "1", "kind", "court", "text", "Uma carta."), 422, "Confirm that it is you", "Uma carta.")
	hugo.page(hugo.form(here+"/evidence/1"), 403, "Confirm that it is you")
	hugo.page(hugo.form(here, "event", "go_external", "moves", "3", "seen", "1", "kind", "court", "text", "Uma carta.", "password", phrase), 200, "Noted", "A court")
	hugo.page(hugo.form(here+"/bundle", "event", "bundle", "moves", "4", "seen", "1"), 422, `id="bundle-recipient-error"`)
	status, header, text := hugo.take(hugo.form(here+"/bundle", "event", "bundle", "moves", "4", "seen", "1", "recipient", "court"))
	if status != 200 || header.Get("Content-Type") != "application/zip" || !strings.HasPrefix(text, "PK") || header.Get("Cache-Control") != "no-store" {
		t.Errorf("the bundle: %d %v", status, header)
	}
	hugo.page(foreign(hugo.form(here+"/bundle", "event", "bundle", "moves", "4", "seen", "1", "recipient", "court")), 403, "came from another site")
	stranger.page(stranger.form(here+"/bundle", "event", "bundle", "moves", "4", "seen", "1", "recipient", "court"), 401, "Sign in again")
	hugo.page(hugo.form(here, "event", "confirm", "moves", "4", "seen", "1", "password", phrase), 200)
}
