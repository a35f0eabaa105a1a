package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

// Where there is too much to do, what was written is on the page that says so, and is sent
// from there again; where somebody may not, he copies it. What is no such thing is a page of
// its own.
func TestNothingWrittenIsLost(t *testing.T) {
	t.Parallel()
	refused := map[string]error{"/busy": accounts.ErrBusy, "/slow": errDeadline, "/role": accounts.ErrRoleMissing, "/gone": broker.ErrNotFound}
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
	}{"/busy": {503, true, true}, "/slow": {503, true, true}, "/role": {403, true, false}, "/gone": {404, false, false}} {
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
