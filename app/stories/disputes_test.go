package stories

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker/accounts"
)

const days = 24 * time.Hour

// court is a house whose t-1 is paid and, the carrier says, under way; with those who decide.
type court struct {
	*house
	hanna, hugo, lena *person
}

const (
	hannas = "carla.nogueira7@desk.example.org"
	hugos  = "danilo.freitas9@desk.example.org"
)

func newCourt(t *testing.T, x terms) *court {
	t.Helper()
	c := &court{house: shop(t, x)}
	c.hanna, c.hugo = c.employ(t, "hanna", hannas, accounts.Handler), c.employ(t, "hugo", hugos, accounts.Handler)
	c.lena = c.employ(t, "lena", rui, accounts.Lead)
	return c
}

// sits signs all of them in: what they do is fresh again.
func (c *court) sits(t *testing.T) {
	t.Helper()
	for _, p := range []*person{c.hanna, c.hugo, c.lena} {
		c.signIn(t, p)
	}
}

func (c *court) bought(t *testing.T, id string) {
	t.Helper()
	if id != "t-1" {
		c.agree(t, deal{id: id, kind: "shipped_goods"})
	}
	c.attest(t, id, "pay 221.65, accept 1, ship 1")
}

func opening(transaction, by string, more ...string) string {
	return body(append([]string{"transaction", transaction, "opened_by", by, "statement", "Nada chegou até hoje.\nhttp://169.254.169.254/latest/meta-data"}, more...)...)
}

// lines puts the obligations in, which are a list.
func lines(body, obligations string) string {
	return strings.TrimSuffix(body, "}") + `,"obligations":["` + obligations + `"]}`
}

func (c *court) opens(t *testing.T, transaction string) (path string) {
	t.Helper()
	r := c.do(t, "disputes", "POST /v1/disputes", lines(opening(transaction, "b-1", "reason", "not_received", "amount", "100.00"), "deliver")).want(t, 201, "state", "negotiation")
	return "/v1/disputes/" + r.at("id")
}

// on sends what a side does; a step of the staff's is on the case as it stands.
func (c *court) on(t *testing.T, path, what, body string, headers ...string) reply {
	t.Helper()
	return c.do(t, "disputes", "POST "+path+"/"+what, body, headers...)
}

func (c *court) tag(t *testing.T, path string) string {
	t.Helper()
	return c.do(t, "lena", "GET "+path, "").want(t, 200).header.Get("ETag")
}

func (c *court) step(t *testing.T, who, path, what, body string, headers ...string) reply {
	t.Helper()
	return c.do(t, who, "POST "+path+"/"+what, body, append([]string{"If-Match", c.tag(t, path)}, headers...)...)
}

