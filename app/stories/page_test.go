package stories

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bauta.dev/bauta/broker/budget"
)

const accessLink = "POST /v1/parties/b-1/access-link"

// link makes one for b-1; of the address the code alone opens anything.
func (h *house) link(t *testing.T, headers ...string) (address, code string) {
	t.Helper()
	r := h.do(t, "privacy", accessLink, "{}", headers...).want(t, 201)
	before, code, ok := strings.Cut(r.at("url"), "/me#")
	if !ok || before != h.url || len(code) < 50 {
		t.Fatalf("the link is %q", r.at("url"))
	}
	return r.at("url"), code
}

// comes opens b-1's page.
func (h *house) comes(t *testing.T, lang string) *visitor {
	t.Helper()
	_, code := h.link(t)
	v := h.visitor(t)
	v.page(v.form("/me?lang="+lang, "code", code), 200, `<html lang="`+lang+`">`, "b-1")
	return v
}

const linkWrong = "This link was used, is older than 15 minutes, or never was one."

// A link opens once, within its time; looking at it spends nothing, and what was
// spent, is too old or never was one is the same page.
func TestAccessLink(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.do(t, "market", accessLink, "{}").want(t, 403, "code", "scope_missing")
	h.do(t, "privacy", "POST /v1/parties/nobody/access-link", "{}").want(t, 404)
	size := h.size(t)
	_, code := h.link(t, keyed("l")...)
	h.do(t, "privacy", accessLink, "{}", keyed("l")...).want(t, 201, "url", h.url+"/me#"+code)
	if h.ask(t, `SELECT count(*) - `+size+` FROM ledger_entries`) != "1" {
		t.Error("a link that is told again has one entry")
	}
	h.do(t, "privacy", accessLink, `{"locale":"english"}`).want(t, 422)
	if r := h.do(t, "privacy", accessLink, `{"locale":"zh-Hant-TW"}`).want(t, 201); !strings.HasPrefix(r.at("url"), h.url+"/me?lang=zh#") {
		t.Errorf("in another language: %s", r.at("url"))
	}
	v := h.visitor(t)
	for range 2 { // scanners look, and come with HEAD as well
		v.get("/me", 200, "Code from the link", `<script src="/assets/link.`)
		resp, err := http.Head(h.url + "/me")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	never := v.page(v.form("/me", "code", "bml_"+strings.Repeat("0", len(code)-4)), 401, linkWrong)
	v.page(v.form("/me", "code", ""), 401, linkWrong)
	v.page(v.form("/me", "code", h.url+"/me#"+code), 200, "Your data", "b-1", "no permission that is in force")
	spent := h.visitor(t)
	if again := spent.page(spent.form("/me", "code", code), 401, linkWrong); again != never {
		t.Errorf("a spent link is told apart:\n%s\n%s", again, never)
	}
	v.get("/me", 200, "<h1>Your data</h1>", "Nobody has asked")

	_, code = h.link(t)
	h.clock.forward(15 * time.Minute)
	if old := spent.page(spent.form("/me", "code", code), 401, linkWrong); old != never {
		t.Errorf("an old link is told apart: %s", old)
	}
	h.do(t, "privacy", accessLink, "{}", keyed("l")...).want(t, 201, "url", "") // too late to be told again
	h.clock.forward(15 * time.Minute)
	v.get("/me", 200, "Code from the link") // the session is over, however much it was used
	spent.get("/me", 200, "Code from the link")
	if err := h.store.Sweep(t.Context()); err != nil || h.ask(t, `SELECT count(*) FROM subject_passes`) != "0" {
		t.Errorf("what opens nothing is still there: %v", err)
	}
}

// An idempotency key that comes again after its day makes another link: a code
// that was spent, or was told and never used, opens nothing again.
func TestLinkOfAnOldKey(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	_, spent := h.link(t, keyed("monthly")...)
	v := h.visitor(t)
	v.page(v.form("/me", "code", spent), 200, "Your data")
	told := []string{spent}
	for range 4 {
		h.clock.forward(25 * time.Hour)
		if err := h.store.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, code := h.link(t, keyed("monthly")...)
		_, again := h.link(t, keyed("monthly")...)
		if slices.Contains(told, code) || code != again {
			t.Errorf("told again later: %t; to a retry: %t", slices.Contains(told, code), code == again)
		}
		for _, old := range told {
			w := h.visitor(t)
			w.page(w.form("/me", "code", old), 401, linkWrong)
		}
		told = append(told, code)
	}
	v = h.visitor(t)
	v.page(v.form("/me", "code", told[4]), 200, "Your data")
}

// A link leads where the operator says that people find the broker, whatever
// address a request was sent to; where nobody has said so there is none.
func TestLinkIsToThePublicAddress(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{known: "https://broker.example.com"})
	for _, host := range []string{"", "evil.example", "evil.example:443"} {
		r := h.do(t, "privacy", accessLink, `{"locale":"pt-BR"}`, "Host", host, "X-Forwarded-Host", "evil.example").want(t, 201)
		if !strings.HasPrefix(r.at("url"), "https://broker.example.com/me?lang=pt#bml_") {
			t.Errorf("asked at %q: %s", host, r.at("url"))
		}
	}
	h = shop(t, terms{known: "nowhere"})
	size := h.size(t)
	h.do(t, "privacy", accessLink, "{}").want(t, 403, "code", "public_url_missing", "url", "")
	if h.size(t) != size {
		t.Error("a link that was not made has an entry")
	}
}

