package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"bauta.dev/bauta/app/web/pages"
)

// copied are the sources of the page.
var copied = []string{"go.mod", "go.sum", "app/verifier", "app/web/pages/assets", "broker/ledger", "masking/fault"}

// The same sources give the same bytes in another folder, outside of git, with
// other settings of the go command.
func TestPageIsTheSameTwice(t *testing.T) {
	once, err := built()
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := filepath.Join(t.TempDir(), "a folder of another name")
	for _, path := range copied {
		from, to := filepath.Join(root, filepath.FromSlash(path)), filepath.Join(elsewhere, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(from); err != nil {
			t.Fatal(err)
		} else if info.IsDir() {
			err = os.CopyFS(to, os.DirFS(from))
			if err != nil {
				t.Fatal(err)
			}
			continue
		}
		content, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range map[string]string{
		"GOFLAGS": "-tags=other -buildvcs=true", "GOOS": "linux", "CGO_ENABLED": "1", "GOWASM": "", "SOURCE_DATE_EPOCH": "1", "TZ": "Asia/Tokyo",
	} {
		t.Setenv(name, value)
	}
	again, err := build(t.Context(), elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(once, again) {
		t.Errorf("two builds differ: %d and %d bytes", len(once), len(again))
	}
	if bytes.Contains(again, []byte(filepath.Base(elsewhere))) {
		t.Error("the page tells where it was made")
	}
}

// The page can reach nothing, and nothing else can run in it.
func TestPolicy(t *testing.T) {
	t.Parallel()
	page, err := built()
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="([^"]*)">`).FindSubmatch(page)
	if m == nil {
		t.Fatal("the page has no policy")
	}
	p := string(m[1])
	if !strings.HasPrefix(p, "default-src 'none'; script-src 'wasm-unsafe-eval' 'sha256-") {
		t.Errorf("the policy begins with %.80q", p)
	}
	for _, wrong := range []string{"connect-src", "'unsafe-", "http", "blob:", "data:", "*", "'self'"} {
		if strings.Contains(p, wrong) {
			t.Errorf("the policy has %s: %s", wrong, p)
		}
	}
	for _, element := range []string{"script", "style"} {
		for _, inline := range regexp.MustCompile(`(?s)<`+element+`>(.*?)</`+element+`>`).FindAllSubmatch(page, -1) {
			if !strings.Contains(p, hash(string(inline[1]))) {
				t.Errorf("the policy lacks the hash of a %s", element)
			}
		}
	}
	if regexp.MustCompile(`(?i)<[^>]+\s(src|href|action|style|on[a-z]+)=["'][^"'#]`).Match(page[bytes.Index(page, []byte("<body>")):bytes.Index(page, []byte(`<script type="application`))]) {
		t.Error("an element refers to something outside, or has a script or style of its own")
	}
	if strings.Contains(pages.Policy, "wasm") || strings.Contains(pages.Policy, "script-src") {
		t.Errorf("other pages may run programs: %s", pages.Policy)
	}
}

// A part that would end its own element is never written.
func TestPartsStayInside(t *testing.T) {
	t.Parallel()
	for _, p := range []parts{{Style: "</STYLE>"}, {Script: "x = '</script>'"}, {Runtime: "<!-- <script>"}} {
		if _, err := p.page(); !errors.Is(err, errInline) {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	if err := run(t.Context(), nil); err == nil {
		t.Error("no file to write, and no error")
	}
	path := filepath.Join(t.TempDir(), "page.html")
	for _, content := range []string{"old", "new"} {
		if err := replace(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != "new" {
		t.Errorf("%q, %v", got, err)
	}
	if all, _ := os.ReadDir(filepath.Dir(path)); len(all) != 1 {
		t.Errorf("%d files are left", len(all))
	}
}
