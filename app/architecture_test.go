package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "bauta.dev/bauta"

// mayImport is the plan of the house, from the ground up. A package that is
// not listed may not exist; an import that is not listed may not be made. Ours
// are by their path; "lib:" is a library and all below it; "*" is anything.
// The standard library is open to all, but see pure.
var mayImport = map[string][]string{
	"masking/fault": {},
	"masking": {
		"masking/fault",
		"lib:github.com/tink-crypto/tink-go/v2", "lib:github.com/nyaruka/phonenumbers",
		"lib:golang.org/x/text", "lib:golang.org/x/net/idna", "lib:github.com/go-json-experiment/json",
	},
	"masking/contacts": {
		"masking", "masking/fault",
		"lib:github.com/nyaruka/phonenumbers", "lib:golang.org/x/text",
	},

	"broker/ledger": {
		"masking/fault",
		"lib:golang.org/x/mod/sumdb/tlog", "lib:golang.org/x/mod/sumdb/note", "lib:github.com/transparency-dev/formats",
		"lib:filippo.io/mldsa",
	},
	"broker/necessity": {"masking", "masking/fault", "lib:github.com/cedar-policy/cedar-go"},
	"broker/states":    {},
	"broker/budget":    {},
	"broker/accounts":  {"masking", "masking/fault", "lib:golang.org/x/crypto/argon2", "lib:golang.org/x/text/unicode/norm"},
	"broker/plain":     {"masking", "broker/necessity", "lib:golang.org/x/text"},
	"broker/hindsight": {"masking", "broker/necessity"},
	"broker/bundle": {
		"masking", "broker/ledger", "broker/necessity",
		"lib:github.com/go-json-experiment/json", "lib:golang.org/x/mod/sumdb/tlog",
	},
	"broker": {
		"masking", "masking/fault", "disputes", "disputes/letters", "broker/accounts", "broker/budget", "broker/bundle", "broker/ledger", "broker/merchants", "broker/merchants/identifiers", "broker/necessity", "broker/plain", "broker/states",
		"lib:github.com/klauspost/compress",
	},
	"broker/merchants/identifiers": {},
	"broker/merchants/documents":   {"masking", "masking/fault"},
	"broker/merchants": {
		"masking", "masking/fault", "broker/states", "broker/merchants/identifiers",
		"lib:github.com/go-json-experiment/json", "lib:golang.org/x/text/unicode/norm",
	},

	"disputes":         {"broker/states"},
	"disputes/letters": {"masking"},

	"migrations": {"lib:github.com/pressly/goose/v3", "lib:github.com/lib/pq"},

	"app/postgres": {
		"broker", "broker/accounts", "broker/budget", "broker/hindsight", "broker/ledger", "broker/merchants", "broker/merchants/identifiers", "broker/necessity", "masking", "masking/fault", "migrations", "app/postgres/cluster",
		"lib:github.com/jmoiron/sqlx", "lib:github.com/lib/pq", "lib:github.com/go-json-experiment/json",
		"lib:golang.org/x/mod/sumdb/note", "lib:golang.org/x/mod/sumdb/tlog",
	},
	"app/postgres/cluster": {"masking/fault", "lib:github.com/lib/pq"},
	"app/postgres/pgtest":  {"app/postgres/cluster", "lib:github.com/lib/pq"},

	"app/anchor": {
		"broker/ledger",
		"lib:golang.org/x/mod/sumdb/tlog", "lib:golang.org/x/mod/sumdb/note", "lib:github.com/transparency-dev/formats/note",
	},

	"app/anchor/witnesstest": {
		"broker/ledger",
		"lib:golang.org/x/mod/sumdb/tlog", "lib:golang.org/x/mod/sumdb/note", "lib:github.com/transparency-dev/formats/note",
	},

	"app/identity": {
		"broker",
		"lib:github.com/golang-jwt/jwt/v5", "lib:github.com/go-json-experiment/json",
	},

	"app/passkeys":             {"broker/accounts", "lib:github.com/go-webauthn/webauthn"},
	"app/passkeys/passkeytest": {},

	"app/oidc": {
		"broker/accounts", "masking",
		"lib:github.com/coreos/go-oidc/v3", "lib:golang.org/x/oauth2",
	},
	"app/oidc/oidctest": {"lib:github.com/golang-jwt/jwt/v5"},

	"app/outbox": {"broker", "app/postgres"},

	"app/remote": {"broker/ledger"},

	"app/web": {
		"broker", "broker/bundle", "broker/accounts", "broker/ledger", "broker/merchants", "broker/merchants/documents", "broker/merchants/identifiers", "broker/necessity", "broker/plain", "broker/states", "disputes", "disputes/letters", "masking", "masking/fault", "app/oidc", "app/passkeys", "app/web/pages",
		"lib:github.com/gofiber/fiber/v2", "lib:github.com/valyala/fasthttp", "lib:github.com/go-playground/validator/v10",
		"lib:github.com/go-json-experiment/json", "lib:github.com/prometheus/client_golang", "lib:github.com/swaggest",
		"lib:golang.org/x/time/rate", "lib:github.com/google/uuid", "lib:golang.org/x/mod/sumdb/tlog",
	},
	"app/web/contract": {"lib:github.com/getkin/kin-openapi", "lib:github.com/santhosh-tekuri/jsonschema/v6"},
	"app/web/pages":    {"masking", "masking/fault"},

	"app/chromium":      {"lib:github.com/chromedp"},
	"app/verifier":      {},
	"app/verifier/wasm": {"broker/ledger"},

	"app/bench":   {"*"},
	"app/demo":    {"*"},
	"app/imports": {"broker", "broker/necessity", "masking", "masking/fault", "lib:golang.org/x/term", "lib:github.com/go-playground/validator/v10"},
	"app/stories": {"*"},
	"app/load": {
		"app/anchor/witnesstest", "app/postgres/cluster", "broker", "broker/ledger",
		"lib:golang.org/x/mod/sumdb/note", "lib:github.com/valyala/fasthttp", "lib:github.com/lib/pq",
	},
	"app": {"*"},
}

