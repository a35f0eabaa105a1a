// Package chromium is for tests: it looks at pages as visitors do, in a real
// browser, and fails where one is missing. A test that looked at nothing has
// proved nothing.
package chromium

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Browser is a headless Chromium with one tab after the other.
type Browser struct {
	ctx  context.Context //nolint:containedctx // chromedp keeps the browser in it
	root string          // of the module
	axe  string
}

// New starts a browser for as long as the test runs.
func New(t *testing.T) *Browser {
	t.Helper()
	root := moduleRoot(t)
	where, err := exec.CommandContext(t.Context(), filepath.Join(root, "scripts", "axe")).Output()
	if err != nil {
		t.Fatalf("scripts/axe: %v", err)
	}
	axe, err := os.ReadFile(strings.TrimSpace(string(where)))
	if err != nil {
		t.Fatal(err)
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(program(t))}
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	for _, quiet := range []string{
		"disable-background-networking", "disable-component-update", "disable-sync", "no-first-run", "disable-quic", "site-per-process", // the last as every browser with windows does
	} {
		options = append(options, chromedp.Flag(quiet, true))
	}
	ctx, cancel := chromedp.NewContext(context.WithoutCancel(t.Context()), chromedp.WithAllocatorOptions(options...))
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(root, artefacts), 0o750); err != nil {
		t.Fatal(err)
	}
	return &Browser{ctx: ctx, root: root, axe: string(axe)}
}

// artefacts are for people to look at.
const artefacts = "artefacts"

// program is the browser that this machine has. The one without windows is the same
// engine, and takes half of the processor time; Debian's command for it is a script,
// which would be killed in its place.
func program(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"/usr/lib/chromium/chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell"} {
		if found, err := exec.LookPath(name); err == nil {
			return found
		}
	}
	t.Fatal("Chromium is missing: run scripts/install chromium")
	return ""
}

// moduleRoot is the folder of go.mod, above the one that the test runs in.
func moduleRoot(t *testing.T) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		above := filepath.Dir(folder)
		if above == folder {
			t.Fatal("no go.mod above the test's folder")
		}
		folder = above
	}
}

// Look is how a visitor looks at a page.
type Look struct {
	Name          string
	Width, Height int64
	Mobile        bool
	Dark          bool
	WithoutScript bool
	// Again is a look at pages that axe has seen, in another language or size: it is
	// held against its window alone.
	Again bool
	// Apart has cookies of its own, as another person's browser does.
	Apart bool
}

// Looks are those that every page has to bear: two widths, two lights. Axe looks at
// either width and either light once.
func Looks() []Look {
	return []Look{
		{Name: "1440-light", Width: 1440, Height: 900},
		{Name: "1440-dark", Width: 1440, Height: 900, Dark: true, Again: true},
		{Name: "390-light", Width: 390, Height: 844, Mobile: true, Again: true},
		{Name: "390-dark", Width: 390, Height: 844, Mobile: true, Dark: true},
	}
}

// Tab is one visitor. Whatever the page says in the console fails the test: a
// style or script that the policy refuses does.
type Tab struct {
	*testing.T
	ctx  context.Context //nolint:containedctx // chromedp keeps the tab in it
	look Look
	root string
	axe  string
	sent sent
	// Expects is what the browser may complain about: a status, or what a policy refuses.
	Expects  string
	expected atomic.Int64
}

// Open gives a tab of its own, for as long as the test runs.
func (b *Browser) Open(t *testing.T, l Look) *Tab {
	t.Helper()
	var own []chromedp.ContextOption
	if l.Apart {
		own = append(own, chromedp.WithNewBrowserContext())
	}
	ctx, closeTab := chromedp.NewContext(b.ctx, own...)
	t.Cleanup(closeTab)
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(cancel)
	v := &Tab{T: t, ctx: ctx, look: l, root: b.root, axe: b.axe}
	v.Turn(l)
	v.Do(v.call(func(ctx context.Context, s cdp.Session) error {
		_, err := cdp.Call(ctx, s, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: l.WithoutScript})
		return err
	}))
	v.Do(v.call(func(ctx context.Context, s cdp.Session) error {
		if err := chromedp.Listen(ctx, v.sent.note); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, s, network.Enable, network.EnableParams{})
		return err
	}))
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if v.Expects != "" && (m.Source == "network" || m.Source == "security") && strings.Contains(m.Text, v.Expects) {
				v.expected.Add(1)
				continue
			}
			t.Errorf("console: %s %s: %s", m.Type, m.Source, m.Text)
		}
	}()
	return v
}

// Turn looks at the same page in another way.
func (v *Tab) Turn(l Look) {
	v.Helper()
	v.look = l
	options := []chromedp.EmulateViewportOption{}
	if l.Mobile {
		options = append(options, chromedp.EmulateMobile)
	}
	v.Do(chromedp.EmulateViewport(l.Width, l.Height, options...), v.media("screen"))
}

// sent are the addresses that a tab has asked for, in order.
type sent struct {
	mu   sync.Mutex
	urls []string
}

func (s *sent) note(ev any) {
	if e, ok := ev.(*network.EventRequestWillBeSent); ok {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.urls = append(s.urls, e.Request.URL)
	}
}

// Sent gives every address that was asked for, pages themselves among them.
func (v *Tab) Sent() []string {
	v.sent.mu.Lock()
	defer v.sent.mu.Unlock()
	return slices.Clone(v.sent.urls)
}

