package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// hook is an endpoint of a story.
type hook struct {
	server *httptest.Server
	mu     sync.Mutex
	status int
	took   []string // types of what it took over
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var m struct{ Type string }
	if err := json.NewDecoder(r.Body).Decode(&m); err == nil && h.status < 300 {
		h.took = append(h.took, m.Type)
	}
	w.WriteHeader(h.status)
}

func hooksOf(ts *testscript.TestScript) map[string]*hook {
	hooks, _ := ts.Value("hooks").(map[string]*hook)
	return hooks
}

// hook NAME starts an endpoint, and puts its URL into the variable NAME.
func startHook(ts *testscript.TestScript, _ bool, args []string) {
	h := &hook{status: http.StatusNoContent}
	h.server = httptest.NewServer(h)
	ts.Defer(h.server.Close)
	hooksOf(ts)[args[0]] = h
	ts.Setenv(args[0], h.server.URL)
}

// answer NAME STATUS is what it says from now on.
func answerHook(ts *testscript.TestScript, _ bool, args []string) {
	status, err := strconv.Atoi(args[1])
	ts.Check(err)
	h := hooksOf(ts)[args[0]]
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status = status
}

// heard NAME TYPE… waits until it has taken these over, in this order, and no others.
func heardHook(ts *testscript.TestScript, _ bool, args []string) {
	h := hooksOf(ts)[args[0]]
	var took []string
	for range 600 { // who was killed while he had it, has it for 20 s more
		h.mu.Lock()
		took = slices.Clone(h.took)
		h.mu.Unlock()
		if len(took) >= len(args)-1 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if !slices.Equal(took, args[1:]) {
		ts.Fatalf("heard: %v", took)
	}
}

// gone waits until webhooks list says that an endpoint is gone.
func awaitGone(ts *testscript.TestScript, _ bool, _ []string) {
	for range 100 {
		cmd := exec.Command("bauta", "webhooks", "list")
		for _, v := range []string{"PATH", "HOME", "TMPDIR", "XDG_CONFIG_HOME", "BAUTA_DATA_DIR"} {
			cmd.Env = append(cmd.Env, v+"="+ts.Getenv(v))
		}
		cmd.Dir = ts.MkAbs(".")
		out, err := cmd.Output()
		ts.Check(err)
		lines := strings.Split(string(out), "\n")
		if words := strings.Fields(lines[1]); words[4] != "-" && words[7] == "1" {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	ts.Fatalf("it is not gone")
}

// send METHOD: put, post STATUS URL KEYFILE BODY.
func send(method string) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		req, err := http.NewRequest(method, args[1], strings.NewReader(args[3]))
		ts.Check(err)
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(ts.ReadFile(args[2])))
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		ts.Check(err)
		_ = resp.Body.Close()
		if got := strconv.Itoa(resp.StatusCode); got != args[0] {
			ts.Fatalf("%s %s: %s, want %s", method, args[1], got, args[0])
		}
	}
}
