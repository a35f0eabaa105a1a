package web

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
)

// mostMoments is how much of a timeline one page has.
const mostMoments = 60

// casePage is the case in the path, with what this person can do. What was sent, and
// what was wrong with it, is on it again.
func (s *Server) casePage(c *call, sent *caseSent, wrong pages.Wrongs) (*pages.Case, error) {
	id, err := c.disputeID()
	if err != nil {
		return nil, err
	}
	v, err := s.Broker.StaffCase(c.ctx, c.staff(), id)
	if err != nil {
		return nil, err
	}
	t, err := s.Broker.Transaction(c.ctx, v.Transaction, "")
	if err != nil {
		return nil, err
	}
	row := s.caseRow(c, &v.CaseRecord, v.Transaction, v.Buyer, v.Seller)
	p := &pages.Case{
		Shell: pages.Shell{Title: wrong.Title(row.Reason + ", " + row.Amount), Jump: pages.Choice{Code: "acts", Text: "Skip to what you can do"}}, CaseRow: row,
		Account: string(c.person.Account), Moves: v.Moves, Opened: v.OpenedAt, Updated: v.UpdatedAt, Follows: string(v.Follows), External: externalWords(v.External),
		Lines: caseLines(v.Lines, &t), Offers: caseOffers(&v), Decision: caseDecision(&v), Proposal: caseProposal(&v, string(c.person.Account)),
		Texts: v.CaseFacts.Texts, MayOpen: mayOpen(c.person, &v), Reads: !those(deciders()...).has(c.person.Role),
	}
	if slices.Contains(v.SecondFor, "amount") {
		p.SecondFor = "the amount is large"
	}
	if p.Confirm, err = s.confirming(c, &p.Shell, wrong); err != nil {
		return nil, err
	}
	for i := range v.Clocks {
		switch x := caseClock(&v.Clocks[i], v.Now); {
		case x.Ended != nil:
			p.Ended = append(p.Ended, x)
		case v.Clocks[i].Kind == disputes.Statutory:
			p.Clocks = append(p.Clocks, x)
		default:
			p.Others = append(p.Others, x)
		}
	}
	for i := range v.Checklist {
		p.Checklist = append(p.Checklist, caseCheck(&v.Checklist[i]))
	}
	p.Evidence = caseEvidence(&v)
	if p.Moments, err = c.moments(&v, p.Address(), sent); err != nil {
		return nil, err
	}
	p.Sides = caseSides(&v, p.Account)
	if p.Open, err = s.openBefore(c, p.ID, contested(&v)); err != nil {
		return nil, err
	}
	if err := s.besideCase(c, p, &v); err != nil {
		return nil, err
	}
	return p, s.caseRail(c, p, &v, sent, wrong)
}

// contested says whether several could do the same now, this person among them: take what
// waits and nobody has, or look at what somebody else has proposed.
func contested(v *broker.CaseView) bool {
	may := func(e states.Event) bool { return slices.Contains(v.Allowed, e) }
	return v.Assigned == "" && v.Waits() && may(disputes.Assign) || may(disputes.Approve) || may(disputes.SendBack)
}

// mayOpen says whether this person opens texts and evidence: he has the case, or looks
// at what somebody else would decide.
func mayOpen(p *accounts.Session, v *broker.CaseView) bool {
	mine := v.Assigned == string(p.Account)
	second := v.Proposal != nil && v.Proposal.By != string(p.Account)
	return v.IsOpen() && those(deciders()...).has(p.Role) && (mine || second)
}

// caseLines are what is owed in the transaction, and how much of it is done.
func caseLines(disputed []broker.Obligation, t *broker.TransactionView) (all []pages.CaseLine) {
	for i := range t.Obligations {
		o := &t.Obligations[i]
		if strings.Trim(o.Due, "0.") == "" {
			continue // nothing of it is due
		}
		x := pages.CaseLine{
			Label: headWords(string(o.ID)), Debtor: string(o.Debtor), Done: o.Done, Due: o.Due, State: plainly(o.State),
			Disputed: slices.Contains(disputed, o.ID), Percent: percentOf(o.Done, o.Due),
		}
		if o.ID == broker.Pay || o.ID == broker.Refund {
			x.Unit = string(t.Amount.Currency)
		}
		all = append(all, x)
	}
	return all
}

func percentOf(done, due string) int {
	d, err1 := strconv.ParseFloat(done, 64)
	all, err2 := strconv.ParseFloat(due, 64)
	if err1 != nil || err2 != nil || all <= 0 {
		return 0
	}
	return min(100, int(100*d/all))
}

func caseOffers(v *broker.CaseView) (all []string) {
	for i := range v.Offers {
		o := &v.Offers[i]
		words := fmt.Sprintf("%d. %s by the %s", o.N, headWords(string(o.Kind)), o.By)
		if o.Amount > 0 {
			words += ", " + caseMoney(broker.Quantity(o.Amount), v.Currency)
		}
		all = append(all, words+": "+plainly(string(o.State)))
	}
	return all
}

