package stories

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
)

const registerHome = "/merchants/register?lang=en"

// hands is a form with a file, as a browser sends it.
func (v *visitor) hands(file string, pairs ...string) *http.Request {
	v.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("document", "Ottilie Brandt.png")
	if err == nil {
		_, err = part.Write([]byte(file))
	}
	for i := 0; i+1 < len(pairs) && err == nil; i += 2 {
		err = m.WriteField(pairs[i], pairs[i+1])
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		v.Fatal(err)
	}
	req := v.form("/merchants/register/documents?lang=en")
	req.Body, req.ContentLength, req.GetBody = http.NoBody, 0, nil
	next, err := http.NewRequestWithContext(v.Context(), http.MethodPost, req.URL.String(), &b)
	if err != nil {
		v.Fatal(err)
	}
	next.Header = req.Header
	next.Header.Set("Content-Type", m.FormDataContentType())
	return next
}

// handsInDocuments: what the API takes, and nothing else; each refusal beside its field.
func (h *house) handsInDocuments(t *testing.T, v *visitor, id string) {
	t.Helper()
	v.get(registerHome, 200, `enctype="multipart/form-data"`, "You have handed in none", "Change what you gave", `accept="image/jpeg,image/png,application/pdf"`)
	v.get("/merchants/register?lang=pt", 200, "Enviar um documento", "em exame")
	v.get("/merchants/register?lang=zh", 200, "提交文件", "审核中")
	size, scan := h.size(t), picture(t)
	v.page(v.hands(""), 422, `href="#document-document"`, "Choose a file.", "Choose what it is.", "<title>Error: ", `aria-invalid="true"`)
	v.page(v.hands(scan, "kind", "licence", "expires", "2026-02-30"), 422, `id="document-expires-error"`, `<option value="licence" selected>`)
	v.page(v.hands(`<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>`, "kind", "licence"), 415, `id="document-document-error"`, "An SVG can run programs")
	v.page(v.hands("PK\x03\x04 what an office program writes", "kind", "licence"), 415, "archives")
	v.page(v.hands(strings.Repeat("x", 20<<20+1), "kind", "licence"), 413, "20 MiB")
	v.page(v.hands(strings.Repeat("x", 24<<20), "kind", "licence"), 413, "What was sent is too large")
	v.page(v.hands(scan, "kind", "licence", "planet", "Mars"), 400)
	v.page(v.hands(scan, "kind", "licence", "kind", "licence"), 400)
	v.page(foreign(v.hands(scan, "kind", "licence")), 403)
	v.page(v.form("/merchants/register/documents?lang=en", "kind", "licence"), 415)
	stranger := h.visitor(t)
	stranger.page(stranger.hands(scan, "kind", "licence"), 200, "Code from the link")
	if h.size(t) != size {
		t.Error("what was refused is in the ledger")
	}
	for range 2 { // pressed again
		v.page(v.hands(scan, "kind", "licence", "expires", "2027-01-31", "once", "d-1"), 200, "The document was handed in.", "Business licence", "image/png", "valid until")
	}
	d := h.do(t, "shops", "GET /v1/merchants/"+id, "").want(t, 200, "documents.0.kind", "licence", "documents.0.expires", "2027-01-31", "documents.1.n", "")
	if d.at("documents.0.original_sha256") != hashed256(scan) {
		t.Errorf("another document was kept: %s", d.raw)
	}
}

