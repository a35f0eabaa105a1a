package postgres

import (
	"context"
	"database/sql"
	"fmt"

	"bauta.dev/bauta/broker"
)

// cardsPacked packs cards c into one value: see unpackCards.
const cardsPacked = `string_agg(int8send(c.owner) || int2send(c.side) || int8send(c.version) ||
	int4send(octet_length(c.sealed)) || c.sealed, '')`

// situationQuery answers any number of (transaction, party, own) at once: the
// transaction, both sides, and the cards of one of them. For a stranger it does
// the same work.
const situationQuery = `
	SELECT q.ord, t.id, t.version, t.name, t.facts, t.mac, tk.wrapped,
	       b.id, b.version, b.name, b.facts, b.mac, bk.wrapped, CASE WHEN q.own THEN b.masks END,
	       s.id, s.version, s.name, s.facts, s.mac, sk.wrapped, CASE WHEN q.own THEN s.masks END,
	       (SELECT ` + cardsPacked + ` FROM cards c
	         WHERE c.owner = CASE WHEN (b.name = q.party) = q.own THEN b.id ELSE s.id END AND c.side = 0
	           AND c.version >= CASE WHEN (b.name = q.party) = q.own THEN b.oldest ELSE s.oldest END),
	       (SELECT ` + cardsPacked + ` FROM cards c WHERE c.owner = t.id),
	       (SELECT max(id) FROM policies), (SELECT max(size) FROM ledger_checkpoints)
	FROM unnest($1::text[], $2::text[], $3::bool[]) WITH ORDINALITY AS q(transaction, party, own, ord)
	JOIN transactions t ON t.name = q.transaction
	JOIN keys.owners tk ON tk.id = t.id
	JOIN parties b ON b.id = t.buyer
	JOIN keys.owners bk ON bk.id = b.id
	JOIN parties s ON s.id = t.seller
	JOIN keys.owners sk ON sk.id = s.id`

type situationQuestion struct {
	transaction broker.TransactionID
	party       broker.PartyID
	own         bool
}

// situationRow is one row of situationQuery and its like.
type situationRow struct {
	t        transactionRow
	b, s     partyRow
	cards    []byte
	contacts []byte
	policy   sql.NullInt64
	head     sql.NullInt64
}

func (r *situationRow) columns() []any {
	return []any{
		&r.t.id, &r.t.version, &r.t.name, &r.t.facts, &r.t.mac, &r.t.wrapped,
		&r.b.id, &r.b.version, &r.b.name, &r.b.facts, &r.b.mac, &r.b.wrapped, &r.b.masks,
		&r.s.id, &r.s.version, &r.s.name, &r.s.facts, &r.s.mac, &r.s.wrapped, &r.s.masks,
		&r.cards, &r.contacts, &r.policy,
	}
}

// situation checks every MAC and unwraps the three keys; values stay sealed.
func (s *Store) situation(r *situationRow) (*broker.Situation, error) {
	r.t.buyer, r.t.seller = r.b.id, r.s.id
	x := &broker.Situation{Policy: r.policy.Int64, Head: r.head.Int64}
	var err error
	if x.Buyer, err = s.party(&r.b); err != nil {
		return nil, err
	}
	if x.Seller, err = s.party(&r.s); err != nil {
		return nil, err
	}
	if x.Transaction, err = s.transaction(&r.t, x.Buyer.ID, x.Seller.ID); err != nil {
		return nil, err
	}
	label := func(c *broker.Card, u broker.Use) string {
		switch c.Owner {
		case x.Transaction.Row:
			return broker.ContactLabel(x.Transaction.ID, u)
		case x.Buyer.Row:
			return broker.PartyLabel(x.Buyer.ID)
		default:
			return broker.PartyLabel(x.Seller.ID)
		}
	}
	if x.Cards, err = s.unpackCards(append(r.cards, r.contacts...), label); err != nil {
		return nil, fmt.Errorf("read cards of transaction row %d: %w", r.t.id, err)
	}
	return x, nil
}

