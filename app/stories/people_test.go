package stories

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"
)

// The people of every story. Their ids say nothing, and none of what is
// between quotes in their contact may turn up anywhere it does not belong.
const (
	giovana = `{"kind":"person","locale":"pt-BR","residency":"BR","contact":{"first_name":"Giovana","name":"Giovana Teixeira",
"email":"giovana_teixeira790@example.com","phone":"+5587991935795","address":{"street":"Estrada do Coco, 2138","city":"Recife",
"region":"PE","postal_code":"51190-321","country":"BR"}},"source":{"kind":"registration"}}`
	ursula = `{"kind":"merchant","locale":"pt-BR","residency":"BR","contact":{"first_name":"Úrsula","name":"Úrsula Ribeiro",
"email":"ursula.ribeiro764@correio.example.org","phone":"+5511987654321","address":{"street":"Rua das Acácias, 77","city":"Olinda",
"region":"PE","postal_code":"53010-020","country":"BR"}},"source":{"kind":"partner","partner":"Feira Livre",
"collected_at":"2026-01-02T10:00:00-03:00","lawful_basis":"contract"}}`
	// tomas sells as a person: what he gives away is his home.
	tomas = `{"kind":"person","locale":"pt-BR","residency":"BR","contact":{"first_name":"Tomás","name":"Tomás Quaresma",
"email":"tomas.quaresma31@example.net","phone":"+5585996543210","address":{"street":"Travessa do Forno, 9","city":"Fortaleza",
"region":"CE","postal_code":"60010-000","country":"BR"}},"source":{"kind":"registration"}}`
)

// values are contact values of all stories, as they could leak.
var values = []string{
	"Giovana Teixeira", "Teixeira", "giovana_teixeira790", "5587991935795", "87991935795", "Estrada do Coco",
	"Ribeiro", "ursula.ribeiro764", "5511987654321", "11987654321", "Rua das Acácias",
	"Quaresma", "tomas.quaresma31", "5585996543210", "85996543210", "Travessa do Forno",
	"+5587991930000", "87991930000", // the phone that Giovana gets in some stories
	"Cais do Apolo", "doca7@", "5581933334444", "Beatriz Dockmestre", "contas-a-pagar", "Rua do Bom Jesus", // contacts of transactions
	"devolucoes@", "5581944445555", "Rua da Aurora",
	"portão azul", "segredo do bilhete", secret,
	"Nordlicht Kerzen", "Wachsstube", "HRB 868910", "DE160459932", "Ottilie", "kontor@nordlicht", "494030303344", "Sandtorkai", "DE89370400440532013000", // merchants
	"青瓷坊", "91350203M0001QKT19", "沈若兰", "11010119900307002X", "shop@qingci", "8657188880000", "瓷器路",
	"helena.duarte51", "rui.mascarenhas8", phrase, "another phrase", // the operator's people
}

// forms are how each value could be written: as it is, as JSON would escape it,
// and as hexadecimal digits, which is how a dump writes bytes.
var forms = func() map[string]string {
	all := map[string]string{}
	for _, v := range values {
		all[v] = v
		all[strings.Trim(fmt.Sprintf("%+q", v), `"`)] = v
		all[hex.EncodeToString([]byte(v))] = v
	}
	return all
}()

// findValue gives a value that a text repeats.
func findValue(text string) string {
	for form, v := range forms {
		if strings.Contains(text, form) {
			return v
		}
	}
	return ""
}

// lookThrough ends every story: the whole ledger verifies, and no value is
// anywhere but where it was asked for.
func (h *house) lookThrough(t *testing.T) {
	t.Helper()
	if h.looked {
		return
	}
	h.looked = true
	ctx := context.Background()
	if !h.forged {
		if _, err := h.store.Check(ctx, nil); err != nil {
			t.Errorf("ledger check: %v", err)
		}
	}
	if !h.forged && !h.forgedRows {
		if _, err := h.store.CheckComplete(ctx, nil); err != nil {
			t.Errorf("ledger check: %v", err)
		}
	}
	if found := findValue(h.log.String()); found != "" {
		t.Errorf("the log repeats %q", found)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.keys["audit"])
	resp, err := h.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	page, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("metrics: %d %v", resp.StatusCode, err)
	}
	if found := findValue(string(page)); found != "" {
		t.Errorf("the metrics repeat %q", found)
	}
	for table, dump := range h.dump(t) {
		if found := findValue(dump); found != "" {
			t.Errorf("table %s holds %q in clear", table, found)
		}
	}
}

// owner connects as who may do everything.
func (h *house) owner(t *testing.T) *sql.DB {
	t.Helper()
	c, err := pq.NewConnector(h.db.Owner)
	if err != nil {
		t.Fatal(err)
	}
	return sql.OpenDB(c)
}

// looks is the connection by which the story itself looks at the tables: one for all
// of it, as each new one costs the server more than what it is asked. None grows old,
// so that a server which was gone is found again.
func (h *house) looks(t *testing.T) *sql.DB {
	t.Helper()
	h.looking.Do(func() {
		h.eyes = h.owner(t)
		h.eyes.SetMaxIdleConns(1)
		h.eyes.SetConnMaxLifetime(5 * time.Second)
	})
	return h.eyes
}

// dump is every table as text, bytes as hexadecimal digits.
func (h *house) dump(t *testing.T) map[string]string {
	t.Helper()
	ctx := context.Background()
	db := h.looks(t)
	tables := strings.Fields(query(t, db, `SELECT string_agg(format('%I.%I', schemaname, tablename), ' ')
		FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`))
	if len(tables) < 15 {
		t.Errorf("only %d tables were found to look through", len(tables))
	}
	dumps := map[string]string{}
	for _, name := range tables {
		var text sql.NullString
		if err := db.QueryRowContext(ctx, `SELECT string_agg(x::text, E'\n') FROM `+name+` x`).Scan(&text); err != nil {
			t.Errorf("dump %s: %v", name, err)
		}
		dumps[name] = text.String
	}
	return dumps
}

func query(t *testing.T, db *sql.DB, q string, args ...any) string {
	t.Helper()
	var text sql.NullString
	if err := db.QueryRowContext(context.Background(), q, args...).Scan(&text); err != nil {
		t.Errorf("%s: %v", q, err)
	}
	return text.String
}

// sql runs statements as the owner of the database, who may do everything.
func (h *house) sql(t *testing.T, statements ...string) {
	t.Helper()
	db := h.owner(t)
	defer func() { _ = db.Close() }()
	for _, q := range statements {
		done, err := db.ExecContext(context.Background(), q)
		if err != nil {
			t.Errorf("%s: %v", q, err)
			continue
		}
		touched := strings.HasPrefix(q, "UPDATE") || strings.HasPrefix(q, "DELETE")
		if n, err := done.RowsAffected(); touched && (n == 0 || err != nil) {
			t.Errorf("%s touches nothing: %v", q, err)
		}
	}
}

// ask reads one value as the owner.
func (h *house) ask(t *testing.T, q string) string {
	t.Helper()
	return query(t, h.looks(t), q)
}
