package broker

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// MerchantNote is free text about a registration, and what it was said with.
type MerchantNote struct {
	Index int64 // of its entry
	At    time.Time
	Event states.Event
	By    states.Actor
	Text  masking.Text
}

// wordsTo opens what was written to a merchant: what it is asked, as long as it is, and
// why it was decided as it was. What was written before such notes were to the merchant,
// no record names.
func (b *Broker) wordsTo(ctx context.Context, f *FoundMerchant, r *MerchantRecord, v *MerchantView) error {
	asked, reasoned := r.Asked, r.Reasoned
	if r.Question == "" {
		asked = 0
	}
	if asked == 0 && reasoned == 0 {
		return nil
	}
	notes, err := b.notesOfMerchant(ctx, f, asked, reasoned)
	for i := range notes {
		if notes[i].Event == merchants.Ask {
			v.Asks = notes[i].Text
		} else {
			v.Reasons = notes[i].Text
		}
	}
	return err
}

// notesOfMerchant opens what was written about a registration: for who works on it,
// when the entry that says so is committed, all of it; for the merchant the note of the
// steps that were to it. Each is checked against the commitment in its own entry.
// Without a step it is all.
func (b *Broker) notesOfMerchant(ctx context.Context, f *FoundMerchant, step ...int64) ([]MerchantNote, error) {
	entries, err := b.Store.MerchantEntries(ctx, f)
	if err != nil {
		return nil, err
	}
	var indexes []int64
	for i := range entries {
		m := entries[i].Statement.Members
		if m.String("note") != "" && (len(step) == 0 || slices.Contains(step, m.Int("step"))) {
			indexes = append(indexes, entries[i].Index)
		}
	}
	sealed, err := b.Store.Statements(ctx, indexes)
	if err != nil {
		return nil, err
	}
	var all []MerchantNote
	for i := range entries {
		r := &entries[i]
		value, ok := sealed[r.Index]
		if !ok {
			continue
		}
		m := r.Statement.Members
		commitment, err := base64.StdEncoding.DecodeString(m.String("note"))
		if err != nil {
			return nil, fmt.Errorf("read note of entry %d: %w", r.Index, err)
		}
		l := masking.Label{Origin: b.Origin, Owner: MerchantLabel(f.ID), Field: "note", Version: int(m.Int("step"))}
		o, err := b.openValue(f.Of.Key, &SealedValue{Label: l, Sealed: masking.Sealed{Value: value, Commitment: commitment}})
		if err != nil {
			return nil, fmt.Errorf("%w (%w)", ledger.Finding{
				Part: ledger.PartRow, Table: "notes", Index: r.Index, Reason: "a note is not the one that its entry commits to",
			}, err)
		}
		all = append(all, MerchantNote{r.Index, r.Statement.At, states.Event(m.String("event")), states.Actor(m.String("by")), o.Value().Text})
	}
	return all, nil
}
