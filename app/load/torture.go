package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"bauta.dev/bauta/app/postgres/cluster"
)

// Torture is a run in which several brokers share one database, and all that can
// go wrong between them goes wrong, in an order that a seed repeats.
type Torture struct {
	Binary  string
	Dir     string // empty, short (it holds sockets), reachable by other users
	Brokers int
	Clients int
	Orders  int
	Rounds  int
	Seed    uint64
	Log     io.Writer
	Say     func(format string, args ...any)

	cluster *cluster.Cluster
	members []*member
	seen    checkpoints
}

// member is one broker with its proxy. Its client changes with each start.
type member struct {
	server *Server
	proxy  *Proxy
	client atomic.Pointer[Client]
	keys   *Client // the keys that all share
}

// TortureReport is what was seen, and what the ledger said in the end.
type TortureReport struct {
	KillReport
	Sprung      map[string]int // by step and what happened at it
	Checkpoints int            // different ones that were seen, each found again
}

// Run tortures and checks: every value that any client received has its entry,
// no entry is there twice, a retry replays, every checkpoint that anybody saw is
// one of the log, and the log is whole.
func (t *Torture) Run(ctx context.Context) (r TortureReport, err error) {
	if err := t.open(ctx); err != nil {
		return r, err
	}
	defer t.close(context.WithoutCancel(ctx))
	stop := make(chan struct{})
	logs := make([]received, t.Clients)
	var wg sync.WaitGroup
	for c := range t.Clients {
		wg.Go(func() { logs[c].disclose(c, t.Orders, t.any(uint64(c)), stop) }) //nolint:gosec // a number
	}
	wg.Go(func() { t.watch(stop) })
	r.Sprung, err = t.rounds(ctx)
	close(stop)
	wg.Wait()
	if err != nil {
		return r, err
	}
	k := &Killing{Server: t.members[0].server, Say: t.Say}
	if r.KillReport, err = k.verify(ctx, t.members[0].client.Load(), logs); err != nil {
		return r, err
	}
	r.Checkpoints, err = t.seen.compare(ctx, t.cluster)
	return r, err
}

// open starts the database, and the brokers one after the other: the first one
// makes the keys that the others share.
func (t *Torture) open(ctx context.Context) (err error) {
	data := filepath.Join(t.Dir, "data")
	if t.cluster, err = cluster.Start(ctx, cluster.Config{Dir: data, Restart: true}); err != nil {
		return err
	}
	var keys *Client
	for i := range t.Brokers {
		m := &member{}
		t.members = append(t.members, m)
		if m.proxy, err = NewProxy(filepath.Join(t.Dir, "p"+strconv.Itoa(i)), t.cluster.Host()); err != nil {
			return err
		}
		m.server = &Server{Binary: t.Binary, Log: t.Log, Env: []string{
			"BAUTA_DATABASE_URL=" + m.proxy.URL(cluster.RoleOwner), "BAUTA_KEYS=" + filepath.Join(t.Dir, "keys"),
			"BAUTA_DATA_DIR=" + filepath.Join(t.Dir, "b"+strconv.Itoa(i)), "BAUTA_ADDR=127.0.0.1:0",
			"BAUTA_RATE_LIMIT=0", "BAUTA_DISCLOSURE_LIMIT=0",
		}}
		if err := m.start(ctx, t.Clients); err != nil {
			return err
		}
		if keys == nil {
			if keys, err = (&Killing{Server: m.server, Clients: t.Clients}).keys(ctx); err != nil {
				return err
			}
		}
		m.keys = keys
		m.dial(t.Clients)
	}
	if err := t.members[0].client.Load().Fill(t.Orders); err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	t.Say("%d brokers, %d orders", t.Brokers, t.Orders)
	return nil
}

func (m *member) start(ctx context.Context, clients int) error {
	if err := m.server.Start(ctx); err != nil {
		return err
	}
	if m.keys != nil {
		m.dial(clients)
	}
	return nil
}

func (m *member) dial(clients int) {
	c := Dial(m.server.URL, max(clients, 64))
	c.Market, c.Attest = m.keys.Market, m.keys.Attest
	m.client.Store(c)
}

