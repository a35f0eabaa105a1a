package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed page.html
var pageTemplate string

//go:embed page.css
var pageStyles string

//go:embed page.js
var pageScript string

// errInline says that a part would end the element that it stands in.
var errInline = errors.New("the part holds the end of its own element")

// parts are what the page's template takes in.
type parts struct {
	Policy  string // Content-Security-Policy
	Style   string
	Mark    string // SVG
	Runtime string // Go's own script for WebAssembly
	Script  string
	Program string // base64 of gzip of WebAssembly
	Go      string
}

// build makes the page from the module in root. The same sources and the same
// release of Go give the same bytes, wherever and whenever that is.
func build(ctx context.Context, root string) ([]byte, error) {
	var p parts
	var err error
	if p.Style, err = styles(root); err != nil {
		return nil, err
	}
	if p.Mark, err = text(root, "app", "web", "pages", "assets", "mark.svg"); err != nil {
		return nil, err
	}
	goroot, err := goSays(ctx, root, "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	if p.Runtime, err = text(goroot, "lib", "wasm", "wasm_exec.js"); err != nil {
		return nil, err
	}
	if p.Go, err = goSays(ctx, root, "env", "GOVERSION"); err != nil {
		return nil, err
	}
	if p.Program, err = program(ctx, root); err != nil {
		return nil, err
	}
	p.Script = pageScript
	p.Policy = policy(p.Style, p.Runtime, p.Script)
	return p.page()
}

// page puts the parts together.
func (p parts) page() ([]byte, error) {
	for _, inline := range []string{p.Style, p.Runtime, p.Script} {
		if lower := strings.ToLower(inline); strings.Contains(lower, "</s") || strings.Contains(lower, "<!--") {
			return nil, fmt.Errorf("write page: %w", errInline)
		}
	}
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return nil, fmt.Errorf("read page.html: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("write page: %w", err)
	}
	return b.Bytes(), nil
}

// policy lets nothing in and nothing out: these very scripts and styles run, by
// their hashes, and WebAssembly may be compiled. There is no way to connect.
func policy(style string, scripts ...string) string {
	allowed := []string{"'wasm-unsafe-eval'"}
	for _, s := range scripts {
		allowed = append(allowed, hash(s))
	}
	return "default-src 'none'; script-src " + strings.Join(allowed, " ") + "; style-src " + hash(style) +
		"; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
}

func hash(inline string) string {
	sum := sha256.Sum256([]byte(inline))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// styles are those of all our pages, and then the page's own.
func styles(root string) (string, error) {
	var b strings.Builder
	for _, name := range []string{"tokens.css", "base.css", "parts.css"} {
		s, err := text(root, "app", "web", "pages", "assets", name)
		if err != nil {
			return "", err
		}
		b.WriteString(s)
	}
	b.WriteString(pageStyles)
	return b.String(), nil
}

func text(path ...string) (string, error) {
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", path[len(path)-1], err)
	}
	return strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n")) + "\n", nil
}

// program compiles the verifier, and packs it without a name and a time.
func program(ctx context.Context, root string) (string, error) {
	folder, err := os.MkdirTemp("", "bauta-verifier-")
	if err != nil {
		return "", fmt.Errorf("make folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	out := filepath.Join(folder, "verifier.wasm")
	if _, err := goSays(ctx, root, "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", out, "./app/verifier/wasm"); err != nil {
		return "", err
	}
	wasm, err := os.ReadFile(out) //nolint:gosec // we just made it
	if err != nil {
		return "", fmt.Errorf("read program: %w", err)
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err == nil {
		_, err = z.Write(wasm)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return "", fmt.Errorf("pack program: %w", err)
	}
	return base64.StdEncoding.EncodeToString(packed.Bytes()), nil
}

// goSays runs the go command and gives what it prints. Whatever of the
// environment would change the program is set here.
func goSays(ctx context.Context, folder string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off", "GOWASM=", "GOEXPERIMENT=", "GOFIPS140=off")
	var problem strings.Builder
	cmd.Stderr = &problem
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", args[0], err, problem.String())
	}
	return strings.TrimSpace(string(out)), nil
}
