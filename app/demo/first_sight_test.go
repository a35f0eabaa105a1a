package demo_test

import (
	"testing"

	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/app/web/pages"
)

func looks() []look {
	return []look{
		{name: "1440-light", width: 1440, height: 900},
		{name: "1440-dark", width: 1440, height: 900, dark: true},
		{name: "390-light", width: 390, height: 844, mobile: true},
		{name: "390-dark", width: 390, height: 844, mobile: true, dark: true},
		{name: "1440-noscript", width: 1440, height: 900, withoutScript: true},
		{name: "390-noscript", width: 390, height: 844, mobile: true, withoutScript: true},
	}
}

// Buttons of the first sight.
const (
	fresh      = `form[action="/demo/orders"] button`
	payPart    = `#buyer .owe:has([value=pay]) button[value="5"]`
	payRest    = `#buyer .owe:has([value=pay]) button[value="all"]`
	accept     = `#seller .owe:has([value=accept]) button[value="all"]`
	askDeliver = `#seller .purpose:has([value=deliver]) button`
	takeBack   = `#buyer form[action^="/demo/reverse"] button`
	viewGrant  = `#seller form[action^="/demo/view"] button`
)

const email = "giovana.teixeira@example.com"

// A visitor walks from the first click to a payment taken back: what the
// seller's side may see follows what was performed, and the ledger follows both.
func TestFirstSight(t *testing.T) {
	h := newHouse(t)
	url := h.listen(t)
	b := newBrowser(t)
	for _, l := range looks() {
		t.Run(l.name, func(t *testing.T) { walk(b.open(t, l), url) })
	}
}

func walk(v *tab, url string) {
	v.Helper()
	v.visit(url + "/")
	v.press(fresh)
	v.says(".order", "Shipped goods", "221.65 BRL", "open")
	v.says("#seller .fields", "•••", "Masked")
	v.says(".fresh", "A transaction was agreed")
	v.check()
	v.shoot("1-fresh")

	v.press(askDeliver)
	v.says("#seller .answer", "Refused", "pay: needs 221.65, has 0.00", "accept: needs 1, has 0", "Entry")
	v.says(".fresh", "A disclosure was decided")
	v.check()
	v.shoot("2-refused")

	v.press(payPart)
	v.says("#buyer .answer", "Pay: attested", "11.08 of 221.65 BRL")
	v.says(".fresh", "A performance was recorded")
	v.press(askDeliver)
	v.says("#seller .answer", "Refused", "pay: needs 221.65, has 11.08")
	v.saysNot("#seller", "Giovana", "Recife", email)

	v.press(payRest)
	v.press(accept)
	v.press(askDeliver)
	v.says("#seller .answer", "Granted to deliver, under ground 3b")
	v.says("#seller .field-open", "Giovana Teixeira", "Estrada do Coco, 2138", "51190-321 Recife", "+5581900000000", "ground 3b")
	v.says("#seller .field-withheld", "E-mail", "Not necessary for this purpose.")
	v.saysNot("body", email)
	v.saysNot("#buyer .fields", "Livraria")
	v.says(".fresh", "A disclosure was decided", "requester")
	v.check()
	v.shoot("3-open")
	v.print("3-open")

	v.visit(url + "/") // the newest order is this one; looking at it is no view
	v.says("#seller .grant", "19 views left")
	v.saysNot("body", "Giovana", "Estrada")
	v.press(viewGrant)
	v.says("#seller .field-open", "Giovana Teixeira")
	v.says(".fresh", "A grant was viewed")
	v.says("#seller .grant", "18 views left")

	v.press(takeBack)
	v.says("#buyer .answer", "taken back")
	v.says("#seller .grant", "Suspended")
	v.saysNot("#seller", "Giovana", "Estrada")
	v.says("#seller .field-closed", "Name", "Phone", "Address", "Closed again", "Its grant is suspended.")
	v.says(".fresh", "A performance was reversed")
	v.check()
	v.shoot("4-suspended")
}

// Every order, every page and every script of the world has to look right.
func TestEveryPage(t *testing.T) {
	h := newHouse(t)
	for path, p := range map[string]pages.Page{
		"/test/about":  pages.About{Shell: pages.Shell{Title: "What this is"}, Version: "v0.1.0"},
		"/test/broken": pages.Broken("req_0123456789abcdef"),
	} {
		h.app.Get(path, func(c *fiber.Ctx) error {
			c.Set("Content-Security-Policy", pages.Policy)
			c.Type("html", "utf-8")
			return pages.Render(c, p)
		})
	}
	url := h.listen(t)
	b := newBrowser(t)
	for _, l := range looks()[:4] {
		t.Run(l.name, func(t *testing.T) {
			v := b.open(t, l)
			for _, id := range []string{
				"supply-61", "digital-33", "goods-14", "pickup-27", "visit-8", "stay-12", "meet-5", "post-19",
			} {
				v.visit(url + "/?order=" + id)
				v.says("h2 .order-id", id)
				v.check()
				v.shoot("order-" + id)
			}
			v.press(askDeliver) // of post-19: a name from right to left, and the longest address
			v.says("#seller .field-open", "ليلى بنت عبد الرحمن", "escalier 14")
			v.check()
			v.shoot("5-long")
			v.press(viewGrant)
			v.says(".fresh", "A grant was viewed")
			v.press(`#seller form[action^="/demo/revoke"] button`)
			v.says("#seller .answer", "The grant is revoked")
			v.says(".fresh", "A grant was revoked")
			v.expects = "404"
			for name, path := range map[string]string{"about": "/test/about", "broken": "/test/broken", "not-found": "/?order=nowhere"} {
				v.visit(url + path)
				v.check()
				v.shoot("page-" + name)
			}
		})
	}
}
