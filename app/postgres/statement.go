package postgres

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"bauta.dev/bauta/broker/budget"
	"bauta.dev/bauta/broker/ledger"
)

// One commit is one statement: everything in it hangs on the insert of the next
// checkpoint. Because prev is unique, two brokers cannot both append after the
// same head; because every change goes this way, what the guards read is exact.
//
// It answers with the ordinals of stale requests, or with ordinal 0 when the
// head was inserted, or with nothing when another broker was first.
//
// A batch's statement has only the parts that it needs: starting up a part costs
// PostgreSQL as much as a row of it. There are few combinations, and each is
// prepared once.

// watches are what guards compare, by their number; one that is true, and not
// false or null, is stale. None is an EXISTS: PostgreSQL may answer that by
// hashing the whole table, which is quick while the table is small.
var watches = map[int16]string{
	watchParty:         `(SELECT p.version FROM parties p WHERE p.id = g.id) IS DISTINCT FROM g.version`,
	watchTransaction:   `(SELECT t.version FROM transactions t WHERE t.id = g.id) IS DISTINCT FROM g.version`,
	watchGrant:         `(SELECT d.version FROM disclosures d WHERE d.id = cast(encode(g.key, 'hex') AS uuid)) IS DISTINCT FROM g.version`,
	watchNoParty:       `(SELECT true FROM parties p WHERE p.name = convert_from(g.key, 'UTF8') LIMIT 1)`,
	watchNoTransaction: `(SELECT true FROM transactions t WHERE t.name = convert_from(g.key, 'UTF8') LIMIT 1)`,
	watchGrants:        `(SELECT count(*) FROM disclosures d WHERE d.transaction_id = g.id AND d.decision = 2) <> g.version`,
	watchRequest:       `(SELECT r.version FROM requests r WHERE r.disclosure = cast(encode(g.key, 'hex') AS uuid)) IS DISTINCT FROM nullif(g.version, 0)`,
	watchRequests: `(` + waiting + `to_timestamp(cast(split_part(convert_from(g.key, 'UTF8'), '/', 2) AS int8) / 1e6))
		AND r.transaction_id = g.id AND d.requester = cast(split_part(convert_from(g.key, 'UTF8'), '/', 1) AS int8)) <> g.version`,
	watchAccount:   `(SELECT a.version FROM accounts a WHERE a.id = g.id) IS DISTINCT FROM g.version`,
	watchNoAccount: `(SELECT true FROM accounts a WHERE a.tag = g.key LIMIT 1)`,
	watchPolicy:    `(SELECT max(p.id) FROM policies p) IS DISTINCT FROM g.version`,
	watchProposal:  `coalesce((SELECT max(p.id) FROM policy_proposals p), 0) <> g.version`,
	// The days are named, for the primary key begins with them: a range of days
	// would be read from its first key to its last.
	watchOutcome: `(SELECT true FROM outcomes o, (SELECT cast(to_timestamp(g.id / 1e6) AT TIME ZONE 'UTC' AS date)) AS since(d)
		WHERE o.key = g.key AND o.day = ANY (ARRAY[since.d, since.d + 1, since.d + 2]) AND o.at > to_timestamp(g.id / 1e6) LIMIT 1)`,
	watchToken: `(SELECT true FROM party_tokens x, (SELECT cast(to_timestamp(g.id / 1e6) AT TIME ZONE 'UTC' AS date)) AS at(d)
		WHERE x.jti = g.key AND x.day = ANY (ARRAY[at.d - 1, at.d, at.d + 1]) LIMIT 1)`,
	watchGrantsOf: `(SELECT count(*) FROM disclosures d WHERE d.subject = g.id
		AND d.requester = coalesce(nullif(cast(convert_from(g.key, 'UTF8') AS int8), 0), d.requester) AND d.decision = 2) <> g.version`,
	watchMerchant: `(SELECT m.version FROM merchants m WHERE m.id = g.id) IS DISTINCT FROM nullif(g.version, 0)`,
	watchTagged:   `(SELECT count(*) FROM merchant_tags t WHERE t.tag = g.key AND t.merchant <> g.id) <> g.version`,
	watchCase:     `(SELECT c.version FROM cases c WHERE c.id = g.id) IS DISTINCT FROM nullif(g.version, 0)`,
	watchGlass:    `(SELECT b.version FROM break_glass b WHERE b.id = g.id) IS DISTINCT FROM nullif(g.version, 0)`,
	watchGlassOf:  `(SELECT count(*) FROM break_glass b WHERE b.account = convert_from(g.key, 'UTF8')) <> g.version`,
	// No case of a party is open, and it is a side of as many transactions as it was.
	watchIdle: `(SELECT count(*) FROM cases c WHERE c.open AND (c.buyer = g.id OR c.seller = g.id)) > 0
		OR (SELECT count(*) FROM transactions t WHERE t.buyer = g.id) + (SELECT count(*) FROM transactions t WHERE t.seller = g.id) <> g.version`,
	watchAnomaly: `(SELECT true FROM anomalies a WHERE a.mark = g.key LIMIT 1)`,
}

