package web

import (
	"encoding/hex"
	"slices"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
)

// disputeAnswer is a case as one of its sides sees it, or one of the staff.
type disputeAnswer struct {
	ID          string           `json:"id" validate:"required"`
	Transaction string           `json:"transaction" validate:"required" docs:"id"`
	Buyer       string           `json:"buyer" validate:"required" docs:"id"`
	Seller      string           `json:"seller" validate:"required" docs:"id"`
	State       string           `json:"state" validate:"required" description:"docs/disputes.md lists them"`
	Reason      string           `json:"reason" validate:"required" docs:"dispute_reason"`
	Obligations []string         `json:"obligations" validate:"required" description:"that it is about"`
	Amount      amountAnswer     `json:"amount" validate:"required" description:"that it is about"`
	OpenedBy    string           `json:"opened_by" validate:"required" docs:"id"`
	OpenedAt    time.Time        `json:"opened_at" validate:"required"`
	UpdatedAt   time.Time        `json:"updated_at" validate:"required"`
	Follows     string           `json:"follows,omitempty" description:"the case about the same that there was before"`
	Allowed     []string         `json:"allowed" validate:"required" description:"what this viewer could do now, as events of docs/disputes.md; without a viewer nothing"`
	EndsAt      time.Time        `json:"ends_at,omitzero" description:"when this state ends by itself"`
	External    string           `json:"external,omitempty" description:"who else has the case"`
	Clocks      []clockAnswer    `json:"clocks" validate:"required"`
	Offers      []offerAnswer    `json:"offers" validate:"required"`
	Checklist   []checklistLine  `json:"checklist" validate:"required" description:"what a case for this reason needs, and what was asked for besides"`
	Evidence    []evidenceAnswer `json:"evidence" validate:"required" description:"without its content; empty without a viewer"`
	Frozen      string           `json:"frozen_sha256,omitempty" docs:"sha256" description:"of the evidence that counts, since it was frozen"`
	Texts       int              `json:"texts" validate:"required" description:"how many were written"`
	Messages    *[]messageAnswer `json:"messages,omitempty" description:"to its sides: what was written, oldest first; staff open it by an entry of its own"`
	Timeline    []timelineAnswer `json:"timeline" validate:"required" description:"what the ledger says of it to this viewer, money, goods and disclosures of the transaction among it, oldest first; empty without a viewer"`
	Decision    *rulingAnswer    `json:"decision,omitempty"`
	Ledger      *ledgerAnswer    `json:"ledger,omitempty" description:"the place of the entry that was just written; left out in a read"`

	Assigned  string            `json:"assigned,omitempty" description:"to staff: the account that works on it"`
	Deciders  []string          `json:"deciders,omitempty" description:"to staff: the accounts that have decided it before"`
	Proposal  *caseProposalShow `json:"proposal,omitempty" description:"to staff: what waits for a second person"`
	SecondFor []string          `json:"second_for,omitempty" description:"to staff: why that has to be a lead or a privacy officer"`
}

type clockAnswer struct {
	Name      string       `json:"name" validate:"required"`
	Kind      string       `json:"kind" validate:"required,oneof=statutory procedure internal" description:"a statutory one never stands still; an internal one counts the hours of an office"`
	Rule      string       `json:"rule" validate:"required" description:"that made it, in words"`
	StartedAt time.Time    `json:"started_at" validate:"required"`
	DueAt     time.Time    `json:"due_at" validate:"required"`
	State     string       `json:"state" validate:"required,oneof=running paused overdue met missed"`
	EndedAt   time.Time    `json:"ended_at,omitzero"`
	Paused    []spanAnswer `json:"paused" validate:"required" description:"when it stood still"`
}

type spanAnswer struct {
	From  time.Time `json:"from" validate:"required"`
	Until time.Time `json:"until,omitzero" description:"left out: it still does"`
}

type offerAnswer struct {
	N      int    `json:"n" validate:"required,min=1"`
	By     string `json:"by" validate:"required,oneof=buyer seller"`
	Kind   string `json:"kind" validate:"required" docs:"offer_kind"`
	Amount string `json:"amount,omitempty" docs:"decimal"`
	State  string `json:"state" validate:"required,oneof=live retracted superseded accepted over"`
}

type checklistLine struct {
	By       string `json:"by" validate:"required,oneof=buyer seller"`
	Type     string `json:"type" validate:"required" docs:"evidence_type"`
	Required bool   `json:"required" validate:"required"`
	State    string `json:"state" validate:"required,oneof=missing staged submitted past_due admitted"`
	Items    []int  `json:"items" validate:"required" description:"the numbers of those that were handed in for it"`

	Due time.Time `json:"due,omitzero" description:"until when it was asked for last; left out: nobody has asked"`
}

