package web

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// caseSent is what a form of the desk has sent.
type caseSent struct {
	event string
	names []string // that its form can have
	given map[string]masking.Text
	came  string // how it came to be shown again without being done; empty: by signing in
	match int64  // the moves that there were when the person looked
	seen  int64  // the newest entry then
}

// mostOfCaseForm is room for a text in any script, as forms send it.
const mostOfCaseForm = 128 << 10

// caseNames are the fields of all forms of a case; whoAsks are those that say who sends.
func caseNames() []string {
	names := []string{
		"event", "moves", "seen", "before", "hash", "reason", "text", "outcome", "amount", "reason_code", "clause", "findings", "more_buyer", "more_seller", "days",
		"item", "account", "kind", "subject", "purpose", "delay", "recipient", "views", "about",
		typedAs, wasEvent,
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

// typedAs is the account before which a form was drawn, and wasEvent what a form that is
// not on the page would have done.
const typedAs, wasEvent = "as", "was"

// whoAsks are what says who sends, and are kept nowhere: no page has a password or a code
// again, whatever else was wrong with the form, and none an address that was signed in with.
func whoAsks() []string { return []string{"username", "email", "password", "code", "passkey"} }

// asksNobody: the form asks nobody who he is.
func asksNobody(string) bool { return false }

// sent reads a form of the desk, of fields of these names.
func (c *call) sent(names []string) (*caseSent, error) {
	given, err := c.formWithin(mostOfCaseForm, append(names, whoAsks()...)...)
	if err != nil {
		return nil, err
	}
	return &caseSent{event: given["event"].Reveal(), names: names, given: given}, nil
}

func (c *call) caseSent() (*caseSent, error) {
	s, err := c.sent(caseNames())
	if err != nil {
		return nil, err
	}
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
	for _, name := range s.names {
		if v := s.given[name]; !v.IsZero() {
			all = append(all, pages.KeptField{Name: name, Label: headWords(name), Typed: v})
		}
	}
	return all
}

// wrote is what of it the person wrote or chose, as is told.
func (s *caseSent) wrote() []pages.KeptField {
	all := slices.DeleteFunc(s.kept(), func(x pages.KeptField) bool {
		return slices.Contains([]string{"event", "moves", "seen", "version", "before", "hash", "diff", "subject", typedAs, wasEvent}, x.Name)
	})
	for i := range all {
		x := &all[i]
		field, boxed := strings.CutPrefix(x.Name, "field_")
		if boxed {
			x.Label = fieldWords(masking.Field(field))
		}
		if boxed || strings.HasPrefix(x.Name, "want_") || strings.HasPrefix(x.Name, notesName("")) {
			x.Typed = masking.NewText("chosen")
		}
	}
	return all
}

// carried is what goes along with another form than its own, to come back into it.
func (s *caseSent) carried() []pages.KeptField {
	return slices.DeleteFunc(s.kept(), func(x pages.KeptField) bool {
		return slices.Contains([]string{"event", "moves", "seen", "hash", typedAs, wasEvent}, x.Name)
	})
}

// deskWork is something at the desk that is worked on with forms: where it is, who works
// on it, how its forms are read and what they do, which of them ask who sends them, and how
// it is shown again with what was typed. Its route keeps what callers wrote who have to wait.
type deskWork struct {
	at    string
	who   *people
	read  func(*call) (*caseSent, error)
	asks  func(event string) bool
	do    func(*call, *caseSent) (sight, error)
	again func(*call, *caseSent, error) (sight, error)
}

// work does what a form of the desk says. Nothing that was typed is lost, whatever is
// wrong with it or with whoever sent it.
func (s *Server) work(c *call, w deskWork) (sight, error) {
	refused := c.admitPerson(w.who)
	f, err := w.read(c)
	if err != nil {
		return sight{}, cmp.Or(refused, err)
	}
	var r sight
	switch {
	case errors.Is(refused, accounts.ErrNoSession):
		r, err = s.signInAgain(c, f, w)
	case refused != nil:
		err = refused
	default:
		if r, err = s.workOn(c, f, w); errors.Is(err, accounts.ErrNoSession) { // it ended on the way
			r, err = s.signInAgain(c, f, w)
		}
	}
	if err != nil {
		return c.keeping(err, f, w)
	}
	return r, nil
}

// errTypedByAnother: two people have used one browser, and what one wrote is not the other's.
var errTypedByAnother = fault.New(fault.Conflict, "another_account", "this was written while somebody else was signed in here: look at it, and send it if it is yours")

// typedByAnother says so of what somebody has sent who has signed in since, or had already.
func (c *call) typedByAnother(f *caseSent) error {
	if as := f.text(typedAs); as != "" && c.person != nil && as != string(c.person.Account) {
		return errTypedByAnother
	}
	return nil
}

func (s *Server) workOn(c *call, f *caseSent, w deskWork) (sight, error) {
	err := c.typedByAnother(f)
	if _, again := f.given["email"]; again || err != nil { // signed in already, in another tab
		return w.again(c, f, err)
	}
	if f.event == confirmCase || w.asks(f.event) {
		if err := s.confirmOnPage(c, f.given); err != nil {
			return w.again(c, f, err)
		}
	}
	switch {
	case f.event != confirmCase:
		return w.do(c, f)
	case len(f.wrote()) > 0: // on another form of the page, or on this one
		return w.again(c, f, nil)
	}
	return goTo(w.at)
}

// keeping answers what no page of the work can answer: nobody works there who may not, and
// nothing is drawn while there is too much to do, or something is broken. What was written
// is on that page, and where waiting helps it can be sent from there again. Somebody who may
// not work there is shown nothing that another one wrote.
func (c *call) keeping(err error, f *caseSent, w deskWork) (sight, error) {
	k := faultOf(err).Kind
	waits := k == fault.Limited || k == fault.Unavailable
	tells := waits || k == fault.Internal || errors.Is(err, accounts.ErrRoleMissing) && c.typedByAnother(f) == nil
	wrote := f.wrote()
	if !tells || len(wrote) == 0 {
		return sight{}, err
	}
	r := c.troubled(err)
	trouble, ok := r.page.(pages.Trouble)
	if !ok {
		return r, nil
	}
	p := pages.Kept{Shell: trouble.Shell, Headline: trouble.Headline, Sentence: trouble.Sentence, Request: trouble.Request, Wrote: wrote, Broken: k == fault.Internal}
	if waits {
		p.Address, p.Kept = w.at, f.kept()
	}
	return sight{page: p, status: r.status}, nil
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

// takeOver takes something from whoever has it open. What was written for a form that was
// not on the page goes along, and is in it again.
func (s *Server) takeOver(c *call, thing string, f *caseSent, w deskWork) (sight, error) {
	if _, err := s.Broker.OpenAtDesk(c.ctx, c.staff(), thing, true); err != nil {
		return sight{}, err
	}
	if f.text(wasEvent) == "" {
		return goTo(w.at)
	}
	f.came = "It lies before you now"
	return w.again(c, f, nil)
}

// signInAgain lets somebody in again whose session ended while he was writing. What he
// wrote goes along; it is done only when he sends it again, having looked.
func (s *Server) signInAgain(c *call, f *caseSent, w deskWork) (sight, error) {
	if _, again := f.given["email"]; !again {
		return sight{page: pages.NewCaseSignIn(w.at, f.kept(), s.otherWays(), nil), status: http.StatusUnauthorized}, nil
	}
	opened, err := s.inAgain(c, f)
	if err != nil && showAgain(err) {
		return c.refused(err, pages.NewCaseSignIn(w.at, f.kept(), s.otherWays(), wrongs(err)))
	}
	if err != nil {
		return sight{}, err
	}
	c.setCookie(opened.Token)
	if !w.who.has(c.person.Role) {
		return sight{}, accounts.ErrRoleMissing
	}
	return w.again(c, f, c.typedByAnother(f))
}

// showAgainCase says whether the case is shown again with what went wrong.
func showAgainCase(err error) bool {
	k := faultOf(err).Kind
	return (showAgain(err) || k == fault.Conflict || k == fault.Precondition) && !errors.Is(err, accounts.ErrNoSession)
}

// wrongOn is what a page that is shown again says is wrong on it; none is. An error that
// nobody can do anything about there is given back.
func wrongOn(err error) (pages.Wrongs, error) {
	var none pages.Wrongs
	switch {
	case err == nil:
		return none, nil
	case showAgainCase(err):
		return wrongs(err), nil
	default:
		return none, err
	}
}

// workAgain shows something that is worked on as it is drawn by now.
func (c *call) workAgain(f *caseSent, err error, draw func(pages.Wrongs) (pages.Work, error)) (sight, error) {
	wrong, other := wrongOn(err)
	if other != nil {
		return sight{}, other
	}
	switch f.event { // where what was written belongs
	case previewLetters:
		f.event = string(disputes.Propose)
	case takeOver:
		f.event = cmp.Or(f.text(wasEvent), takeOver)
	}
	p, broken := draw(wrong)
	if broken != nil {
		return sight{}, broken
	}
	f.tell(p, err, wrong)
	if err == nil {
		return seen(p)
	}
	return c.refused(err, p)
}

// tell says on a page that is shown again what became of what was sent.
func (s *caseSent) tell(w pages.Work, err error, wrong pages.Wrongs) {
	p, happened := w.Sent()
	forms := w.All()
	i := slices.IndexFunc(forms, func(x *pages.CaseForm) bool { return x.Event == s.event })
	if i < 0 && !slices.Contains([]string{confirmCase, openTexts, takeOver}, s.event) {
		p.Kept = s.wrote()
		if w.Before() != "" && len(p.Kept) > 0 {
			p.Was, p.Carried = s.event, s.carried()
		}
	}
	switch {
	case err == nil:
		p.Done = s.undone(i >= 0 && len(forms[i].Fields) > 0, len(p.Kept) > 0)
	case faultOf(err).Kind == fault.Precondition:
		p.Faster, p.Changed = true, changedSince(happened)
	case i < 0:
		p.Wrong = besides(nil, wrong)
	default:
		p.Wrong = besides(forms[i].Fields, wrong)
	}
}

// undone says of what is shown again that it was not done, and where it is.
func (s *caseSent) undone(inForm, below bool) string {
	rest := "Look, and choose again."
	switch {
	case inForm:
		rest = "What you had written is in its form: look at it, and send it."
	case below:
		rest = "What you had written is below."
	}
	return cmp.Or(s.came, "You are signed in again") + ", and nothing was done yet. " + rest
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
