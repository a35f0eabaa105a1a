package load

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"bauta.dev/bauta/app/postgres/cluster"
)

// Torture is a run in which several brokers share one database, and all that can
// go wrong between them goes wrong, as a seed plans it.
type Torture struct {
	Binary  string // built with the tag jumping: its clock can be set
	Dir     string // empty, short (it holds sockets), reachable by other users
	Brokers int
	Clients int
	Orders  int
	Rounds  int
	Seed    uint64
	Log     io.Writer
	Say     func(format string, args ...any)

	cluster *cluster.Cluster
	disk    *disk
	members []*member
	witness *onlooker
	seen    checkpoints
	crowd   *crowd
	audit   audit
}

// member is one broker with its proxy and its clock. Its client changes with each start.
type member struct {
	server *Server
	proxy  *Proxy
	clock  string // the file that it is read from
	client atomic.Pointer[Client]
	keys   *Client // the keys that all share
}

// TortureReport is what was seen, and what the ledger said in the end.
type TortureReport struct {
	KillReport
	Sprung      map[string]int // by step and what happened at it
	Checkpoints int            // different ones that were seen, each found again
	InFile      int            // of those in the checkpoint file
	Cosigned    int            // checkpoints whose cosignature a broker has kept
	Hours       int            // between the earliest and the latest entry: the clocks jumped
}

// Run tortures and checks, a little after each round and all of it in the end:
// every answer that any client received has its entry, nothing was done that nobody
// asked for, or twice, what is asked again replays, every checkpoint that anybody
// saw is one of the log, and the log is whole.
func (t *Torture) Run(ctx context.Context) (r TortureReport, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w (once more: make torture SEED=%d ROUNDS=%d BROKERS=%d)", err, t.Seed, t.Rounds, t.Brokers)
		}
	}()
	defer t.close(context.WithoutCancel(ctx))
	if err := t.open(ctx); err != nil {
		return r, err
	}
	stop := make(chan struct{})
	t.crowd = gather(t.Clients, t.Orders, t.any)
	t.crowd.wait.Go(func() { t.watch(stop) })
	r.Sprung, err = t.rounds(ctx)
	close(stop)
	t.crowd.end()
	if err != nil {
		return r, err
	}
	return r, t.verify(ctx, &r)
}

func (t *Torture) verify(ctx context.Context, r *TortureReport) (err error) {
	for _, m := range t.members { // nothing goes wrong any more: what takes long is a busy machine
		m.client.Load().http.ReadTimeout = 0
	}
	if r.KillReport, err = t.crowd.verify(ctx, t.any(t.Clients), t.audit); err != nil {
		return err
	}
	if err := t.look(ctx); err != nil {
		return err
	}
	if r.Hours, err = t.audit.hours(ctx); err != nil {
		return err
	}
	// All of them once more: nothing was taken back since.
	if err := t.audit.checkpoints(ctx, t.seen.seen); err != nil {
		return err
	}
	if err := t.audit.checkpoints(ctx, t.witness.last()); err != nil {
		return err
	}
	if r.Cosigned, err = t.witness.verify(ctx, t.audit); err != nil {
		return err
	}
	r.Checkpoints, r.InFile = len(t.seen.seen), t.seen.inFile
	r.Entries, err = t.members[0].server.check(ctx)
	return err
}

// open starts the database, and the brokers one after the other: the first one
// makes the keys that the others share.
func (t *Torture) open(ctx context.Context) (err error) {
	data := filepath.Join(t.Dir, "data")
	if t.disk, err = mount(ctx, data); err != nil {
		return err
	}
	if t.cluster, err = cluster.Start(ctx, cluster.Config{Dir: data, Restart: true, Settings: t.disk.settings()}); err != nil {
		return err
	}
	filled := t.Orders + t.Clients // each client takes back what was paid for one of its own
	if t.audit, err = newAudit(t.cluster, filled); err != nil {
		return err
	}
	t.seen.file = filepath.Join(t.Dir, "checkpoints")
	if t.witness, err = newOnlooker(ctx, t.Dir, t.Seed); err != nil {
		return err
	}
	for i := range t.Brokers {
		if err := t.join(ctx, strconv.Itoa(i)); err != nil {
			return err
		}
	}
	if err := t.witness.know(ctx, t.members[0].server); err != nil {
		return err
	}
	if err := t.members[0].keys.Fill(filled); err != nil { // this one has patience
		return fmt.Errorf("fill: %w", err)
	}
	t.Say("%d brokers, %d orders; %s", t.Brokers, filled, t.disk)
	return nil
}