// media is the screen or paper, in the light that the look has.
func (v *Tab) media(kind string) chromedp.Action[chromedp.Void] {
	scheme := "light"
	if v.look.Dark {
		scheme = "dark"
	}
	return v.call(func(ctx context.Context, s cdp.Session) error {
		_, err := cdp.Call(ctx, s, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Media: kind, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}

func (v *Tab) call(do func(context.Context, cdp.Session) error) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		return chromedp.Void{}, do(ctx, t)
	}
}

// Do takes steps of the browser's own, and fails with the first that does.
func (v *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	v.Helper()
	if err := chromedp.Do(v.ctx, steps...); err != nil {
		v.Fatal(err)
	}
}

// Visit goes to an address.
func (v *Tab) Visit(url string) {
	v.Helper()
	v.Do(chromedp.Navigate(url))
}

// Type writes where the selector is, all of it at once, as a paste does: no page
// of ours hears single keys, and the browser draws a page anew for each.
func (v *Tab) Type(selector, text string) {
	v.Helper()
	v.Do(chromedp.Focus(chromedp.CSS(selector), chromedp.NodeVisible))
	v.Paste(text)
}

// Press sends the form of a button and waits for the page that it leads to.
func (v *Tab) Press(selector string) {
	v.Helper()
	if _, err := chromedp.RunResponse(v.ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		v.Fatalf("press %s: %v", selector, err)
	}
}

// Attach chooses a file of this machine in a form.
func (v *Tab) Attach(id, path string) {
	v.Helper()
	v.Do(chromedp.SetUploadFiles(chromedp.CSS(`[id="`+id+`"]`), []string{path}))
}

// PressKey presses a key where the focus is, and waits for the page that it leads to.
func (v *Tab) PressKey(key string) {
	v.Helper()
	if _, err := chromedp.RunResponse(v.ctx, chromedp.KeyEvent(key)); err != nil {
		v.Fatalf("press %q: %v", key, err)
	}
}

// Strike presses a key where the focus is; nothing has to come of it.
func (v *Tab) Strike(key string) {
	v.Helper()
	v.Do(chromedp.KeyEvent(key))
}

// Paste puts a text in where the focus is.
func (v *Tab) Paste(text string) {
	v.Helper()
	v.Do(v.call(func(ctx context.Context, s cdp.Session) error {
		_, err := cdp.Call(ctx, s, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
}

// Choose takes an option of a list by its code.
func (v *Tab) Choose(selector, code string) {
	v.Helper()
	if v.Count(fmt.Sprintf(`(() => { const s = document.querySelector(%q); s.value = %q; return s.value === %q ? 1 : 0; })()`, selector, code, code)) != 1 {
		v.Fatalf("%s has no option %s", selector, code)
	}
}

// Count is what a JavaScript expression, or its promise, comes to: a whole number.
func (v *Tab) Count(js string) int {
	v.Helper()
	n, err := chromedp.Run(v.ctx, chromedp.Evaluate[int](js, chromedp.EvalAwaitPromise))
	if err != nil {
		v.Fatal(err)
	}
	return n
}

// Text is all that is written in the elements of a selector.
func (v *Tab) Text(selector string) string {
	v.Helper()
	js := fmt.Sprintf(`[...document.querySelectorAll(%q)].map(e => e.innerText).join("\n").replace(/\s+/g, " ")`, selector)
	s, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](js))
	if err != nil {
		v.Fatal(err)
	}
	return s
}

// Says wants all of these words in what is written.
func (v *Tab) Says(selector string, wants ...string) {
	v.Helper()
	got := v.Text(selector)
	for _, want := range wants {
		if !strings.Contains(got, want) {
			v.Errorf("%s says %q, want %q", selector, got, want)
		}
	}
}

// SaysNot wants none of them.
func (v *Tab) SaysNot(selector string, unwanted ...string) {
	v.Helper()
	got := v.Text(selector)
	for _, x := range unwanted {
		if strings.Contains(got, x) {
			v.Errorf("%s says %q, and should not say %q", selector, got, x)
		}
	}
}

// Shoot keeps a picture of the whole page.
func (v *Tab) Shoot(name string) {
	v.Helper()
	yes := true
	var png []byte
	v.Do(v.call(func(ctx context.Context, s cdp.Session) error {
		r, err := cdp.Call(ctx, s, page.CaptureScreenshot, page.CaptureScreenshotParams{
			Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: &yes, OptimizeForSpeed: &yes,
		})
		png = r.Data
		return err
	}))
	v.keep(name+"-"+v.look.Name+".png", png)
}

func (v *Tab) keep(name string, content []byte) {
	v.Helper()
	if err := os.WriteFile(filepath.Join(v.root, artefacts, name), content, 0o600); err != nil {
		v.Fatal(err)
	}
}

// Print keeps the page as paper.
func (v *Tab) Print(name string) {
	v.Helper()
	var pdf []byte
	v.Do(v.call(func(ctx context.Context, s cdp.Session) error {
		r, err := cdp.Call(ctx, s, page.PrintToPDF, page.PrintToPDFParams{})
		pdf = r.Data
		return err
	}))
	v.keep(name+".pdf", pdf)
	v.Do(v.media("print"))
	v.Shoot(name + "-print")
	v.Do(v.media("screen"))
}

// OnPaper does something while the page is laid out for paper.
func (v *Tab) OnPaper(do func()) {
	v.Helper()
	v.Do(v.media("print"))
	do()
	v.Do(v.media("screen"))
}
