package bundle

import "strings"

// The words of a report belong to version 1 of the format: a report that was made once
// is made again byte for byte, for as long as there are bundles. Other words are
// another version.

// word is a code of the entries for people; what has no words of its own is the code
// without its underscores.
func word(code string) string {
	if w, ok := words[code]; ok {
		return w
	}
	return strings.ReplaceAll(code, "_", " ")
}

var words = map[string]string{
	// what is owed
	"pay": "payment", "accept": "acceptance of the order", "ship": "shipment", "deliver": "delivery", "hand_over": "handing over", "serve": "the service",
	"grant_access": "access", "give_back": "giving back", "approve_return": "approval of a return", "return": "return", "refund": "refund",
	// who
	"staff": "the staff", "second": "a second person of the staff", "clock": "time", "handler": "the staff", "buyer": "the buyer", "seller": "the seller",
	"requester": "who asked", "subject": "whom it is about", "marketplace": "the marketplace", "court": "a court", "policy": "the policies",
	// what somebody may learn
	"first_name": "first name", "address": "full address", "locality": "city and region", "email": "e-mail address", "phone": "telephone number",
	// for what
	"settle": "settling a dispute", "collect": "collecting", "decide_case": "deciding the case", "decide_appeal": "deciding the appeal",
	// why it is given
	"3a": "consent (3a)", "3b": "needed to start performing (3b)", "3f": "the requester has performed (3f)", "3g": "a law or rule that is cited (3g)",
}

// capital begins a sentence with a word of ours; what a marketplace calls somebody is
// left as it is.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// happened is an event of a case for people.
func happened(event string) string {
	if w, ok := events[event]; ok {
		return w
	}
	return word(event)
}

var events = map[string]string{
	"open": "opened the case", "message": "wrote", "offer": "offered", "retract_offer": "took the offer back", "accept_offer": "accepted the offer",
	"escalate": "asked for a decision", "withdraw": "withdrew", "lapse": "let the time run out", "add_evidence": "handed in evidence", "rest": "had nothing more to hand in",
	"freeze": "froze the evidence", "assign": "assigned the case", "release": "gave the case back", "request_evidence": "asked for evidence", "resume": "took the case up again",
	"go_external": "left the case to somebody else", "conclude": "ended what was outside", "close": "closed the case", "appeal": "appealed", "send_back": "sent the proposal back", "check_details": "looked whether the consumer has the merchant's details",
}

// why a field is withheld, for people.
var reasons = map[string]string{
	"no_performance": "nothing was performed for it", "below_floor": "too little was performed for it", "performance_unattested": "nobody who counts has attested the performance",
	"not_necessary": "it is not necessary for that", "transaction_cancelled": "the transaction is cancelled", "transaction_closed": "its time was over",
	"relay_unavailable": "it goes out through a relay alone, and there was none", "not_available": "it is not available", "not_held": "nobody had given it",
	"denied": "a person denied it", "public": "it is public anyway",
}

func reason(code string) string {
	if w, ok := reasons[code]; ok {
		return w
	}
	return word(code)
}

// owes is one line of who owes what: of money, of pieces, or once.
type owes struct{ line, debtor, unit string }

// duties are those of a kind, as contract and entries have them.
func duties(kind, handover string) []owes {
	pay, accept := owes{"pay", "buyer", "amount"}, owes{"accept", "seller", "once"}
	back := []owes{{"approve_return", "seller", "optional"}, {"return", "buyer", "returned"}, {"refund", "seller", "refunded"}}
	handOver := append([]owes{pay, accept, {"hand_over", "seller", "items"}}, back...)
	shipped := append([]owes{pay, accept, {"ship", "seller", "items"}, {"deliver", "seller", "items"}}, back...)
	switch kind {
	case "shipped_goods", "business_supply":
		return shipped
	case "local_pickup":
		return handOver
	case "used_goods":
		if handover == "meet" {
			return handOver
		}
		return shipped
	case "digital_goods":
		return []owes{pay, accept, {"deliver", "seller", "items"}}
	case "service_at_home":
		return []owes{pay, accept, {"serve", "seller", "items"}}
	case "rental":
		return append([]owes{pay, {"give_back", "buyer", "items"}, accept, {"grant_access", "seller", "items"}}, back...)
	}
	return nil
}
