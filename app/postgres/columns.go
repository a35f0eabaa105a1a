package postgres

import (
	"time"
)

// What the cold statements of a batch take, column by column.

type keyCols struct {
	ids     []int64
	buckets []int16
	wrapped [][]byte
}

func (k *keyCols) add(id int64, wrapped []byte) {
	k.ids, k.wrapped = append(k.ids, id), append(k.wrapped, wrapped)
	k.buckets = append(k.buckets, int16(bucketOf(id))) //nolint:gosec // below 4096
}

func keyColumns(batch []*job) (k keyCols) {
	for _, j := range batch {
		if p := j.party; p != nil && p.wrapped != nil {
			k.add(p.id, p.wrapped)
		}
		if t := j.transaction; t != nil && t.wrapped != nil {
			k.add(t.id, t.wrapped)
		}
	}
	return k
}

type partyCols struct {
	ids, versions, oldest []int64
	names, facts          []string
	masks, macs           [][]byte
}

func partyColumns(batch []*job) (c partyCols) {
	for _, j := range batch {
		if p := j.party; p != nil {
			c.ids, c.versions, c.oldest = append(c.ids, p.id), append(c.versions, p.version), append(c.oldest, j.partyOldest)
			c.names, c.facts, c.macs = append(c.names, p.name), append(c.facts, p.facts), append(c.macs, p.mac)
			c.masks = append(c.masks, p.masks)
		}
	}
	return c
}

type transactionCols struct {
	ids, buyers, sellers, versions []int64
	names, facts                   []string
	macs                           [][]byte
}

func transactionColumns(batch []*job) (c transactionCols) {
	for _, j := range batch {
		if t := j.transaction; t != nil {
			c.ids, c.buyers, c.sellers = append(c.ids, t.id), append(c.buyers, t.buyer), append(c.sellers, t.seller)
			c.versions, c.names = append(c.versions, t.version), append(c.names, t.name)
			c.facts, c.macs = append(c.facts, t.facts), append(c.macs, t.mac)
		}
	}
	return c
}

type cardCols struct {
	owners, versions []int64
	sides            []int16
	sealed           [][]byte
	tags, tagOwners  []int64
}

func cardColumns(batch []*job) (c cardCols) {
	for _, j := range batch {
		for _, r := range j.cards {
			c.owners, c.sides, c.versions = append(c.owners, r.owner), append(c.sides, r.side), append(c.versions, r.version)
			c.sealed = append(c.sealed, r.sealed)
		}
		for _, t := range j.tags {
			c.tags, c.tagOwners = append(c.tags, t.tag), append(c.tagOwners, t.owner)
		}
	}
	return c
}

func performanceColumns(batch []*job, first int64) (query string, args []any, n int) {
	var ids, quantities, entries []int64
	var obligations, references, parties, sources, dues, dones, states, debtors []string
	var reversals []bool
	var at []string
	for i, j := range batch {
		for _, p := range j.w.Performed {
			ids, quantities, entries = append(ids, int64(p.Transaction)), append(quantities, int64(p.Quantity)), append(entries, first+int64(i))
			obligations, references = append(obligations, string(p.Obligation)), append(references, p.Reference)
			parties, sources = append(parties, string(p.By)), append(sources, p.Source)
			reversals = append(reversals, p.Reversal)
			at = append(at, p.PerformedAt.UTC().Format(time.RFC3339Nano))
			dues, dones = append(dues, p.View.Due), append(dones, p.View.Done)
			states, debtors = append(states, p.View.State), append(debtors, string(p.View.Debtor))
		}
	}
	return `INSERT INTO performances (transaction_id, obligation, reversal, reference, quantity, performed_at, by_party, source,
			due_after, done_after, state_after, debtor, entry)
		SELECT p.tx, p.obligation, p.reversal, p.reference, p.quantity, cast(p.performed_at AS timestamptz), p.by_party, p.source,
			p.due_after, p.done_after, p.state_after, p.debtor, p.entry
		FROM unnest($1::int8[], $2::text[], $3::bool[], $4::text[], $5::int8[], $6::text[], $7::text[], $8::text[],
			$9::text[], $10::text[], $11::text[], $12::text[], $13::int8[])
			AS p(tx, obligation, reversal, reference, quantity, performed_at, by_party, source, due_after, done_after, state_after, debtor, entry)
		`,
		[]any{
			int8s(ids), texts(obligations), bools(reversals), texts(references), int8s(quantities), texts(at), texts(parties), texts(sources),
			texts(dues), texts(dones), texts(states), texts(debtors), int8s(entries),
		}, len(ids)
}
