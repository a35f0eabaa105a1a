package web

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

func atTransaction(x fault.Field) bool { return strings.HasPrefix(x.Pointer, "/transaction") }

// glassPage is one session, with what this person can do with it.
func (s *Server) glassPage(c *call, sent *caseSent, wrong pages.Wrongs) (*pages.Glass, error) {
	id, err := c.glassID()
	if err != nil {
		return nil, err
	}
	v, err := s.Broker.Glass(c.ctx, c.staff(), id)
	if err != nil {
		return nil, err
	}
	row := s.glassRow(c, &v)
	p := &pages.Glass{
		Shell: pages.Shell{Title: wrong.Title(row.Reason), Jump: pages.Choice{Code: "acts", Text: "Skip to what you can do"}}, GlassRow: row, Account: string(c.person.Account),
		EndedBy: v.EndedBy, By: v.Reviewer, Ended: whenSet(v.EndedAt), Reviewed: whenSet(v.Reviewed), Text: v.Text, Review: v.Review,
	}
	if p.Confirm, err = s.confirming(c, &p.Shell, wrong); err != nil {
		return nil, err
	}
	for i := range v.Seen {
		x := &v.Seen[i]
		what := make([]string, len(x.Fields))
		for j, f := range x.Fields {
			what[j] = fieldWords(f)
		}
		p.Seen = append(p.Seen, pages.GlassSeen{Party: string(x.Subject), What: strings.ToLower(strings.Join(what, ", ")), At: x.At, Index: x.Index, Told: whenSet(x.Told)})
	}
	s.glassForms(c, p, &v, sent, wrong)
	if p.Forms == nil && p.Sides == nil && v.State != broker.GlassReviewed {
		p.NoForm = "Nothing, as it stands: a lead or a privacy officer of another hand reviews it."
	}
	if p.Forms == nil && p.NoForm == "" {
		p.Jump = pages.Choice{}
	}
	return p, nil
}

func whenSet(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (s *Server) glassForms(c *call, p *pages.Glass, v *broker.GlassView, sent *caseSent, wrong pages.Wrongs) {
	path := glassDesk + "/" + string(v.ID)
	if slices.Contains(v.Allowed, broker.ReviewGlass) {
		outcomes := []pages.Choice{{Text: choose}}
		for _, o := range broker.GlassOutcomes() {
			outcomes = append(outcomes, pages.Choice{Code: o, Text: glassOutcomeWords(o)})
		}
		p.Forms = append(p.Forms, pages.CaseForm{
			Event: string(broker.ReviewGlass), Name: "review", Path: path, Label: "Review it", Do: "Say so", Main: true, Confirm: p.Confirm,
			Note:   "Was there no other way, and was no more seen than was needed? The person sees what you find.",
			Fields: []pages.CaseField{one("outcome", "What you find", outcomes), area("text", "Why", "Kept sealed, for those who lead and for the opener.", true)},
		})
	}
	if slices.Contains(v.Allowed, broker.EndGlass) {
		p.Forms = append(p.Forms, pages.CaseForm{
			Event: string(broker.EndGlass), Name: "end", Path: path, Label: "End it now", Do: "End the session", Main: true,
			Note: "It ends by itself at " + v.Until.UTC().Format("15:04 UTC") + ". Its review is due a day after its end.",
		})
	}
	for i := range p.Forms {
		sent.into(&p.Forms[i], wrong)
	}
	if !slices.Contains(v.Allowed, broker.GlassReveal) {
		return
	}
	p.Sides = []pages.CaseSide{{Role: "buyer", Party: string(v.Buyer)}, {Role: "seller", Party: string(v.Seller)}}
	for i := range p.Sides {
		s.glassSide(c, p, &p.Sides[i], path, sent, wrong)
	}
}

// glassSide are the masked fields of a side, with the form that reveals them.
func (s *Server) glassSide(c *call, p *pages.Glass, side *pages.CaseSide, path string, sent *caseSent, wrong pages.Wrongs) {
	boxes := pages.CaseField{Name: "fields", Label: "Fields", Kind: "checks"}
	for _, f := range masking.Fields() {
		side.Fields = append(side.Fields, pages.Choice{Code: string(f), Text: fieldWords(f)})
		boxes.Options = append(boxes.Options, pages.Choice{Code: "field_" + string(f), Text: fieldWords(f)})
	}
	side.Form = &pages.CaseForm{
		Event: string(broker.GlassReveal), Name: "reveal-" + side.Role, Path: path, Label: "Reveal…", Do: "Reveal, and log it", Confirm: p.Confirm,
		Note: "The ledger will say: your account and role, which fields, the session and the time. The " + side.Role +
			" is told that staff looked in an emergency. It counts against what you may reveal in a day.",
		Hidden: []pages.Choice{{Code: "subject", Text: side.Party}}, Fields: []pages.CaseField{boxes},
	}
	if c.person.Role != accounts.Handler { // whoever leads can have a person told later
		later, until := one("delay", "Tell the person later", choices(broker.RevealDelays(), "No: at once")), daysField(s, "Then", false)
		later.Required = false
		until.Options = append([]pages.Choice{{Text: "At once"}}, until.Options...)
		side.Form.Fields = append(side.Form.Fields, later, until)
	}
	if sent != nil && sent.event == side.Form.Event && sent.text("subject") != side.Party {
		(*caseSent)(nil).into(side.Form, nil)
		return
	}
	sent.into(side.Form, wrong)
}

// mostGlassNotes is how many sessions a desk speaks of at once.
const mostGlassNotes = 20

// glassNotes are what a desk says first of sessions: to those who lead, that one is open
// or waits for its review; to whoever has opened one, that it is open, or overdue.
func (s *Server) glassNotes(c *call) ([]pages.GlassNote, error) {
	if !those(deciders()...).has(c.person.Role) {
		return nil, nil
	}
	all, _, err := s.Broker.Glasses(c.ctx, c.staff(), broker.GlassFilter{Unreviewed: true, Limit: mostGlassNotes})
	if err != nil {
		return nil, err
	}
	var notes []pages.GlassNote
	var due []*broker.GlassView
	for i := range all {
		v := &all[i]
		path, mine := glassDesk+"/"+string(v.ID), v.Account == string(c.person.Account)
		left, _, _ := leftUntil(v.Until, v.Now)
		switch {
		case v.State == broker.GlassOpen && mine:
			notes = append(notes, pages.GlassNote{Text: "Your break-glass session is open: " + left + ".", Address: path, Link: "Go on with it"})
		case v.State == broker.GlassOpen:
			notes = append(notes, pages.GlassNote{Text: "A break-glass session is open, by " + v.Account + ": " + left + ".", Address: path, Link: "Look at it"})
		case mine && v.State == broker.GlassOverdue:
			notes = append(notes, pages.GlassNote{Text: "A break-glass session of yours was not reviewed in time: until it is, you see no values.", Address: path, Link: "Look at it", Late: true})
		case !mine:
			due = append(due, v)
		}
	}
	if len(due) == 0 {
		return notes, nil
	}
	left, late, _ := leftUntil(due[0].Due, due[0].Now)
	n := pages.GlassNote{Text: fmt.Sprintf("%d break-glass sessions to review, the first ", len(due)), Address: glassDesk, Link: "Review them", Late: late}
	if len(due) == 1 {
		n.Text, n.Address, n.Link = "1 break-glass session to review, ", glassDesk+"/"+string(due[0].ID), "Review it"
	}
	if !late {
		left = "due in " + strings.TrimSuffix(left, " left")
	}
	n.Text += left + "."
	return append(notes, n), nil
}