// clockNames are what the clocks are called.
func clockName(name string) string {
	switch name {
	case disputes.TalksClock:
		return "Negotiation"
	case disputes.EvidenceClock:
		return "Evidence"
	case disputes.RemedyClock:
		return "What was agreed or decided"
	case disputes.AppealClock:
		return "Appeal"
	case disputes.ResolveClock:
		return "Decision, by law"
	case disputes.DetailsClock:
		return "The merchant’s details to the consumer"
	case disputes.FirstClock:
		return "Somebody has it (ours)"
	case disputes.DecisionClock:
		return "Decision (ours)"
	}
	return headWords(name)
}

func caseClock(x *disputes.Clock, now time.Time) pages.CaseClock {
	state := x.State(now)
	y := pages.CaseClock{
		Name: clockName(x.Name), Rule: sentence(x.Rule), State: state, Due: x.Due, Ours: x.Kind == disputes.Internal,
		Chip: map[string]string{"running": "chip-ready", "paused": "chip-masked", "overdue": "chip-suspended", "met": "chip-live", "missed": "chip-suspended"}[state],
	}
	if state == "running" || state == "overdue" {
		y.Left, _, _ = leftUntil(x.Due, now)
	}
	if !x.Ended.IsZero() {
		y.Ended = &x.Ended
	}
	for _, p := range x.Paused {
		span := pages.CaseSpan{From: p.From}
		if !p.Until.IsZero() {
			span.Until = &p.Until
		}
		y.Paused = append(y.Paused, span)
	}
	return y
}

// standingChip is how evidence stands, in colour.
func standingChip(s disputes.Standing) string {
	switch s {
	case disputes.Submitted, disputes.Admitted:
		return "chip-live"
	case disputes.Staged:
		return "chip-ready"
	case disputes.Late:
		return "chip-suspended"
	default:
		return "chip-waiting"
	}
}

// standingWords are how evidence stands, in words.
func standingWords(s disputes.Standing) string {
	if s == disputes.Late {
		return "late"
	}
	return string(s)
}

func caseCheck(l *disputes.Line) pages.CaseCheck {
	return pages.CaseCheck{
		By: string(l.By), What: headWords(string(l.Type)), Required: l.Required, State: standingWords(l.Standing), Chip: standingChip(l.Standing), Items: l.Items,
	}
}

func caseEvidence(v *broker.CaseView) (all []pages.CaseItem) {
	opened := itemLooks(v)
	for i := range v.Evidence {
		e := &v.Evidence[i]
		all = append(all, pages.CaseItem{
			N: e.N, By: string(e.By), What: headWords(string(e.Type)), State: standingWords(e.Standing), Chip: standingChip(e.Standing), Media: e.Media,
			Size: fmt.Sprintf("%d kB", (e.Bytes+999)/1000), Hash: "sha256:" + hex.EncodeToString(e.Original), At: e.At, OpenedBy: opened[e.N],
		})
	}
	return all
}

func caseDecision(v *broker.CaseView) *pages.CaseRuling {
	d := v.Decision
	if d == nil {
		return nil
	}
	x := caseRuling(v, d)
	x.At = &d.At
	if v.State == disputes.Decided {
		until := d.At.Add(disputes.AppealTerm)
		x.AppealBy = &until
	}
	return x
}

func caseRuling(v *broker.CaseView, d *broker.CaseDecision) *pages.CaseRuling {
	x := &pages.CaseRuling{Outcome: outcomeWords(d.Outcome), Reason: headWords(d.Reason), Clause: d.Clause}
	if d.Amount > 0 {
		x.Amount = caseMoney(d.Amount, v.Currency)
	}
	return x
}

// caseProposal is the frozen payload in words: all that an approval decides.
func caseProposal(v *broker.CaseView, viewer string) *pages.CaseRuling {
	q := v.Proposal
	if q == nil {
		return nil
	}
	x := caseRuling(v, &q.CaseDecision)
	x.By, x.Own, x.Hash = q.By, q.By == viewer, planText(v.Hash)
	for i := range v.Items {
		if e := &v.Items[i]; e.Counts() {
			x.Evidence = append(x.Evidence, fmt.Sprintf("item %d, %s of the %s", e.N, plainly(string(e.Type)), e.By))
		}
	}
	if len(x.Evidence) == 0 {
		x.Evidence = []string{"no evidence"}
	}
	return x
}

// outcomeWords are what an outcome comes to.
func outcomeWords(o disputes.Outcome) string {
	switch o {
	case disputes.Refund:
		return "Refund all of it"
	case disputes.PartRefund:
		return "Refund a part of it"
	case disputes.ReleaseIt:
		return "Release the money: it stays with whom it was paid to"
	default:
		return "Nothing is paid"
	}
}

func externalWords(kind string) string {
	switch kind {
	case "":
		return ""
	case "adr":
		return "An ADR body"
	case "chargeback":
		return "A bank, by a chargeback"
	}
	return "A " + plainly(kind)
}

// headWords writes a code as words, the first of them with a capital.
func headWords(code string) string { return strings.TrimSuffix(sentence(plainly(code)), ".") }

// fieldWords are what a field is called at the desk.
func fieldWords(f masking.Field) string {
	switch f {
	case masking.FirstName:
		return "First name"
	case masking.Email:
		return "E-mail"
	default:
		return headWords(string(f))
	}
}