// drawn draws one; each shade is another one.
func drawn(t *testing.T, shade uint8) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 32, 32))
	for i := range img.Pix {
		img.SetGray(i%32, i/32, color.Gray{Y: shade ^ uint8(i)}) //nolint:gosec // a pattern
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// formOfSeller is the media type of the form that disputeActs sends.
const formOfSeller = "multipart/form-data; boundary=x"

// disputeActs are all calls that act for a side of a case, as s-1 makes them.
func (h *house) disputeActs(t *testing.T) map[string]signedCall {
	t.Helper()
	open := lines(opening("t-1", "s-1", "reason", "not_returned"), "return")
	made := h.signing(t, "disputes", "s-1", "POST /v1/disputes", open).want(t, 201)
	to, at, by := "/v1/disputes/"+made.at("id"), "/v1/disputes/{id}", `{"by":"s-1"}`
	part := func(name, value string) string {
		return "--x\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
	}
	all := map[string]signedCall{
		"post /v1/disputes":           {"disputes", "POST /v1/disputes", open},
		"get " + at:                   {"disputes", "GET " + to + "?viewer=s-1", ""},
		"get " + at + "/letters":      {"disputes", "GET " + to + "/letters?viewer=s-1", ""},
		"get " + at + "/bundle":       {"disputes", "GET " + to + "/bundle?viewer=s-1", ""},
		"get " + at + "/evidence/{n}": {"disputes", "GET " + to + "/evidence/1?viewer=s-1", ""},
		"post " + at + "/messages":    {"disputes", "POST " + to + "/messages", `{"by":"s-1","text":"x"}`},
		"post " + at + "/offers":      {"disputes", "POST " + to + "/offers", `{"by":"s-1","kind":"none"}`},
		"post " + at + "/appeal":      {"disputes", "POST " + to + "/appeal", `{"by":"s-1","grounds":"error","text":"x"}`},
		"post " + at + "/evidence":    {"disputes", "POST " + to + "/evidence", part("by", "s-1") + part("type", "other") + part("file", "x") + "--x--\r\n"},
	}
	for _, path := range []string{"offers/{n}/acceptance", "offers/{n}/retraction", "escalation", "withdrawal", "evidence/completion"} {
		all["post "+at+"/"+path] = signedCall{"disputes", "POST " + to + "/" + strings.Replace(path, "{n}", "1", 1), by}
	}
	return all
}

// form is evidence as a browser sends it.
func form(t *testing.T, file []byte, pairs ...string) (body, media string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := w.WriteField(pairs[i], pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if file != nil {
		part, err := w.CreateFormFile("file", "giovana teixeira.svg")
		if err == nil {
			_, err = part.Write(file)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

func (c *court) hands(t *testing.T, path, by, kind string, file []byte) reply {
	t.Helper()
	body, media := form(t, file, "by", by, "type", kind, "note", "Como veio.")
	return c.on(t, path, "evidence", body, "Content-Type", media)
}

func (c *court) back(t *testing.T, id, amount string) reply {
	t.Helper()
	return c.do(t, "payment", "POST /v1/transactions/"+id+"/reversals", c.told("pay", amount, "back/"+amount+c.clock.now().String()).body())
}

// toReview brings a case to where it is decided, with an item of each side; hanna has it.
func (c *court) toReview(t *testing.T, path string) {
	t.Helper()
	c.clock.forward(48 * time.Hour)
	c.on(t, path, "escalation", `{"by":"b-1"}`).want(t, 200, "state", "claim")
	c.sits(t)
	c.step(t, "lena", path, "assignment", `{"account":"`+c.hanna.id+`"}`).want(t, 200, "assigned", c.hanna.id)
	due := c.clock.now().Add(72 * time.Hour).Format(time.RFC3339)
	c.step(t, "hanna", path, "evidence-requests", `{"wanted":[{"by":"seller","type":"carrier_tracking"},{"by":"buyer","type":"correspondence"}],"due":"`+due+`"}`).
		want(t, 200, "state", "evidence")
	c.hands(t, path, "s-1", "carrier_tracking", drawn(t, 1)).want(t, 201)
	c.hands(t, path, "b-1", "correspondence", drawn(t, 2)).want(t, 201)
	c.on(t, path, "evidence/completion", `{"by":"s-1"}`).want(t, 200, "state", "evidence")
	c.on(t, path, "evidence/completion", `{"by":"b-1"}`).want(t, 200, "state", "under_review")
}

const ruling = `{"outcome":"refund","reason_code":"not_delivered","clause":"CPL 44","findings":"O transportador não tem prova de entrega."}`

func (c *court) proposes(t *testing.T, who, path, what string) (approval string) {
	t.Helper()
	proposed := c.step(t, who, path, "proposal", what).want(t, 200)
	return `{"payload_hash":"` + proposed.at("proposal.payload_hash") + `"}`
}

// A case from its opening to its end: two sides, two who decide, and nothing paid back
// past it.
func TestDisputesLife(t *testing.T) {
	t.Parallel()
	c := newCourt(t, terms{})
	c.bought(t, "t-1")
	path := c.opens(t, "t-1")
	c.do(t, "market", "GET /v1/transactions/t-1", "").want(t, 200, "disputed", "true")
	c.do(t, "disputes", "POST /v1/disputes", lines(opening("t-1", "b-1", "reason", "not_received"), "deliver")).want(t, 409, "code", "line_disputed")
	c.back(t, "t-1", "10.00").want(t, 409, "code", "disputed")
	early := c.on(t, path, "escalation", `{"by":"b-1"}`).want(t, 409, "code", "too_early")
	if !strings.Contains(early.at("allowed"), "withdraw") || strings.Contains(early.at("allowed"), "escalate") {
		t.Errorf("allowed: %s", early.at("allowed"))
	}
	c.do(t, "disputes", "GET "+path+"?viewer=s-2", "").want(t, 404, "code", "not_found")
	c.do(t, "market", "GET "+path+"?viewer=b-1", "").want(t, 403, "code", "scope_missing")
	c.do(t, "disputes", "GET "+path, "").want(t, 200, "allowed", "[]", "evidence", "[]", "messages", "", "timeline", "[]")
	c.toReview(t, path)
	seen := c.do(t, "disputes", "GET "+path+"?viewer=s-1", "").want(t, 200, "state", "under_review", "messages.0.event", "open", "messages.0.by", "buyer",
		"evidence.0.state", "submitted", "checklist.0.state", "submitted", "decision", "")
	if len(seen.at("frozen_sha256")) != 64 || strings.Contains(string(seen.raw), `"commitment"`) || strings.Contains(string(seen.raw), `"before"`) {
		t.Errorf("to a side: %s", seen.raw)
	}

	// Each opening of an item is an entry; a HEAD, which shows nothing, is none.
	size := c.size(t)
	c.fetch(t, http.MethodHead, "disputes", path+"/evidence/1?viewer=b-1").want(t, 405)
	c.do(t, "disputes", "GET "+path+"/evidence/1", "").want(t, 422)
	c.do(t, "disputes", "GET "+path+"/evidence/1?viewer=s-2", "").want(t, 404)
	c.do(t, "hugo", "GET "+path+"/evidence/1", "").want(t, 409, "code", "not_assigned")
	if c.size(t) != size {
		t.Error("what opened nothing left an entry")
	}
	c.do(t, "disputes", "GET "+path+"/evidence/1?viewer=b-1", "").want(t, 200)
	c.do(t, "hanna", "GET "+path+"/evidence/2", "").want(t, 200)
	c.do(t, "hanna", "POST "+path+"/texts", `{}`).want(t, 200, "messages.0.event", "open")
	c.do(t, "hanna", "GET "+path, "").want(t, 200, "messages", "")
	if c.size(t) == size {
		t.Error("what was opened left no entry")
	}

	// What comes late counts once a handler says so, and the same never twice.
	c.hands(t, path, "s-1", "carrier_tracking", drawn(t, 1)).want(t, 409, "code", "evidence_double")
	c.hands(t, path, "s-1", "delivery_proof", drawn(t, 3)).want(t, 201, "evidence.2.state", "past_due")
	c.step(t, "hugo", path, "evidence/3/admission", `{}`).want(t, 409, "code", "not_assigned")
	c.step(t, "hanna", path, "evidence/3/admission", `{}`).want(t, 200, "evidence.2.state", "admitted")
	c.decides(t, path)
	c.written(t, path)

	bundle := c.do(t, "disputes", "GET "+path+"/bundle?viewer=b-1", "").want(t, 200)
	c.do(t, "lena", "GET "+path+"/bundle?recipient=court", "").want(t, 200)
	c.do(t, "lena", "GET "+path+"/bundle", "").want(t, 422)
	if c.fetch(t, http.MethodHead, "disputes", path+"/bundle?viewer=b-1").status != 405 || !strings.HasPrefix(string(bundle.raw), "PK") {
		t.Errorf("bundle: %v", bundle.header)
	}

	c.back(t, "t-1", "100.00").want(t, 201)
	c.back(t, "t-1", "1.00").want(t, 409, "code", "disputed")
	c.on(t, path, "appeal", `{"by":"b-1","grounds":"error","text":"Quero mais."}`).want(t, 409, "code", "not_lost")
	c.clock.forward(31 * days)
	c.do(t, "disputes", "GET "+path+"?viewer=b-1", "").want(t, 200, "state", "closed", "allowed", "[]", "decision.outcome", "refund", "decision.appeal_by", "")
	c.on(t, path, "messages", `{"by":"b-1","text":"Obrigada."}`).want(t, 409, "code", "invalid_transition", "allowed", "[]")
	c.do(t, "market", "GET /v1/transactions/t-1", "").want(t, 200, "disputed", "false")
	c.back(t, "t-1", "1.00").want(t, 201)
	c.do(t, "disputes", "POST /v1/disputes", lines(opening("t-1", "b-1", "reason", "not_received"), "deliver")).want(t, 409, "code", "disputed_before")
	again := lines(opening("t-1", "b-1", "reason", "not_received", "follows", strings.TrimPrefix(path, "/v1/disputes/")), "deliver")
	c.do(t, "disputes", "POST /v1/disputes", again).want(t, 201, "state", "negotiation")
}

// decides has hanna propose, and hugo approve exactly that.
func (c *court) decides(t *testing.T, path string) {
	t.Helper()
	c.sits(t)
	approval := c.proposes(t, "hanna", path, ruling)
	c.do(t, "disputes", "GET "+path+"?viewer=b-1", "").want(t, 200, "state", "under_review", "proposal", "", "second_for", "")
	c.hands(t, path, "b-1", "other", drawn(t, 9)).want(t, 201, "evidence.3.state", "past_due") // nor does this tell
	c.step(t, "hugo", path, "approval", approval).want(t, 409, "code", "proposal_changed")     // what came since is looked at first
	seen := c.do(t, "hugo", "GET "+path, "").want(t, 200)
	approval = `{"payload_hash":"` + seen.at("proposal.payload_hash") + `"}`
	tag := c.tag(t, path)
	for _, key := range []string{"disputes", "market", "audit"} { // by no key
		if r := c.do(t, key, "POST "+path+"/approval", approval, "If-Match", tag); r.status != 403 {
			t.Errorf("a key %s approves: %s", key, r.short())
		}
	}
	c.do(t, "hanna", "POST "+path+"/approval", approval, "If-Match", tag).want(t, 403, "code", "own_work")
	c.do(t, "hugo", "POST "+path+"/approval", approval).want(t, 428, "code", "precondition_required")
	c.do(t, "hugo", "POST "+path+"/approval", approval, "If-Match", "*").want(t, 428)
	c.do(t, "hugo", "POST "+path+"/approval", approval, "If-Match", `"1"`).want(t, 412, "code", "changed")
	c.do(t, "hugo", "POST "+path+"/approval", approval, "If-Match", "W/"+tag).want(t, 412)
	c.do(t, "hugo", "POST "+path+"/approval", `{"payload_hash":"sha256:`+repeat("0", 64)+`"}`, "If-Match", tag).want(t, 409, "code", "proposal_changed")
	c.do(t, "hugo", "POST "+path+"/approval", approval, "If-Match", tag, "Idempotency-Key", "a").want(t, 200, "state", "decided", "decision.amount", "100.00")
	c.do(t, "hugo", "POST "+path+"/approval", approval, "If-Match", tag, "Idempotency-Key", "a").want(t, 200, "state", "decided")
	c.do(t, "hugo", "POST "+path+"/approval", approval, "If-Match", tag).want(t, 412)
}

// What cannot be taken is refused before anything is kept, and nothing of it repeated.
func TestBadDisputes(t *testing.T) {
	t.Parallel()
	c := newCourt(t, terms{})
	c.bought(t, "t-1")
	for body, want := range map[string]string{
		lines(opening("t-1", "b-1", "reason", "bad_mood"), "deliver"):                                                       "unknown_reason /reason",
		lines(opening("t-1", "b-1", "reason", "not_received"), "pay"):                                                       "unknown_line /obligations",
		lines(opening("t-1", "s-1", "reason", "not_received"), "deliver"):                                                   "unknown_line /obligations",
		lines(opening("t-1", "b-1", "reason", "damaged"), "ship"):                                                           "unknown_line /obligations",
		lines(opening("t-1", "b-1", "reason", "damaged", "amount", "221.66"), "deliver"):                                    "out_of_range /amount",
		lines(opening("t-1", "b-1", "reason", "damaged", "amount", "1e2"), "deliver"):                                       "not_an_amount /amount",
		lines(opening("t-1", "b-1", "reason", "damaged", "more", "x"), "deliver"):                                           "unknown_member /more",
		opening("t-1", "b-1", "reason", "damaged"):                                                                          "validation_failed /obligations",
		lines(body("transaction", "t-1", "opened_by", "b-1", "reason", "other", "statement", repeat("é", 4001)), "deliver"): "validation_failed /statement",
	} {
		r := c.do(t, "disputes", "POST /v1/disputes", body).want(t, 422)
		if got := r.at("code") + " " + r.at("errors.0.pointer"); got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
	c.do(t, "disputes", "POST /v1/disputes", lines(opening("t-1", "s-2", "reason", "other"), "deliver")).want(t, 404)
	c.do(t, "disputes", "POST /v1/disputes", lines(opening("t-9", "b-1", "reason", "other"), "deliver")).want(t, 404)
	path := c.opens(t, "t-1")
	for name, x := range map[string]struct {
		file   []byte
		pairs  []string
		status int
		code   string
	}{
		"a drawing that runs": {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>giovana</script></svg>`), []string{"by", "b-1", "type", "other"}, 415, "document_svg"},
		"a page":              {[]byte(`<!doctype html><title>giovana</title>`), []string{"by", "b-1", "type", "other"}, 415, "document_html"},
		"nothing":             {[]byte{}, []string{"by", "b-1", "type", "other"}, 422, "document_empty"},
		"half of one":         {drawn(t, 7)[:60], []string{"by", "b-1", "type", "other"}, 422, "document_truncated"},
		"no file":             {nil, []string{"by", "b-1", "type", "other"}, 422, "validation_failed"},
		"no type":             {drawn(t, 7), []string{"by", "b-1"}, 422, "validation_failed"},
		"another type":        {drawn(t, 7), []string{"by", "b-1", "type", "rumour"}, 422, "validation_failed"},
		"a part too many":     {drawn(t, 7), []string{"by", "b-1", "type", "other", "url", "http://127.0.0.1"}, 422, "unknown_member"},
		"a part twice":        {drawn(t, 7), []string{"by", "b-1", "by", "b-1", "type", "other"}, 400, "malformed"},
		"a stranger's":        {drawn(t, 7), []string{"by", "s-2", "type", "other"}, 404, "not_found"},
	} {
		form, media := form(t, x.file, x.pairs...)
		r := c.on(t, path, "evidence", form, "Content-Type", media)
		if r.status != x.status || r.at("code") != x.code || strings.Contains(string(r.raw), "giovana") {
			t.Errorf("%s: %s", name, r.short())
		}
	}
	c.on(t, path, "evidence", "{}").want(t, 415)
	c.on(t, path, "evidence", "--x\r\nContent-", "Content-Type", formOfSeller).want(t, 400)
	c.hands(t, path, "b-1", "other", bytes.Repeat([]byte("g"), 20<<20+1)).want(t, 413, "code", "document_too_large")
	c.on(t, path, "messages", `{"by":"b-1"}`).want(t, 422, "errors.0.pointer", "/text")
	c.do(t, "lena", "POST "+path+"/messages", `{"by":"b-1","text":"x"}`, "If-Match", `"1"`).want(t, 422, "errors.0.pointer", "/by")
	c.do(t, "lena", "POST "+path+"/messages", `{"text":"x"}`).want(t, 428)
	c.step(t, "lena", path, "messages", `{"text":"Bom dia."}`).want(t, 201)
	c.do(t, "lena", "POST "+path+"/offers", `{"by":"b-1","kind":"none"}`).want(t, 401) // for a side, a key
	c.do(t, "disputes", "GET "+path+"?viewer=s-1", "").want(t, 200, "messages.1.by", "staff", "messages.1.text", "Bom dia.")
	c.do(t, "disputes", "GET /v1/disputes/dsp_nonsense", "").want(t, 404)
	c.do(t, "disputes", "GET /v1/disputes?queue=mine", "").want(t, 422)
	c.do(t, "lena", "GET /v1/disputes?queue=all", "").want(t, 422)
}
