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
	"sync/atomic"
	"syscall"
	"time"

	"bauta.dev/bauta/app/postgres/cluster"
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

// Run kills and checks: every answer that any client received has its entry,
// nothing was done twice or unasked, a retry replays, and the ledger is whole.
func (k *Killing) Run(ctx context.Context) (r KillReport, err error) {
	if err := k.Server.Start(ctx); err != nil {
		return r, err
	}
	client, err := k.keys(ctx)
	if err != nil {
		return r, err
	}
	filled := k.Orders + k.Clients // each client takes back what was paid for one of its own
	if err := client.Fill(filled); err != nil {
		return r, fmt.Errorf("fill: %w", err)
	}
	k.Say("filled %d orders", filled)
	var base atomic.Pointer[Client]
	base.Store(client)
	crowd := gather(k.Clients, k.Orders, func(int) func() *Client { return base.Load })
	killing := k.kill(ctx, client, &base)
	crowd.end()
	if killing != nil {
		return r, killing
	}
	database, err := cluster.Attach(ctx, k.DataDir)
	if err != nil {
		return r, err
	}
	audit, err := newAudit(database, filled)
	if err != nil {
		return r, err
	}
	defer func() { _ = audit.db.Close() }()
	if r, err = crowd.verify(ctx, base.Load, audit); err != nil {
		return r, err
	}
	r.Entries, err = k.Server.check(ctx)
	return r, err
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
