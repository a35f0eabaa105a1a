package imports_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta.dev/bauta/app/imports"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking"
)

const (
	partyHeader       = "party_id,kind,name,email,phone,street,city,region,postal_code,country,locale\n"
	transactionHeader = "transaction_id,kind,buyer_id,seller_id,currency,amount,items,created_at,state\n"
	performanceHeader = "transaction_id,obligation,done,attested_by,performed_at,reference\n"
	buyer             = "b-1,person,Giovana Teixeira,g@example.com,+5587991935795,\"Estrada do Coco, 2138\",Recife,PE,51190-321,BR,pt-BR\n"
	seller            = "s-1,merchant,Úrsula,u@example.org,+554634971328,Rua XV,Arapongas,PR,86707-890,BR,pt-BR\n"
	order             = "t-1,shipped_goods,b-1,s-1,BRL,100.00,2,2025-01-05T13:34:00-03:00,"
)

// file writes one, and gives its path.
func file(tb testing.TB, name, content string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

func TestBadParties(t *testing.T) {
	good, h := buyer, newHouse(t)
	for name, test := range map[string]struct {
		row, column string
		rejected    int
	}{
		"kind":             {"b-2,robot,A B,,,,,,,BR,", "kind", 1},
		"no kind":          {"b-2,,A B,,,,,,,BR,", "kind", 1},
		"no id":            {",person,A B,,,,,,,BR,", "party_id", 1},
		"id":               {"b 2,person,A B,,,,,,,BR,", "party_id", 1},
		"personal id":      {"+5587991935795,person,A B,,,,,,,BR,", "party_id", 1},
		"phone":            {"b-2,person,A B,,secret-123,,,,,BR,", "phone", 1},
		"e-mail":           {"b-2,person,A B,secret at home,,,,,,BR,", "email", 1},
		"country":          {"b-2,person,A B,,,,,,,XX,", "country", 1},
		"country in part":  {"b-2,person,A B,,,Rua 1,,,,Brazil,", "country", 1},
		"locale":           {"b-2,person,A B,,,,,,,BR,secret_tongue", "locale", 1},
		"NUL":              {"b-2,person,secret\x00,,,,,,,BR,", "name", 1},
		"UTF-8":            {"b-2,person,secret\xff,,,,,,,BR,", "name", 1},
		"line break":       {"b-2,person,\"secret\nname\",,,,,,,BR,", "name", 1},
		"row in a field":   {"b-2,person,\"secret\n" + strings.TrimSuffix(strings.ReplaceAll(buyer, `"`, `""`), "\n") + "\",,,,,,,BR,", "name", 1},
		"long":             {"b-2,person," + strings.Repeat("secret", 50) + ",,,,,,,BR,", "name", 1},
		"too long":         {"b-2,person," + strings.Repeat("secret", 20_000) + ",,,,,,,BR,", "name", 1},
		"blank":            {"b-2,person,   ,,,,,,,BR,", "name", 1},
		"short":            {"b-2,person,secret", "email", 1},
		"long row":         {"b-2,person,A B,,,,,,,BR,,secret", "locale", 1},
		"bare quote":       {"b-2,person,A \"secret\" B,,,,,,,BR,", "name", 1},
		"after the quote":  {"b-2,person,\"A\" secret,,,,,,,BR,", "name", 1},
		"unclosed quote":   {"b-2,person,\"secret,,,,,,,BR,", "name", 1},
		"street":           {"b-2,person,A B,,,sec\x01ret,,,,BR,", "street", 1},
		"other members":    {strings.Replace(strings.TrimSuffix(buyer, "\n"), "Giovana", "Secret", 1), "party_id", 1},
		"the same again":   {strings.TrimSuffix(buyer, "\n"), "", 0},
		"an empty line":    {"", "", 0},
		"no contact":       {"b-2,person,,,,,,,,,", "", 0},
		"country alone":    {"b-2,person,,,,,,,,br,", "", 0},
		"national number":  {"b-2,person,,,(87) 99193-5795,,,,,BR,", "", 0},
		"carriage returns": {"b-2,person,A B,,,,,,,BR,pt-BR\r", "", 0},
		"quotes":           {`b-2,person,"A ""secret"" B",,,,,,,BR,"pt-BR"` + "\r", "", 0},
	} {
		t.Run(name, func(t *testing.T) { // not side by side: they count the entries of one database
			path := file(t, "parties.csv", partyHeader+good+test.row+"\n"+seller)
			r, bad := h.run(t, imports.Files{Parties: path}, imports.Options{})
			if r.Rejected != test.rejected {
				t.Fatalf("%s\n%s", r, bad)
			}
			if strings.Contains(strings.ToLower(bad), "secret") {
				t.Errorf("the report holds a value: %s", bad)
			}
			if test.rejected > 0 && !strings.HasPrefix(bad, "parties.csv:3: column "+test.column+": ") || strings.Count(bad, "\n") != test.rejected {
				t.Errorf("reported %q, want column %s of line 3", bad, test.column)
			}
			for _, id := range []broker.PartyID{"b-1", "s-1"} { // before and after it
				if _, err := h.Party(context.Background(), id); err != nil {
					t.Errorf("%s: %v", id, err)
				}
			}
			before := h.entries(t)
			if h.run(t, imports.Files{Parties: path}, imports.Options{}); h.entries(t) != before {
				t.Errorf("the same again wrote %d entries", h.entries(t)-before)
			}
		})
	}
}

func TestHeader(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, test := range map[string]struct{ content, bad string }{
		"empty":     {"", "parties.csv:1: column party_id: "},
		"missing":   {strings.Replace(partyHeader, ",email", "", 1) + buyer, "parties.csv:1: column email: "},
		"unknown":   {strings.Replace(partyHeader, "email", "secret", 1) + buyer, "parties.csv:1: column "},
		"twice":     {strings.Replace(partyHeader, "email", "name", 1) + buyer, "parties.csv:1: column name: "},
		"a mark":    {"\ufeff" + partyHeader + buyer, ""},
		"no end":    {partyHeader + strings.TrimSuffix(buyer, "\n"), ""},
		"CRLF":      {strings.ReplaceAll(partyHeader+buyer, "\n", "\r\n"), ""},
		"otherwise": {"locale,country,party_id,kind,name,email,phone,street,city,region,postal_code\npt-BR,BR,b-9,person,A,,,,,,\n", ""},
	} {
		path := file(t, "parties.csv", test.content)
		r, bad := h.run(t, imports.Files{Parties: path}, imports.Options{})
		if !strings.HasPrefix(bad, test.bad) || (bad == "") != (test.bad == "") || strings.Contains(bad, "secret") {
			t.Errorf("%s: reported %q, want %q", name, bad, test.bad)
		}
		if (r.Rejected == 0) != (test.bad == "") || r.Parties+r.Rejected != 1 {
			t.Errorf("%s: %s", name, r)
		}
	}
}

// history imports both sides, one order and its performances.
func (h *house) history(tb testing.TB, transactions, performances string, opts imports.Options) (imports.Result, string) {
	tb.Helper()
	dir := tb.TempDir()
	files := imports.Files{Parties: dir + "/parties.csv", Transactions: dir + "/transactions.csv", Performances: dir + "/performances.csv"}
	for path, content := range map[string]string{
		files.Parties: partyHeader + buyer + seller, files.Transactions: transactionHeader + transactions, files.Performances: performanceHeader + performances,
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return h.run(tb, files, opts)
}

func TestBadTransactions(t *testing.T) {
	h := newHouse(t)
	for name, test := range map[string]struct{ row, column string }{
		"kind":       {"t-2,barter,b-1,s-1,BRL,1.00,1,2025-01-05T13:34:00Z,open", "kind"},
		"no party":   {"t-2,rental,b-7,s-1,BRL,1.00,1,2025-01-05T13:34:00Z,open", "buyer_id"},
		"no seller":  {"t-2,rental,b-1,s-7,BRL,1.00,1,2025-01-05T13:34:00Z,open", "seller_id"},
		"oneself":    {"t-2,rental,b-1,b-1,BRL,1.00,1,2025-01-05T13:34:00Z,open", "seller_id"},
		"currency":   {"t-2,rental,b-1,s-1,SECRET,1.00,1,2025-01-05T13:34:00Z,open", "currency"},
		"amount":     {"t-2,rental,b-1,s-1,BRL,1.005,1,2025-01-05T13:34:00Z,open", "amount"},
		"nothing":    {"t-2,rental,b-1,s-1,BRL,0,1,2025-01-05T13:34:00Z,open", "amount"},
		"items":      {"t-2,rental,b-1,s-1,BRL,1.00,0,2025-01-05T13:34:00Z,open", "items"},
		"no zone":    {"t-2,rental,b-1,s-1,BRL,1.00,1,2025-01-05T13:34:00,open", "created_at"},
		"ahead":      {"t-2,rental,b-1,s-1,BRL,1.00,1,2126-01-05T13:34:00Z,open", "created_at"},
		"long ago":   {"t-2,rental,b-1,s-1,BRL,1.00,1,1969-01-05T13:34:00Z,open", "created_at"},
		"state":      {"t-2,rental,b-1,s-1,BRL,1.00,1,2025-01-05T13:34:00Z,secret", "state"},
		"twice":      {strings.Replace(order, "100.00", "101.00", 1) + "open", "transaction_id"},
		"same again": {order + "open", ""},
	} {
		t.Run(name, func(t *testing.T) { // not side by side: they count the entries of one database
			r, bad := h.history(t, order+"open\n"+test.row+"\n", "", imports.Options{})
			if want := "transactions.csv:3: column " + test.column + ": "; test.column != "" && !strings.HasPrefix(bad, want) || test.column == "" && bad != "" {
				t.Errorf("reported %q, want %q", bad, want)
			}
			if r.Transactions+r.Rejected != 2 || strings.Contains(strings.ToLower(bad), "secret") {
				t.Errorf("%s\n%s", r, bad)
			}
			before := h.entries(t)
			if h.history(t, order+"open\n"+test.row+"\n", "", imports.Options{}); h.entries(t) != before {
				t.Errorf("the same again wrote %d entries", h.entries(t)-before)
			}
		})
	}
}

func TestStates(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, step := range []struct {
		told, is, bad string
	}{
		{"performed", "open", ""}, // what is derived wins
		{"open", "open", ""},
		{"cancelled", "cancelled", ""},
		{"open", "cancelled", ""}, // the file is older
		{"completed", "cancelled", "column state: "},
	} {
		r, bad := h.history(t, order+step.told+"\n", "", imports.Options{})
		if !strings.Contains(bad, step.bad) || (bad == "") != (step.bad == "") {
			t.Errorf("%s: %s\n%s", step.told, r, bad)
		}
		if got := h.transaction(t).State; got != step.is {
			t.Errorf("%s: it is %s, want %s", step.told, got, step.is)
		}
	}
	if r, bad := h.history(t, strings.Replace(order, "100.00", "90.00", 1)+"cancelled\n", "", imports.Options{}); !strings.Contains(bad, "column amount: ") {
		t.Errorf("other terms of a closed transaction: %s\n%s", r, bad)
	}
	if r, bad := h.history(t, strings.Replace(order, "BRL", "EUR", 1)+"cancelled\n", "", imports.Options{}); !strings.Contains(bad, "column currency: ") {
		t.Errorf("another currency: %s\n%s", r, bad)
	}
}

// A changed row changes the party like a PUT; what the file leaves out stays.
func TestPartyChanges(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.run(t, imports.Files{Parties: file(t, "p.csv", partyHeader+buyer)}, imports.Options{})
	first, _, err := h.store.Party(context.Background(), "b-1", broker.Complete)
	if err != nil {
		t.Fatal(err)
	}
	h.run(t, imports.Files{Parties: file(t, "p.csv", partyHeader+"b-1,person,,,+5511991930000,,,,,BR,\n")}, imports.Options{})
	second, _, err := h.store.Party(context.Background(), "b-1", broker.Complete)
	if err != nil {
		t.Fatal(err)
	}
	want := broker.Versions{masking.Name: 1, masking.Email: 1, masking.Phone: 2, masking.FullAddress: 1, masking.Locality: 1}
	if d := cmp.Diff(want, second.Values); d != "" {
		t.Errorf("versions (-want +got):\n%s", d)
	}
	if first.Residency != "BR" || second.Locale != "pt-BR" || h.entries(t) != 2 {
		t.Errorf("residency %q, locale %q, %d entries", first.Residency, second.Locale, h.entries(t))
	}
	h.checkLog(t)
}

// A strict run with one bad row anywhere writes nothing at all.
func TestStrict(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	good := "t-1,pay,60.00,platform,2025-01-06T00:00:00Z,card/1\n"
	for _, rows := range []string{good + "t-1,pay,41.00,platform,2025-01-06T00:00:00Z,card/2\n", good + "t-1,pay\n"} {
		r, bad := h.history(t, order+"open\n", rows, imports.Options{Strict: true})
		if (r != imports.Result{Rejected: 1}) || strings.Count(bad, "\n") != 1 || h.entries(t) != 0 {
			t.Errorf("%s, %d entries\n%s", r, h.entries(t), bad)
		}
	}
	r, bad := h.history(t, order+"open\n", good, imports.Options{Strict: true})
	if (r != imports.Result{Parties: 2, Transactions: 1, Performances: 1}) || bad != "" || h.entries(t) != 3 {
		t.Errorf("%s, %d entries\n%s", r, h.entries(t), bad)
	}
	// What is there already counts, too, when a strict run looks.
	r, bad = h.history(t, order+"open\n", "t-1,pay,60.00,platform,2025-01-06T00:00:00Z,card/2\n", imports.Options{Strict: true})
	if (r != imports.Result{Rejected: 1}) || !strings.Contains(bad, "column done: ") || h.entries(t) != 3 {
		t.Errorf("%s, %d entries\n%s", r, h.entries(t), bad)
	}
	r = imports.Result{Parties: 2, Transactions: 1, Performances: 1}
	if want := "imported 2 parties, 1 transactions, 1 performances, 0 rejected"; r.String() != want {
		t.Errorf("says %q, want %q", r, want)
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, path := range map[string]string{
		"not there": filepath.Join(t.TempDir(), "none.csv"),
		"half gzip": file(t, "p.csv.gz", "\x1f\x8b\x08\x00"),
		"cut gzip":  file(t, "p.csv.gz", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4a\x4c"),
	} {
		if _, err := imports.Run(context.Background(), h.Broker, imports.Files{Parties: path}, imports.Options{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := imports.Run(ctx, h.Broker, imports.Files{Parties: file(t, "p.csv", partyHeader+buyer)}, imports.Options{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
