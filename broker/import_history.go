package broker

import (
	"context"
	"errors"
	"maps"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// History is one transaction as an import tells it.
type History struct {
	// Terms are what was agreed, with the same defaults as at the door; nil means
	// that the transaction is there already. Of one that is there, amount and
	// items are changed like a PUT does, and all other terms stay.
	Terms *Transaction
	State string // after all performances; empty with nil Terms
	Past  []Past
}

// Past is one performance of a History.
type Past struct {
	Obligation  Obligation
	Done        string // money, or a count
	AttestedBy  string // platform, creditor or debtor
	PerformedAt time.Time
	Reference   string
}

// Transaction writes a transaction with its performances as one entry, or adds
// to one that is there what it does not have. refused says by index which
// performances were not taken, and why; the others were. With an error nothing
// was.
func (i *Import) Transaction(ctx context.Context, id TransactionID, h History) (refused map[int]error, err error) {
	err = settled(func(first bool) error {
		refused, err = i.transaction(ctx, id, h, first)
		return err
	})
	return refused, err
}

func (i *Import) transaction(ctx context.Context, id TransactionID, h History, first bool) (map[int]error, error) {
	guessed := first && !i.dry && h.Terms != nil && !i.transactionsThere.Load()
	s, err := i.situation(ctx, id, h.Terms, guessed, first)
	if err != nil {
		return nil, err
	}
	r := retelling{b: i.b, s: s, next: s.Transaction}
	if err := r.tell(ctx, h); err != nil {
		return nil, err
	}
	if !r.changed || i.dry {
		return r.refused, nil
	}
	w, err := i.seal(r.write)
	if err != nil {
		return nil, err
	}
	_, err = i.b.Store.Commit(ctx, w)
	if guessed && errors.Is(err, ErrStale) {
		i.transactionsThere.Store(true)
	}
	return r.refused, err
}

// situation is that of a transaction which is there, or of a new one.
func (i *Import) situation(ctx context.Context, id TransactionID, terms *Transaction, guessed, first bool) (*Situation, error) {
	if !guessed {
		s, err := i.b.Store.Situation(ctx, id, "", TheirOwn)
		i.transactionsThere.Store(err == nil)
		switch {
		case err == nil && terms != nil:
			return s, immutable(&s.Transaction.Transaction, terms)
		case !errors.Is(err, ErrNotFound):
			return s, err
		case terms == nil:
			return nil, validation("/transaction", errUnknownTransaction)
		}
	}
	return i.newSituation(ctx, id, terms, first)
}

// immutable points at the first member that differs and never changes.
func immutable(t, terms *Transaction) error {
	switch {
	case t.Kind != terms.Kind:
		return validation("/kind", ErrImmutable)
	case t.Buyer != terms.Buyer:
		return validation("/buyer", ErrImmutable)
	case t.Seller != terms.Seller:
		return validation("/seller", ErrImmutable)
	case t.Currency != terms.Currency:
		return validation("/amount/currency", ErrImmutable)
	}
	return nil
}

func (i *Import) newSituation(ctx context.Context, id TransactionID, terms *Transaction, first bool) (*Situation, error) {
	if terms.Buyer == terms.Seller {
		return nil, validation("/seller", ErrSameParty)
	}
	if terms.CreatedAt.After(i.b.now().Add(ahead)) {
		return nil, validation("/created_at", errCreatedAhead)
	}
	s := &Situation{}
	var err error
	if s.Buyer, err = i.side(ctx, terms.Buyer, first); err != nil {
		return nil, unknown(err, "/buyer")
	}
	if s.Seller, err = i.side(ctx, terms.Seller, first); err != nil {
		return nil, unknown(err, "/seller")
	}
	s.Transaction.Transaction = *terms
	s.Transaction.ID = id
	if i.dry {
		return s, nil
	}
	if s.Transaction.Row, err = i.rows.next(ctx); err != nil {
		return nil, err
	}
	s.Transaction.Key, err = masking.NewKey(i.b.Random)
	return s, err
}

// side finds a party's row and version, all that a transaction needs of it.
func (i *Import) side(ctx context.Context, id PartyID, first bool) (PartyRecord, error) {
	if at, ok := i.known.get(id); ok && (first || i.dry) {
		return PartyRecord{Row: at.row, Version: at.version, Party: Party{ID: id}}, nil
	}
	p, _, err := i.b.Store.Party(ctx, id, MasksOnly)
	if err != nil {
		return PartyRecord{}, err
	}
	i.known.put(id, knownParty{p.Row, p.Version})
	return *p, nil
}

// retelling turns a transaction as it is into what a history makes of it.
type retelling struct {
	b         *Broker
	s         *Situation
	next      TransactionRecord
	performed []Performance
	refused   map[int]error
	latest    time.Time // performed_at of any row, taken before or now
	changed   bool
}

func (r *retelling) tell(ctx context.Context, h History) error {
	t := &r.next
	t.Version++
	t.Totals = maps.Clone(t.Totals)
	if err := r.agree(h.Terms); err != nil {
		return err
	}
	for _, total := range t.Totals {
		r.see(total.LastAt)
	}
	// Order does not matter in history, so a return may be told before its
	// approval: what is due only after it comes last.
	for _, afterReturn := range []bool{false, true} {
		for n := range h.Past {
			if d, ok := t.duty(h.Past[n].Obligation); ok && d.afterReturn != afterReturn || !ok && afterReturn {
				continue
			}
			if err := r.take(ctx, n, &h.Past[n]); err != nil {
				return err
			}
		}
	}
	return r.close(h.State)
}

func (r *retelling) see(at time.Time) {
	if at.After(r.latest) {
		r.latest = at
	}
}

// agree takes the terms over: all of a new transaction's, amount and items of
// one that is there.
func (r *retelling) agree(terms *Transaction) error {
	old, t := &r.s.Transaction, &r.next
	if old.Version == 0 {
		t.Highest, r.changed = t.Amount, true
		return nil
	}
	if terms == nil || terms.Amount == t.Amount && terms.Items == t.Items {
		return nil
	}
	if !old.CancelledAt.IsZero() || !old.CompletedAt.IsZero() {
		return validation("/amount/value", errClosed)
	}
	t.Amount, t.Items, t.Highest, r.changed = terms.Amount, terms.Items, max(t.Highest, terms.Amount), true
	if reduced := overdone(&t.Transaction); reduced != "" {
		return validation(reduced, ErrOverPerformed)
	}
	return nil
}

// take counts one performance, or notes why it cannot be.
func (r *retelling) take(ctx context.Context, n int, past *Past) error {
	p, d, err := r.performance(past)
	there := false
	if err == nil {
		there, err = r.isThere(ctx, p)
	}
	if err == nil && !there {
		err = r.next.countPast(p, d)
	}
	switch kind := fault.Of(err).Kind; {
	case err == nil:
	case kind == fault.Invalid || kind == fault.Conflict:
		if r.refused == nil {
			r.refused = map[int]error{}
		}
		r.refused[n] = err
		return nil
	default:
		return err
	}
	r.see(p.PerformedAt)
	if !there {
		p.View = r.next.view(d)
		r.performed, r.changed = append(r.performed, *p), true
	}
	return nil
}

// performance checks what is said against the transaction, as at the door.
func (r *retelling) performance(past *Past) (*Performance, duty, error) {
	by := PartyID("")
	if d, ok := r.next.duty(past.Obligation); ok {
		switch past.AttestedBy {
		case "platform":
		case "creditor":
			by = r.next.Other(d.debtor)
		case "debtor":
			by = r.next.Other(otherRole(d.debtor))
		default:
			return nil, d, validation("/attested_by", errUnknownAttester)
		}
	}
	p, err := r.b.performance(r.s, Caller{Source: imported}, PerformanceInput{
		Obligation: past.Obligation, Done: past.Done, PerformedAt: past.PerformedAt, Reference: past.Reference, By: by,
	}, false)
	if err != nil {
		return nil, duty{}, err
	}
	d, _ := r.next.duty(p.Obligation)
	return p, d, nil
}

// isThere says that this very performance has been recorded; the same
// reference with other members is refused.
func (r *retelling) isThere(ctx context.Context, p *Performance) (bool, error) {
	for n := range r.performed {
		if q := &r.performed[n]; q.Obligation == p.Obligation && q.Reference == p.Reference {
			return true, reference(samePerformance(q, p))
		}
	}
	if _, any := r.s.Transaction.Totals[p.Obligation]; !any {
		return false, nil
	}
	first, err := r.b.Store.Performance(ctx, p.Transaction, p.Obligation, false, p.Reference)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, reference(samePerformance(first, p))
}

func reference(err error) error {
	if err == nil {
		return nil
	}
	return validation("/reference", ErrReference)
}

// countPast is count without guards: history may be told in any order, and of
// a transaction that is closed. More than what is due is refused all the same.
func (t *Transaction) countPast(p *Performance, d duty) error {
	if err := t.holdUp(p); err != nil {
		return err
	}
	total, due, told := t.Totals[d.id], t.due(d), t.told(p)
	role, isParty := t.Role(p.By)
	moved := &total.Done
	if isParty && role == d.debtor {
		moved = &total.Claimed
	}
	if *moved+p.Quantity-told > due {
		return validation("/done", ErrOverPerformed)
	}
	*moved += p.Quantity - told
	if moved == &total.Done {
		if p.PerformedAt.After(total.LastAt) {
			total.LastAt = p.PerformedAt
		}
		if isParty {
			t.confirm(p)
		} else {
			total.Attested += p.Quantity
		}
		total.Waived = total.Waived && total.Done < due
	}
	t.set(d.id, total)
	return nil
}

// close ends the transaction at its latest performance, or when it began. One
// that an import closed moves with performances that another import adds. A
// history that leaves it open says nothing of what has happened since.
func (r *retelling) close(state string) error {
	t := &r.next
	at := r.latest
	if at.IsZero() {
		at = t.CreatedAt
	}
	now := t.State()
	closed := now == "cancelled" || now == "completed"
	switch state {
	case "completed", "cancelled":
		if closed && now != state {
			return validation("/state", errClosedOtherwise)
		}
		if !closed {
			t.end(at, state == "cancelled")
			r.changed = true
			return nil
		}
	case "open", "partly_performed", "performed":
	case "":
		if r.s.Transaction.Version == 0 {
			return validation("/state", errUnknownState)
		}
	default:
		return validation("/state", errUnknownState)
	}
	if closed && t.Reason == "" && len(r.performed) > 0 { // by an import: whoever closes otherwise has to say why
		for _, end := range []*time.Time{&t.CompletedAt, &t.CancelledAt} {
			if !end.IsZero() && r.latest.After(*end) {
				*end = r.latest
			}
		}
	}
	return nil
}

func (r *retelling) write() (*Write, error) {
	t := &r.next
	told := make([]ledger.Object, len(r.performed))
	for n := range r.performed {
		p := &r.performed[n]
		d, _ := t.duty(p.Obligation)
		told[n] = ledger.Object{
			{Name: "obligation", Value: string(p.Obligation)},
			{Name: "done", Value: p.Quantity.Format(t.digits(d))},
			{Name: "attested_by", Value: attestedBy(&t.Transaction, p, d)},
			{Name: "performed_at", Value: p.PerformedAt},
			{Name: "reference", Value: p.Reference},
		}
	}
	record, err := r.b.record(ledger.Statement{Type: ledger.HistoryImported, At: r.b.now(), Members: append(
		agreed(&t.Transaction),
		ledger.Member{Name: "state", Value: t.State()}, ledger.Member{Name: "performances", Value: told},
		ledger.Member{Name: "count", Value: len(told)}, ledger.Member{Name: "key", Value: operator},
	)}, t.Key, keys{parties: t.Key})
	if err != nil {
		return nil, err
	}
	t.Newest = newest(record)
	w := &Write{Record: record, Of: r.s, ExpectTransaction: &r.s.Transaction, Transaction: t, Performed: r.performed}
	if r.s.Transaction.Version == 0 {
		w.ExpectParties = []*PartyRecord{&r.s.Buyer, &r.s.Seller}
	}
	return w, nil
}
