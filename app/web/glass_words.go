package web

import (
	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/states"
)

// glassWordsOf say what happened in a break-glass session, in the timeline of a case.
func glassWordsOf(m *pages.CaseMoment, e *broker.CaseEvent) {
	o := e.Said
	m.Kind = "view"
	switch e.Type {
	case ledger.GlassBroken:
		m.What, m.More = "A break-glass session was opened", sentence(plainly(o.String("reason")))
	case ledger.GlassViewed:
		m.What, m.More = "Break glass: staff saw data of "+o.String("subject"), sentence(fieldList(o, "")+": "+plainly(o.String("reason")))
	case ledger.GlassEnded:
		m.What = "The break-glass session ended"
	case ledger.GlassReviewed:
		m.What, m.More = "The break-glass session was reviewed", sentence(plainly(o.String("outcome")))
	default:
	}
}

// glassReasonWords are why somebody breaks the glass.
func glassReasonWords(reason string) string {
	if w, ok := map[string]string{
		"danger_to_life":   "Somebody’s life or health is in danger",
		"ongoing_fraud":    "A fraud is under way, and can be stopped",
		"authority_urgent": "An authority asks, and cannot wait",
		"data_breach":      "Data have leaked, and somebody has to be warned",
	}[reason]; ok {
		return w
	}
	return headWords(reason)
}

// glassOutcomeWords are what a review came to.
func glassOutcomeWords(outcome string) string {
	if w, ok := map[string]string{
		broker.Justified:     "It was justified",
		broker.NotJustified:  "It was not justified: the account sees no values any more",
		broker.NeedsFollowUp: "It has to be followed up",
	}[outcome]; ok {
		return w
	}
	return outcome
}

// glassChip is how a state looks.
func glassChip(s states.State) string {
	switch s {
	case broker.GlassOpen:
		return "chip-waiting"
	case broker.GlassOverdue:
		return "chip-suspended"
	case broker.GlassReviewed:
		return "chip-live"
	default:
		return "chip-ready"
	}
}
