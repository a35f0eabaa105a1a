package web

import (
	"cmp"
	"slices"
	"strconv"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// sendReview answers POST /desk/merchants/{id}: all that is decided about a registration.
func (s *Server) sendReview(c *call) (sight, error) {
	return s.work(c, s.reviewWork(c))
}

func (s *Server) reviewWork(c *call) deskWork {
	return deskWork{at: c.reviewPath(), who: reviewDeciders(), read: (*call).reviewSent, asks: asksWhoReviews, do: s.doInReview, again: s.reviewAgain}
}

func (c *call) reviewPath() string {
	id, err := c.merchantID()
	if err != nil {
		return reviewDesk
	}
	return reviewDesk + "/" + string(id)
}

func asksWhoReviews(event string) bool {
	return slices.ContainsFunc(reviewActs(), func(a reviewAct) bool { return string(a.event) == event && a.decides })
}

// mostReviewed is more fields than a registration has.
const mostReviewed = 512

// reviewSent reads a form of a registration, whoever sends it.
func (c *call) reviewSent() (*caseSent, error) {
	names := []string{"event", "version", "hash", "note", "source", "method", "purpose", "reason", typedAs, wasEvent}
	for _, a := range reviewActs() {
		names = append(names, whyName(a.event))
	}
	for i := range mostReviewed {
		names = append(names, sourceOf(i), methodOf(i))
	}
	return c.sent(names)
}

// The names of the choices of one act, and of one field.
func whyName(e states.Event) string { return "reason_" + string(e) }
func sourceOf(field int) string     { return "source." + strconv.Itoa(field) }
func methodOf(field int) string     { return "method." + strconv.Itoa(field) }

// chosen is a choice of one of a list, of which none is made beforehand.
func chosen(name, label string, codes []string) pages.CaseField {
	f := one(name, label, []pages.Choice{{Text: choose}})
	f.Form = "review"
	for _, code := range codes {
		f.Options = append(f.Options, pages.Choice{Code: code, Text: plainly(code)})
	}
	return f
}

// checksOn asks how the fields were verified: all in one way, doubtful ones in another.
func checksOn(p *pages.Review) {
	p.Checks = []pages.CaseField{chosen("source", "By what", broker.CheckSources()), chosen("method", "How", broker.CheckMethods())}
	for i := range p.Fields {
		f := &p.Fields[i]
		if f.Chip == "chip-live" {
			continue
		}
		var row []pages.Select
		for _, x := range []pages.CaseField{
			chosen(sourceOf(f.N), f.Label+": by what", broker.CheckSources()), chosen(methodOf(f.N), f.Label+": how", broker.CheckMethods()),
		} {
			x.Options[0].Text = "As the others"
			row = append(row, pages.Select{Name: x.Name, Label: x.Label, Options: x.Options})
		}
		p.Unchecked = append(p.Unchecked, row)
	}
}

// intoReview puts what was written and chosen back, and what was wrong beside it.
func (s *caseSent) intoReview(p *pages.Review, wrong pages.Wrongs) {
	fields, there := []pages.CaseField{{Name: "note"}}, len(p.Acts) > 0
	if s != nil && s.event == revealCase {
		there = p.Look != nil
	}
	if p.Look != nil {
		if s.into(p.Look, wrong); s != nil && s.event == p.Look.Event {
			fields = append(fields, p.Look.Fields...)
		}
	}
	back := func(f *pages.CaseField) {
		f.Wrong = wrong[f.Name]
		if s != nil {
			f.Typed = s.given[f.Name]
		}
		fields = append(fields, *f)
	}
	for i := range p.Checks {
		back(&p.Checks[i])
	}
	for i := range p.Acts {
		if f := p.Acts[i].Reason; f != nil {
			back(f)
		}
	}
	if p.NoteWrong = wrong["note"]; s != nil {
		p.Note = s.given["note"]
		for _, row := range p.Unchecked {
			for i := range row {
				row[i].Chosen = s.text(row[i].Name)
			}
		}
		if !there && s.event != takeOver {
			p.Kept = s.wrote()
		}
		if p.Open != "" && len(p.Kept) > 0 {
			p.Was, p.Carried = s.event, s.carried()
		}
	}
	if len(wrong) > 0 {
		p.Wrong = besides(fields, wrong)
	}
}

func (s *Server) doInReview(c *call, f *caseSent) (sight, error) {
	v, err := s.reviewOf(c)
	if err != nil {
		return sight{}, err
	}
	if f.event == takeOver {
		return s.takeOver(c, string(v.ID), f, s.reviewWork(c))
	}
	m, err := s.reviewedOnPage(&v, f)
	if err == nil {
		_, _, err = s.Broker.MoveMerchant(c.ctx, c.staff(), v.ID, m, nil)
	}
	if err != nil {
		return s.reviewAgain(c, f, err)
	}
	return goTo(c.reviewPath() + "?done=" + f.event)
}

// errMoved: what the person has looked at is not what there is.
var errMoved = fault.New(fault.Conflict, "other_version", "the merchant has changed it meanwhile: look at it again")

// reviewedOnPage reads the form; its codes are held against the lists.
func (s *Server) reviewedOnPage(v *broker.MerchantReview, f *caseSent) (broker.MerchantMove, error) {
	m := broker.MerchantMove{Event: states.Event(f.event)}
	var wrong mistakes
	m.Note = note(f.given["note"], &wrong)
	if f.text("version") != strconv.Itoa(v.Version) {
		return m, errMoved
	}
	if v.State == merchants.Proposed && m.Event == merchants.Approve { // the hash says all
		var ok bool
		if m.Hash, ok = planOf(f.text("hash")); !ok {
			return m, errRequest
		}
		return m, wrong.err()
	}
	choice := func(name string) string {
		code := f.text(name)
		if code == "" {
			wrong.add("/"+name, "required", "choose one")
		}
		return code
	}
	if codes := broker.MerchantReasons(m.Event); codes != nil {
		if m.Reason = choice(whyName(m.Event)); m.Reason != "" && !slices.Contains(codes, m.Reason) {
			return m, errRequest
		}
	}
	if m.Event == merchants.Approve || m.Event == merchants.Propose {
		choice("source")
		choice("method")
		m.Checks = s.checksOf(v, f.given)
	}
	return m, wrong.err()
}

// checksOf is how the fields were verified: all in one way, some in another one.
func (s *Server) checksOf(v *broker.MerchantReview, given map[string]masking.Text) []broker.FieldCheck {
	now := s.Now().UTC()
	all := []broker.FieldCheck{{Source: given["source"].Reveal(), Method: given["method"].Reveal(), At: now}}
	for i := range v.Fields {
		source, method := given[sourceOf(i)].Reveal(), given[methodOf(i)].Reveal()
		if source == "" && method == "" {
			continue
		}
		if source == "" {
			source = all[0].Source
		}
		if method == "" {
			method = all[0].Method
		}
		all = append(all, broker.FieldCheck{Pointer: v.Fields[i].Pointer, Source: source, Method: method, At: now})
	}
	return all
}

// reviewAgain shows the registration as it stands by now, with what was wrong, and what was
// written still in its form. Without an error it asks to look, and to send it again.
func (s *Server) reviewAgain(c *call, f *caseSent, err error) (sight, error) {
	wrong, other := wrongOn(err)
	if other != nil {
		return sight{}, other
	}
	v, broken := s.reviewOf(c)
	if broken != nil {
		return sight{}, broken
	}
	if f != nil && f.event == takeOver { // where what was written belongs
		f.event = cmp.Or(f.text(wasEvent), takeOver)
	}
	p, broken := s.reviewPage(c, &v, f, wrong)
	if broken != nil {
		return sight{}, broken
	}
	if err == nil {
		p.Done = f.undone(len(p.Kept) == 0 && (len(p.Acts) > 0 || p.Look != nil), len(p.Kept) > 0)
		return seen(p)
	}
	return c.refused(err, p)
}
