package chromium

import (
	"context"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// Saves presses a button that a file comes of, and gives what the browser has saved.
func (v *Tab) Saves(selector string) []byte {
	v.Helper()
	folder, yes, own := v.TempDir(), true, chromedp.FromContext(v.ctx).BrowserContextID
	progress := chromedp.Events(v.ctx, browser.DownloadProgress)
	v.Do(v.call(func(ctx context.Context, s cdp.Session) error {
		_, err := cdp.Call(ctx, s, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
			Behavior: browser.SetDownloadBehaviorBehaviorAllowAndName, BrowserContextID: own, DownloadPath: folder, EventsEnabled: &yes,
		})
		return err
	}), chromedp.Click(chromedp.CSS(selector)))
	for e, err := range progress {
		switch {
		case err != nil || e.State == browser.DownloadProgressStateCanceled:
			v.Fatalf("%s saves nothing: %s, %v", selector, e.State, err)
		case e.State == browser.DownloadProgressStateCompleted:
			content, err := os.ReadFile(filepath.Join(folder, e.GUID))
			if err != nil {
				v.Fatal(err)
			}
			return content
		}
	}
	v.Fatalf("%s saves nothing", selector)
	return nil
}
