package necessity

import "strings"

// Condition is one boolean of a situation, and one bit of Bits.
type Condition uint8

// The conditions. They are few, so that the engine can be exhausted.
const (
	Accepted Condition = iota
	Held
	Paid
	PaidInFull
	Unpaid
	Shipped
	Provided
	ReturnApproved
	GivenBack
	SlotBooked
	Slot24h
	Slot48h
	Overdue48h
	TaxInvoice
	Meet
	Item
	SubjectBusiness
	SubjectMinor
	SubjectAtRisk
	SubjectRestricted
	Cancelled
	DisputeOpen
	Relay
	Consent
	Citation
	conditionCount
)

// Bits are the conditions that hold.
type Bits uint32

// Of gives the bits in which just these conditions hold.
func Of(conditions ...Condition) Bits {
	var b Bits
	for _, c := range conditions {
		b |= c.Bit()
	}
	return b
}

// Has says whether a condition holds.
func (b Bits) Has(c Condition) bool { return b&c.Bit() != 0 }

// If sets a condition when it holds, and leaves the others as they are.
func (b Bits) If(c Condition, holds bool) Bits {
	if holds {
		return b | c.Bit()
	}
	return b &^ c.Bit()
}

// Conditions are those that hold, in their order.
func (b Bits) Conditions() []Condition {
	var list []Condition
	for c := range conditionCount {
		if b.Has(c) {
			list = append(list, c)
		}
	}
	return list
}

// untold are conditions that neither side learns of: a requester would know why it
// is not safe, and the subject what is kept for her safety.
const untold = Bits(1<<SubjectMinor | 1<<SubjectAtRisk | 1<<SubjectRestricted)

// Told are the conditions that both sides may learn of.
func (b Bits) Told() Bits { return b &^ untold }

func (b Bits) String() string {
	names := make([]string, 0, conditionCount)
	for _, c := range b.Conditions() {
		names = append(names, c.String())
	}
	return strings.Join(names, " ")
}

// conditionTable tells what each condition means. One that is fixed is a fact
// that nobody brings about in this transaction: it is never said to be missing.
var conditionTable = [conditionCount]struct {
	name, sentence   string
	obligation, need string
	fixed            bool
}{
	Accepted:          {"accepted", "the platform attested the seller's acceptance", "accept", "1", false},
	Held:              {"held", "the payment is held as the terms of the kind need", "pay", "held", false},
	Paid:              {"paid", "the buyer's attested payment reaches the floor", "pay", "floor", false},
	PaidInFull:        {"paid_in_full", "the buyer's attested payment is the whole amount", "pay", "due", false},
	Unpaid:            {"unpaid", "something of the payment is still due", "", "", false},
	Shipped:           {"shipped", "at least one item's shipment is attested", "ship", "1", false},
	Provided:          {"provided", "at least one unit of the seller's main obligation is attested", "provide", "1", false},
	ReturnApproved:    {"return_approved", "the seller has approved a return", "approve_return", "1", false},
	GivenBack:         {"given_back", "at least one item's return is attested", "return", "1", false},
	SlotBooked:        {"slot_booked", "a slot is booked", "", "", false},
	Slot24h:           {"slot_24h", "the slot starts within 24 hours, or has started", "", "", false},
	Slot48h:           {"slot_48h", "the slot starts within 48 hours, or has started", "", "", false},
	Overdue48h:        {"overdue_48h", "the item is overdue for 48 hours", "", "", false},
	TaxInvoice:        {"tax_invoice", "the buyer asked for a tax invoice", "", "", true},
	Meet:              {"meet", "the parties meet to hand over", "", "", true},
	Item:              {"item", "the rental is of an item, not a stay", "", "", true},
	SubjectBusiness:   {"subject_business", "the subject acts as a business", "", "", true},
	SubjectMinor:      {"subject_minor", "the subject is a minor", "", "", true},
	SubjectAtRisk:     {"subject_at_risk", "the subject carries a safety flag, or has objected to what this requester had, for its safety", "", "", true},
	SubjectRestricted: {"subject_restricted", "the subject's data is restricted", "", "", true},
	Cancelled:         {"cancelled", "the transaction is cancelled", "", "", true},
	DisputeOpen:       {"dispute_open", "a dispute is open", "", "", false},
	Relay:             {"relay", "a relay gives aliases for phones and e-mails", "", "", true},
	Consent:           {"consent", "the subject's consent to this disclosure is on record", "", "", true},
	Citation:          {"citation", "a law or published rule is cited for this disclosure", "", "", true},
}

// Conditions are all of them, in bit order.
func Conditions() []Condition {
	list := make([]Condition, conditionCount)
	for c := range conditionCount {
		list[c] = c
	}
	return list
}

// Bit is the condition's place in Bits.
func (c Condition) Bit() Bits { return 1 << c }

// String is the name that policies, cells and messages use.
func (c Condition) String() string {
	if c >= conditionCount {
		return "unknown"
	}
	return conditionTable[c].name
}

// Sentence says when the condition holds, for people.
func (c Condition) Sentence() string {
	if c >= conditionCount {
		return "unknown"
	}
	return conditionTable[c].sentence
}

// Obligation gives the obligation that the condition stands for in this kind,
// and what it needs of it: a count, or "floor", "held" or "due" of an amount.
// The bits tell how used goods change hands. ok is false for a condition that
// stands for none, or whose obligation this kind does not have.
func (c Condition) Obligation(k Kind, b Bits) (id, need string, ok bool) {
	if c >= conditionCount || conditionTable[c].obligation == "" {
		return "", "", false
	}
	id = conditionTable[c].obligation
	switch c {
	case Provided:
		id = provides(k, b)
	case Shipped:
		if !ships(k, b) {
			return "", "", false
		}
	case ReturnApproved, GivenBack:
		if k == DigitalGoods || k == ServiceAtHome {
			return "", "", false
		}
		if c == GivenBack && k == Rental {
			id = "give_back"
		}
	default:
	}
	return id, conditionTable[c].need, true
}

// provides is the seller's main obligation.
func provides(k Kind, b Bits) string {
	switch {
	case k == LocalPickup, k == UsedGoods && b.Has(Meet):
		return "hand_over"
	case k == ServiceAtHome:
		return "serve"
	case k == Rental:
		return "grant_access"
	default:
		return "deliver"
	}
}

func ships(k Kind, b Bits) bool {
	return k == ShippedGoods || k == BusinessSupply || k == UsedGoods && !b.Has(Meet)
}

// canCome says whether the condition can still come about in this transaction.
func (c Condition) canCome(k Kind, b Bits) bool {
	if conditionTable[c].fixed {
		return false
	}
	if conditionTable[c].obligation == "" {
		return true
	}
	_, _, ok := c.Obligation(k, b)
	return ok
}
