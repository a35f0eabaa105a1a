package web

import (
	"fmt"
	"slices"
	"strconv"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/bundle"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
)

// caseAct is one thing that can be done with a case, in words.
type caseAct struct {
	event           states.Event
	label, do, done string
	note            string
	decides         bool // it asks for somebody who has just shown who he is
	fields          func(*Server, *call, *broker.CaseView) ([]pages.CaseField, error)
	hidden          func(*broker.CaseView) []pages.Choice
}

// What a form of the desk does besides the events of a case.
const (
	openTexts   = "texts"
	revealCase  = "reveal"
	confirmCase = "confirm"
	takeBundle  = "bundle"
	takeOver    = "take_over" // what somebody else has open
)

// caseActs are in the order of the page: the first of those that can be done is open.
func caseActs() []caseAct {
	return []caseAct{
		{
			event: disputes.Approve, label: "Approve just this", do: "Approve what is proposed", done: "It is decided, and both sides are told.", decides: true,
			note:   "What is sent is the hash of what you see above: if anything of it changes before, nothing is approved.",
			hidden: func(v *broker.CaseView) []pages.Choice { return []pages.Choice{{Code: "hash", Text: planText(v.Hash)}} },
		},
		{event: disputes.SendBack, label: "Send it back", do: "Send it back", done: "It has been sent back.", decides: true, fields: sendBackFields},
		{
			event: disputes.Propose, label: "Propose a decision", do: "Propose this", done: "It is proposed. A second person looks at it.", decides: true,
			note: "A second person approves exactly this, or sends it back.", fields: proposeFields,
		},
		{
			event: disputes.AskEvidence, label: "Ask for evidence", do: "Ask for this", done: "Both sides are told what is wanted, and by when.",
			note: "Twice at most. Our own clocks stand still until the time is over; those of the law do not.", fields: askFields,
		},
		{event: disputes.AdmitEvidence, label: "Let late evidence count", do: "Let it count", done: "It counts. The evidence is frozen anew.", fields: admitFields},
		{
			event: disputes.Assign, label: "Assign it", do: "Assign", done: "It is assigned.", fields: assignFields,
			note: "To you, if you leave it as it is. Values are revealed only to somebody to whom another hand has assigned the case.",
		},
		{event: disputes.ComeBack, label: "Go on with it here", do: "It came back", done: "It goes on where it was.", note: "With what was left of its time."},
		{event: disputes.Conclude, label: "Close it as decided outside", do: "Close it", done: "It is closed.", decides: true, fields: concludeFields},
		{event: disputes.Message, label: "Write to both sides", do: "Send to both", done: "Both sides are told.", fields: messageFields},
		{
			event: disputes.GoOutside, label: "Somebody else has it now", do: "Note that", done: "Noted: what is paid back meanwhile is not held up.", decides: true,
			note: "All clocks but those of the law stand still.", fields: outsideFields,
		},
		{event: disputes.Release, label: "Let go of it", do: "Let go of it", done: "Nobody has it now."},
	}
}

// caseDone says what was done.
func caseDone(e states.Event) string {
	for _, a := range caseActs() {
		if a.event == e {
			return a.done
		}
	}
	return ""
}

func choices[T ~string](codes []T, first string) []pages.Choice {
	all := []pages.Choice{{Text: first}}
	for _, x := range codes {
		all = append(all, pages.Choice{Code: string(x), Text: headWords(string(x))})
	}
	return all
}

const choose = "Choose…"

func area(name, label, hint string, needed bool) pages.CaseField {
	return pages.CaseField{Name: name, Label: label, Hint: hint, Kind: "area", Required: needed, Most: mostProse}
}

func one(name, label string, options []pages.Choice) pages.CaseField {
	return pages.CaseField{Name: name, Label: label, Kind: "select", Options: options, Required: true}
}

func sendBackFields(*Server, *call, *broker.CaseView) ([]pages.CaseField, error) {
	return []pages.CaseField{
		one("reason", "Why", choices(broker.CaseReasons(disputes.SendBack), choose)), area("text", "In words", "For whoever proposed it; kept sealed.", false),
	}, nil
}

func proposeFields(_ *Server, _ *call, v *broker.CaseView) ([]pages.CaseField, error) {
	outcomes := []pages.Choice{{Text: choose}}
	for _, o := range disputes.Outcomes() {
		outcomes = append(outcomes, pages.Choice{Code: string(o), Text: outcomeWords(o)})
	}
	return []pages.CaseField{
		one("outcome", "Outcome", outcomes),
		{Name: "amount", Label: "Amount in " + string(v.Currency), Hint: "For a part of it alone: less than " + v.Amount.Format(v.Currency.Digits()) + ".", Kind: "text", Most: 24},
		one("reason_code", "Reason code", choices(disputes.ReasonCodes(), choose)),
		{Name: "clause", Label: "Clause", Hint: "Of the policy, the terms or the law, like 3f or CPL 44.", Kind: "text", Required: true, Most: 32},
		area("findings", "Findings", "The facts as you found them. Both sides read them once it is decided.", true),
	}, nil
}

