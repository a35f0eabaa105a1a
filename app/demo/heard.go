package demo

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// heard reads from the address what was done just before, and says it again
// from what is stored: nothing that an address says is repeated on a page.
func (m *demo) heard(ctx context.Context, c *fiber.Ctx, id broker.TransactionID) (said, error) {
	s := silent()
	if n, err := strconv.ParseInt(c.Query("entry"), 10, 64); err == nil && n >= 0 {
		s.entry = n
	}
	for word, about := range map[string]func(broker.DisclosureView) *pages.Answer{
		"asked": decided, "viewed": seenBefore, "revoked": ended,
	} {
		if c.Query(word) == "" {
			continue
		}
		return m.heardOf(ctx, s, id, broker.DisclosureID(c.Query(word)), about)
	}
	for word, about := range map[string]func(broker.TransactionView, broker.ObligationView) *pages.Answer{
		"did": performed, "undid": reversed,
	} {
		if c.Query(word) == "" {
			continue
		}
		v, err := m.order(ctx, id)
		if err != nil {
			return s, err
		}
		for _, o := range v.Obligations {
			if string(o.ID) == c.Query(word) {
				s.role, s.answer = o.Debtor, about(v, o)
			}
		}
	}
	return s, nil
}

// heardOf is about a disclosure of this order; another one's is not there.
func (m *demo) heardOf(ctx context.Context, s said, id broker.TransactionID, d broker.DisclosureID, about func(broker.DisclosureView) *pages.Answer) (said, error) {
	if _, ok := d.Bytes(); !ok {
		return s, broker.ErrNotFound
	}
	v, err := m.Broker.Disclosure(ctx, d, "")
	if err == nil && v.Transaction != id {
		err = broker.ErrNotFound
	}
	if err != nil {
		return s, err
	}
	facts, err := m.order(ctx, id)
	if err != nil {
		return s, err
	}
	s.role = necessity.Buyer
	if facts.Seller.ID == v.Requester {
		s.role = necessity.Seller
	}
	if s.entry < 0 {
		s.entry = v.Place.Index
	}
	s.answer = about(v)
	return s, nil
}

// decided says what a request led to.
func decided(d broker.DisclosureView) *pages.Answer {
	label, _ := purposeWords(d.Purpose)
	label = strings.ToLower(label)
	switch d.Decision {
	case "granted":
		var fields []masking.Field
		for _, o := range d.Fields {
			if o.Outcome == necessity.Granted {
				fields = append(fields, o.Field)
			}
		}
		a := &pages.Answer{Tone: "granted", Headline: "Granted to " + label + ", under ground " + string(d.Ground)}
		a.Sentence = upper(join(fieldList(fields))) + opensFor(d, len(fields))
		a.Reasons = []string{groundWords(d.Ground)}
		return a
	case "pending":
		return &pages.Answer{
			Tone: "pending", Headline: "Pending: a person decides about " + label,
			Sentence: "Nothing is open yet. The request is recorded with everything that the decision needs.",
		}
	}
	a := &pages.Answer{Tone: "refused", Headline: "Refused: nothing opens to " + label}
	for _, r := range d.Reasons {
		if r.Code == necessity.NotNecessary && len(d.Reasons) > 1 {
			continue // some field always is; what could be done about it comes from the others
		}
		a.Reasons = append(a.Reasons, sentence(r.Detail))
		a.Missing = append(a.Missing, missing(r.Missing)...)
	}
	a.Missing = slices.Compact(a.Missing)
	return a
}

func opensFor(d broker.DisclosureView, fields int) string {
	verb := " are"
	if fields == 1 {
		verb = " is"
	}
	if len(d.Values) == 0 {
		return verb + " granted; view the grant to open them once more."
	}
	return fmt.Sprintf("%s open in this answer, and in %d more views until %s.", verb, d.ViewsLeft, moment(d.ExpiresAt))
}

func viewed(d broker.DisclosureView) *pages.Answer {
	a := &pages.Answer{
		Tone: "granted", Headline: "Viewed once more, under ground " + string(d.Ground),
		Sentence: fmt.Sprintf("This view is an entry of its own. %d are left until %s.", d.ViewsLeft, moment(d.ExpiresAt)),
	}
	if len(d.Superseded) > 0 {
		a.Reasons = append(a.Reasons, "Left out, because the value has changed since the decision: "+join(fieldList(d.Superseded))+".")
	}
	return a
}

// seenBefore answers a view that was sent twice.
func seenBefore(broker.DisclosureView) *pages.Answer {
	return &pages.Answer{
		Tone: "done", Headline: "That view was shown already",
		Sentence: "A page that is sent again shows no value twice. View the grant again for one more entry.",
	}
}

func ended(broker.DisclosureView) *pages.Answer {
	return &pages.Answer{Tone: "done", Headline: "The grant is revoked", Sentence: "It opens nothing any more, and never will again."}
}

func performed(v broker.TransactionView, o broker.ObligationView) *pages.Answer {
	return &pages.Answer{Tone: "done", Headline: obligationWords(o.ID) + ": attested by the platform", Sentence: standing(v, o)}
}

func reversed(v broker.TransactionView, o broker.ObligationView) *pages.Answer {
	return &pages.Answer{
		Tone: "done", Headline: obligationWords(o.ID) + ": taken back",
		Sentence: "Every live grant of this order was decided again on the new facts, in the same commit. " + standing(v, o),
	}
}

func standing(v broker.TransactionView, o broker.ObligationView) string {
	unit := ""
	if isMoney(o.ID) {
		unit = " " + string(v.Amount.Currency)
	}
	return fmt.Sprintf("It now stands at %s of %s%s.", o.Done, o.Due, unit)
}

// join lists words as one says them.
func join(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
