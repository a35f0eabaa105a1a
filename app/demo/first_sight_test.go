package demo_test

import (
	"testing"

	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/app/chromium"
	"bauta.dev/bauta/app/web/pages"
)

// looks are those of every page, and two without scripts: the demonstration needs none.
func looks() []chromium.Look {
	return append(chromium.Looks(),
		chromium.Look{Name: "1440-noscript", Width: 1440, Height: 900, WithoutScript: true},
		chromium.Look{Name: "390-noscript", Width: 390, Height: 844, Mobile: true, WithoutScript: true},
	)
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
	b := chromium.New(t)
	for _, l := range looks() {
		t.Run(l.Name, func(t *testing.T) { walk(b.Open(t, l), url) })
	}
}

func walk(v *chromium.Tab, url string) {
	v.Helper()
	v.Visit(url + "/")
	v.Press(fresh)
	v.Says(".order", "Shipped goods", "221.65 BRL", "open")
	v.Says("#seller .field", "•••", "Masked")
	v.Says(".fresh", "A transaction was agreed")
	v.Check()
	v.Shoot("1-fresh")

	v.Press(askDeliver)
	v.Says("#seller .answer", "Refused", "pay: needs 221.65, has 0.00", "accept: needs 1, has 0", "Entry")
	v.Says(".fresh", "A disclosure was decided")
	v.Check()
	v.Shoot("2-refused")

	v.Press(payPart)
	v.Says("#buyer .answer", "Pay: attested", "11.08 of 221.65 BRL")
	v.Says(".fresh", "A performance was recorded")
	v.Press(askDeliver)
	v.Says("#seller .answer", "Refused", "pay: needs 221.65, has 11.08")
	v.SaysNot("#seller", "Giovana", "Recife", email)

	v.Press(payRest)
	v.Press(accept)
	v.Press(askDeliver)
	v.Says("#seller .answer", "Granted to deliver, under ground 3b")
	v.Says("#seller .field-open", "Giovana Teixeira", "Estrada do Coco, 2138", "51190-321 Recife", "+5581900000000", "ground 3b")
	v.Says("#seller .field-withheld", "E-mail", "Not necessary for this purpose.")
	v.SaysNot("body", email)
	v.SaysNot("#buyer .field", "Livraria")
	v.Says(".fresh", "A disclosure was decided", "requester")
	v.Check()
	v.Shoot("3-open")
	v.Print("3-open")

	v.Visit(url + "/") // the newest order is this one; looking at it is no view
	v.Says("#seller .grant", "19 views left")
	v.SaysNot("body", "Giovana", "Estrada")
	v.Press(viewGrant)
	v.Says("#seller .field-open", "Giovana Teixeira")
	v.Says(".fresh", "A grant was viewed")
	v.Says("#seller .grant", "18 views left")

	v.Press(takeBack)
	v.Says("#buyer .answer", "taken back")
	v.Says("#seller .grant", "Suspended")
	v.SaysNot("#seller", "Giovana", "Estrada")
	v.Says("#seller .field-closed", "Name", "Phone", "Address", "Closed again", "Its grant is suspended.")
	v.Says(".fresh", "A performance was reversed")
	v.Check()
	v.Shoot("4-suspended")
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
	b := chromium.New(t)
	looks := chromium.Looks()
	for _, l := range []chromium.Look{looks[0], looks[3]} { // either width, either light; the first sight has all of them
		t.Run(l.Name, func(t *testing.T) {
			v := b.Open(t, l)
			for _, id := range []string{
				"supply-61", "digital-33", "goods-14", "pickup-27", "visit-8", "stay-12", "meet-5", "post-19",
			} {
				v.Visit(url + "/?order=" + id)
				v.Says("h2 .order-id", id)
				v.Check()
				v.Shoot("order-" + id)
			}
			v.Press(askDeliver) // of post-19: a name from right to left, and the longest address
			v.Says("#seller .field-open", "ليلى بنت عبد الرحمن", "escalier 14")
			v.Check()
			v.Shoot("5-long")
			v.Press(viewGrant)
			v.Says(".fresh", "A grant was viewed")
			v.Press(`#seller form[action^="/demo/revoke"] button`)
			v.Says("#seller .answer", "The grant is revoked")
			v.Says(".fresh", "A grant was revoked")
			v.Expects = "404"
			for name, path := range map[string]string{"about": "/test/about", "broken": "/test/broken", "not-found": "/?order=nowhere"} {
				v.Visit(url + path)
				v.Check()
				v.Shoot("page-" + name)
			}
		})
	}
}
