package load

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Step names a moment of one commit, as somebody between broker and database
// sees it.
type Step string

// The steps of a commit, in their order.
const (
	Asked Step = "asked" // the broker has asked, the database has not heard
	Torn  Step = "torn"  // the database has heard half of it
	Sent  Step = "sent"  // it has heard all, and may be at it
	Done  Step = "done"  // it is durable, and the broker has not heard
	Slow  Step = "slow"  // it is heard late, and answered late
)

// Steps are all of them.
func Steps() []Step { return []Step{Asked, Torn, Sent, Done, Slow} }

// lateness is how much later a slow commit is heard.
const lateness = 400 * time.Millisecond

// Proxy stands between one broker and PostgreSQL on a Unix socket, and reads
// along: it knows a commit when it sees one (protocol 3.0 of PostgreSQL's
// documentation, chapter "Frontend/Backend Protocol").
type Proxy struct {
	dir, to string
	door    net.Listener
	trap    atomic.Pointer[trap]
	mu      sync.Mutex
	inside  map[net.Conn]bool
}

// trap is set for the next commit that comes by.
type trap struct {
	step   Step
	spring func()        // what happens at that step, besides the cut
	sprung chan struct{} // closed when it has
}

const socketName = ".s.PGSQL.5432"

// NewProxy opens a door in dir before the server whose socket is in host.
func NewProxy(dir, host string) (*Proxy, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // brokers of any user may come
		return nil, fmt.Errorf("make folder of proxy: %w", err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, socketName)) //nolint:noctx // it lives as long as the run
	if err != nil {
		return nil, fmt.Errorf("open proxy: %w", err)
	}
	p := &Proxy{dir: dir, to: filepath.Join(host, socketName), door: l, inside: map[net.Conn]bool{}}
	go p.admit()
	return p, nil
}

// URL is the database as the broker behind this proxy is told it.
func (p *Proxy) URL(role string) string { return "postgres://" + role + "@/bauta?host=" + p.dir }

// Close ends all that goes through.
func (p *Proxy) Close() {
	_ = p.door.Close()
	p.cutAll()
}

// Trap lets spring happen at a step of the next commit, and the connection end
// there (but for a slow one). The channel is closed when it has happened.
func (p *Proxy) Trap(step Step, spring func()) <-chan struct{} {
	t := &trap{step: step, spring: spring, sprung: make(chan struct{})}
	p.trap.Store(t)
	return t.sprung
}

// Disarm takes back a trap that nobody has stepped into.
func (p *Proxy) Disarm() { p.trap.Store(nil) }

func (p *Proxy) admit() {
	for {
		in, err := p.door.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("unix", p.to) //nolint:noctx // a socket answers at once, or is not there
		if err != nil {
			_ = in.Close()
			continue
		}
		l := &link{proxy: p, broker: in, database: out, commits: map[string]bool{}, ready: make(chan struct{}, 1)}
		p.mu.Lock()
		p.inside[in], p.inside[out] = true, true
		p.mu.Unlock()
		go l.answers()
		go l.asks()
	}
}

func (p *Proxy) cutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.inside {
		_ = c.Close()
	}
	p.inside = map[net.Conn]bool{}
}

// link is one connection through the proxy.
type link struct {
	proxy            *Proxy
	broker, database net.Conn
	commits          map[string]bool // names of prepared statements that append to the ledger
	held             atomic.Bool     // answers stay here
	ready            chan struct{}   // the database is ready for the next thing, and its answer was held
}

func (l *link) cut() {
	_ = l.broker.Close()
	_ = l.database.Close()
	l.proxy.mu.Lock()
	delete(l.proxy.inside, l.broker)
	delete(l.proxy.inside, l.database)
	l.proxy.mu.Unlock()
}

// asks passes on what the broker says, one request at a time.
func (l *link) asks() {
	defer l.cut()
	if err := l.greet(); err != nil {
		return
	}
	for {
		request, commit, err := l.request()
		if err != nil {
			return
		}
		if commit {
			if t := l.proxy.trap.Swap(nil); t != nil {
				if l.step(t, request) {
					continue
				}
				return
			}
		}
		if _, err := l.database.Write(request); err != nil {
			return
		}
	}
}

// step springs a trap with a commit in hand; true if the connection goes on.
func (l *link) step(t *trap, request []byte) bool {
	defer close(t.sprung)
	switch t.step {
	case Asked:
	case Torn:
		_, _ = l.database.Write(request[:len(request)/2])
	case Sent:
		_, _ = l.database.Write(request)
	case Done:
		l.held.Store(true)
		if _, err := l.database.Write(request); err == nil {
			select {
			case <-l.ready:
			case <-time.After(10 * time.Second): // the database died at it
			}
		}
	case Slow:
		time.Sleep(lateness)
		_, err := l.database.Write(request)
		t.spring()
		return err == nil
	}
	t.spring()
	return false
}

// greet passes on the startup packet, which alone has no type.
func (l *link) greet() error {
	var size [4]byte
	if _, err := io.ReadFull(l.broker, size[:]); err != nil {
		return err
	}
	body, err := payload(l.broker, size)
	if err != nil {
		return err
	}
	_, err = l.database.Write(append(size[:], body...))
	return err
}

// request reads up to the message that makes the database answer, and says
// whether it appends to the ledger or commits a transaction that does.
func (l *link) request() (request []byte, commit bool, err error) {
	for {
		kind, message, err := message(l.broker)
		if err != nil {
			return nil, false, err
		}
		request = append(request, message...)
		body := message[5:]
		switch kind {
		case 'P':
			name, rest, _ := bytes.Cut(body, []byte{0})
			if bytes.Contains(rest, []byte("INSERT INTO ledger_checkpoints")) {
				l.commits[string(name)] = true
			}
		case 'B':
			_, rest, _ := bytes.Cut(body, []byte{0}) // the portal
			name, _, _ := bytes.Cut(rest, []byte{0})
			commit = commit || l.commits[string(name)]
		case 'Q':
			return request, commit || bytes.HasPrefix(body, []byte("COMMIT")), nil
		case 'S', 'X', 'H':
			return request, commit, nil
		}
	}
}

// answers passes on what the database says, unless it is held.
func (l *link) answers() {
	defer l.cut()
	for {
		kind, message, err := message(l.database)
		if err != nil {
			return
		}
		if l.held.Load() {
			if kind == 'Z' {
				l.ready <- struct{}{}
				return
			}
			continue
		}
		if _, err := l.broker.Write(message); err != nil {
			return
		}
	}
}

var errLong = errors.New("a message that is too long")

// message reads one message: its type, and all its bytes.
func message(from io.Reader) (kind byte, whole []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return 0, nil, err
	}
	body, err := payload(from, [4]byte(head[1:]))
	return head[0], append(head[:], body...), err
}

func payload(from io.Reader, size [4]byte) ([]byte, error) {
	n := binary.BigEndian.Uint32(size[:])
	if n < 4 || n > 1<<28 {
		return nil, errLong
	}
	body := make([]byte, n-4)
	_, err := io.ReadFull(from, body)
	return body, err
}
