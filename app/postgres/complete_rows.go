package postgres

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
)

// rowChecks look for the rows that the entries of a batch speak of, a table
// each, and note how many there must be.
var rowChecks = []func(*completeness, context.Context, []told) error{
	(*completeness).checkVersions,
	(*completeness).checkDisclosures,
	(*completeness).checkViews,
	(*completeness).checkPerformances,
	(*completeness).checkCards,
	(*completeness).checkNotes,
	(*completeness).checkKeys,
	(*completeness).checkPolicies,
	(*completeness).checkSuccessions,
	(*completeness).checkRequests,
	(*completeness).checkFears,
	(*completeness).checkAccounts,
	(*completeness).checkTokens,
	(*completeness).checkAnomalies,
	(*completeness).checkMerchants,
	(*completeness).checkCases,
	(*completeness).checkGlass,
}

func rowWrong(table string, row, entry int64, reason string) error {
	return namedRowWrong(table, strconv.FormatInt(row, 10), entry, reason)
}

// namedRowWrong is for tables whose rows have no number; entry is -1 where the
// row itself is wrong.
func namedRowWrong(table, row string, entry int64, reason string) error {
	return ledger.Finding{Part: ledger.PartRow, Table: table, Row: row, Index: entry, Reason: reason}
}

// checkVersions counts: each entry of a party or a transaction made one version of it.
func (c *completeness) checkVersions(_ context.Context, batch []told) error {
	for i := range batch {
		switch e := &batch[i]; e.kind {
		case ledger.PartyWritten, ledger.PartyFlagged, ledger.PartyExcluded, ledger.ConsentGiven, ledger.ConsentWithdrawn:
			c.due[tallyParties]++
		case ledger.TransactionWritten, ledger.PerformanceRecorded, ledger.PerformanceReversed,
			ledger.TransactionCompleted, ledger.TransactionCancelled, ledger.HistoryImported,
			ledger.CaseOpened, ledger.CaseTurned, ledger.CaseDecided, ledger.CaseClosed:
			c.due[tallyTransactions]++
		case ledger.DisclosureObjected, ledger.RequestMoved, ledger.DecisionMade:
			if e.ofFear() {
				c.due[tallyParties]++
			}
		default: // it changes neither
		}
	}
	return nil
}

// grantClaim is what an entry says of a disclosure's row.
type grantClaim struct {
	e      *told
	id     broker.DisclosureID
	states []int16 // that the grant may be in since; nil: any
}

// checkDisclosures: a decision has its row, and what ended a grant ended it in
// the row as well.
func (c *completeness) checkDisclosures(ctx context.Context, batch []told) error {
	var claims []grantClaim
	for i := range batch {
		e := &batch[i]
		id := broker.DisclosureID(e.st.Members.String("disclosure"))
		switch e.kind {
		case ledger.DisclosureDecided:
			c.due[tallyDisclosures]++
			claims = append(claims, grantClaim{e: e, id: id})
		case ledger.DecisionMade:
			claims = append(claims, grantClaim{e: e, id: id})
		case ledger.GrantRevoked:
			claims = append(claims, grantClaim{e, id, []int16{2}})
		case ledger.PerformanceReversed, ledger.PerformanceRecorded, ledger.TransactionWritten, ledger.TransactionCompleted, ledger.TransactionCancelled, ledger.PartyFlagged,
			ledger.DisclosureObjected, ledger.CaseOpened, ledger.CaseTurned, ledger.CaseDecided, ledger.CaseClosed:
			claims = append(claims, grantsEnded(e, "suspended", 1, 2)...)
		case ledger.ConsentGiven, ledger.ConsentWithdrawn:
			claims = append(claims, grantsEnded(e, "ended", 2)...)
		default: // a view has a row of its own
		}
	}
	if len(claims) == 0 {
		return nil
	}
	raws := make([][]byte, len(claims))
	for i, claim := range claims {
		var ok bool
		if raws[i], ok = claim.id.Bytes(); !ok {
			return entryWrong(claim.e.index, "it names no disclosure")
		}
	}
	found, err := c.disclosures(ctx, raws)
	if err == nil {
		err = c.withRecords(ctx, raws, found)
	}
	if err != nil {
		return err
	}
	for i, claim := range claims {
		if reason := claim.differs(found[string(raws[i])]); reason != "" {
			return namedRowWrong("disclosures", string(claim.id), claim.e.index, reason)
		}
	}
	return c.findEarlier(ctx, claims, found)
}

