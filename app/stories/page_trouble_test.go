package stories

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// Whatever goes wrong on a party's own page is said in its language, and leads
// back; nobody who has a browser is answered in JSON.
func TestTroubleOnOwnPage(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	for _, x := range []struct{ lang, nothing, wrong, foreign, moved, back string }{
		{"en", "There is nothing here", "can’t be read", "came from another site", "not possible any more", "Back to your page"},
		{"pt", "Não há nada aqui", "Não foi possível ler", "veio de outro site", "já não é possível", "Voltar à sua página"},
		{"zh", "此处没有内容", "无法读取", "来自其他网站", "无法再进行此操作", "返回您的页面"},
	} {
		v := h.comes(t, x.lang)
		in := "?lang=" + x.lang
		page := []string{`<html lang="` + x.lang + `">`, x.back, `href="/me?lang=` + x.lang + `"`}
		v.get("/me/nowhere"+in, 404, append(page, x.nothing)...)
		v.page(v.form("/me/nowhere"+in), 404, append(page, x.nothing)...)
		v.page(v.form("/me/objection"+in, "disclosure", "dsc_00000000000000000000000000", "reason", "safety"), 404, append(page, x.nothing)...)
		v.page(v.form("/me/objection"+in, "disclosure", "x", "reason", "because"), 400, append(page, x.wrong)...)
		v.page(v.form("/me/objection"+in, "unknown", "x"), 400, append(page, x.wrong)...)
		v.page(v.form("/me"+in, "code", strings.Repeat("x", 2<<20)), 413, append(page, x.wrong)...)
		v.get("/me"+in+"&after=nonsense", 422, append(page, x.wrong)...)
		v.get("/me"+in+"&lang="+x.lang, 422, append(page, x.wrong)...)
		for _, path := range []string{"/me/export", "/me/sign-out", "/me/withdrawal"} {
			v.page(foreign(v.form(path+in)), 403, append(page, x.foreign)...)
		}
		// An address of a form, opened by hand, is the page; so is a link that a mail
		// program has marked.
		v.get("/me/objection"+in, 200, `<html lang="`+x.lang+`">`, "b-1")
		v.get("/me"+in+"&utm_source=mail", 200, `<html lang="`+x.lang+`">`, "b-1")
	}
	v := h.visitor(t)
	req := v.form("/me/nowhere")
	req.Header.Set("Accept-Language", "pt-BR,pt;q=0.9")
	v.page(req, 404, `<html lang="pt">`, "Não há nada aqui")

	// What fails on our side tells nothing of what it was, and has a number to report.
	v = h.comes(t, "zh")
	h.forgedRows = true
	h.sql(t, `UPDATE parties SET mac = set_byte(mac, 0, get_byte(mac, 0) # 1) WHERE name = 'b-1'`)
	shown := v.get("/me?lang=zh", 503, `<html lang="zh">`, "我们这边出了问题", "没有向任何人展示任何信息", "req_")
	if strings.Contains(shown, "forged") || strings.Contains(shown, "parties") {
		t.Errorf("the page says what it was: %s", shown)
	}
	status, header, body := v.take(v.form("/me/export?lang=zh"))
	if status != http.StatusServiceUnavailable || header.Get("Content-Disposition") != "" || !strings.Contains(body, "我们这边出了问题") {
		t.Errorf("an export that fails: %d %v %s", status, header, body)
	}
}

// Past the limit of an address the page says so, in words and in a header.
func TestBusyOnOwnPage(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{rate: 20})
	v := h.visitor(t)
	for range 60 {
		status, header, body := v.take(v.address("/me?lang=pt"))
		if status == http.StatusTooManyRequests {
			if header.Get("Retry-After") == "" || !strings.Contains(body, "Pedidos demais") || !strings.Contains(header.Get("Content-Type"), "text/html") {
				t.Errorf("too many: %v %s", header, body)
			}
			h.clock.forward(time.Minute)
			return
		}
	}
	t.Error("an address without end")
}
