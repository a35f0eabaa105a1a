package broker

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/plain"
	"bauta.dev/bauta/masking"
)

// statement is what the entry of a decision says, but for what only staff and
// auditors read.
func (d *Decided) statement() ledger.Statement {
	rules := make([]string, 0, len(d.Fields))
	fields := make([]ledger.Object, 0, len(d.Fields))
	for _, f := range d.Fields {
		fields = append(fields, f.object())
		if f.Rule != "" {
			rules = append(rules, f.Rule)
		}
	}
	m := make(ledger.Object, 0, 23) // its caller adds what staff and auditors read
	m = append(m, ledger.Object{
		{Name: "disclosure", Value: string(d.ID)},
		{Name: "transaction", Value: string(d.Transaction)},
		{Name: "requester", Value: string(d.Requester)},
		{Name: "subject", Value: string(d.Subject)},
		{Name: "purpose", Value: string(d.Purpose)},
		{Name: "decision", Value: d.Decision},
		{Name: "ground", Value: string(d.Ground)},
		{Name: "fields", Value: fields},
		{Name: "rules", Value: rules},
		{Name: "policy", Value: d.Policy},
		{Name: "asserted_by", Value: d.AssertedBy},
		{Name: "revealed", Value: d.Revealed},
		{Name: "refused", Value: reasonObjects(d.Reasons)},
		{Name: "citation", Value: string(d.Citation)},
		{Name: "consent", Value: encode(d.Consent)},
		{Name: "until", Value: d.Until},
	}...)
	if d.Decision == "granted" {
		m = append(m, ledger.Member{Name: "expires", Value: formatTerms(d.Expires)}, ledger.Member{Name: "views", Value: d.Views})
		if d.Pieces > 0 {
			m = append(m, ledger.Member{Name: "pieces", Value: d.Pieces})
		}
	}
	if d.ByPerson {
		m = slices.DeleteFunc(m, func(m ledger.Member) bool { return m.Name == "revealed" }) // a person's decision opens nothing by itself
		m = append(m, ledger.Member{Name: "requested_at", Value: d.AskedAt}, ledger.Member{Name: "reason", Value: d.Choice},
			ledger.Member{Name: "told", Value: PublicReason(d.Choice)})
		return ledger.Statement{Type: ledger.DecisionMade, At: d.At, Members: m}
	}
	return ledger.Statement{Type: ledger.DisclosureDecided, At: d.At, Members: m}
}

func (f FieldOutcome) object() ledger.Object {
	o := append(make(ledger.Object, 0, 6),
		ledger.Member{Name: "field", Value: string(f.Field)}, ledger.Member{Name: "outcome", Value: string(f.Outcome)})
	if f.Reason != "" {
		o = append(o, ledger.Member{Name: "reason", Value: string(f.Reason)})
	}
	if f.Rule != "" {
		o = append(o, ledger.Member{Name: "rule", Value: f.Rule})
	}
	if f.Version > 0 {
		o = append(o, ledger.Member{Name: "contact", Value: string(f.Use)},
			ledger.Member{Name: "version", Value: f.Version}, ledger.Member{Name: "commitment", Value: encode(f.Commitment)})
	}
	return o
}

func reasonObjects(reasons []Reason) []ledger.Object {
	os := make([]ledger.Object, 0, len(reasons))
	for _, r := range reasons {
		missing := make([]ledger.Object, 0, len(r.Missing))
		for _, m := range r.Missing {
			missing = append(missing, ledger.Object{
				{Name: "obligation", Value: string(m.Obligation)}, {Name: "need", Value: m.Need}, {Name: "have", Value: m.Have},
			})
		}
		o := ledger.Object{{Name: "code", Value: string(r.Code)}}
		if len(missing) > 0 {
			o = append(o, ledger.Member{Name: "missing", Value: missing})
		}
		os = append(os, o)
	}
	return os
}

// ParseDecided is the inverse of statement: a disclosure is read from what its
// entry says, so there is no second copy that could say something else.
func ParseDecided(st ledger.Statement) (Decided, error) {
	m := st.Members
	d := Decided{
		ID: DisclosureID(m.String("disclosure")), At: st.At, Transaction: TransactionID(m.String("transaction")),
		Requester: PartyID(m.String("requester")), Subject: PartyID(m.String("subject")),
		Purpose: necessity.Purpose(m.String("purpose")), Decision: m.String("decision"),
		Ground: necessity.Ground(m.String("ground")), Policy: m.String("policy"), AssertedBy: m.String("asserted_by"),
		Revealed: m.Bool("revealed"), Views: int(m.Int("views")), Pieces: int(m.Int("pieces")),
		AskedAt: st.At, ByPerson: st.Type == ledger.DecisionMade, Choice: m.String("reason"), Citation: Citation(m.String("citation")),
	}
	if until, ok := m.Lookup("until"); ok {
		d.Until, _ = until.(time.Time)
	}
	if d.ByPerson {
		asked, _ := m.Lookup("requested_at")
		d.AskedAt, _ = asked.(time.Time)
	}
	if st.Type != ledger.DisclosureDecided && !d.ByPerson || d.ID == "" {
		return Decided{}, fmt.Errorf("parse decision: this is a %s", st.Type)
	}
	var err error
	if d.Consent, err = base64.StdEncoding.DecodeString(m.String("consent")); err != nil {
		return Decided{}, fmt.Errorf("parse decision: %w", err)
	}
	for _, o := range m.Objects("fields") {
		f := FieldOutcome{
			Field: masking.Field(o.String("field")), Outcome: necessity.Outcome(o.String("outcome")),
			Reason: necessity.Reason(o.String("reason")), Rule: o.String("rule"),
			Use: Use(o.String("contact")), Version: int(o.Int("version")),
		}
		if f.Commitment, err = base64.StdEncoding.DecodeString(o.String("commitment")); err != nil {
			return Decided{}, fmt.Errorf("parse decision: %w", err)
		}
		d.Fields = append(d.Fields, f)
	}
	d.Reasons = parseReasons(m.Objects("refused"))
	for term := range strings.SplitSeq(m.String("expires"), ",") {
		if term == "" {
			continue
		}
		x, err := necessity.ParseExpiry(term)
		if err != nil {
			return Decided{}, fmt.Errorf("parse decision: %w", err)
		}
		d.Expires = append(d.Expires, x)
	}
	return d, nil
}

func parseReasons(refused []ledger.Object) []Reason {
	var reasons []Reason
	for _, o := range refused {
		code := necessity.Reason(o.String("code"))
		r := Reason{Code: code, Detail: plain.Detail(code)}
		for _, x := range o.Objects("missing") {
			r.Missing = append(r.Missing, Missing{Obligation(x.String("obligation")), x.String("need"), x.String("have")})
		}
		reasons = append(reasons, r)
	}
	return reasons
}

func formatTerms(terms []necessity.Expiry) string {
	texts := make([]string, len(terms))
	for i, x := range terms {
		texts[i] = x.String()
	}
	return strings.Join(texts, ",")
}

// replayWindow is how long a replay shows values again.
const replayWindow = 10 * time.Minute
