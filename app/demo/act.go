package demo

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// showOrder answers GET /. It opens nothing: a reload is a look, not a view.
func (m *demo) showOrder(c *fiber.Ctx) (reply, error) {
	ctx := c.UserContext()
	id := broker.TransactionID(c.Query("order"))
	if id == "" {
		var err error
		if id, err = m.newest(ctx); err != nil {
			return reply{}, err
		}
	}
	s, err := m.heard(ctx, c, id)
	if err != nil {
		return reply{}, err
	}
	p, err := m.firstSight(ctx, id, s)
	return see(p), err
}

// form is what every button of a pane sends.
type form struct {
	order broker.TransactionView
	role  necessity.Role
	party broker.PartyID
	once  string
}

var errForm = fault.New(fault.Invalid, "unknown_form", "this form is not one of ours")

func (m *demo) form(c *fiber.Ctx) (form, error) {
	v, err := m.order(c.UserContext(), broker.TransactionID(c.FormValue("order")))
	if err != nil {
		return form{}, err
	}
	f := form{order: v, role: necessity.Role(c.FormValue("role")), once: c.FormValue("once")}
	if !slices.Contains(necessity.Roles(), f.role) || !masking.ValidID(f.once) || len(f.once) > 64 {
		return form{}, errForm
	}
	f.party = partyOf(v, f.role).ID
	return f, nil
}

// outcome is that of the form itself: the same form again is the same request.
func (m *demo) outcome(f form, action, about string) *broker.Outcome {
	body := string(f.order.ID) + "\n" + string(f.party) + "\n" + about
	return m.Broker.NewOutcome(caller(), "demonstration/"+action, f.once+"/"+about, []byte(body))
}

// back leads to the order, with what is to be said there; the fragment scrolls.
func (f form) back(query url.Values) reply {
	query.Set("order", string(f.order.ID))
	return seeOther("/?" + query.Encode() + "#" + string(f.role))
}

// refuse shows the order with what was wrong; what is our fault is not for there.
func (m *demo) refuse(ctx context.Context, f form, err error) (reply, error) {
	e := fault.Of(err)
	if e.Kind == fault.Internal {
		return reply{}, err
	}
	a := &pages.Answer{Tone: "error", Headline: "That was not done", Sentence: sentence(e.Detail)}
	for _, x := range e.Fields {
		a.Sentence = ""
		a.Reasons = append(a.Reasons, sentence(x.Detail))
	}
	p, err := m.firstSight(ctx, f.order.ID, said{role: f.role, answer: a, entry: -1})
	return with(statusOf(e), p), err
}

// perform answers POST /demo/perform: the platform attests a part.
func (m *demo) perform(c *fiber.Ctx) (reply, error) {
	return m.move(c, "did", func(f form, o broker.ObligationView) (string, error) {
		return amount(f.order, o, c.FormValue("part"))
	}, func(ctx context.Context, id broker.TransactionID, in broker.PerformanceInput, once *broker.Outcome) error {
		_, _, err := m.Broker.Perform(ctx, caller(), id, in, once)
		return err
	})
}

// reverse answers POST /demo/reverse: all that was done is taken back.
func (m *demo) reverse(c *fiber.Ctx) (reply, error) {
	return m.move(c, "undid", func(_ form, o broker.ObligationView) (string, error) {
		return o.Done, nil
	}, func(ctx context.Context, id broker.TransactionID, in broker.PerformanceInput, once *broker.Outcome) error {
		_, _, err := m.Broker.Reverse(ctx, caller(), id, in, once)
		return err
	})
}

type mover func(context.Context, broker.TransactionID, broker.PerformanceInput, *broker.Outcome) error

