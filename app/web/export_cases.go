package web

import (
	"time"

	"bauta.dev/bauta/broker"
)

// caseLookAnswer is a moment at which one of the staff opened values of a party to
// decide a case: by role, never by name.
type caseLookAnswer struct {
	At      time.Time `json:"at" validate:"required"`
	Index   int64     `json:"index" validate:"required" description:"of the entry"`
	Dispute string    `json:"dispute,omitempty" description:"the case; left out in an emergency, which names the transaction"`
	Fields  []string  `json:"fields" validate:"required"`
	Purpose string    `json:"purpose" validate:"required" docs:"look_purpose"`
	Role    string    `json:"role" validate:"required" description:"a role, never a name"`
	// In an emergency:
	Transaction string `json:"transaction,omitempty" docs:"id"`
	Review      string `json:"review,omitempty" docs:"glass_outcome" description:"what another person found when it was reviewed; left out: nobody has yet"`
}

func showCaseLook(x *broker.CaseLook) caseLookAnswer {
	return caseLookAnswer{x.At, x.Index, string(x.Dispute), words(x.Fields), x.Purpose, x.Role, string(x.Transaction), x.Review}
}

// partyDisclosures is who got or saw what of a party.
type partyDisclosures struct {
	page[*disclosureAnswer]

	Cases []caseLookAnswer `json:"cases,omitempty" description:"on the first page, where there is one: each moment that one of the operator's staff opened something to decide a dispute, or in an emergency, the newest first"`
}

// exportCase is a case on its way to one of its sides.
type exportCase struct {
	ID          string           `json:"id" validate:"required"`
	Transaction string           `json:"transaction" validate:"required"`
	Side        string           `json:"side" validate:"required,oneof=buyer seller" description:"this party's"`
	State       string           `json:"state" validate:"required"`
	Reason      string           `json:"reason" validate:"required"`
	Obligations []string         `json:"obligations" validate:"required"`
	Amount      amountAnswer     `json:"amount" validate:"required"`
	OpenedBy    string           `json:"opened_by" validate:"required"`
	OpenedAt    time.Time        `json:"opened_at" validate:"required"`
	Follows     string           `json:"follows,omitempty"`
	Clocks      []clockAnswer    `json:"clocks" validate:"required"`
	Offers      []offerAnswer    `json:"offers" validate:"required"`
	Evidence    []evidenceAnswer `json:"evidence" validate:"required" description:"that this party handed in"`
	Texts       []messageAnswer  `json:"texts" validate:"required" description:"in clear: what this party wrote, and what the staff wrote to both sides"`
	Decision    *rulingAnswer    `json:"decision,omitempty"`
}

func exportCaseOf(c *broker.OwnCase) exportCase {
	a := showDispute(&c.CaseView)
	return exportCase{
		ID: a.ID, Transaction: a.Transaction, Side: string(c.Side), State: a.State, Reason: a.Reason, Obligations: a.Obligations, Amount: a.Amount,
		OpenedBy: a.OpenedBy, OpenedAt: a.OpenedAt, Follows: a.Follows, Clocks: a.Clocks, Offers: a.Offers, Evidence: a.Evidence,
		Texts: each(c.Texts, showCaseText), Decision: a.Decision,
	}
}
