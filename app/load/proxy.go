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

// Step names a moment of one commit or read, as somebody between broker and
// database sees it.
type Step string

// The steps of a commit, in their order, and those of a read.
const (
	Asked    Step = "asked"     // the broker has asked, the database has not heard
	Torn     Step = "torn"      // the database has heard half of it
	Sent     Step = "sent"      // it has heard all, and may be at it
	Done     Step = "done"      // it is durable, and the broker has not heard
	Half     Step = "half"      // it is durable, and the broker has heard half of the answer
	Slow     Step = "slow"      // it is heard late, and answered late, and haltingly
	ReadTorn Step = "read torn" // the answer to a read ends in the middle
	ReadSlow Step = "read slow" // a read is heard late, and answered late, and haltingly
	Anytime  Step = "any time"  // at no step: nobody waits for one
)

// Steps are all of them that something has to come by for.
func Steps() []Step { return []Step{Asked, Torn, Sent, Done, Half, Slow, ReadTorn, ReadSlow} }

func (s Step) reads() bool { return s == ReadTorn || s == ReadSlow }

const (
	lateness = 400 * time.Millisecond // of one thing that is slow: asking, answering, and in the middle of that
	sluggish = 15 * time.Millisecond  // of everything, while a connection is slow
)

// Proxy stands between one broker and PostgreSQL on a Unix socket, and reads
// along: it knows a commit when it sees one (protocol 3.0 of PostgreSQL's
// documentation, chapter "Frontend/Backend Protocol").
type Proxy struct {
	dir, to string
	door    net.Listener
	trap    atomic.Pointer[trap]
	lag     atomic.Int64 // in nanoseconds: how much later all is heard and answered
	mu      sync.Mutex
	inside  map[net.Conn]bool
}

// trap is set for the next commit or read that comes by.
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

// Trap lets spring happen at a step of the next commit, or read, and the connection
// end there (but for a slow one). The channel is closed when it has happened.
func (p *Proxy) Trap(step Step, spring func()) <-chan struct{} {
	t := &trap{step: step, spring: spring, sprung: make(chan struct{})}
	p.trap.Store(t)
	return t.sprung
}

// Disarm takes back a trap that nobody has stepped into; false if somebody just has.
func (p *Proxy) Disarm() bool { return p.trap.Swap(nil) != nil }

// Lag makes everything late that goes through, either way.
func (p *Proxy) Lag(by time.Duration) { p.lag.Store(int64(by)) }

// wait is for what is late; the answer begins in time then, and stops in the middle.
func (p *Proxy) wait() { time.Sleep(time.Duration(p.lag.Load())) }

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
	fate             atomic.Int32    // of the next answer
	ready            chan struct{}   // the database is ready for the next thing, and its answer was held or torn
}

// What can become of an answer.
const (
	passes = iota
	held   // it stays here
	torn   // half of it passes
	late   // it passes late, and haltingly
)

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
		request, what, err := l.request()
		if err != nil {
			return
		}
		if t := l.caught(what); t != nil {
			if l.step(t, request) {
				continue
			}
			return
		}
		l.proxy.wait()
		if _, err := l.database.Write(request); err != nil {
			return
		}
	}
}

// caught is the trap that a request has stepped into.
func (l *link) caught(what sort) *trap {
	t := l.proxy.trap.Load()
	if t == nil || what == other || t.step.reads() != (what == read) || !l.proxy.trap.CompareAndSwap(t, nil) {
		return nil
	}
	return t
}

// step springs a trap with a request in hand; true if the connection goes on.
func (l *link) step(t *trap, request []byte) bool {
	defer close(t.sprung)
	switch t.step {
	case Torn:
		_, _ = l.database.Write(request[:len(request)/2])
	case Sent:
		_, _ = l.database.Write(request)
	case Done:
		l.answered(held, request)
	case Half, ReadTorn:
		l.answered(torn, request)
	case Slow, ReadSlow:
		time.Sleep(lateness)
		l.fate.Store(late)
		_, err := l.database.Write(request)
		t.spring()
		return err == nil
	default: // Asked
	}
	t.spring()
	return false
}

// answered waits until the database has answered, and the answer met its fate.
func (l *link) answered(fate int32, request []byte) {
	l.fate.Store(fate)
	if _, err := l.database.Write(request); err != nil {
		return
	}
	select {
	case <-l.ready:
	case <-time.After(10 * time.Second): // the database died at it
	}
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

// sort is what a request is.
type sort uint8

const (
	other  sort = iota
	read        // any other that has an answer of rows
	commit      // it appends to the ledger, or commits a transaction that does
)

// request reads up to the message that makes the database answer, and says what
// it is.
func (l *link) request() (request []byte, what sort, err error) {
	for {
		kind, message, err := message(l.broker)
		if err != nil {
			return nil, other, err
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
			if l.commits[string(name)] {
				what = commit
			}
			what = max(what, read)
		case 'Q':
			if bytes.HasPrefix(body, []byte("COMMIT")) {
				what = commit
			}
			return request, what, nil
		case 'S', 'X', 'H':
			return request, what, nil
		}
	}
}

// answers passes on what the database says, unless it has another fate.
func (l *link) answers() {
	defer l.cut()
	for {
		kind, message, err := message(l.database)
		if err != nil {
			return
		}
		said := kind == 'D' || kind == 'Z' // a row, or the end
		switch fate := l.fate.Load(); {
		case fate == held && kind != 'Z', fate == torn && !said:
			continue
		case fate == held, fate == torn:
			if fate == torn {
				_, _ = l.broker.Write(message[:len(message)/2])
			}
			l.ready <- struct{}{}
			return
		case fate == late && said:
			l.fate.Store(passes)
			time.Sleep(lateness)
			_, _ = l.broker.Write(message[:len(message)/2])
			time.Sleep(lateness)
			message = message[len(message)/2:]
		case kind == 'Z':
			l.proxy.wait()
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