// grantsEnded are the grants that an entry lists as ended by it.
func grantsEnded(e *told, member string, states ...int16) (claims []grantClaim) {
	ended, _ := e.st.Members.Lookup(member)
	ids, _ := ended.([]string)
	for _, id := range ids {
		claims = append(claims, grantClaim{e, broker.DisclosureID(id), states})
	}
	return claims
}

// foundDisclosure is a row of disclosures without its grant's count.
type foundDisclosure struct {
	entry, transaction, requester, subject int64
	decision                               int16
	state                                  sql.NullInt16
	record                                 *broker.Request // nil where nobody was asked for
}

func (c *completeness) disclosures(ctx context.Context, ids [][]byte) (map[string]*foundDisclosure, error) {
	found := make(map[string]*foundDisclosure, len(ids))
	const q = `SELECT uuid_send(id), entry, transaction_id, requester, subject, decision, state FROM disclosures WHERE id = ANY($1::uuid[])`
	err := c.query(ctx, "disclosures", q, func(rows *sql.Rows) error {
		var id []byte
		d := &foundDisclosure{}
		err := rows.Scan(&id, &d.entry, &d.transaction, &d.requester, &d.subject, &d.decision, &d.state)
		found[string(id)] = d
		return err
	}, uuids(ids))
	return found, err
}

func (g grantClaim) differs(d *foundDisclosure) string {
	e := g.e
	if d == nil {
		return "missing"
	}
	if keeperOf(e.kind) == keptByParty && d.subject != e.owner {
		return "it is about another party than its entry says"
	}
	if e.kind == ledger.DisclosureObjected { // of the same two, in whatever transaction
		if sides := [2]int64{e.transaction.buyer, e.transaction.seller}; sides != [2]int64{d.requester, d.subject} && sides != [2]int64{d.subject, d.requester} {
			return "it is of other parties than its entry says"
		}
	} else if keeperOf(e.kind) == keptByTransaction && d.transaction != e.owner {
		return "it is of another transaction than its entry says"
	}
	if e.kind == ledger.DisclosureDecided || e.kind == ledger.DecisionMade {
		m := e.st.Members
		decision, err := code(decisions, m.String("decision"))
		switch {
		case d.entry != e.index && d.decidedBefore(e):
			return ""
		case d.entry != e.index:
			return "it points at another entry"
		case d.requester != e.transaction.side(broker.PartyID(m.String("requester"))),
			d.subject != e.transaction.side(broker.PartyID(m.String("subject"))):
			return "its parties are not those of its entry"
		case err != nil || d.decision != int16(decision):
			return "its decision is not the one of its entry"
		}
		return ""
	}
	if d.record != nil && (d.record.Freed > 0 || d.record.State == broker.Overturned) {
		return "" // people have given it back since, and its record says so
	}
	for _, state := range g.states {
		if d.state.Valid && d.state.Int16 == state {
			return ""
		}
	}
	return "the entry ended its grant, and the row says that it lives"
}

// checkViews: each moment at which values left, and each at which staff opened
// something, has its row.
func (c *completeness) checkViews(ctx context.Context, batch []told) error {
	err := c.checkLooks(ctx, of(batch, ledger.DisclosureViewed), "views", tallyViews)
	if err == nil {
		err = c.checkLooks(ctx, of(batch, ledger.StaffViewed), "staff_views", tallyStaffViews)
	}
	return err
}

func (c *completeness) checkLooks(ctx context.Context, claims []*told, table string, tally int) error {
	c.due[tally] += int64(len(claims))
	if len(claims) == 0 {
		return nil
	}
	type view struct {
		id       []byte
		at       time.Time
		openings bool
	}
	openings := "false" // staff get none
	if table == "views" {
		openings = "openings"
	}
	found := make(map[int64]view, len(claims))
	err := c.query(ctx, table, `SELECT entry, uuid_send(disclosure), at, `+openings+` FROM `+table+` WHERE entry = ANY($1::int8[])`, func(rows *sql.Rows) error {
		var entry int64
		var v view
		err := rows.Scan(&entry, &v.id, &v.at, &v.openings)
		found[entry] = v
		return err
	}, int8s(indexes(claims)))
	if err != nil {
		return err
	}
	for _, e := range claims {
		v, there := found[e.index]
		switch {
		case !there:
			return rowWrong(table, e.index, e.index, "missing")
		case string(broker.DisclosureOf(v.id)) != e.st.Members.String("disclosure"):
			return rowWrong(table, e.index, e.index, "it is of another disclosure than its entry says")
		case !sameTime(v.at, e.st.At):
			return rowWrong(table, e.index, e.index, "its time is not the one of its entry")
		case v.openings != e.st.Members.Bool("openings"):
			return rowWrong(table, e.index, e.index, "whether openings were handed out, it and its entry do not agree")
		}
	}
	return nil
}

