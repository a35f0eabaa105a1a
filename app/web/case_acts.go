package web

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// caseSent is what a form of the desk has sent.
type caseSent struct {
	event string
	given map[string]masking.Text
	match int64 // the moves that there were when the person looked
	seen  int64 // the newest entry then
}

// mostOfCaseForm is room for a text in any script, as forms send it.
const mostOfCaseForm = 128 << 10

// caseNames are the fields of all forms of a case; whoAsks are those that say who sends.
func caseNames() []string {
	names := []string{
		"event", "moves", "seen", "before", "hash", "reason", "text", "outcome", "amount", "reason_code", "clause", "findings", "more_buyer", "more_seller", "days",
		"item", "account", "kind", "subject", "purpose", "delay", "recipient", "views", "about",
	}
	for _, side := range broker.NoteSides() {
		names = append(names, notesName(side))
	}
	for _, side := range []disputes.Side{disputes.Buyer, disputes.Seller} {
		for _, t := range disputes.EvidenceTypes() {
			names = append(names, wantedName(disputes.Point{By: side, Type: t}))
		}
	}
	for _, f := range masking.Fields() {
		names = append(names, "field_"+string(f))
	}
	return names
}

func whoAsks() []string { return []string{"username", "email", "password", "code"} }

func (c *call) caseSent() (*caseSent, error) {
	given, err := c.formWithin(mostOfCaseForm, append(caseNames(), whoAsks()...)...)
	if err != nil {
		return nil, err
	}
	s := &caseSent{event: given["event"].Reveal(), given: given}
	var err1, err2 error
	s.match, err1 = strconv.ParseInt(s.text("moves"), 10, 64)
	s.seen, err2 = strconv.ParseInt(s.text("seen"), 10, 64)
	if err1 != nil || err2 != nil {
		return nil, errRequest
	}
	return s, nil
}

func (s *caseSent) text(name string) string { return s.given[name].Reveal() }
func (s *caseSent) before() string          { return s.text("before") }

// into puts what was typed back into its form, and what was wrong beside its fields.
func (s *caseSent) into(f *pages.CaseForm, wrong pages.Wrongs) {
	mine := s != nil && s.event == f.Event
	if mine {
		f.Open = true
	}
	for i := range f.Fields {
		x := &f.Fields[i]
		x.Form = f.Name
		if !mine {
			continue
		}
		x.Typed, x.Wrong, x.Chosen = s.given[x.Name], wrong[x.Name], nil
		for _, o := range x.Options {
			if x.Kind == "checks" && !s.given[o.Code].IsZero() {
				x.Chosen = append(x.Chosen, o.Code)
			}
		}
	}
}

// kept is what was typed, by its label, but for who sent it.
func (s *caseSent) kept() (all []pages.KeptField) {
	for _, name := range caseNames() {
		if v := s.given[name]; !v.IsZero() {
			all = append(all, pages.KeptField{Name: name, Label: headWords(name), Typed: v})
		}
	}
	return all
}

// deskWork is something at the desk that is worked on with forms: where it is, what its
// forms do, which of them ask who sends them, and how it is shown again with what was typed.
type deskWork struct {
	at    string
	asks  func(event string) bool
	do    func(*call, *caseSent) (sight, error)
	again func(*call, *caseSent, error) (sight, error)
}

// sendCase answers POST /desk/cases/{id}: all that is done with a case.
func (s *Server) sendCase(c *call) (sight, error) {
	return s.work(c, s.caseWork(c))
}

func (s *Server) caseWork(c *call) deskWork {
	return deskWork{at: c.casePath(), asks: asksWho, do: s.doInCase, again: s.caseAgain}
}

func (s *Server) doInCase(c *call, f *caseSent) (sight, error) {
	switch f.event {
	case openTexts:
		return s.openCaseTexts(c, f)
	case revealCase:
		return s.revealOnPage(c, f)
	case previewLetters:
		return s.previewOnPage(c, f)
	case takeOver:
		id, err := c.disputeID()
		if err != nil {
			return sight{}, err
		}
		return s.takeOver(c, string(id), c.casePath())
	}
	if err := s.moveOnPage(c, f); err != nil {
		return s.caseAgain(c, f, err)
	}
	return goTo(c.casePath() + "?done=" + f.event)
}

