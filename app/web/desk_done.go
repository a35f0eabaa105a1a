package web

import (
	"slices"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
)

// A page says that something was done where that is the newest that has happened, and by
// whoever looks. Its address alone, which anybody can write, send or load again, says nothing.

// newlyDone is the event of the address, if it is what happened last; else none.
func (c *call) newlyDone(all []broker.CaseEvent) states.Event {
	done := states.Event(c.params["done"])
	if done == "" || len(all) == 0 {
		return ""
	}
	if by, events := doneBy(&all[len(all)-1]); by != string(c.person.Account) || !slices.Contains(events, done) {
		return ""
	}
	return done
}

// doneBy is the account behind an entry, and the events that can have led to it.
func doneBy(e *broker.CaseEvent) (by string, events []states.Event) {
	o := e.Said
	switch e.Type {
	case ledger.DecisionProposed: // it names what was proposed
		return o.String("account"), []states.Event{broker.Propose, broker.ToRecall}
	case ledger.DecisionMade:
		if by = o.String("approver"); by != "" {
			return by, []states.Event{broker.Approve}
		}
		if by = o.String("decider"); o.String("decision") == "granted" {
			return by, []states.Event{broker.Grants, broker.Overturn}
		}
		return by, []states.Event{broker.Deny}
	case ledger.CaseDecided:
		return o.String("approver"), []states.Event{disputes.Approve}
	default:
		return o.String("account"), []states.Event{states.Event(o.String("event"))}
	}
}
