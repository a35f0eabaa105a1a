package stories

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
)

var (
	consentOnPage = regexp.MustCompile(`<blockquote class="consent">([^<]*)</blockquote>`)
	hiddenOnPage  = regexp.MustCompile(`<input type="hidden" name="([a-z_]+)" value="([^"]*)">`)
)

// reads sends a choice, and gives the text that is shown and the form under it.
func (v *visitor) reads(lang string, pairs ...string) (text string, form []string) {
	v.Helper()
	shown := v.page(v.form("/me/permit?lang="+lang, pairs...), 200, `<html lang="`+lang+`">`)
	m := consentOnPage.FindStringSubmatch(shown)
	if m == nil {
		v.Fatalf("no text is shown: %s", shown)
	}
	for _, x := range hiddenOnPage.FindAllStringSubmatch(shown, -1) {
		form = append(form, x[1], html.UnescapeString(x[2]))
	}
	return html.UnescapeString(m[1]), form
}

// A party gives a permission on its own page: it reads the very words that are
// recorded, and what it permits opens exactly that, until it says otherwise.
func TestConsentIsGivenOnThePage(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{policies: consenting})
	h.disclose(t, "t-1", "s-1", "settle", "phone").want(t, 201, "decision", "refused")
	v := h.comes(t, "en")
	v.get("/me?lang=en", 200, `href="/me/permit?lang=en"`)
	shown := v.get("/me/permit?lang=en", 200, `<option value="s-1">s-1</option>`, `value="2026-04-03" min="2026-03-04" max="2027-03-03"`, `href="/me/permit?lang=zh"`)
	if strings.Contains(shown, "s-2") || findValue(shown) != "" || strings.Contains(shown, "<script") {
		t.Errorf("the form offers a stranger, or shows a value: %s", shown)
	}
	size := h.size(t)
	for lang, want := range map[string]string{
		"en": "I am b-1. I permit that s-1 sees the following of my data: name and phone number. This is for one purpose alone: to settle a dispute. The permission ends on 5 March 2026, 00:00 UTC.",
		"pt": "Sou b-1. Permito que s-1 veja os seguintes dados meus: nome e telefone. Isto serve a uma única finalidade: para resolver um litígio. A permissão termina em 5 de março de 2026, 00:00 (UTC).",
		"zh": "我是 b-1。我许可 s-1 查看我的以下信息：姓名和电话号码。仅用于一个目的：为解决争议。本许可于2026年3月5日00:00（UTC）结束。",
	} {
		text, form := v.reads(lang, "recipient", "s-1", "purpose", "settle", "until", "2026-03-04", "field_phone", "yes", "field_name", "yes")
		if !strings.HasPrefix(text, want) {
			t.Errorf("%s: %s", lang, text)
		}
		if h.size(t) != size {
			t.Fatal("something was permitted by reading it")
		}
		words := map[string]string{"en": "has been written down", "pt": "foi registrada", "zh": "已记录"}[lang]
		v.page(v.form("/me/permission?lang="+lang, form...), 200, words, "s-1")
		hash := sha256.Sum256([]byte(text))
		r := h.do(t, "privacy", "GET /v1/parties/b-1/consents", "").want(t, 200, "data.0.text_sha256", hex.EncodeToString(hash[:]), "data.0.locale", lang,
			"data.0.recipient", "s-1", "data.0.purpose", "settle", "data.0.fields", `["name","phone"]`, "data.0.expires_at", "2026-03-05T00:00:00Z")
		if len(r.list("data")) != 1 {
			t.Errorf("%d consents: the one in another language takes the place of the first", len(r.list("data")))
		}
		v.page(v.form("/me/permission?lang="+lang, form...), 200, words) // twice is once
		size = h.size(t)
	}
	got := h.disclose(t, "t-1", "s-1", "settle", "name", "phone", "address").want(t, 201, "decision", "granted", "ground", "3a", "expires_at", "2026-03-05T00:00:00Z")
	if got.opens() != "name phone" {
		t.Errorf("opens %s", got.opens())
	}
	v.page(v.form("/me/withdrawal?lang=en", "purpose", "settle", "recipient", "s-1"), 200, "no permission that is in force")
	h.view(t, got.at("id"), "s-1").want(t, 410)
}

// What the API refuses the page refuses too, with what was chosen still chosen; a
// text that nobody read permits nothing.
func TestConsentOnThePageIsRefused(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{signs: newProvider(t)})
	v := h.comes(t, "en")
	size := h.size(t)
	good := []string{"recipient", "s-1", "purpose", "settle", "until", "2026-03-31", "field_phone", "yes"}
	but := func(name, value string) []string { return append(append([]string{}, good...), name, value) }
	for _, x := range []struct {
		pairs []string
		wants []string
	}{
		{nil, []string{"Choose one of those", "Choose at least one thing", "Choose what for", "Give a date", `<title>Error: `, `href="#fields"`, `aria-invalid="true"`}},
		{but("recipient", "s-2"), []string{`<a href="#recipient">Choose one of those`, `value="settle" selected`, `name="field_phone" value="yes" checked`, `value="2026-03-31"`}},
		{but("recipient", "b-1"), []string{`href="#recipient"`}},
		{but("recipient", "*"), []string{`href="#recipient"`}},
		{but("purpose", "*"), []string{`href="#purpose"`, `value="s-1" selected`}},
		{good[:6], []string{`href="#fields"`}},
		{but("until", "2026-03-03"), []string{`href="#until"`}},
		{but("until", "2027-03-04"), []string{`href="#until"`}},
		{but("until", "soon"), []string{`href="#until"`}},
	} {
		for _, path := range []string{"/me/permit?lang=en", "/me/permission?lang=en"} {
			v.page(v.form(path, x.pairs...), 422, append(x.wants, "Nothing was written down", `role="alert"`)...)
		}
	}
	v.page(v.form("/me/permit?lang=en", but("field_everything", "yes")...), 400)
	v.page(v.form("/me/permit?lang=en", but("until", "2027-03-03")...), 200, "4 March 2027, 00:00 UTC")
	_, form := v.reads("en", good...)
	v.page(v.form("/me/permission?lang=en", good...), 409, "The words of the permission were other ones", "1 April 2026, 00:00 UTC")
	v.page(v.form("/me/permission?lang=pt", form...), 409, "As palavras da permissão eram outras")
	v.page(v.form("/me/permission?lang=en", append(form, "field_address", "yes")...), 409, "phone number and address")
	v.page(foreign(v.form("/me/permission?lang=en", form...)), 403, "came from another site")
	stranger := h.visitor(t)
	stranger.page(stranger.form("/me/permission?lang=en", form...), 200, "Code from the link")
	stranger.get("/me/permit?lang=en", 200, "Code from the link")
	if h.size(t) != size {
		t.Error("something that is refused was written down")
	}
	for n := range broker.MostConsents {
		to := fmt.Sprintf("s-%d", 100+n/len(necessity.Purposes()))
		if n%len(necessity.Purposes()) == 0 {
			h.do(t, "market", "PUT /v1/parties/"+to, strings.Replace(tomas, "tomas", "t"+to, 1)).want(t, 201)
		}
		purpose := necessity.Purposes()[n%len(necessity.Purposes())]
		h.signing(t, "privacy", "b-1", "PUT "+consentPath(string(purpose)), strings.Replace(h.consent(month, "phone"), `"s-1"`, `"`+to+`"`, 1)).want(t, 201)
	}
	v.page(v.form("/me/permission?lang=en", form...), 409, "You have 64 permissions in force")
	h.clock.forward(29 * time.Minute)
	v.page(v.form("/me/permission?lang=en", form...), 409, "You have 64 permissions in force")
	empty := h.visitor(t)
	r := h.do(t, "privacy", "POST /v1/parties/s-2/access-link", "{}").want(t, 201)
	_, code, _ := strings.Cut(r.at("url"), "#")
	empty.page(empty.form("/me?lang=en", "code", code), 200)
	empty.get("/me/permit?lang=en", 200, "no transaction with anybody")
}
