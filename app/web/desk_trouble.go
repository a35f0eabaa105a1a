package web

import (
	"net/http"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/masking/fault"
)

// trouble answers a request that came to nothing, as whoever sent it can read it: a
// browser with a page, in the party's language where it is on a party's own, and every
// program with JSON.
func (c *call) trouble(err error) {
	switch {
	case c.onOwnPage():
		c.refuseOnPage(err)
	case c.atDeskPage():
		c.refuseAtDesk(err)
	default:
		c.refuse(err)
	}
}

// atDeskPage says whether a request is to a page for the operator's people, whether or not
// there is such a route. What a script of ours asks for is no page.
func (c *call) atDeskPage() bool {
	for _, at := range []string{"/desk", dashboard, "/sign-in", "/sign-out"} {
		if c.Path() == at || strings.HasPrefix(c.Path(), at+"/") {
			return !strings.HasSuffix(c.Path(), "/challenge")
		}
	}
	return false
}

// refuseAtDesk answers with a page. An address that forms are sent to, opened by hand or by
// a reload, leads to the page that the form is on.
func (c *call) refuseAtDesk(err error) {
	c.Response().ResetBody()
	c.Set(fiber.HeaderCacheControl, "no-store")
	f := faultOf(err)
	if f.Kind == fault.Method && c.Method() == http.MethodGet {
		c.Response().Header.Del(fiber.HeaderAllow)
		_ = c.show(sight{to: formPage(c.Path())}) // never fails
		return
	}
	if f.Kind == fault.Limited {
		c.retryAfter(f)
	}
	if err := c.show(c.troubled(err)); err != nil {
		c.refuse(err)
	}
}

// formPage is where the form is that is sent to an address: the page above it.
func formPage(address string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-/"
	switch above := path.Dir(address); {
	case strings.Trim(above, plain) != "":
		return "/desk"
	case above == "/", above == "/desk/oidc", above == "/desk/confirmation", above == "/desk/passkeys": // parts of the person's own account
		return "/desk"
	default:
		return above
	}
}
