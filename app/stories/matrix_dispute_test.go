package stories

import (
	"strings"
	"testing"
)

// The rows that need a dispute. It is always the buyer's, and withdrawn at the end: its
// end is what their terms count from.
var (
	disputed  = []turn{{seen: "accept 1, pay 221.65", says: "not_necessary:"}}
	withdrawn = seen("withdrawn")
)

var disputeCells = []cell{
	{
		deal: deal{kind: "shipped_goods"}, who: "b-1", purpose: "settle", before: disputed,
		at:   turn{seen: "dispute", says: "granted 3f: address=settle-shipped-goods-buyer name=settle-shipped-goods-buyer phone=settle-shipped-goods-buyer"},
		ends: withdrawn, term: 30 * day, anew: "not_necessary:", closing: "live",
	},
	{
		name: "with a person", deal: deal{kind: "shipped_goods", seller: "s-2"}, who: "b-1", purpose: "settle", before: disputed,
		at:   turn{seen: "dispute", says: "granted 3f: address?settle-shipped-goods-buyer name=settle-shipped-goods-buyer phone=settle-shipped-goods-buyer"},
		ends: withdrawn, term: 30 * day, anew: "not_necessary:", closing: "live",
		person: &byPerson{turn: turn{asks: "address", says: "pending 3f: address?settle-shipped-goods-buyer"}, gives: "address"},
	},
	{
		deal: deal{kind: "shipped_goods"}, who: "s-1", purpose: "settle", before: []turn{{seen: "accept 1, pay 221.65", says: "no_performance: deliver 1 0"}},
		at:   turn{seen: "ship 1, deliver 1, dispute", says: "granted 3f: address?settle-shipped-goods-seller-address name=settle-shipped-goods-seller phone!relay_unavailable"},
		ends: withdrawn, term: 30 * day, anew: "not_necessary:", closing: "live",
		back:   []turn{{seen: "deliver 1", says: "no_performance: deliver 1 0"}},
		person: &byPerson{turn: turn{asks: "address", says: "pending 3f: address?settle-shipped-goods-seller-address"}, gives: "address"},
	},
	{
		deal: deal{kind: "local_pickup"}, who: "b-1", purpose: "settle", before: disputed,
		at:   turn{seen: "dispute", says: "granted 3f: address=settle-local-pickup phone!relay_unavailable"},
		ends: withdrawn, term: 30 * day, anew: "not_necessary:", closing: "live",
	},
	{
		name: "with a person", deal: deal{kind: "local_pickup", seller: "s-2"}, who: "b-1", purpose: "settle", before: disputed,
		at:   turn{seen: "dispute", says: "pending 3f: address?settle-local-pickup phone!relay_unavailable"},
		ends: withdrawn, term: 30 * day, anew: "not_necessary:", closing: "live",
		person: &byPerson{turn: turn{asks: "address", says: "pending 3f: address?settle-local-pickup"}, gives: "address"},
	},
	{
		deal: deal{kind: "digital_goods"}, who: "s-1", purpose: "settle", before: []turn{{seen: "accept 1, pay 221.65", says: "no_performance: deliver 1 0"}},
		at: turn{seen: "deliver 1, dispute", says: "relay_unavailable:"},
	},
	{
		deal: deal{kind: "digital_goods"}, who: "b-1", purpose: "settle", before: disputed,
		at: turn{seen: "dispute", says: "relay_unavailable:"},
	},
	{
		deal: deal{kind: "service_at_home"}, who: "s-1", purpose: "settle", before: []turn{{seen: "accept 1, pay 221.65", says: "no_performance: serve 1 0"}},
		at:   turn{seen: "serve 1, dispute", says: "granted 3f: address?settle-service-seller name=settle-service-seller"},
		ends: withdrawn, term: 30 * day, anew: "not_necessary:", closing: "live",
		back:   []turn{{seen: "serve 1", says: "no_performance: serve 1 0"}},
		person: &byPerson{turn: turn{asks: "address", says: "pending 3f: address?settle-service-seller"}, gives: "address"},
	},
	{
		name: "to a firm", deal: deal{kind: "service_at_home", more: ofBusiness}, who: "s-1", purpose: "settle", before: []turn{{seen: "accept 1, pay 221.65", says: "no_performance: serve 1 0"}},
		at:   turn{seen: "serve 1, dispute", says: "granted 3f: address=settle-service-seller name=settle-service-seller"},
		ends: withdrawn, term: 30 * day, anew: "not_necessary:", closing: "live",
	},
	{
		deal: deal{kind: "service_at_home"}, who: "b-1", purpose: "settle", before: disputed,
		at:   turn{seen: "dispute", says: "granted 3f: address=settle-service-buyer name=settle-service-buyer"},
		ends: withdrawn, term: 30 * day, anew: "not_necessary:", closing: "live",
	},
	{
		name: "with a person", deal: deal{kind: "service_at_home", seller: "s-2"}, who: "b-1", purpose: "settle", before: disputed,
		at:   turn{seen: "dispute", says: "granted 3f: address?settle-service-buyer name=settle-service-buyer"},
		ends: withdrawn, term: 30 * day, anew: "not_necessary:", closing: "live",
		person: &byPerson{turn: turn{asks: "address", says: "pending 3f: address?settle-service-buyer"}, gives: "address"},
	},
	{
		deal: deal{kind: "used_goods"}, who: "s-1", purpose: "settle", before: []turn{{seen: "accept 1, pay 221.65", says: "no_performance: ship 1 0"}},
		at:   turn{seen: "ship 1, dispute", says: "pending 3f: name?settle-used-goods-seller-name phone!relay_unavailable"},
		ends: withdrawn, term: 30 * day, anew: "not_necessary:", closing: "live",
		person: &byPerson{turn: turn{asks: "name", says: "pending 3f: name?settle-used-goods-seller-name"}, gives: "name", alone: true},
	},
	{
		deal: deal{kind: "used_goods"}, who: "b-1", purpose: "settle", before: disputed,
		at:   turn{seen: "dispute", says: "pending 3f: name?settle-used-goods-buyer-name phone!relay_unavailable"},
		ends: withdrawn, term: 30 * day, anew: "not_necessary:", closing: "live",
		person: &byPerson{turn: turn{asks: "name", says: "pending 3f: name?settle-used-goods-buyer-name"}, gives: "name", alone: true},
	},
	{
		deal: deal{kind: "used_goods"}, who: "s-1", purpose: "collect", before: []turn{{seen: "accept 1, pay 221.65", says: "no_performance: ship 1 0"}},
		at:   turn{seen: "ship 1, dispute", says: "pending 3f: name?settle-used-goods-seller-name phone!relay_unavailable"},
		ends: withdrawn, term: 30 * day, anew: "not_necessary:", closing: "live",
		person: &byPerson{turn: turn{asks: "name", says: "pending 3f: name?settle-used-goods-seller-name"}, gives: "name", alone: true},
	},
	{
		deal: deal{kind: "used_goods"}, who: "b-1", purpose: "collect", before: disputed,
		at:   turn{seen: "dispute", says: "pending 3f: name?settle-used-goods-buyer-name phone!relay_unavailable"},
		ends: withdrawn, term: 30 * day, anew: "not_necessary:", closing: "live",
		person: &byPerson{turn: turn{asks: "name", says: "pending 3f: name?settle-used-goods-buyer-name"}, gives: "name", alone: true},
	},
}

// see lets happen what the platform sees, and what the buyer does about a dispute.
func (x *told) see(t *testing.T, all string) {
	t.Helper()
	for one := range strings.SplitSeq(all, ", ") {
		switch one {
		case "dispute":
			r := x.do(t, "disputes", "POST /v1/disputes", lines(body("transaction", x.id, "opened_by", "b-1", "reason", "other"), "accept")).want(t, 201)
			x.dispute = r.at("id")
		case "withdrawn":
			x.do(t, "disputes", "POST /v1/disputes/"+x.dispute+"/withdrawal", `{"by":"b-1"}`).want(t, 200)
		default:
			x.attest(t, x.id, one)
		}
	}
}
