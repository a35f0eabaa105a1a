package stories

import "time"

// The rows for goods between a merchant and a consumer.
var goodsCells = []cell{
	{
		deal: deal{kind: "shipped_goods", items: 2}, who: "s-1", purpose: "deliver",
		before: []turn{
			{says: "no_performance: accept 1 0, pay 221.65 0.00"},
			{seen: "accept 1", says: "no_performance: pay 221.65 0.00"},
			{seen: "pay 221.64", says: "below_floor: pay 221.65 221.64"},
		},
		at:   turn{seen: "pay 0.01", says: "granted 3b: address=deliver-shipped-goods name=deliver-shipped-goods phone=deliver-shipped-goods"},
		ends: seen("ship 2, deliver 2"), term: 14 * day, anew: "transaction_closed:", closing: "suspended",
		back: []turn{
			{seen: "accept 1", says: "no_performance: accept 1 0"},
			{seen: "pay 0.01", says: "below_floor: pay 221.65 221.64"},
		},
	},
	{
		name: "not all delivered", deal: deal{kind: "shipped_goods", items: 2}, who: "s-1", purpose: "deliver",
		at:   turn{seen: "pay 221.65, accept 1, ship 1, deliver 1", says: "granted 3b: address=deliver-shipped-goods name=deliver-shipped-goods phone=deliver-shipped-goods"},
		ends: atPromised, term: 14 * day, anew: "transaction_closed:", closing: "suspended",
	},
	{
		deal: deal{kind: "shipped_goods", items: 2}, who: "s-1", purpose: "delay",
		before: []turn{
			{says: "no_performance: ship 1 0"},
			{seen: "accept 1, pay 221.65", says: "no_performance: ship 1 0"},
		},
		at:   turn{seen: "ship 1", says: "relay_unavailable:"},
		back: []turn{{seen: "ship 1", says: "no_performance: ship 1 0"}},
	},
	{
		deal: deal{kind: "shipped_goods"}, who: "b-1", purpose: "delay",
		before: []turn{
			{says: "no_performance: pay 22.17 0.00"},
			{seen: "accept 1, ship 1", says: "no_performance: pay 22.17 0.00"},
			{seen: "pay 22.16", says: "below_floor: pay 22.17 22.16"},
		},
		at:   turn{seen: "pay 0.01", says: "relay_unavailable:"},
		back: []turn{{seen: "pay 0.01", says: "below_floor: pay 22.17 22.16"}},
	},
	{
		deal: deal{kind: "shipped_goods"}, who: "b-1", purpose: "return",
		before: []turn{
			{says: "no_performance: approve_return 1 0, pay 22.17 0.00"},
			{seen: "approve_return 1", says: "no_performance: pay 22.17 0.00"},
			{seen: "pay 22.16", says: "below_floor: pay 22.17 22.16"},
		},
		at:   turn{seen: "pay 0.01", says: "granted 3f: address=return-shipped-goods name=return-shipped-goods"},
		ends: seen("return 1"), term: 14 * day, anew: "transaction_closed:", closing: "live",
		back: []turn{
			{seen: "pay 0.01", says: "below_floor: pay 22.17 22.16"},
			{seen: "approve_return 1", says: "no_performance: approve_return 1 0"},
		},
	},
	{
		name: "to a private seller", deal: deal{kind: "shipped_goods", seller: "s-2"}, who: "b-1", purpose: "return",
		before: []turn{{seen: "pay 221.65", says: "no_performance: approve_return 1 0"}},
		at:     turn{seen: "approve_return 1", says: "granted 3f: address?return-shipped-goods name=return-shipped-goods"},
		ends:   seen("return 1"), term: 14 * day, anew: "transaction_closed:", closing: "live",
		back:   []turn{{seen: "pay 221.65", says: "no_performance: pay 22.17 0.00"}},
		person: &byPerson{turn: turn{asks: "address", says: "pending 3f: address?return-shipped-goods"}, gives: "address"},
	},
	{
		deal: deal{kind: "shipped_goods", items: 2, more: `,"payment":"on_delivery"`}, who: "s-1", purpose: "collect",
		before: []turn{
			{says: "no_performance: deliver 1 0"},
			{seen: "accept 1, ship 2", says: "no_performance: deliver 1 0"},
		},
		at:   turn{seen: "deliver 1", says: "granted 3f: address?collect-shipped-goods-address name=collect-shipped-goods phone!relay_unavailable"},
		ends: atRequest, term: 60 * day, closing: "suspended",
		anew:   "granted 3f: address?collect-shipped-goods-address name=collect-shipped-goods phone!relay_unavailable",
		back:   []turn{{seen: "deliver 1", says: "no_performance: deliver 1 0"}},
		done:   turn{seen: "pay 221.65", says: "not_necessary:"},
		person: &byPerson{turn: turn{asks: "address", says: "pending 3f: address?collect-shipped-goods-address"}, gives: "address"},
	},
	{
		deal: deal{kind: "shipped_goods"}, who: "s-1", purpose: "invoice",
		before: []turn{
			{says: "no_performance: deliver 1 0"},
			{seen: "pay 221.65, accept 1, ship 1", says: "no_performance: deliver 1 0"},
		},
		at:   turn{seen: "deliver 1", says: "granted 3f: address=invoice-shipped-goods name=invoice-shipped-goods"},
		ends: atRequest, term: 30 * day, closing: "live",
		anew: "granted 3f: address=invoice-shipped-goods name=invoice-shipped-goods",
		back: []turn{{seen: "deliver 1", says: "no_performance: deliver 1 0"}},
	},
	{
		deal: deal{kind: "local_pickup"}, who: "b-1", purpose: "hand_over",
		before: []turn{
			{says: "no_performance: pay 22.17 0.00"},
			{seen: "accept 1", says: "no_performance: pay 22.17 0.00"},
			{seen: "pay 22.16", says: "below_floor: pay 22.17 22.16"},
		},
		at:   turn{seen: "pay 0.01", says: "granted 3f: address=hand-over-local-pickup-address phone=hand-over-local-pickup-buyer"},
		ends: atSlotEnd, term: 24 * time.Hour, anew: "transaction_closed:", closing: "suspended",
		back: []turn{{seen: "pay 0.01", says: "below_floor: pay 22.17 22.16"}},
	},
	{
		name: "without a slot", deal: deal{kind: "local_pickup"}, unbooked: true, who: "b-1", purpose: "hand_over",
		before: []turn{{says: "no_performance: pay 22.17 0.00"}},
		at:     turn{seen: "pay 221.65", says: "not_necessary:"},
	},
	{
		name: "at a home", deal: deal{kind: "local_pickup", seller: "s-2"}, who: "b-1", purpose: "hand_over",
		before: []turn{
			{seen: "pay 22.17", says: "granted 3f: address!not_necessary locality=hand-over-local-pickup-buyer phone=hand-over-local-pickup-buyer"},
			{until: moment{"start", -24*time.Hour - time.Second}, asks: "address", says: "not_necessary:"},
		},
		at: turn{
			until: moment{"start", -24 * time.Hour},
			says:  "granted 3f: address=hand-over-local-pickup-address phone=hand-over-local-pickup-buyer",
		},
		ends: atSlotEnd, term: 24 * time.Hour, anew: "transaction_closed:", closing: "suspended",
		back: []turn{{seen: "pay 22.17", says: "no_performance: pay 22.17 0.00"}},
	},
	{
		deal: deal{kind: "local_pickup"}, who: "s-1", purpose: "hand_over",
		before: []turn{
			{says: "no_performance: accept 1 0"},
			{seen: "pay 221.65", says: "no_performance: accept 1 0"},
		},
		at:   turn{seen: "accept 1", says: "granted 3b: first_name=hand-over-local-pickup-seller phone=hand-over-local-pickup-seller"},
		ends: atSlotEnd, term: 24 * time.Hour, anew: "transaction_closed:", closing: "suspended",
		back: []turn{{seen: "accept 1", says: "no_performance: accept 1 0"}},
	},
	{
		deal: deal{kind: "local_pickup"}, who: "s-1", purpose: "delay",
		before: []turn{
			{says: "no_performance: accept 1 0"},
			{seen: "pay 221.65", says: "no_performance: accept 1 0"},
		},
		at:   turn{seen: "accept 1", says: "granted 3b: first_name=delay-local-pickup-seller phone!relay_unavailable"},
		ends: atSlotEnd, term: 24 * time.Hour, anew: "relay_unavailable transaction_closed:", closing: "suspended",
		back: []turn{{seen: "accept 1", says: "no_performance: accept 1 0"}},
	},
	{
		deal: deal{kind: "local_pickup"}, who: "b-1", purpose: "return",
		before: []turn{
			{says: "no_performance: pay 22.17 0.00"},
			{seen: "pay 22.16", says: "below_floor: pay 22.17 22.16"},
		},
		at:   turn{seen: "pay 0.01", says: "granted 3f: address=return-local-pickup phone!relay_unavailable"},
		ends: atClosing, term: 30 * day, anew: "relay_unavailable transaction_closed:", closing: "live",
		back: []turn{{seen: "pay 0.01", says: "below_floor: pay 22.17 22.16"}},
	},
	{
		name: "to a private seller", deal: deal{kind: "local_pickup", seller: "s-2"}, who: "b-1", purpose: "return",
		before: []turn{{says: "no_performance: pay 22.17 0.00"}},
		at:     turn{seen: "pay 22.17", says: "pending 3f: address?return-local-pickup phone!relay_unavailable"},
		ends:   atClosing, term: 30 * day,
		back:   []turn{{seen: "pay 22.17", says: "no_performance: pay 22.17 0.00"}},
		person: &byPerson{turn: turn{asks: "address", says: "pending 3f: address?return-local-pickup"}, gives: "address"},
	},
	{
		deal: deal{kind: "used_goods", seller: "s-2"}, who: "s-2", purpose: "deliver",
		before: []turn{
			{says: "no_performance: accept 1 0, pay 221.65 0.00"},
			{seen: "pay 221.65", says: "no_performance: accept 1 0"},
		},
		at:   turn{seen: "accept 1", says: "granted 3b: address=deliver-used-goods name=deliver-used-goods"},
		ends: seen("ship 1, deliver 1"), term: 7 * day, anew: "transaction_closed:", closing: "suspended",
		back: []turn{
			{seen: "accept 1", says: "no_performance: accept 1 0"},
			{seen: "pay 221.65", says: "no_performance: pay 221.65 0.00"},
		},
	},
	{
		deal: deal{kind: "used_goods", seller: "s-2", more: `,"handover":"meet"`}, who: "s-2", purpose: "hand_over",
		before: []turn{
			{says: "no_performance: accept 1 0"},
			{seen: "pay 221.65", says: "no_performance: accept 1 0"},
		},
		at:   turn{seen: "accept 1", says: "granted 3b: first_name=hand-over-used-goods-seller phone=hand-over-used-goods-seller"},
		ends: atSlotEnd, term: 24 * time.Hour, anew: "transaction_closed:", closing: "suspended",
		back: []turn{{seen: "accept 1", says: "no_performance: accept 1 0"}},
	},
	{
		deal: deal{kind: "used_goods", seller: "s-2", more: `,"handover":"meet"` + point}, who: "b-1", purpose: "hand_over",
		before: []turn{
			{says: "no_performance: pay 22.17 0.00"},
			{seen: "accept 1", says: "no_performance: pay 22.17 0.00"},
			{seen: "pay 22.16", says: "below_floor: pay 22.17 22.16"},
		},
		at:   turn{seen: "pay 0.01", says: "granted 3f: address=hand-over-used-goods-place first_name=hand-over-used-goods-buyer phone=hand-over-used-goods-buyer"},
		ends: atSlotEnd, term: 24 * time.Hour, anew: "transaction_closed:", closing: "suspended",
		back: []turn{{seen: "pay 0.01", says: "below_floor: pay 22.17 22.16"}},
		from: map[string]string{"address": "Rua do Bom Jesus, 1"},
	},
	{
		name: "with no place agreed", deal: deal{kind: "used_goods", seller: "s-2", more: `,"handover":"meet"`}, who: "b-1", purpose: "hand_over",
		before: []turn{{says: "no_performance: pay 22.17 0.00"}},
		at:     turn{seen: "pay 22.17", says: "granted 3f: address!not_held first_name=hand-over-used-goods-buyer phone=hand-over-used-goods-buyer"},
		ends:   atSlotEnd, term: 24 * time.Hour, anew: "not_held transaction_closed:", closing: "suspended",
		back: []turn{{seen: "pay 22.17", says: "no_performance: pay 22.17 0.00"}},
	},
}