// pure are the domain's folders: the rules in them know no database and no
// network, so that they can be read, fuzzed and moved without either.
var pure = regexp.MustCompile(`^(masking|broker|disputes)(/|$)`)

var impure = []string{"database/sql", "database/sql/driver", "net", "net/http"}

// mayReveal are the packages that open a personal value, which is the only way
// out of its mask. Everybody else carries it closed.
var mayReveal = map[string]bool{
	"masking":          true, // to mask and to seal
	"broker/accounts":  true, // to hash a password, and to compare a code
	"broker/bundle":    true, // to open the texts of a case to both sides
	"disputes/letters": true, // to write what was found into a letter to a side
	"broker/merchants": true, // to judge what a merchant gave, and to publish what the law makes public
	"app/web/pages":    true, // to show one on the demonstration's page
	"app/web":          true, // to answer a disclosure that was recorded
	"app/postgres":     true, // to write it sealed
	"app/oidc":         true, // to show the provider our secret
}

// source is one file of the product, tests left aside.
type source struct {
	pkg, path string
	file      *ast.File
}

// sources parses the module's files, except what no build takes in.
func sources(t *testing.T, mode parser.Mode) []source {
	t.Helper()
	var all []source
	set := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if path != ".." && (name == "testdata" || name == "node_modules" || name == "vendor" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil && path != ".." {
				return filepath.SkipDir // a module of its own
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(set, path, nil, mode|parser.ParseComments)
		if err != nil {
			return err
		}
		if ignored(f) {
			return nil
		}
		pkg, err := filepath.Rel("..", filepath.Dir(path))
		all = append(all, source{pkg: filepath.ToSlash(pkg), path: path, file: f})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("no source found: nothing was looked at")
	}
	return all
}

func ignored(f *ast.File) bool {
	for _, g := range f.Comments {
		if g.Pos() < f.Package && strings.Contains(g.List[0].Text, "go:build ignore") {
			return true
		}
	}
	return false
}

func TestArchitecture(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t, parser.ImportsOnly) {
		allowed, listed := mayImport[s.pkg]
		if !listed {
			t.Errorf("%s: package %q is not in the plan of the house", s.path, s.pkg)
			continue
		}
		for _, i := range s.file.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if why := objection(s.pkg, path, allowed); why != "" {
				t.Errorf("%s: %s may not import %q: %s", s.path, s.pkg, path, why)
			}
		}
	}
}

