// Package necessity decides, for each contact field, whether it is necessary:
// granted, pending or withheld, under which ground and rule, for how long, and
// what is missing. It decides purely: no clock, no database, no randomness.
package necessity

import (
	"slices"

	"bauta.dev/bauta/masking"
)

// Kind says what a transaction is about.
type Kind string

// The kinds of contract.md, section 2.
const (
	ShippedGoods   Kind = "shipped_goods"
	BusinessSupply Kind = "business_supply"
	LocalPickup    Kind = "local_pickup"
	DigitalGoods   Kind = "digital_goods"
	ServiceAtHome  Kind = "service_at_home"
	Rental         Kind = "rental"
	UsedGoods      Kind = "used_goods"
)

// Kinds are all of them, in the order of the table.
func Kinds() []Kind {
	return []Kind{ShippedGoods, BusinessSupply, LocalPickup, DigitalGoods, ServiceAtHome, Rental, UsedGoods}
}

// Role is the requester's side; the subject is the other one.
type Role string

// The two sides of a transaction.
const (
	Buyer  Role = "buyer"
	Seller Role = "seller"
)

// Roles are both, in the order of the table.
func Roles() []Role { return []Role{Buyer, Seller} }

// Purpose is why somebody asks.
type Purpose string

// The purposes of contract.md; there are no others, so marketing has none.
const (
	Deliver  Purpose = "deliver"
	Delay    Purpose = "delay"
	Return   Purpose = "return"
	Collect  Purpose = "collect"
	Invoice  Purpose = "invoice"
	HandOver Purpose = "hand_over"
	Settle   Purpose = "settle"
)

// Purposes are all of them, in the order of the table.
func Purposes() []Purpose {
	return []Purpose{Deliver, Delay, Return, Collect, Invoice, HandOver, Settle}
}

// Ground is the clause of the privacy policy that allows a disclosure; the
// empty Ground allows nothing.
type Ground string

// The closed list. The floor lets through only 3b and 3f, 3a with a consent on
// record, and 3g with a citation.
const (
	Ground2a Ground = "2a" // service partners
	Ground3a Ground = "3a" // prior consent
	Ground3b Ground = "3b" // needed to start performing
	Ground3c Ground = "3c" // an authority requires it
	Ground3d Ground = "3d" // a finding against the subject
	Ground3e Ground = "3e" // an intellectual property complaint
	Ground3f Ground = "3f" // the requester has performed
	Ground3g Ground = "3g" // other law, rule or policy, cited
)

// Grounds are all of them, in clause order.
func Grounds() []Ground {
	return []Ground{Ground2a, Ground3a, Ground3b, Ground3c, Ground3d, Ground3e, Ground3f, Ground3g}
}

// Outcome is the answer for one field.
type Outcome string

// The outcomes; a person decides what is pending.
const (
	Granted  Outcome = "granted"
	Pending  Outcome = "pending"
	Withheld Outcome = "withheld"
)

// Reason is a public code: why a field is withheld.
type Reason string

// The codes of contract.md. This package gives no_performance,
// not_necessary, transaction_cancelled, relay_unavailable and not_available;
// the broker refines no_performance with what it counts, and adds the others.
const (
	NoPerformance         Reason = "no_performance"
	BelowFloor            Reason = "below_floor"
	PerformanceUnattested Reason = "performance_unattested"
	NotNecessary          Reason = "not_necessary"
	TransactionCancelled  Reason = "transaction_cancelled"
	TransactionClosed     Reason = "transaction_closed"
	RelayUnavailable      Reason = "relay_unavailable"
	NotAvailable          Reason = "not_available"
	NotHeld               Reason = "not_held"
	DeniedByPerson        Reason = "denied"
	AlreadyPublic         Reason = "public"
)

// Reasons are all of them.
func Reasons() []Reason {
	return []Reason{
		NoPerformance, PerformanceUnattested, BelowFloor, NotNecessary, TransactionCancelled, TransactionClosed,
		RelayUnavailable, NotAvailable, NotHeld, DeniedByPerson, AlreadyPublic,
	}
}

// Contacts of a transaction that a value can come from; ContactOwn is what the
// party gave about itself.
const (
	ContactOwn      = "own"
	ContactDelivery = "delivery"
	ContactInvoice  = "invoice"
	ContactPickup   = "pickup"
	ContactReturn   = "return"
)

// ChannelRelay marks an alias that is given in place of the value itself.
const ChannelRelay = "relay"

// The tables that give each word its place; what is not in them has none.
var (
	kindTable    = Kinds()
	roleTable    = Roles()
	purposeTable = Purposes()
	fieldTable   = masking.Fields()
	groundTable  = Grounds()
)

const fieldCount = 6

// place numbers a kind, role and purpose, or is -1 when one of them is unknown.
func place(k Kind, r Role, p Purpose) int {
	ki, ri, pi := slices.Index(kindTable, k), slices.Index(roleTable, r), slices.Index(purposeTable, p)
	if ki < 0 || ri < 0 || pi < 0 {
		return -1
	}
	return (ki*len(roleTable)+ri)*len(purposeTable) + pi
}

func places() int { return len(kindTable) * len(roleTable) * len(purposeTable) }

// at is the inverse of place.
func at(place int) (Kind, Role, Purpose) {
	n := len(purposeTable)
	return kindTable[place/n/len(roleTable)], roleTable[place/n%len(roleTable)], purposeTable[place%n]
}

// Subject is the other side.
func (r Role) Subject() Role {
	if r == Seller {
		return Buyer
	}
	return Seller
}
