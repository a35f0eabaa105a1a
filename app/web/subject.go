package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/plain"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// ownPage is where a party's own page and its forms are.
const ownPage = "/me"

// subjectRoutes are a party's own page: no part of the API, and without a key.
func (s *Server) subjectRoutes() []*route {
	page := func(method, template string, handle func(*call) (sight, error), queries ...string) *route {
		return &route{method, template, nil, append(queries, "lang"), func(c *call) error { return c.page(handle) }, operation{desk: true}}
	}
	return []*route{
		page(http.MethodGet, ownPage, s.showSubject, "after", "done"),
		page(http.MethodPost, ownPage, s.sendLink),
		page(http.MethodPost, ownPage+"/objection", s.sendObjection),
		page(http.MethodPost, ownPage+"/withdrawal", s.sendWithdrawal),
		page(http.MethodGet, permitPage, s.showPermit),
		page(http.MethodPost, permitPage, s.sendPermit),
		page(http.MethodPost, ownPage+"/permission", s.sendPermission),
		page(http.MethodPost, ownPage+"/sign-out", s.sendLeave),
		{http.MethodPost, ownPage + "/export", nil, []string{"lang"}, s.sendExport, operation{desk: true}},
	}
}

// A cookie of its own: whoever works here may have a page, too.
func (c *call) subjectCookie() string { return c.cookieName() + "-me" }

func (c *call) setSubjectCookie(token masking.Text) { c.keepCookie(c.subjectCookie(), token) }

// visit is whose page this browser has opened.
func (c *call) visit() (*broker.Pass, error) {
	token := c.Cookies(c.subjectCookie())
	if token == "" {
		return nil, broker.ErrNoVisit
	}
	return c.server.Broker.Visit(c.ctx, token)
}

// speech is the language of a page, and its words.
type speech struct {
	*plain.Explainer

	lang string
}

func (c *call) speech() (speech, error) {
	e, err := c.server.plain()
	if err != nil {
		return speech{}, err
	}
	lang := string(c.Request().URI().QueryArgs().Peek("lang")) // also where the query as a whole is refused
	if !slices.Contains([]string{"en", "pt", "zh"}, lang) {
		lang = e.Language(c.Get(fiber.HeaderAcceptLanguage))
	}
	c.Set(fiber.HeaderContentLanguage, lang)
	c.Vary(fiber.HeaderAcceptLanguage)
	return speech{e, lang}, nil
}

func (x speech) dated(t time.Time) pages.Dated { return pages.Dated{At: t, Text: x.When(x.lang, t)} }

func (x speech) home(done string) string {
	address := ownPage + "?lang=" + x.lang
	if done != "" {
		address += "&done=" + done
	}
	return address
}

// onPage runs what needs a session; without one the page asks for a link.
func (s *Server) onPage(c *call, do func(speech, *broker.Pass) (sight, error)) (sight, error) {
	x, err := c.speech()
	if err != nil {
		return sight{}, err
	}
	p, err := c.visit()
	if err == nil {
		return do(x, p)
	}
	if !errors.Is(err, broker.ErrNoVisit) {
		return sight{}, err
	}
	if c.Method() != http.MethodPost {
		return seen(pages.NewSubjectDoor(x.lang, ""))
	}
	return goTo(x.home(""))
}

// sendLink answers POST /me. Looking at a link spends nothing: only this does.
func (s *Server) sendLink(c *call) (sight, error) {
	x, err := c.speech()
	if err != nil {
		return sight{}, err
	}
	f, err := c.form("code")
	if err != nil {
		return sight{}, err
	}
	address, now := c.address(), s.Now()
	if wait := s.strangers.exhausted(address, now); wait > 0 {
		return c.refused(errRateLimit.After(wait), pages.NewSubjectDoor(x.lang, pages.SubjectWordsIn(x.lang).TooMany))
	}
	code := strings.TrimSpace(f["code"].Reveal())
	if i := strings.LastIndexByte(code, '#'); i >= 0 { // the whole link
		code = code[i+1:]
	}
	token, _, err := s.Broker.OpenPage(c.ctx, code)
	if errors.Is(err, broker.ErrLink) {
		s.strangers.take(address, now)
		return c.refused(err, pages.NewSubjectDoor(x.lang, pages.SubjectWordsIn(x.lang).LinkWrong))
	}
	if err != nil {
		return sight{}, err
	}
	c.setSubjectCookie(token)
	return goTo(x.home(""))
}