type evidenceAnswer struct {
	N          int       `json:"n" validate:"required,min=1"`
	By         string    `json:"by" validate:"required,oneof=buyer seller"`
	Type       string    `json:"type" validate:"required" docs:"evidence_type"`
	State      string    `json:"state" validate:"required,oneof=staged submitted past_due admitted" description:"staged: handed in, and not yet frozen; past_due: late, and counts once it is admitted"`
	Media      string    `json:"media" validate:"required" description:"of the original, by its bytes"`
	Bytes      int       `json:"bytes" validate:"required" description:"of the original"`
	Original   string    `json:"original_sha256" validate:"required" docs:"sha256" description:"of what was given, byte for byte"`
	Derivative string    `json:"derivative_sha256" validate:"required" docs:"sha256" description:"of what others open: drawn anew, with nothing else in it"`
	Shows      string    `json:"derivative_media" validate:"required"`
	At         time.Time `json:"at" validate:"required"`
}

type messageAnswer struct {
	Index int64       `json:"index" validate:"required" description:"of its entry"`
	At    time.Time   `json:"at" validate:"required"`
	Event string      `json:"event" validate:"required" description:"what it was said with"`
	By    string      `json:"by" validate:"required,oneof=buyer seller staff"`
	Text  valueAnswer `json:"text" validate:"required"`
}

type timelineAnswer struct {
	Index int64          `json:"index" validate:"required" description:"of the entry"`
	At    time.Time      `json:"at" validate:"required"`
	Type  string         `json:"type" validate:"required" description:"of the entry; docs/entry-format.md lists them, and what each may say"`
	Said  map[string]any `json:"said" validate:"required" description:"what it says to this viewer, hashes and commitments left out"`
}

// rulingAnswer is what was decided.
type rulingAnswer struct {
	Outcome    string    `json:"outcome" validate:"required" docs:"outcome"`
	Amount     string    `json:"amount,omitempty" docs:"decimal" description:"that is to be paid back"`
	ReasonCode string    `json:"reason_code" validate:"required" docs:"ruling_reason"`
	Clause     string    `json:"clause" validate:"required"`
	At         time.Time `json:"at" validate:"required"`
	AppealBy   time.Time `json:"appeal_by,omitzero" description:"until when it can be appealed; left out: it cannot"`
}

type caseProposalShow struct {
	By         string `json:"by" validate:"required" description:"an account"`
	Outcome    string `json:"outcome" validate:"required" docs:"outcome"`
	Amount     string `json:"amount,omitempty" docs:"decimal"`
	ReasonCode string `json:"reason_code" validate:"required" docs:"ruling_reason"`
	Clause     string `json:"clause" validate:"required"`
	Hash       string `json:"payload_hash" validate:"required" description:"of exactly what an approval would decide; the second person names it"`
}

func showDispute(v *broker.CaseView) *disputeAnswer {
	a := &disputeAnswer{
		ID: string(v.ID), Transaction: string(v.Transaction), Buyer: string(v.Buyer), Seller: string(v.Seller), State: string(v.State), Reason: string(v.Reason),
		Obligations: words(v.Lines), Amount: amountAnswer{string(v.Currency), v.Amount.Format(v.Currency.Digits())}, OpenedBy: opener(&v.CaseRecord, v.Buyer, v.Seller),
		OpenedAt: v.OpenedAt, UpdatedAt: v.UpdatedAt, Follows: string(v.Follows), Allowed: words(v.Allowed), EndsAt: v.Deadline, External: v.External,
		Clocks:    each(v.Clocks, func(x *disputes.Clock) clockAnswer { return showClock(x, v.Now) }),
		Offers:    each(v.Offers, func(o *disputes.TheOffer) offerAnswer { return showOffer(o, v.Currency) }),
		Checklist: each(v.Checklist, showChecklist), Evidence: each(v.Evidence, showEvidence), Texts: v.CaseFacts.Texts,
		Timeline: each(v.Timeline, showCaseEvent), Decision: showRuling(v), Assigned: v.Assigned, Deciders: v.Deciders, SecondFor: v.SecondFor,
	}
	if len(v.Frozen) > 0 {
		a.Frozen = hex.EncodeToString(v.Frozen)
	}
	if v.Texts != nil {
		messages := each(v.Texts, showCaseText)
		a.Messages = &messages
	}
	if p := v.Proposal; p != nil {
		a.Proposal = &caseProposalShow{p.By, string(p.Outcome), money(p.Amount, v.Currency), p.Reason, p.Clause, planText(v.Hash)}
	}
	if v.Place.Size > 0 {
		place := showPlace(&v.Place)
		a.Ledger = &place
	}
	return a
}

func opener(r *broker.CaseRecord, buyer, seller broker.PartyID) string {
	if r.Opener == disputes.Buyer {
		return string(buyer)
	}
	return string(seller)
}

