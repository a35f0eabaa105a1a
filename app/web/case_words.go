package web

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
)

// moments are a part of what happened, the newest first.
func (c *call) moments(v *broker.CaseView, here string, sent *caseSent) (pages.Moments, error) {
	var p pages.Moments
	before, given := c.params["before"], c.params["before"] != ""
	if sent != nil && sent.before() != "" {
		before, given = sent.before(), true
	}
	end := len(v.Timeline)
	if given {
		n, err := strconv.ParseInt(before, 10, 64)
		if err != nil {
			return p, errRequest
		}
		end, _ = slices.BinarySearchFunc(v.Timeline, n, func(e broker.CaseEvent, n int64) int { return int(e.Index - n) })
		p.Before, p.Newest = before, here
	}
	if len(v.Timeline) > 0 {
		p.Seen = v.Timeline[len(v.Timeline)-1].Index
	}
	p.Newly = string(c.newlyDone(v.Timeline))
	begin := max(0, end-mostMoments)
	if begin > 0 {
		p.Older = here + "?before=" + strconv.FormatInt(v.Timeline[begin].Index, 10)
	}
	me := string(c.person.Account)
	for i := end - 1; i >= begin; i-- {
		m := caseMoment(&v.Timeline[i], v)
		m.What, m.Who = strings.ReplaceAll(m.What, me, "you"), strings.ReplaceAll(m.Who, me, "you")
		m.Fresh = sent != nil && sent.seen > 0 && m.Index > sent.seen
		p.Timeline = append(p.Timeline, m)
	}
	return p, nil
}

// changedSince are the moves of the case after somebody looked, oldest first.
func changedSince(v []pages.CaseMoment) (all []pages.CaseMoment) {
	for i := len(v) - 1; i >= 0; i-- {
		if v[i].Fresh {
			all = append(all, v[i])
		}
	}
	return all
}

// caseMoment is an entry in words.
func caseMoment(e *broker.CaseEvent, v *broker.CaseView) pages.CaseMoment {
	m := pages.CaseMoment{Index: e.Index, At: e.At, Who: whoDid(e)}
	switch e.Type {
	case ledger.CaseOpened, ledger.CaseMoved, ledger.CaseTurned, ledger.CaseProposed, ledger.CaseDecided, ledger.CaseClosed:
		caseStepWords(&m, e, v)
	case ledger.EvidenceStored:
		m.Kind, m.What = "evidence", fmt.Sprintf("The %s handed in item %d: %s", e.Said.String("by"), e.Said.Int("item"), plainly(e.Said.String("kind")))
		if e.Said.String("standing") == string(disputes.Late) {
			m.More = "It came late, and counts once it is admitted."
		}
	case ledger.EvidenceOpened:
		m.Kind, m.What = "view", openedWords(e)
	case ledger.BundleMade:
		m.Kind, m.What = "view", "The bundle for the "+plainly(cmp.Or(e.Said.String("recipient"), e.Said.String("made_for")))+" was made"
	default:
		transactionWords(&m, e)
	}
	return m
}

// openedWords say what of a case was opened.
func openedWords(e *broker.CaseEvent) string {
	if n := e.Said.Int("item"); n > 0 {
		return fmt.Sprintf("%s opened item %d", sideWords(e.Said.String("by")), n)
	}
	return sideWords(e.Said.String("by")) + " opened what was written"
}

// sideWords are who acts, as both sides are told.
func sideWords(by string) string {
	switch by {
	case "buyer", "seller":
		return "The " + by
	case "clock":
		return "Time"
	case "staff", "second":
		return "Staff"
	}
	return headWords(by)
}

// whoDid is the account behind an entry.
func whoDid(e *broker.CaseEvent) string {
	for _, name := range []string{"account", "approver"} {
		if a := e.Said.String(name); a != "" {
			return "by " + a
		}
	}
	return ""
}

// caseStepWords say what happened to the case itself.
func caseStepWords(m *pages.CaseMoment, e *broker.CaseEvent, v *broker.CaseView) {
	o := e.Said
	m.Kind = "case"
	who := sideWords(o.String("by"))
	switch on := states.Event(o.String("event")); on {
	case disputes.Message:
		m.Kind, m.What = "message", who+" wrote"
	case disputes.Offer, disputes.RetractOffer, disputes.AcceptOffer:
		m.What = fmt.Sprintf("%s %s offer %d: %s", who, map[states.Event]string{disputes.Offer: "made", disputes.RetractOffer: "took back", disputes.AcceptOffer: "accepted"}[on], o.Int("offer"), plainly(o.String("kind")))
		m.More = amountWords(o, v)
	case disputes.AskEvidence:
		m.Kind, m.What, m.More = "evidence", "Evidence was asked for", wantedWords(o)
	case disputes.AdmitEvidence:
		m.Kind, m.What = "evidence", fmt.Sprintf("Item %d counts, although it was late", o.Int("item"))
	case disputes.Freeze:
		m.Kind, m.What = "evidence", "The time for evidence ended, and it was frozen"
	case disputes.Rest:
		m.Kind, m.What = "evidence", who+" has no more evidence"
		if o.String("to") == string(disputes.UnderReview) {
			m.More = "The evidence was frozen with that."
		}
	case disputes.Assign:
		m.What = "Assigned to " + o.String("assigned")
	case disputes.Propose:
		m.Kind, m.What, m.More = "decision", "A decision was proposed: "+strings.ToLower(outcomeWords(disputes.Outcome(o.String("outcome")))), rulingWords(o, v)
	case disputes.Approve:
		m.Kind, m.What, m.More = "decision", "Decided: "+strings.ToLower(outcomeWords(disputes.Outcome(o.String("outcome")))), rulingWords(o, v)
	case disputes.SendBack:
		m.Kind, m.What, m.More = "decision", "The proposal was sent back", reasonWords(o)
	default:
		m.What, m.More = otherStep(e, who), reasonWords(o)
	}
}

