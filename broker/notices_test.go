package broker

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

const webhooksPath = "../docs/webhooks.md"

// example is a message of a kind as it is sent, about an order of the walk in the README.
func example(k NoticeKind) *Message {
	at := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	d := Decided{
		ID: "dsc_06e2m9r8g0a1b2c3d4e5f6g7h8", At: at, Transaction: "t-1", Requester: "s-1", Subject: "b-1", Purpose: necessity.Deliver,
		Decision: "granted", Ground: necessity.Ground3b, Fields: []FieldOutcome{
			{Field: masking.Name, Outcome: necessity.Granted, Rule: "deliver-shipped-goods", Use: Own, Version: 1, Commitment: []byte("never said")},
			{Field: masking.Email, Outcome: necessity.Withheld, Reason: necessity.NotNecessary},
		},
	}
	if k.row().decision != "" {
		d.Decision = k.row().decision
	}
	v := DisclosureView{Decided: d, ExpiresAt: at.Add(44 * 24 * time.Hour)}
	if d.Decision != "granted" {
		v.Ground, v.ExpiresAt = "", time.Time{}
		v.Reasons = []Reason{{Code: necessity.NoPerformance, Detail: "never said"}}
		v.Fields[0] = FieldOutcome{Field: masking.Name, Outcome: necessity.Withheld, Reason: necessity.NoPerformance}
		if d.Decision == "pending" {
			v.Ground, v.Reasons = necessity.Ground3b, nil
			v.Fields[0] = FieldOutcome{Field: masking.Name, Outcome: necessity.Pending}
		}
	}
	st := ledger.Statement{Type: k.row().of[0], At: at, Members: ledger.Object{{Name: "reason", Value: "mistake"}, {Name: "key", Value: "never said"}}}
	if k == DisclosureViewedByStaff {
		for name, value := range map[string]any{
			"role": "handler", "purpose": "decide_request", "told": "identity_unclear", "account": "never said", "notes": []string{"requester"},
			"fields": []ledger.Object{{{Name: "field", Value: "name"}, {Name: "version", Value: 1}}},
		} {
			st.Members = append(st.Members, ledger.Member{Name: name, Value: value})
		}
	}
	n := DueNotice{Kind: k, Disclosure: d.ID, Entry: 10}
	if len(k.row().events) > 0 {
		return partyExample(n, st)
	}
	if k.row().ofCase {
		return caseMessage(DueNotice{Kind: k, Entry: 14}, "dsp_05wq0e9m2r6a1b7c3d4e5f6g7g", &Transaction{ID: "t-1", Buyer: "b-1", Seller: "s-1"}, caseStatement(st, at))
	}
	if k.row().ofGlass {
		return glassExample(k, st, at)
	}
	switch {
	case k.Later():
		n.DueAt = k.row().due(at, v.ExpiresAt)
	case st.Type != ledger.DisclosureDecided:
		st.At, n.Entry = at.Add(time.Hour), 12
	}
	return message(n, &v, &Transaction{ID: "t-1", Buyer: "b-1", Seller: "s-1"}, st)
}

// glassExample is one about a break-glass session.
func glassExample(k NoticeKind, st ledger.Statement, at time.Time) *Message {
	st.Members = ledger.Object{
		{Name: "account", Value: "never said"},
		{Name: "note", Value: "never said"},
		{Name: "subject", Value: "b-1"},
		{Name: "role", Value: "handler"},
		{Name: "purpose", Value: ForEmergency},
		{Name: "fields", Value: []ledger.Object{{{Name: "field", Value: "phone"}, {Name: "version", Value: 1}}}},
	}
	r := &GlassRecord{ID: "bgl_05wq0e9m2r6a1b7c3d4e5f6g7g", Account: "never said", GlassFacts: GlassFacts{
		Of: "t-1", Dispute: "dsp_05wq0e9m2r6a1b7c3d4e5f6g7g", Reason: "danger_to_life", Role: "handler", Hands: []string{"never said"},
		Until: at.Add(GlassTerm), Due: at.Add(GlassTerm + ReviewTerm),
	}}
	return glassMessage(DueNotice{Kind: k, Entry: 14}, r, &Transaction{ID: "t-1", Buyer: "b-1", Seller: "s-1"}, &st)
}

// partyExample is one about a party: of a merchant, as the machine's rows have it.
func partyExample(n DueNotice, st ledger.Statement) *Message {
	if n.Kind == AccessLinkMade {
		st.Members = append(st.Members, ledger.Member{Name: "until", Value: st.At.Add(linkTime)})
		return partyMessage(n, "b-1", st)
	}
	rows := merchants.Life.Rows
	row := rows[slices.IndexFunc(rows, func(r states.Row) bool {
		return r.Has(merchants.TellMerchant) && r.On == n.Kind.row().events[0] && (r.On != merchants.Reject || r.To == merchants.Rejected)
	})]
	reason := string(row.On)
	if codes := MerchantReasons(row.On); len(codes) > 0 {
		reason = codes[0]
	}
	members := map[string]any{"merchant": "mer_06e2m9r8g0a1b2c3d4e5f6g7h8", "state": string(row.To), "told": reason, "from": "never said"}
	if row.On == merchants.Submit {
		delete(members, "told")
	}
	if row.On == merchants.Ask {
		members["until"] = st.At.AddDate(0, 0, 10)
	}
	for name, value := range members {
		st.Members = append(st.Members, ledger.Member{Name: name, Value: value})
	}
	return partyMessage(n, "s-1", st)
}

