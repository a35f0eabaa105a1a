package stories

import "time"

const (
	ofBusiness = `,"business_buyer":true`
	onInvoice  = `,"payment":"on_invoice"` + ofBusiness
	// rma is where a business takes goods back; it is the seller's own.
	rma = `,"contacts":{"return":{"email":"devolucoes@example.com","phone":"+5581944445555",
"address":{"street":"Rua da Aurora, 5","city":"Recife","country":"BR"}}}`
	halfDeposit = `,"payment":"deposit","deposit":"30.00"`
)

// The rows for what is no parcel: files, visits, stays, and supply between businesses.
var otherCells = []cell{
	{
		deal: deal{kind: "digital_goods", more: `,"tax_invoice":true`}, who: "s-1", purpose: "invoice",
		before: []turn{
			{says: "no_performance: deliver 1 0"},
			{seen: "pay 221.65, accept 1", says: "no_performance: deliver 1 0"},
		},
		at:   turn{seen: "deliver 1", says: "granted 3f: name=invoice-digital-goods"},
		ends: atRequest, term: 30 * day, anew: "granted 3f: name=invoice-digital-goods", closing: "live",
		back: []turn{{seen: "deliver 1", says: "no_performance: deliver 1 0"}},
	},
	{
		name: "that nobody asked for", deal: deal{kind: "digital_goods"}, who: "s-1", purpose: "invoice",
		before: []turn{{says: "not_necessary:"}},
		at:     turn{seen: "pay 221.65, accept 1, deliver 1", says: "not_necessary:"},
	},
	{
		deal: deal{kind: "service_at_home", amount: "100.00", more: halfDeposit}, who: "s-1", purpose: "deliver",
		before: []turn{
			{says: "no_performance: accept 1 0, pay 30.00 0.00"},
			{seen: "pay 29.99", says: "below_floor: accept 1 0, pay 30.00 29.99"},
			{seen: "accept 1", says: "below_floor: pay 30.00 29.99"},
		},
		at:   turn{seen: "pay 0.01", says: "granted 3b: address=deliver-service-seller first_name=deliver-service-seller phone=deliver-service-seller"},
		ends: atSlotEnd, term: 24 * time.Hour, anew: "transaction_closed:", closing: "suspended",
		back: []turn{
			{seen: "accept 1", says: "no_performance: accept 1 0"},
			{seen: "pay 0.01", says: "below_floor: pay 30.00 29.99"},
		},
	},
	{
		deal: deal{kind: "service_at_home", amount: "100.00", more: halfDeposit}, who: "s-1", purpose: "delay",
		before: []turn{{seen: "pay 30.00", says: "no_performance: accept 1 0"}},
		at:     turn{seen: "accept 1", says: "granted 3b: address?delay-service-seller first_name=delay-service-seller phone!relay_unavailable"},
		ends:   atSlotEnd, term: 24 * time.Hour, anew: "relay_unavailable transaction_closed:", closing: "suspended",
		back:   []turn{{seen: "accept 1", says: "no_performance: accept 1 0"}},
		person: &byPerson{turn: turn{asks: "address", says: "pending 3b: address?delay-service-seller"}, gives: "address"},
	},
	{
		name: "to a firm", deal: deal{kind: "service_at_home", more: ofBusiness}, who: "s-1", purpose: "delay",
		before: []turn{{seen: "pay 221.65", says: "no_performance: accept 1 0"}},
		at:     turn{seen: "accept 1", says: "granted 3b: address=delay-service-seller first_name=delay-service-seller phone!relay_unavailable"},
		ends:   atSlotEnd, term: 24 * time.Hour, anew: "relay_unavailable transaction_closed:", closing: "suspended",
		back: []turn{{seen: "pay 221.65", says: "no_performance: pay 221.65 0.00"}},
	},
	{
		deal: deal{kind: "service_at_home", amount: "100.00", more: halfDeposit}, who: "b-1", purpose: "deliver",
		before: []turn{
			{says: "no_performance: pay 30.00 0.00"},
			{seen: "accept 1, pay 29.99", says: "below_floor: pay 30.00 29.99"},
		},
		at:   turn{seen: "pay 0.01", says: "granted 3f: name=deliver-service-firm phone=deliver-service-buyer"},
		ends: atSlotEnd, term: 24 * time.Hour, anew: "transaction_closed:", closing: "suspended",
		back: []turn{{seen: "pay 0.01", says: "below_floor: pay 30.00 29.99"}},
	},
	{
		name: "by a person", deal: deal{kind: "service_at_home", seller: "s-2"}, who: "b-1", purpose: "deliver",
		before: []turn{{says: "no_performance not_necessary: pay 22.17 0.00"}},
		at:     turn{seen: "pay 22.17", says: "granted 3f: first_name=deliver-service-buyer name!not_necessary phone=deliver-service-buyer"},
		ends:   atSlotEnd, term: 24 * time.Hour, anew: "not_necessary transaction_closed:", closing: "suspended",
		back: []turn{{seen: "pay 22.17", says: "no_performance not_necessary: pay 22.17 0.00"}},
	},
	{
		deal: deal{kind: "service_at_home"}, who: "b-1", purpose: "delay",
		before: []turn{{says: "no_performance: pay 22.17 0.00"}},
		at:     turn{seen: "pay 22.17", says: "granted 3f: name=deliver-service-firm phone!relay_unavailable"},
		ends:   atSlotEnd, term: 24 * time.Hour, anew: "relay_unavailable transaction_closed:", closing: "suspended",
		back: []turn{{seen: "pay 22.17", says: "no_performance: pay 22.17 0.00"}},
	},
	{
		name: "by a person", deal: deal{kind: "service_at_home", seller: "s-2"}, who: "b-1", purpose: "delay",
		before: []turn{{says: "no_performance not_necessary: pay 22.17 0.00"}},
		at:     turn{seen: "pay 22.17", says: "granted 3f: first_name=delay-service-buyer name!not_necessary phone!relay_unavailable"},
		ends:   atSlotEnd, term: 24 * time.Hour, anew: "not_necessary relay_unavailable transaction_closed:", closing: "suspended",
		back: []turn{{seen: "pay 22.17", says: "no_performance not_necessary: pay 22.17 0.00"}},
	},
	{
		deal: deal{kind: "service_at_home", amount: "100.00", items: 2, more: halfDeposit}, who: "s-1", purpose: "collect",
		before: []turn{{seen: "pay 30.00, accept 1", says: "no_performance: serve 1 0"}},
		at:     turn{seen: "serve 1", says: "granted 3f: address?collect-service name=collect-service"}, // even part of a visit
		ends:   atRequest, term: 60 * day, anew: "granted 3f: address?collect-service name=collect-service", closing: "suspended",
		back:   []turn{{seen: "serve 1", says: "no_performance: serve 1 0"}},
		done:   turn{seen: "pay 70.00", says: "not_necessary:"},
		person: &byPerson{turn: turn{asks: "address", says: "pending 3f: address?collect-service"}, gives: "address"},
	},
	{
		name: "from a firm", deal: deal{kind: "service_at_home", more: onInvoice}, who: "s-1", purpose: "collect",
		before: []turn{{seen: "accept 1", says: "no_performance: serve 1 0"}},
		at:     turn{seen: "serve 1", says: "granted 3f: address=collect-service name=collect-service"},
		ends:   atRequest, term: 60 * day, anew: "granted 3f: address=collect-service name=collect-service", closing: "suspended",
		done: turn{seen: "pay 221.65", says: "not_necessary:"},
	},
	{
		deal: deal{kind: "service_at_home"}, who: "s-1", purpose: "invoice",
		before: []turn{{seen: "pay 221.65, accept 1", says: "no_performance: serve 1 0"}},
		at:     turn{seen: "serve 1", says: "granted 3f: address=invoice-service name=invoice-service"},
		ends:   atRequest, term: 60 * day, anew: "granted 3f: address=invoice-service name=invoice-service", closing: "live",
		back: []turn{{seen: "serve 1", says: "no_performance: serve 1 0"}},
	},
	{
		name: "for a deposit", deal: deal{kind: "rental", seller: "s-2"}, who: "b-1", purpose: "deliver",
		before: []turn{
			{says: "no_performance: pay 22.17 0.00"},
			{seen: "accept 1, pay 22.16", says: "below_floor: pay 22.17 22.16"},
			{seen: "pay 0.01", says: "granted 3f: address!not_necessary first_name=deliver-rental-buyer phone=deliver-rental-buyer"},
			{until: moment{"start", -48 * time.Hour}, asks: "address", says: "below_floor: pay 221.65 22.17"},
			{until: moment{"start", -24*time.Hour - time.Second}, asks: "address", says: "below_floor: pay 221.65 22.17"},
		},
		at: turn{
			until: moment{"start", -24 * time.Hour},
			says:  "granted 3f: address=deliver-rental-address first_name=deliver-rental-buyer phone=deliver-rental-buyer",
		},
		ends: atSlotEnd, term: 48 * time.Hour, anew: "transaction_closed:", closing: "suspended",
		back: []turn{{seen: "pay 0.01", says: "below_floor: pay 22.17 22.16"}},
	},
	{
		name: "for the whole price", deal: deal{kind: "rental", seller: "s-2"}, who: "b-1", purpose: "deliver",
		before: []turn{{seen: "pay 221.65", until: moment{"start", -48*time.Hour - time.Second}, asks: "address", says: "not_necessary:"}},
		at:     turn{until: moment{"start", -48 * time.Hour}, asks: "address", says: "granted 3f: address=deliver-rental-address"},
		ends:   atSlotEnd, term: 48 * time.Hour, anew: "transaction_closed:", closing: "suspended",
		back: []turn{{seen: "pay 0.01", asks: "address", says: "below_floor: pay 221.65 221.64"}},
	},
	{
		deal: deal{kind: "rental", seller: "s-2"}, who: "s-2", purpose: "deliver",
		before: []turn{{seen: "pay 221.65", says: "no_performance: accept 1 0"}},
		at:     turn{seen: "accept 1", says: "granted 3b: first_name=deliver-rental-seller"},
		ends:   atSlotEnd, term: 48 * time.Hour, anew: "transaction_closed:", closing: "suspended",
		back: []turn{{seen: "accept 1", says: "no_performance: accept 1 0"}},
	},
	{
		deal: deal{kind: "rental", seller: "s-2"}, who: "s-2", purpose: "collect",
		before: []turn{{seen: "pay 22.17, accept 1", says: "no_performance: grant_access 1 0"}},
		at:     turn{seen: "grant_access 1", says: "granted 3f: address?collect-rental-address name=collect-rental phone!relay_unavailable"},
		// Damage is owed whatever of the price was waived.
		ends: atClosing, term: 30 * day, anew: "relay_unavailable transaction_closed:", closing: "live",
		back:   []turn{{seen: "grant_access 1", says: "no_performance: grant_access 1 0"}},
		person: &byPerson{turn: turn{asks: "address", says: "pending 3f: address?collect-rental-address"}, gives: "address"},
	},
	{
		deal: deal{kind: "rental", more: `,"rental":"item"`}, who: "s-1", purpose: "return",
		before: []turn{{seen: "pay 221.65, accept 1", says: "no_performance: grant_access 1 0"}},
		at:     turn{seen: "grant_access 1", says: "granted 3f: address!not_necessary name=return-rental phone!relay_unavailable"},
		ends:   seen("give_back 1"), term: 7 * day, anew: "not_necessary relay_unavailable transaction_closed:", closing: "live",
		back: []turn{{seen: "grant_access 1", says: "no_performance: grant_access 1 0"}},
	},
	{
		name: "two days late", deal: deal{kind: "rental", more: `,"rental":"item"`}, who: "s-1", purpose: "return",
		before: []turn{{seen: "pay 221.65, accept 1, grant_access 1", until: moment{"end", 48 * time.Hour}, asks: "address", says: "not_necessary:"}},
		at:     turn{until: moment{"end", 48*time.Hour + time.Second}, asks: "address", says: "pending 3f: address?return-rental-address"},
		ends:   atPromised, term: 7 * day,
		back:   []turn{{seen: "grant_access 1", asks: "address", says: "no_performance: grant_access 1 0"}},
		person: &byPerson{turn: turn{asks: "address", says: "pending 3f: address?return-rental-address"}, gives: "address"},
	},
	{
		name: "of a stay", deal: deal{kind: "rental"}, who: "s-1", purpose: "return",
		at: turn{seen: "pay 221.65, accept 1, grant_access 1", says: "not_necessary:"},
	},
	{
		deal: deal{kind: "business_supply", more: onInvoice + dock}, who: "s-1", purpose: "deliver",
		before: []turn{{says: "no_performance: accept 1 0"}},
		at:     turn{seen: "accept 1", says: "granted 3b: address=deliver-business-supply email=deliver-business-supply-email name=deliver-business-supply phone=deliver-business-supply"},
		ends:   seen("ship 1, deliver 1"), term: 90 * day, anew: "transaction_closed:", closing: "suspended",
		back: []turn{{seen: "accept 1", says: "no_performance: accept 1 0"}},
		from: atDock,
	},
	{
		name: "with no dock", deal: deal{kind: "business_supply", more: onInvoice}, who: "s-1", purpose: "deliver",
		before: []turn{{says: "no_performance: accept 1 0"}},
		at:     turn{seen: "accept 1", says: "granted 3b: address=deliver-business-supply email!not_held name=deliver-business-supply phone=deliver-business-supply"},
		ends:   seen("ship 1, deliver 1"), term: 90 * day, anew: "not_held transaction_closed:", closing: "suspended",
	},
	supplied("collect", "suspended"),
	supplied("invoice", "live"),
	called("return", atClosing, "live"),
	called("delay", closing("deliver 1"), "suspended"),
	{
		deal: deal{kind: "business_supply", more: onInvoice + rma}, who: "b-1", purpose: "return",
		before: []turn{
			{seen: "accept 1", says: "no_performance: pay 22.17 0.00"},
			{seen: "pay 22.16", says: "below_floor: pay 22.17 22.16"},
		},
		at:   turn{seen: "pay 0.01", says: "granted 3f: address=return-business-supply-address email=return-business-supply-buyer-email phone=return-business-supply-buyer"},
		ends: atClosing, term: 30 * day, anew: "transaction_closed:", closing: "live",
		back: []turn{{seen: "pay 0.01", says: "below_floor: pay 22.17 22.16"}},
		from: atReturns,
	},
	{
		deal: deal{kind: "business_supply", more: onInvoice + rma}, who: "b-1", purpose: "delay",
		before: []turn{{seen: "accept 1", says: "no_performance: pay 22.17 0.00"}},
		at:     turn{seen: "pay 22.17", says: "granted 3f: email=return-business-supply-buyer-email phone=return-business-supply-buyer"},
		ends:   closing("ship 1, deliver 1"), term: 30 * day, anew: "transaction_closed:", closing: "suspended",
		back: []turn{{seen: "pay 22.17", says: "no_performance: pay 22.17 0.00"}},
		from: atReturns,
	},
	{
		deal: deal{kind: "business_supply", more: onInvoice}, who: "s-1", purpose: "settle",
		before: []turn{{seen: "accept 1", says: "no_performance: ship 1 0"}},
		at:     turn{seen: "ship 1", says: "granted 3f: address=settle-business-supply-seller name=settle-business-supply-seller"},
		ends:   atClosing, term: 30 * day, anew: "transaction_closed:", closing: "live",
		back: []turn{{seen: "ship 1", says: "no_performance: ship 1 0"}},
	},
	{
		deal: deal{kind: "business_supply", more: onInvoice}, who: "b-1", purpose: "settle",
		before: []turn{{seen: "accept 1, ship 1", says: "no_performance: pay 22.17 0.00"}},
		at:     turn{seen: "pay 22.17", says: "granted 3f: address=settle-business-supply-buyer name=settle-business-supply-buyer"},
		ends:   atClosing, term: 30 * day, anew: "transaction_closed:", closing: "live",
		back: []turn{{seen: "pay 22.17", says: "no_performance: pay 22.17 0.00"}},
	},
	{
		name: "from a person", deal: deal{kind: "business_supply", more: `,"payment":"on_invoice"` + dock}, who: "s-1", purpose: "collect",
		before: []turn{{seen: "accept 1, ship 1", says: "no_performance: deliver 1 0"}},
		at:     turn{seen: "deliver 1", says: "granted 3f: address?invoice-business-supply email=invoice-business-supply-email name=invoice-business-supply"},
		ends:   atRequest, term: 365 * day, closing: "suspended",
		anew:   "granted 3f: address?invoice-business-supply email=invoice-business-supply-email name=invoice-business-supply",
		person: &byPerson{turn: turn{asks: "address", says: "pending 3f: address?invoice-business-supply"}, gives: "address"},
		from:   atAccounts,
	},
	{
		name: "to a person", deal: deal{kind: "business_supply", seller: "s-2", more: onInvoice}, who: "b-1", purpose: "return",
		before: []turn{{seen: "accept 1", says: "no_performance: pay 22.17 0.00"}},
		at:     turn{seen: "pay 22.17", says: "granted 3f: address?return-business-supply-address email!not_held phone=return-business-supply-buyer"},
		ends:   atClosing, term: 30 * day, anew: "not_held transaction_closed:", closing: "live",
		person: &byPerson{turn: turn{asks: "address", says: "pending 3f: address?return-business-supply-address"}, gives: "address"},
	},
	{
		name: "with a person", deal: deal{kind: "business_supply", more: `,"payment":"on_invoice"`}, who: "s-1", purpose: "settle",
		before: []turn{{seen: "accept 1", says: "no_performance: ship 1 0"}},
		at:     turn{seen: "ship 1", says: "granted 3f: address?settle-business-supply-seller name=settle-business-supply-seller"},
		ends:   atClosing, term: 30 * day, anew: "transaction_closed:", closing: "live",
		person: &byPerson{turn: turn{asks: "address", says: "pending 3f: address?settle-business-supply-seller"}, gives: "address"},
	},
	{
		name: "with a person", deal: deal{kind: "business_supply", seller: "s-2", more: onInvoice}, who: "b-1", purpose: "settle",
		before: []turn{{seen: "accept 1", says: "no_performance: pay 22.17 0.00"}},
		at:     turn{seen: "pay 22.17", says: "granted 3f: address?settle-business-supply-buyer name=settle-business-supply-buyer"},
		ends:   atClosing, term: 30 * day, anew: "transaction_closed:", closing: "live",
		person: &byPerson{turn: turn{asks: "address", says: "pending 3f: address?settle-business-supply-buyer"}, gives: "address"},
	},
}

