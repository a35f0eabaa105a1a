package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"bauta.dev/bauta/app/postgres/pgtest"
	"bauta.dev/bauta/broker/ledger"
)

// suite lets the tests of this package use databases of pgtest as well.
type suite struct{ *testing.M }

// Run runs the tests, and ends their database after them.
func (s suite) Run() int { return pgtest.Run(s.M) }

// The test binary is the command too, so what the stories run is what ships.
// Their folders hold clusters, and so belong where other tests write and not
// where Go builds: on a disk, a fifth of what they cost was looking for inodes.
func TestMain(m *testing.M) {
	if err := os.Unsetenv("GOTMPDIR"); err != nil {
		panic(err)
	}
	testscript.Main(suite{m}, map[string]func(){"bauta": main})
}

// The stories run the commands against real private clusters.
func TestCommands(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE") != "",
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "config"))
			env.Setenv("BAUTA_DATA_DIR", filepath.Join(env.WorkDir, "data"))
			env.Setenv("BAUTA_ADDR", "127.0.0.1:0")
			env.Setenv("PGPORT", "1") // of somebody who works on another database
			running := map[string]*exec.Cmd{}
			env.Values["running"] = running
			env.Values["hooks"] = map[string]*hook{}
			env.Defer(func() {
				for _, cmd := range running { // of a story that failed
					_ = cmd.Process.Kill()
					_ = cmd.Wait()
				}
			})
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": serveBroker, "stop": stopBroker, "crash": crashBroker, "get": get, "await": await,
			"cells": cells, "same": same, "mode": mode, "killserver": killServer, "bundle": bundled, "witness": seenMore,
			"hook": startHook, "answer": answerHook, "heard": heardHook, "gone": awaitGone,
			"put": send(http.MethodPut), "post": send(http.MethodPost),
			"logged": logged, "limit": limitFiles,
		},
	})
}

// bundle ZIP RECEIPT… puts receipts into one file.
func bundled(ts *testscript.TestScript, _ bool, args []string) {
	var receipts []ledger.NamedReceipt
	for _, name := range args[1:] {
		receipts = append(receipts, ledger.NamedReceipt{Name: name, Receipt: []byte(ts.ReadFile(name))})
	}
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(ledger.WriteArchive(f, receipts))
	ts.Check(f.Close())
}

// witness FILE SIZE is a witness that has seen so many entries of every log, 0
// being one that never answers, and the policy that names it.
func seenMore(ts *testscript.TestScript, _ bool, args []string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if args[1] == "0" {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
			return
		}
		w.Header().Set("Content-Type", "text/x.tlog.size")
		w.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(w, args[1]+"\n")
	}))
	ts.Defer(server.Close)
	line := "witness w w.example+c1a8b0b4+BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA " + server.URL + "/\nquorum w\n"
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(line), 0o600))
}

func runningOf(ts *testscript.TestScript) map[string]*exec.Cmd {
	running, _ := ts.Value("running").(map[string]*exec.Cmd)
	return running
}

