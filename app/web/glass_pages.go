package web

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// glassDesk is where break-glass sessions are at the desk.
const glassDesk = "/desk/break-glass"

// glassPageRoutes are the pages of break-glass sessions.
func (s *Server) glassPageRoutes() []*route {
	page := func(method, template string, handle func(*call) (sight, error), queries ...string) *route {
		return &route{method, template, nil, queries, func(c *call) error { return c.page(handle) }, operation{desk: true, keeps: method == http.MethodPost}}
	}
	return []*route{
		page(http.MethodGet, glassDesk, s.showGlassDesk, "transaction", "case", "after"),
		page(http.MethodPost, glassDesk, s.sendGlassDesk),
		page(http.MethodGet, glassDesk+"/{id}", s.showGlassPage, "done"),
		page(http.MethodPost, glassDesk+"/{id}", s.sendGlassPage),
	}
}

// showGlassDesk answers GET /desk/break-glass.
func (s *Server) showGlassDesk(c *call) (sight, error) {
	if err := c.admitPerson(caseReaders()); err != nil {
		return sight{}, err
	}
	p, err := s.glassDeskPage(c, nil, nil)
	if err != nil {
		return sight{}, err
	}
	return seen(*p)
}

func (s *Server) glassDeskPage(c *call, sent *caseSent, wrong pages.Wrongs) (*pages.GlassDesk, error) {
	p := &pages.GlassDesk{Shell: pages.Shell{Title: wrong.Title("Break glass")}, Account: string(c.person.Account), Empty: "There was none yet."}
	all, next, err := s.Broker.Glasses(c.ctx, c.staff(), broker.GlassFilter{After: c.params["after"], Limit: queueLength})
	if err != nil {
		return nil, err
	}
	for i := range all {
		p.Rows = append(p.Rows, s.glassRow(c, &all[i]))
	}
	if next != "" {
		p.Next = glassDesk + "?" + url.Values{"after": {next}}.Encode()
	}
	if c.params["after"] != "" {
		p.First = glassDesk
	}
	if p.Notes, err = s.glassNotes(c); err != nil {
		return nil, err
	}
	if p.Confirm, err = s.confirming(c, &p.Shell, wrong); err != nil {
		return nil, err
	}
	if !those(deciders()...).has(c.person.Role) {
		p.NoForm = "You read sessions, and open none."
		return p, nil
	}
	p.Form = &pages.CaseForm{
		Event: string(broker.BreakGlass), Name: "open", Path: glassDesk, Do: "Break the glass", Main: true, Confirm: p.Confirm,
		Note: "The ledger will say: your account and role, the transaction, the reason and the time. Your words are sealed; those who review the session read them.",
		Fields: []pages.CaseField{
			{Name: "about", Label: "Transaction or case", Hint: "Its id. A session is about one.", Kind: "text", Required: true, Most: 128},
			one("reason", "Reason", glassReasonChoices()),
			area("text", "What has happened", "And why nothing else will do: at least 20 characters.", true),
		},
	}
	p.Form.Fields[0].Typed = masking.NewText(cmp.Or(c.params["case"], c.params["transaction"]))
	sent.into(p.Form, wrong)
	return p, nil
}

func glassReasonChoices() []pages.Choice {
	all := []pages.Choice{{Text: choose}}
	for _, r := range broker.GlassReasons() {
		all = append(all, pages.Choice{Code: r, Text: glassReasonWords(r)})
	}
	return all
}

func (s *Server) glassRow(c *call, v *broker.GlassView) pages.GlassRow {
	x := pages.GlassRow{
		ID: string(v.ID), Reason: glassReasonWords(v.Reason), State: plainly(string(v.State)), Chip: glassChip(v.State), Transaction: string(v.Of), Dispute: string(v.Dispute),
		Opener: v.Account, Role: roleWords(accounts.Role(v.Role)), Mine: v.Account == string(c.person.Account), Reveals: v.Reveals, Opened: v.OpenedAt,
	}
	if v.Outcome != "" {
		x.Outcome = glassOutcomeWords(v.Outcome)
	}
	switch v.State {
	case broker.GlassOpen:
		x.Due, x.Soon = &v.Until, true
	case broker.GlassOver, broker.GlassOverdue:
		x.Due = &v.Due
	default: // nothing is due any more
	}
	if x.Due != nil {
		x.Left, x.Late, _ = leftUntil(*x.Due, v.Now)
		switch {
		case x.Late:
			x.Left = "review " + x.Left
		case v.State != broker.GlassOpen:
			x.Left += " to review it"
		}
	}
	return x
}

// glassWork is what a page of sessions does with its forms. Only an end asks nobody who
// he is: it takes something away.
func (s *Server) glassWork(path string, do func(*call, *caseSent) (sight, error), show func(*call, *caseSent, pages.Wrongs) (pages.Work, error)) deskWork {
	again := func(c *call, f *caseSent, err error) (sight, error) {
		return c.workAgain(f, err, func(wrong pages.Wrongs) (pages.Work, error) { return show(c, f, wrong) })
	}
	return deskWork{
		at: path, who: those(deciders()...), read: (*call).caseSent, again: again,
		asks: func(event string) bool { return event != string(broker.EndGlass) },
		do: func(c *call, f *caseSent) (sight, error) {
			done, err := do(c, f)
			if err != nil {
				return again(c, f, err)
			}
			return done, nil
		},
	}
}