// statement collects the parts of a commit and numbers their parameters.
type statement struct {
	sql  strings.Builder
	args []any
}

// add writes a part; each ? in it is the next argument.
func (s *statement) add(sql string, args ...any) {
	for _, arg := range args {
		before, after, _ := strings.Cut(sql, "?")
		s.args = append(s.args, arg)
		s.sql.WriteString(before)
		s.sql.WriteByte('$')
		s.sql.WriteString(strconv.Itoa(len(s.args)))
		sql = after
	}
	s.sql.WriteString(sql)
}

// query is the statement of a batch, with its arguments.
func (c *columns) query(head linked, frontier []byte) (string, []any) {
	var s statement
	if len(c.gOrd) > 0 {
		c.addGuards(&s)
	} else {
		s.add(`WITH`)
	}
	s.add(` head AS (
		INSERT INTO ledger_checkpoints (size, prev, root, frontier, note, mac)
		SELECT ?::int8, ?::int8, ?::bytea, ?::bytea, ?::bytea, ?::bytea`, head.Size, head.prev, head.Root[:], frontier, head.Note, head.mac)
	if len(c.gOrd) > 0 {
		s.add(` WHERE NOT EXISTS (SELECT FROM guard)`)
	}
	s.add(` ON CONFLICT DO NOTHING RETURNING size
	), entries AS (
		INSERT INTO ledger_entries (idx, entry, statement, owner)
		SELECT ?::int8 + e.ord - 1, e.entry, e.statement, e.owner
		FROM head, unnest(?::bytea[], ?::bytea[], ?::int8[]) WITH ORDINALITY AS e(entry, statement, owner, ord)
	)`, head.prev, byteas(c.entries), byteas(c.statements), int8s(c.owners))
	c.addTiles(&s)
	c.addDisclosures(&s)
	c.addOutcomes(&s)
	c.addTokens(&s)
	c.said.add(&s)
	addSpent(&s, c.spent, head.prev)
	s.add(` SELECT 0, cast(0 AS int2) FROM head`)
	if len(c.gOrd) > 0 {
		s.add(` UNION ALL SELECT ord, what FROM guard`)
	}
	return s.sql.String(), s.args
}

// addGuards lists those that memory could not answer, each with its watch.
func (c *columns) addGuards(s *statement) {
	s.add(`WITH guard AS (SELECT g.ord, g.what FROM unnest(?::int4[], ?::int2[], ?::int8[], ?::int8[], ?::bytea[]) AS g(ord, what, id, version, key)
		WHERE CASE g.what WHEN 0 THEN false`, int4s(c.gOrd), int2s(c.gWhat), int8s(c.gID), int8s(c.gVn), byteas(c.gKey))
	for _, what := range slices.Compact(slices.Sorted(slices.Values(c.gWhat))) {
		s.add(` WHEN ` + strconv.Itoa(int(what)) + ` THEN ` + watches[what])
	}
	s.add(` ELSE true END
	),`)
}

