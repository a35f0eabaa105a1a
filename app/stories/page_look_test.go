package stories

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"bauta.dev/bauta/app/chromium"
	"bauta.dev/bauta/broker/accounts"
)

// far is a seller with the longest id that there can be.
var far = "s-" + strings.Repeat("marketplace.example:", 6) + "0042"

// seenShop is a house where b-1's page has something of everything: grants that
// live, were looked at, ended, wait, were refused, were objected to; permissions;
// more than one part.
func seenShop(t *testing.T) *house {
	t.Helper()
	h := shop(t, terms{signs: newProvider(t), policies: consenting})
	h.do(t, "market", "PUT /v1/parties/"+far, ursula).want(t, 201)
	h.do(t, "market", "PUT /v1/transactions/t-far", deal{kind: "shipped_goods", seller: far}.body()).want(t, 201)
	h.give(t, "settle", month, "phone").want(t, 201)
	h.signing(t, "privacy", "b-1", "PUT "+consentPath("deliver"), strings.Replace(h.consent(month, "phone"), `"s-1"`, `"`+far+`"`, 1)).want(t, 201)
	next := func() *house { h.clock.forward(time.Second); return h } // what comes later is listed before
	for range 18 {
		next().askSigned(t, "collect", "email").want(t, 201)
	}
	h.attest(t, "t-1", "pay 221.65, accept 1")
	next().lookedInto(t) // before anything is granted: what a flag suspends stays so
	revoked := next().askSigned(t, "deliver", "name").want(t, 201, "decision", "granted")
	h.do(t, "market", "POST /v1/disclosures/"+revoked.at("id")+"/revocation", `{"reason":"no_longer_needed"}`).want(t, 200)
	next().askSigned(t, "deliver", "name", "address").want(t, 201)
	next().signing(t, "market", far, disclosures, request("t-far", far, "deliver", "name", "phone")).want(t, 201)
	next().signing(t, "market", "s-1", disclosures, strings.TrimSuffix(request("t-1", "s-1", "collect", "name"), "}")+`,"citation":{"instrument":"ecl","section":"62"}}`).want(t, 201, "decision", "pending")
	looked := next().askSigned(t, "settle", "phone").want(t, 201, "decision", "granted")
	h.viewSigned(t, looked.at("id")).want(t, 200)
	return h
}

// A party's own page as it is seen, in a real browser: on a wide and a narrow
// screen, by day and by night, in three languages, at four times the size, and
// without scripts.
func TestSubjectPageLooks(t *testing.T) {
	t.Parallel()
	h := seenShop(t)
	b := chromium.New(t)
	wide, narrow := chromium.Look{Name: "1440-light", Width: 1440, Height: 900}, chromium.Look{Name: "390-light", Width: 390, Height: 844, Mobile: true, Again: true}
	night := chromium.Look{Name: "390-dark", Width: 390, Height: 844, Mobile: true, Dark: true}
	for _, x := range []struct {
		chromium.Look

		lang string
	}{
		{wide, "en"},
		{narrow, "zh"},
		{night, "pt"},
		{chromium.Look{Name: "zoom-400", Width: 320, Height: 256, Again: true}, "en"},
		{chromium.Look{Name: "390-noscript", Width: 390, Height: 844, Mobile: true, WithoutScript: true}, "zh"},
	} {
		t.Run(x.Name+"-"+x.lang, func(t *testing.T) { h.lookAtOwn(t, b.Open(t, x.Look), x.lang, x.WithoutScript) })
	}
}

// lookedInto lets a handler open something of b-1 to decide.
func (h *house) lookedInto(t *testing.T) {
	t.Helper()
	h.employ(t, "hanna", "hanna@desk.example.org", accounts.Handler)
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, 200)
	r := h.askSigned(t, "deliver", "name", "address").want(t, 201, "decision", "pending")
	path := "POST /v1/requests/" + r.at("id")
	h.do(t, "hanna", path+"/taking", `{}`).want(t, 200)
	h.do(t, "hanna", path+"/reveals", `{"purpose":"decide_request","reason":"identity_unclear","fields":["name"]}`).want(t, 200, "view", "1")
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `[]`).want(t, 200)
}

