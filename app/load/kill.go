package load

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Killing is a run in which broker and database are killed under load.
type Killing struct {
	Server  *Server
	DataDir string
	Clients int
	Orders  int
	Brokers int // how often the broker is killed
	Servers int // how often PostgreSQL is
	Seed    uint64
	Say     func(format string, args ...any)
}

// KillReport is what was seen, and whether it holds together.
type KillReport struct {
	Received int // disclosures with values that some client received
	Replayed int // retries that were answered
	Entries  string
}

// Run kills and checks: every value that any client received has its entry, no
// entry is there twice, a retry replays, and the ledger is whole.
func (k *Killing) Run(ctx context.Context) (KillReport, error) {
	if err := k.Server.Start(ctx); err != nil {
		return KillReport{}, err
	}
	client, err := k.keys(ctx)
	if err != nil {
		return KillReport{}, err
	}
	if err := client.Fill(k.Orders); err != nil {
		return KillReport{}, fmt.Errorf("fill: %w", err)
	}
	k.Say("filled %d orders", k.Orders)
	var base atomic.Pointer[Client]
	base.Store(client)
	stop := make(chan struct{})
	logs := make([]received, k.Clients)
	var wg sync.WaitGroup
	for c := range k.Clients {
		wg.Go(func() { logs[c].disclose(c, k.Orders, base.Load, stop) })
	}
	killing := k.kill(ctx, client, &base)
	close(stop)
	wg.Wait()
	if killing != nil {
		return KillReport{}, killing
	}
	return k.verify(ctx, base.Load(), logs)
}

func (k *Killing) keys(ctx context.Context) (*Client, error) {
	client := Dial(k.Server.URL, k.Clients)
	var err error
	if client.Market, err = k.Server.Run(ctx, "key", "create", "--scope", "marketplace"); err != nil {
		return nil, err
	}
	client.Attest, err = k.Server.Run(ctx, "key", "create", "--scope", "attest", "--source", "payment")
	return client, err
}

// kill does the killing, in an order that the seed decides.
func (k *Killing) kill(ctx context.Context, client *Client, base *atomic.Pointer[Client]) error {
	random := rand.New(rand.NewPCG(k.Seed, 1)) //nolint:gosec // a seed repeats a run
	turns := make([]bool, k.Brokers+k.Servers)
	for i := range k.Brokers {
		turns[i] = true
	}
	random.Shuffle(len(turns), func(i, j int) { turns[i], turns[j] = turns[j], turns[i] })
	for i, broker := range turns {
		time.Sleep(time.Duration(300+random.IntN(900)) * time.Millisecond)
		if broker {
			k.Say("%d: SIGKILL to the broker", i+1)
			if err := k.Server.Kill(); err != nil {
				return fmt.Errorf("kill broker: %w", err)
			}
			if err := k.Server.Start(ctx); err != nil {
				return fmt.Errorf("start after kill: %w", err)
			}
			next := Dial(k.Server.URL, k.Clients)
			next.Market, next.Attest = client.Market, client.Attest
			base.Store(next)
			continue
		}
		k.Say("%d: SIGKILL to PostgreSQL", i+1)
		if err := killPostmaster(k.DataDir); err != nil {
			return err
		}
	}
	time.Sleep(2 * time.Second)
	return nil
}

func killPostmaster(dataDir string) error {
	b, err := os.ReadFile(filepath.Join(dataDir, "postgres", "postmaster.pid")) //nolint:gosec // our own folder
	if err != nil {
		return nil // it is being started again this very moment
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 {
		return errors.New("postmaster.pid holds no process")
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill PostgreSQL: %w", err)
	}
	return nil
}

// received is what one client got, and what it still has to retry.
type received struct {
	got      []Disclosure
	replayed int
	wrong    error
}

// disclose asks again and again; after an error it retries with the same
// idempotency key, as a careful caller would, to whom to says.
func (r *received) disclose(c, orders int, to func() *Client, stop <-chan struct{}) {
	for i := 0; ; i++ {
		once := fmt.Sprintf("c%d-%d", c, i)
		order := (c*7919 + i) % orders
		for try := 0; ; try++ {
			select {
			case <-stop:
				return
			default:
			}
			d, err := to().Disclose(order, once)
			if err == nil {
				r.got = append(r.got, d)
				if try > 0 {
					r.replayed++
				}
				break
			}
			if s, ok := errors.AsType[*StatusError](err); ok && s.Status != 503 && s.Status != 409 && s.Status != 429 {
				r.wrong = err
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// verify asks the broker, and the ledger itself, about everything received.
func (k *Killing) verify(ctx context.Context, client *Client, logs []received) (report KillReport, err error) {
	places := map[int64]string{}
	ids := map[string]bool{}
	var all []Disclosure
	for _, r := range logs {
		if r.wrong != nil {
			return report, fmt.Errorf("a client was refused: %w", r.wrong)
		}
		report.Replayed += r.replayed
		for _, d := range r.got {
			if ids[d.ID] {
				return report, fmt.Errorf("disclosure %s was given for two requests", d.ID)
			}
			if other, twice := places[d.Ledger.Index]; twice {
				return report, fmt.Errorf("entry %d stands for %s and %s", d.Ledger.Index, other, d.ID)
			}
			ids[d.ID], places[d.Ledger.Index] = true, d.ID
			all = append(all, d)
		}
	}
	report.Received = len(all)
	k.Say("%d disclosures with values were received, %d of them by retry; looking each up", len(all), report.Replayed)
	err = parallel(16, len(all), func(i int) error {
		var found Disclosure
		if err := client.Do("GET", "/v1/disclosures/"+all[i].ID, client.Market, "", &found); err != nil {
			return fmt.Errorf("a value was received, and disclosure %s is not there: %w", all[i].ID, err)
		}
		if found.Ledger != all[i].Ledger {
			return fmt.Errorf("disclosure %s was at entry %d and is now at %d", all[i].ID, all[i].Ledger.Index, found.Ledger.Index)
		}
		return nil
	})
	if err != nil {
		return report, err
	}
	out, err := k.Server.Run(ctx, "ledger", "check")
	lines := strings.Split(out, "\n")
	report.Entries = lines[len(lines)-1]
	return report, err
}