// Situation finds a transaction with both sides and one side's cards.
func (s *Store) Situation(ctx context.Context, id broker.TransactionID, party broker.PartyID, whose broker.Whose) (*broker.Situation, error) {
	r, err := s.decisions.one(ctx, decisionQuestion{situation: situationQuestion{id, party, bool(whose)}})
	if err != nil {
		return nil, err
	}
	return s.situation(r.situation) // on the caller's time, not on the connection's
}

func (s *Store) askSituations(ctx context.Context, worker int, qs []situationQuestion) ([]answer[*situationRow], error) {
	names, parties, own := make([]string, len(qs)), make([]string, len(qs)), make([]bool, len(qs))
	for i, q := range qs {
		names[i], parties[i], own[i] = string(q.transaction), string(q.party), q.own
	}
	answers := notFound[*situationRow](len(qs))
	err := s.hot[worker].query(ctx, situationQuery, func(rows *sql.Rows) error {
		r := &situationRow{}
		var ord int
		if err := rows.Scan(append(append([]any{&ord}, r.columns()...), &r.head)...); err != nil {
			return err
		}
		answers[ord-1] = answer[*situationRow]{a: r}
		return nil
	}, texts(names), texts(parties), bools(own))
	return answers, translate("read situations", err)
}

func notFound[A any](n int) []answer[A] {
	answers := make([]answer[A], n)
	for i := range answers {
		answers[i].err = broker.ErrNotFound
	}
	return answers
}

// partyQuery answers any number of parties at once, with their masks;
// complete ones come with the cards of their current values.
const partyQuery = `
	SELECT q.ord, p.id, p.version, p.name, p.facts, p.mac, k.wrapped, p.masks,
	       CASE WHEN q.complete THEN
	           (SELECT ` + cardsPacked + ` FROM cards c WHERE c.owner = p.id AND c.side = 0 AND c.version >= p.oldest) END
	FROM unnest($1::text[], $2::bool[]) WITH ORDINALITY AS q(name, complete, ord)
	JOIN parties p ON p.name = q.name
	JOIN keys.owners k ON k.id = p.id`

type partyQuestion struct {
	id       broker.PartyID
	complete bool
}

type foundParty struct {
	row   partyRow
	cards []byte
}

// Party finds a party with its masks; a complete one with its cards.
func (s *Store) Party(ctx context.Context, id broker.PartyID, part broker.Part) (*broker.PartyRecord, []broker.Card, error) {
	f, err := s.parties.one(ctx, partyQuestion{id, part == broker.Complete})
	if err != nil {
		return nil, nil, err
	}
	p, err := s.party(&f.row)
	if err != nil {
		return nil, nil, err
	}
	cards, err := s.unpackCards(f.cards, func(*broker.Card, broker.Use) string { return broker.PartyLabel(p.ID) })
	if err != nil {
		return nil, nil, fmt.Errorf("read cards of party row %d: %w", f.row.id, err)
	}
	return &p, cards, nil
}

func (s *Store) askParties(ctx context.Context, worker int, qs []partyQuestion) ([]answer[*foundParty], error) {
	names, complete := make([]string, len(qs)), make([]bool, len(qs))
	for i, q := range qs {
		names[i], complete[i] = string(q.id), q.complete
	}
	answers := notFound[*foundParty](len(qs))
	err := s.hot[worker].query(ctx, partyQuery, func(rows *sql.Rows) error {
		f := &foundParty{}
		var ord int
		if err := rows.Scan(&ord, &f.row.id, &f.row.version, &f.row.name, &f.row.facts, &f.row.mac, &f.row.wrapped, &f.row.masks, &f.cards); err != nil {
			return err
		}
		answers[ord-1] = answer[*foundParty]{a: f}
		return nil
	}, texts(names), bools(complete))
	return answers, translate("read parties", err)
}