// Whose link a key makes has been reached with it: a stolen one opens few pages.
func TestLinksAreWithinBudgets(t *testing.T) {
	t.Parallel()
	h := street(t, within(func(l *budget.Limits) { l.Floor, l.FloorDay = 4, 100 }), 6)
	for n := range 4 {
		h.do(t, "privacy", "POST /v1/parties/b-"+itoa(n+1)+"/access-link", "{}").want(t, 201)
	}
	size := h.size(t)
	r := h.do(t, "privacy", "POST /v1/parties/b-5/access-link", "{}").want(t, 429, "code", "rate_limited")
	if r.header.Get("Retry-After") == "" || r.at("url") != "" || h.anomalies(t) == "0" || h.size(t) == size {
		t.Errorf("past the budget: %s", r.short())
	}
	h.do(t, "privacy", "POST /v1/parties/b-1/access-link", "{}").want(t, 201) // reached already
	if people, _ := h.harvest(t, "market", 5, 6); people != 0 {
		t.Errorf("the deployment reaches %d people beyond them", people)
	}
	h.clock.forward(2 * time.Hour)
	h.do(t, "privacy", "POST /v1/parties/b-5/access-link", "{}").want(t, 201)
}

// The party is told that a link was made, in the link's own commit, with nothing
// that opens it; a link that is told again is no news, and one that was not made
// is none.
func TestLinkIsTold(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	l := h.listen(t)
	_, code := h.link(t, keyed("l")...)
	h.do(t, "privacy", accessLink, "{}", keyed("l")...).want(t, 201)
	h.do(t, "privacy", "POST /v1/parties/nobody/access-link", "{}").want(t, 404)
	if n := h.ask(t, `SELECT count(*) FROM outbox o JOIN ledger_entries e ON e.idx = o.entry WHERE get_byte(e.entry, 1) = 63`); n != "1" {
		t.Fatalf("%s messages wait, of one link", n)
	}
	h.comes(t, "en")
	h.tell(t)
	h.caughtUp(t)
	heard := l.all()
	if got := l.kinds(); got != "party.access_link party.access_link" {
		t.Fatalf("told: %s", got)
	}
	want := `{"type":"party.access_link","timestamp":"2026-03-04T12:00:00Z","data":{"party":"b-1","for":[{"party":"b-1"}],"expires_at":"2026-03-04T12:15:00Z","ledger":{"index":`
	for _, m := range heard {
		if !strings.HasPrefix(m.body, want) || strings.Contains(m.body, code) || strings.Contains(m.body, "bml_") {
			t.Errorf("a link is told as %s", m.body)
		}
	}

	// A row that was pointed at another's entry, or at another kind of it, says nothing.
	h.sql(t, `INSERT INTO outbox (endpoint, kind, transaction_id, disclosure, entry, due_at, next_at)
		SELECT endpoint, kind, (SELECT id FROM parties WHERE name = 's-1'), disclosure, entry, due_at, due_at FROM outbox LIMIT 1`,
		`INSERT INTO outbox (endpoint, kind, transaction_id, disclosure, entry, due_at, next_at)
		SELECT endpoint, kind, transaction_id, disclosure, (SELECT max(idx) FROM ledger_entries), due_at, due_at FROM outbox LIMIT 1`)
	h.caughtUp(t)
	if n := len(l.all()); n != 2 {
		t.Errorf("%d messages, of two links: %s", n, l.kinds())
	}
}

