package chromium

import (
	"encoding/json"
	"strings"

	"github.com/chromedp/chromedp"
)

// Check runs axe on the rules of WCAG 2.2 AA, and looks for a page that is
// wider than its window.
func (v *Tab) Check() {
	v.Helper()
	const run = `(async () => { const r = await axe.run(document, {resultTypes: ["violations"], selectors: false, elementRef: false, runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]});
		return JSON.stringify(r.violations.map(x => ({id: x.id, nodes: x.nodes.map(n => n.html.slice(0, 160) + " " + n.failureSummary)}))); })()`
	v.Fits("the page")
	if v.look.WithoutScript || v.look.Again {
		return // axe is a script, or was here
	}
	v.Do(chromedp.Evaluate[chromedp.Void](v.axe + ";0"))
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
}

// Fits fails where a page is wider than its window, or has something to press that is
// smaller than a finger needs (WCAG 2.2, 2.5.8); a link within a sentence may be.
func (v *Tab) Fits(name string) {
	v.Helper()
	if wide := v.Count(`document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
		const out = `[...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth).map(e => e.outerHTML.slice(0, 90)).join("; ")`
		which, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](out))
		v.Errorf("%s is %d pixels wider than its window (%s): %s (%v)", name, wide, v.look.Name, which, err)
	}
	const small = `[...document.querySelectorAll("button, input:not([type=hidden]), select, textarea, summary, .tabs a, .button")].filter(e => {
		const r = e.getBoundingClientRect(); return !e.classList.contains("visually-hidden") && r.width > 0 && (r.width < 22 || r.height < 22); }).map(e => e.outerHTML.slice(0, 90)).join("; ")`
	found, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](small))
	if err != nil || found != "" {
		v.Errorf("%s has something to press that is too small (%s): %s (%v)", name, v.look.Name, found, err)
	}
}
