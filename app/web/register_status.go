package web

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// What a merchant sees of its registration once it was handed in, and what it can
// do with it: all that the API can.

// registerDone are what the page says was just done; each has its words.
func registerDone() []string {
	return []string{"answer", "appeal", "change", "confirm", "document", "end"}
}

// said is what a merchant has sent with one of the forms of the page, and what was
// wrong with it.
type said struct {
	act    string // the form
	texts  map[string]masking.Text
	wrongs map[string]fault.Field // by the names of its fields
	also   []fault.Field          // about none of them
}

// standing is the page of a registration that was handed in.
func (s *Server) standing(x speech, v *broker.MerchantView, f *said) (pages.RegisterDone, error) {
	w := pages.RegisterWordsIn(x.lang)
	title := w.Named("on", "title")
	if v.State == merchants.InReview {
		title = w.DoneTitle
	}
	once, err := s.onceKey()
	page := pages.RegisterDone{
		RegisterShell: pages.NewRegisterShell(x.lang, title), ID: string(v.ID), Code: string(v.State), State: w.Named("state", string(v.State)), Chip: merchantChip(v.State),
		Asked: asked(w, v), Asks: v.Asks, Reason: decidedFor(w, v), Reasons: v.Reasons, Once: once, Changes: broker.MayChange(v.Allowed), Closed: len(v.Allowed) == 0,
	}
	if v.Deadline.After(s.Now()) { // past it, it waits for something
		at := x.dated(v.Deadline)
		page.Deadline = &at
	}
	if v.Published > 0 {
		page.Profile = profilePage + string(v.ID) + "?lang=" + x.lang
	}
	for _, o := range v.Fields {
		if o.Code != "" {
			page.Doubts = append(page.Doubts, pages.FieldWords{Label: s.labelOf(w, v.Pack, o.Pointer), Says: codeWords(w, o.Code)})
		}
	}
	for i := range v.Documents {
		page.Documents = append(page.Documents, givenDocument(x, w, &v.Documents[i]))
	}
	page.Acts = registerActs(w, v, f)
	for _, o := range f.also { // about what was given, which stands on another page
		text := w.Says(o.Code, sentence(o.Detail))
		if o.Pointer != "" {
			text = s.labelOf(w, v.Pack, merchants.Pointer(o.Pointer)) + x.colon() + text
		}
		page.Mistakes = append(page.Mistakes, pages.Mistake{Text: text})
	}
	for _, a := range page.Acts {
		for _, o := range a.Fields {
			if o.Wrong != "" {
				page.Mistakes = append(page.Mistakes, pages.Mistake{At: o.ID, Text: o.Label + x.colon() + o.Wrong})
			}
		}
	}
	if len(page.Mistakes) > 0 {
		page.Title = page.W.Error + x.colon() + page.Title
	}
	return page, err
}

func (x speech) colon() string {
	w := pages.SubjectWordsIn(x.lang)
	return w.Colon + w.Gap
}

// codeWords is a code as a sentence.
func codeWords(w pages.RegisterWords, code string) string {
	return w.Says(code, sentence(broker.MerchantDetail(code)))
}

// asked is what the merchant is asked for, as long as it is.
func asked(w pages.RegisterWords, v *broker.MerchantView) string {
	if v.Question == "" || v.State != merchants.NeedsInfo {
		return ""
	}
	return w.Named("question", v.Question)
}

// decidedFor is why it is where it is, where somebody has said so.
func decidedFor(w pages.RegisterWords, v *broker.MerchantView) string {
	if v.Reason == "" || !slices.Contains([]states.State{merchants.Rejected, merchants.Suspended, merchants.Appealed}, v.State) {
		return ""
	}
	return w.Named("reason", v.Reason)
}

func givenDocument(x speech, w pages.RegisterWords, d *broker.MerchantDocument) pages.GivenDocument {
	g := pages.GivenDocument{Kind: w.Named("document", d.Kind), Media: d.Media, Size: fmt.Sprintf("%d kB", (d.Bytes+999)/1000), At: x.dated(d.At)}
	if !d.Expires.IsZero() {
		at := x.day(d.Expires)
		g.Expires = &at
	}
	return g
}

