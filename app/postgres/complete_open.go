package postgres

import (
	"context"
	"database/sql"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking"
)

// findOwners reads the rows that the statements are kept under, each of which
// must carry its MAC and have its key.
func (c *completeness) findOwners(ctx context.Context, batch []told) error {
	owners := map[keeper]map[int64]bool{keptByParty: {}, keptByTransaction: {}, keptForAccount: {}}
	for i := range batch {
		if k := keeperOf(batch[i].kind); k != keptByDeployment {
			owners[k][batch[i].owner] = true
		}
	}
	parties, err := c.parties(ctx, numbersOf(owners[keptByParty]))
	if err != nil {
		return err
	}
	transactions, err := c.transactions(ctx, numbersOf(owners[keptByTransaction]))
	if err != nil {
		return err
	}
	people, err := c.accounts(ctx, numbersOf(owners[keptForAccount]))
	if err != nil {
		return err
	}
	for i := range batch {
		e := &batch[i]
		var there bool
		table := ""
		switch keeperOf(e.kind) {
		case keptByDeployment:
			there = e.owner == 0
		case keptByParty:
			table = "parties"
			e.party, there = parties[e.owner]
		case keptByTransaction:
			table = "transactions"
			e.transaction, there = transactions[e.owner]
		case keptForAccount:
			table = "accounts"
			e.account, there = people[e.owner]
		}
		if !there && table == "" {
			return entryWrong(e.index, "its statement is said to be somebody's, and is the deployment's")
		}
		if !there {
			return rowWrong(table, e.owner, e.index, "missing, or without its key")
		}
	}
	return nil
}

func numbersOf(set map[int64]bool) []int64 {
	ns := make([]int64, 0, len(set))
	for n := range set {
		ns = append(ns, n)
	}
	return ns
}

func (c *completeness) parties(ctx context.Context, ids []int64) (map[int64]*broker.PartyRecord, error) {
	found := make(map[int64]*broker.PartyRecord, len(ids))
	const q = `SELECT p.id, p.version, p.name, p.facts, p.mac, p.oldest, o.wrapped
		FROM parties p JOIN keys.owners o ON o.id = p.id WHERE p.id = ANY($1::int8[])`
	err := c.query(ctx, "parties", q, func(rows *sql.Rows) error {
		var r partyRow
		var first int64
		if err := rows.Scan(&r.id, &r.version, &r.name, &r.facts, &r.mac, &first, &r.wrapped); err != nil {
			return err
		}
		p, err := c.s.party(&r)
		if err != nil {
			return rowWrong("parties", r.id, -1, "does not carry this broker's MAC, or its key does not open")
		}
		if first != oldest(p.Values) {
			return rowWrong("parties", r.id, -1, "its oldest card is not the one that its facts need")
		}
		found[r.id] = &p
		return nil
	}, int8s(ids))
	return found, err
}

func (c *completeness) transactions(ctx context.Context, ids []int64) (map[int64]*agreement, error) {
	found := make(map[int64]*agreement, len(ids))
	const q = `SELECT t.id, t.version, t.name, t.buyer, t.seller, t.facts, t.mac, o.wrapped, b.name, s.name
		FROM transactions t JOIN keys.owners o ON o.id = t.id JOIN parties b ON b.id = t.buyer JOIN parties s ON s.id = t.seller
		WHERE t.id = ANY($1::int8[])`
	err := c.query(ctx, "transactions", q, func(rows *sql.Rows) error {
		var r transactionRow
		var buyer, seller string
		err := rows.Scan(&r.id, &r.version, &r.name, &r.buyer, &r.seller, &r.facts, &r.mac, &r.wrapped, &buyer, &seller)
		if err != nil {
			return err
		}
		t, err := c.s.transaction(&r, broker.PartyID(buyer), broker.PartyID(seller))
		if err != nil {
			return rowWrong("transactions", r.id, -1, "does not carry this broker's MAC, or its key does not open")
		}
		found[r.id] = &agreement{t, r.buyer, r.seller}
		return nil
	}, int8s(ids))
	return found, err
}

// open opens the statements on all cores, and gives the first that is wrong.
func (c *completeness) open(batch []told) error {
	errs := make([]error, len(batch))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(batch)) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(batch)); i = next.Add(1) - 1 {
				errs[i] = c.openOne(&batch[i])
			}
		})
	}
	workers.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// openOne: a statement opens with its own entry and its keeper's key alone, so
// one that opens is the one that was written with the entry.
func (c *completeness) openOne(e *told) (err error) {
	var key masking.Key
	var name, want string
	switch keeperOf(e.kind) {
	case keptByDeployment:
		key = c.s.cfg.Keys.Auditor
	case keptForAccount:
		key, name, want = c.s.cfg.Keys.Auditor, "account", string(e.account.ID)
	case keptByParty:
		key, name, want = e.party.Key, "party", string(e.party.ID)
	case keptByTransaction:
		key, name, want = e.transaction.Key, "transaction", string(e.transaction.ID)
	}
	if e.st, err = broker.OpenStatement(key, e.entry, e.sealed); err != nil {
		return entryWrong(e.index, "its statement does not open: it is not the one that was written with it")
	}
	if e.st.Type != e.kind || name != "" && e.st.Members.String(name) != want {
		return entryWrong(e.index, "its statement is about something else")
	}
	e.leaf = tlog.RecordHash(e.entry)
	e.entry, e.sealed = nil, nil
	return nil
}
