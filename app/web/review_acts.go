package web

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/merchants/identifiers"
	"bauta.dev/bauta/broker/states"
)

// reviewAct is one thing that a reviewer can do, in words.
type reviewAct struct {
	event       states.Event
	label, done string
	note        string
	decides     bool // it asks for somebody who has just shown who he is
}

// forMerchant is said beside what asks for a note that the merchant reads: of
// broker.NoteIsToMerchant.
const forMerchant = "The note is for the merchant, who reads it word for word: facts and reasons, nothing of others."

// reviewActs are in the order of the page: what is harmless first.
func reviewActs() []reviewAct {
	return []reviewAct{
		{merchants.Take, "Take it", "It is yours to work on.", "Then you can open its values.", false},
		{merchants.Release, "Let go of it", "Nobody works on it now.", "", false},
		{merchants.Ask, "Ask the merchant", "The merchant has been asked.", "It has ten days to answer. " + forMerchant, false},
		{merchants.Approve, "Approve", "It is approved: what the law makes public is public.", "", true},
		{merchants.Propose, "Propose to approve", "It is proposed. A lead confirms.", "A lead confirms exactly what you propose.", true},
		{merchants.SendBack, "Send it back", "It has been sent back.", "To whoever proposed it.", true},
		{merchants.Reject, "Reject", "It is rejected.", "What was approved before stays public, less what the merchant has hidden since, if nothing is due by law. " + forMerchant, true},
		{merchants.Overturn, "Overturn the decision", "The decision is overturned.", "The merchant was right to appeal.", true},
		{merchants.Uphold, "Uphold the decision", "The decision is upheld.", forMerchant, true},
		{merchants.Reinstate, "Reinstate", "It is reinstated.", "What it was suspended for is over. If that was suspected fraud, or something new waits, it is looked at first.", true},
		{merchants.Reverify, "Verify it anew", "It has to be verified anew.", "The merchant is asked to confirm what it gave.", true},
		{merchants.Suspend, "Suspend", "It is suspended: nothing of it is public.", "Nothing of it is public then. " + forMerchant, true},
	}
}

func doneWords(e states.Event) string {
	for _, a := range reviewActs() {
		if a.event == e {
			return a.done
		}
	}
	return ""
}

// acts are what this person can do with a registration as it stands.
func (s *Server) acts(c *call, v *broker.MerchantReview) (all []reviewAct) {
	mine, lead := v.Taken == string(c.person.Account), c.person.Role == accounts.Lead
	if !mine && !lead && c.person.Role != accounts.MerchantReviewer {
		return nil
	}
	for _, a := range reviewActs() {
		if slices.Contains(v.Allowed, a.event) && fits(a.event, v, mine, lead) {
			all = append(all, a)
		}
	}
	return all
}

// fits leaves out what the machine's guards would refuse for reasons that are on
// the page: who has taken it, and how many people it takes.
func fits(e states.Event, v *broker.MerchantReview, mine, lead bool) bool {
	proposed := v.State == merchants.Proposed
	switch e {
	case merchants.Take:
		return v.Taken == ""
	case merchants.Release:
		return mine || lead && v.Taken != ""
	case merchants.Ask, merchants.Reject, merchants.Uphold, merchants.Overturn:
		return mine
	case merchants.Propose:
		return mine && v.Two
	case merchants.Approve:
		return proposed && lead && !mine || !proposed && mine && !v.Two
	case merchants.SendBack:
		return lead && !mine
	case merchants.Suspend:
		return v.Published > 0
	}
	return true
}

// reviewPage is one registration with what this person can do.
func (s *Server) reviewPage(c *call, v *broker.MerchantReview, sent *caseSent, wrong pages.Wrongs) (pages.Review, error) {
	w := pages.RegisterWordsIn("en")
	row := s.reviewRow(c, v)
	p := pages.Review{
		Shell: pages.Shell{Title: wrong.Title(row.Type + ", " + row.Market)}, ReviewRow: row, Account: string(c.person.Account), Party: string(v.Party),
		Pack: v.Pack, Version: v.Version, Published: v.Published, Reason: plainly(v.Reason), Owed: plainly(v.Owed), Asked: asked(w, &v.MerchantView),
		Fields: s.reviewFields(w, v),
	}
	var err error
	if p.Open, err = s.openBefore(c, p.ID, v.Contested); err != nil {
		return p, err
	}
	if p.Confirm, err = s.confirming(c, &p.Shell, wrong); err != nil {
		return p, err
	}
	if p.Open == "" {
		s.reviewRail(c, &p, v)
	}
	sent.intoReview(&p, wrong)
	s.reviewRest(&p, w, v)
	return p, nil
}

// reviewRail is what this person can do, while it lies before nobody else.
func (s *Server) reviewRail(c *call, p *pages.Review, v *broker.MerchantReview) {
	p.Acts = s.actsOf(c, v)
	works := v.Taken == string(c.person.Account) && broker.MerchantPurpose(v.State) != ""
	if p.MayOpen = works || v.State == merchants.Proposed && c.person.Role == accounts.Lead; p.MayOpen {
		p.Look = lookForm(v)
	}
	for _, a := range s.acts(c, v) {
		p.Decides = p.Decides || a.decides
		p.NeedsChecks = p.NeedsChecks || a.event == merchants.Propose || a.event == merchants.Approve && v.State != merchants.Proposed
	}
	if p.NeedsChecks {
		checksOn(p)
	}
}

