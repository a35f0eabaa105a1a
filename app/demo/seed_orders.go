package demo

import (
	"fmt"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
)

// order is one of the demonstration's, with what has happened in it so far.
// Days and hours count from the first start.
type order struct {
	id        broker.TransactionID
	terms     broker.Transaction
	slotIn    time.Duration // until the slot begins
	slotFor   time.Duration
	contacts  map[broker.Use]contact
	history   []step
	asks      necessity.Purpose // a request that was made already
	asker     necessity.Role
	completed bool
	cancelled bool
}

type step struct {
	obligation broker.Obligation
	done       string
}

// age is how long before the first start the orders were made.
const age = 2 * 24 * time.Hour

func (o order) input(start time.Time) (broker.TransactionInput, error) {
	in := broker.TransactionInput{Transaction: o.terms, Contacts: map[broker.Use]broker.Contact{}}
	in.CreatedAt, in.PromisedAt = start.Add(-age), start.AddDate(0, 0, 10)
	if o.slotFor > 0 {
		in.Slot = broker.Slot{Start: start.Add(o.slotIn), End: start.Add(o.slotIn + o.slotFor)}
	}
	if in.Payment == "" {
		in.Payment = broker.Prepaid
	}
	if in.Handover == "" {
		in.Handover = broker.Post
	}
	if in.Rental == "" {
		in.Rental = broker.Stay
	}
	for u, c := range o.contacts {
		values, err := c.values(c.country)
		if err != nil {
			return in, fmt.Errorf("%s contact: %w", u, err)
		}
		in.Contacts[u] = values
	}
	return in, nil
}

// title tells apart the two ways in which used goods change hands.
func (o order) title() string {
	switch {
	case o.cancelled:
		return "Cancelled goods"
	case o.terms.Handover == broker.Meet:
		return "Used goods, met"
	case o.terms.Kind == necessity.UsedGoods:
		return "Used goods, posted"
	}
	return kindWords(o.terms.Kind)
}

// paymentOf is what a transaction's view does not say.
func paymentOf(id broker.TransactionID) broker.Payment {
	for _, o := range orders() {
		if o.id == id && o.terms.Payment != "" {
			return o.terms.Payment
		}
	}
	return broker.Prepaid
}

func orders() []order {
	return append(goods(), visits()...)
}

func goods() []order {
	return []order{
		{
			id: "supply-61",
			terms: broker.Transaction{
				Kind: necessity.BusinessSupply, Buyer: "demo-works-1", Seller: "demo-firm-1",
				Currency: "EUR", Amount: 480000, Items: 12, Payment: broker.OnInvoice, BusinessBuyer: true,
			},
			contacts: map[broker.Use]contact{
				broker.UseDelivery: {
					name: "Warenannahme, Tor 3", email: "rampe@tischlerei-nordlicht.example", phone: "+493023125901",
					street: "Spanwinkel 802", city: "Berlin", postalCode: "12999", country: "DE",
				},
				broker.UseInvoice: {
					name: "Tischlerei Nordlicht GmbH", email: "rechnung@tischlerei-nordlicht.example",
					street: "Spanwinkel 800", city: "Berlin", postalCode: "12999", country: "DE",
				},
			},
			history: []step{{broker.Accept, "1"}, {broker.Ship, "8"}, {broker.Deliver, "5"}},
			asks:    necessity.Deliver, asker: necessity.Seller,
		},
		{
			id: "digital-33",
			terms: broker.Transaction{
				Kind: necessity.DigitalGoods, Buyer: "demo-buyer-3", Seller: "demo-shop-3",
				Currency: "USD", Amount: 4900, Items: 1, TaxInvoice: true,
			},
			history: []step{{broker.Pay, "49.00"}, {broker.Accept, "1"}, {broker.Deliver, "1"}},
			asks:    necessity.Invoice, asker: necessity.Seller, completed: true,
		},
		{
			id: "post-19",
			terms: broker.Transaction{
				Kind: necessity.UsedGoods, Buyer: "demo-buyer-7", Seller: "demo-host-1",
				Currency: "EUR", Amount: 12500, Items: 1,
			},
			history: []step{{broker.Pay, "125.00"}, {broker.Accept, "1"}},
		},
		{
			id: "goods-14",
			terms: broker.Transaction{
				Kind: necessity.ShippedGoods, Buyer: "demo-buyer-3", Seller: "demo-shop-2",
				Currency: "GBP", Amount: 8990, Items: 2,
			},
			history: []step{{broker.Pay, "8.99"}},
			asks:    necessity.Deliver, asker: necessity.Seller, cancelled: true,
		},
	}
}

func visits() []order {
	return []order{
		{
			id: "pickup-27",
			terms: broker.Transaction{
				Kind: necessity.LocalPickup, Buyer: "demo-buyer-2", Seller: "demo-shop-2",
				Currency: "GBP", Amount: 18000, Items: 2, Payment: broker.Deposit, Deposit: 2000,
			},
			slotIn: 72 * time.Hour, slotFor: 2 * time.Hour,
			history: []step{{broker.Pay, "20.00"}, {broker.Accept, "1"}},
			asks:    necessity.HandOver, asker: necessity.Buyer,
		},
		{
			id: "visit-8",
			terms: broker.Transaction{
				Kind: necessity.ServiceAtHome, Buyer: "demo-buyer-4", Seller: "demo-firm-1",
				Currency: "EUR", Amount: 24000, Items: 1, Payment: broker.Deposit, Deposit: 6000,
			},
			slotIn: 48 * time.Hour, slotFor: 3 * time.Hour,
			history: []step{{broker.Pay, "60.00"}, {broker.Accept, "1"}},
			asks:    necessity.Deliver, asker: necessity.Buyer,
		},
		{
			id: "stay-12",
			terms: broker.Transaction{
				Kind: necessity.Rental, Buyer: "demo-buyer-5", Seller: "demo-host-1",
				Currency: "GBP", Amount: 41000, Items: 1,
			},
			slotIn: 30 * time.Hour, slotFor: 72 * time.Hour,
			history: []step{{broker.Accept, "1"}, {broker.Pay, "410.00"}},
			asks:    necessity.Deliver, asker: necessity.Buyer,
		},
		{
			id: "meet-5",
			terms: broker.Transaction{
				Kind: necessity.UsedGoods, Buyer: "demo-buyer-6", Seller: "demo-seller-1", Handover: broker.Meet,
				Currency: "CNY", Amount: 30000, Items: 1, Payment: broker.Deposit, Deposit: 5000,
			},
			slotIn: 96 * time.Hour, slotFor: time.Hour,
			contacts: map[broker.Use]contact{broker.UsePickup: {
				firstName: "志强", street: "地铁9号线无名站B口", city: "杭州市", region: "浙江省", country: "CN",
			}},
			history: []step{{broker.Accept, "1"}},
		},
	}
}