// answersOnPage: a note answers, and so does a change.
func (h *house) answersOnPage(t *testing.T, v *visitor, id string) {
	t.Helper()
	review := "/v1/reviews/" + id
	h.do(t, "rita", "POST "+review+"/taking", `{}`).want(t, 200)
	h.do(t, "rita", "POST "+review+"/question", `{"reason":"document_unclear","note":"Seite <2> fehlt."}`).want(t, 200, "state", "needs_info", "question_text", "")
	h.do(t, "shops", "GET /v1/merchants/"+id, "").want(t, 200, "question", "document_unclear", "question_text", "Seite <2> fehlt.")
	v.get(registerHome, 200, "waits for information", "a document that can be read", "Seite &lt;2&gt; fehlt.", `id="answer-note"`)
	v.get("/merchants/register?lang=pt", 200, "um documento legível", "Responder")
	v.get("/merchants/register?lang=zh", 200, "清晰可读的文件")
	v.page(v.form("/merchants/register/answer?lang=en", "note", " "), 422, `href="#answer-note"`, "Write what you want to say.")
	v.page(v.form("/merchants/register/answer?lang=en", "note", "ein \u202e Blatt"), 422, `id="answer-note-error"`)
	v.page(foreign(v.form("/merchants/register/answer?lang=en", "note", "Hier.")), 403)
	for range 2 { // pressed again
		v.page(v.form("/merchants/register/answer?lang=en", "note", "Ein neues Blatt.", "once", "n-1"), 200, "Your answer was sent.", "in review")
	}
	v.page(v.form("/merchants/register/answer?lang=en", "note", "Noch eins."), 409, "done as it stands now")
	h.do(t, "rita", "POST "+review+"/taking", `{}`).want(t, 200)
	h.do(t, "rita", "POST "+review+"/values", looking).want(t, 200, "notes.0.text", "Seite <2> fehlt.", "notes.1.text", "Ein neues Blatt.", "notes.1.by", "merchant")

	h.do(t, "rita", "POST "+review+"/question", `{"reason":"number_differs"}`).want(t, 200, "state", "needs_info")
	h.do(t, "shops", "GET /v1/merchants/"+id, "").want(t, 200, "question", "number_differs", "question_text", "") // that one has no words
	h.do(t, "shops", "PATCH /v1/merchants/"+id, `{"tax":[`+strings.Repeat(`{"kind":"vat","country":"RO","number":"RO18547290"},`, 6)+`{"kind":"other","country":"DE","number":"Kennung 7"}]}`,
		"Content-Type", "application/merge-patch+json").want(t, 200, "state", "needs_info", "version", "2")
	size := h.size(t)
	change := v.page(v.form("/merchants/register/change?lang=en"), 200, `value="HRB 868910"`, `name="version" value="2"`, "Back without a change", "leave it empty to keep it", "As it is")
	if strings.Contains(change, `value="save"`) || h.size(t) == size {
		t.Error("a change is a draft, or what was opened has no entry")
	}
	for _, private := range []string{"Ottilie", "DE89370400440532013000"} {
		if strings.Contains(change, private) {
			t.Errorf("the form shows %s again", private)
		}
	}
	if strings.Contains(change, `name="remove.legal_name"`) || !strings.Contains(change, `name="remove.payout.iban"`) || !strings.Contains(change, `name="remove.tax.1.number"`) {
		t.Error("what has to be there can be taken away, or what need not be cannot")
	}
	changed := func(version string, more ...string) []string {
		return filledIn(append([]string{"version", version, "rows_tax", "6", "registration.number", "HRB 868911", "payout.iban", "", "representative.name", "Ottilie Brandts"}, more...)...)
	}
	v.page(v.form(registerForm, changed("1")...), 409, "This has changed meanwhile")
	v.page(v.form(registerForm, changed("2", "legal_name", "Kerzen 11010119900307002X")...), 422, `href="#legal_name"`, "not kept", `name="version" value="2"`)
	away := []string{"remove.tax.1.kind", "yes", "remove.tax.1.country", "yes", "remove.tax.1.number", "yes"}
	v.page(v.form(registerForm, changed("2", append(away, "do", "pt")...)...), 200, "Alterar o que informou", "HRB 868911", `name="version" value="2"`, `name="remove.tax.1.number" type="checkbox" value="yes" checked`, "Retirar")
	v.page(v.form(registerForm, changed("2", "do", "save")...), 400)
	v.page(v.form(registerForm, changed("2", "kind", "sole_trader")...), 400)
	v.page(v.form(registerForm, changed("2", append(away, "representative.name", "", "remove.representative.name", "yes")...)...), 200, "Your change was handed in.", "in review")
	h.do(t, "shops", "GET /v1/merchants/"+id, "").want(t, 200, "state", "in_review", "version", "3", "question", "")
	h.do(t, "rita", "POST "+review+"/taking", `{}`).want(t, 200)
	given := h.do(t, "rita", "POST "+review+"/values", looking).want(t, 200)
	for _, want := range []string{"HRB 868911", "DE89370400440532013000", "Kennung 7", "RO18547290"} { // what was left empty, and the seventh row, which the page does not have
		if !strings.Contains(string(given.raw), want) {
			t.Errorf("%s was not kept", want)
		}
	}
	if n := strings.Count(string(given.raw), "RO18547290"); n != 5 || strings.Contains(string(given.raw), "Ottilie") {
		t.Errorf("what was taken away is still there: %d numbers", n)
	}
}