func (s *Server) actsOf(c *call, v *broker.MerchantReview) (all []pages.ReviewAct) {
	for _, a := range s.acts(c, v) {
		act := pages.ReviewAct{Event: string(a.event), Label: a.label, Note: a.note, Main: a.event == merchants.Take || a.event == merchants.Approve || a.event == merchants.Propose}
		if v.State == merchants.Proposed && a.event == merchants.Approve {
			act.Label, act.Note = "Confirm the proposal", "What is approved is exactly what is named above."
		} else {
			if codes := broker.MerchantReasons(a.event); codes != nil {
				reason := chosen(whyName(a.event), "Reason", codes)
				act.Reason = &reason
			}
		}
		act.Checked = act.Reason != nil && (a.event == merchants.Approve || a.event == merchants.Propose)
		all = append(all, act)
	}
	return all
}

func (s *Server) reviewFields(w pages.RegisterWords, v *broker.MerchantReview) (all []pages.ReviewField) {
	for i, f := range v.Fields {
		x := pages.ReviewField{
			N: i, Label: s.labelOf(w, v.Pack, f.Pointer), Pointer: string(f.Pointer), Law: f.Law, Outcome: string(f.Outcome),
			Seen: string(f.Visibility), SeenChip: "chip-masked", Chip: "chip-waiting",
		}
		if f.Visibility != merchants.Private {
			x.SeenChip = "chip-ready"
		}
		if f.Outcome == identifiers.Valid {
			x.Chip = "chip-live"
		}
		if f.Code != "" {
			x.Says = codeWords(w, f.Code)
		}
		all = append(all, x)
	}
	return all
}

// reviewRest are duplicates, documents, the proposal and the history.
func (s *Server) reviewRest(p *pages.Review, w pages.RegisterWords, v *broker.MerchantReview) {
	for _, d := range v.Duplicates {
		var at []string
		for _, x := range d.Pointers {
			at = append(at, s.labelOf(w, v.Pack, x))
		}
		p.Duplicates = append(p.Duplicates, pages.ReviewDuplicate{
			ID: string(d.Merchant), Party: string(d.Party), State: plainly(string(d.State)), Chip: merchantChip(d.State), Numbers: otherWords(&d, at),
		})
	}
	p.More = v.More
	for i := range v.Documents {
		d := &v.Documents[i]
		x := pages.ReviewDocument{N: d.N, Kind: plainly(d.Kind), Media: d.Media, Size: fmt.Sprintf("%d kB", (d.Bytes+999)/1000), Hash: planText(d.Original), At: d.At}
		if !d.Expires.IsZero() {
			x.Expires = &d.Expires
		}
		p.Documents = append(p.Documents, x)
	}
	if q := v.Proposal; q != nil {
		p.Hash = planText(v.Hash)
		p.Proposal = &pages.ReviewProposal{By: q.By, Reason: plainly(q.Reason)}
		for _, x := range q.Checks {
			at := "All other fields"
			if x.Pointer != "" {
				at = s.labelOf(w, v.Pack, x.Pointer)
			} else if len(q.Checks) == 1 {
				at = "All fields"
			}
			p.Proposal.Checks = append(p.Proposal.Checks, at+": "+plainly(x.Method)+", "+plainly(x.Source))
		}
	}
	for i := range v.History {
		p.History = append(p.History, reviewEvent(&v.History[i]))
	}
}

// otherWords say what another registration has to do with this one.
func otherWords(d *broker.MerchantDuplicate, numbers []string) string {
	words := cmp.Or(strings.Join(numbers, ", "), "the same party")
	if d.Marked != "" {
		words += "; it was " + d.Marked
		if d.Reason != "" {
			words += ": " + plainly(d.Reason)
		}
	}
	return words
}

// reviewEvent is an entry in words.
func reviewEvent(e *broker.MerchantEvent) pages.ReviewEvent {
	x := pages.ReviewEvent{Index: e.Index, At: e.At, Of: e.Account, Reason: plainly(e.Reason), By: "by the " + plainly(string(e.By))}
	switch e.Type {
	case ledger.MerchantWritten:
		x.What = "Version " + strconv.Itoa(e.Version) + " was given"
	case ledger.MerchantViewed:
		x.What = "Version " + strconv.Itoa(e.Version) + " was opened"
		if e.Purpose != "" {
			x.What += " to " + plainly(e.Purpose)
		}
	case ledger.DocumentOpened:
		x.What = "Document " + strconv.Itoa(e.Document) + " was opened"
	case ledger.DocumentStored:
		x.What = "Document " + strconv.Itoa(e.Document) + " was handed in"
	default:
		x.What = strings.TrimSuffix(sentence(plainly(string(e.Event))), ".")
		if e.To != "" && e.To != e.From {
			x.What += ", " + plainly(string(e.To))
		}
	}
	if e.By == "" {
		x.By = "by the " + plainly(cmp.Or(e.Role, "merchant"))
	}
	return x
}
