package demo

import (
	"slices"
	"strings"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking/fault"
)

// Parts of an obligation that a button performs.
const (
	partTwentieth = "5"
	partTenth     = "10"
	partOne       = "one"
	partAll       = "all"
)

var errPart = fault.New(fault.Invalid, "unknown_part", "there is no such part of this obligation left to perform")

func isMoney(o broker.Obligation) bool { return o == broker.Pay || o == broker.Refund }

func digitsOf(v broker.TransactionView, o broker.Obligation) int {
	if isMoney(o) {
		return v.Amount.Currency.Digits()
	}
	return 0
}

// zero gives the text back if it is nothing but zeros.
func zero(s string) string {
	if strings.Trim(s, "0.") == "" {
		return s
	}
	return ""
}

// quantity reads what the broker itself wrote; zero is not among what it takes.
func quantity(s string, digits int) broker.Quantity {
	q, err := broker.ParseQuantity(s, digits)
	if err != nil {
		return 0
	}
	return q
}

// owed is an obligation with the buttons that the platform would attest.
func owed(v broker.TransactionView, o broker.ObligationView) pages.Obligation {
	digits := digitsOf(v, o.ID)
	due, done := quantity(o.Due, digits), quantity(o.Done, digits)
	p := pages.Obligation{
		ID: string(o.ID), Label: obligationWords(o.ID), State: o.State, StateWords: obligationState(o),
		Done: o.Done, Due: o.Due,
	}
	if due > 0 {
		p.Percent = int(min(100, done*100/due))
	}
	if isMoney(o.ID) {
		p.Unit = string(v.Amount.Currency)
	} else if o.Due == "1" {
		p.Due = "" // "performed" says it all
	}
	for _, part := range parts(v, o) {
		p.Perform = append(p.Perform, pages.Step{Part: part, Label: stepWords(o, part)})
	}
	if done > 0 {
		p.Reverse = "Take back"
		if o.ID == broker.Pay {
			p.Reverse = "Take the payment back"
		}
	}
	return p
}

// parts are what can still be done of an obligation.
func parts(v broker.TransactionView, o broker.ObligationView) []string {
	digits := digitsOf(v, o.ID)
	left := quantity(o.Due, digits) - quantity(o.Done, digits)
	late := []broker.Obligation{broker.GiveBack, broker.ApproveReturn, broker.Return, broker.Refund}
	switch {
	case left <= 0, o.State == "waived", v.State == "cancelled", v.State == "completed" && !slices.Contains(late, o.ID):
		return nil
	case isMoney(o.ID):
		return []string{partTwentieth, partTenth, partAll}
	case left > 1:
		return []string{partOne, partAll}
	}
	return []string{partAll}
}

func stepWords(o broker.ObligationView, part string) string {
	label := verb(o.ID)
	switch {
	case part == partTwentieth || part == partTenth:
		return label + " " + part + " %"
	case part == partOne:
		return label + " 1"
	case isMoney(o.ID) && zero(o.Done) == "":
		return label + " the rest"
	case isMoney(o.ID) || o.Due != "1":
		return label + " all"
	}
	return label
}

// amount is a part as the API takes it. No part is more than what is left.
func amount(v broker.TransactionView, o broker.ObligationView, part string) (string, error) {
	if !slices.Contains(parts(v, o), part) {
		return "", errPart
	}
	digits := digitsOf(v, o.ID)
	due := quantity(o.Due, digits)
	left := due - quantity(o.Done, digits)
	q := left
	switch part {
	case partTwentieth:
		q = due / 20
	case partTenth:
		q = due / 10
	case partOne:
		q = 1
	}
	return min(left, max(1, q)).Format(digits), nil
}