// registerActs are what the merchant can do now, what is waited for first.
func registerActs(w pages.RegisterWords, v *broker.MerchantView, f *said) (all []pages.RegisterAct) {
	may := func(e states.Event) bool { return slices.Contains(v.Allowed, e) }
	note := pages.ActField{Name: "note", Label: w.Named("on", "note"), Hint: w.Named("on", "note_hint"), Kind: "textarea"}
	if may(merchants.Confirm) {
		all = append(all, pages.RegisterAct{Name: "confirm", Main: true})
	}
	if may(merchants.Answer) {
		needed := note
		needed.Needed = true
		all = append(all, pages.RegisterAct{Name: "answer", Fields: []pages.ActField{needed}, Main: true})
	}
	if may(merchants.Appeal) {
		all = append(all, pages.RegisterAct{Name: "appeal", Fields: []pages.ActField{because(w, "appeal_why", merchants.Appeal), note}})
	}
	if broker.TakesDocuments(v.State) {
		all = append(all, pages.RegisterAct{Name: "document", Fields: documentFields(w), Files: true})
	}
	if may(merchants.Close) || may(merchants.Withdraw) {
		all = append(all, pages.RegisterAct{Name: "end", Fields: []pages.ActField{because(w, "end_why", merchants.Close)}})
	}
	for i := range all {
		for j := range all[i].Fields {
			x := &all[i].Fields[j]
			x.ID = all[i].Name + "-" + x.Name
			if f.act != all[i].Name {
				continue
			}
			x.Value = f.texts[x.Name]
			if wrong, is := f.wrongs[x.Name]; is {
				x.Wrong = w.Says(wrong.Code, sentence(wrong.Detail))
			}
		}
	}
	return all
}

// because asks for one of the reasons of an event.
func because(w pages.RegisterWords, label string, e states.Event) pages.ActField {
	why := pages.ActField{Name: "reason", Label: w.Named("on", label), Kind: "select", Needed: true, Options: []pages.Choice{{Text: w.Choose}}}
	for _, code := range broker.MerchantReasons(e) {
		why.Options = append(why.Options, pages.Choice{Code: code, Text: w.Named("reason", code)})
	}
	return why
}

// onBegun runs what needs a registration that was handed in.
func (s *Server) onBegun(c *call, do func(speech, *formPass) (sight, error)) (sight, error) {
	return s.onForm(c, func(x speech, p *formPass) (sight, error) {
		if p.Merchant == "" {
			return goTo(registerHome(x))
		}
		if err := c.keepFormVisit(p); err != nil {
			return sight{}, err
		}
		return do(x, p)
	})
}

// onceOnForm makes a form that is sent twice happen once: with the same content, of
// which a browser may write the body anew each time.
func (s *Server) onceOnForm(c *call, p *formPass, once masking.Text, content ...string) *broker.Outcome {
	if once.IsZero() {
		return nil
	}
	key := strings.Join(append(content, once.Reveal()), "\n")
	return s.Broker.NewOutcome(broker.Caller{Key: "form " + string(p.Merchant)}, c.route.template, key, nil)
}

// sendAnswer answers POST /merchants/register/answer: a note to who has asked.
func (s *Server) sendAnswer(c *call) (sight, error) {
	return s.onBegun(c, func(x speech, p *formPass) (sight, error) {
		texts, err := c.formWithin(maxForm, "note", "once")
		if err != nil {
			return sight{}, err
		}
		var wrong mistakes
		written := note(texts["note"], &wrong)
		if written.IsZero() {
			wrong.add("/note", "answer_missing", "say something")
		}
		if err = wrong.err(); err == nil {
			_, _, err = s.Broker.AnswerMerchant(c.ctx, broker.OnPage(p.Party), p.Merchant, broker.MerchantPatch{}, written, s.onceOnForm(c, p, texts["once"], written.Reveal()))
		}
		return s.actDone(c, x, p, &said{act: "answer", texts: texts}, err)
	})
}

