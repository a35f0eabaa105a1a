package stories

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"bauta.dev/bauta/app/chromium"
)

// typed fills in fields of the registration form as a person does.
func typed(v *chromium.Tab, pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Count(`(document.getElementById("` + pairs[i] + `").value = "", 1)`)
		v.Type(idOf(pairs[i]), pairs[i+1])
	}
}

// idOf selects what has an id, whatever is in it.
func idOf(id string) string { return `[id="` + id + `"]` }

func byID(id string) chromedp.CSS { return chromedp.CSS(idOf(id)) }

const handIn, keepDraft = `button[value="submit"].button`, `button[value="save"].button`

// The registration form, as merchants see it in a real browser: on a wide and a
// narrow screen, by day and by night, in three languages, and without scripts.
func TestRegisterLooks(t *testing.T) {
	t.Parallel()
	m := framing(t)
	h := bureau(t, terms{proxy: true, embed: []string{m.at("localhost")}})
	b := chromium.New(t)
	for _, x := range []struct {
		chromium.Look

		lang string
	}{
		{chromium.Look{Name: "1440-light", Width: 1440, Height: 900}, "en"},
		{chromium.Look{Name: "390-light", Width: 390, Height: 844, Mobile: true, Again: true}, "zh"},
		{chromium.Look{Name: "390-dark", Width: 390, Height: 844, Mobile: true, Dark: true}, "pt"},
		{chromium.Look{Name: "zoom-400", Width: 320, Height: 256, Again: true}, "en"},
		{chromium.Look{Name: "390-noscript", Width: 390, Height: 844, Mobile: true, WithoutScript: true}, "en"},
	} {
		t.Run(x.Name+"-"+x.lang, func(t *testing.T) { h.lookAtRegister(t, b.Open(t, x.Look), x.lang, x.WithoutScript) })
	}
	t.Run("framed", func(t *testing.T) { h.lookThroughFrames(t, b, m) })
}

// market is the page of another site with a frame of ours.
type market struct {
	*httptest.Server
	frames string // what
}

