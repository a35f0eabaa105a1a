package broker

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// PartyHistory is what was written down about a party itself, as the ledger has it: no
// other place keeps it. The newest comes first, in each list.
type PartyHistory struct {
	Provenance []Provenance
	Consents   []EndedConsent
	Exclusions []Exclusion
	Accesses   []Access
}

// Provenance is where data came from (clause 1c), and what it was.
type Provenance struct {
	At         time.Time
	Source     Source
	AssertedBy string
	Values     map[masking.Field]masking.Value
	Removed    []masking.Field
}

// EndedConsent is one that is in force no more.
type EndedConsent struct {
	Consent

	EndedAt time.Time
	How     string // withdrawn, replaced, expired
	Grants  []DisclosureID
}

// Exclusion is that a party lost its right to ask (clause 2b), or has it again.
type Exclusion struct {
	At        time.Time
	Standing  string // excluded, reinstated
	Reason    string
	Statement masking.Text // of the reasons, for the party
}

// Access is that somebody was let look at all that is held of a party.
type Access struct {
	At    time.Time
	Event string // link_made, page_opened, exported
	Until time.Time
}

// OfParties are the types of entries about a party itself.
func OfParties() []ledger.Type {
	return []ledger.Type{
		ledger.PartyWritten, ledger.PartyFlagged, ledger.ConsentGiven, ledger.ConsentWithdrawn, ledger.PartyExcluded, ledger.SubjectAccessed,
	}
}

func exclusionsIn(written []Recorded) (indexes []int64) {
	for i := range written {
		if written[i].Statement.Type == ledger.PartyExcluded {
			indexes = append(indexes, written[i].Index)
		}
	}
	return indexes
}

// history reads what was written down.
func (b *Broker) history(s *sealedExport, now time.Time) (h PartyHistory, err error) {
	for i := range s.written {
		r := &s.written[i]
		switch r.Statement.Type {
		case ledger.PartyWritten:
			p, err := b.provenance(s, &r.Statement)
			if err != nil {
				return h, err
			}
			h.Provenance = append(h.Provenance, p)
		case ledger.PartyExcluded:
			x, err := b.exclusion(s, r)
			if err != nil {
				return h, err
			}
			h.Exclusions = append(h.Exclusions, x)
		case ledger.SubjectAccessed:
			h.Accesses = append(h.Accesses, Access{
				At: r.Statement.At, Event: r.Statement.Members.String("event"), Until: timeIn(&r.Statement, "until"),
			})
		default: // consents are told below; flags are the staff's
		}
	}
	h.Consents = endedConsents(s.written, now)
	return h, nil
}

func (b *Broker) provenance(s *sealedExport, st *ledger.Statement) (Provenance, error) {
	m := st.Members
	p := Provenance{At: st.At, AssertedBy: m.String("asserted_by"), Source: Source{
		Kind: m.String("source"), Partner: m.String("partner"), CollectedAt: timeIn(st, "collected_at"), LawfulBasis: m.String("lawful_basis"),
	}}
	for _, f := range textsIn(st, "removed") {
		p.Removed = append(p.Removed, masking.Field(f))
	}
	given := Versions{}
	for _, f := range m.Objects("fields") {
		given[masking.Field(f.String("field"))] = int(f.Int("version"))
	}
	var err error
	p.Values, err = b.openVersions(s.party.Key, s.cards, PartysOwn, Own, given)
	return p, err
}

// exclusion opens the statement of reasons, which was sealed for the party. Its label
// has the version that the party had then, which only the seal knows: what a party
// fears made versions too, by entries of its requests.
func (b *Broker) exclusion(s *sealedExport, r *Recorded) (Exclusion, error) {
	m := r.Statement.Members
	x := Exclusion{At: r.Statement.At, Standing: m.String("standing"), Reason: m.String("reason")}
	sealed, ok := s.statements[r.Index]
	if !ok {
		return x, nil
	}
	commitment, err := base64.StdEncoding.DecodeString(m.String("note"))
	if err != nil {
		return x, fmt.Errorf("read statement of entry %d: %w", r.Index, err)
	}
	for version := s.party.Version; version > 0; version-- {
		l := masking.Label{Origin: b.Origin, Owner: PartyLabel(s.party.ID), Field: "note", Version: int(version)}
		o, err := b.openValue(s.party.Key, &SealedValue{Label: l, Sealed: masking.Sealed{Value: sealed, Commitment: commitment}})
		if err == nil {
			x.Statement = o.Value().Text
			return x, nil
		}
		if errors.Is(err, ErrUnavailable) { // the record is not sound
			return x, fmt.Errorf("open statement of entry %d: %w", r.Index, err)
		}
	}
	return x, ledger.Finding{Part: ledger.PartRow, Table: "notes", Index: r.Index, Reason: "a statement of reasons is not the one that its entry commits to"}
}

// endedConsents follows each consent from its entry to the one that ended it.
func endedConsents(written []Recorded, now time.Time) (ended []EndedConsent) {
	type slot struct {
		recipient PartyID
		purpose   necessity.Purpose
	}
	in := map[slot]Consent{}
	end := func(k slot, at time.Time, how string, grants []DisclosureID) {
		c, ok := in[k]
		if !ok {
			return // it was given before what is told here
		}
		delete(in, k)
		if !c.liveAt(at) {
			at, how = c.ExpiresAt, "expired"
		}
		ended = append(ended, EndedConsent{Consent: c, EndedAt: at, How: how, Grants: grants})
	}
	for _, r := range slices.Backward(written) {
		st := &r.Statement
		k := slot{PartyID(st.Members.String("recipient")), necessity.Purpose(st.Members.String("purpose"))}
		switch st.Type {
		case ledger.ConsentGiven:
			end(k, st.At, "replaced", grantsIn(st))
			in[k] = consentOf(&r)
		case ledger.ConsentWithdrawn:
			end(k, st.At, "withdrawn", grantsIn(st))
		default: // says nothing of a consent
		}
	}
	for k, c := range in {
		if !c.liveAt(now) {
			end(k, now, "expired", nil)
		}
	}
	slices.SortStableFunc(ended, func(a, b EndedConsent) int { return b.EndedAt.Compare(a.EndedAt) })
	return ended
}

// consentOf is a consent as its entry has it.
func consentOf(r *Recorded) Consent {
	st := &r.Statement
	c := Consent{
		Purpose: necessity.Purpose(st.Members.String("purpose")), Recipient: PartyID(st.Members.String("recipient")),
		Locale: st.Members.String("locale"), GivenAt: st.At, ExpiresAt: timeIn(st, "expires"), Entry: newest(Record{Entry: r.Entry}),
	}
	for _, f := range textsIn(st, "fields") {
		c.Fields = append(c.Fields, masking.Field(f))
	}
	text, _ := hex.DecodeString(st.Members.String("text"))
	copy(c.Text[:], text)
	return c
}

func grantsIn(st *ledger.Statement) (ids []DisclosureID) {
	for _, id := range textsIn(st, "ended") {
		ids = append(ids, DisclosureID(id))
	}
	return ids
}

func timeIn(st *ledger.Statement, name string) time.Time {
	v, _ := st.Members.Lookup(name)
	at, _ := v.(time.Time)
	return at
}

func textsIn(st *ledger.Statement, name string) []string {
	v, _ := st.Members.Lookup(name)
	texts, _ := v.([]string)
	return texts
}
