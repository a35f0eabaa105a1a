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
	ErrLimited           = fault.New(fault.Limited, "rate_limited", "too much for now; ask again later")
	ErrPartyTokenInvalid = fault.New(fault.Unauthenticated, "party_token_invalid", "Bauta-Party is not a token that this broker takes for this request")
	ErrTokenUsed         = fault.New(fault.Conflict, "token_used", "this Bauta-Party token has done its work; to do more, sign another one")
	ErrUnavailable       = fault.New(fault.Unavailable, "unavailable", "nothing was revealed and nothing is lost; try again in a moment")
	ErrRefused           = fault.New(fault.Unavailable, "unavailable", "the log was found to be older than what is known of it outside, or another: nothing is signed, so nothing is written and nothing was revealed; whoever runs this broker has to look at bauta ledger check and bauta ledger succeed, and trying again helps no sooner than that, nor than Retry-After says")
	ErrTampered          = fault.New(fault.Unavailable, "unavailable", "what is stored is not what was signed, so nothing was revealed; whoever runs this broker has to look at /readyz and bauta ledger check, and trying again helps no sooner than that, nor than Retry-After says").Naming("not_as_signed", "what is stored is not what was signed")
	errCreatedAhead      = fault.New(fault.Invalid, "in_the_future", "created_at is more than 5 minutes ahead")
)

// Refusals of what people want to do with a request. They are about the state
// of things, so all of them are conflicts but those about the person.
var (
	ErrRequestChanged = fault.New(fault.Precondition, "changed", "the request is not as it was when you looked; look again")
	ErrNoNote         = fault.New(fault.Invalid, "not_wanted", "what is proposed or decided has a reason of a list, and takes no note")
	ErrNotTaken       = fault.New(fault.Conflict, "not_taken", "take the request first")
	ErrTaken          = fault.New(fault.Conflict, "taken", "somebody else has taken this request")
	ErrNotHeard       = fault.New(fault.Conflict, "not_heard", "the subject may still object; wait, or skip the hearing with a reason")
	ErrNotPermitted   = fault.New(fault.Conflict, "not_permitted", "the policies do not let a person give this on the facts as they are now")
	ErrSecondNeeded   = fault.New(fault.Conflict, "second_needed", "this needs a second person: propose it, and let somebody else approve")
	ErrOneIsEnough    = fault.New(fault.Conflict, "one_is_enough", "this needs no second person: decide it")
	ErrOwnWork        = fault.New(fault.Denied, "own_work", "another person has to do this: a lead or a privacy officer, and not who proposed it")
	ErrOneHand        = fault.New(fault.Denied, "not_independent", "your account and the one that this was done with come from one hand: one has made the other, or one account has made both; somebody else has to do this. Where there is nobody else, the operator makes an account on the broker's own machine, with bauta handler add")
	ErrHashDiffers    = fault.New(fault.Conflict, "proposal_changed", "what would be done is not what was proposed, or not what you looked at; look again")
	ErrDecidedBefore  = fault.New(fault.Denied, "decided_before", "this is for somebody who has not decided it before")
	ErrTooLate        = fault.New(fault.Conflict, "too_late", "the time for this is over")
	ErrAppealedBefore = fault.New(fault.Conflict, "appealed_before", "each side has one appeal")
	ErrTooManyPending = fault.New(fault.Conflict, "too_many_pending", "three of this party's requests about this transaction wait for a decision already")
	ErrRole           = fault.New(fault.Denied, "role_missing", "your role does not do this")
)
