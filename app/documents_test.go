package main

import (
	"bytes"
	"go/parser"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// What the pages say is held to what there is: commands and flags, settings,
// links, metrics, and the picture of the house.

// documents are those that people read, by their paths.
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
		spans = append(spans, regexp.MustCompile(`(?m)^    .*$`).FindAllString(text, -1)...)
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
