package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// Where there is too much to do, what was written is on the page that says so, and is sent
// from there again; where something broke, or somebody may not, he copies it, if it is his.
// What is no such thing is a page of its own.
func TestNothingWrittenIsLost(t *testing.T) {
	t.Parallel()
	refused := map[string]error{
		"/busy": accounts.ErrBusy, "/slow": errDeadline, "/role": accounts.ErrRoleMissing, "/gone": broker.ErrNotFound, "/broken": fault.New(fault.Internal, "internal", "x"),
		"/other": accounts.ErrRoleMissing,
	}
	d := newDoor(t, func(deps *Deps) {
		deps.RateLimit = 3
		deps.Mount = func(app *fiber.App) {
			for path, err := range refused {
				app.Post(path, func(c *fiber.Ctx) error {
					here := c.Locals(callKey).(*call) //nolint:forcetypeassert // every request has one
					return here.page(func(c *call) (sight, error) {
						f, broken := c.caseSent()
						if broken != nil {
							return sight{}, broken
						}
						if c.person = (&accounts.Session{Account: "hnd_1"}); path == "/other" {
							c.person.Account = "hnd_2"
						}
						return c.keeping(err, f, deskWork{at: "/desk/cases/dsp_1"})
					})
				})
			}
		}
	})
	d.holds = func(string, string, int, string, []byte, []byte) error { return nil } // these are in no document
	send := func(path string) reply {
		return d.send(t, http.MethodPost, path, "", "event=message&moves=1&seen=1&as=hnd_1&text=Bom+%3Cb%3Edia&password=Secret1", "Content-Type", "application/x-www-form-urlencoded")
	}
	const typed, again = "Bom &lt;b&gt;dia", `name="text" value="Bom &lt;b&gt;dia"`
	for path, want := range map[string]struct {
		status      int
		kept, again bool
	}{"/busy": {503, true, true}, "/slow": {503, true, true}, "/role": {403, true, false}, "/gone": {404, false, false}, "/broken": {500, true, false}, "/other": {403, false, false}} {
		r := send(path)
		page := string(r.body)
		if r.status != want.status || strings.Contains(page, typed) != want.kept || strings.Contains(page, again) != want.again || strings.Contains(page, "Secret1") {
			t.Errorf("%s: %d %s", path, r.status, page)
		}
		if (r.status == 503) != (r.header.Get("Retry-After") != "") {
			t.Errorf("%s: Retry-After %q", path, r.header.Get("Retry-After"))
		}
	}
	if !showAgain(accounts.ErrBusy) || !showAgainCase(accounts.ErrBusy) {
		t.Error("a sign-in that has to wait loses what was written before it")
	}
	for n := range 3 {
		r := send("/desk/cases/dsp_1")
		if limited := r.status == 429; limited != (n > 0) || !strings.Contains(string(r.body), again) || strings.Contains(string(r.body), "Secret1") || limited && r.header.Get("Retry-After") == "" {
			t.Errorf("request %d: %d %s", n, r.status, r.body)
		}
	}
}

// Every form of the desk is one of two kinds: what can be typed into it is kept for whoever
// signs in again, or there is nothing to be kept: a button, or what says who sends.
func TestEveryFormOfTheDeskKeeps(t *testing.T) {
	t.Parallel()
	typed := map[string]string{
		"/desk/cases/{id}": "text", "/desk/cases/{id}/bundle": "recipient", "/desk/requests/{id}": "text", "/desk/break-glass": "about", "/desk/break-glass/{id}": "text",
		"/desk/merchants/{id}": "note", "/desk/search": "id", "/desk/passkeys": "name", "/desk/policy/approval": "diff", "/desk/ledger": "entry", "/desk/ledger/policies": "from",
	}
	buttons := []string{
		"/desk/cases/{id}/evidence/{n}", "/desk/merchants/{id}/values", "/desk/merchants/{id}/documents/{n}", "/desk/sessions", "/desk/passkeys/removal", "/desk/oidc/removal",
		"/desk/confirmation", "/desk/confirmation/passkey", "/desk/confirmation/passkey/challenge", "/desk/passkeys/challenge", "/desk/exclusions",
	}
	d := newDoor(t, func(deps *Deps) { deps.RateLimit = 100 })
	d.holds = func(string, string, int, string, []byte, []byte) error { return nil } // these are in no document
	const value = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
	forms := 0
	for _, r := range d.routes() {
		if r.method != http.MethodPost || !strings.HasPrefix(r.template, "/desk") && !strings.HasPrefix(r.template, dashboard) {
			continue
		}
		name, keeps := typed[r.template]
		if button := slices.Contains(buttons, r.template); button == keeps {
			t.Errorf("%s: say what is typed there", r.template)
		}
		if !keeps {
			continue
		}
		forms++
		body := name + "=" + value + "&password=Secret1&username=hnd_1"
		if strings.Contains(r.template, "/cases") || strings.Contains(r.template, "/requests") || strings.Contains(r.template, "/break-glass") {
			body += "&moves=1&seen=1&event=confirm"
		}
		got := d.send(t, http.MethodPost, strings.Replace(r.template, "{id}", "bgl_05wq0e9m2r6a1b7c3d4e5f6g7g", 1), "", body, "Content-Type", "application/x-www-form-urlencoded")
		page := string(got.body)
		if got.status != http.StatusUnauthorized || !strings.Contains(page, `<input type="hidden" name="`+name+`" value="`+value+`">`) || strings.Count(page, value) != 1 || strings.Contains(page, "Secret1") {
			t.Errorf("%s: %d %s", r.template, got.status, page)
		}
		if !r.does.keeps {
			t.Errorf("%s loses what was typed where somebody has to wait", r.template)
		}
	}
	if forms != len(typed) {
		t.Errorf("%d forms of %d", forms, len(typed))
	}
}

// What was chosen of a registration's fields is chosen again, all of them and each.
func TestChecksComeBack(t *testing.T) {
	t.Parallel()
	p := pages.Review{Fields: []pages.ReviewField{{N: 0, Label: "Name", Chip: "chip-live"}, {N: 1, Label: "Bank", Chip: "chip-waiting"}}, Acts: []pages.ReviewAct{{Event: "approve"}}}
	checksOn(&p)
	s := &caseSent{given: map[string]masking.Text{"source": masking.NewText("bank"), "method.1": masking.NewText("contacted"), "note": masking.NewText("x")}}
	s.intoReview(&p, pages.Wrongs{"method": "Choose one."})
	if p.Checks[0].Value() != "bank" || p.Checks[1].Value() != "" || p.Checks[1].Wrong == "" || p.Noted() != "x" || p.Wrong == "" {
		t.Errorf("%+v", p)
	}
	if len(p.Unchecked) != 1 || p.Unchecked[0][0].Chosen != "" || p.Unchecked[0][1].Chosen != "contacted" || p.Unchecked[0][1].Options[0].Text != "As the others" {
		t.Errorf("%+v", p.Unchecked)
	}
}
