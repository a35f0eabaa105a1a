package broker

import (
	"math/bits"
	"slices"
	"time"

	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// PartyID and TransactionID are the marketplace's own names, checked at the
// door (masking.ValidID, masking.PersonalID).
type (
	PartyID       string
	TransactionID string
)

// Payment says when money has to be there.
type Payment string

// Payments of contract.md.
const (
	Prepaid    Payment = "prepaid"
	Deposit    Payment = "deposit"
	OnDelivery Payment = "on_delivery"
	OnInvoice  Payment = "on_invoice"
)

// Handover says how used goods change hands.
type Handover string

// Post is the default.
const (
	Post Handover = "post"
	Meet Handover = "meet"
)

// RentalOf says what is rented.
type RentalOf string

// Stay is the default.
const (
	Stay RentalOf = "stay"
	Item RentalOf = "item"
)

// Slot is the agreed time of a pick-up, visit or stay.
type Slot struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// Use names one of a transaction's own contacts; Own are the party's.
type Use string

// Uses of contract.md, and whose data each is.
const (
	Own         Use = "own"
	UseDelivery Use = "delivery"
	UsePickup   Use = "pickup"
	UseReturn   Use = "return"
	UseInvoice  Use = "invoice"
)

// Uses are the contacts that a transaction can carry.
func Uses() []Use { return []Use{UseDelivery, UsePickup, UseReturn, UseInvoice} }

// Owner is the side whose data a use holds.
func (u Use) Owner() necessity.Role {
	if u == UsePickup || u == UseReturn {
		return necessity.Seller
	}
	return necessity.Buyer
}

// Versions says which version of each contact field is current; 0 and absent
// mean that none is.
type Versions map[masking.Field]int

// Transaction is what was agreed and how far it has got: everything that a
// decision may depend on, and no contact value.
type Transaction struct {
	ID     TransactionID  `json:"-"`
	Kind   necessity.Kind `json:"kind"`
	Buyer  PartyID        `json:"-"`
	Seller PartyID        `json:"-"`

	Currency      Currency             `json:"currency"`
	Amount        Quantity             `json:"amount"`
	Highest       Quantity             `json:"highest"` // floors count against the highest amount there ever was
	Items         int                  `json:"items"`
	CreatedAt     time.Time            `json:"created_at"`
	PromisedAt    time.Time            `json:"promised_at,omitzero"`
	Slot          Slot                 `json:"slot,omitzero"`
	Payment       Payment              `json:"payment"`
	Deposit       Quantity             `json:"deposit,omitzero"`
	TaxInvoice    bool                 `json:"tax_invoice,omitzero"`
	BusinessBuyer bool                 `json:"business_buyer,omitzero"`
	Handover      Handover             `json:"handover"`
	Rental        RentalOf             `json:"rental"`
	Contacts      map[Use]Versions     `json:"contacts,omitempty"`
	Totals        map[Obligation]Total `json:"totals,omitempty"`

	CompletedAt time.Time `json:"completed_at,omitzero"`
	CancelledAt time.Time `json:"cancelled_at,omitzero"`
	Reason      string    `json:"reason,omitempty"`

	Dispute *Dispute `json:"dispute,omitempty"` // nil: there never was a case

	Newest  []byte `json:"newest"` // leaf hash of the entry that made this version
	Version int64  `json:"-"`
}

// Role is the side that a party is on; ok is false for a stranger.
func (t *Transaction) Role(p PartyID) (role necessity.Role, ok bool) {
	switch p {
	case t.Buyer:
		return necessity.Buyer, true
	case t.Seller:
		return necessity.Seller, true
	}
	return "", false
}

func otherRole(r necessity.Role) necessity.Role {
	if r == necessity.Buyer {
		return necessity.Seller
	}
	return necessity.Buyer
}

// Other is the other side of a role.
func (t *Transaction) Other(r necessity.Role) PartyID {
	if r == necessity.Buyer {
		return t.Seller
	}
	return t.Buyer
}

// State is derived, never stored.
func (t *Transaction) State() string {
	switch {
	case !t.CancelledAt.IsZero():
		return "cancelled"
	case !t.CompletedAt.IsZero():
		return "completed"
	}
	state, open := "open", false
	for _, d := range duties(t.Kind, t.Handover) {
		total := t.Totals[d.id]
		if total.Done > 0 {
			state = "partly_performed"
		}
		if !d.optional && !total.Waived && total.Done < t.due(d) {
			open = true
		}
	}
	if !open {
		return "performed"
	}
	return state
}

// Floor is what a buyer must have paid before ground 3f opens anything: the
// larger of the deposit and a tenth of the highest amount, rounded up, never
// nothing (contract.md, "Floor").
func (t *Transaction) Floor() Quantity {
	return max(t.Deposit, (t.Highest+9)/10, 1)
}

// Held is what must be held before ground 3b counts as committed to.
func (t *Transaction) Held() Quantity {
	switch t.Payment {
	case Prepaid:
		return t.Amount
	case Deposit:
		return t.Deposit
	case OnDelivery, OnInvoice:
		return 0
	}
	return t.Amount
}

// covers is for how many items a side's own attested performance stands (R5): a
// seller's by what was shipped or provided, a buyer's by the share that was paid,
// or by what was given back.
func (t *Transaction) covers(role necessity.Role) int {
	n := Quantity(0)
	for _, d := range duties(t.Kind, t.Handover) {
		attested := t.Totals[d.id].Attested
		switch {
		case d.debtor != role:
		case d.unit == items:
			n = max(n, attested)
		case d.id == Pay && attested > 0:
			n = max(n, 1, share(attested, t.Amount, Quantity(t.Items)))
		}
	}
	return int(min(n, Quantity(t.Items)))
}

// share is how many of the items a part of the amount pays for.
func share(part, amount, items Quantity) Quantity {
	if amount <= 0 || part >= amount {
		return items
	}
	high, low := bits.Mul64(uint64(part), uint64(items)) //nolint:gosec // none of them is negative
	n, _ := bits.Div64(high, low, uint64(amount))        //nolint:gosec // less than items
	return Quantity(n)                                   //nolint:gosec // likewise
}

// over says that nobody owes any more what a purpose is for: what was waived is
// neither delivered nor announced late (R4).
func (t *Transaction) over(p necessity.Purpose) bool {
	switch p {
	case necessity.Deliver, necessity.Delay, necessity.HandOver:
		_, main := t.fulfilment()
		return main.Waived
	case necessity.Collect: // of a rental it is damage, which is owed whatever was waived of the price
		return t.Kind != necessity.Rental && t.Totals[Pay].Waived
	default:
		return false
	}
}

// fulfilment is the seller's main obligation, and how far it has got.
func (t *Transaction) fulfilment() (duty, Total) {
	ds := duties(t.Kind, t.Handover)
	i := slices.IndexFunc(ds, func(d duty) bool { return d.fulfils })
	return ds[i], t.Totals[ds[i].id]
}

// eventAt is when an event of the necessity rows happened: zero until it has.
func (t *Transaction) eventAt(e necessity.Event) time.Time {
	full := func(o Obligation) time.Time {
		d, ok := t.duty(o)
		if total := t.Totals[o]; ok && total.Done > 0 && total.Done >= t.due(d) {
			return total.LastAt
		}
		return time.Time{}
	}
	switch e {
	case necessity.EventPromised:
		return t.promised()
	case necessity.EventPaid:
		return full(Pay)
	case necessity.EventDelivered:
		d, _ := t.fulfilment()
		return full(d.id)
	case necessity.EventReturned:
		if at := full(Return); !at.IsZero() {
			return at
		}
		return full(GiveBack)
	case necessity.EventSlotEnd:
		return t.Slot.End
	case necessity.EventClosed:
		if t.CompletedAt.IsZero() {
			return t.CancelledAt
		}
		return t.CompletedAt
	case necessity.EventRequest:
	}
	return time.Time{}
}

// promised is the promised date, or 30 days after creation.
func (t *Transaction) promised() time.Time {
	if t.PromisedAt.IsZero() {
		return t.CreatedAt.AddDate(0, 0, 30)
	}
	return t.PromisedAt
}

// Ends is when terms end for a request made at asked for a purpose, on the facts as they now
// are: the earliest of each term after its event; until the event, after the
// promised date.
func (t *Transaction) Ends(terms []necessity.Expiry, p necessity.Purpose, asked time.Time) time.Time {
	var ends time.Time
	for _, x := range terms {
		at := t.eventAt(x.Event)
		if end, is := t.disputed(p); is && x.Event == necessity.EventClosed {
			at = end
		}
		switch {
		case x.Event == necessity.EventRequest:
			at = asked
		case at.IsZero():
			at = t.promised()
		}
		if at = at.Add(x.After); ends.IsZero() || at.Before(ends) {
			ends = at
		}
	}
	return ends
}
