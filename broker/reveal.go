package broker

import (
	"errors"
	"fmt"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// sound fails closed: while the record is known not to be what was signed, no value
// is revealed. Whoever is about to write an entry for a reveal asks first, so that
// none is spent on nothing; the values themselves are asked about in openValue.
func (b *Broker) sound() error {
	if b.Sound == nil {
		return nil
	}
	return b.Sound()
}

// openValue is the one place where a value is opened, with what proves it to
// somebody else: whichever way leads here ends here, if the record is not sound.
func (b *Broker) openValue(k masking.Key, v *SealedValue) (masking.Opening, error) {
	if err := b.sound(); err != nil {
		return masking.Opening{}, err
	}
	o, err := masking.OpenCommitment(k, v.Label, v.Sealed)
	if err != nil {
		return o, fmt.Errorf("%w (%w)", ledger.Finding{
			Part: ledger.PartRow, Table: "cards", Index: -1, Reason: "the sealed " + string(v.Label.Field) + " is not what was committed to",
		}, err)
	}
	return o, nil
}

// Tampering says whether an error means that what is stored is not what was signed
// or sealed, and what was found. Nobody but who writes to the database himself can
// bring it about.
func Tampering(err error) (ledger.Finding, bool) {
	if f, ok := errors.AsType[ledger.Finding](err); ok {
		return f, true
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return ledger.Finding{}, false
	}
	for _, t := range []struct {
		is    error
		found ledger.Finding
	}{
		{masking.ErrUnreadable, ledger.Finding{Part: ledger.PartRow, Table: "of sealed values", Index: -1, Reason: "something sealed does not open under the key that it was sealed with"}},
		{ledger.ErrNotIncluded, ledger.Finding{Part: ledger.PartRow, Table: "of the log", Index: -1, Reason: ledger.ErrNotIncluded.Error()}},
		{ledger.ErrNotConsistent, ledger.Finding{Part: ledger.PartRow, Table: "of the log", Index: -1, Reason: ledger.ErrNotConsistent.Error()}},
		{ledger.ErrCheckpoint, ledger.Finding{Part: ledger.PartCheckpoint, Index: -1, Reason: ledger.ErrCheckpoint.Error()}},
		{ledger.ErrSource, ledger.Finding{Part: ledger.PartRow, Table: "of the log", Index: -1, Reason: ledger.ErrSource.Error()}},
	} {
		if errors.Is(err, t.is) {
			return t.found, true
		}
	}
	return ledger.Finding{}, false
}
