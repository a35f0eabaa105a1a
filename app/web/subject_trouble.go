package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking/fault"
)

// onOwnPage says whether a request is to a page for a party or for everybody,
// whether or not there is such a route: who comes there has a browser, and reads
// no JSON.
func (c *call) onOwnPage() bool {
	return c.Path() == ownPage || strings.HasPrefix(c.Path(), ownPage+"/") || strings.HasPrefix(c.Path(), profilePage)
}

// onProfile says whether a request is to a page that everybody may read.
func (c *call) onProfile() bool {
	return broker.IsMerchantID(strings.TrimPrefix(c.Path(), profilePage))
}

// ownHome is where the pages begin, of which a request asked for one.
func (c *call) ownHome() string {
	if strings.HasPrefix(c.Path(), profilePage) {
		return registerPage
	}
	return ownPage
}

// refuseOnPage answers a request to a party's own page that came to nothing. An
// address that forms are sent to, opened by hand or by a reload, leads to the page.
func (c *call) refuseOnPage(err error) {
	c.Response().ResetBody()
	err = c.met(err)
	f := faultOf(err)
	x, broken := c.speech()
	if broken != nil {
		c.refuse(broken)
		return
	}
	if f.Kind == fault.Method && c.Method() == http.MethodGet {
		c.Response().Header.Del(fiber.HeaderAllow)
		_ = c.show(sight{to: c.ownHome() + "?lang=" + x.lang}) // never fails
		return
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	if err := c.show(c.ownTrouble(x, err)); err != nil {
		c.refuse(err)
	}
}

// ownTrouble is the page of what went wrong, in the party's language.
func (c *call) ownTrouble(x speech, err error) sight {
	f := faultOf(err)
	status, _ := standing(f.Kind)
	c.code = f.Code
	if f.Code != codeOf(err) || f.Unwrap() != nil || f.Kind == fault.Internal {
		c.cause = cause(err)
	}
	if f.Kind == fault.Limited || f.Kind == fault.Unavailable {
		c.retryAfter(f)
	}
	w := pages.SubjectWordsIn(x.lang)
	t := pages.SubjectTrouble{Request: c.id, Home: c.ownHome()}
	what := troubleOf(f)
	if f.Kind == fault.TooLarge && c.Path() == registerDocuments {
		what = "large"
	}
	t.Headline, t.Sentence = x.Trouble(x.lang, what)
	t.Number, t.Back = x.TroubleWords(x.lang)
	if c.onProfile() { // there is nothing to go back to
		t.Home, t.Back = c.Path(), ""
	}
	t.SubjectShell = pages.NewSubjectShell(w, w.Error+": "+t.Headline)
	return sight{page: t, status: status}
}

// troubleOf is what a party can do about a fault.
func troubleOf(f *fault.Error) string {
	if errors.Is(f, errForeign) {
		return "foreign"
	}
	if _, tampered := errors.AsType[ledger.Finding](f); tampered {
		return "broken"
	}
	switch f.Kind {
	case fault.NotFound, fault.Method:
		return "nothing"
	case fault.Unavailable:
		return "later"
	case fault.Limited:
		return "busy"
	case fault.Conflict, fault.Gone, fault.Precondition, fault.Unconditional:
		return "moved"
	case fault.Malformed, fault.TooLarge, fault.Media, fault.Invalid:
		return "wrong"
	case fault.Unauthenticated, fault.Denied:
		return "refused"
	case fault.Internal:
	}
	return "broken"
}
