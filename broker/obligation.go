package broker

import (
	"slices"
	"time"

	"bauta.dev/bauta/broker/necessity"
)

// Obligation names what one side owes in a transaction.
type Obligation string

// The obligations of contract.md, "Parties and transactions".
const (
	Pay           Obligation = "pay"
	Accept        Obligation = "accept"
	Ship          Obligation = "ship"
	Deliver       Obligation = "deliver"
	HandOver      Obligation = "hand_over"
	Serve         Obligation = "serve"
	GrantAccess   Obligation = "grant_access"
	GiveBack      Obligation = "give_back"
	ApproveReturn Obligation = "approve_return"
	Return        Obligation = "return"
	Refund        Obligation = "refund"
)

// unit is how an obligation is counted, and so what its due is.
type unit uint8

const (
	one     unit = iota // once
	items               // the number of items
	amounts             // money
)

// duty is one row of the table of obligations.
type duty struct {
	id     Obligation
	debtor necessity.Role
	unit   unit
	// afterReturn: due only from the moment that the return is approved.
	afterReturn bool
	// optional: may be done at any time, and nothing waits for it.
	optional bool
	// fulfils: the seller's main obligation, the one that "delivered" means.
	fulfils bool
	// late: may still be done when the transaction is completed.
	late bool
}

const buyer, seller = necessity.Buyer, necessity.Seller

var (
	duePay      = duty{id: Pay, debtor: buyer, unit: amounts}
	dueAccept   = duty{id: Accept, debtor: seller, unit: one}
	dueShip     = duty{id: Ship, debtor: seller, unit: items}
	dueHandOver = duty{id: HandOver, debtor: seller, unit: items, fulfils: true}
	dueReturns  = []duty{
		{id: ApproveReturn, debtor: seller, unit: one, optional: true, late: true},
		{id: Return, debtor: buyer, unit: items, afterReturn: true, late: true},
		{id: Refund, debtor: seller, unit: amounts, afterReturn: true, late: true},
	}
	dueShipped = append([]duty{duePay, dueAccept, dueShip, {id: Deliver, debtor: seller, unit: items, fulfils: true}}, dueReturns...)
	duePickup  = append([]duty{duePay, dueAccept, dueHandOver}, dueReturns...)
)

// duties is the table of who owes what (contract.md): the one place that knows.
func duties(k necessity.Kind, handover Handover) []duty {
	switch k {
	case necessity.ShippedGoods, necessity.BusinessSupply:
		return dueShipped
	case necessity.LocalPickup:
		return duePickup
	case necessity.UsedGoods:
		if handover == Meet {
			return duePickup
		}
		return dueShipped
	case necessity.DigitalGoods:
		return []duty{duePay, dueAccept, {id: Deliver, debtor: seller, unit: items, fulfils: true}}
	case necessity.ServiceAtHome:
		return []duty{duePay, dueAccept, {id: Serve, debtor: seller, unit: items, fulfils: true}}
	case necessity.Rental:
		return append([]duty{
			duePay,
			{id: GiveBack, debtor: buyer, unit: items, late: true},
			dueAccept,
			{id: GrantAccess, debtor: seller, unit: items, fulfils: true},
		}, dueReturns...)
	}
	return nil
}

// Total is how far one obligation has got.
type Total struct {
	Done     Quantity  `json:"done,omitzero"`     // what anybody but the debtor has attested
	Attested Quantity  `json:"attested,omitzero"` // the part of it that the platform attests
	Signed   Quantity  `json:"signed,omitzero"`   // the part of it that the creditor signed for
	Claimed  Quantity  `json:"claimed,omitzero"`  // the debtor's own word, which opens nothing
	Waived   bool      `json:"waived,omitzero"`
	LastAt   time.Time `json:"last_at,omitzero"` // the latest performed_at
}

// carries is the part that may carry a grant (I3). The platform and the creditor
// may both have told of the same parcel, so the two are not added.
func (t Total) carries() Quantity { return max(t.Attested, t.Signed) }

// ObligationView is an obligation as callers see it. Due and Done are decimal
// strings: money, or a count.
type ObligationView struct {
	ID     Obligation     `json:"id"`
	Debtor necessity.Role `json:"debtor"`
	Due    string         `json:"due"`
	Done   string         `json:"done"`
	State  string         `json:"state"` // due, claimed, part_performed, performed, waived
}

// duty finds the row of an obligation in this transaction.
func (t *Transaction) duty(o Obligation) (duty, bool) {
	ds := duties(t.Kind, t.Handover)
	i := slices.IndexFunc(ds, func(d duty) bool { return d.id == o })
	if i < 0 {
		return duty{}, false
	}
	return ds[i], true
}

func (t *Transaction) due(d duty) Quantity {
	if d.afterReturn && t.Totals[ApproveReturn].Done == 0 {
		return 0
	}
	switch d.unit {
	case items:
		return Quantity(t.Items)
	case amounts:
		return t.Amount
	case one:
		return 1
	}
	return 0
}

// digits after the point in this obligation's quantities.
func (t *Transaction) digits(d duty) int {
	if d.unit == amounts {
		return t.Currency.Digits()
	}
	return 0
}

// digitsOf is the same of an obligation by its name.
func (t *Transaction) digitsOf(o Obligation) int {
	for _, d := range duties(t.Kind, t.Handover) {
		if d.id == o {
			return t.digits(d)
		}
	}
	return 0
}

func (t *Transaction) view(d duty) ObligationView {
	due, total := t.due(d), t.Totals[d.id]
	v := ObligationView{
		ID: d.id, Debtor: d.debtor, State: "due",
		Due: due.Format(t.digits(d)), Done: total.Done.Format(t.digits(d)),
	}
	switch {
	case total.Done > 0 && total.Done >= due:
		v.State = "performed"
	case total.Waived:
		v.State = "waived"
	case total.Done > 0:
		v.State = "part_performed"
	case total.Claimed > 0:
		v.State = "claimed"
	}
	return v
}

// Obligations lists what both sides owe, in the table's order.
func (t *Transaction) Obligations() []ObligationView {
	var vs []ObligationView
	for _, d := range duties(t.Kind, t.Handover) {
		vs = append(vs, t.view(d))
	}
	return vs
}
