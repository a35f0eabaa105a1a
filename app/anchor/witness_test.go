package anchor_test

import (
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"bauta.dev/bauta/app/anchor"
	"bauta.dev/bauta/app/anchor/witnesstest"
)

// witness is one behind HTTP, of which a test sees what it was asked, and that lies
// as the test says.
type witness struct {
	*witnesstest.Witness

	url   string
	mu    sync.Mutex
	asked int
	slow  chan struct{} // not nil: answers wait for it
	lies  func(status int, body string) (int, string)
}

func newWitness(t *testing.T, name string, log note.Verifier) *witness {
	t.Helper()
	core, err := witnesstest.New(rand.Reader, name, log)
	if err != nil {
		t.Fatal(err)
	}
	w := &witness{Witness: core}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

func policy(t *testing.T, all ...*witness) []anchor.Witness {
	t.Helper()
	text := "# who cosigns\n"
	for _, w := range all {
		text += w.Line(w.url)
	}
	parsed, err := anchor.ParseWitnesses([]byte(text + "group all any " + all[0].Signer.Name() + "\nquorum all\n"))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// set changes how it behaves.
func (w *witness) set(do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	do()
}

func (w *witness) size() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.Last.Size
}

func (w *witness) times() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked
}

func (w *witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	w.mu.Lock()
	slow := w.slow
	w.mu.Unlock()
	if slow != nil {
		select {
		case <-slow:
		case <-r.Context().Done():
			return
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	if err != nil || r.Method != http.MethodPost || r.URL.Path != "/add-checkpoint" {
		rw.WriteHeader(http.StatusBadRequest)
		return
	}
	status, answer := w.Add(string(body))
	if w.lies != nil {
		status, answer = w.lies(status, answer)
	}
	if status == http.StatusConflict {
		rw.Header().Set("Content-Type", "text/x.tlog.size")
	}
	rw.WriteHeader(status)
	_, _ = io.WriteString(rw, answer)
}

// A policy is read for its witnesses; what is not right is refused by its line,
// and never repeated.
func TestParseWitnesses(t *testing.T) {
	t.Parallel()
	_, vkey, err := note.GenerateKey(rand.Reader, "w.example")
	if err != nil {
		t.Fatal(err)
	}
	good := "witness w " + vkey + " https://w.example/secret\n"
	got, err := anchor.ParseWitnesses([]byte("log x\n\n  # comment\n" + good + "quorum w\n"))
	if err != nil || len(got) != 1 || got[0].Name != "w" || got[0].Verifier.Name() != "w.example" {
		t.Fatalf("got %d witnesses, %v", len(got), err)
	}
	if _, err := anchor.ParseWitnesses([]byte(strings.ReplaceAll("# mine\n"+good, "\n", "\r\n"))); err == nil || !strings.Contains(err.Error(), "line 1: it ends with a carriage return") {
		t.Errorf("from another system: %v", err)
	}
	for name, bad := range map[string]string{
		"nobody":                 "quorum none\n",
		"no URL":                 "witness w " + vkey + "\n",
		"a key of nothing":       "witness w w.example+secret https://w.example\n",
		"the same twice":         good + good,
		"the same key twice":     good + "witness v " + vkey + " https://v.example/secret\n",
		"another word":           good + "secret\n",
		"in clear":               "witness w " + vkey + " http://w.example/secret\n",
		"with a password":        "witness w " + vkey + " https://a:secret@w.example/\n",
		"a file":                 "witness w " + vkey + " file:///secret\n",
		"a number in the way":    "witness w " + vkey + " https://w.example/ secret\n",
		"more than can be asked": strings.Repeat(good, 33),
	} {
		if got, err := anchor.ParseWitnesses([]byte(bad)); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %d witnesses, %v", name, len(got), err)
		}
	}
}

// soon waits for what another goroutine does.
func soon(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 1000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("not within 10 s: %s", what)
}
