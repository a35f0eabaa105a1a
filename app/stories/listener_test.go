package stories

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"bauta.dev/bauta/app/outbox"
	"bauta.dev/bauta/broker"
)

// listener is an endpoint of the marketplace. It takes a message over only if
// the library that others wrote verifies it.
type listener struct {
	*httptest.Server
	id int64

	mu      sync.Mutex
	secrets []string // any of which may verify
	heard   []heardMessage
	answer  func(heardMessage) int // nil: 204
	delay   time.Duration
	fault   string
}

// heardMessage is one attempt that arrived.
type heardMessage struct {
	id, kind, disclosure, transaction, at string
	index                                 int64
	signatures                            int
	body                                  string
	status                                int
}

// listen adds an endpoint to the house, told everything or the kinds that are named.
func (h *house) listen(t *testing.T, kinds ...broker.NoticeKind) *listener {
	t.Helper()
	l := &listener{}
	l.Server = httptest.NewServer(http.HandlerFunc(l.take))
	t.Cleanup(l.Close)
	e, err := h.store.AddEndpoint(t.Context(), l.URL+"/hook?token=Teixeira", kinds)
	if err != nil {
		t.Fatal(err)
	}
	l.id, l.secrets = e.ID, []string{outbox.FormatSecret(e.Secrets[0])}
	h.heed(t)
	t.Cleanup(func() {
		if l.fault != "" {
			t.Error(l.fault)
		}
	})
	return l
}

// heed has a broker see at once who listens; by itself it does within a second.
func (d *desk) heed(t *testing.T) {
	t.Helper()
	if _, err := d.store.Endpoints(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (l *listener) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	l.mu.Lock()
	defer l.mu.Unlock()
	verified := slices.ContainsFunc(l.secrets, func(secret string) bool {
		wh, e := standardwebhooks.NewWebhook(secret)
		return e == nil && wh.VerifyIgnoringTimestamp(body, r.Header) == nil // the story's clock is not the library's
	})
	if err != nil || !verified {
		l.fault = fmt.Sprintf("a message is not verified: %v %s", err, r.Header.Get("webhook-signature"))
	}
	if found := findValue(string(body) + r.Header.Get("webhook-id")); found != "" {
		l.fault = "a message holds " + found
	}
	var m struct {
		Type      string    `json:"type"`
		Timestamp time.Time `json:"timestamp"`
		Data      struct {
			Disclosure, Transaction string
			Ledger                  struct{ Index int64 }
		}
	}
	if err := json.Unmarshal(body, &m); err != nil {
		l.fault = "a message is not JSON: " + err.Error()
	}
	one := heardMessage{
		id: r.Header.Get("webhook-id"), kind: m.Type, disclosure: m.Data.Disclosure, transaction: m.Data.Transaction, index: m.Data.Ledger.Index,
		at: m.Timestamp.Format(time.RFC3339), signatures: len(strings.Fields(r.Header.Get("webhook-signature"))), body: string(body), status: http.StatusNoContent,
	}
	if l.answer != nil {
		one.status = l.answer(one)
	}
	l.heard = append(l.heard, one)
	delay := l.delay
	l.mu.Unlock()
	time.Sleep(delay)
	l.mu.Lock()
	w.WriteHeader(one.status)
}

// answers changes what it says.
func (l *listener) answers(f func(heardMessage) int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answer = f
}

// all that arrived so far.
func (l *listener) all() []heardMessage {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.heard)
}

// kinds are those of the messages that it took over, in order.
func (l *listener) kinds() string {
	var ks []string
	for _, m := range l.all() {
		if m.status < 300 {
			ks = append(ks, m.kind)
		}
	}
	return strings.Join(ks, " ")
}

// await waits until something is so.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	for range 6000 { // a minute: tests of other packages take both cores at times
		if so() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("it does not come about that %s", what)
}

// tell starts the outbox of a broker; the story may end it before its own end.
func (d *desk) tell(t *testing.T) (stop func()) {
	t.Helper()
	o := outbox.New(outbox.Deps{
		Store: d.store, Broker: d.broker, Client: outbox.NewClient(), Now: d.house.clock.now, Log: d.logger(),
		Timers: map[broker.TimerKind]outbox.Handler{broker.Tidying: d.broker.Tidy, broker.Reviewing: d.broker.TidyMerchant, broker.Judging: d.broker.TidyCase, broker.Mending: d.broker.TidyGlass},
	})
	return run(t, o.Run)
}

// putOff waits until an attempt has failed, and the next is written down for that much
// later: a clock that is moved before that moves the next one as well.
func (h *house) putOff(t *testing.T, endpoint int64, attempts int, wait time.Duration) {
	t.Helper()
	next := h.clock.now().Add(wait).Format(time.RFC3339Nano)
	h.await(t, fmt.Sprintf(`SELECT count(*) FROM outbox WHERE endpoint = %d AND state = 0 AND attempts = %d AND next_at = '%s'`, endpoint, attempts, next), "1")
}

// caughtUp waits until nobody waits for anything that is due, and all that was told is
// written down: what is not when the clock is moved past its lease is told again.
func (h *house) caughtUp(t *testing.T) {
	t.Helper()
	h.caughtUpButFor(t, 0)
}

// caughtUpButFor leaves out what nobody in this house knows.
func (h *house) caughtUpButFor(t *testing.T, kind int) {
	t.Helper()
	h.await(t, fmt.Sprintf(`SELECT count(*) FROM outbox WHERE state = 0 AND kind <> %d AND due_at <= '%s'`, kind, h.clock.now().Format(time.RFC3339Nano)), "0")
}

// grant has the seller ask for what she needs to deliver.
func (d *desk) grant(t *testing.T, transaction string) (id string) {
	t.Helper()
	r := d.disclose(t, transaction, "s-1", "deliver").want(t, http.StatusCreated, "decision", "granted")
	return r.at("id")
}
