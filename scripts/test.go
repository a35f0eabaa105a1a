//go:build ignore

// Test runs the tests of the packages named and prints what came of them: a
// line for each package, the output of each test that failed, and at the end
// the totals. It exits 1 when a test failed, a package did not build, or no
// test ran at all.
//
// The packages that take longest start first, so that none of them is left to
// run alone at the end. What tests write for a moment, databases above all, is
// kept in memory where the machine has enough of it: PostgreSQL syncs hundreds of
// files for each database it makes or drops, and a disk would be waited for
// most of the time. The settings are the same in both places, and so is
// what survives the kill of a process.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// event is what go test -json (and a failing build) says in one line.
type event struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Output     string
	Elapsed    float64
}

type key struct{ pkg, test string }

type totals struct {
	passed, failed, skipped int
	output                  map[key]*strings.Builder
	broken                  map[string]bool // packages with a failed test
	took                    []event         // tests that ended
}

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(packages []string) int {
	// An interrupt reaches go test and the tests as well: what is left is to wait for them.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM)
	// Vetting is for "make check": here it would take a minute of a new machine's.
	// Three packages, and three tests of each, at a time, whatever the machine has: a story
	// waits for its database or its browser as often as it computes.
	several := strconv.Itoa(max(3, runtime.GOMAXPROCS(0)))
	args := []string{"test", "-json", "-vet=off", "-timeout", "20m", "-p", several, "-parallel", several}
	cmd := exec.Command("go", append(args, longestFirst(packages)...)...)
	cmd.Env = os.Environ()
	if available() >= enough && os.Getenv("GOGC") == "" {
		cmd.Env = append(cmd.Env, "GOGC=400") // a fifth of what tests compute is collecting garbage
	}
	if dir, lock := memory(); dir != "" {
		defer os.RemoveAll(dir)
		defer lock.Close()
		// Go builds where it always does: what it makes is large, and is not synced.
		cmd.Env = append(cmd.Env, "TMPDIR="+dir, "GOTMPDIR="+os.TempDir())
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "test: run go test:", err)
		return 1
	}
	t := totals{output: map[key]*strings.Builder{}, broken: map[string]bool{}}
	t.read(out)
	failed := cmd.Wait() != nil
	if failed && t.failed == 0 {
		t.failed = 1 // go test itself
	}
	return t.sum(failed)
}

// longestFirst names them before the pattern that has them too: go test runs a
// package once, and begins in the order in which it was first named.
func longestFirst(packages []string) []string {
	if len(packages) != 1 || packages[0] != "./..." {
		return packages
	}
	return []string{
		"./app/stories", "./app/demo", "./app/postgres", "./app/load", "./app/imports", "./app", "./app/verifier",
		"./app/postgres/cluster", "./app/anchor", "./broker/necessity", "./...",
	}
}

const (
	shared = "/dev/shm"
	prefix = "bauta-test-"
	enough = 6 << 30 // several times what the tests hold at once
)

// memory makes a folder there, for this run alone as long as the lock is open,
// and removes those of runs that were killed. Where memory is short, or runs no
// programs, it makes none and the tests stay on the disk.
func memory() (dir string, lock *os.File) {
	var fs syscall.Statfs_t
	if os.Getenv("TMPDIR") != "" || syscall.Statfs(shared, &fs) != nil || uint64(fs.Bavail)*uint64(fs.Bsize) < enough || available() < enough {
		return "", nil
	}
	old, _ := filepath.Glob(filepath.Join(shared, prefix+"*")) // the pattern is well formed
	for _, left := range old {
		if f := seize(left); f != nil {
			os.RemoveAll(left)
			f.Close()
		}
	}
	dir, err := os.MkdirTemp(shared, prefix)
	if err != nil {
		return "", nil
	}
	lock = seize(dir)
	try := filepath.Join(dir, "try")
	// PostgreSQL may have a user of its own, who has to come to its folders.
	if lock == nil || os.Chmod(dir, 0o755) != nil || os.WriteFile(try, []byte("#!/bin/sh\n"), 0o700) != nil || exec.Command(try).Run() != nil {
		os.RemoveAll(dir)
		return "", nil
	}
	return dir, lock
}

