package imports_test

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// market makes a marketplace of the shape of shared/olist from a seed: the same
// one each time, with part payments, part shipments, orders that nobody paid,
// cancelled ones, and performances older than their order.
type market struct {
	rnd                                *rand.Rand
	parties, transactions, performance [][]string
}

func generate(tb testing.TB, dir string, orders int) {
	tb.Helper()
	m := &market{
		rnd:          rand.New(rand.NewPCG(1755, 0)),
		parties:      [][]string{{"party_id", "kind", "name", "email", "phone", "street", "city", "region", "postal_code", "country", "locale"}},
		transactions: [][]string{{"transaction_id", "kind", "buyer_id", "seller_id", "currency", "amount", "items", "created_at", "state"}},
		performance:  [][]string{{"transaction_id", "obligation", "done", "attested_by", "performed_at", "reference"}},
	}
	for n := range orders/10 + 1 {
		m.party(fmt.Sprintf("s-%d", n), "merchant")
	}
	for n := range orders {
		m.order(n, orders/10+1)
	}
	for name, rows := range map[string][][]string{"parties": m.parties, "transactions": m.transactions, "performances": m.performance} {
		write(tb, filepath.Join(dir, name+".csv.gz"), rows)
	}
}

func write(tb testing.TB, path string, rows [][]string) {
	tb.Helper()
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	z := gzip.NewWriter(f)
	w := csv.NewWriter(z)
	if err := w.WriteAll(rows); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
}

func (m *market) pick(words ...string) string { return words[m.rnd.IntN(len(words))] }

func (m *market) party(id, kind string) {
	m.parties = append(m.parties, []string{
		id, kind, m.pick("Giovana", "Úrsula", "Zé", "O'Neil", "Letícia", "Li") + " " + m.pick("Teixeira", "de Sá", "D'Ávila", `"Duda" Nakamura`),
		fmt.Sprintf("%s%d@example.%s", m.pick("g", "u.r", "ana+loja"), m.rnd.IntN(1000), m.pick("com", "net", "org")),
		fmt.Sprintf("+55119%08d", m.rnd.IntN(100_000_000)), fmt.Sprintf("Rua \"%s\", %d", m.pick("A", "XV de Novembro", "do Coco"), m.rnd.IntN(3000)),
		m.pick("São Paulo", "Recife", "Mogi-Guaçu"), m.pick("SP", "PE", ""), fmt.Sprintf("%05d-%03d", m.rnd.IntN(100_000), m.rnd.IntN(1000)), "BR", "pt-BR",
	})
}

func (m *market) order(n, sellers int) {
	id, buyer := fmt.Sprintf("t-%d", n), fmt.Sprintf("b-%d", n-n%7) // some buy again
	if n%7 == 0 {
		m.party(buyer, "person")
	}
	at := time.Date(2017, 1, 5, 13, 0, 0, 0, time.FixedZone("", -3*3600)).Add(time.Duration(n) * time.Hour)
	items, cents := 1+m.rnd.IntN(3), 1000+m.rnd.IntN(100_000)
	state := "completed"
	switch n % 20 {
	case 3:
		state = "cancelled"
	case 5, 6:
		state = "open"
	}
	m.transactions = append(m.transactions, []string{
		id, "shipped_goods", buyer, fmt.Sprintf("s-%d", m.rnd.IntN(sellers)), "BRL", money(cents), fmt.Sprint(items), at.Format(time.RFC3339), state,
	})
	perform := func(after time.Duration, obligation, done, reference string) {
		m.performance = append(m.performance, []string{id, obligation, done, "platform", at.Add(after).Format(time.RFC3339), reference})
	}
	if n%20 == 5 {
		return // never paid
	}
	paid := -time.Hour // older than its order
	if n%11 > 0 {
		paid = time.Duration(1+m.rnd.IntN(48)) * time.Hour
	}
	switch first := cents / 20; n % 4 { // less than a tenth, then the rest; or in half; or at once
	case 0:
		perform(paid, "pay", money(first), "card/1")
		perform(paid+time.Hour, "pay", money(cents-first), "card/2")
	case 1:
		perform(paid, "pay", money(cents/2), "card/1")
		perform(paid+2*time.Hour, "pay", money(cents-cents/2), "voucher/2")
	default:
		perform(paid, "pay", money(cents), "card/1")
	}
	if state == "cancelled" {
		return
	}
	perform(paid+2*time.Hour, "accept", "1", "stock-reserved")
	if n%20 == 6 {
		return
	}
	for k := range items {
		perform(paid+time.Duration(24+k)*time.Hour, "ship", "1", fmt.Sprintf("parcel/%d", k))
	}
	perform(paid+time.Duration(48+m.rnd.IntN(1000))*time.Hour, "deliver", fmt.Sprint(items), "carrier-delivery")
}

func money(cents int) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }
