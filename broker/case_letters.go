package broker

import (
	"context"
	"slices"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/disputes/letters"
	"bauta.dev/bauta/masking"
)

// CaseLetter is a letter to a side of a case, with the entry that it tells of; -1 for one
// that nobody has sent.
type CaseLetter struct {
	letters.Letter

	For   PartyID
	Index int64
}

// Letters are those to one side of its case, in a language or, without one, in the side's
// own. They follow from the entries alone: none is kept.
func (b *Broker) Letters(ctx context.Context, viewer PartyID, id CaseID, lang string) ([]CaseLetter, error) {
	f, err := b.Store.CaseByID(ctx, id)
	if err != nil {
		return nil, err
	}
	role, ok := f.Situation.Transaction.Role(viewer)
	if !ok {
		return nil, ErrNotFound
	}
	v, err := b.viewCase(ctx, f, caseViewer{side: disputes.Side(role)})
	if err != nil {
		return nil, err
	}
	return b.lettersTo(f, &v, disputes.Side(role), lang)
}

// StaffLetters are those to both sides of a case that one of the staff has read: what was
// found stays sealed.
func (b *Broker) StaffLetters(ctx context.Context, v *CaseView, lang string) ([]CaseLetter, error) {
	sides := []disputes.Side{disputes.Buyer, disputes.Seller}
	if !slices.ContainsFunc(v.Timeline, func(e CaseEvent) bool { return tellsOf(&e, sides[0]) || tellsOf(&e, sides[1]) }) {
		return nil, nil
	}
	f, err := b.Store.CaseByID(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	sealed := *v
	sealed.Texts = nil
	var all []CaseLetter
	for _, side := range sides {
		some, err := b.lettersTo(f, &sealed, side, lang)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// PreviewLetters are what both sides would read if this were decided. Nothing is stored.
func (b *Broker) PreviewLetters(ctx context.Context, s Staff, id CaseID, m CaseMove) ([]CaseLetter, error) {
	if !s.handles() {
		return nil, ErrRole
	}
	if err := m.checked(); err != nil {
		return nil, err
	}
	f, err := b.caseNow(ctx, id)
	if err != nil {
		return nil, err
	}
	c := b.caseCourse(f, m)
	if err := c.price(); err != nil {
		return nil, err
	}
	if !c.within() {
		return nil, ErrCaseAmount.Pointing("/amount")
	}
	e := CaseEvent{Index: -1, At: c.now, Type: ledger.CaseDecided, Said: ledger.Object{
		{Name: "outcome", Value: string(m.Outcome)},
		{Name: "amount", Value: said(c.amount, f.Currency.Digits())},
		{Name: "currency", Value: string(f.Currency)},
		{Name: "lines", Value: wordsOf(f.Lines)},
		{Name: "reason", Value: m.Code},
		{Name: "clause", Value: m.Clause},
		{Name: "until", Value: disputes.Start(disputes.AppealClock, c.now, nil).Due},
		{Name: "letters", Value: int64(letters.Newest)},
	}}
	var all []CaseLetter
	for _, side := range []disputes.Side{disputes.Buyer, disputes.Seller} {
		x, err := b.letter(f, &e, side, "", f.Decision != nil, m.Text)
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, nil
}

// lettersTo writes what a side is told of each decision, and of each question to it.
func (b *Broker) lettersTo(f *FoundCase, v *CaseView, side disputes.Side, lang string) ([]CaseLetter, error) {
	var all []CaseLetter
	decided := false
	for i := range v.Timeline {
		e := &v.Timeline[i]
		if !tellsOf(e, side) {
			continue
		}
		var findings masking.Text
		if j := slices.IndexFunc(v.Texts, func(t CaseText) bool { return t.Index == e.Index }); j >= 0 {
			findings = v.Texts[j].Text
		}
		x, err := b.letter(f, e, side, lang, decided, findings)
		if err != nil {
			return nil, err
		}
		all, decided = append(all, x), decided || e.Type == ledger.CaseDecided
	}
	return all, nil
}

func tellsOf(e *CaseEvent, side disputes.Side) bool {
	return e.Type == ledger.CaseDecided || len(wantedOf(e, side)) > 0
}

func wantedOf(e *CaseEvent, side disputes.Side) (all []letters.Wanted) {
	for _, w := range e.Said.Objects("wanted") {
		if w.String("by") == string(side) {
			all = append(all, letters.Wanted{Type: w.String("type"), Due: momentIn(w, "due")})
		}
	}
	return all
}

func (b *Broker) letter(f *FoundCase, e *CaseEvent, side disputes.Side, lang string, decided bool, findings masking.Text) (CaseLetter, error) {
	book, err := b.book()
	if err != nil {
		return CaseLetter{}, err
	}
	t := &f.Situation.Transaction.Transaction
	party := f.Situation.Buyer
	if side == disputes.Seller {
		party = f.Situation.Seller
	}
	if lang == "" {
		lang = letters.Language(party.Locale)
	}
	o := e.Said
	told := letters.Told{
		Kind: letters.Evidence, Version: int(o.Int("letters")), Case: string(f.ID), Transaction: string(t.ID), At: e.At, To: string(side),
		Wanted: wantedOf(e, side), Clause: o.String("clause"), Reason: o.String("reason"), Outcome: o.String("outcome"),
	}
	if e.Type == ledger.CaseDecided {
		told.Kind = letters.DecisionPrefix + letters.Kind(told.Outcome)
		lines, _ := o.Lookup("lines")
		told.Lines, _ = lines.([]string)
		var amount Quantity
		if a := o.String("amount"); a != "" {
			told.Amount = a + " " + o.String("currency")
			if amount, err = ParseQuantity(a, f.Currency.Digits()); err != nil {
				return CaseLetter{}, err
			}
		}
		switch {
		case decided:
			told.Kind = letters.AppealDecided
		case disputes.Loser(f.Opener, side, disputes.Outcome(told.Outcome), int64(amount), int64(f.Amount)):
			told.AppealBy = appealBy(f, o)
		}
	}
	x, err := book.Write(told, lang, findings)
	return CaseLetter{x, party.ID, e.Index}, err
}

// appealBy is until when a decision can be appealed: what its entry says, or later where the
// clock has stood still since.
func appealBy(f *FoundCase, o ledger.Object) time.Time {
	by := momentIn(o, "until")
	for i := range f.Clocks {
		if x := &f.Clocks[i]; x.Name == disputes.AppealClock && x.Due.After(by) {
			by = x.Due
		}
	}
	return by
}

func momentIn(o ledger.Object, name string) time.Time {
	v, _ := o.Lookup(name)
	at, _ := v.(time.Time)
	return at
}
