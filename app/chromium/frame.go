package chromium

import (
	"context"
	"strings"
	"time"

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
				ctx, leave := chromedp.NewContext(v.ctx, chromedp.WithTargetID(x.TargetID))
				v.Cleanup(leave)
				ctx, cancel := context.WithTimeout(ctx, time.Minute)
				v.Cleanup(cancel)
				return &Tab{T: v.T, ctx: ctx, look: v.look, root: v.root, axe: v.axe}
			}
		}
	}
	v.Fatalf("no frame shows %s", address)
	return nil
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