// seize locks a folder, or gives nothing where another run has it or somebody else owns it.
func seize(dir string) *os.File {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		f.Close()
		return nil
	}
	return f
}

// available is the memory that this process could still get: of the machine, or
// of the container that it is in.
func available() uint64 {
	free := uint64(0)
	b, _ := os.ReadFile("/proc/meminfo")
	for line := range strings.Lines(string(b)) {
		var kb uint64
		if n, _ := fmt.Sscanf(line, "MemAvailable: %d kB", &kb); n == 1 {
			free = kb << 10
		}
	}
	for _, limit := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		var most uint64
		b, err := os.ReadFile(limit)
		if n, _ := fmt.Sscan(string(b), &most); err == nil && n == 1 { // "max" is no limit
			free = min(free, most)
		}
	}
	return free
}

// sum prints the totals, and gives what the program exits with.
func (t *totals) sum(failed bool) int {
	t.slowest()
	fmt.Printf("\n%d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped)
	if t.passed == 0 && t.failed == 0 {
		fmt.Fprintln(os.Stderr, "test: no test ran")
		return 1
	}
	if failed || t.failed > 0 {
		return 1
	}
	return 0
}

// slowest prints the tests that took longest.
func (t *totals) slowest() {
	slices.SortFunc(t.took, func(a, b event) int { return cmp.Compare(b.Elapsed, a.Elapsed) })
	fmt.Println("\nthe slowest:")
	for _, e := range t.took[:min(len(t.took), 12)] {
		fmt.Printf("%6.1fs %s %s\n", e.Elapsed, e.Package, e.Test)
	}
}

func (t *totals) read(r io.Reader) {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil {
				os.Stdout.Write(line)
			} else {
				t.take(e)
			}
		}
		if err != nil {
			return
		}
	}
}

func (t *totals) take(e event) {
	if e.Package == "" {
		e.Package = e.ImportPath // of a build
	}
	k := key{e.Package, e.Test}
	switch e.Action {
	case "output", "build-output":
		if t.output[k] == nil {
			t.output[k] = &strings.Builder{}
		}
		t.output[k].WriteString(e.Output)
	case "build-fail":
		t.show(k)
	case "pass", "fail", "skip":
		if e.Test == "" {
			t.finish(e)
			return
		}
		t.count(e, k)
	}
}

func (t *totals) count(e event, k key) {
	if !strings.Contains(e.Test, "/") {
		t.took = append(t.took, e)
	}
	switch e.Action {
	case "pass":
		t.passed++
	case "skip":
		t.skipped++
		fmt.Printf("skip %s %s\n", e.Package, e.Test)
	case "fail":
		t.failed++
		t.broken[e.Package] = true
		t.show(k)
	}
	delete(t.output, k)
}

// finish reports a package. One that failed without a failed test did not
// build, panicked or ran out of time: that counts as one failure.
func (t *totals) finish(e event) {
	switch e.Action {
	case "pass":
		fmt.Printf("ok   %s %.1fs\n", e.Package, e.Elapsed)
	case "fail":
		fmt.Printf("FAIL %s %.1fs\n", e.Package, e.Elapsed)
		if !t.broken[e.Package] {
			t.failed++
			for k := range t.output { // with what its unfinished tests said
				if k.pkg == e.Package && k.test != "" {
					t.show(k)
				}
			}
			t.show(key{pkg: e.Package})
		}
	}
	for k := range t.output {
		if k.pkg == e.Package {
			delete(t.output, k)
		}
	}
}

func (t *totals) show(k key) {
	if b := t.output[k]; b != nil {
		fmt.Printf("--- %s %s\n%s", k.pkg, k.test, b)
	}
}