// sendLeave answers POST /me/sign-out.
func (s *Server) sendLeave(c *call) (sight, error) {
	return s.onPage(c, func(x speech, p *broker.Pass) (sight, error) {
		if err := s.Broker.EndVisit(c.ctx, p); err != nil {
			return sight{}, err
		}
		c.setSubjectCookie(masking.Text{})
		return goTo(x.home(""))
	})
}

// sendObjection answers POST /me/objection.
func (s *Server) sendObjection(c *call) (sight, error) {
	return s.onPage(c, func(x speech, p *broker.Pass) (sight, error) {
		f, err := c.form("disclosure", "reason")
		if err != nil {
			return sight{}, err
		}
		m := broker.Move{Event: broker.Object, Reason: f["reason"].Reveal()}
		if !slices.Contains(broker.ReasonsFor(broker.Object), m.Reason) {
			return sight{}, errRequest
		}
		_, _, err = s.Broker.PartyMove(c.ctx, broker.OnPage(p.Name), p.Name, broker.DisclosureID(f["disclosure"].Reveal()), m, nil)
		if fault.Of(err).Kind == fault.Conflict {
			return goTo(x.home("late"))
		}
		if err != nil {
			return sight{}, err
		}
		return goTo(x.home("objected"))
	})
}

// sendWithdrawal answers POST /me/withdrawal. What is no longer permitted already is so.
func (s *Server) sendWithdrawal(c *call) (sight, error) {
	return s.onPage(c, func(x speech, p *broker.Pass) (sight, error) {
		f, err := c.form("purpose", "recipient")
		if err != nil {
			return sight{}, err
		}
		purpose, recipient := necessity.Purpose(f["purpose"].Reveal()), broker.PartyID(f["recipient"].Reveal())
		if err := s.Broker.WithdrawConsent(c.ctx, broker.OnPage(p.Name), p.Name, purpose, recipient); err != nil {
			return sight{}, err
		}
		return goTo(x.home("withdrawn"))
	})
}