func (m *demo) move(c *fiber.Ctx, word string, much func(form, broker.ObligationView) (string, error), do mover) (reply, error) {
	ctx := c.UserContext()
	f, err := m.form(c)
	if err != nil {
		return reply{}, err
	}
	id := broker.Obligation(c.FormValue("obligation"))
	query := url.Values{word: {string(id)}}
	once := m.outcome(f, word, string(id)+"/"+c.FormValue("part"))
	if done, err := m.Broker.Store.Outcome(ctx, once.Key); err == nil {
		query.Set("entry", strconv.FormatInt(done.Index, 10))
		return f.back(query), nil
	}
	i := slices.IndexFunc(f.order.Obligations, func(o broker.ObligationView) bool { return o.ID == id })
	if i < 0 {
		return m.refuse(ctx, f, broker.ErrUnknownObligation)
	}
	in := broker.PerformanceInput{Obligation: id, PerformedAt: m.Now(), Reference: "demonstration-" + f.once + "-" + c.FormValue("part")}
	if in.Done, err = much(f, f.order.Obligations[i]); err == nil {
		err = do(ctx, f.order.ID, in, once)
	}
	if err != nil {
		return m.refuse(ctx, f, err)
	}
	if done, err := m.Broker.Store.Outcome(ctx, once.Key); err == nil {
		query.Set("entry", strconv.FormatInt(done.Index, 10))
	}
	return f.back(query), nil
}

// ask answers POST /demo/ask. A refusal holds no value, so it is shown at an
// address of its own. What was granted stands in this one answer: sent again,
// the form is the same request, and shows its decision without values.
func (m *demo) ask(c *fiber.Ctx) (reply, error) {
	ctx := c.UserContext()
	f, err := m.form(c)
	if err != nil {
		return reply{}, err
	}
	in := broker.DisclosureInput{
		Transaction: f.order.ID, Requester: f.party, Purpose: necessity.Purpose(c.FormValue("purpose")),
		Fields: masking.Fields(), Reveal: true,
	}
	if !slices.Contains(necessity.Purposes(), in.Purpose) {
		return m.refuse(ctx, f, broker.ErrUnknownPurpose)
	}
	d, replayed, err := m.Broker.Disclose(ctx, caller(), in, m.outcome(f, "ask", string(in.Purpose)))
	if err != nil {
		return m.refuse(ctx, f, err)
	}
	if replayed || d.Decision != "granted" {
		return f.back(url.Values{"asked": {string(d.ID)}}), nil
	}
	return m.open(ctx, f, d, decided(d))
}

// view answers POST /demo/view: one more entry, and the values once more.
func (m *demo) view(c *fiber.Ctx) (reply, error) {
	ctx := c.UserContext()
	f, err := m.form(c)
	if err != nil {
		return reply{}, err
	}
	id := broker.DisclosureID(c.FormValue("disclosure"))
	if _, ok := id.Bytes(); !ok {
		return reply{}, broker.ErrNotFound
	}
	d, replayed, err := m.Broker.View(ctx, caller(), id, f.party, m.outcome(f, "view", string(id)))
	if err != nil {
		return m.refuse(ctx, f, err)
	}
	if replayed {
		return f.back(url.Values{"viewed": {string(id)}, "entry": {strconv.FormatInt(d.Place.Index, 10)}}), nil
	}
	return m.open(ctx, f, d, viewed(d))
}

// open is the one page with values; no cache keeps it.
func (m *demo) open(ctx context.Context, f form, d broker.DisclosureView, a *pages.Answer) (reply, error) {
	p, err := m.firstSight(ctx, f.order.ID, said{role: f.role, answer: a, opened: &d, entry: d.Place.Index})
	return see(p), err
}

// revoke answers POST /demo/revoke.
func (m *demo) revoke(c *fiber.Ctx) (reply, error) {
	ctx := c.UserContext()
	f, err := m.form(c)
	if err != nil {
		return reply{}, err
	}
	id := broker.DisclosureID(c.FormValue("disclosure"))
	if _, ok := id.Bytes(); !ok {
		return reply{}, broker.ErrNotFound
	}
	found, err := m.Broker.Disclosure(ctx, id, f.party)
	if err == nil && found.Transaction != f.order.ID {
		err = broker.ErrNotFound
	}
	if err != nil {
		return reply{}, err
	}
	d, _, err := m.Broker.Revoke(ctx, caller(), id, "no_longer_needed", m.outcome(f, "revoke", string(id)))
	if errors.Is(err, broker.ErrNotFound) {
		return reply{}, err
	}
	if err != nil {
		return m.refuse(ctx, f, err)
	}
	return f.back(url.Values{"revoked": {string(id)}, "entry": {strconv.FormatInt(d.Place.Index, 10)}}), nil
}