// work does what a form of the desk says. Nothing that was typed is lost, whatever is
// wrong with it or with whoever sent it.
func (s *Server) work(c *call, w deskWork) (sight, error) {
	refused := c.admitPerson(those(deciders()...))
	if refused != nil && !errors.Is(refused, accounts.ErrNoSession) {
		return sight{}, refused
	}
	f, err := c.caseSent()
	if err != nil {
		return sight{}, cmp.Or(refused, err)
	}
	if refused != nil {
		return s.signInAgain(c, f, w)
	}
	if _, again := f.given["email"]; again { // signed in already, in another tab
		return w.again(c, f, nil)
	}
	if f.event == confirmCase || w.asks(f.event) {
		err = s.confirmOnPage(c, confirmationBody{f.given["password"], f.given["code"]})
	}
	switch {
	case err != nil:
		return w.again(c, f, err)
	case f.event == confirmCase:
		return goTo(w.at)
	default:
		return w.do(c, f)
	}
}

func (c *call) casePath() string {
	id, err := c.disputeID()
	if err != nil {
		return dashboard
	}
	return caseDesk + "/" + string(id)
}

// asksWho: it asks for somebody who has just shown who he is.
func asksWho(event string) bool {
	if event == openTexts || event == revealCase || event == takeBundle {
		return true
	}
	i := slices.IndexFunc(caseActs(), func(a caseAct) bool { return string(a.event) == event })
	return i >= 0 && caseActs()[i].decides
}

// openBefore lays something before this person that several could work on, and says
// before whom it lies if that is another one. What somebody has taken is his anyway.
func (s *Server) openBefore(c *call, thing string, contested bool) (string, error) {
	if !contested {
		return "", s.Broker.LeaveDesk(c.ctx, c.staff(), thing)
	}
	h, err := s.Broker.OpenAtDesk(c.ctx, c.staff(), thing, false)
	if h.Account == string(c.person.Account) {
		return "", err
	}
	return h.Account, err
}

// takeOver takes something from whoever has it open.
func (s *Server) takeOver(c *call, thing, at string) (sight, error) {
	if _, err := s.Broker.OpenAtDesk(c.ctx, c.staff(), thing, true); err != nil {
		return sight{}, err
	}
	return goTo(at)
}

// signInAgain lets somebody in again whose session ended while he was writing. What he
// wrote goes along; it is done only when he sends it again, having looked.
func (s *Server) signInAgain(c *call, f *caseSent, w deskWork) (sight, error) {
	email, again := f.given["email"]
	if !again {
		return sight{page: pages.NewCaseSignIn(w.at, f.kept(), nil), status: http.StatusUnauthorized}, nil
	}
	body := signInBody{email, f.given["password"], f.given["code"]}
	in, err := body.input()
	var opened broker.SignedIn
	if err == nil {
		opened, err = c.signIn(func() (broker.SignedIn, error) { return s.Broker.SignIn(c.ctx, in, nil) })
	}
	if err != nil && showAgain(err) {
		return c.refused(err, pages.NewCaseSignIn(w.at, f.kept(), wrongs(err)))
	}
	if err != nil {
		return sight{}, err
	}
	c.setCookie(opened.Token)
	if !those(deciders()...).has(c.person.Role) {
		return sight{}, accounts.ErrRoleMissing
	}
	return w.again(c, f, nil)
}

// moveOnPage does what a form says, on the case as the person has seen it.
func (s *Server) moveOnPage(c *call, f *caseSent) error {
	m, err := s.caseMove(f)
	if err != nil {
		return err
	}
	id, err := c.disputeID()
	if err != nil {
		return err
	}
	m.Match = &f.match
	_, _, err = s.Broker.MoveStaffCase(c.ctx, c.staff(), id, m, nil)
	return err
}

// caseMove reads a form; its codes are held against the lists.
func (s *Server) caseMove(f *caseSent) (broker.CaseMove, error) {
	var wrong mistakes
	m := broker.CaseMove{Event: states.Event(f.event)}
	switch m.Event {
	case disputes.Approve:
		var ok bool
		if m.Hash, ok = planOf(f.text("hash")); !ok {
			return m, errRequest
		}
	case disputes.SendBack, disputes.Conclude:
		m.Reason = f.text("reason")
		oneOf("/reason", m.Reason, broker.CaseReasons(m.Event), &wrong)
		m.Text = prose(f.given["text"], "/text", m.Event == disputes.Conclude, &wrong)
	case disputes.GoOutside:
		m.Reason = f.text("kind")
		oneOf("/kind", m.Reason, disputes.ExternalKinds(), &wrong)
		m.Text = prose(f.given["text"], "/text", true, &wrong)
	case disputes.Message:
		m.Text = prose(f.given["text"], "/text", true, &wrong)
	case disputes.Propose:
		proposalOf(f, &m, &wrong)
	case disputes.AskEvidence:
		s.wantedOf(f, &m, &wrong)
	case disputes.AdmitEvidence:
		var err error
		if m.N, err = strconv.Atoi(f.text("item")); err != nil {
			wrong.add("/item", "required", "choose one")
		}
	case disputes.Assign:
		m.To = f.text("account")
		if _, ok := accounts.ParseID(m.To); m.To != "" && !ok {
			return m, broker.ErrAssignee.Pointing("/account")
		}
	case disputes.Release, disputes.ComeBack:
	default:
		return m, errRequest
	}
	return m, wrong.err()
}

