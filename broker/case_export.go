package broker

import (
	"context"
	"slices"

	"bauta.dev/bauta/disputes"
)

// OwnCase is a case as one of its sides takes it along: where it stands, what it has
// handed in, and what it and the staff have written. What the other side wrote is that
// one's.
type OwnCase struct {
	CaseView

	Side disputes.Side
}

// ownCases opens those of a party. The entry that says so is committed.
func (b *Broker) ownCases(ctx context.Context, p *PartyRecord) ([]OwnCase, error) {
	records, err := b.Store.CasesOf(ctx, p.Row)
	if err != nil {
		return nil, err
	}
	var all []OwnCase
	for i := range records {
		f, err := b.Store.CaseByRow(ctx, records[i].Row)
		if err != nil {
			return nil, err
		}
		role, _ := f.Situation.Transaction.Role(p.ID)
		c := OwnCase{Side: disputes.Side(role)}
		if c.CaseView, err = b.viewCase(ctx, f, caseViewer{side: c.Side}); err != nil {
			return nil, err
		}
		other := string(c.Side.Other())
		c.Texts = slices.DeleteFunc(c.Texts, func(x CaseText) bool { return x.By == other })
		c.Evidence = slices.DeleteFunc(c.Evidence, func(e Evidence) bool { return e.By != c.Side })
		all = append(all, c)
	}
	return all, nil
}