// Whatever the machine has told to a merchant has a kind of notice, and no other kind
// says that something happened to a merchant.
func TestMerchantsAreTold(t *testing.T) {
	t.Parallel()
	told := map[NoticeKind]bool{}
	for i := range merchants.Life.Rows {
		if r := &merchants.Life.Rows[i]; r.Has(merchants.TellMerchant) {
			k := merchantNotice(r.On)
			if k == 0 {
				t.Errorf("nothing tells of %s", r.On)
			}
			told[k] = true
		}
	}
	for k := MerchantSubmitted; k <= MerchantClosed; k++ {
		if !told[k] {
			t.Errorf("no row of the machine sends %s", k)
		}
	}
}

// caseStatement is what an entry about a case says, with what nobody is to be told.
func caseStatement(st ledger.Statement, at time.Time) *ledger.Statement {
	st.Members = ledger.Object{{Name: "account", Value: "never said"}, {Name: "note", Value: "never said"}, {Name: "reason", Value: "not_received"}}
	more := map[ledger.Type]ledger.Object{
		ledger.CaseOpened:  {{Name: "state", Value: "negotiation"}, {Name: "until", Value: at.Add(20 * 24 * time.Hour)}},
		ledger.CaseMoved:   {{Name: "event", Value: "offer"}, {Name: "to", Value: "negotiation"}},
		ledger.CaseDecided: {{Name: "event", Value: "approve"}, {Name: "outcome", Value: "part_refund"}, {Name: "until", Value: at.Add(30 * 24 * time.Hour)}},
		ledger.CaseClosed:  {{Name: "event", Value: "close"}, {Name: "to", Value: "closed"}, {Name: "outcome", Value: "part_refund"}},
		ledger.CaseRevealed: {
			{Name: "subject", Value: "b-1"},
			{Name: "role", Value: "handler"},
			{Name: "purpose", Value: "decide_case"},
			{Name: "fields", Value: []ledger.Object{{{Name: "field", Value: "name"}, {Name: "version", Value: 1}}}},
		},
	}
	st.Members = append(st.Members, more[st.Type]...)
	return &st
}

func TestWebhooksDocumentListsTheKinds(t *testing.T) {
	var table, examples strings.Builder
	table.WriteString("\n| kind | it is said when |\n| --- | --- |\n")
	for _, k := range NoticeKinds() {
		if !k.Sent() {
			fmt.Fprintf(&table, "| `%s` | %s (not sent yet) |\n", k, k.When())
			continue
		}
		fmt.Fprintf(&table, "| `%s` | %s |\n", k, k.When())
		b, err := json.MarshalIndent(example(k), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), "never") || strings.Contains(string(b), "deliver-shipped") {
			t.Errorf("%s says what it must not: %s", k, b)
		}
		fmt.Fprintf(&examples, "\n`%s`:\n\n```json\n%s\n```\n", k, b)
	}
	table.WriteString("\n")
	examples.WriteString("\n")
	for name, want := range map[string]string{"kinds": table.String(), "examples": examples.String()} {
		if diff := cmp.Diff(want, documented(t, webhooksPath, name, want)); diff != "" {
			t.Errorf("the document differs from the code (UPDATE=1 writes it):\n%s", diff)
		}
	}
}

// Each kind has one name and one number, and is found by its name.
func TestNoticeKinds(t *testing.T) {
	t.Parallel()
	if want := int(MerchantClosed) + int(CaseOverdue-CaseOpened) + 1 + int(GlassReviewOverdue-GlassOpened) + 1; len(NoticeKinds()) != want {
		t.Errorf("%d kinds, want %d: each constant has a row", len(NoticeKinds()), want)
	}
	for _, k := range NoticeKinds() {
		got, ok := NoticeKindOf(k.String())
		if !ok || got != k || k.When() == "" {
			t.Errorf("%d %s is found as %d", k, k, got)
		}
		if k.Later() && (k.row().state == "" || k.row().decision != "granted") {
			t.Errorf("%s comes later, and does not say of which grants", k)
		}
	}
	for _, name := range []string{"", "ping", "disclosure"} {
		if k, ok := NoticeKindOf(name); ok {
			t.Errorf("%q is found as %s", name, k)
		}
	}
	if NoticeKind(99).Sent() || NoticeKind(-1).Sent() || NoticeKind(99).String() != "" {
		t.Error("a kind that there is not is sent")
	}
}

// A grant is said to expire a day before, or halfway where its life is shorter
// than two.
func TestBeforeItsEnd(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for life, want := range map[time.Duration]time.Duration{
		14 * 24 * time.Hour: 13 * 24 * time.Hour, 48 * time.Hour: 24 * time.Hour, 24 * time.Hour: 12 * time.Hour, time.Hour: 30 * time.Minute, 0: 0,
	} {
		if got := beforeItsEnd(from, from.Add(life)).Sub(from); got != want {
			t.Errorf("a life of %s: after %s, want %s", life, got, want)
		}
	}
}
