package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
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
)

// The README's walk is run, command by command, and its answers compared.

func page(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// step is one block of commands, and what they shall print; kind is empty
// where the README does not say.
type step struct{ commands, kind, prints string }

// walk reads the steps between its two marks.
func walk(t *testing.T) []step {
	t.Helper()
	_, rest, began := strings.Cut(page(t, "README.md"), "<!-- walk -->")
	text, _, ended := strings.Cut(rest, "<!-- end of walk -->")
	if !began || !ended {
		t.Fatal("README.md has no walk between its marks")
	}
	var steps []step
	for _, m := range regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
		switch last := len(steps) - 1; {
		case m[1] == "sh":
			steps = append(steps, step{commands: m[2]})
		case (m[1] == "json" || m[1] == "text") && last >= 0 && steps[last].kind == "":
			steps[last].kind, steps[last].prints = m[1], m[2]
		default:
			t.Fatalf("a block %q follows no commands: %s", m[1], m[2])
		}
	}
	if len(steps) < 10 {
		t.Fatalf("only %d blocks of commands: nothing was looked at", len(steps))
	}
	return steps
}

// shell is one bash that runs the steps one after the other, as a reader's
// terminal does.
type shell struct {
	in     io.Writer
	out    chan string
	errors string // the file of what it says on stderr
}

func newShell(t *testing.T) *shell {
	t.Helper()
	for _, name := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Fatalf("the walk needs %s: install it (apt-get install %s)", name, name)
		}
	}
	bauta, err := exec.LookPath("bauta") // the command that TestMain makes of this very binary
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "bin"), 0o700), os.Mkdir(filepath.Join(dir, "tmp"), 0o711),
		os.Symlink(bauta, filepath.Join(dir, "bin", "bauta"))); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "--noprofile", "--norc")
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + filepath.Join(dir, "tmp"), "LANG=C.UTF-8",
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stderr, err := os.Create(filepath.Join(dir, "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = stderr
	in, errIn := cmd.StdinPipe()
	out, errOut := cmd.StdoutPipe()
	if err := errors.Join(errIn, errOut, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	s := &shell{in: in, out: make(chan string), errors: stderr.Name()}
	quit := make(chan struct{})
	go s.read(out, quit)
	t.Cleanup(func() {
		close(quit)
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) // the broker too, if the walk ended early
		_ = errors.Join(in.Close(), stderr.Close())
		_ = cmd.Wait()
	})
	return s
}

func (s *shell) read(from io.Reader, quit <-chan struct{}) {
	defer close(s.out)
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadString('\n')
		select {
		case s.out <- line:
		case <-quit:
			return
		}
		if err != nil {
			return
		}
	}
}

// run runs commands and gives what they print, until they are done and it is
// what was hoped for: one that goes to the background prints when it likes.
func (s *shell) run(t *testing.T, commands string, enough func(string) error) string {
	t.Helper()
	const mark = "--- the step is done, with status "
	if _, err := io.WriteString(s.in, commands+"\necho \""+mark+"$?\"\n"); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	patience := time.After(time.Minute)
	for done := false; !done || enough(said.String()) != nil; {
		if done && !strings.HasSuffix(strings.TrimSpace(commands), "&") {
			return said.String()
		}
		select {
		case line, open := <-s.out:
			status, is := strings.CutPrefix(line, mark)
			switch {
			case !open:
				t.Fatalf("bash has ended: %s", s.complaints())
			case is && strings.TrimSpace(status) != "0":
				t.Errorf("status %s of\n%s\n%s", status, commands, s.complaints())
				done = true
			case is:
				done = true
			default:
				said.WriteString(line)
			}
		case <-patience:
			t.Fatalf("no end of\n%s\nso far: %s\n%s", commands, said.String(), s.complaints())
		}
	}
	return said.String()
}

// complaints are what the commands said on stderr, and the broker in its log.
func (s *shell) complaints() string {
	var all strings.Builder
	logs, _ := filepath.Glob(filepath.Join(filepath.Dir(s.errors), "tmp", "*", "log")) // the pattern is well formed
	for _, name := range append([]string{s.errors}, logs...) {
		b, err := os.ReadFile(name)
		if err != nil {
			b = []byte(err.Error())
		}
		fmt.Fprintf(&all, "%s: %s\n", filepath.Base(name), b)
	}
	return all.String()
}