func (c *columns) addTiles(s *statement) {
	if len(c.tiles) == 0 {
		return
	}
	var levels []int16
	var indexes []int64
	var hashes, middles [][]byte
	for _, t := range c.tiles {
		levels = append(levels, int16(t.Level)) //nolint:gosec // a tree has at most 8 levels of tiles
		indexes, hashes = append(indexes, t.Index), append(hashes, t.Hashes)
		middles = append(middles, t.Middle())
	}
	s.add(`, tiles AS (
		INSERT INTO ledger_tiles (level, idx, hashes, middle)
		SELECT t.level, t.idx, t.hashes, t.middle FROM head, unnest(?::int2[], ?::int8[], ?::bytea[], ?::bytea[]) AS t(level, idx, hashes, middle)
	)`, int2s(levels), int8s(indexes), byteas(hashes), byteas(middles))
}

func (c *columns) addDisclosures(s *statement) {
	if len(c.dID) > 0 {
		s.add(`, told AS (
			INSERT INTO disclosures (id, entry, transaction_id, requester, subject, decision, state, views_left, version, mac)
			SELECT d.id, d.entry, d.tx, d.requester, d.subject, d.decision,
				nullif(d.state, -1), nullif(d.views, -1), nullif(d.version, 0), nullif(d.mac, '')
			FROM head, unnest(?::uuid[], ?::int8[], ?::int8[], ?::int8[], ?::int8[], ?::int2[], ?::int2[], ?::int2[], ?::int8[], ?::bytea[])
				AS d(id, entry, tx, requester, subject, decision, state, views, version, mac)
		)`, uuids(c.dID), int8s(c.dEntry), int8s(c.dTx), int8s(c.dFrom), int8s(c.dOf), int2s(c.dDecision),
			int2s(c.dGrant.state), int2s(c.dGrant.left), int8s(c.dGrant.version), byteas(c.dGrant.mac))
	}
	if len(c.changed) > 0 {
		g := split(c.changed)
		s.add(`, changed AS (
			UPDATE disclosures SET state = g.state, views_left = g.views_left, version = g.version, mac = g.mac
			FROM head, unnest(?::uuid[], ?::int2[], ?::int2[], ?::int8[], ?::bytea[]) AS g(id, state, views_left, version, mac)
			WHERE disclosures.id = g.id
		)`, uuids(g.id), int2s(g.state), int2s(g.left), int8s(g.version), byteas(g.mac))
	}
	if len(c.vID) > 0 {
		s.add(`, viewed AS (
			INSERT INTO views (entry, disclosure, at, openings)
			SELECT v.entry, v.disclosure, to_timestamp(v.at / 1e6), v.openings <> 0
			FROM head, unnest(?::int8[], ?::uuid[], ?::int8[], ?::int2[]) AS v(entry, disclosure, at, openings)
		)`, int8s(c.vEntry), uuids(c.vID), int8s(c.vAt), int2s(c.vOpenings))
	}
}

func (c *columns) addOutcomes(s *statement) {
	if len(c.outcomes) > 0 {
		s.add(`, remembered AS (
			INSERT INTO outcomes (day, key, body, kind, id, at, entry, mac)
			SELECT cast(to_timestamp(o.at / 1e6) AT TIME ZONE 'UTC' AS date), o.key, o.body, o.kind, o.id, to_timestamp(o.at / 1e6), o.entry, o.mac
			FROM head, unnest(?::bytea[], ?::bytea[], ?::text[], ?::text[], ?::int8[], ?::int8[], ?::bytea[]) AS o(key, body, kind, id, at, entry, mac)
		)`, c.outcomeArgs()...)
	}
}