// otherStep are the moves that a sentence is enough for.
func otherStep(e *broker.CaseEvent, who string) string {
	if e.Type == ledger.CaseOpened {
		return "The case was opened"
	}
	switch states.Event(e.Said.String("event")) {
	case disputes.Escalate:
		return who + " asked for a decision"
	case disputes.Withdraw:
		return who + " withdrew the case"
	case disputes.CheckDetails:
		if e.Said.String("reason") == "overdue" {
			return "The merchant's name, address and contact are overdue to the consumer"
		}
		return "The merchant's name, address and contact have come, and late"
	case disputes.Lapse:
		return "The case lapsed: nobody asked for a decision in time"
	case disputes.Release:
		return "Nobody has the case any more"
	case disputes.Appeal:
		return who + " appealed"
	case disputes.GoOutside:
		return "Somebody else has the case now"
	case disputes.ComeBack:
		return "The case came back from outside"
	case disputes.Conclude:
		return "It was decided outside, and the case closed"
	case disputes.Close:
		return "The case closed"
	}
	return headWords(e.Said.String("event"))
}

func reasonWords(o ledger.Object) string {
	if r := o.String("reason"); r != "" {
		return headWords(r) + "."
	}
	return ""
}

func amountWords(o ledger.Object, v *broker.CaseView) string {
	if a := o.String("amount"); a != "" {
		return a + " " + string(v.Currency)
	}
	return ""
}

func rulingWords(o ledger.Object, v *broker.CaseView) string {
	parts := []string{headWords(o.String("reason")), "clause " + o.String("clause")}
	if a := amountWords(o, v); a != "" {
		parts = append([]string{a}, parts...)
	}
	return strings.Join(parts, ", ") + "."
}

func wantedWords(o ledger.Object) string {
	var all []string
	for _, w := range o.Objects("wanted") {
		words := w.String("by") + ": " + plainly(w.String("type"))
		if at, ok := w.Lookup("due"); ok {
			if t, ok := at.(time.Time); ok {
				words += " until " + t.UTC().Format("2 January 2006, 15:04 UTC")
			}
		}
		all = append(all, words)
	}
	return sentence(strings.Join(all, "; "))
}

// transactionWords say what happened in the transaction around the case.
func transactionWords(m *pages.CaseMoment, e *broker.CaseEvent) {
	o := e.Said
	switch e.Type {
	case ledger.TransactionWritten, ledger.HistoryImported:
		m.Kind, m.What = "agreement", "The transaction was agreed, or changed"
	case ledger.PerformanceRecorded:
		m.Kind, m.What = performedKind(o), headWords(o.String("obligation"))+": "+o.String("done")+" done, "+o.String("total")+" so far"
		m.More = sentence("Attested by the " + strings.TrimSpace(plainly(o.String("attested_by"))+" "+sourceWords(o)))
	case ledger.PerformanceReversed:
		m.Kind, m.What = performedKind(o), headWords(o.String("obligation"))+": "+o.String("undone")+" taken back, "+o.String("total")+" left"
	case ledger.TransactionCompleted:
		m.Kind, m.What = "agreement", "The transaction was completed"
	case ledger.TransactionCancelled:
		m.Kind, m.What = "agreement", "The transaction was cancelled"
	case ledger.DisclosureDecided, ledger.DecisionMade:
		m.Kind, m.What = "disclosure", o.String("requester")+" asked for data of "+o.String("subject")+": "+plainly(o.String("decision"))
		m.More = sentence("To " + plainly(o.String("purpose")) + ": " + fieldList(o, "granted"))
	case ledger.DisclosureViewed:
		m.Kind, m.What, m.More = "view", "A granted disclosure was looked at", sentence(fieldList(o, ""))
	case ledger.StaffViewed:
		m.Kind, m.What, m.More = "view", "Staff looked into a disclosure", sentence(openedOf(o)+": "+plainly(o.String("purpose"))+", "+plainly(o.String("reason")))
	case ledger.CaseRevealed:
		m.Kind, m.What = "view", "Staff revealed data of "+o.String("subject")
		m.More = sentence(fieldList(o, "") + ": " + plainly(o.String("purpose")) + ", " + plainly(o.String("reason")))
	case ledger.GlassBroken, ledger.GlassViewed, ledger.GlassEnded, ledger.GlassReviewed:
		glassWordsOf(m, e)
	case ledger.GrantRevoked:
		m.Kind, m.What = "disclosure", "A grant was ended: "+plainly(o.String("reason"))
	default:
		requestWords(m, e)
	}
}

func sourceWords(o ledger.Object) string {
	if src := o.String("source"); src != "" {
		return "(" + plainly(src) + ")"
	}
	return ""
}

func performedKind(o ledger.Object) string {
	if owed := broker.Obligation(o.String("obligation")); owed == broker.Pay || owed == broker.Refund {
		return "money"
	}
	return "goods"
}

// fieldList names the fields of an entry that have an outcome.
func fieldList(o ledger.Object, outcome string) string {
	var all []string
	for _, f := range o.Objects("fields") {
		if outcome == "" || f.String("outcome") == outcome {
			all = append(all, plainly(f.String("field")))
		}
	}
	if len(all) == 0 {
		return "nothing"
	}
	return strings.Join(all, ", ")
}