// of are the entries of one type.
func of(batch []told, kinds ...ledger.Type) []*told {
	var some []*told
	for i := range batch {
		for _, k := range kinds {
			if batch[i].kind == k {
				some = append(some, &batch[i])
			}
		}
	}
	return some
}

func indexes(entries []*told) []int64 {
	ns := make([]int64, len(entries))
	for i, e := range entries {
		ns[i] = e.index
	}
	return ns
}

// checkPolicies: each change of a policy set has its row, in the table of its
// state, with the text that its version is the hash of.
func (c *completeness) checkPolicies(ctx context.Context, batch []told) error {
	for _, e := range of(batch, ledger.PolicyChanged) { // few in a log's life
		table, q, tally := "policies", policyInForce, tallyPolicies
		if state := broker.PolicyState(e.st.Members.String("state")); state == broker.Proposed || state == broker.Withdrawn {
			table, q, tally = "policy_proposals", policyProposed, tallyProposals
		}
		c.due[tally]++
		reason := "missing"
		err := c.query(ctx, table, policyEntries(q+` WHERE p.id = $1`), func(rows *sql.Rows) error {
			r, err := scanPolicy(rows)
			if err == nil {
				reason = r.differs(e.st)
			}
			return err
		}, e.index)
		if err != nil {
			return err
		}
		if reason != "" {
			return rowWrong(table, e.index, e.index, reason)
		}
	}
	return nil
}

// checkKeys: a key has its row, with the scopes that it was made with, and is
// revoked where an entry revoked it.
func (c *completeness) checkKeys(ctx context.Context, batch []told) error {
	claims := of(batch, ledger.APIKeyCreated, ledger.APIKeyRevoked)
	if len(claims) == 0 {
		return nil
	}
	ids := make([]string, len(claims))
	for i, e := range claims {
		ids[i] = e.st.Members.String("key")
	}
	found := map[string]*broker.APIKey{}
	err := c.query(ctx, "keys", apiKeyColumns+` WHERE id = ANY($1::text[])`, func(rows *sql.Rows) error {
		var r apiKeyScan
		if err := rows.Scan(&r.ID, &r.Scopes, &r.Source, &r.Secret, &r.CreatedAt, &r.RevokedAt, &r.MAC); err != nil {
			return err
		}
		k, err := c.s.apiKey(&r)
		if err != nil {
			return namedRowWrong("api_keys", r.ID, -1, "does not carry this broker's MAC")
		}
		found[r.ID] = k
		return nil
	}, pq.Array(ids))
	if err != nil {
		return err
	}
	for i, e := range claims {
		k, there := found[ids[i]]
		switch {
		case !there:
			return namedRowWrong("api_keys", ids[i], e.index, "missing")
		case e.kind == ledger.APIKeyRevoked && !sameTime(k.RevokedAt, e.st.At):
			return namedRowWrong("api_keys", ids[i], e.index, "the entry revoked it then, and the row does not say so")
		case e.kind == ledger.APIKeyRevoked:
			c.due[tallyRevoked]++
		case !sameWords(e, "scopes", k.Scopes) || e.st.Members.String("source") != k.Source:
			return namedRowWrong("api_keys", ids[i], e.index, "its scopes or source are not those of its entry")
		default:
			c.due[tallyKeys]++
		}
	}
	return nil
}

func sameWords(e *told, member string, words []string) bool {
	v, _ := e.st.Members.Lookup(member)
	said, _ := v.([]string)
	return strings.Join(said, "\n") == strings.Join(words, "\n")
}

// debtors are who owes what in a transaction.
func (a *agreement) debtors() map[string]necessity.Role {
	owes := map[string]necessity.Role{}
	for _, o := range a.Obligations() {
		owes[string(o.ID)] = o.Debtor
	}
	return owes
}