// columns are the batch's rows, column by column, as the statements take them.
type columns struct {
	entries, statements [][]byte
	owners              []int64
	tiles               []ledger.Tile

	gOrd     []int32
	gWhat    []int16
	gID, gVn []int64
	gKey     [][]byte

	dID          [][]byte
	dEntry, dTx  []int64
	dFrom, dOf   []int64
	dDecision    []int16
	dGrant       grantColumns
	changed      []grantRow
	vEntry, vAt  []int64
	vID          [][]byte
	vOpenings    []int16 // 1 where they were handed out
	outcomes     []*job
	outcomeEntry []int64
	tokens       []*job
	tokenEntry   []int64
	said         saidColumns
	spent        *budget.Spent
}

// watched says that a guard of the same policy set is there already, which
// answers for this one too.
func (c *columns) watched(g *guard) bool {
	for i, what := range c.gWhat {
		if what == watchPolicy && g.what == watchPolicy && c.gVn[i] == g.version {
			return true
		}
	}
	return false
}

// lay puts a batch into columns; first is the index of its first entry. Guards
// that known answers are left out.
func lay(batch []*job, first int64, tiles []ledger.Tile, known *recent, spent *budget.Spent) *columns {
	c := &columns{tiles: tiles, spent: spent}
	for i, j := range batch {
		index := first + int64(i)
		c.entries = append(c.entries, j.w.Record.Entry)
		c.statements = append(c.statements, j.w.Record.Statement)
		c.owners = append(c.owners, ownerOf(j.w))
		for _, g := range j.guards {
			if known.holds(&g) {
				continue
			}
			if c.watched(&g) {
				continue
			}
			c.gOrd = append(c.gOrd, int32(i+1)) //nolint:gosec // batches are small
			c.gWhat = append(c.gWhat, g.what)
			c.gID, c.gVn = append(c.gID, g.id), append(c.gVn, g.version)
			if g.key == nil {
				g.key = []byte{}
			}
			c.gKey = append(c.gKey, g.key)
		}
		if d := j.disclosure; d != nil {
			c.dID, c.dEntry, c.dTx = append(c.dID, d.id), append(c.dEntry, index), append(c.dTx, d.transaction)
			c.dFrom, c.dOf, c.dDecision = append(c.dFrom, d.requester), append(c.dOf, d.subject), append(c.dDecision, d.decision)
			c.dGrant.add(d.grant)
		}
		c.layGrants(j, index)
		c.said.lay(j, index)
		if j.w.Once != nil {
			c.outcomes, c.outcomeEntry = append(c.outcomes, j), append(c.outcomeEntry, index)
		}
		if j.token != nil {
			c.tokens, c.tokenEntry = append(c.tokens, j), append(c.tokenEntry, index)
		}
	}
	return c
}

func (c *columns) layGrants(j *job, index int64) {
	for _, g := range j.grants {
		c.changed = append(c.changed, g)
		if j.w.Record.Type == ledger.DisclosureViewed {
			c.vEntry, c.vID, c.vAt = append(c.vEntry, index), append(c.vID, g.id), append(c.vAt, j.w.Record.At.UnixMicro())
			openings := int16(0)
			if j.w.Openings {
				openings = 1
			}
			c.vOpenings = append(c.vOpenings, openings)
		}
	}
}

func (c *columns) outcomeArgs() []any {
	var keys, bodies, macs [][]byte
	var kinds, ids []string
	var at []int64
	for _, j := range c.outcomes {
		o := j.w.Once
		keys, bodies = append(keys, o.Key[:]), append(bodies, o.Body[:])
		kinds, ids, at, macs = append(kinds, o.Kind), append(ids, o.ID), append(at, o.At.UnixMicro()), append(macs, j.outcomeMAC)
	}
	return []any{byteas(keys), byteas(bodies), texts(kinds), texts(ids), int8s(at), int8s(c.outcomeEntry), byteas(macs)}
}

// grantColumns are grants, column by column.
type grantColumns struct {
	id          [][]byte
	state, left []int16
	version     []int64
	mac         [][]byte
}

func (c *grantColumns) add(g grantRow) {
	c.id, c.mac = append(c.id, g.id), append(c.mac, g.mac)
	c.state, c.left, c.version = append(c.state, g.state), append(c.left, g.left), append(c.version, g.version)
}