// Of many who send one link at once, to two brokers, one gets in.
func TestAccessLinkRace(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	second := h.second(t)
	_, code := h.link(t)
	var mu sync.Mutex
	in := 0
	var wait sync.WaitGroup
	for i := range 8 {
		url := []string{h.url, second.url}[i%2]
		wait.Go(func() {
			v := h.visitor(t)
			v.url = url
			v.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			resp, err := v.Do(v.form("/me", "code", code))
			if err != nil {
				t.Error(err)
				return
			}
			_ = resp.Body.Close()
			mu.Lock()
			defer mu.Unlock()
			if resp.StatusCode == http.StatusSeeOther {
				in++
			}
		})
	}
	wait.Wait()
	if in != 1 {
		t.Errorf("%d got in with one link", in)
	}
}

var disclosureOnPage = regexp.MustCompile(`name="disclosure" value="(dsc_[0-9a-z]+)"`)

// What the subject sees and can do: in its own language, of itself alone.
func TestSubjectPage(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{signs: newProvider(t), policies: consenting})
	h.give(t, "settle", month, "phone").want(t, 201)
	granted := h.askSigned(t, "settle", "phone").want(t, 201, "decision", "granted")
	h.viewSigned(t, granted.at("id")).want(t, 200)
	v := h.comes(t, "en")
	shown := v.get("/me?lang=en", 200, "may be looked at", "s-1", "to settle a dispute", "phone number", "clause 3a", "Looked at", "you are the buyer", "4 March 2026, 12:00 UTC")
	if found := findValue(shown); found != "" {
		t.Errorf("the page shows %q", found)
	}
	for lang, until := range map[string]string{"en": "3 April 2026, 12:00 UTC", "pt": "3 de abril de 2026, 12:00 (UTC)", "zh": "2026年4月3日12:00（UTC）"} {
		if told := v.get("/me?lang="+lang, 200); strings.Count(told[strings.Index(told, `id="told"`):], until) != 1 {
			t.Errorf("%s: until when is not said of the grant: %s", lang, told)
		}
	}
	v.get("/me?lang=pt", 200, `<html lang="pt">`, "pode ser visto", "o comprador", "para resolver", "cláusula 3a")
	v.get("/me?lang=zh", 200, `<html lang="zh">`, "可查看", "买方", "第3a条")
	v.get("/me?lang=xx", 200, `<html lang="en">`)

	// An objection about safety suspends at once; another one waits for a person.
	m := disclosureOnPage.FindStringSubmatch(shown)
	if m == nil || m[1] != granted.at("id") {
		t.Fatalf("there is nothing to object to: %s", shown)
	}
	v.page(v.form("/me/objection?lang=en", "disclosure", m[1], "reason", "because"), 400)
	v.page(v.form("/me/objection?lang=en", "disclosure", m[1], "reason", "safety"), 200, "has been written down", "suspended", "You objected", "It endangers me")
	h.viewSigned(t, m[1]).want(t, 410)
	v.page(v.form("/me/objection?lang=en", "disclosure", m[1], "reason", "safety"), 200, "not possible any more")

	// Whatever the same side asks next, people decide.
	h.askSigned(t, "settle", "phone").want(t, 201, "decision", "pending")
	v.page(v.form("/me/withdrawal?lang=en", "purpose", "settle", "recipient", "s-1"), 200, "no longer permit", "no permission that is in force")
	v.page(v.form("/me/withdrawal?lang=en", "purpose", "settle", "recipient", "s-1"), 200)

	// Another party's disclosure is not there, and nothing happens to it.
	others := h.askSigned(t, "collect", "name")
	stranger := h.visitor(t)
	stranger.page(stranger.form("/me/objection?lang=en", "disclosure", others.at("id"), "reason", "safety"), 200, "Code from the link")
	v.page(v.form("/me/objection?lang=en", "disclosure", "dsc_00000000000000000000000000", "reason", "safety"), 404)
	v.page(foreign(v.form("/me/sign-out")), 403, "came from another site")
	v.page(v.form("/me/sign-out?lang=en"), 200, "Code from the link")
	v.get("/me", 200, "Code from the link")
}

