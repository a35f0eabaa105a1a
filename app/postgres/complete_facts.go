package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"strings"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/necessity"
)

// performed is what an entry says was performed or taken back.
type performed struct {
	e         *told
	said      ledger.Object
	reversal  bool
	reference []byte
	quantity  string // decimal
	source    string
	total     string // afterwards; empty where the entry does not say
}

// checkPerformances: each has its row, under the keyed hash of its reference.
func (c *completeness) checkPerformances(ctx context.Context, batch []told) error {
	var claims []performed
	add := func(e *told, said ledger.Object, p performed) {
		p.e, p.said, p.reference = e, said, c.s.hashReference(e.owner, said.String("reference"))
		claims = append(claims, p)
	}
	for i := range batch {
		e := &batch[i]
		m := e.st.Members
		switch e.kind {
		case ledger.PerformanceRecorded:
			add(e, m, performed{quantity: m.String("done"), source: m.String("source"), total: m.String("total")})
		case ledger.PerformanceReversed:
			add(e, m, performed{quantity: m.String("undone"), source: m.String("source"), total: m.String("total"), reversal: true})
		case ledger.HistoryImported:
			for _, said := range m.Objects("performances") {
				add(e, said, performed{quantity: said.String("done"), source: "import"})
			}
		default: // nothing is performed by it
		}
	}
	c.due[tallyPerformances] += int64(len(claims))
	if len(claims) == 0 {
		return nil
	}
	found, err := c.performances(ctx, claims)
	if err != nil {
		return err
	}
	for i := range claims {
		if reason := claims[i].differs(found[int64(i+1)]); reason != "" {
			return rowWrong("performances", claims[i].e.owner, claims[i].e.index, reason)
		}
	}
	return nil
}

type foundPerformance struct {
	quantity, entry        int64
	at                     time.Time
	by, source, afterwards string
}

func (c *completeness) performances(ctx context.Context, claims []performed) (map[int64]*foundPerformance, error) {
	var ids []int64
	var obligations []string
	var reversals []bool
	var references [][]byte
	for i := range claims {
		p := &claims[i]
		ids, obligations = append(ids, p.e.owner), append(obligations, p.said.String("obligation"))
		reversals, references = append(reversals, p.reversal), append(references, p.reference)
	}
	const q = `SELECT q.ord, p.quantity, p.entry, p.performed_at, p.by_party, p.source, p.afterwards
		FROM unnest($1::int8[], $2::text[], $3::bool[], $4::bytea[]) WITH ORDINALITY AS q(id, obligation, reversal, reference, ord)
		JOIN performances p ON p.transaction_id = q.id AND p.obligation = q.obligation AND p.reversal = q.reversal AND p.reference = q.reference`
	found := make(map[int64]*foundPerformance, len(claims))
	err := c.query(ctx, "performances", q, func(rows *sql.Rows) error {
		var n int64
		p := &foundPerformance{}
		err := rows.Scan(&n, &p.quantity, &p.entry, &p.at, &p.by, &p.source, &p.afterwards)
		found[n] = p
		return err
	}, int8s(ids), texts(obligations), bools(reversals), byteas(references))
	return found, err
}

func (p *performed) differs(row *foundPerformance) string {
	if row == nil {
		return "a performance of this transaction is missing"
	}
	obligation := p.said.String("obligation")
	at, _ := p.said.Lookup("performed_at")
	when, _ := at.(time.Time)
	debtor := p.e.transaction.debtors()[obligation]
	after := parseAfterwards(broker.Obligation(obligation), row.afterwards)
	quantity := broker.Quantity(row.quantity).Format(decimals(p.quantity))
	switch {
	case row.entry != p.e.index:
		return "a performance points at another entry"
	case quantity != p.quantity || !sameTime(row.at, when) || row.source != p.source:
		return "a performance is not what its entry says"
	case !p.reversal && row.by != p.by(debtor):
		return "a performance is on another's word than its entry says"
	case p.reversal && row.by != "":
		return "a reversal is on a party's word"
	case after.Debtor != debtor || p.total != "" && after.Done != p.total || !stands(after):
		return "what stood after a performance is not what its entry says"
	}
	return ""
}

func decimals(s string) int {
	_, after, _ := strings.Cut(s, ".")
	return len(after)
}

// by is whose word a performance is on: empty for the platform.
func (p *performed) by(debtor necessity.Role) string {
	role := debtor
	switch p.said.String("attested_by") {
	case "debtor":
	case "creditor":
		if role = necessity.Buyer; debtor == necessity.Buyer {
			role = necessity.Seller
		}
	default:
		return ""
	}
	if role == necessity.Buyer {
		return string(p.e.transaction.Buyer)
	}
	return string(p.e.transaction.Seller)
}

// stands says whether the words of an obligation fit each other. What was due
// is not in the entry, so a due that only moves between "part_performed" and
// itself is not found; nothing is decided by it.
func stands(v broker.ObligationView) bool {
	done, err := broker.ParseQuantity(v.Done, decimals(v.Done))
	none := strings.Trim(v.Done, "0.") == ""
	due, wrong := broker.ParseQuantity(v.Due, decimals(v.Due))
	if !none && err != nil || wrong != nil && strings.Trim(v.Due, "0.") != "" {
		return false
	}
	switch v.State {
	case "performed":
		return !none && done >= due
	case "part_performed":
		return !none && done < due
	case "claimed", "due":
		return none
	case "waived":
		return done < due
	}
	return false
}

