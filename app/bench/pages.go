package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// pages measures what people wait for in a browser: from the address to the first content
// that is drawn, and how much a page weighs with its sheet, each time without anything that
// was kept from before.
func (p *place) pages(ctx context.Context) error {
	if p.only == "" {
		return nil
	}
	session, err := p.worker(ctx, "lead@example.com", "lead")
	if err != nil {
		return err
	}
	key, err := p.server.Run(ctx, "key", "create", "--scope", "disputes")
	if err != nil {
		return err
	}
	p.disputed, p.history = min(p.disputed, 60), min(p.history, 120) // a page shows as many, however many there are
	long, err := p.quarrel(key)
	if err != nil {
		return err
	}
	tab, end, err := p.browser(ctx)
	if err != nil {
		return err
	}
	defer end()
	for _, page := range []struct{ what, path, session string }{
		{"sign-in", "/sign-in", ""},
		{"the queue", "/dashboard", session},
		{"a long case", "/desk/cases/" + long, session},
		{"the overview", "/desk/overview", session},
		{"the ledger, with an entry", "/desk/ledger?entry=7", session},
		{"the policy table", "/desk/ledger/policies", session},
		{"all components", "/desk/components", session},
	} {
		if err := p.paints(tab, page.what, page.path, page.session); err != nil {
			return fmt.Errorf("%s: %w", page.what, err)
		}
	}
	return nil
}

// browser starts one, with an empty cache.
func (p *place) browser(ctx context.Context) (context.Context, context.CancelFunc, error) {
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if found, err := exec.LookPath(name); err == nil && program == "" {
			program = found
		}
	}
	if program == "" {
		return nil, nil, errors.New("there is no Chromium: run scripts/install chromium")
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(program)}
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	tab, end := chromedp.NewContext(ctx, chromedp.WithAllocatorOptions(options...))
	return tab, end, chromedp.Do(tab)
}

// looks is how often a page is looked at; the median counts.
const looks = 15

// paint is what the browser says of a page that it has drawn.
type paint struct {
	First float64 // ms
	Bytes float64 // with its sheet and its mark, as they came
}

// paints measures one page.
func (p *place) paints(tab context.Context, what, path, session string) error {
	const measure = `(async () => {
		for (let n = 0; n < 100 && !performance.getEntriesByName("first-contentful-paint").length; n++) await new Promise(r => setTimeout(r, 20));
		const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
		return {First: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? -1, Bytes: all.reduce((n, e) => n + e.transferSize, 0)}; })()`
	prepare := func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		if _, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{}); err != nil {
			return chromedp.Void{}, err
		}
		if _, err := cdp.Call(ctx, t, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}); err != nil {
			return chromedp.Void{}, err
		}
		_, err := cdp.Call(ctx, t, network.SetCookie, network.SetCookieParams{Name: "bauta", Value: session, URL: p.server.URL})
		return chromedp.Void{}, err
	}
	var first []float64
	var weight float64
	for range looks {
		ctx, cancel := context.WithTimeout(tab, time.Minute)
		err := chromedp.Do(ctx, prepare, chromedp.Navigate(p.server.URL+path))
		if err != nil {
			cancel()
			return fmt.Errorf("go to the page: %w", err)
		}
		seen, err := chromedp.Run(ctx, chromedp.Evaluate[paint](measure, chromedp.EvalAwaitPromise))
		cancel()
		if err != nil || seen.First < 0 {
			return fmt.Errorf("nothing was drawn: %w", err)
		}
		first, weight = append(first, seen.First), max(weight, seen.Bytes)
	}
	slices.Sort(first)
	p.rows = append(p.rows,
		row{what: what + ", first content drawn, the median of " + strconv.Itoa(looks), result: fmt.Sprintf("%.0f ms", first[looks/2]), reach: "300 ms"},
		row{what: what + ", weight with its sheet", result: fmt.Sprintf("%.1f kB", weight/1000), reach: "150 kB"})
	return nil
}
