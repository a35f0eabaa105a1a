package stories

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
)

const exportPath = "GET /v1/parties/b-1/export"

// lived is a house in which everything has happened to b-1 that leaves a trace of it.
func lived(t *testing.T) *house {
	t.Helper()
	h := shop(t, terms{signs: newProvider(t), policies: consenting})
	step := func() { h.clock.forward(time.Minute) }
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, 200)
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `[]`).want(t, 200)
	step()
	h.do(t, "market", "PUT /v1/parties/b-1", `{"kind":"person","contact":{"phone":"+5587991930000","first_name":null},"source":{"kind":"partner","partner":"Feira Livre",
		"collected_at":"2026-01-02T10:00:00-03:00","lawful_basis":"contract"}}`).want(t, 200)
	h.give(t, "settle", month, "phone").want(t, 201)
	h.askSigned(t, "settle", "phone").want(t, 201, "decision", "granted")
	step()
	h.give(t, "settle", month, "name").want(t, 200)
	h.give(t, "deliver", time.Hour, "phone").want(t, 201)
	step()
	h.withdraw(t, "settle").want(t, 200)
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, 200)
	h.do(t, "privacy", "PUT /v1/parties/b-1/exclusion", `{"reason":"passed_on","note":"segredo do bilhete"}`).want(t, 200)
	step()
	proposed, _, err := h.broker.ProposeReinstatement(t.Context(), broker.Staff{Account: "acc_hanna", Role: "handler"}, "b-1", "mistake", nil)
	if err == nil {
		_, _, err = h.broker.Reinstate(t.Context(), broker.Staff{Account: "acc_lena", Role: "lead", Approves: true}, "b-1", proposed.Lift.Hash, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	h.clock.forward(time.Hour)
	h.give(t, "settle", month, "phone").want(t, 201)
	h.do(t, "market", "PUT /v1/transactions/t-1", deal{kind: "shipped_goods", more: dock}.body()).want(t, 200)
	h.do(t, "market", "PUT /v1/transactions/t-1", deal{
		kind: "shipped_goods", more: strings.ReplaceAll(strings.ReplaceAll(dock, "portão azul", "portão verde"), "contas-a-pagar", "financeiro"),
	}.body()).want(t, 200)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	step()
	h.lookedInto(t)
	step()
	h.reverse(t, "t-1", "pay", "21.65", "refund")
	h.askSigned(t, "deliver", "name").want(t, 201)
	h.signing(t, "market", "b-1", disclosures, request("t-1", "b-1", "return", "name")).want(t, 201)
	h.trades(t)
	h.complains(t)
	h.emergency(t)
	h.comes(t, "en")
	return h
}

// complains has b-1 open a dispute, and both sides say something in it.
func (h *house) complains(t *testing.T) {
	t.Helper()
	ctx, c := t.Context(), broker.Caller{Key: "k-market"}
	v, _, err := h.broker.OpenCase(ctx, c, broker.CaseInput{
		Transaction: "t-1", By: "b-1", Reason: disputes.NotReceived, Lines: []broker.Obligation{broker.Deliver}, Amount: "30.00", Statement: masking.NewText("nada chegou"),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _, answered := h.broker.MoveCase(ctx, c, "s-1", v.ID, broker.CaseMove{Event: disputes.Message, Text: masking.NewText("foi enviado")}, nil)
	_, _, added := h.broker.AddEvidence(ctx, c, "b-1", v.ID, broker.EvidenceInput{
		Type: disputes.Correspondence, Media: "image/png", Original: []byte("scan"), Shows: "image/png", Derivative: []byte("picture"), Note: masking.NewText("a conversa"),
	}, nil)
	if err := errors.Join(answered, added); err != nil {
		t.Fatal(err)
	}
}

// emergency has one of the staff see a value of b-1's past all cases.
func (h *house) emergency(t *testing.T) {
	t.Helper()
	hanna := broker.Staff{Account: "acc_hanna", Role: "handler"}
	v, _, err := h.broker.BreakGlass(t.Context(), hanna, broker.GlassInput{Transaction: "t-1", Reason: "data_breach", Text: masking.NewText("um vazamento")}, nil)
	if err == nil {
		_, _, err = h.broker.RevealGlass(t.Context(), hanna, v.ID, broker.GlassLook{Subject: "b-1", Fields: []masking.Field{masking.Phone}}, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// trades has b-1 register as a merchant, and a reviewer look at it.
func (h *house) trades(t *testing.T) {
	t.Helper()
	values := map[merchants.Pointer]masking.Text{}
	for at, v := range map[merchants.Pointer]string{
		"/legal_name": "杭州蓝湖贸易有限公司", "/registration/number": "91330100MA00000740", "/contact/email": "lago@example.com",
		"/address/street": "文三路 1 号", "/address/city": "杭州", "/address/country": "CN",
	} {
		values[at] = masking.NewText(v)
	}
	ctx, c, rita := t.Context(), broker.Caller{Key: "k-market"}, broker.Staff{Account: "acc_rita", Role: "merchant_reviewer"}
	v, _, err := h.broker.RegisterMerchant(ctx, c, broker.MerchantInput{Party: "b-1", Registration: merchants.Registration{
		Jurisdiction: merchants.CN, Type: merchants.Company, Values: values,
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _, stored := h.broker.StoreDocument(ctx, c, v.ID, broker.DocumentInput{Kind: "licence", Media: "image/png", Original: []byte("scan"), Shows: "image/png", Derivative: []byte("picture")}, nil)
	_, _, taken := h.broker.MoveMerchant(ctx, rita, v.ID, broker.MerchantMove{Event: merchants.Take}, nil)
	_, _, looked := h.broker.LookAtMerchant(ctx, rita, v.ID, broker.MerchantLook{Purpose: "decide_registration", Reason: "fields_to_verify"}, nil)
	if err := errors.Join(stored, taken, looked); err != nil {
		t.Fatal(err)
	}
}

// What a party has a right to know is in its export: where each value came from,
// what it was before, permissions that have ended, and the end of its agreement
// with the reasons; and nothing of anybody else.
func TestExportTellsTheWholeStory(t *testing.T) {
	t.Parallel()
	h := lived(t)
	h.signing(t, "privacy", "b-1", exportPath, "").want(t, 200)
	h.clock.forward(time.Minute)
	r := h.signing(t, "privacy", "b-1", exportPath, "").want(t, 200, "complete", "true",
		"party.contact.phone", "+5587991930000", "party.contact.first_name", "",
		"provenance.0.source", "partner", "provenance.0.partner", "Feira Livre", "provenance.0.collected_at", "2026-01-02T13:00:00Z",
		"provenance.0.lawful_basis", "contract", "provenance.0.contact.phone", "+5587991930000", "provenance.0.removed", `["first_name"]`,
		"provenance.1.source", "registration", "provenance.1.contact.phone", "+5587991935795", "provenance.1.contact.address.city", "Recife",
		"consents.0.purpose", "settle", "consents.0.fields", `["phone"]`,
		"ended_consents.0.how", "expired", "ended_consents.0.purpose", "deliver", "ended_consents.0.ended_at", "2026-03-04T13:02:00Z",
		"ended_consents.1.how", "withdrawn", "ended_consents.1.fields", `["name"]`, "ended_consents.1.ended_at", "2026-03-04T12:03:00Z",
		"ended_consents.2.how", "replaced", "ended_consents.2.ended_at", "2026-03-04T12:02:00Z", "ended_consents.2.given_at", "2026-03-04T12:01:00Z",
		"exclusions.0.standing", "reinstated", "exclusions.0.reason", "mistake", "exclusions.1.standing", "reinstatement_proposed",
		"exclusions.2.standing", "excluded", "exclusions.2.reason", "passed_on", "exclusions.2.statement", "segredo do bilhete",
		"cases.0.state", "negotiation", "cases.0.side", "buyer", "cases.0.amount.value", "30.00", "cases.0.texts.0.text", "nada chegou", "cases.0.texts.1.text", "a conversa",
		"cases.0.evidence.0.type", "correspondence", "case_looks.0.purpose", "break_glass", "case_looks.0.transaction", "t-1", "case_looks.0.review", "",
		"accesses.0.event", "exported", "accesses.1.event", "page_opened", "accesses.2.event", "link_made",
		"transactions.0.amount.value", "221.65", "transactions.0.performances.2.reversed", "true", "transactions.0.performances.2.done", "21.65",
		"transactions.0.contacts.0.contact.instructions", "portão verde", "transactions.0.earlier_contacts.0.contact.instructions", "portão azul",
		"transactions.0.earlier_contacts.1.contact.email", "contas-a-pagar@example.com")
	if grants := r.at("ended_consents.2.ended_disclosures"); !strings.Contains(grants, r.at("disclosures.2.id")) && !strings.Contains(grants, r.at("disclosures.1.id")) {
		t.Errorf("the grant that ended with a permission: %s", grants)
	}
	for _, other := range []string{"Ribeiro", "ursula", "Acácias", "5511987654321", "at_risk", `"key"`, "foi enviado"} {
		if strings.Contains(string(r.raw), other) {
			t.Errorf("the export has %q", other)
		}
	}
}

// held says of every table what an export has of it: the members that tell it, or
// what left_out names, or that it is of nobody in particular. A new table, or a
// new column of one that is about parties, fails until somebody has decided.
var held = map[string]struct{ columns, told, leftOut string }{
	"parties":            {"facts id mac masks name oldest tags version", "party.id party.contact consents", "safety_flags masks index"},
	"cards":              {"owner sealed side version", "party.contact.phone provenance.1.contact.phone transactions.0.earlier_contacts", ""},
	"transactions":       {"buyer facts id mac name seller version", "transactions.0.role transactions.0.obligations transactions.0.other", "earlier_terms"},
	"performances":       {"afterwards by_party entry obligation performed_at quantity reference reversal source transaction_id", "transactions.0.performances", "references"},
	"notes":              {"entry owner sealed", "exclusions.2.statement", "notes"},
	"disclosures":        {"decision entry id mac requester state subject transaction_id version views_left", "disclosures.0.id requests.0.id", ""},
	"views":              {"at disclosure entry openings", "disclosures.2.looks", ""},
	"staff_views":        {"at disclosure entry", "disclosures.1.viewed_by_staff", ""},
	"requests":           {"deadline disclosure due facts mac open proposed state transaction_id version", "disclosures.0.standing", "staff_records"},
	"ledger_entries":     {"entry idx owner statement", "provenance ended_consents exclusions accesses", "ledger"},
	"subject_passes":     {"ends_at id kind mac party", "accesses", "tokens"},
	"party_tokens":       {"day entry expires_at jti mac outcome", "", "tokens"},
	"outbox":             {"attempts disclosure done_at due_at endpoint entry id kind next_at state status transaction_id", "", "messages"},
	"budgets":            {"day most requester used", "", "counters"},
	"reached":            {"day grants key slot subject", "", "counters"},
	"taken_back":         {"day disclosure", "", "counters"},
	"anomalies":          {"entry mark", "", "counters"},
	"merchants":          {"due_at facts id mac name open party since state version", "merchants.0.id merchants.0.state", "staff_records"},
	"merchant_versions":  {"commitment facts mac merchant sealed version", "merchants.0.versions", ""},
	"merchant_entries":   {"entry merchant version", "merchants.0.events", ""},
	"merchant_documents": {"derivative facts mac merchant n original", "merchants.0.documents", "documents"},
	"cases":              {"assigned buyer decided_at due_at facts id mac name open opened_at overturned seller since state transaction_id version waits", "cases.0.id cases.0.state", "staff_records"},
	"case_entries":       {"dispute entry version", "cases.0.texts", "ledger"},
	"case_evidence":      {"derivative dispute facts mac n original", "cases.0.evidence", "documents"},
	"earlier_decisions":  {"entry transaction_id", "", "ledger staff_records"},
	"merchant_tags":      {"merchant tag", "", "index"},
	"outcomes":           {"at body day entry id key kind mac", "", "retries"},
	"keys.owners":        {"bucket id wrapped", "", "keys"},
	"keys.buckets":       {},                                                // of thousands of owners each
	"keys.epochs":        {},                                                // of all owners
	"keys.folder":        {},                                                // of the deployment
	"ledger_checkpoints": {}, "ledger_tiles": {}, "ledger_cosignatures": {}, // hashes of everybody's entries together
	"accounts": {}, "sessions": {}, "sign_in_failures": {}, "codes_used": {}, "account_notices": {}, "desk_holds": {}, // the operator's own people
	"challenges": {}, "passkey_uses": {}, // likewise
	"api_keys": {}, "policies": {}, "policy_proposals": {}, "webhooks": {}, "audits": {}, "reach": {}, "goose_db_version": {}, // of the deployment

	"break_glass":         {"account due_at facts holds id mac name state transaction_id version", "case_looks.0.purpose", "staff_records"},
	"break_glass_entries": {"entry session version", "case_looks", "ledger"},
}

// Columns that point at a party, by what they are called in this house.
var pointsAtParty = regexp.MustCompile(`^(party|by_party|subject|requester|buyer|seller|recipient|owner|disclosure|transaction_id)$`)

// Whoever lost its agreement, with the reasons written down, and objects for its safety
// has its export as before: a fear makes a version of the party that no entry about
// it counts.
func TestExportAfterAFear(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{signs: newProvider(t)})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	id := h.signing(t, "market", "s-1", disclosures, request("t-1", "s-1", "deliver")).want(t, 201, "decision", "granted").idOf()
	h.do(t, "privacy", "PUT /v1/parties/b-1/exclusion", `{"reason":"passed_on","note":"segredo do bilhete"}`).want(t, 200)
	h.signing(t, "market", "b-1", "POST /v1/disclosures/"+id+"/objection", `{"party":"b-1","reason":"safety"}`).want(t, 200)
	h.clock.forward(time.Second)
	h.signing(t, "privacy", "b-1", exportPath, "").want(t, 200, "exclusions.0.reason", "passed_on", "exclusions.0.statement", "segredo do bilhete")
	if found := h.come.upon(); len(found) > 0 {
		t.Errorf("it was taken for tampering: %v", found)
	}
}

func TestExportKnowsEveryTable(t *testing.T) {
	t.Parallel()
	h := lived(t)
	r := h.signing(t, "privacy", "b-1", exportPath, "").want(t, 200)
	var x struct {
		LeftOut []struct{ What, Why string } `json:"left_out"`
	}
	if err := json.Unmarshal(r.raw, &x); err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{} // and whether a table has it
	for _, l := range x.LeftOut {
		if named[l.What] = false; l.Why == "" {
			t.Errorf("%s is left out for no reason", l.What)
		}
	}
	seen := map[string]bool{}
	for line := range strings.SplitSeq(h.ask(t, `SELECT string_agg(line, E'\n') FROM (
		SELECT CASE table_schema WHEN 'public' THEN '' ELSE table_schema || '.' END || table_name || ' ' || string_agg(column_name, ' ' ORDER BY column_name COLLATE "C") AS line
		FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
		WHERE table_type = 'BASE TABLE' AND table_schema IN ('public', 'keys') GROUP BY table_schema, table_name) x`), "\n") {
		table, columns, _ := strings.Cut(line, " ")
		seen[table] = true
		what, ok := held[table]
		switch {
		case !ok:
			t.Errorf("nobody has said what an export has of the table %s (%s)", table, columns)
		case what.columns == "" && slices.ContainsFunc(strings.Fields(columns), pointsAtParty.MatchString):
			t.Errorf("%s is said to be about no party: %s", table, columns)
		case what.columns != "" && what.columns != columns:
			t.Errorf("%s has the columns %s; an export was made for %s", table, columns, what.columns)
		case what.columns != "" && what.told+what.leftOut == "":
			t.Errorf("%s is neither told nor left out", table)
		}
		for _, member := range strings.Fields(what.told) {
			if r.at(member) == "" || r.at(member) == "[]" {
				t.Errorf("%s should be told in %s, where there is nothing", table, member)
			}
		}
		for _, name := range strings.Fields(what.leftOut) {
			if _, ok := named[name]; !ok {
				t.Errorf("%s leaves out %s, and left_out does not say so", table, name)
			}
			named[name] = true
		}
	}
	for name, used := range named {
		if !used {
			t.Errorf("left_out names %s, which no table has", name)
		}
	}
	for table := range held {
		if !seen[table] {
			t.Errorf("there is no table %s", table)
		}
	}
}

// Each side has its own contacts of a transaction opened, under its own key, and
// of the other's not one.
func TestExportOpensOwnPartOfTransactions(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{signs: newProvider(t)})
	both := strings.TrimSuffix(point, "}") + "," + strings.TrimPrefix(dock, `,"contacts":{`)
	h.agree(t, deal{id: "t-2", kind: "local_pickup", more: both + slot})
	buyer := h.signing(t, "privacy", "b-1", exportPath, "").want(t, 200, "transactions.0.id", "t-2", "transactions.0.role", "buyer",
		"transactions.0.contacts.0.use", "delivery", "transactions.0.contacts.0.contact.address.street", "Cais do Apolo, 222",
		"transactions.0.contacts.0.contact.instructions", "portão azul", "transactions.0.contacts.1.use", "invoice",
		"transactions.0.contacts.1.contact.email", "contas-a-pagar@example.com", "transactions.0.earlier_contacts", "[]",
		"transactions.1.id", "t-1", "transactions.1.contacts", "[]")
	seller := h.signing(t, "privacy", "s-1", "GET /v1/parties/s-1/export", "").want(t, 200, "transactions.0.role", "seller", "transactions.0.other", "b-1",
		"transactions.0.contacts.0.use", "pickup", "transactions.0.contacts.0.contact.address.street", "Rua do Bom Jesus, 1")
	if n := strings.Count(string(buyer.raw), `"use":"pickup"`); n != 0 || strings.Contains(string(seller.raw), "Dockmestre") || strings.Contains(string(seller.raw), "Teixeira") {
		t.Errorf("one side has the other's contacts: %s\n%s", buyer.short(), seller.short())
	}

	// What can't be opened leaves not in part: no export, and no value.
	h.forgedRows = true
	for _, forged := range []string{
		`UPDATE cards SET sealed = set_byte(sealed, octet_length(sealed) - 1, get_byte(sealed, octet_length(sealed) - 1) # 1) WHERE side = 1`,
		`DELETE FROM cards WHERE side = 1`,
		`UPDATE transactions SET buyer = (SELECT id FROM parties WHERE name = 's-2') WHERE name = 't-2'`,
	} {
		h.sql(t, forged)
		r := h.signing(t, "privacy", "b-1", exportPath, "")
		if strings.Contains(forged, "cards") {
			r.want(t, 503, "code", "unavailable")
		} else {
			r.want(t, 200, "transactions.0.id", "t-1") // it is nobody's of this party any more; the check finds the row
		}
		if r.status != 200 && findValue(string(r.raw)) != "" {
			t.Errorf("an export that failed holds %q", findValue(string(r.raw)))
		}
	}
}