// money is empty where there is none.
func money(q broker.Quantity, c broker.Currency) string {
	if q == 0 {
		return ""
	}
	return q.Format(c.Digits())
}

func showClock(x *disputes.Clock, now time.Time) clockAnswer {
	return clockAnswer{
		x.Name, string(x.Kind), x.Rule, x.Started, x.Due, x.State(now), x.Ended,
		each(x.Paused, func(s *disputes.Span) spanAnswer { return spanAnswer{s.From, s.Until} }),
	}
}

func showOffer(o *disputes.TheOffer, c broker.Currency) offerAnswer {
	return offerAnswer{o.N, string(o.By), string(o.Kind), money(broker.Quantity(o.Amount), c), string(o.State)}
}

func showChecklist(l *disputes.Line) checklistLine {
	return checklistLine{string(l.By), string(l.Type), l.Required, string(l.Standing), append([]int{}, l.Items...), l.Due}
}

func showEvidence(e *broker.Evidence) evidenceAnswer {
	return evidenceAnswer{
		e.N, string(e.By), string(e.Type), string(e.Standing), e.Media, e.Bytes, hex.EncodeToString(e.Original), hex.EncodeToString(e.Derivative), e.Shows, e.At,
	}
}

func showCaseText(x *broker.CaseText) messageAnswer {
	return messageAnswer{x.Index, x.At, string(x.Event), x.By, valueAnswer{masking.Value{Text: x.Text}}}
}

func showRuling(v *broker.CaseView) *rulingAnswer {
	d := v.Decision
	if d == nil {
		return nil
	}
	a := &rulingAnswer{Outcome: string(d.Outcome), Amount: money(d.Amount, v.Currency), ReasonCode: d.Reason, Clause: d.Clause, At: d.At}
	if v.State == disputes.Decided {
		a.AppealBy = v.Deadline
	}
	return a
}

func showCaseEvent(e *broker.CaseEvent) timelineAnswer {
	return timelineAnswer{e.Index, e.At, e.Type.String(), saidOf(e.Said)}
}

// unsaid are members of an entry that tell a reader nothing: hashes and commitments,
// and what stands beside them already.
func unsaid() []string {
	return []string{"at", "type", "before", "note", "commitment", "plan", "original", "derivative", "frozen", "seal", "manifest", "dispute", "transaction", "step"}
}

// saidOf is an object of an entry as JSON has it.
func saidOf(o ledger.Object) map[string]any {
	said := map[string]any{}
	for _, m := range o {
		if slices.Contains(unsaid(), m.Name) {
			continue
		}
		switch x := m.Value.(type) {
		case ledger.Object:
			said[m.Name] = saidOf(x)
		case []ledger.Object:
			said[m.Name] = each(x, func(o *ledger.Object) map[string]any { return saidOf(*o) })
		default:
			said[m.Name] = x
		}
	}
	return said
}

// disputeLine is a case in a list.
type disputeLine struct {
	ID          string       `json:"id" validate:"required"`
	Transaction string       `json:"transaction" validate:"required" docs:"id"`
	Buyer       string       `json:"buyer" validate:"required" docs:"id"`
	Seller      string       `json:"seller" validate:"required" docs:"id"`
	State       string       `json:"state" validate:"required"`
	Reason      string       `json:"reason" validate:"required" docs:"dispute_reason"`
	Obligations []string     `json:"obligations" validate:"required"`
	Amount      amountAnswer `json:"amount" validate:"required"`
	OpenedBy    string       `json:"opened_by" validate:"required" docs:"id"`
	OpenedAt    time.Time    `json:"opened_at" validate:"required"`
	UpdatedAt   time.Time    `json:"updated_at" validate:"required"`
	DueAt       time.Time    `json:"due_at,omitzero" description:"the first of what is due; left out: nothing is"`
	Moves       int64        `json:"moves" validate:"required" description:"what If-Match of a step on it names"`

	Assigned string `json:"assigned,omitempty" description:"to staff: the account that works on it"`
	Waits    bool   `json:"waits,omitzero" description:"to staff: one of them has to do something"`
}

func showDisputeLine(l *broker.CaseLine) disputeLine {
	return disputeLine{
		ID: string(l.ID), Transaction: string(l.Transaction), Buyer: string(l.Buyer), Seller: string(l.Seller), State: string(l.State), Reason: string(l.Reason),
		Obligations: words(l.Lines), Amount: amountAnswer{string(l.Currency), l.Amount.Format(l.Currency.Digits())}, OpenedBy: opener(&l.CaseRecord, l.Buyer, l.Seller),
		OpenedAt: l.OpenedAt, UpdatedAt: l.UpdatedAt, DueAt: l.DueAt(), Moves: l.Moves,
	}
}

func showQueueLine(l *broker.CaseLine) disputeLine {
	a := showDisputeLine(l)
	a.Assigned, a.Waits = l.Assigned, l.Waits()
	return a
}
