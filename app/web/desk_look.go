package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

// Some forms of the desk only look: what is asked for stands in the address, and so it is
// there again after whatever went wrong, but for a sign-in, which leads elsewhere.

// lookWork is the page of such a form, with the names of its fields: whoever signs in again
// sees what he has asked for.
func lookWork(at string, names ...string) deskWork {
	see := func(_ *call, f *caseSent) (sight, error) {
		asked := url.Values{}
		for _, x := range f.kept() {
			asked.Set(x.Name, x.Value())
		}
		return goTo(at + "?" + asked.Encode())
	}
	return deskWork{
		at: at, who: caseReaders(), read: func(c *call) (*caseSent, error) { return c.sent(names) }, asks: asksNobody, do: see,
		again: func(c *call, f *caseSent, _ error) (sight, error) { return see(c, f) },
	}
}

// lookRoutes are those of the page: looking, and having signed in to look.
func (s *Server) lookRoutes(at string, show func(*call) (sight, error), names ...string) []*route {
	w := lookWork(at, names...)
	look := func(c *call) (sight, error) {
		r, err := show(c)
		if errors.Is(err, accounts.ErrNoSession) && len(c.params) > 0 {
			return s.signInToLook(c.params, w.at), nil
		}
		return r, err
	}
	return []*route{
		{http.MethodGet, at, nil, names, func(c *call) error { return c.page(look) }, operation{desk: true}},
		{http.MethodPost, at, nil, nil, func(c *call) error {
			return c.page(func(c *call) (sight, error) { return s.work(c, w) })
		}, operation{desk: true, keeps: true}},
	}
}

func (s *Server) signInToLook(asked map[string]string, at string) sight {
	var kept []pages.KeptField
	for name, value := range asked {
		kept = append(kept, pages.KeptField{Name: name, Typed: masking.NewText(value)})
	}
	slices.SortFunc(kept, func(a, b pages.KeptField) int { return cmp.Compare(a.Name, b.Name) })
	return sight{page: pages.NewCaseSignIn(at, kept, s.otherWays(), nil), status: http.StatusUnauthorized}
}
