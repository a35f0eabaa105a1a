package stories

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/app/postgres/pgtest"
	"bauta.dev/bauta/app/web"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// BenchmarkSubjectPage is a party's own page over HTTP, of one about whom there
// are 500 disclosures, looked at by 16 at once. What matters is p95.
func BenchmarkSubjectPage(b *testing.B) {
	const clients = 16
	cookie, url := crowded(b, 500)
	var mu sync.Mutex
	var took []time.Duration
	var wait sync.WaitGroup
	each := max(1, b.N/clients)
	b.ResetTimer()
	for range clients {
		wait.Go(func() {
			client := &http.Client{}
			var own []time.Duration
			for range each {
				began := time.Now()
				if err := look(b.Context(), client, url, cookie); err != nil {
					b.Error(err)
					return
				}
				own = append(own, time.Since(began))
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, own...)
		})
	}
	wait.Wait()
	b.StopTimer()
	slices.Sort(took)
	if len(took) > 0 {
		b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	}
}

// look reads the whole page.
func look(ctx context.Context, client *http.Client, url string, cookie *http.Cookie) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/me?lang=en", nil)
	if err != nil {
		return err
	}
	req.AddCookie(cookie)
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	n, err := io.Copy(io.Discard, resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || n < 10_000) {
		err = fmt.Errorf("the page: %d, %d bytes", resp.StatusCode, n)
	}
	return err
}

// crowded is a broker with a party about whom much was decided, and the session
// of its page.
func crowded(b *testing.B, disclosures int) (*http.Cookie, string) {
	b.Helper()
	db := pgtest.New(b, postgres.Migrate)
	folder, err := masking.OpenFolder(filepath.Join(b.TempDir(), "keys"), rand.Reader, true)
	must(b, err)
	now, log := func() time.Time { return noon }, slog.New(slog.DiscardHandler)
	store, err := postgres.Open(b.Context(), postgres.Config{
		URL: db.URL("bauta"), OwnerURL: db.URL("bauta_owner"), Keys: folder, Random: rand.Reader, Now: now, Log: log,
	})
	must(b, err)
	b.Cleanup(store.Close)
	engine, err := shipped()
	must(b, err)
	br := broker.New(broker.Deps{
		Store: store, Engine: engine, Now: now, Random: rand.Reader, Origin: store.SealingOrigin(), Staff: folder.Staff, Auditor: folder.Auditor, Once: folder.MAC,
	})
	vkey, _ := store.Verifier()
	must(b, br.Begin(b.Context(), store, vkey))
	crowd(b, br, disclosures)
	link, _, err := br.MakeLink(b.Context(), broker.Caller{Key: "bench"}, "b-1", nil)
	must(b, err)
	token, _, err := br.OpenPage(b.Context(), link.Token.Reveal())
	must(b, err)
	server := web.New(web.Deps{Broker: br, Keys: finder{store}, Ready: store.Ready, Checkpoint: store.Checkpoint, Ledger: store, Now: now, Random: rand.Reader, Log: log, Registry: prometheus.NewRegistry()})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(b, err)
	go func() { _ = server.Serve(l, "", "") }()
	b.Cleanup(func() { _ = server.Shutdown(context.WithoutCancel(b.Context())) })
	return &http.Cookie{Name: "bauta-me", Value: token.Reveal()}, "http://" + l.Addr().String()
}

// crowd gives b-1 its disclosures, ten of them in each order.
func crowd(b *testing.B, br *broker.Broker, disclosures int) {
	b.Helper()
	c, ctx := broker.Caller{Key: "bench"}, b.Context()
	value := func(s string) masking.Value { return masking.Value{Text: masking.NewText(s)} }
	for _, id := range []broker.PartyID{"b-1", "s-1"} {
		_, _, err := br.PutParty(ctx, c, id, broker.PartyInput{Kind: broker.Person, Source: broker.Source{Kind: "registration"}, Contact: broker.Contact{
			Values: map[masking.Field]masking.Value{masking.Name: value("Somebody " + string(id)), masking.Phone: value("+5587991935795")},
		}})
		must(b, err)
	}
	for t := range disclosures / 10 {
		id := broker.TransactionID(fmt.Sprintf("t-%d", t))
		_, _, err := br.PutTransaction(ctx, c, id, broker.TransactionInput{Transaction: broker.Transaction{
			Kind: necessity.ShippedGoods, Buyer: "b-1", Seller: "s-1", Currency: "BRL", Amount: 22165, Items: 1, CreatedAt: noon,
			Payment: broker.Prepaid, Handover: broker.Post, Rental: broker.Stay,
		}})
		must(b, err)
		for o, done := range map[broker.Obligation]string{broker.Pay: "221.65", broker.Accept: "1"} {
			_, _, err := br.Perform(ctx, broker.Caller{Key: "bench", Source: "payment"}, id, broker.PerformanceInput{Obligation: o, Done: done, PerformedAt: noon, Reference: string(o)}, nil)
			must(b, err)
		}
		for range 10 {
			_, _, err := br.Disclose(ctx, c, broker.DisclosureInput{Transaction: id, Requester: "s-1", Purpose: necessity.Deliver, Reveal: true}, nil)
			must(b, err)
		}
	}
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