// join starts another broker.
func (t *Torture) join(ctx context.Context, name string) (err error) {
	m := &member{clock: filepath.Join(t.Dir, "c"+name)}
	t.members = append(t.members, m)
	if m.proxy, err = NewProxy(filepath.Join(t.Dir, "p"+name), t.cluster.Host()); err != nil {
		return err
	}
	m.server = &Server{Binary: t.Binary, Log: t.Log, Env: []string{
		"BAUTA_DATABASE_URL=" + m.proxy.URL(cluster.RoleOwner), "BAUTA_KEYS=" + filepath.Join(t.Dir, "keys"),
		"BAUTA_DATA_DIR=" + filepath.Join(t.Dir, "b"+name), "BAUTA_CHECKPOINT_FILE=" + t.seen.file, "BAUTA_ADDR=127.0.0.1:0",
		"BAUTA_RATE_LIMIT=0", "BAUTA_DISCLOSURE_LIMIT=0", "BAUTA_CLOCK=" + m.clock,
		"BAUTA_WITNESSES=" + t.witness.policy,
	}}
	if err := m.start(ctx, t.Clients); err != nil {
		return err
	}
	if len(t.members) > 1 {
		m.keys = t.members[0].keys
	} else if m.keys, err = (&Killing{Server: m.server, Clients: max(t.Clients, 64)}).keys(ctx); err != nil {
		return err
	}
	m.dial(t.Clients)
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

// patience is how long a client waits for an answer. Then it asks elsewhere, while
// the first broker may still be at it.
const patience = time.Second

func (m *member) dial(clients int) {
	c := Dial(m.server.URL, max(clients, 64))
	c.http.ReadTimeout = patience
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
	if t.witness != nil && t.witness.server != nil {
		_ = t.witness.server.Close()
	}
	if t.audit.db != nil {
		_ = t.audit.db.Close()
	}
	if t.cluster != nil {
		_ = t.cluster.Stop(ctx)
	}
	if t.disk != nil {
		t.disk.unmount(ctx)
	}
}

// any chooses a broker for each try: a retry goes to another one, as behind a
// balancer.
func (t *Torture) any(client int) func() *Client {
	random := rand.New(rand.NewPCG(t.Seed, uint64(client)+1)) //nolint:gosec // a seed repeats a run
	return func() *Client { return t.members[random.IntN(len(t.members))].client.Load() }
}

// rounds does what the plan says, and looks after each round.
func (t *Torture) rounds(ctx context.Context) (map[string]int, error) {
	sprung := map[string]int{}
	falls := t.falls()
	for i, f := range Plan(t.Seed, t.Rounds, len(t.members)) {
		time.Sleep(f.Wait)
		m := t.members[f.Against]
		heal := func() error { return nil }
		fall := func() { heal = falls[f.Blow](ctx, m, f) }
		if t.spring(m, f, fall) {
			sprung[string(f.At)+": "+string(f.Blow)]++
			t.Say("%d: broker %d, %s: %s %s", i+1, f.Against, f.At, f.Blow, f.offset())
		} else {
			t.Say("%d: broker %d, %s: nothing came by", i+1, f.Against, f.At)
		}
		err := heal()
		if err == nil {
			err = t.look(ctx)
		}
		if err != nil {
			return sprung, fmt.Errorf("round %d, %s at %q against broker %d: %w", i+1, f.Blow, f.At, f.Against, err)
		}
	}
	return sprung, nil
}

// spring waits for a step and lets the blow fall; false if nobody comes by.
func (t *Torture) spring(m *member, f Fault, fall func()) bool {
	if f.At == Anytime {
		fall()
		return true
	}
	hit := m.proxy.Trap(f.At, fall)
	select {
	case <-hit:
		return true
	case <-time.After(5 * time.Second):
	}
	if m.proxy.Disarm() {
		return false
	}
	<-hit // it came by just now
	return true
}

func (f Fault) offset() string {
	if f.Blow != Jumped {
		return ""
	}
	return "to " + f.Clock.String()
}

// How much is looked at after each round.
const (
	lookedUp = 500
	repeats  = 4
)

// look is the check after a round: of what came since the last one every checkpoint,
// and some of the answers, of which some are asked for again; and nothing is there
// that nobody asked for.
func (t *Torture) look(ctx context.Context) error {
	answers := t.crowd.answers()
	t.seen.answers(answers)
	if err := t.seen.records(); err != nil {
		return err
	}
	fresh, err := t.seen.unseen()
	if err != nil {
		return err
	}
	for _, do := range []func() error{
		func() error { return t.audit.checkpoints(ctx, fresh) },
		func() error { return t.audit.entries(ctx, few(answers, lookedUp)) },
		func() error { return t.audit.once(ctx, t.crowd.asked, false) },
	} {
		if err := patiently(ctx, do); err != nil {
			return err
		}
	}
	to := t.any(len(answers))
	for _, a := range few(answers, repeats) {
		if err := patiently(ctx, func() error { return found(a.repeat(to())) }); err != nil {
			return err
		}
	}
	return nil
}
