package web

import (
	"time"

	"bauta.dev/bauta/broker"
)

// transactionAnswer is a transaction as one viewer sees it.
type transactionAnswer struct {
	ID          string              `json:"id" validate:"required"`
	Kind        string              `json:"kind" validate:"required"`
	State       string              `json:"state" validate:"required,oneof=open partly_performed performed completed cancelled"`
	Disputed    bool                `json:"disputed" validate:"required"`
	Buyer       sideAnswer          `json:"buyer" validate:"required"`
	Seller      sideAnswer          `json:"seller" validate:"required"`
	Amount      amountAnswer        `json:"amount" validate:"required"`
	Items       int                 `json:"items" validate:"required"`
	CreatedAt   time.Time           `json:"created_at" validate:"required"`
	PromisedAt  time.Time           `json:"promised_at,omitzero"`
	Slot        *slotAnswer         `json:"slot,omitempty"`
	Obligations []obligationAnswer  `json:"obligations" validate:"required"`
	Disclosable []disclosableAnswer `json:"disclosable,omitzero" description:"what the viewer could ask for now, and what is missing for the rest"`
}

type amountAnswer struct {
	Currency string `json:"currency" validate:"required"`
	Value    string `json:"value" validate:"required" docs:"decimal"`
}

type slotAnswer struct {
	Start time.Time `json:"start" validate:"required"`
	End   time.Time `json:"end" validate:"required"`
}

// sideAnswer is one party of it; without a viewer it has no contact.
type sideAnswer struct {
	ID      string      `json:"id" validate:"required"`
	Contact *hintAnswer `json:"contact,omitempty" description:"the viewer's own hints; of the other side nothing"`
}

type obligationAnswer struct {
	ID     string `json:"id" validate:"required"`
	Debtor string `json:"debtor" validate:"required,oneof=buyer seller"`
	Due    string `json:"due" validate:"required" docs:"decimal"`
	Done   string `json:"done" validate:"required" docs:"decimal"`
	State  string `json:"state" validate:"required,oneof=due claimed part_performed performed waived"`
}

type disclosableAnswer struct {
	Purpose  string          `json:"purpose" validate:"required"`
	Decision string          `json:"decision" validate:"required,oneof=granted pending refused"`
	Fields   []string        `json:"fields" validate:"required"`
	Missing  []missingAnswer `json:"missing" validate:"required"`
}

type missingAnswer struct {
	Obligation string `json:"obligation" validate:"required"`
	Need       string `json:"need" validate:"required" docs:"decimal"`
	Have       string `json:"have" validate:"required" docs:"decimal"`
}

func showTransaction(v *broker.TransactionView) *transactionAnswer {
	a := &transactionAnswer{
		ID: string(v.ID), Kind: string(v.Kind), State: v.State, Disputed: v.Disputed,
		Buyer: showSide(v.Buyer), Seller: showSide(v.Seller), Items: v.Items,
		Amount: amountAnswer{string(v.Amount.Currency), v.Amount.Value}, CreatedAt: v.CreatedAt, PromisedAt: v.PromisedAt,
		Obligations: make([]obligationAnswer, len(v.Obligations)),
	}
	if v.Slot != (broker.Slot{}) {
		a.Slot = &slotAnswer{v.Slot.Start, v.Slot.End}
	}
	if v.Buyer.Contact != nil { // there is a viewer, so there is a list
		a.Disclosable = make([]disclosableAnswer, len(v.Disclosable))
	}
	for i := range v.Obligations {
		a.Obligations[i] = showObligation(&v.Obligations[i])
	}
	for i, d := range v.Disclosable[:len(a.Disclosable)] {
		a.Disclosable[i] = disclosableAnswer{
			Purpose: string(d.Purpose), Decision: d.Decision, Fields: words(d.Fields), Missing: showMissing(d.Missing),
		}
	}
	return a
}

func showSide(v broker.SideView) sideAnswer {
	a := sideAnswer{ID: string(v.ID)}
	if v.Contact != nil {
		h := hints(v.Contact)
		a.Contact = &h
	}
	return a
}

func showObligation(v *broker.ObligationView) obligationAnswer {
	return obligationAnswer{ID: string(v.ID), Debtor: string(v.Debtor), Due: v.Due, Done: v.Done, State: v.State}
}

func showMissing(missing []broker.Missing) []missingAnswer {
	return each(missing, func(m *broker.Missing) missingAnswer { return missingAnswer{string(m.Obligation), m.Need, m.Have} })
}

// each shows every one; never nil, so that a list is a list.
func each[X, A any](xs []X, show func(*X) A) []A {
	as := make([]A, len(xs))
	for i := range xs {
		as[i] = show(&xs[i])
	}
	return as
}

// words makes typed words plain strings; never nil, so that a list is a list.
func words[W ~string](ws []W) []string {
	plain := make([]string, len(ws))
	for i, w := range ws {
		plain[i] = string(w)
	}
	return plain
}