func framing(t *testing.T) *market {
	t.Helper()
	m := &market{}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Market</title><iframe title="Form" width="900" height="900" src="`+m.frames+`"></iframe>`)
	}))
	t.Cleanup(m.Close)
	return m
}

// at is its origin under a name: all of them are this machine.
func (m *market) at(host string) string {
	return strings.Replace(m.URL, "127.0.0.1", host, 1)
}

// lookThroughFrames: the site that the operator names shows the form, which keeps its
// session there; on any other site the browser shows nothing.
func (h *house) lookThroughFrames(t *testing.T, b *chromium.Browser, m *market) {
	t.Helper()
	look := chromium.Look{Name: "1440-framed", Width: 1440, Height: 960}
	v := b.Open(t, look)
	m.frames = h.formLink(t, "f-1", "en")
	v.Visit(m.at("localhost"))
	f := v.Frame(h.url + "/merchants/register")
	f.Says("h1", "Register as a merchant")
	f.Press(".form button[type=submit]")
	f.Says("main", "Where do you trade from")
	f.Do(chromedp.SetValue(byID("jurisdiction"), "EU"), chromedp.SetValue(byID("type"), "company"))
	f.Press("form.form button[type=submit]")
	typed(f, "legal_name", "Nordlicht Kerzen GmbH")
	f.Press(keepDraft)
	f.Says("[role=status]", "The draft is saved.")
	v.Shoot("register-framed")

	m.frames = h.formLink(t, "f-1", "en")
	w := b.Open(t, look)
	w.Expects = "frame-ancestors " + m.at("localhost")
	w.Visit(m.at("other.localhost"))
	w.Refused()
	w.Shoot("register-framed-refused")
}

// lookAtRegister goes from the link to what came of it.
func (h *house) lookAtRegister(t *testing.T, v *chromium.Tab, lang string, without bool) {
	t.Helper()
	look := func(name string) {
		t.Helper()
		v.Check()
		v.Shoot("register-" + name + "-" + lang)
	}
	v.Expects = "status of 4"
	v.Visit(h.url + "/merchants/register?lang=" + lang)
	v.Type("#code", "nothing")
	v.Press(".form button[type=submit]")
	look("1-wrong")
	address := h.formLink(t, "new:"+strings.ReplaceAll(t.Name(), "/", ":"), lang)
	v.Visit(address)
	if without {
		v.Type("#code", address)
	} else if v.Count(`+(location.hash === "")`) != 1 {
		t.Error("the code is still in the address")
	}
	v.Press(".form button[type=submit]")
	look("2-choice")
	v.Do(chromedp.SetValue(byID("jurisdiction"), "EU"), chromedp.SetValue(byID("type"), "company"))
	v.Press("form.form button[type=submit]")
	look("3-form")
	v.Press(handIn)
	look("4-missing")
	typed(v, "legal_name", "Nordlicht Kerzen GmbH 11010119900307002X", "contact.email", "kontor@", "payout.iban", "DE89370400440532013001")
	v.Press(handIn)
	v.SaysNot("main", "11010119900307002X")
	look("5-wrong")
	typed(v, "legal_name", "Nordlicht Kerzen GmbH", "contact.email", "kontor@nordlicht-kerzen.example", "payout.iban", "DE89370400440532013000")
	v.Press(keepDraft)
	look("6-saved")
	h.finishRegister(t, v, look, without)
}

// finishRegister hands the form in.
func (h *house) finishRegister(t *testing.T, v *chromium.Tab, look func(string), without bool) {
	t.Helper()
	typed(v, "registration.number", "HRB 868910", "registration.country", "DE", "registration.register", "Amtsgericht Hamburg",
		"contact.phone", "+494030303344", "address.street", "Am Sandtorkai 1402", "address.city", "Hamburg", "address.postal_code", "20457", "address.country", "DE",
		"tax.0.number", "RO18547290", "tax.0.country", "RO")
	v.Do(chromedp.SetValue(byID("tax.0.kind"), "vat"))
	v.Do(chromedp.Click(byID("certify.lawful_goods")))
	v.Press(handIn)
	v.Says("main", "mer_")
	look("7-done")
	if without || slices.Contains([]string{"TestRegisterLooks/1440-light-en", "TestRegisterLooks/390-dark-pt"}, t.Name()) { // wide, narrow, and without scripts
		h.goesOnRegister(t, v, look)
	}
	v.Press(`form[action^="/merchants/register/close"] button`)
	look("14-closed")
}

// goesOnRegister answers, hands in a document, changes and appeals.
func (h *house) goesOnRegister(t *testing.T, v *chromium.Tab, look func(string)) {
	t.Helper()
	review := "/v1/reviews/" + merchantOnPage.FindString(v.Text("main"))
	h.do(t, "rita", "POST "+review+"/taking", `{}`).want(t, 200)
	h.do(t, "rita", "POST "+review+"/question", `{"reason":"document_missing"}`).want(t, 200)
	v.Do(chromedp.Reload())
	look("8-asked")
	v.Press(`form[action*="/register/documents"] button`)
	look("9-no-document")
	scan := filepath.Join(t.TempDir(), "scan.png")
	if err := os.WriteFile(scan, []byte(picture(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	v.Attach("document-document", scan)
	v.Do(chromedp.SetValue(byID("document-kind"), "licence"))
	v.Press(`form[action*="/register/documents"] button`)
	v.Says("main", "image/png")
	v.Do(chromedp.SendKeys(byID("answer-note"), "Hier."))
	v.Press(`form[action*="/register/answer"] button`)
	look("10-answered")
	v.Press(`form[action*="/register/change"] button`)
	look("11-change")
	typed(v, "trade_name", "Wachsstube")
	v.Press(handIn)
	h.do(t, "rita", "POST "+review+"/taking", `{}`).want(t, 200, "version", "4")
	h.do(t, "rita", "POST "+review+"/rejection", `{"reason":"not_the_holder","note":"The register names another holder of this number, and not you."}`).want(t, 200)
	v.Do(chromedp.Reload())
	v.Press(`form[action*="/register/appeal"] button`)
	look("12-appeal")
	v.Do(chromedp.SetValue(byID("appeal-reason"), "mistake"))
	v.Press(`form[action*="/register/appeal"] button`)
	look("13-appealed")
}

// formLink is what a marketplace gives a merchant.
func (h *house) formLink(t *testing.T, party, locale string) string {
	t.Helper()
	r := h.do(t, "shops", "POST /v1/merchants/registration-link", body("party", party, "locale", locale)).want(t, 201)
	if !strings.HasPrefix(r.at("url"), h.url+"/merchants/register?lang="+locale+"#bmf_") {
		t.Fatalf("the link is %q", r.at("url"))
	}
	return r.at("url")
}
