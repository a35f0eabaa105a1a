package postgres

import (
	"testing"

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
	CountRequests        = countRequests
	PartiesToLift        = partiesToLift
)

// CaseList is for the test of its plan.
func CaseList(f broker.CaseFilter) (string, []any, error) { return caseList(&f) }

// KeptByTransaction says whether entries of a type are.
func KeptByTransaction(t ledger.Type) bool { return keeperOf(t) == keptByTransaction }

// RowOfRequest is what a record is kept as, for rows as an earlier release has written them.
func (s *Store) RowOfRequest(tb testing.TB, r *broker.Request) (facts string, mac []byte) {
	tb.Helper()
	row, err := s.newRequestRow(r)
	if err != nil {
		tb.Fatal(err)
	}
	return string(row.facts), row.mac
}
