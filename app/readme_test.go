package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
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

	"github.com/alecthomas/kong"
)

// What the README and its like say is held to what the program does: the walk
// is run, the settings are those of the command line, the picture is the code.

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

func (s *shell) complaints() string {
	b, err := os.ReadFile(s.errors)
	return string(b) + fmt.Sprint(err)
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
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
			t.Fatalf("%v\n\nafter\n%s\nit printed\n%s\nand on stderr %s", err, step.commands, said, s.complaints())
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

// pages are those that people read, by their paths.
func documents(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/decisions/*.md"} {
		found, err := filepath.Glob(filepath.Join("..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			all = append(all, strings.TrimPrefix(filepath.ToSlash(f), "../"))
		}
	}
	if len(all) < 8 {
		t.Fatalf("only %d pages: nothing was looked at", len(all))
	}
	return all
}

func commandLine(t *testing.T) *kong.Application {
	t.Helper()
	var cli commands
	parser, err := kong.New(&cli, kong.Name("bauta"), kong.Vars{"version": ""})
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model
}

// flagsOf are the flags of a command and of those above it.
func flagsOf(n *kong.Node) map[string]*kong.Flag {
	flags := map[string]*kong.Flag{}
	for ; n != nil; n = n.Parent {
		for _, f := range n.Flags {
			if !f.Hidden {
				flags["--"+f.Name] = f
			}
		}
	}
	return flags
}

var (
	code = regexp.MustCompile("`([^`\n]+)`")
	flag = regexp.MustCompile(`--[a-z][a-z-]*`)
	call = regexp.MustCompile(`(?:^|[ (])(?:bin/)?bauta ([^|>)]*)`)
)

// Every command and flag that a page names is one that there is.
func TestReadmeFlags(t *testing.T) {
	t.Parallel()
	model, named := commandLine(t), 0
	for _, path := range documents(t) {
		var spans []string
		text := page(t, path)
		for _, m := range code.FindAllStringSubmatch(text, -1) {
			spans = append(spans, m[1])
		}
		for _, m := range regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
			spans = append(spans, strings.Split(m[1], "\n")...)
		}
		for _, line := range regexp.MustCompile(`(?m)^    .*$`).FindAllString(text, -1) {
			spans = append(spans, line)
		}
		for _, span := range spans {
			for _, m := range call.FindAllStringSubmatch(span, -1) {
				named++
				if why := unknownCommand(model.Node, strings.Fields(m[1])); why != "" {
					t.Errorf("%s: %q: %s", path, span, why)
				}
			}
			if strings.HasPrefix(span, "--") && !knownAnywhere(model, flag.FindString(span)) {
				t.Errorf("%s: no command has %s", path, span)
			}
		}
	}
	if named < 20 {
		t.Errorf("only %d commands found in the pages: nothing was looked at", named)
	}
}

func unknownCommand(n *kong.Node, words []string) string {
	for len(words) > 0 && regexp.MustCompile(`^[a-z]+$`).MatchString(words[0]) && len(n.Children) > 0 {
		i := slices.IndexFunc(n.Children, func(c *kong.Node) bool { return c.Name == words[0] })
		if i < 0 {
			return "there is no such command"
		}
		n, words = n.Children[i], words[1:]
	}
	flags := flagsOf(n)
	for _, f := range flag.FindAllString(strings.Join(words, " "), -1) {
		if _, ok := flags[f]; !ok && f != "--help" {
			return "it has no " + f
		}
	}
	return ""
}

func knownAnywhere(model *kong.Application, name string) bool {
	for _, n := range model.Leaves(true) {
		if _, ok := flagsOf(n)[name]; ok {
			return true
		}
	}
	return false
}

// The tables of settings are whole, with the variables and the defaults that
// the program has.
func TestReadmeSettings(t *testing.T) {
	t.Parallel()
	readme := page(t, "README.md")
	rows := map[string]string{}
	for _, line := range regexp.MustCompile("(?m)^\\| `--.*$").FindAllString(readme, -1) {
		for _, f := range flag.FindAllString(strings.Split(line, "|")[1], -1) {
			rows[f] = line
		}
	}
	seen := map[string]bool{}
	for _, n := range commandLine(t).Leaves(true) {
		for name, f := range flagsOf(n) {
			if len(f.Envs) == 0 || seen[name] {
				continue
			}
			seen[name] = true
			row, ok := rows[name]
			if !ok {
				t.Errorf("README.md's settings lack %s", name)
				continue
			}
			if !strings.Contains(row, "`"+f.Envs[0]+"`") || f.HasDefault && !strings.Contains(row, "`"+f.Default+"`") {
				t.Errorf("%s is %s with default %q; README.md has %s", name, f.Envs[0], f.Default, row)
			}
		}
	}
	for name := range rows {
		if !seen[name] {
			t.Errorf("README.md has a setting %s that there is not", name)
		}
	}
}

var (
	linked  = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#{1,6} (.*)$`)
)

// Every link within the repository leads to something.
func TestLinksResolve(t *testing.T) {
	t.Parallel()
	found := 0
	for _, path := range documents(t) {
		for _, m := range linked.FindAllStringSubmatch(page(t, path), -1) {
			to, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
				continue
			}
			found++
			target := path
			if to != "" {
				target = filepath.Join(filepath.Dir(path), to)
			}
			if _, err := os.Stat(filepath.Join("..", target)); err != nil {
				t.Errorf("%s: %s leads nowhere", path, m[1])
				continue
			}
			if anchor != "" && !slices.Contains(anchors(page(t, target)), anchor) {
				t.Errorf("%s: there is no heading for %s", path, m[1])
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d links: nothing was looked at", found)
	}
}

// anchors are the headings' names as they are made for links.
func anchors(text string) []string {
	var all []string
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		all = append(all, strings.ReplaceAll(name, " ", "-"))
	}
	return all
}

// The picture of the house is the code: every package is in it, every arrow is
// an import, and every import follows from the arrows.
func TestHousePicture(t *testing.T) {
	t.Parallel()
	picture := page(t, "docs/house.svg")
	drawn := map[string]bool{}
	for _, m := range regexp.MustCompile(`data-package="([^"]+)"`).FindAllStringSubmatch(picture, -1) {
		drawn[m[1]] = true
	}
	arrows := map[string][]string{}
	for _, m := range regexp.MustCompile(`data-from="([^"]+)" data-to="([^"]+)"`).FindAllStringSubmatch(picture, -1) {
		arrows[m[1]] = append(arrows[m[1]], m[2])
	}
	imports := map[string]map[string]bool{}
	for _, s := range sources(t, parser.ImportsOnly) {
		if imports[s.pkg] == nil {
			imports[s.pkg] = map[string]bool{}
		}
		for _, i := range s.file.Imports {
			if ours, ok := strings.CutPrefix(strings.Trim(i.Path.Value, `"`), module+"/"); ok {
				imports[s.pkg][ours] = true
			}
		}
	}
	for pkg, below := range imports {
		if !drawn[pkg] {
			t.Errorf("docs/house.svg lacks the package %s", pkg)
		}
		for to := range below {
			if !leads(arrows, pkg, to) {
				t.Errorf("docs/house.svg: %s imports %s, and no arrows lead there", pkg, to)
			}
		}
	}
	for pkg := range drawn {
		if imports[pkg] == nil {
			t.Errorf("docs/house.svg has the package %s, which there is not", pkg)
		}
	}
	for from, all := range arrows {
		for _, to := range all {
			if !imports[from][to] {
				t.Errorf("docs/house.svg has an arrow from %s to %s, which is no import", from, to)
			}
		}
	}
}

func leads(arrows map[string][]string, from, to string) bool {
	return slices.ContainsFunc(arrows[from], func(next string) bool { return next == to || leads(arrows, next, to) })
}

// The list of metrics is whole.
func TestMetricsAreListed(t *testing.T) {
	t.Parallel()
	var source bytes.Buffer
	for _, pattern := range []string{"*.go", "web/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			source.Write(b)
		}
	}
	there := regexp.MustCompile(`"(bauta_[a-z_]+)"`).FindAllStringSubmatch(source.String(), -1)
	listed := regexp.MustCompile("`(bauta_[a-z_]+)`").FindAllStringSubmatch(page(t, "docs/operations.md"), -1)
	first := func(ms [][]string) map[string]bool {
		set := map[string]bool{}
		for _, m := range ms {
			set[m[1]] = true
		}
		return set
	}
	for name := range first(there) {
		if !first(listed)[name] && !strings.HasPrefix(name, "bauta_owner") && name != "bauta_reader" {
			t.Errorf("docs/operations.md does not list %s", name)
		}
	}
	for name := range first(listed) {
		if !first(there)[name] && name != "bauta_owner" && name != "bauta_reader" {
			t.Errorf("docs/operations.md lists %s, which there is not", name)
		}
	}
}