// What the transactions above carry of their own.
var (
	atDock     = map[string]string{"name": "Beatriz Dockmestre", "email": "doca7@example.com", "phone": "+5581933334444", "address": "Cais do Apolo, 222"}
	atAccounts = map[string]string{"name": "Beatriz Dockmestre", "email": "contas-a-pagar@example.com", "address": "Rua do Bom Jesus, 1"}
	atReturns  = map[string]string{"email": "devolucoes@example.com", "phone": "+5581944445555", "address": "Rua da Aurora, 5"}
)

// supplied is the row that business supply has for two purposes at once.
func supplied(purpose, closing string) cell {
	says := "granted 3f: address=invoice-business-supply email=invoice-business-supply-email name=invoice-business-supply"
	return cell{
		deal: deal{kind: "business_supply", more: onInvoice + dock}, who: "s-1", purpose: purpose,
		before: []turn{
			{says: "no_performance: deliver 1 0"},
			{seen: "accept 1, ship 1", says: "no_performance: deliver 1 0"},
		},
		at:   turn{seen: "deliver 1", says: says},
		ends: atRequest, term: 365 * day, anew: says, closing: closing,
		back: []turn{{seen: "deliver 1", says: "no_performance: deliver 1 0"}},
		from: atAccounts,
	}
}

// called is the seller's side of the row for returns and delays between businesses.
func called(purpose string, ends event, closing string) cell {
	return cell{
		deal: deal{kind: "business_supply", more: onInvoice + dock}, who: "s-1", purpose: purpose,
		before: []turn{{seen: "accept 1", says: "no_performance: ship 1 0"}},
		at:     turn{seen: "ship 1", says: "granted 3f: email=return-business-supply-seller-email phone=return-business-supply-seller"},
		ends:   ends, term: 30 * day, anew: "transaction_closed:", closing: closing,
		back: []turn{{seen: "ship 1", says: "no_performance: ship 1 0"}},
		from: atDock,
	}
}
