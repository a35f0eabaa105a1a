//go:build ignore

// Test runs the tests of the packages named and prints what came of them: a
// line for each package, the output of each test that failed, and at the end
// the totals. It exits 1 when a test failed, a package did not build, or no
// test ran at all.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
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
}

func main() {
	// Vetting is for "make check": here it would take a minute of a new machine's.
	args := append([]string{"test", "-json", "-vet=off", "-timeout", "20m"}, os.Args[1:]...)
	cmd := exec.Command("go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "test: run go test:", err)
		os.Exit(1)
	}
	t := totals{output: map[key]*strings.Builder{}, broken: map[string]bool{}}
	t.read(out)
	failed := cmd.Wait() != nil
	if failed && t.failed == 0 {
		t.failed = 1 // go test itself
	}
	fmt.Printf("\n%d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped)
	if t.passed == 0 && t.failed == 0 {
		fmt.Fprintln(os.Stderr, "test: no test ran")
		os.Exit(1)
	}
	if failed || t.failed > 0 {
		os.Exit(1)
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
