package web

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/masking"
)

// What a merchant gave is opened at the desk: values for a purpose and a reason, and
// documents; each by an entry.

// lookForm opens the values. Of the purposes it has the one for which the registration is
// being worked on.
func lookForm(v *broker.MerchantReview) *pages.CaseForm {
	purpose := one("purpose", "Purpose", choices(broker.MerchantPurposes(), choose))
	purpose.Options = slices.DeleteFunc(purpose.Options, func(o pages.Choice) bool { return o.Code != "" && o.Code != broker.MerchantPurpose(v.State) })
	return &pages.CaseForm{
		Event: revealCase, Name: "values", Do: "Open the values, and log it",
		Note: "The values are sealed. The ledger will say: your account and role, which version you opened, the purpose, the reason and the time. The merchant can see that staff looked, and what for. " +
			"They are masked again by themselves.",
		Fields: []pages.CaseField{purpose, one("reason", "Reason", choices(broker.MerchantLookReasons(), choose))},
	}
}

// sendReviewValues answers POST /desk/merchants/{id}/values.
func (s *Server) sendReviewValues(c *call) (sight, error) {
	w := s.reviewWork(c)
	w.at += "/values"
	w.read, w.do = (*call).lookSent, s.openReview
	w.asks = func(string) bool { return true }
	return s.work(c, w)
}

func (c *call) lookSent() (*caseSent, error) {
	f, err := c.reviewSent()
	if err == nil {
		f.event = revealCase
	}
	return f, err
}

func lookOf(f *caseSent) (broker.MerchantLook, error) {
	var wrong mistakes
	in := broker.MerchantLook{Purpose: f.text("purpose"), Reason: f.text("reason")}
	oneOf("/purpose", in.Purpose, broker.MerchantPurposes(), &wrong)
	oneOf("/reason", in.Reason, broker.MerchantLookReasons(), &wrong)
	return in, wrong.err()
}

// openReview writes the entry first, and then shows the page with the values.
func (s *Server) openReview(c *call, f *caseSent) (sight, error) {
	in, err := lookOf(f)
	if err != nil {
		return s.reviewAgain(c, f, err)
	}
	id, err := c.merchantID()
	if err != nil {
		return sight{}, err
	}
	opened, _, err := s.Broker.LookAtMerchant(c.ctx, c.staff(), id, in, nil)
	if err != nil {
		return s.reviewAgain(c, f, err)
	}
	s.metrics.byStaff.WithLabelValues(reviewing).Inc()
	v, err := s.reviewOf(c)
	if err != nil {
		return sight{}, err
	}
	p, err := s.reviewPage(c, &v, nil, nil)
	if err != nil {
		return sight{}, err
	}
	p.Acts, p.Look = nil, nil // what is written is not lost when the values are masked again
	p.Opened = &pages.OpenedNote{Index: opened.Place.Index, Seconds: remaskAfter, Purpose: plainly(in.Purpose), Reason: plainly(in.Reason)}
	for _, n := range opened.Notes {
		p.Opened.Notes = append(p.Opened.Notes, pages.ReviewNote{
			What: strings.TrimSuffix(sentence(plainly(string(n.Event))), "."), By: "by the " + plainly(string(n.By)), At: n.At, Index: n.Index, Text: n.Text,
		})
	}
	w := pages.RegisterWordsIn("en")
	for i := range p.Fields {
		p.Fields[i].Value = openedValue(w, &opened, merchants.Pointer(p.Fields[i].Pointer))
	}
	c.Set("Refresh", itoa(remaskAfter)+"; url="+c.reviewPath())
	return seen(p)
}

// openedValue is what stands at a pointer: codes in words, all else as it was given.
func openedValue(w pages.RegisterWords, v *broker.MerchantValues, at merchants.Pointer) masking.Text {
	switch rest, certified := strings.CutPrefix(string(at), string(merchants.PointerCertifications)+"/"); {
	case at == merchants.PointerType:
		return masking.NewText(w.Named("type", string(v.Type)))
	case at == merchants.PointerResidential:
		return masking.NewText(w.Label("residential"))
	case certified:
		if n, err := strconv.Atoi(rest); err == nil && n < len(v.Certifications) {
			return masking.NewText(w.Named("certify", v.Certifications[n]))
		}
	}
	return v.Values[at]
}

// sendReviewDocument answers POST /desk/merchants/{id}/documents/{n} with a file. A
// form and no link, for it leaves an entry; to be saved, and never shown by us.
func (s *Server) sendReviewDocument(c *call) error {
	err := c.sameOrigin()
	if err == nil {
		err = c.admitPerson(reviewDeciders().justConfirmed())
	}
	var d broker.OpenedDocument
	if err == nil {
		d, err = s.reviewDocument(c)
	}
	if err != nil {
		return c.page(func(c *call) (sight, error) { return s.documentRefused(c, err) })
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.server.metrics.byStaff.WithLabelValues(reviewing).Inc()
	return c.handOver(strings.Clone(c.Params("id")), d.N, d.Shows, d.Content)
}

func (s *Server) reviewDocument(c *call) (broker.OpenedDocument, error) {
	id, err := c.merchantID()
	if err != nil {
		return broker.OpenedDocument{}, err
	}
	n, err := strconv.Atoi(c.Params("n"))
	if err != nil || n < 1 {
		return broker.OpenedDocument{}, broker.ErrNotFound
	}
	return s.Broker.OpenDocument(c.ctx, c.staff(), id, n)
}

// documentRefused leads back to the page, where who it is can be confirmed.
func (s *Server) documentRefused(c *call, err error) (sight, error) {
	if c.person == nil || !errors.Is(err, accounts.ErrConfirm) {
		return sight{}, err
	}
	return s.reviewAgain(c, nil, err)
}