// lookAtOwn follows a link, and goes through the page. With scripts the code is
// in the form and out of the address; without, it is typed.
func (h *house) lookAtOwn(t *testing.T, v *chromium.Tab, lang string, typed bool) {
	t.Helper()
	h.clock.forward(time.Second)
	h.askSigned(t, "settle", "phone").want(t, 201, "decision", "granted") // one that nobody has objected to
	address, code := h.link(t)
	look := func(name string) {
		t.Helper()
		v.Check()
		v.Shoot("subject-" + name + "-" + lang)
	}
	v.Expects = "status of 4"
	v.Visit(h.url + "/me?lang=" + lang)
	v.Type("#code", "nothing")
	v.Press(".form button[type=submit]")
	look("1-wrong")
	v.Visit(h.url + "/me/nowhere?lang=" + lang)
	look("2-trouble")
	v.Visit(strings.Replace(address, "/me#", "/me?lang="+lang+"#", 1))
	if typed {
		v.Type("#code", address)
	} else if v.Count(`location.hash === "" && document.getElementById("code").value.length`) != len(code) {
		t.Error("the code is not in the form, or still in the address")
	}
	look("3-door")
	v.Press(".form button[type=submit]")
	v.Says("main", "b-1", "s-1")
	look("4-page")
	v.Visit(h.url + "/me?lang=" + lang + "&after=" + h.oldest(t))
	look("5-older")
	v.Visit(h.url + "/me?lang=" + lang)
	if v.Count(`(document.querySelector("details").open = true, 1)`) != 1 {
		t.Error("there is nothing to object with")
	}
	look("6-objecting")
	v.Do(chromedp.SetValue("details select", "other_way")) // who is feared is granted nothing the next time
	v.Press("details button")
	if v.Count(`document.querySelectorAll("[role=status]").length`) != 1 {
		t.Error("nothing says that it was done")
	}
	look("7-objected")
	v.Press(`form[action^="/me/withdrawal"] button`)
	look("8-withdrawn")
	h.lookAtPermit(t, v, lang, look)
	h.give(t, "settle", month, "phone")
	v.Press(`form[action^="/me/sign-out"] button`)
	look("9-closed")
	h.lookAtNothing(t, v, lang, look)
}

// lookAtPermit goes through giving a permission: the form, what is wrong with it,
// the text, and the page that says that it was written down.
func (h *house) lookAtPermit(t *testing.T, v *chromium.Tab, lang string, look func(string)) {
	t.Helper()
	v.Press(`.card a[href^="/me/permit"]`)
	look("10-permit")
	if v.Count(`document.querySelector("form.form").noValidate = true, document.querySelectorAll("form.form :invalid").length`) != 2 {
		t.Error("the browser lets a form go in which nobody and nothing is chosen")
	}
	v.Press("form.form button")
	look("11-permit-wrong")
	v.Count(`["recipient=s-1", "purpose=settle"].map(x => document.getElementById(x.split("=")[0]).value = x.split("=")[1]), document.querySelector("[name=field_phone]").click(), 1`)
	v.Press("form.form button")
	v.Says("blockquote", "s-1")
	look("12-permit-read")
	v.Press("form.form button")
	v.Says("#consents ~ ul", "s-1")
	if v.Count(`document.querySelectorAll("[role=status]").length`) != 1 {
		t.Error("nothing says that it was written down")
	}
	look("13-permitted")
}

// lookAtNothing is the page of somebody whom nobody has asked about.
func (h *house) lookAtNothing(t *testing.T, v *chromium.Tab, lang string, look func(string)) {
	t.Helper()
	r := h.do(t, "privacy", "POST /v1/parties/s-2/access-link", "{}").want(t, 201)
	_, code, _ := strings.Cut(r.at("url"), "#")
	v.Visit(h.url + "/me?lang=" + lang)
	v.Type("#code", code)
	v.Press(".form button[type=submit]")
	v.Says("main", "s-2")
	look("0-empty")
	v.Press(`form[action^="/me/sign-out"] button`)
}

// oldest but one of what b-1 was asked for.
func (h *house) oldest(t *testing.T) string {
	t.Helper()
	all := h.signing(t, "market", "b-1", "GET /v1/parties/b-1/disclosures?limit=100", "").want(t, 200)
	for n := 0; ; n++ {
		if all.at(fmt.Sprintf("data.%d.id", n+4)) == "" {
			return all.at(fmt.Sprintf("data.%d.id", n))
		}
	}
}

// The page is worked by the keyboard alone, and shows where it is.
func TestSubjectPageByKeyboard(t *testing.T) {
	t.Parallel()
	h := seenShop(t)
	v := chromium.New(t).Open(t, chromium.Look{Name: "1440-keyboard", Width: 1440, Height: 900})
	address, _ := h.link(t)
	v.Visit(strings.Replace(address, "/me#", "/me?lang=en#", 1))
	v.Do(chromedp.KeyEvent("\t"))
	if v.Count(`+(document.activeElement.className === "skip" && document.activeElement.getBoundingClientRect().top >= 0)`) != 1 {
		t.Error("the first stop is not the way to the content, or is not seen")
	}
	v.Do(chromedp.Focus(chromedp.CSS("#code")))
	v.PressKey("\r")
	v.Says("main", "b-1")
	v.Do(chromedp.Focus(chromedp.CSS("details summary")), chromedp.KeyEvent("\r"), chromedp.KeyEvent("\t"))
	if v.Count(`+(document.activeElement.name === "reason" && getComputedStyle(document.activeElement).outlineStyle !== "none")`) != 1 {
		t.Errorf("the reasons are not next, or do not show that they are: %s", v.Text("h1"))
	}
	v.Do(chromedp.KeyEvent("\t"))
	v.Shoot("subject-keyboard")
	v.PressKey("\r")
	v.Says("[role=status]", "has been written down")
	// Each control can be reached, once, in the order of the page.
	if v.Count(`document.querySelectorAll("[tabindex]").length`) != 0 {
		t.Error("something has an order of its own")
	}
}