// serve NAME [FLAG…] starts a broker, waits until it is ready, and puts its URL
// into the variable NAME, and what it writes into NAME.out and NAME.err.
func serveBroker(ts *testscript.TestScript, _ bool, args []string) {
	name := args[0]
	bin, _, _ := strings.Cut(ts.Getenv("PATH"), string(os.PathListSeparator))
	cmd := exec.Command(filepath.Join(bin, "bauta"), append([]string{"serve"}, args[1:]...)...)
	cmd.Dir = ts.MkAbs(".")
	for _, v := range []string{"PATH", "HOME", "TMPDIR", "XDG_CONFIG_HOME", "BAUTA_DATA_DIR", "BAUTA_ADDR", "PGPORT"} {
		cmd.Env = append(cmd.Env, v+"="+ts.Getenv(v))
	}
	out, err := os.Create(ts.MkAbs(name + ".out"))
	ts.Check(err)
	defer func() { _ = out.Close() }()
	diagnostics, err := os.Create(ts.MkAbs(name + ".err"))
	ts.Check(err)
	defer func() { _ = diagnostics.Close() }()
	cmd.Stdout, cmd.Stderr = out, diagnostics
	ts.Check(cmd.Start())
	runningOf(ts)[name] = cmd
	ready := regexp.MustCompile(`(?m)^ready (https?://\S+)$`)
	for range 3000 {
		if m := ready.FindStringSubmatch(ts.ReadFile(name + ".out")); m != nil {
			ts.Setenv(name, m[1])
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s is not ready: %s", name, ts.ReadFile(name+".err"))
}

// stop NAME sends SIGTERM: the broker ends within 10 s, and says 0.
func stopBroker(ts *testscript.TestScript, _ bool, args []string) {
	cmd := runningOf(ts)[args[0]]
	delete(runningOf(ts), args[0])
	began := time.Now()
	ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	if err := cmd.Wait(); err != nil {
		ts.Fatalf("stop %s: %v: %s", args[0], err, ts.ReadFile(args[0]+".err"))
	}
	if took := time.Since(began); took > 10*time.Second {
		ts.Fatalf("stop %s: it took %s", args[0], took)
	}
}

// limit NAME BYTES lets a broker write no file beyond so many bytes, as a full disk
// would; 0 takes that back. Its database is another process, and is not limited.
func limitFiles(ts *testscript.TestScript, _ bool, args []string) {
	size := args[1]
	if size == "0" {
		size = "unlimited"
	}
	pid := strconv.Itoa(runningOf(ts)[args[0]].Process.Pid)
	ts.Check(ts.Exec("prlimit", "--pid", pid, "--fsize="+size+":unlimited")) // of util-linux, as kill is
}

// crash NAME sends SIGKILL.
func crashBroker(ts *testscript.TestScript, _ bool, args []string) {
	cmd := runningOf(ts)[args[0]]
	delete(runningOf(ts), args[0])
	ts.Check(cmd.Process.Kill())
	_ = cmd.Wait()
}

// killserver sends SIGKILL to the private PostgreSQL of the data directory.
func killServer(ts *testscript.TestScript, _ bool, _ []string) {
	line, _, _ := strings.Cut(ts.ReadFile("data/postgres/postmaster.pid"), "\n")
	pid, err := strconv.Atoi(line)
	ts.Check(err)
	ts.Check(syscall.Kill(pid, syscall.SIGKILL))
}

// logged NAME PATTERN waits, for 20 seconds, until a broker has logged a line.
func logged(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile(args[1])
	for range 200 {
		if pattern.MatchString(ts.ReadFile(args[0] + ".err")) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	ts.Fatalf("%s has not logged %s: %s", args[0], args[1], ts.ReadFile(args[0]+".err"))
}

// get STATUS URL [KEYFILE] asks once; the answer is in the file body.
func get(ts *testscript.TestScript, _ bool, args []string) {
	if got := ask(ts, args); got != args[0] {
		ts.Fatalf("get %s: %s, want %s", args[1], got, args[0])
	}
}

// await is get again and again, for 10 seconds.
func await(ts *testscript.TestScript, _ bool, args []string) {
	got := ""
	for range 100 {
		if got = ask(ts, args); got == args[0] {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	ts.Fatalf("await %s: %s, want %s", args[1], got, args[0])
}

func ask(ts *testscript.TestScript, args []string) string {
	req, err := http.NewRequest(http.MethodGet, args[1], nil)
	ts.Check(err)
	if len(args) > 2 {
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(ts.ReadFile(args[2])))
	}
	resp, err := http.DefaultClient.Do(req) // connections stay open, as callers' do
	if err != nil {
		return err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("body"), body, 0o600))
	return strconv.Itoa(resp.StatusCode)
}

// cells FILE checks that a file is the JSON table of the contract.
func cells(ts *testscript.TestScript, _ bool, args []string) {
	var all []struct {
		Kind, Role, Purpose, Field, Outcome, Ground, Rule *string
		Situation                                         map[string]bool
		Missing                                           []json.RawMessage
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &all))
	for i, c := range all {
		for _, member := range []*string{c.Kind, c.Role, c.Purpose, c.Field, c.Outcome, c.Ground, c.Rule} {
			if member == nil {
				ts.Fatalf("cell %d lacks a member", i)
			}
		}
		if c.Situation == nil || c.Missing == nil || !slices.Contains([]string{"granted", "pending", "withheld"}, *c.Outcome) {
			ts.Fatalf("cell %d: situation, missing or outcome %q", i, *c.Outcome)
		}
	}
	if len(all) < 500 {
		ts.Fatalf("%d cells", len(all))
	}
}

// same FILE FILE compares the lines that look like keys.
func same(ts *testscript.TestScript, neg bool, args []string) {
	key := regexp.MustCompile(`bauta_[a-z2-7]{10}_[a-z2-7]{52}`)
	one, two := key.FindAllString(ts.ReadFile(args[0]), -1), key.FindAllString(ts.ReadFile(args[1]), -1)
	if len(one) == 0 || slices.Equal(one, two) == neg {
		ts.Fatalf("%d and %d keys, not as they should be", len(one), len(two))
	}
}

// mode PERM PATH…
func mode(ts *testscript.TestScript, _ bool, args []string) {
	for _, path := range args[1:] {
		found, err := filepath.Glob(ts.MkAbs(path))
		ts.Check(err)
		if len(found) == 0 {
			ts.Fatalf("no %s", path)
		}
		for _, f := range found {
			info, err := os.Stat(f)
			ts.Check(err)
			if got := fmt.Sprintf("%o", info.Mode().Perm()); got != args[0] {
				ts.Fatalf("%s has mode %s, want %s", f, got, args[0])
			}
		}
	}
}
