package postgres_test

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// gives registers a company with a document, and two texts are written about it.
func (h *house) gives(tb testing.TB, party broker.PartyID, with values) broker.MerchantID {
	tb.Helper()
	id := h.register(tb, lake.but(with).of(party, merchants.CN, merchants.Company)).ID
	_, _, err := h.StoreDocument(tb.Context(), market, id, broker.DocumentInput{
		Kind: "licence", Media: "image/jpeg", Original: []byte("蓝湖 scan of " + id), Shows: "image/png", Derivative: []byte("蓝湖 picture of " + id),
	}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	h.review(tb, rita, id, broker.MerchantMove{Event: merchants.Take})
	h.review(tb, rita, id, broker.MerchantMove{Event: merchants.Ask, Reason: "document_unclear", Note: masking.NewText("whose stamp is it")})
	if _, _, err := h.AnswerMerchant(tb.Context(), market, id, broker.MerchantPatch{}, masking.NewText("it is Wanda's"), nil); err != nil {
		tb.Fatal(err)
	}
	return id
}

// closed is one that was active, and that its merchant has ended.
func (h *house) closed(tb testing.TB, party broker.PartyID, with values) broker.MerchantID {
	tb.Helper()
	id := h.gives(tb, party, with)
	h.review(tb, rita, id, broker.MerchantMove{Event: merchants.Approve, Reason: "verified", Checks: h.looks()})
	h.closes(tb, id)
	h.at(h.clock().AddDate(0, 0, 30))
	h.fire(tb)
	h.stands(tb, id, merchants.Closed)
	return id
}

func (h *house) rejected(tb testing.TB, party broker.PartyID, with values) broker.MerchantID {
	tb.Helper()
	id := h.gives(tb, party, with)
	h.review(tb, rita, id, broker.MerchantMove{Event: merchants.Reject, Reason: "number_not_found"})
	return id
}

// sale is an order of today, performed as far as is said.
func (h *house) sale(tb testing.TB, id broker.TransactionID, performed bool) {
	tb.Helper()
	_, _, err := h.PutTransaction(tb.Context(), market, id, broker.TransactionInput{Transaction: broker.Transaction{
		Kind: necessity.ShippedGoods, Buyer: "b-1", Seller: "s-1", Currency: "BRL", Amount: 22165, Items: 1,
		CreatedAt: h.clock(), Payment: broker.Prepaid, Handover: broker.Post, Rental: broker.Stay,
	}})
	if err != nil {
		tb.Fatal(err)
	}
	if performed {
		for o, done := range map[broker.Obligation]string{broker.Pay: "221.65", broker.Accept: "1", broker.Ship: "1", broker.Deliver: "1"} {
			h.perform(tb, id, o, done, string(o)+"/"+string(id))
		}
	}
}

// given is all that is stored of what was given with a registration, sealed, and the
// tags of its numbers.
func (a *adversary) given(tb testing.TB, id broker.MerchantID) (all []string) {
	tb.Helper()
	of := `(SELECT id FROM merchants WHERE name = '` + string(id) + `')`
	for _, row := range a.list(tb, `SELECT encode(sealed, 'hex') FROM merchant_versions WHERE merchant = `+of+`
		UNION ALL SELECT encode(original, 'hex') FROM merchant_documents WHERE merchant = `+of+` UNION ALL SELECT encode(derivative, 'hex') FROM merchant_documents WHERE merchant = `+of+`
		UNION ALL SELECT encode(tag, 'hex') FROM merchant_tags WHERE merchant = `+of+`
		UNION ALL SELECT encode(n.sealed, 'hex') FROM notes n JOIN merchant_entries x ON x.entry = n.entry WHERE x.merchant = `+of) {
		all = append(all, row[0])
	}
	return all
}

// left says which tables hold one of these, as bytes, as hex or in base64.
func (a *adversary) left(tb testing.TB, raw []string) (tables []string) {
	tb.Helper()
	var forms []string
	for _, x := range raw {
		b, err := hex.DecodeString(x)
		if err != nil {
			tb.Fatal(err)
		}
		forms = append(forms, x, strings.TrimRight(base64.StdEncoding.EncodeToString(b), "="), hex.EncodeToString([]byte(x)))
	}
	for _, table := range a.tables(tb) {
		for _, row := range a.list(tb, `SELECT cast(x AS text) FROM `+table+` x`) {
			if slices.ContainsFunc(forms, func(form string) bool { return strings.Contains(row[0], form) }) {
				tables = append(tables, table)
				break
			}
		}
	}
	return tables
}

// What was given goes when nobody has to keep it any longer, and not before: the law
// has its time, and so have a case, an order under way, and whoever wants nothing to be
// done with its data.
func TestRegistrationIsErased(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := adversaryOf(t, h)
	h.received(t, "t-1")
	id := h.closed(t, "s-1", nil)
	until := noon.AddDate(0, 36, 30)
	if v := h.stands(t, id, merchants.Closed); !v.Deadline.Equal(until) || v.Timer != merchants.RetentionTimer {
		t.Errorf("%+v", v)
	}
	given := a.given(t, id)
	if len(given) < 6 || len(a.left(t, given)) != 4 {
		t.Fatal(len(given), a.left(t, given))
	}
	stays := func(why string) {
		t.Helper()
		h.fire(t)
		if h.stands(t, id, merchants.Closed); len(a.given(t, id)) != len(given) {
			t.Errorf("%s, and it is erased", why)
		}
	}
	h.at(noon.AddDate(0, 0, 40))
	if _, _, err := h.Complete(t.Context(), market, "t-1", broker.CloseInput{}, nil); err != nil {
		t.Fatal(err)
	}
	h.at(until)
	stays("a sale under it ended ten days after it was closed")
	until = noon.AddDate(0, 36, 40)
	h.at(until.Add(-time.Hour))
	stays("the law has its time for that sale too")
	h.sale(t, "t-2", true)
	dispute := h.disputes(t, "t-2", "b-1")
	h.at(until.Add(24 * time.Hour))
	stays("a case is open")
	h.checkLog(t)
	h.at(until.Add(50 * time.Hour))
	if _, _, err := h.MoveCase(t.Context(), market, "b-1", dispute, broker.CaseMove{Event: disputes.Withdraw}, nil); err != nil {
		t.Fatal(err)
	}
	if err := h.SetFlags(t.Context(), market, "s-1", []broker.Flag{broker.Restricted}); err != nil {
		t.Fatal(err)
	}
	stays("its data is restricted")
	if err := h.SetFlags(t.Context(), market, "s-1", nil); err != nil {
		t.Fatal(err)
	}
	h.at(until.Add(75 * time.Hour))
	h.sale(t, "t-3", false)
	stays("an order is under way")
	if _, _, err := h.Cancel(t.Context(), market, "t-3", broker.CloseInput{Reason: "other"}, nil); err != nil {
		t.Fatal(err)
	}
	h.at(until.Add(100 * time.Hour))
	a.sql(t, `CREATE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''crash''; END'`,
		`CREATE TRIGGER crash BEFORE DELETE ON merchant_documents FOR EACH ROW EXECUTE FUNCTION crash()`)
	row := broker.DueTimer{Timer: broker.Timer{Kind: broker.Reviewing, Transaction: h.row(t, id)}}
	if _, err := h.TidyMerchant(t.Context(), row); err == nil {
		t.Error("the commit failed, and nobody says so")
	}
	if h.stands(t, id, merchants.Closed); len(a.given(t, id)) != len(given) {
		t.Error("half of it is erased")
	}
	a.sql(t, `DROP TRIGGER crash ON merchant_documents`)
	h.fire(t)
	h.stands(t, id, merchants.Erased)
	if tables := a.left(t, given); len(tables) > 0 {
		t.Error("it is erased, and there is something of it in", tables)
	}
	h.nothingOf(t, id)
	h.checkLog(t)
}

func (h *house) row(tb testing.TB, id broker.MerchantID) broker.Row {
	tb.Helper()
	f, err := h.store.MerchantByID(tb.Context(), id)
	if err != nil {
		tb.Fatal(err)
	}
	return f.Row
}

// nothingOf says of one that is erased that nobody reads or changes what was given.
func (h *house) nothingOf(t *testing.T, id broker.MerchantID) {
	t.Helper()
	v := h.stands(t, id, merchants.Erased)
	if len(v.Fields)+len(v.Documents)+len(v.Allowed) > 0 || !v.Deadline.IsZero() || v.Published != 0 || h.shown(t, id) != nil {
		t.Errorf("%+v", v)
	}
	r, err := h.Review(t.Context(), rita, id)
	if err != nil || r.State != merchants.Erased || len(r.History) == 0 || r.Taken != "" {
		t.Errorf("%+v, %v", r, err)
	}
	_, _, looked := h.LookAtMerchant(t.Context(), rita, id, looking, nil)
	_, opened := h.OpenDocument(t.Context(), rita, id, 1)
	_, own := h.OpenOwn(t.Context(), market, id)
	_, _, amended := h.AmendMerchant(t.Context(), market, id, broker.MerchantPatch{Values: values{"/trade_name": "Green Lake"}.texts()}, nil)
	_, _, handedIn := h.SubmitMerchant(t.Context(), market, id, nil)
	for what, err := range map[string]error{"look": looked, "document": opened, "own": own, "amend": amended, "submit": handedIn} {
		if !errors.Is(err, broker.ErrErased) || fault.Of(err).Code != "erased" {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, _, stored := h.StoreDocument(t.Context(), market, id, broker.DocumentInput{Kind: "licence", Media: "image/png", Original: []byte("x"), Shows: "image/png", Derivative: []byte("x")}, nil)
	_, _, closes := h.CloseMerchant(t.Context(), market, id, broker.MerchantMove{Reason: "other"}, nil)
	for what, err := range map[string]error{"document": stored, "close": closes} {
		if err == nil || fault.Of(err).Code != "invalid_transition" {
			t.Errorf("%s: %v", what, err)
		}
	}
	x, err := h.Export(t.Context(), broker.OnPage(v.Party), v.Party)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(x.Merchants, func(m broker.OwnMerchant) bool { return m.ID == id })
	if at < 0 || x.Merchants[at].State != merchants.Erased || len(x.Merchants[at].Versions) > 0 || x.Merchants[at].Events[len(x.Merchants[at].Events)-1].State != merchants.Erased {
		t.Errorf("%+v", x.Merchants)
	}
}

// What never became active goes half a year later; a rejection not before nobody can
// appeal it, and not while somebody looks at an appeal.
func TestLeftoversAreErased(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := adversaryOf(t, h)
	number := func(n string) values { return values{"/registration/number": n} }
	rejected := h.rejected(t, "s-1", nil)
	appealed := h.rejected(t, "s-2", number("91330100MA0000496Y"))
	draft, _, err := h.SaveMerchant(t.Context(), market, "", values{"/legal_name": "Wanda Lake"}.of("s-3", merchants.EU, merchants.SoleTrader), nil)
	if err != nil {
		t.Fatal(err)
	}
	h.at(noon.AddDate(0, 0, 31))
	h.fire(t)
	if v := h.stands(t, draft.ID, merchants.Lapsed); !v.Deadline.Equal(h.clock().AddDate(0, 6, 0)) || v.Timer != merchants.LeftoverTimer {
		t.Errorf("%+v", v)
	}
	h.at(noon.AddDate(0, 6, 0).Add(-time.Second))
	h.fire(t)
	h.stands(t, rejected, merchants.Rejected)
	if _, _, err := h.AppealMerchant(t.Context(), market, appealed, broker.MerchantMove{Reason: "mistake"}, nil); err != nil {
		t.Fatal(err)
	}
	h.at(noon.AddDate(0, 6, 0))
	h.fire(t)
	h.nothingOf(t, rejected)
	if len(a.given(t, rejected)) > 0 {
		t.Error("something of what was given is left")
	}
	h.at(noon.AddDate(0, 8, 0))
	h.fire(t)
	h.nothingOf(t, draft.ID)
	h.stands(t, appealed, merchants.Appealed)
	h.review(t, rosa, appealed, broker.MerchantMove{Event: merchants.Take})
	h.review(t, rosa, appealed, broker.MerchantMove{Event: merchants.Uphold, Reason: "number_not_found"})
	h.at(noon.AddDate(0, 14, 0).Add(-time.Second))
	h.fire(t)
	h.stands(t, appealed, merchants.Rejected)
	h.at(noon.AddDate(0, 14, 0))
	h.fire(t)
	h.nothingOf(t, appealed)
	again := h.register(t, lake.of("s-9", merchants.CN, merchants.Company)).ID
	h.review(t, rita, again, broker.MerchantMove{Event: merchants.Take})
	if r, err := h.Review(t.Context(), rita, again); err != nil || r.Two || len(r.Duplicates) > 0 {
		t.Errorf("%+v, %v", r.Because, err) // nobody is found by a number that is erased
	}
	h.checkLog(t)
}

// A case that comes just before it is written down that nobody has to keep a registration
// any longer is a reason to keep it.
func TestCaseComesBeforeErasing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.received(t, "t-1")
	id := h.rejected(t, "s-1", nil)
	h.at(noon.AddDate(0, 6, 0))
	h.sale(t, "t-2", true)
	race := &racing{Store: h.store}
	other := enter(t, h.db, h.keys)
	other.at(h.clock())
	h.Store = race
	race.first = func() { other.disputes(t, "t-2", "b-1") }
	h.fire(t)
	if h.stands(t, id, merchants.Rejected); !errors.Is(race.err, broker.ErrStale) {
		t.Errorf("the store said %v", race.err)
	}
	h.checkLog(t)
}

// What is left over of an erased registration is found, and so is what is missing of
// another one, and a registration that comes back whole.
func TestTamperedErasure(t *testing.T) {
	t.Parallel()
	a := outlaw(t, newHouse(t))
	id := a.rejected(t, "s-1", nil)
	a.keep(t, "whole")
	a.at(noon.AddDate(0, 6, 0))
	a.fire(t)
	a.stands(t, id, merchants.Erased)
	a.rejected(t, "s-2", values{"/registration/number": "91330100MA0000496Y"})
	a.unbind(t)
	a.keep(t, "kept")
	if err := a.found(t, ""); err != nil {
		t.Fatal(err)
	}
	tables := []string{"merchant_versions", "merchant_tags", "merchant_documents", "notes"}
	var whole []string
	for _, table := range tables {
		whole = append(whole, `INSERT INTO `+table+` SELECT * FROM whole.`+table)
		for what, q := range map[string]string{
			"left over": `INSERT INTO ` + table + ` SELECT * FROM whole.` + table + ` LIMIT 1`,
			"taken out": `DELETE FROM ` + table + ` WHERE ctid = (SELECT max(ctid) FROM ` + table + `)`,
		} {
			a.sql(t, q)
			if err := a.found(t, table); err == nil || !strings.Contains(err.Error(), table) {
				t.Errorf("%s of %s: %v", what, table, err)
			}
			a.undo(t, table)
		}
	}
	a.sql(t, append(whole, `DELETE FROM merchants WHERE state = 'erased'`, `INSERT INTO merchants SELECT * FROM whole.merchants`)...)
	if a.found(t, "merchants") == nil {
		t.Error("what was erased is back, and nothing is found")
	}
	for _, table := range append(tables, "merchants") {
		a.undo(t, table)
	}
	for what, q := range map[string]string{
		"erased":     `UPDATE merchants SET state = 'erased' WHERE state = 'rejected'`,
		"not erased": `UPDATE merchants SET state = 'rejected' WHERE state = 'erased'`,
		"more":       `UPDATE merchants SET facts = replace(facts, '"notes":2', '"notes":3') WHERE state = 'erased'`,
	} {
		a.sql(t, q)
		if a.found(t, "merchants") == nil {
			t.Errorf("%s is not found", what)
		}
		a.undo(t, "merchants")
	}
	if err := a.found(t, ""); err != nil {
		t.Errorf("after everything was put back: %v", err)
	}
}