// objection is why a package may not import another; empty where it may.
func objection(pkg, path string, allowed []string) string {
	if pure.MatchString(pkg) && slices.Contains(impure, path) {
		return "the domain knows no database and no network"
	}
	if ours, ok := strings.CutPrefix(path, module+"/"); ok {
		if ours == "app/postgres/pgtest" || ours == "app/chromium" || ours == "app/oidc/oidctest" || ours == "app/passkeys/passkeytest" {
			return "it is for tests"
		}
		if slices.Contains(allowed, ours) || slices.Contains(allowed, "*") {
			return ""
		}
		return "it is not below it in the plan"
	}
	if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") || slices.Contains(allowed, "*") {
		return "" // the standard library
	}
	for _, a := range allowed {
		if lib, ok := strings.CutPrefix(a, "lib:"); ok && (path == lib || strings.HasPrefix(path, lib+"/")) {
			return ""
		}
	}
	return "the library is not in its list"
}

// The plan itself has floors: no package reaches, over others, itself.
func TestArchitecturePlanHasNoCircle(t *testing.T) {
	t.Parallel()
	var climb func(pkg string, below []string)
	climb = func(pkg string, below []string) {
		if slices.Contains(below, pkg) {
			t.Fatalf("circle: %s", strings.Join(append(below, pkg), " -> "))
		}
		for _, a := range mayImport[pkg] {
			if _, ours := mayImport[a]; ours {
				climb(a, append(slices.Clone(below), pkg))
			} else if a != "*" && !strings.HasPrefix(a, "lib:") {
				t.Errorf("%s may import %q, which is not in the plan", pkg, a)
			}
		}
	}
	for pkg := range mayImport {
		climb(pkg, nil)
	}
}

func TestArchitectureObjects(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pkg, path string
		may       bool
	}{
		{"broker", module + "/masking", true},
		{"broker", module + "/app/web", false},
		{"broker", "github.com/gofiber/fiber/v2", false},
		{"broker", "database/sql", false},
		{"broker/ledger", "net/http", false},
		{"broker/ledger", "golang.org/x/mod/sumdb/tlog", true},
		{"broker/ledger", "golang.org/x/mod/modfile", false},
		{"masking", "golang.org/x/text/unicode/norm", true},
		{"masking", "golang.org/x/textual", false},
		{"app/web", "github.com/gofiber/fiber/v2/middleware/recover", true},
		{"app/postgres", "database/sql", true},
		{"app", "github.com/alecthomas/kong", true},
		{"app", module + "/app/postgres/pgtest", false},
	} {
		if why := objection(test.pkg, test.path, mayImport[test.pkg]); (why == "") != test.may {
			t.Errorf("%s imports %s: %q, want allowed = %t", test.pkg, test.path, why, test.may)
		}
	}
}

// A personal value is opened where the list says, and nowhere else.
func TestRevealIsCounted(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t, parser.SkipObjectResolution) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Reveal" && !mayReveal[s.pkg] {
				t.Errorf("%s: %s opens a personal value (.Reveal), and is not on the list", s.path, s.pkg)
			}
			return true
		})
	}
}

// A gap is a migration that somebody else has; a number used twice is two
// databases that differ and say they do not.
func TestMigrationsAreNumbered(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("no migrations found: nothing was looked at")
	}
	name := regexp.MustCompile(`^(\d{4})_[a-z0-9_]+\.sql$`)
	slices.Sort(files)
	for i, f := range files {
		m := name.FindStringSubmatch(filepath.Base(f))
		if m == nil {
			t.Errorf("%s: want 0001_what.sql", f)
			continue
		}
		if n, err := strconv.Atoi(m[1]); err != nil || n != i+1 {
			t.Errorf("%s: want number %04d here", f, i+1)
		}
	}
}

// Values are opened in one place, which asks first whether the record is sound.
func TestValuesAreOpenedInOnePlace(t *testing.T) {
	t.Parallel()
	var openers []string
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte("masking.OpenValue(")) || bytes.Contains(b, []byte("masking.OpenCommitment(")) {
			openers = append(openers, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil || len(openers) != 1 || openers[0] != "../broker/reveal.go" {
		t.Errorf("values are opened in %v, %v", openers, err)
	}
}