// mostDays are the terms that a handler gives, in days.
func termDays() []int { return []int{2, 3, 5, 7, 10, 14, 21, 30} }

func daysField(s *Server, label string, needed bool) pages.CaseField {
	f := pages.CaseField{Name: "days", Label: label, Kind: "select", Required: needed}
	for _, n := range termDays() {
		until := s.Now().UTC().AddDate(0, 0, n)
		f.Options = append(f.Options, pages.Choice{Code: strconv.Itoa(n), Text: fmt.Sprintf("%d days: until %s", n, until.Format("2 January, 15:04 UTC"))})
	}
	return f
}

// wantedName is the name of the box for a point of the checklist.
func wantedName(p disputes.Point) string { return "want_" + string(p.By) + "_" + string(p.Type) }

func askFields(s *Server, _ *call, v *broker.CaseView) ([]pages.CaseField, error) {
	boxes := pages.CaseField{Name: "wanted", Label: "What is wanted", Kind: "checks"}
	for _, l := range v.Checklist {
		words := headWords(string(l.Type)) + ", of the " + string(l.By)
		if l.Standing != disputes.Missing {
			words += " (" + standingWords(l.Standing) + ")"
		}
		boxes.Options = append(boxes.Options, pages.Choice{Code: wantedName(l.Point), Text: words})
	}
	buyer, seller := one("more_buyer", "And of the buyer", choices(disputes.EvidenceTypes(), "Nothing else")), one("more_seller", "And of the seller", choices(disputes.EvidenceTypes(), "Nothing else"))
	buyer.Required, seller.Required = false, false
	days := daysField(s, "By when", true)
	days.Hint = "Each side has at least 48 hours."
	return []pages.CaseField{boxes, buyer, seller, days}, nil
}

func admitFields(_ *Server, _ *call, v *broker.CaseView) ([]pages.CaseField, error) {
	f := one("item", "Item", []pages.Choice{{Text: choose}})
	for i := range v.Items {
		if x := &v.Items[i]; x.Standing == disputes.Late {
			f.Options = append(f.Options, pages.Choice{Code: strconv.Itoa(x.N), Text: fmt.Sprintf("%d. %s of the %s", x.N, headWords(string(x.Type)), x.By)})
		}
	}
	return []pages.CaseField{f}, nil
}

// assignFields are to whom: a lead chooses from all who work on cases, a handler names
// an account.
func assignFields(s *Server, c *call, _ *broker.CaseView) ([]pages.CaseField, error) {
	f := pages.CaseField{Name: "account", Label: "To", Kind: "text", Hint: "The account of somebody who works on cases.", Most: 64}
	if c.person.Role != accounts.Lead && c.person.Role != accounts.PrivacyOfficer {
		return []pages.CaseField{f}, nil
	}
	all, err := s.Broker.ListAccounts(c.ctx)
	f.Kind, f.Hint, f.Options = "select", "", []pages.Choice{{Text: "You"}}
	for i := range all {
		a := &all[i]
		if a.ID != c.person.Account && a.EndedAt.IsZero() && slices.Contains(deciders(), a.Role) {
			f.Options = append(f.Options, pages.Choice{Code: string(a.ID), Text: roleWords(a.Role) + " " + string(a.ID)})
		}
	}
	return []pages.CaseField{f}, err
}

func concludeFields(*Server, *call, *broker.CaseView) ([]pages.CaseField, error) {
	return []pages.CaseField{one("reason", "How it ended", choices(broker.CaseReasons(disputes.Conclude), choose)), area("text", "In words", "Both sides read it.", true)}, nil
}

func messageFields(*Server, *call, *broker.CaseView) ([]pages.CaseField, error) {
	return []pages.CaseField{area("text", "Message", "Both sides read it.", true)}, nil
}

func outsideFields(*Server, *call, *broker.CaseView) ([]pages.CaseField, error) {
	kinds := []pages.Choice{{Text: choose}}
	for _, k := range disputes.ExternalKinds() {
		kinds = append(kinds, pages.Choice{Code: k, Text: externalWords(k)})
	}
	return []pages.CaseField{one("kind", "Who", kinds), area("text", "What came, and when", "Kept sealed; both sides read it.", true)}, nil
}

