package broker

import (
	"slices"

	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking/fault"
)

// What a merchant has given is opened for a purpose and a reason, as values of a request
// or a case are: both stand in the entry, which is there first.

// Refusals of such a look.
var (
	ErrLookPurpose = fault.New(fault.Invalid, "unknown_purpose", "what a merchant gave is opened for decide_registration or decide_appeal")
	errOtherLook   = fault.New(fault.Conflict, "purpose_mismatch", "this registration is not being worked on for that purpose now")
)

const forRegistration = "decide_registration"

// MerchantLook is what one of the staff opens what a merchant gave for.
type MerchantLook struct {
	Purpose string // of MerchantPurposes
	Reason  string // of MerchantLookReasons
}

// MerchantPurposes are what staff open what a merchant gave for.
func MerchantPurposes() []string { return []string{forRegistration, forAppeal} }

// MerchantPurpose is the one of them while a registration is in a state; empty where
// nobody works on it.
func MerchantPurpose(s states.State) string {
	switch s {
	case merchants.InReview, merchants.Proposed:
		return forRegistration
	case merchants.Appealed:
		return forAppeal
	default: // nobody of the staff opens anything there
		return ""
	}
}

// MerchantLookReasons are the codes of which a look has one.
func MerchantLookReasons() []string {
	return []string{"fields_to_verify", "documents_compared", "duplicate_suspected", "identity_unclear", "note_needed", "second_person"}
}

func (in *MerchantLook) checked() error {
	switch {
	case !slices.Contains(MerchantPurposes(), in.Purpose):
		return ErrLookPurpose.Pointing("/purpose")
	case !slices.Contains(MerchantLookReasons(), in.Reason):
		return ErrUnknownCode.Pointing("/reason")
	}
	return nil
}