// cardClaim is a card that an entry commits to: field by field.
type cardClaim struct {
	e       *told
	owner   int64
	side    int16
	version int64
	values  []ledger.Object
}

// checkCards: what was given has its card, with the commitments of the entry.
// Values stay sealed; one that was changed does not open.
func (c *completeness) checkCards(ctx context.Context, batch []told) error {
	var claims []cardClaim
	for i := range batch {
		e := &batch[i]
		switch e.kind {
		case ledger.PartyWritten:
			if values := e.st.Members.Objects("fields"); len(values) > 0 {
				claims = append(claims, cardClaim{e, e.owner, 0, values[0].Int("version"), values})
			}
		case ledger.TransactionWritten:
			parts := map[int16][]ledger.Object{}
			for _, v := range e.st.Members.Objects("contacts") {
				side := int16(broker.BuyersPart)
				if broker.Use(v.String("use")).Owner() == necessity.Seller {
					side = int16(broker.SellersPart)
				}
				parts[side] = append(parts[side], v)
			}
			for side, values := range parts {
				claims = append(claims, cardClaim{e, e.owner, side, e.st.Members.Int("version"), values})
			}
		default: // it gives no contact
		}
	}
	c.due[tallyCards] += int64(len(claims))
	if len(claims) == 0 {
		return nil
	}
	found, err := c.cards(ctx, claims)
	if err != nil {
		return err
	}
	for i := range claims {
		if !claims[i].holds(c.s, found[int64(i+1)]) {
			return rowWrong("cards", claims[i].owner, claims[i].e.index, "a card is missing, or has not the commitments of its entry")
		}
	}
	return nil
}

func (c *completeness) cards(ctx context.Context, claims []cardClaim) (map[int64][]byte, error) {
	var owners, versions []int64
	var sides []int16
	for _, claim := range claims {
		owners, sides, versions = append(owners, claim.owner), append(sides, claim.side), append(versions, claim.version)
	}
	const q = `SELECT q.ord, (SELECT ` + cardsPacked + ` FROM cards c WHERE c.owner = q.owner AND c.side = q.side AND c.version = q.version)
		FROM unnest($1::int8[], $2::int2[], $3::int8[]) WITH ORDINALITY AS q(owner, side, version, ord)`
	found := make(map[int64][]byte, len(claims))
	err := c.query(ctx, "cards", q, func(rows *sql.Rows) error {
		var n int64
		var packed []byte
		err := rows.Scan(&n, &packed)
		found[n] = packed
		return err
	}, int8s(owners), int2s(sides), int8s(versions))
	return found, err
}

func (claim *cardClaim) holds(s *Store, packed []byte) bool {
	cards, err := s.unpackCards(packed, func(*broker.Card, broker.Use) string { return "" })
	if err != nil || len(cards) != 1 || len(cards[0].Values) != len(claim.values) {
		return false
	}
	for i, v := range cards[0].Values {
		said := claim.values[i]
		use := broker.Use(said.String("use"))
		if use == "" {
			use = broker.Own
		}
		commitment, err := base64.StdEncoding.DecodeString(said.String("commitment"))
		if err != nil || v.Use != use || string(v.Label.Field) != said.String("field") || said.Int("version") != claim.version ||
			!bytes.Equal(v.Sealed.Commitment, commitment) {
			return false
		}
	}
	return true
}

// checkNotes: free text that an entry commits to is there, of that transaction; what
// was written about a registration that is erased is not.
func (c *completeness) checkNotes(ctx context.Context, batch []told) error {
	var claims []*told
	for i := range batch {
		if batch[i].st.Members.String("note") != "" {
			claims = append(claims, &batch[i])
		}
	}
	c.due[tallyNotes] += int64(len(claims))
	if len(claims) == 0 {
		return nil
	}
	before, err := c.merchants(ctx, merchantsOf(claims))
	if err != nil {
		return err
	}
	owners := make(map[int64]int64, len(claims))
	err = c.query(ctx, "notes", `SELECT entry, owner FROM notes WHERE entry = ANY($1::int8[])`, func(rows *sql.Rows) error {
		var entry, owner int64
		err := rows.Scan(&entry, &owner)
		owners[entry] = owner
		return err
	}, int8s(indexes(claims)))
	if err != nil {
		return err
	}
	for _, e := range claims {
		owner, there := owners[e.index]
		name := e.st.Members.String("merchant")
		if !there && name != "" {
			gone, err := c.erased(ctx, name)
			if err != nil {
				return err
			}
			if gone {
				continue
			}
		}
		if !there || owner != e.owner {
			return rowWrong("notes", e.index, e.index, "missing, or of another transaction than its entry says")
		}
		if m := before[name]; m != nil && m.State == merchants.Erased {
			return rowWrong("notes", e.index, e.index, leftOver)
		}
	}
	return nil
}

// merchantsOf are the registrations that entries speak of.
func merchantsOf(claims []*told) (names []string) {
	for _, e := range claims {
		if name := e.st.Members.String("merchant"); name != "" {
			names = append(names, name)
		}
	}
	return names
}