// caseRail puts onto the page what this person can do now. While the case lies open before
// somebody else that is to read, and to take with him what is read.
func (s *Server) caseRail(c *call, p *pages.Case, v *broker.CaseView, sent *caseSent, wrong pages.Wrongs) error {
	if p.Reads {
		return nil
	}
	for _, a := range caseActs() {
		if p.Open != "" || !slices.Contains(v.Allowed, a.event) || a.event == disputes.Assign && !mayAssign(c.person, v) {
			continue
		}
		f := pages.CaseForm{Event: string(a.event), Name: string(a.event), Label: a.label, Note: a.note, Do: a.do, Main: len(p.Forms) == 0}
		if a.fields != nil {
			var err error
			if f.Fields, err = a.fields(s, c, v); err != nil {
				return err
			}
		}
		if a.hidden != nil {
			f.Hidden = a.hidden(v)
		}
		if a.decides {
			f.Confirm = p.Confirm
		}
		if a.event == disputes.Propose {
			f.Also = pages.Choice{Code: previewLetters, Text: "Preview letters"}
		}
		p.Forms = append(p.Forms, f)
	}
	if mayBundle(c.person, v) {
		p.Forms = append(p.Forms, pages.CaseForm{
			Event: takeBundle, Name: takeBundle, Path: "/bundle", Label: "Take the bundle", Do: "Save it", Confirm: p.Confirm, Main: len(p.Forms) == 0,
			Note: "All that the ledger says of the case, with what proves it. What the sides have written is in it: that it was made is an entry, which both sides see.", Fields: []pages.CaseField{one("recipient", "For", choices(bundle.Recipients(), choose))},
		})
	}
	for i := range p.Forms {
		sent.into(&p.Forms[i], wrong)
	}
	s.revealForms(c, p, v, sent, wrong)
	if p.Confirm != nil && (p.Open == "" || len(p.Forms) > 0) {
		p.Forms = append(p.Forms, pages.CaseForm{
			Event: confirmCase, Name: confirmCase, Label: "Confirm that it is you", Do: "Confirm", Confirm: p.Confirm, Open: sent != nil && sent.event == confirmCase,
			Note: "Decisions, texts, evidence and reveals ask for it.",
		})
	}
	return nil
}

// mayAssign: nobody has it, or he has, or he leads.
func mayAssign(p *accounts.Session, v *broker.CaseView) bool {
	return v.Assigned == "" || v.Assigned == string(p.Account) || p.Role == accounts.Lead || p.Role == accounts.PrivacyOfficer
}

// mayBundle: whoever has the case, and later who decided it or leads.
func mayBundle(p *accounts.Session, v *broker.CaseView) bool {
	past := v.Decision != nil || !v.IsOpen() || v.State == disputes.External
	return v.Assigned == string(p.Account) || past && (p.Role != accounts.Handler || slices.Contains(v.Deciders, string(p.Account)))
}

// revealForms are for the fields of each side, where values can be revealed at all.
func (s *Server) revealForms(c *call, p *pages.Case, v *broker.CaseView, sent *caseSent, wrong pages.Wrongs) {
	switch me := p.Account; {
	case !v.IsOpen():
		p.NoReveal = "The case is over: nothing is revealed in it any more."
		return
	case v.State == disputes.External:
		p.NoReveal = "Somebody else has the case: nothing is revealed in it meanwhile."
		return
	case v.Assigned != me:
		p.NoReveal = "Values are revealed to whoever has the case."
		return
	case slices.Contains(v.AssignedBy, me):
		p.NoReveal = "You have taken the case yourself. Values are revealed in a case that somebody else has assigned to you."
		return
	}
	for i := range p.Sides {
		side := &p.Sides[i]
		boxes := pages.CaseField{Name: "fields", Label: "Fields", Kind: "checks"}
		for _, f := range masking.Fields() {
			boxes.Options = append(boxes.Options, pages.Choice{Code: "field_" + string(f), Text: fieldWords(f)})
		}
		side.Form = &pages.CaseForm{
			Event: revealCase, Name: revealCase + "-" + side.Role, Label: "Reveal…", Do: "Reveal, and log it", Confirm: p.Confirm,
			Note: "The ledger will say: your account and role, which fields, the purpose, the reason and the time. The " + side.Role +
				" is told that staff looked, and what for. It counts against what you may reveal in a day.",
			Hidden: []pages.Choice{{Code: "subject", Text: side.Party}},
			Fields: []pages.CaseField{
				boxes, one("purpose", "Purpose", choices(broker.RevealPurposes(), choose)), one("reason", "Reason", choices(broker.ReasonsFor(broker.LookInto), choose)),
			},
		}
		if c.person.Role != accounts.Handler { // whoever leads can have a person told later
			later, until := one("delay", "Tell the person later", choices(broker.RevealDelays(), "No: at once")), daysField(s, "Then", false)
			later.Required = false
			until.Options = append([]pages.Choice{{Text: "At once"}}, until.Options...)
			side.Form.Fields = append(side.Form.Fields, later, until)
		}
		if sent != nil && sent.event == revealCase && sent.text("subject") != side.Party {
			(*caseSent)(nil).into(side.Form, nil)
		} else {
			sent.into(side.Form, wrong)
		}
	}
}
