package postgres

import (
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// For the tests of their plans.
const (
	WrittenOf            = writtenOf
	EntriesOfTransaction = entriesOfTransaction
	OpenCases            = openCases
	DecidedWeeks         = decidedWeeks
	NewestAsked          = newestAsked
)

// CaseList is for the test of its plan.
func CaseList(f broker.CaseFilter) (string, []any, error) { return caseList(&f) }

// KeptByTransaction says whether entries of a type are.
func KeptByTransaction(t ledger.Type) bool { return keeperOf(t) == keptByTransaction }
