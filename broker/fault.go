package broker

import "bauta.dev/bauta/masking/fault"

// Refusals, beside the code that the API gives them.
var (
	ErrNotFound          = fault.New(fault.NotFound, "not_found", "there is no such thing, or it is not yours to see")
	ErrImmutable         = fault.New(fault.Conflict, "immutable", "kind, parties and currency of a transaction never change")
	ErrConflict          = fault.New(fault.Conflict, "conflict", "somebody else is changing the same thing; try again")
	ErrReference         = fault.New(fault.Conflict, "conflict", "this reference has been used with other members")
	ErrInvalidTransition = fault.New(fault.Conflict, "invalid_transition", "this cannot happen in the state that the transaction is in")
	ErrMismatch          = fault.New(fault.Conflict, "idempotency_mismatch", "this idempotency key came before, with another body")
	ErrGone              = fault.New(fault.Gone, "gone", "the grant has ended; ask anew if you still need the data")
	ErrUnknownParty      = fault.New(fault.Invalid, "unknown_party", "this party has to be registered first")
	ErrSameParty         = fault.New(fault.Invalid, "same_party", "buyer and seller are one and the same")
	ErrUnknownPurpose    = fault.New(fault.Invalid, "unknown_purpose", "the purposes are deliver, delay, return, collect, invoice, hand_over and settle")
	ErrUnknownField      = fault.New(fault.Invalid, "unknown_field", "the fields are first_name, name, email, phone, locality and address, each by its name")
	ErrUnknownObligation = fault.New(fault.Invalid, "unknown_obligation", "this kind of transaction has no such obligation")
	ErrOverPerformed     = fault.New(fault.Invalid, "over_performed", "more than what is due")
	ErrOverReversed      = fault.New(fault.Invalid, "over_reversed", "more than what has been performed")
	ErrFuture            = fault.New(fault.Invalid, "in_the_future", "performed_at is more than 5 minutes ahead")
	ErrCursor            = fault.New(fault.Invalid, "not_a_cursor", "after takes what next was in the answer before")
	ErrProvenance        = fault.New(fault.Invalid, "provenance_missing", "data from a partner needs partner, collected_at and lawful_basis")
	ErrScopeMissing      = fault.New(fault.Denied, "scope_missing", "this key may not do that")
	ErrLimited           = fault.New(fault.Limited, "rate_limited", "this requester's disclosures for today are used up")
	ErrUnavailable       = fault.New(fault.Unavailable, "unavailable", "nothing was revealed and nothing is lost; try again in a moment")
	errCreatedAhead      = fault.New(fault.Invalid, "in_the_future", "created_at is more than 5 minutes ahead")
)
