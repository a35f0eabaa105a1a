package postgres

import (
	"encoding/binary"
	"fmt"
	"strings"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
)

// Rows that grant power carry a MAC: writing to the database is not enough to
// be shown anything (design.md, "Sealing").

type forgedError struct{ what string }

func (e *forgedError) Error() string {
	return "the " + e.what + " row does not carry this broker's MAC"
}

// Unwrap is the same as a finding, for who says aloud that the record was tampered with.
func (e *forgedError) Unwrap() error {
	return ledger.Finding{Part: ledger.PartRow, Table: "of " + e.what + " rows", Index: -1, Reason: "one of them does not carry this broker's MAC"}
}

// notAsSigned is a finding about an entry, with what led to it.
func notAsSigned(index int64, reason string, err error) error {
	return fmt.Errorf("%w (%w)", entryWrong(index, reason), err)
}

func numbers(xs ...int64) []byte {
	b := make([]byte, 0, 8*len(xs))
	for _, x := range xs {
		b = binary.BigEndian.AppendUint64(b, uint64(x)) //nolint:gosec // two's complement
	}
	return b
}

// partyRow is a row of parties with its key.
type partyRow struct {
	id, version int64
	name        string
	facts       []byte
	masks       []byte // sealed: nothing else is needed to trust them
	mac         []byte
	wrapped     []byte
}

func (s *Store) macParty(r *partyRow) []byte {
	return s.mac.MAC("party/v1", numbers(r.id, r.version), []byte(r.name), r.facts)
}

func (s *Store) party(r *partyRow) (broker.PartyRecord, error) {
	if !s.mac.CheckMAC(r.mac, "party/v1", numbers(r.id, r.version), []byte(r.name), r.facts) {
		return broker.PartyRecord{}, &forgedError{"party"}
	}
	p := broker.PartyRecord{Row: broker.Row(r.id), Version: r.version, Masks: r.masks}
	if err := decodeParty(r.facts, &p.Party); err != nil {
		return p, fmt.Errorf("read facts of party row %d: %w", r.id, err)
	}
	p.ID = broker.PartyID(r.name)
	var err error
	p.Key, err = s.keys.unwrap(r.id, r.wrapped)
	return p, err
}

func (s *Store) newPartyRow(p *broker.PartyRecord) (*partyRow, error) {
	facts, err := encodeParty(&p.Party)
	if err != nil {
		return nil, fmt.Errorf("write facts of party: %w", err)
	}
	r := &partyRow{id: int64(p.Row), version: p.Version, name: string(p.ID), facts: facts, masks: p.Masks}
	if r.masks == nil {
		r.masks = []byte{}
	}
	r.mac = s.macParty(r)
	if p.Version == 1 {
		r.wrapped, err = s.keys.wrap(r.id, p.Key)
	}
	return r, err
}

// oldest is the first card that still holds a current value.
func oldest(v broker.Versions) int64 {
	least := int64(0)
	for _, n := range v {
		if least == 0 || int64(n) < least {
			least = int64(n)
		}
	}
	return least
}

// transactionRow is a row of transactions with its key.
type transactionRow struct {
	id, version   int64
	name          string
	buyer, seller int64
	facts         []byte
	mac           []byte
	wrapped       []byte
}

func (s *Store) macTransaction(r *transactionRow) []byte {
	return s.mac.MAC("transaction/v1", numbers(r.id, r.version, r.buyer, r.seller), []byte(r.name), r.facts)
}

func (s *Store) transaction(r *transactionRow, buyer, seller broker.PartyID) (broker.TransactionRecord, error) {
	if !s.mac.CheckMAC(r.mac, "transaction/v1", numbers(r.id, r.version, r.buyer, r.seller), []byte(r.name), r.facts) {
		return broker.TransactionRecord{}, &forgedError{"transaction"}
	}
	t := broker.TransactionRecord{Row: broker.Row(r.id)}
	if err := decodeTransaction(r.facts, &t.Transaction); err != nil {
		return t, fmt.Errorf("read facts of transaction row %d: %w", r.id, err)
	}
	t.ID, t.Version, t.Buyer, t.Seller = broker.TransactionID(r.name), r.version, buyer, seller
	var err error
	t.Key, err = s.keys.unwrap(r.id, r.wrapped)
	return t, err
}

func (s *Store) newTransactionRow(t *broker.TransactionRecord, buyer, seller broker.Row) (*transactionRow, error) {
	facts, err := encodeTransaction(&t.Transaction)
	if err != nil {
		return nil, fmt.Errorf("write facts of transaction: %w", err)
	}
	r := &transactionRow{
		id: int64(t.Row), version: t.Version, name: string(t.ID), buyer: int64(buyer), seller: int64(seller), facts: facts,
	}
	r.mac = s.macTransaction(r)
	if t.Version == 1 {
		r.wrapped, err = s.keys.wrap(r.id, t.Key)
	}
	return r, err
}

// grantStates are the codes of broker.GrantState; they never change.
var grantStates = []broker.GrantState{broker.Live, broker.Suspended, broker.Revoked}

func (s *Store) macGrant(g *broker.Grant, id []byte, state byte) []byte {
	return s.mac.MAC("grant/v1", id, numbers(int64(g.Transaction), int64(g.ViewsLeft), g.Version), []byte{state})
}

// grant checks a row of grants.
func (s *Store) grant(id []byte, transaction int64, state, left int, version int64, mac []byte) (*broker.Grant, error) {
	if state < 0 || state >= len(grantStates) {
		return nil, &forgedError{"grant"}
	}
	g := &broker.Grant{
		Disclosure: broker.DisclosureOf(id), Transaction: broker.Row(transaction), State: grantStates[state],
		ViewsLeft: left, Version: version,
	}
	if !s.mac.CheckMAC(mac, "grant/v1", id, numbers(transaction, int64(left), version), []byte{byte(state)}) {
		return nil, &forgedError{"grant"}
	}
	return g, nil
}

// decisions are the codes of a disclosure's decision; they never change.
var decisions = []string{"refused", "pending", "granted"}

// indexTag is a party's entry in the keyed index: 48 bits, so that a hit is a
// hint that only opening settles.
func (s *Store) indexTag(f masking.Field, form masking.Text) int64 {
	b := s.index.MAC("bauta/index/v1", []byte(f), []byte(form.Reveal()))
	return int64(binary.BigEndian.Uint64(append([]byte{0, 0}, b[:6]...))) //nolint:gosec // 48 bits
}

// macOutcome covers what a replay will show again.
func (s *Store) macOutcome(o *broker.Outcome) []byte {
	return s.mac.MAC("outcome/v1", o.Key[:], o.Body[:], []byte(o.Kind), []byte(o.ID), numbers(o.At.UnixMicro()))
}

// macKey covers what an API key may do.
func (s *Store) macKey(k *broker.APIKey) []byte {
	return s.mac.MAC("api_key/v1", []byte(k.ID), []byte(strings.Join(k.Scopes, ",")), []byte(k.Source), k.Secret,
		numbers(k.CreatedAt.UnixMicro(), micros(k.RevokedAt)))
}