// appealsOnPage: a merchant that was rejected, and one that was suspended; by a new
// link of the marketplace, which leads to that registration alone.
func (h *house) appealsOnPage(t *testing.T, v *visitor, id string) {
	t.Helper()
	review := "/v1/reviews/" + id
	h.do(t, "rita", "POST "+review+"/rejection", `{"reason":"not_the_holder","note":"Ein anderer."}`).want(t, 200, "state", "rejected")
	v.get("/merchants/register?lang=zh", 200, "未通过", "编号属于他人", `<q dir="auto">Ein anderer.</q>`)
	h.do(t, "shops", "GET /v1/merchants/"+id, "").want(t, 200, "reason", "not_the_holder", "reason_text", "Ein anderer.")
	v.page(v.form("/merchants/register/close?lang=en"), 200, "Code from the link")

	const link = "POST /v1/merchants/registration-link"
	h.do(t, "shops", link, body("party", "n-2", "merchant", id)).want(t, 404)
	h.do(t, "shops", link, body("party", "n-1", "merchant", "mer_00000000000000000000000000")).want(t, 404)
	h.do(t, "shops", link, body("party", "n-1", "merchant", "n-1")).want(t, 404)
	made := h.do(t, "shops", link, body("party", "n-1", "merchant", id)).want(t, 201)
	_, code, _ := strings.Cut(made.at("url"), "#")
	v.page(v.form(registerHome, "code", code), 200, "rejected", "the number is somebody else’s", `id="appeal-reason"`)
	v.page(v.form("/merchants/register/appeal?lang=en", "note", "Es ist unsere."), 422, `href="#appeal-reason"`, "Choose why.", "Es ist unsere.</textarea>")
	v.page(v.form("/merchants/register/appeal?lang=en", "reason", "because"), 422)
	for range 2 { // pressed again
		v.page(v.form("/merchants/register/appeal?lang=en", "reason", "mistake", "note", "Es ist unsere.", "once", "a-1"), 200, "Your appeal was sent.", "appealed")
	}
	h.do(t, "rita", "POST "+review+"/taking", `{}`).want(t, 403, "code", "decided_before")
	h.do(t, "lena", "POST "+review+"/taking", `{}`).want(t, 200)
	h.do(t, "lena", "POST "+review+"/overturning", `{"reason":"verified"}`).want(t, 200, "state", "in_review")
	h.do(t, "lena", "POST "+review+"/taking", `{}`).want(t, 200)
	h.do(t, "lena", "POST "+review+"/rejection", `{"reason":"fraud_suspected"}`).want(t, 200, "state", "rejected")
	told := v.get(registerHome, 200, "rejected", "there are doubts about this merchant")
	if strings.Contains(told, "fraud") {
		t.Error("the merchant is told of a suspicion")
	}
	v.page(v.form("/merchants/register/confirm?lang=en"), 409, "done as it stands now")
	v.page(v.form("/merchants/register/end?lang=en", "reason", ""), 422, `href="#end-reason"`, "Choose why.")
	v.page(v.form("/merchants/register/end?lang=en", "reason", "because"), 422)
	v.page(foreign(v.form("/merchants/register/end?lang=en", "reason", "moved")), 403)
	v.get("/merchants/register?lang=pt", 200, "Encerrar o registro", "a atividade terminou")
	v.get("/merchants/register?lang=zh", 200, "终止登记")
	for range 2 { // pressed again
		v.page(v.form("/merchants/register/end?lang=en", "reason", "trade_ended", "once", "e-1"), 200, "The end of the registration was handed in.", "It has lapsed")
	}
	h.do(t, "shops", "GET /v1/merchants/"+id, "").want(t, 200, "state", "lapsed")
	shown := v.get(registerHome, 200, "It has lapsed")
	if strings.Contains(shown, "Hand in a document") || strings.Contains(shown, "Change what") || strings.Contains(shown, "End the registration") {
		t.Error("what has lapsed can still be changed")
	}
	v.page(v.form("/merchants/register/change?lang=en"), 200, "It has lapsed")
	v.page(v.hands(picture(t), "kind", "licence"), 409, "done as it stands now")
}
