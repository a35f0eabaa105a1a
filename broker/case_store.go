package broker

import "context"

// CaseStore is what cases need of a store. A case's own key is written with its first
// entry: Write.CaseKey.
type CaseStore interface {
	// CaseByID finds a case with its key, its transaction and both sides.
	CaseByID(ctx context.Context, id CaseID) (*FoundCase, error)
	CaseByRow(ctx context.Context, r Row) (*FoundCase, error)
	// Cases lists those that a filter selects: the queue by what is due first, what a
	// transaction or a party has by the newest first.
	Cases(ctx context.Context, f CaseFilter) (found []CaseLine, next string, err error)
	// CasesOf are all that a party is a side of, oldest first.
	CasesOf(ctx context.Context, party Row) ([]CaseRecord, error)
	// CaseEntries are the entries about a case, in the order of the log.
	CaseEntries(ctx context.Context, f *FoundCase) ([]Recorded, error)
	// CaseEntry is the index of the entry that made a version of the record.
	CaseEntry(ctx context.Context, r *CaseRecord, version int64) (int64, error)
	// TransactionEntries are all entries kept with a transaction, those about its cases,
	// disclosures and requests among them, in the order of the log.
	TransactionEntries(ctx context.Context, t *TransactionRecord) ([]Recorded, error)
	// CaseEvidence lists items without their bytes; CaseEvidenceAt finds one.
	CaseEvidence(ctx context.Context, r *CaseRecord) ([]Evidence, error)
	CaseEvidenceAt(ctx context.Context, r *CaseRecord, n int) (*SealedEvidence, error)
	// Undelivered are the entries about a case of which an endpoint waits to be told, for a
	// day at most. What was given up counts as delivered: nobody is there.
	Undelivered(ctx context.Context, r *CaseRecord) ([]int64, error)
}
