package ledger

import (
	"errors"
	"fmt"
	"slices"
)

// Errors about names and numbers that the format does not list.
var (
	ErrTypeUnknown     = errors.New("the ledger has no such entry type")
	ErrAudienceUnknown = errors.New("the entry type has no such audience")
)

// Type says what happened. The list is closed: a number that is not here is
// refused when written and when read. docs/entry-format.md, section 8, keeps
// the rest up to 63 for later.
type Type uint8

// The types of format version 1. Their numbers are in signed history and never
// change.
const (
	LogStarted           Type = 1
	PartyWritten         Type = 2
	PartyFlagged         Type = 3
	TransactionWritten   Type = 4
	PerformanceRecorded  Type = 5
	PerformanceReversed  Type = 6
	TransactionCompleted Type = 7
	TransactionCancelled Type = 8
	DisclosureDecided    Type = 9
	DisclosureViewed     Type = 10
	GrantRevoked         Type = 11
	APIKeyCreated        Type = 12
	APIKeyRevoked        Type = 13
	PolicyChanged        Type = 14
	HistoryImported      Type = 15
	ConsentGiven         Type = 16
	ConsentWithdrawn     Type = 17
	DisclosureObjected   Type = 18
	RequestMoved         Type = 20
	DecisionProposed     Type = 21
	DecisionMade         Type = 22
	DecisionAppealed     Type = 23
	StaffViewed          Type = 24
	CaseRevealed         Type = 25
	GlassBroken          Type = 26
	GlassViewed          Type = 27
	GlassEnded           Type = 28
	GlassReviewed        Type = 29
	CaseOpened           Type = 32
	CaseMoved            Type = 33
	CaseProposed         Type = 34
	CaseDecided          Type = 35
	CaseClosed           Type = 36
	BundleMade           Type = 37
	CaseTurned           Type = 38
	EvidenceStored       Type = 44
	EvidenceOpened       Type = 45
	MerchantWritten      Type = 48
	MerchantMoved        Type = 49
	DocumentStored       Type = 50
	DocumentOpened       Type = 51
	MerchantViewed       Type = 52
	LogSucceeded         Type = 56
	AccountChanged       Type = 60
	PartyExcluded        Type = 61
	AnomalyNoted         Type = 62
	SubjectAccessed      Type = 63
)

// String gives the name as it stands in a statement, or "type(N)" for a number
// that is not listed.
func (t Type) String() string {
	if s, ok := t.schema(); ok {
		return s.name
	}
	return fmt.Sprintf("type(%d)", uint8(t))
}

// ParseType is the inverse of String for listed types; else ErrTypeUnknown.
func ParseType(name string) (Type, error) {
	for t := range schemas {
		if schemas[t].name == name && name != "" {
			return Type(t), nil
		}
	}
	return 0, ErrTypeUnknown
}

// Types lists every type of the format, by number.
func Types() []Type {
	var all []Type
	for t := range schemas {
		if schemas[t].name != "" {
			all = append(all, Type(t))
		}
	}
	return all
}

// Audiences lists who has a part in entries of this type, in the order of
// their digests; nil for a type that is not listed.
func (t Type) Audiences() []Audience {
	s, ok := t.schema()
	if !ok {
		return nil
	}
	return slices.Clone(s.audiences)
}

// Says says whether entries of this type may have a member.
func (t Type) Says(member string) bool {
	s, ok := t.schema()
	return ok && find(s.members, member) >= 0
}

func (t Type) schema() (*schema, bool) {
	if int(t) >= len(schemas) || schemas[t].name == "" {
		return nil, false
	}
	return &schemas[t], true
}

// Audience is who may be shown a part of an entry. The numbers enter digests
// and never change; the zero Audience is nobody.
type Audience uint8

// The audiences, in the order of their digests in an entry.
const (
	Parties   Audience = 1 // both sides of the transaction
	Requester Audience = 2 // the party who asked
	Subject   Audience = 3 // the party whom the data is about
	Staff     Audience = 4 // the people who decide for the operator
	Auditor   Audience = 5 // who watches over the operator
)

// String gives the name as in docs/entry-format.md, section 3.
func (a Audience) String() string {
	switch a {
	case Parties:
		return "parties"
	case Requester:
		return "requester"
	case Subject:
		return "subject"
	case Staff:
		return "staff"
	case Auditor:
		return "auditor"
	default:
		return fmt.Sprintf("audience(%d)", uint8(a))
	}
}

// ParseAudience is the inverse of String for the listed audiences; else
// ErrAudienceUnknown.
func ParseAudience(name string) (Audience, error) {
	for a := Parties; a <= Auditor; a++ {
		if a.String() == name {
			return a, nil
		}
	}
	return 0, ErrAudienceUnknown
}