func split(grants []grantRow) grantColumns {
	var c grantColumns
	for _, g := range grants {
		c.add(g)
	}
	return c
}

// cold are the rows that not every commit has: facts, cards, keys. They follow
// the commit's statement in the same transaction.
type cold struct {
	query string
	args  []any
}

// colder lists the cold statements of a batch, in the order of their foreign keys.
func colder(batch []*job, first int64) []cold {
	var cs []cold
	add := func(n int, query string, args ...any) {
		if n > 0 {
			cs = append(cs, cold{query, args})
		}
	}
	k := keyColumns(batch)
	add(len(k.ids), `INSERT INTO keys.owners (id, bucket, wrapped) SELECT * FROM unnest($1::int8[], $2::int2[], $3::bytea[])`,
		int8s(k.ids), int2s(k.buckets), byteas(k.wrapped))
	p := partyColumns(batch)
	add(len(p.ids), `
		INSERT INTO parties (id, name, version, oldest, facts, masks, mac, tags)
		SELECT p.id, p.name, p.version, p.oldest, p.facts, p.masks, p.mac, cast(p.tags AS bigint[])
		FROM unnest($1::int8[], $2::text[], $3::int8[], $4::int8[], $5::bytea[], $6::bytea[], $7::bytea[], $8::text[])
			AS p(id, name, version, oldest, facts, masks, mac, tags)
		ON CONFLICT (id) DO UPDATE SET version = excluded.version, oldest = excluded.oldest, facts = excluded.facts, masks = excluded.masks, mac = excluded.mac,
			tags = parties.tags || excluded.tags`,
		int8s(p.ids), texts(p.names), int8s(p.versions), int8s(p.oldest), byteas(p.facts), byteas(p.masks), byteas(p.macs), texts(p.tags))
	t := transactionColumns(batch)
	add(len(t.ids), `
		INSERT INTO transactions (id, name, buyer, seller, version, facts, mac)
		SELECT * FROM unnest($1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::bytea[], $7::bytea[])
		ON CONFLICT (id) DO UPDATE SET version = excluded.version, facts = excluded.facts, mac = excluded.mac`,
		int8s(t.ids), texts(t.names), int8s(t.buyers), int8s(t.sellers), int8s(t.versions), byteas(t.facts), byteas(t.macs))
	c := cardColumns(batch)
	add(len(c.owners), `INSERT INTO cards (owner, side, version, sealed) SELECT * FROM unnest($1::int8[], $2::int2[], $3::int8[], $4::bytea[])`,
		int8s(c.owners), int2s(c.sides), int8s(c.versions), byteas(c.sealed))
	if q, args, n := performanceColumns(batch, first); n > 0 {
		add(n, q, args...)
	}
	for i, j := range batch {
		if n := j.w.Note; n != nil {
			add(1, `INSERT INTO notes (entry, owner, sealed) VALUES ($1, $2, $3)`, first+int64(i), ownerOf(j.w), n.Sealed.Value)
		}
		for _, lay := range []func(int64, func(int, string, ...any)){j.budgetStatements, j.requestStatements, j.merchantStatements, j.caseStatements, j.glassStatements} {
			lay(first+int64(i), add)
		}
		coldAccount(j, first+int64(i), add)
		if k := j.key; k != nil {
			add(1, `INSERT INTO api_keys (id, scopes, source, secret, created_at, revoked_at, mac) VALUES ($1, $2, $3, $4, $5, $6, $7)
				ON CONFLICT (id) DO UPDATE SET revoked_at = excluded.revoked_at, mac = excluded.mac`,
				k.key.ID, pq.Array(k.key.Scopes), k.key.Source, k.key.Secret, k.key.CreatedAt, nullTime(k.key.RevokedAt), k.mac)
		}
		if p := j.w.Policy; p != nil {
			query, args := policyRow(first+int64(i), p)
			add(1, query, args...)
		}
	}
	return cs
}

func nullTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}