// sendExport answers POST /me/export with a file. A form and no link, for it
// leaves an entry.
func (s *Server) sendExport(c *call) error {
	var out *broker.Export
	err := c.sameOrigin()
	if err == nil {
		var p *broker.Pass
		if p, err = c.visit(); err == nil {
			out, err = s.Broker.Export(c.ctx, broker.OnPage(p.Name), p.Name)
		}
	}
	if errors.Is(err, broker.ErrNoVisit) {
		return c.page(func(c *call) (sight, error) {
			return s.onPage(c, func(speech, *broker.Pass) (sight, error) { return sight{}, err })
		})
	}
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="bauta-export.json"`)
	return c.answer(http.StatusOK, showExport(out))
}

// toldAtOnce is how many decisions one part of the page has: on a telephone that
// is a dozen screens, and most of what the page costs.
const toldAtOnce = 10

// showSubject answers GET /me.
func (s *Server) showSubject(c *call) (sight, error) {
	return s.onPage(c, func(x speech, p *broker.Pass) (sight, error) {
		v, err := s.Broker.Party(c.ctx, p.Name)
		if err != nil {
			return sight{}, err
		}
		consents, err := s.Broker.Consents(c.ctx, p.Name)
		if err != nil {
			return sight{}, err
		}
		told, next, err := s.Broker.ToldOf(c.ctx, p.Name, c.params["after"], toldAtOnce)
		if err != nil {
			return sight{}, err
		}
		looks, err := s.looksInCases(c, p.Name)
		if err != nil {
			return sight{}, err
		}
		w, permit := pages.SubjectWordsIn(x.lang), pages.PermitWordsIn(x.lang)
		page := pages.Subject{
			SubjectShell: pages.NewSubjectShell(w, w.Title), Party: string(p.Name), Ends: x.dated(p.EndsAt), Next: next, First: c.params["after"] == "", Permit: permit.Begin,
			Done:  map[string]string{"objected": w.DoneObjected, "withdrawn": w.DoneWithdrawn, "permitted": permit.Done, "late": w.NotPossible}[c.params["done"]],
			Hints: x.hints(&w, hints(v.Contact)),
		}
		for i := range consents {
			page.Consents = append(page.Consents, x.consent(&consents[i]))
		}
		for i := range told {
			page.Told = append(page.Told, x.told(&w, &told[i]))
		}
		for i := range looks {
			page.InCases = append(page.InCases, x.inCase(&w, &looks[i]))
		}
		return seen(page)
	})
}

// looksInCases are those of the staff at a party's values, on the first part of its page.
func (s *Server) looksInCases(c *call, id broker.PartyID) ([]broker.CaseLook, error) {
	if c.params["after"] != "" {
		return nil, nil
	}
	return s.Broker.LooksInCases(c.ctx, id)
}

func (x speech) inCase(w *pages.SubjectWords, l *broker.CaseLook) pages.CaseLook {
	return pages.CaseLook{Dispute: string(l.Dispute), Transaction: string(l.Transaction), Review: w.Named(w.GlassReviews, l.Review), StaffLook: pages.StaffLook{
		At: x.dated(l.At), Role: w.Named(w.StaffRoles, l.Role), Purpose: w.Named(w.StaffPurposes, l.Purpose), What: []string{x.Named(x.lang, "field", words(l.Fields)...)},
	}}
}

func (x speech) hints(w *pages.SubjectWords, h hintAnswer) (held []pages.HeldHint) {
	for _, m := range []struct{ label, mask string }{
		{w.FirstName, h.FirstName}, {w.Name, h.Name}, {w.Email, h.Email}, {w.Phone, h.Phone}, {w.Address, h.Address},
	} {
		if m.mask != "" {
			held = append(held, pages.HeldHint{Label: m.label, Mask: m.mask})
		}
	}
	return held
}

func (x speech) consent(c *broker.Consent) pages.SubjectConsent {
	return pages.SubjectConsent{
		Recipient: string(c.Recipient), Purpose: string(c.Purpose), Given: x.dated(c.GivenAt), Ends: x.dated(c.ExpiresAt),
		PurposeWords: x.Named(x.lang, "purpose", string(c.Purpose)), FieldSet: x.Named(x.lang, "field", words(c.Fields)...),
	}
}

func (x speech) told(w *pages.SubjectWords, d *broker.Told) pages.SubjectTold {
	t := pages.SubjectTold{
		ID: string(d.ID), Requester: string(d.Requester), At: x.dated(d.At), MayObject: slices.Contains(d.Allowed, broker.Object),
		Side: x.Named(x.lang, "role", string(side(d.Role))),
	}
	t.State, t.Chip = stateWords(w, d)
	said := d.Plain()
	said.Own = true
	t.Sentences, _ = x.Explain(said, x.lang)
	for _, l := range d.Looks {
		t.Looks = append(t.Looks, pages.SubjectLook{Dated: x.dated(l.At), Openings: l.Openings})
	}
	for i := range d.ByStaff {
		t.ByStaff = append(t.ByStaff, x.byStaff(w, &d.ByStaff[i]))
	}
	if d.Objection != "" {
		t.ObjectionReason = w.Reason(d.Objection)
	}
	return t
}

// byStaff says what one of the staff opened, when and what for.
func (x speech) byStaff(w *pages.SubjectWords, v *broker.StaffView) pages.StaffLook {
	l := pages.StaffLook{At: x.dated(v.At), Role: w.Named(w.StaffRoles, v.Role), Purpose: w.Named(w.StaffPurposes, v.Purpose)}
	if len(v.Fields) > 0 {
		l.What = append(l.What, x.Named(x.lang, "field", words(v.Fields)...))
	}
	for _, side := range v.Notes {
		l.What = append(l.What, w.Named(w.NoteSides, side))
	}
	return l
}

// side is the subject's, of a disclosure that the other one asked for.
func side(requester necessity.Role) necessity.Role {
	if requester == necessity.Buyer {
		return necessity.Seller
	}
	return necessity.Buyer
}

// stateWords are the few states that the subject has to tell apart.
func stateWords(w *pages.SubjectWords, d *broker.Told) (words, chip string) {
	switch d.Standing {
	case broker.Granted, broker.Overturned:
		if d.State == "used_up" {
			return w.StateEnded, "chip-closed"
		}
		return w.StateLive, "chip-live"
	case broker.Held:
		return w.StateHeld, "chip-suspended"
	case broker.Ended, broker.Recalled, broker.TakenBack:
		return w.StateEnded, "chip-closed"
	case broker.AutoDenied, broker.Denied, broker.Upheld:
		return w.StateRefused, "chip-closed"
	default:
		return w.StateWaiting, "chip-waiting"
	}
}