// sendAppeal answers POST /merchants/register/appeal.
func (s *Server) sendAppeal(c *call) (sight, error) {
	return s.onBegun(c, func(x speech, p *formPass) (sight, error) {
		texts, err := c.formWithin(maxForm, "reason", "note", "once")
		if err != nil {
			return sight{}, err
		}
		var wrong mistakes
		m := broker.MerchantMove{Reason: texts["reason"].Reveal(), Note: note(texts["note"], &wrong)}
		if !slices.Contains(broker.MerchantReasons(merchants.Appeal), m.Reason) {
			wrong.add("/reason", "reason_missing", "choose one")
		}
		if err = wrong.err(); err == nil {
			_, _, err = s.Broker.AppealMerchant(c.ctx, broker.OnPage(p.Party), p.Merchant, m, s.onceOnForm(c, p, texts["once"], m.Reason, m.Note.Reveal()))
		}
		return s.actDone(c, x, p, &said{act: "appeal", texts: texts}, err)
	})
}

// sendConfirm answers POST /merchants/register/confirm: all is as it was.
func (s *Server) sendConfirm(c *call) (sight, error) {
	return s.onBegun(c, func(x speech, p *formPass) (sight, error) {
		texts, err := c.form("once")
		if err != nil {
			return sight{}, err
		}
		_, _, err = s.Broker.SubmitMerchant(c.ctx, broker.OnPage(p.Party), p.Merchant, s.onceOnForm(c, p, texts["once"]))
		return s.actDone(c, x, p, &said{act: "confirm"}, err)
	})
}

// sendEnd answers POST /merchants/register/end.
func (s *Server) sendEnd(c *call) (sight, error) {
	return s.onBegun(c, func(x speech, p *formPass) (sight, error) {
		texts, err := c.formWithin(maxForm, "reason", "once")
		if err != nil {
			return sight{}, err
		}
		var wrong mistakes
		m := broker.MerchantMove{Reason: texts["reason"].Reveal()}
		if !slices.Contains(broker.MerchantReasons(merchants.Close), m.Reason) {
			wrong.add("/reason", "reason_missing", "choose one")
		}
		if err = wrong.err(); err == nil {
			_, _, err = s.Broker.CloseMerchant(c.ctx, broker.OnPage(p.Party), p.Merchant, m, s.onceOnForm(c, p, texts["once"], m.Reason))
		}
		return s.actDone(c, x, p, &said{act: "end", texts: texts}, err)
	})
}

// actDone leads back to the page, or shows it again with what was wrong.
func (s *Server) actDone(c *call, x speech, p *formPass, f *said, err error) (sight, error) {
	if err == nil {
		return goTo(registerHome(x) + "&done=" + f.act)
	}
	e := faultOf(err)
	if !slices.Contains([]fault.Kind{fault.Invalid, fault.Conflict, fault.TooLarge, fault.Media}, e.Kind) || errors.Is(e, errRequest) {
		return sight{}, err
	}
	v, broken := s.Broker.Merchant(c.ctx, p.Merchant)
	if broken != nil {
		return sight{}, broken
	}
	f.note(e)
	page, broken := s.standing(x, &v, f)
	if broken != nil {
		return sight{}, broken
	}
	return c.refused(err, page)
}

// note sorts what is wrong by the fields of the form.
func (f *said) note(e *fault.Error) {
	f.wrongs = map[string]fault.Field{}
	for _, x := range e.Fields {
		name := strings.TrimPrefix(x.Pointer, "/")
		if slices.Contains([]string{"note", "reason", "kind", "expires", "document"}, name) {
			f.wrongs[name] = x
			continue
		}
		f.also = append(f.also, x)
	}
	if len(e.Fields) == 0 {
		f.also = append(f.also, fault.Field{Code: e.Code, Detail: e.Detail})
	}
}
