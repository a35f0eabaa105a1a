package stories

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"bauta.dev/bauta/app/chromium"
	"bauta.dev/bauta/broker/accounts"
)

// A party's own page as it is seen, in a real browser: on a wide and a narrow
// screen, by day and by night, in three languages, and without scripts.
func TestSubjectPageLooks(t *testing.T) {
	h := shop(t, terms{signs: newProvider(t), policies: consenting})
	h.give(t, "settle", month, "phone").want(t, 201)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	h.askSigned(t, "deliver", "name", "address").want(t, 201)
	h.askSigned(t, "collect", "name").want(t, 201)
	h.lookedInto(t)
	b := chromium.New(t)
	looks := append(chromium.Looks(), chromium.Look{Name: "390-noscript", Width: 390, Height: 844, Mobile: true, WithoutScript: true})
	for i, l := range looks {
		lang := []string{"en", "pt", "zh"}[i%3]
		t.Run(l.Name, func(t *testing.T) { h.lookAtOwn(t, b.Open(t, l), lang, l.WithoutScript) })
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
	h.askSigned(t, "settle", "phone").want(t, 201, "decision", "granted") // one that nobody has objected to
	address, code := h.link(t)
	v.Expects = "status of 4"
	v.Visit(h.url + "/me?lang=" + lang)
	v.Do(chromedp.SendKeys(chromedp.CSS("#code"), "nothing"))
	v.Press(".form button[type=submit]")
	v.Check()
	v.Shoot("subject-1-wrong-" + lang)
	v.Visit(h.url + "/")
	v.Visit(strings.Replace(address, "/me#", "/me?lang="+lang+"#", 1))
	if typed {
		v.Do(chromedp.SendKeys(chromedp.CSS("#code"), address))
	} else if v.Count(`location.hash === "" && document.getElementById("code").value.length`) != len(code) {
		t.Error("the code is not in the form, or still in the address")
	}
	v.Check()
	v.Shoot("subject-2-door-" + lang)
	v.Press(".form button[type=submit]")
	v.Says("main", "b-1", "s-1")
	v.Check()
	v.Shoot("subject-3-page-" + lang)
	if v.Count(`(document.querySelector("details").open = true, 1)`) != 1 {
		t.Error("there is nothing to object with")
	}
	v.Check()
	v.Shoot("subject-4-objecting-" + lang)
	v.Press("details button")
	if v.Count(`document.querySelectorAll("[role=status]").length`) != 1 {
		t.Error("nothing says that it was done")
	}
	v.Check()
	v.Press(`form[action^="/me/sign-out"] button`)
}
