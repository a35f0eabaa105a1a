package demo_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// artefacts are for people to look at.
const artefacts = "../../artefacts"

// browser is a headless Chromium with one tab after the other.
type browser struct {
	ctx context.Context
	axe string
}

// newBrowser fails where Chromium or axe is missing: a test that looked at
// nothing has proved nothing.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("Chromium is missing: run scripts/install chromium")
	}
	where, err := exec.CommandContext(t.Context(), "../../scripts/axe").Output()
	if err != nil {
		t.Fatalf("scripts/axe: %v", err)
	}
	axe, err := os.ReadFile(strings.TrimSpace(string(where)))
	if err != nil {
		t.Fatal(err)
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path)}
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	for _, quiet := range []string{
		"disable-background-networking", "disable-component-update", "disable-sync", "no-first-run", "disable-quic",
	} {
		options = append(options, chromedp.Flag(quiet, true))
	}
	ctx, cancel := chromedp.NewContext(context.WithoutCancel(t.Context()), chromedp.WithAllocatorOptions(options...))
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(artefacts, 0o750); err != nil {
		t.Fatal(err)
	}
	return &browser{ctx: ctx, axe: string(axe)}
}

// look is how a visitor looks at a page.
type look struct {
	name          string
	width, height int64
	mobile        bool
	dark          bool
	withoutScript bool
}

// tab is one visitor. Whatever the page says in the console fails the test: a
// style or script that the policy refuses does.
type tab struct {
	*testing.T
	ctx  context.Context
	look look
	axe  string
	// expects is a status that the browser may complain about.
	expects string
}

func (b *browser) open(t *testing.T, l look) *tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(b.ctx)
	t.Cleanup(closeTab)
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	v := &tab{T: t, ctx: ctx, look: l, axe: b.axe}
	options := []chromedp.EmulateViewportOption{}
	if l.mobile {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateScale(2))
	}
	v.do(chromedp.EmulateViewport(l.width, l.height, options...), v.media("screen"), v.call(func(ctx context.Context, s cdp.Session) error {
		_, err := cdp.Call(ctx, s, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: l.withoutScript})
		return err
	}))
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if v.expects != "" && m.Source == "network" && strings.Contains(m.Text, v.expects) {
				continue
			}
			t.Errorf("console: %s %s: %s", m.Type, m.Source, m.Text)
		}
	}()
	return v
}

// media is the screen or paper, in the light that the look has.
func (v *tab) media(kind string) chromedp.Action[chromedp.Void] {
	scheme := "light"
	if v.look.dark {
		scheme = "dark"
	}
	return v.call(func(ctx context.Context, s cdp.Session) error {
		_, err := cdp.Call(ctx, s, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Media: kind, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}

func (v *tab) call(do func(context.Context, cdp.Session) error) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		return chromedp.Void{}, do(ctx, t)
	}
}

func (v *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	v.Helper()
	if err := chromedp.Do(v.ctx, steps...); err != nil {
		v.Fatal(err)
	}
}

func (v *tab) visit(url string) {
	v.Helper()
	v.do(chromedp.Navigate(url))
}

// press sends the form of a button and waits for the page that it leads to.
func (v *tab) press(selector string) {
	v.Helper()
	if _, err := chromedp.RunResponse(v.ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		v.Fatalf("press %s: %v", selector, err)
	}
}

// text is all that is written in the elements of a selector.
func (v *tab) text(selector string) string {
	v.Helper()
	js := fmt.Sprintf(`[...document.querySelectorAll(%q)].map(e => e.innerText).join("\n").replace(/\s+/g, " ")`, selector)
	s, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](js))
	if err != nil {
		v.Fatal(err)
	}
	return s
}

func (v *tab) says(selector string, wants ...string) {
	v.Helper()
	got := v.text(selector)
	for _, want := range wants {
		if !strings.Contains(got, want) {
			v.Errorf("%s says %q, want %q", selector, got, want)
		}
	}
}

func (v *tab) saysNot(selector string, unwanted ...string) {
	v.Helper()
	got := v.text(selector)
	for _, x := range unwanted {
		if strings.Contains(got, x) {
			v.Errorf("%s says %q, and should not say %q", selector, got, x)
		}
	}
}

// shoot keeps a picture of the whole page.
func (v *tab) shoot(name string) {
	v.Helper()
	png, err := chromedp.Run(v.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		v.Fatal(err)
	}
	v.keep(name+"-"+v.look.name+".png", png)
}

func (v *tab) keep(name string, content []byte) {
	v.Helper()
	if err := os.WriteFile(filepath.Join(artefacts, name), content, 0o600); err != nil {
		v.Fatal(err)
	}
}

// print keeps the page as paper.
func (v *tab) print(name string) {
	v.Helper()
	var pdf []byte
	v.do(v.call(func(ctx context.Context, s cdp.Session) error {
		r, err := cdp.Call(ctx, s, page.PrintToPDF, page.PrintToPDFParams{})
		pdf = r.Data
		return err
	}))
	v.keep(name+".pdf", pdf)
	v.do(v.media("print"))
	v.shoot(name + "-print")
	v.do(v.media("screen"))
}

// check runs axe on the rules of WCAG 2.2 AA, and looks for a page that is
// wider than its window.
func (v *tab) check() {
	v.Helper()
	const run = `(async () => { const r = await axe.run(document, {runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]});
		return JSON.stringify(r.violations.map(x => ({id: x.id, nodes: x.nodes.map(n => n.html.slice(0, 160) + " " + n.failureSummary)}))); })()`
	if v.look.withoutScript {
		return // axe is a script
	}
	v.do(chromedp.Evaluate[chromedp.Void](v.axe + ";0"))
	report, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](run, chromedp.EvalAwaitPromise))
	if err != nil {
		v.Fatal(err)
	}
	var violations []struct {
		ID    string
		Nodes []string
	}
	if err := json.Unmarshal([]byte(report), &violations); err != nil {
		v.Fatal(err)
	}
	for _, x := range violations {
		v.Errorf("axe: %s\n%s", x.ID, strings.Join(x.Nodes, "\n"))
	}
	wide, err := chromedp.Run(v.ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`))
	if err != nil || wide > 0 {
		v.Errorf("the page is %d pixels wider than its window (%v)", wide, err)
	}
}