// sendGlassDesk answers POST /desk/break-glass.
func (s *Server) sendGlassDesk(c *call) (sight, error) {
	return s.work(c, s.glassWork(glassDesk, func(c *call, f *caseSent) (sight, error) {
		if f.event != string(broker.BreakGlass) {
			return sight{}, errRequest
		}
		b := glassBody{Reason: f.text("reason"), Text: f.given["text"]}
		about := f.text("about")
		if b.Transaction = about; broker.IsCaseID(about) {
			b.Transaction, b.Dispute = "", about
		}
		in, err := b.input()
		if about == "" {
			err = fault.At("/about", "required", "this is missing")
		}
		var v broker.GlassView
		if err == nil {
			v, _, err = s.Broker.BreakGlass(c.ctx, c.staff(), in, nil)
		}
		if errors.Is(err, broker.ErrNotFound) || slices.ContainsFunc(faultOf(err).Fields, atTransaction) {
			err = fault.At("/about", "not_found", "there is no transaction and no case of this id")
		}
		return sight{to: glassDesk + "/" + string(v.ID) + "?done=" + string(broker.BreakGlass)}, err
	}, func(c *call, f *caseSent, wrong pages.Wrongs) (pages.Work, error) {
		return s.glassDeskPage(c, f, wrong)
	}))
}

// showGlassPage answers GET /desk/break-glass/{id}.
func (s *Server) showGlassPage(c *call) (sight, error) {
	if err := c.admitPerson(caseReaders()); err != nil {
		return sight{}, err
	}
	p, err := s.glassPage(c, nil, nil)
	if err != nil {
		return sight{}, err
	}
	p.Done = glassDone(p, states.Event(c.params["done"]))
	return seen(*p)
}

// glassDone says what this person did last with the session, if the address says the same.
func glassDone(p *pages.Glass, done states.Event) string {
	switch {
	case done == broker.BreakGlass && p.Mine && p.Ended == nil:
		return "It is open, and those who lead are paged."
	case done == broker.EndGlass && p.EndedBy == p.Account && p.Reviewed == nil:
		return "It has ended. Somebody of another hand reviews it within a day."
	case done == broker.ReviewGlass && p.By == p.Account:
		return "It is reviewed."
	}
	return ""
}

// sendGlassPage answers POST /desk/break-glass/{id}.
func (s *Server) sendGlassPage(c *call) (sight, error) {
	id, err := c.glassID()
	if err != nil {
		return sight{}, err
	}
	path := glassDesk + "/" + string(id)
	return s.work(c, s.glassWork(path, func(c *call, f *caseSent) (sight, error) {
		var err error
		switch states.Event(f.event) {
		case broker.GlassReveal:
			return s.glassReveal(c, id, f)
		case broker.EndGlass:
			_, _, err = s.Broker.EndGlass(c.ctx, c.staff(), id, nil)
		case broker.ReviewGlass:
			var wrong mistakes
			oneOf("/outcome", f.text("outcome"), broker.GlassOutcomes(), &wrong)
			text := prose(f.given["text"], "/text", true, &wrong)
			if err = wrong.err(); err == nil {
				_, _, err = s.Broker.ReviewGlass(c.ctx, c.staff(), id, f.text("outcome"), text, nil)
			}
		default:
			err = errRequest
		}
		return sight{to: path + "?done=" + f.event}, err
	}, func(c *call, f *caseSent, wrong pages.Wrongs) (pages.Work, error) { return s.glassPage(c, f, wrong) }))
}

// glassReveal shows values once, on a page that nobody keeps.
func (s *Server) glassReveal(c *call, id broker.GlassID, f *caseSent) (sight, error) {
	look := *f // what nobody has typed is not kept
	look.given = maps.Clone(f.given)
	look.given["purpose"], look.given["reason"] = masking.NewText(broker.RevealPurposes()[0]), masking.NewText(broker.ReasonsFor(broker.LookInto)[0])
	in, err := s.caseReveal(&look)
	if err != nil {
		return sight{}, err
	}
	r, _, err := s.Broker.RevealGlass(c.ctx, c.staff(), id, broker.GlassLook{Subject: in.Subject, Fields: in.Fields, Delay: in.Delay, Until: in.Until}, nil)
	if errors.Is(err, broker.ErrNothingToOpen) {
		err = broker.ErrNothingToOpen.Pointing("/fields")
	}
	if err != nil {
		return sight{}, err
	}
	s.metrics.byStaff.WithLabelValues(broker.ForEmergency).Inc()
	v, err := s.Broker.Glass(c.ctx, c.staff(), id)
	if err != nil {
		return sight{}, err
	}
	p := pages.GlassValues{
		Shell: pages.Shell{Title: "What you revealed"}, Session: string(id), Role: "seller", Party: string(in.Subject), Reason: glassReasonWords(v.Reason),
		Index: r.Place.Index, Seconds: remaskAfter,
	}
	if in.Subject == v.Buyer {
		p.Role = "buyer"
	}
	if in.Delay != "" {
		p.Told = &in.Until
	}
	for _, x := range masking.Fields() {
		if value, ok := r.Values[x]; ok {
			p.Fields = append(p.Fields, pages.CaseValue{Label: fieldWords(x), Value: value})
		}
	}
	c.Set("Refresh", strconv.Itoa(remaskAfter)+"; url="+glassDesk+"/"+string(id))
	return seen(p)
}
