package chromium

import (
	"context"
	"strings"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// How often, and with what pause, is looked for what takes a moment.
const looks, pause = 200, 50 * time.Millisecond

// Frame is the frame of another site in the page that the tab shows, whose address
// begins like that: a tab of its own to whoever looks into it.
func (v *Tab) Frame(address string) *Tab {
	v.Helper()
	for range looks {
		time.Sleep(pause)
		targets, err := chromedp.Targets(v.ctx)
		if err != nil {
			v.Fatal(err)
		}
		for _, x := range targets {
			if x.Type == "iframe" && strings.HasPrefix(x.URL, address) {
				return v.other(x.TargetID)
			}
		}
	}
	v.Fatalf("no frame shows %s", address)
	return nil
}

// Opens presses a button whose form leads to a new tab, and gives that.
func (v *Tab) Opens(selector string) *Tab {
	v.Helper()
	opened := chromedp.WaitNewTarget(v.ctx, func(x *target.Info) bool { return x.Type == "page" })
	v.Do(chromedp.Click(chromedp.CSS(selector)))
	select {
	case id := <-opened:
		tab := v.other(id)
		tab.Turn(v.look)
		tab.Awaits(`location.href !== "about:blank" && document.readyState === "complete"`)
		return tab
	case <-time.After(looks * pause):
		v.Fatalf("%s opens no tab", selector)
		return nil
	}
}

// other looks into something that this tab has opened.
func (v *Tab) other(id target.ID) *Tab {
	ctx, leave := chromedp.NewContext(v.ctx, chromedp.WithTargetID(id))
	v.Cleanup(leave)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	v.Cleanup(cancel)
	return &Tab{T: v.T, ctx: ctx, look: v.look, root: v.root, axe: v.axe}
}

// Refused waits until the browser has complained about what the tab expects.
func (v *Tab) Refused() {
	v.Helper()
	for range looks {
		if v.expected.Load() > 0 {
			return
		}
		time.Sleep(pause)
	}
	v.Fatalf("the browser has not refused: %s", v.Expects)
}