// An export has everything of its party and nothing of anybody else, on the
// party's own word alone.
func TestExport(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{signs: newProvider(t), policies: consenting})
	h.give(t, "settle", month, "phone").want(t, 201)
	h.askSigned(t, "settle", "phone").want(t, 201, "decision", "granted")
	h.signing(t, "market", "b-1", disclosures, request("t-1", "b-1", "return", "name")).want(t, 201)
	h.do(t, "privacy", exportPath, "").want(t, 401, "code", "party_token_required")
	h.signing(t, "privacy", "s-1", exportPath, "").want(t, 403, "code", "party_mismatch")
	h.signing(t, "market", "b-1", exportPath, "").want(t, 403, "code", "scope_missing")
	size := h.size(t)
	r := h.signing(t, "privacy", "b-1", exportPath, "").want(t, 200, "version", "1", "party.id", "b-1", "party.contact.name", "Giovana Teixeira",
		"party.contact.phone", "+5587991935795", "consents.0.recipient", "s-1", "disclosures.0.standing", "granted", "disclosures.0.requester", "s-1",
		"requests.0.requester", "b-1", "transactions.0.id", "t-1", "transactions.0.role", "buyer", "transactions.0.other", "s-1", "complete", "true")
	h.looksAtExport(t, string(r.raw))
	if h.ask(t, `SELECT count(*) - `+size+` FROM ledger_entries`) != "1" || h.ask(t, `SELECT get_byte(entry, 1) FROM ledger_entries ORDER BY idx DESC LIMIT 1`) != "63" {
		t.Error("an export is one entry of its own")
	}

	v := h.comes(t, "en")
	status, header, body := v.take(v.form("/me/export?lang=en"))
	if status != 200 || header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(header.Get("Content-Disposition"), "attachment") || header.Get("Content-Type") != "application/json" {
		t.Errorf("the download: %d %v", status, header)
	}
	h.looksAtExport(t, body)
	stranger := h.visitor(t)
	if status, _, body := stranger.take(stranger.form("/me/export?lang=en")); status != 200 || findValue(body) != "" || !strings.Contains(body, "Code from the link") {
		t.Errorf("without a session: %d %s", status, body)
	}
}

func (h *house) looksAtExport(t *testing.T, body string) {
	t.Helper()
	for _, own := range []string{"Giovana Teixeira", "giovana_teixeira790@", "+5587991935795", "Estrada do Coco"} {
		if !strings.Contains(body, own) {
			t.Errorf("the export lacks %q", own)
		}
	}
	for _, other := range []string{"Ribeiro", "ursula", "Acácias", "5511987654321", "at_risk"} {
		if strings.Contains(body, other) {
			t.Errorf("the export has %q, which is somebody else's", other)
		}
	}
}

// Without tokens of parties the platform alone can't have an export.
func TestExportUnsigned(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.do(t, "privacy", exportPath, "").want(t, 403, "code", "export_on_page_only")
	v := h.comes(t, "en")
	status, _, body := v.take(v.form("/me/export"))
	if status != 200 {
		t.Errorf("from the page: %d", status)
	}
	h.looksAtExport(t, body)
}
