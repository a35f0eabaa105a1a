package postgres

import (
	"strconv"
	"strings"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
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
		if a := j.account; a != nil && a.key != nil {
			k.add(a.id, a.key)
		}
		if c := j.dispute; c != nil && c.record.wrapped != nil {
			k.add(c.record.id, c.record.wrapped)
		}
	}
	return k
}

type partyCols struct {
	ids, versions, oldest []int64
	names, tags           []string
	facts, masks, macs    [][]byte
}

func partyColumns(batch []*job) (c partyCols) {
	for _, j := range batch {
		if p := j.party; p != nil {
			c.ids, c.versions, c.oldest = append(c.ids, p.id), append(c.versions, p.version), append(c.oldest, j.partyOldest)
			c.names, c.facts, c.macs = append(c.names, p.name), append(c.facts, p.facts), append(c.macs, p.mac)
			c.masks, c.tags = append(c.masks, p.masks), append(c.tags, arrayText(j.tags))
		}
	}
	return c
}

type transactionCols struct {
	ids, buyers, sellers, versions []int64
	names                          []string
	facts, macs                    [][]byte
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
}

func cardColumns(batch []*job) (c cardCols) {
	for _, j := range batch {
		for _, r := range j.cards {
			c.owners, c.sides, c.versions = append(c.owners, r.owner), append(c.sides, r.side), append(c.versions, r.version)
			c.sealed = append(c.sealed, r.sealed)
		}
	}
	return c
}

func performanceColumns(batch []*job, first int64) (query string, args []any, n int) {
	var ids, quantities, entries, at []int64
	var obligations, parties, sources, afterwards []string
	var references [][]byte
	var reversals []bool
	for i, j := range batch {
		references = append(references, j.references...)
		for _, p := range j.w.Performed {
			ids, quantities, entries = append(ids, int64(p.Transaction)), append(quantities, int64(p.Quantity)), append(entries, first+int64(i))
			obligations = append(obligations, string(p.Obligation))
			parties, sources = append(parties, string(p.By)), append(sources, p.Source)
			reversals, at = append(reversals, p.Reversal), append(at, p.PerformedAt.UnixMicro())
			afterwards = append(afterwards, afterwardsOf(p.View))
		}
	}
	return `INSERT INTO performances (transaction_id, obligation, reversal, reference, quantity, performed_at, by_party, source, afterwards, entry)
		SELECT p.tx, p.obligation, p.reversal, p.reference, p.quantity, to_timestamp(p.performed_at / 1e6), p.by_party, p.source, p.afterwards, p.entry
		FROM unnest($1::int8[], $2::text[], $3::bool[], $4::bytea[], $5::int8[], $6::int8[], $7::text[], $8::text[], $9::text[], $10::int8[])
			AS p(tx, obligation, reversal, reference, quantity, performed_at, by_party, source, afterwards, entry)`,
		[]any{
			int8s(ids), texts(obligations), bools(reversals), byteas(references), int8s(quantities), int8s(at), texts(parties), texts(sources),
			texts(afterwards), int8s(entries),
		}, len(ids)
}

// afterwardsOf is an obligation as it stood, in one column; the words have no space.
func afterwardsOf(v broker.ObligationView) string {
	return strings.Join([]string{string(v.Debtor), v.Due, v.Done, v.State}, " ")
}

func parseAfterwards(o broker.Obligation, s string) broker.ObligationView {
	v := broker.ObligationView{ID: o}
	if words := strings.Split(s, " "); len(words) == 4 {
		v.Debtor, v.Due, v.Done, v.State = necessity.Role(words[0]), words[1], words[2], words[3]
	}
	return v
}

// arrayText is an array inside a column of arrays, which unnest would flatten.
func arrayText(xs []int64) string {
	b := []byte{'{'}
	for i, x := range xs {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, x, 10)
	}
	return string(append(b, '}'))
}