func proposalOf(f *caseSent, m *broker.CaseMove, wrong *mistakes) {
	oneOf("/outcome", f.text("outcome"), disputes.Outcomes(), wrong)
	oneOf("/reason_code", f.text("reason_code"), disputes.ReasonCodes(), wrong)
	if f.given["clause"].IsZero() {
		wrong.add("/clause", "required", "this is missing")
	}
	m.Outcome, m.Amount, m.Code, m.Clause = disputes.Outcome(f.text("outcome")), f.text("amount"), f.text("reason_code"), f.text("clause")
	m.Text = prose(f.given["findings"], "/findings", true, wrong)
}

// wantedOf is what is asked for, each of it once, and by when.
func (s *Server) wantedOf(f *caseSent, m *broker.CaseMove, wrong *mistakes) {
	for _, side := range []disputes.Side{disputes.Buyer, disputes.Seller} {
		more := disputes.EvidenceType(f.text("more_" + string(side)))
		for _, t := range disputes.EvidenceTypes() {
			if p := (disputes.Point{By: side, Type: t, Required: true}); f.text(wantedName(p)) != "" || more == t {
				m.Wanted = append(m.Wanted, p)
			}
		}
	}
	if len(m.Wanted) == 0 {
		wrong.add("/wanted", "required", "say what of whom is wanted")
	}
	m.Due = s.inDays(f.text("days"), wrong)
}

// inDays is the moment so many days from now; none for no days.
func (s *Server) inDays(text string, wrong *mistakes) time.Time {
	n, err := strconv.Atoi(text)
	if err != nil || !slices.Contains(termDays(), n) {
		wrong.add("/days", "not_one_of", "choose a term")
		return time.Time{}
	}
	return s.Now().UTC().AddDate(0, 0, n)
}

// showAgainCase says whether the case is shown again with what went wrong.
func showAgainCase(err error) bool {
	k := faultOf(err).Kind
	return (showAgain(err) || k == fault.Conflict || k == fault.Precondition) && !errors.Is(err, accounts.ErrNoSession)
}

// caseAgain shows the case as it stands by now, with what was typed still in its form
// and what was wrong beside it. Without an error it asks to look, and to send it again.
func (s *Server) caseAgain(c *call, f *caseSent, err error) (sight, error) {
	return c.workAgain(f, err, func(wrong pages.Wrongs) (pages.Work, error) { return s.casePage(c, f, wrong) })
}

// workAgain shows something that is worked on as it is drawn by now. An error that
// nobody can do anything about on that page is left as it is.
func (c *call) workAgain(f *caseSent, err error, draw func(pages.Wrongs) (pages.Work, error)) (sight, error) {
	var wrong pages.Wrongs
	switch {
	case err == nil:
	case showAgainCase(err):
		wrong = wrongs(err)
	default:
		return sight{}, err
	}
	p, broken := draw(wrong)
	if broken != nil {
		return sight{}, broken
	}
	told, happened := p.Sent()
	f.tell(told, p.All(), happened, err, wrong)
	if err == nil {
		return seen(p)
	}
	return c.refused(err, p)
}

// tell says on a page that is shown again what became of what was sent.
func (s *caseSent) tell(p *pages.Again, forms []*pages.CaseForm, happened []pages.CaseMoment, err error, wrong pages.Wrongs) {
	i := slices.IndexFunc(forms, func(x *pages.CaseForm) bool { return x.Event == s.event })
	if i < 0 && s.event != confirmCase && s.event != openTexts {
		for _, x := range s.kept() {
			if !slices.Contains([]string{"event", "moves", "seen", "before", "hash", "subject"}, x.Name) {
				p.Kept = append(p.Kept, x)
			}
		}
	}
	switch {
	case err == nil:
		p.Done = "You are signed in again, and nothing was done yet. What you had written is in its form: look at it, and send it."
	case faultOf(err).Kind == fault.Precondition:
		p.Faster, p.Changed = true, changedSince(happened)
	case i < 0:
		p.Wrong = besides(nil, wrong)
	default:
		p.Wrong = besides(forms[i].Fields, wrong)
	}
}

// besides is what is wrong with no field that the page shows beside itself.
func besides(fields []pages.CaseField, w pages.Wrongs) string {
	for at, words := range w {
		beside := at == "password" || at == "code" || slices.ContainsFunc(fields, func(y pages.CaseField) bool { return y.Name == at })
		if !beside || at == "" {
			return words
		}
	}
	return "Look at the fields that are marked."
}