func (t *Torture) close(ctx context.Context) {
	for _, m := range t.members {
		if m.server != nil && m.server.cmd != nil {
			_, _ = m.server.Stop()
		}
		if m.proxy != nil {
			m.proxy.Close()
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	_ = t.cluster.Stop(ctx)
}

// any chooses a broker for each try: a retry goes to another one, as behind a
// balancer.
func (t *Torture) any(client uint64) func() *Client {
	random := rand.New(rand.NewPCG(t.Seed, client)) //nolint:gosec // a seed repeats a run
	return func() *Client { return t.members[random.IntN(len(t.members))].client.Load() }
}

// blow is something that happens at a step, or at any moment.
type blow struct {
	name string
	fall func(ctx context.Context, m *member) (heal func() error)
}

// blows are what happens. Each gives what puts things right again.
func (t *Torture) blows() []blow {
	nothing := func() error { return nil }
	return []blow{
		{"the connection is cut", func(context.Context, *member) func() error { return nothing }},
		{"the broker is killed", func(ctx context.Context, m *member) func() error {
			_ = m.server.Kill()
			return func() error { return m.start(ctx, t.Clients) }
		}},
		{"the database is killed", func(context.Context, *member) func() error {
			_ = killPostmaster(filepath.Join(t.Dir, "data"))
			return nothing
		}},
		{"the broker freezes", func(_ context.Context, m *member) func() error {
			_ = syscall.Kill(m.server.Pid(), syscall.SIGSTOP)
			return func() error {
				time.Sleep(1500 * time.Millisecond)
				return syscall.Kill(m.server.Pid(), syscall.SIGCONT)
			}
		}},
		{"the disk is full", func(ctx context.Context, _ *member) func() error {
			_ = t.fileSize(ctx, "65536")
			return func() error {
				time.Sleep(700 * time.Millisecond)
				return t.fileSize(ctx, "unlimited")
			}
		}},
	}
}

// fileSize limits what any process of the server may write to a file: beyond
// it a write fails as on a full disk, and the server has to cope as with one.
func (t *Torture) fileSize(ctx context.Context, limit string) error {
	pid := t.cluster.Pid()
	if pid == 0 {
		return nil // it is being started again, without a limit
	}
	pids := []string{strconv.Itoa(pid)}
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid)) // it may have died
	for _, child := range append(pids, strings.Fields(string(children))...) {
		_ = exec.CommandContext(ctx, "prlimit", "--pid", child, "--fsize="+limit+":unlimited").Run() //nolint:gosec // pids of our own server; a child may have ended
	}
	return nil
}

// rounds springs every blow at every step, in an order that the seed decides,
// and begins again until there were as many as asked for.
func (t *Torture) rounds(ctx context.Context) (map[string]int, error) {
	random := rand.New(rand.NewPCG(t.Seed, 0)) //nolint:gosec // a seed repeats a run
	blows, steps := t.blows(), Steps()
	sprung := map[string]int{}
	var order []int
	for round := range t.Rounds {
		if len(order) == 0 {
			order = random.Perm(len(blows) * len(steps))
		}
		b, step := blows[order[0]%len(blows)], steps[order[0]/len(blows)]
		order = order[1:]
		m := t.members[random.IntN(len(t.members))]
		heal := func() error { return nil }
		hit := m.proxy.Trap(step, func() { heal = b.fall(ctx, m) })
		select {
		case <-hit:
			sprung[string(step)+": "+b.name]++
			t.Say("%d: %s: %s", round+1, step, b.name)
		case <-time.After(5 * time.Second):
			m.proxy.Disarm()
			t.Say("%d: no commit came by", round+1)
		}
		if err := heal(); err != nil {
			return sprung, fmt.Errorf("after %s at %s: %w", b.name, step, err)
		}
		time.Sleep(time.Duration(50+random.IntN(250)) * time.Millisecond)
	}
	return sprung, t.settle()
}

// settle waits until every broker answers again.
func (t *Torture) settle() error {
	deadline := time.Now().Add(30 * time.Second)
	for _, m := range t.members {
		for {
			_, err := m.client.Load().Disclose(0, "")
			if err == nil {
				break
			}
			if time.Now().After(deadline) {
				return fmt.Errorf("a broker does not come back: %w", err)
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	return nil
}

// checkpoints are those that somebody saw, by size.
type checkpoints struct {
	mu   sync.Mutex
	seen map[string]string // the size, and the root
	fork error
}

// watch asks all brokers for their newest checkpoint, again and again.
func (t *Torture) watch(stop <-chan struct{}) {
	client := &http.Client{Timeout: time.Second}
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		case <-time.After(20 * time.Millisecond):
		}
		resp, err := client.Get(t.members[i%len(t.members)].server.URL + "/ledger/checkpoint") //nolint:noctx // it has a timeout
		if err != nil {
			continue
		}
		note, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
		_ = resp.Body.Close()
		if err == nil && resp.StatusCode == http.StatusOK {
			t.seen.add(note)
		}
	}
}

var errFork = errors.New("two checkpoints of one size have different roots")

func (c *checkpoints) add(note []byte) {
	lines := bytes.SplitN(note, []byte("\n"), 4)
	if len(lines) < 4 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil {
		c.seen = map[string]string{}
	}
	size, root := string(lines[1]), string(lines[2])
	if other, ok := c.seen[size]; ok && other != root {
		c.fork = fmt.Errorf("at %s: %w", size, errFork)
	}
	c.seen[size] = root
}

// compare looks every checkpoint that was seen up in the log, whose rows
// "ledger check" has just verified.
func (c *checkpoints) compare(ctx context.Context, in *cluster.Cluster) (int, error) {
	if c.fork != nil {
		return 0, c.fork
	}
	psql, err := exec.LookPath("psql")
	if err != nil {
		return 0, fmt.Errorf("look checkpoints up: %w", err)
	}
	out, err := exec.CommandContext(ctx, psql, "-XAt", in.URL(cluster.RoleOwner), //nolint:gosec // our own database
		"-c", `SELECT size || ' ' || encode(root, 'base64') FROM ledger_checkpoints`).Output()
	if err != nil {
		return 0, fmt.Errorf("look checkpoints up: %w", err)
	}
	stored := map[string]string{}
	for line := range strings.Lines(string(out)) {
		size, root, _ := strings.Cut(strings.TrimSpace(line), " ")
		stored[size] = root
	}
	for size, root := range c.seen {
		if stored[size] != root {
			return 0, fmt.Errorf("a checkpoint of size %s was seen, and is not the log's", size)
		}
	}
	return len(c.seen), nil
}