// freePort is below those that systems give to whoever asks for any: another
// test's connection must not take it before the broker does.
func freePort(t *testing.T) string {
	t.Helper()
	const first, count = 20000, 12000
	for i := range count {
		port := strconv.Itoa(first + (os.Getpid()*7+i)%count)
		if l, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

// A newcomer's first five minutes go as the README says.
func TestReadmeWalk(t *testing.T) {
	t.Parallel()
	steps, s, port := walk(t), newShell(t), freePort(t)
	const given = "PORT=8080\n"
	if strings.Count(steps[0].commands, given) != 1 || strings.Count(steps[0].prints, ":8080") != 1 {
		t.Fatal("the walk's first step does not set PORT to 8080, and say so")
	}
	steps[0].commands = strings.Replace(steps[0].commands, given, "PORT="+port+"\n", 1)
	steps[0].prints = strings.Replace(steps[0].prints, ":8080", ":"+port, 1)
	for _, step := range steps {
		said := s.run(t, step.commands, func(said string) error { return step.compare(said) })
		if err := step.compare(said); err != nil {
			t.Fatalf("%v\n\nafter\n%s\nit printed\n%s\n%s", err, step.commands, said, s.complaints())
		}
	}
}

// compare says where what was printed differs from what the README shows.
func (s step) compare(said string) error {
	switch s.kind {
	case "json":
		want, err := values(s.prints)
		if err != nil {
			return fmt.Errorf("the README's block: %w", err)
		}
		got, err := values(said)
		if err != nil {
			return err
		}
		return differ("answer", want, got)
	case "text":
		return differ("output", strings.TrimSpace(s.prints), strings.TrimSpace(said))
	}
	if strings.TrimSpace(said) != "" {
		return errors.New("the README does not show that this prints something")
	}
	return nil
}

// values are the JSON values of a text, one after the other.
func values(text string) ([]any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var all []any
	for {
		var v any
		switch err := d.Decode(&v); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, err
		}
		all = append(all, v)
	}
}

const wildcard = "…"

// differ compares a value with what the README shows. A … in a string is any
// text; as an element or a member it is any others.
func differ(at string, want, got any) error {
	switch want := want.(type) {
	case []any:
		return differList(at, want, got)
	case map[string]any:
		return differObject(at, want, got)
	case string:
		if s, ok := got.(string); ok {
			pattern := strings.ReplaceAll(regexp.QuoteMeta(want), wildcard, ".*")
			if regexp.MustCompile(`(?s)\A` + pattern + `\z`).MatchString(s) {
				return nil
			}
		}
	default:
		if want == got {
			return nil
		}
	}
	return fmt.Errorf("%s is %v, and the README shows %v", at, got, want)
}

func differList(at string, want []any, got any) error {
	list, ok := got.([]any)
	if n := len(want); n > 0 && want[n-1] == wildcard && len(list) >= n-1 {
		want, list = want[:n-1], list[:n-1]
	}
	if !ok || len(want) != len(list) {
		return fmt.Errorf("%s has %d elements, and the README shows %d", at, len(list), len(want))
	}
	for i := range want {
		if err := differ(at+"/"+strconv.Itoa(i), want[i], list[i]); err != nil {
			return err
		}
	}
	return nil
}

func differObject(at string, want map[string]any, got any) error {
	object, ok := got.(map[string]any)
	if !ok {
		return fmt.Errorf("%s is %v, and the README shows an object", at, got)
	}
	_, others := want[wildcard]
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if _, shown := want[name]; !shown && !others {
			return fmt.Errorf("%s has the member %q, which the README does not show", at, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		value, there := object[name]
		if name == wildcard {
			continue
		}
		if !there {
			return fmt.Errorf("%s lacks the member %q, which the README shows", at, name)
		}
		if err := differ(at+"/"+name, want[name], value); err != nil {
			return err
		}
	}
	return nil
}
