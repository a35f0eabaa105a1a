package main

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"bauta.dev/bauta/app/chromium"
	"bauta.dev/bauta/broker/ledger"
)

const root = "../.."

// built is the page, made once for all tests.
var built = sync.OnceValues(func() ([]byte, error) { return build(context.Background(), root) })

// desk is a folder with the page and files beside it, as somebody would have them.
type desk struct {
	*testing.T
	folder, page string
}

func newDesk(t *testing.T) desk {
	t.Helper()
	content, err := built()
	if err != nil {
		t.Fatal(err)
	}
	d := desk{T: t, folder: t.TempDir()}
	d.page = (&url.URL{Scheme: "file", Path: d.put("bauta-verify.html", content)}).String()
	return d
}

func (d desk) put(name string, content []byte) string {
	d.Helper()
	path := filepath.Join(d.folder, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		d.Fatal(err)
	}
	return path
}

// reader is a visitor who opened the page from disk.
type reader struct{ *chromium.Tab }

func (d desk) open(t *testing.T, b *chromium.Browser, l chromium.Look) *reader {
	t.Helper()
	r := &reader{b.Open(t, l)}
	r.Visit(d.page)
	if !l.WithoutScript {
		r.Do(chromedp.WaitVisible(chromedp.CSS("#form")))
	}
	return r
}

func (r *reader) verify(file, trust string) {
	r.Helper()
	r.Count(fmt.Sprintf(`(document.querySelector("#trust").value = %q).length`, trust))
	r.Do(
		chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file}, chromedp.NodeReady),
		chromedp.Click(chromedp.CSS("button[type=submit]")),
		chromedp.WaitVisible(chromedp.CSS(".verdict")),
	)
}

// silent checks that the page asked for nothing but itself.
func (r *reader) silent(page string) {
	r.Helper()
	if sent := r.Sent(); len(sent) != 1 || sent[0] != page {
		r.Errorf("the page asked for %v, want itself once", sent)
	}
}

// documented is the worked example of docs/receipt-format.md.
func documented(t *testing.T) (file []byte, vkey string) {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join(root, "docs", "receipt-format.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(doc), "The receipt:\n\n")
	text, rest, _ := strings.Cut(text, "\nThe log's verifier keys, Ed25519 and ML-DSA-44:\n\n    ")
	for line := range strings.Lines(text) {
		file = append(file, strings.TrimPrefix(line, "    ")...)
	}
	vkey, _, _ = strings.Cut(rest, "\n")
	return file, vkey
}

// Somebody far from us proves a receipt, in every light and width.
func TestPageProves(t *testing.T) {
	d, b := newDesk(t), chromium.New(t)
	receipt, vkey := newReceipt(t, 1)
	good := d.put("receipt-dsc_01.txt", receipt.Marshal())
	for _, l := range chromium.Looks() {
		t.Run(l.Name, func(t *testing.T) {
			r := d.open(t, b, l)
			r.Check()
			r.Says("#file-help", "of at most 16 MiB", "bundles of up to 256 MiB")
			r.Shoot("verify-1-empty")
			r.verify(good, "# from the marketplace's site\n"+vkey+"\n")
			r.Says(".verdict", "Verified", "The 2 entries are in a log that is signed as you asked for")
			r.SaysNot(".verdict", "unanchored", "Failed")
			r.Says(".checked", "receipt-dsc_01.txt", vkey)
			r.Says(".entry:nth-of-type(1)", "Disclosure decided", "Entry 0", "2026-03-04, 05:00 to 06:00 UTC", "both parties", origin,
				"granted", "deliver-shipped-goods", arabic, "30122 Venezia", "escalier 14", "+390415550142")
			r.Says(".entry:nth-of-type(2)", "Grant revoked", `<img src=x onerror=alert(1)>\u{202e}evil`)
			if r.Count(`document.querySelectorAll("#outcome img").length`) > 0 {
				t.Error("a receipt's text became an element")
			}
			r.Check()
			r.Shoot("verify-2-verified")
			r.verify(good, "")
			r.Says(".verdict", "Verified, but unanchored", "nobody is known to have signed it")
			r.Says(".checked", "Trusted nobody")
			r.Check()
			r.Shoot("verify-3-unanchored")
			r.Do(chromedp.Click(chromedp.CSS(".signed summary")))
			r.Says(".signed pre", `"type":"disclosure_decided"`)
			r.Print("verify-3-unanchored")
			r.verify(d.put("garbage.jpg", bytes.Repeat([]byte("no receipt"), 100)), vkey)
			r.Check()
			r.Shoot("verify-4-failed")
			r.silent(d.page)
		})
	}
}

func TestPageRefuses(t *testing.T) {
	t.Parallel()
	d, b := newDesk(t), chromium.New(t)
	receipt, vkey := newReceipt(t, 1)
	good := receipt.Marshal()
	_, other := newReceipt(t, 2)
	changed := bytes.Replace(good, []byte(`"granted"`), []byte(`"grantex"`), 1)
	forged, _ := newReceipt(t, 1)
	forged.Items[0].Said[0].Content = bytes.Replace(forged.Items[0].Said[0].Content, []byte(`"t-1"`), []byte(`"t-2"`), 1)
	r := d.open(t, b, chromium.Looks()[0])
	for _, x := range []struct {
		name    string
		file    []byte
		trust   string
		reason  string
		headers string
	}{
		{"one byte changed", changed, vkey, "receipt_sum", "Failed: the file was cut or changed"},
		{"changed, with a sum that fits", forged.Marshal(), vkey, "digest", "Failed: this is not what the entry says"},
		{"another log's key", good, other, "untrusted", "Failed: not signed by a log that you trust"},
		{"no key but words", good, "trust me", "key", "Failed: the key cannot be read"},
		{"a comment for a key", good, "# none", "key", "Failed: the key cannot be read"},
		{"a policy without quorum", good, "log " + vkey, "policy", "Failed: the policy cannot be read"},
		{"garbage", []byte("\x00\xff garbage"), vkey, "receipt", "Failed: this is not a receipt"},
		{"nothing", nil, vkey, "receipt", "Failed: this is not a receipt"},
		{"20 MB", append(bytes.Clone(good), make([]byte, 20_000_000)...), vkey, "too_large", "Failed: the file is too large"},
		{"zip", []byte("PK\x03\x04 and so on"), vkey, "archive", "Failed: this is not a bundle"},
	} {
		r.verify(d.put("receipt", x.file), x.trust)
		r.Says(".verdict", x.headers, "Reason "+x.reason, "Nothing in it is proven.")
		r.SaysNot("#outcome", "Verified", arabic, "escalier", "dsc_01")
		if t.Failed() {
			t.Fatalf("at: %s", x.name)
		}
	}
	r.verify(d.put("receipt", good), "log "+vkey+"\nquorum none")
	r.Says(".verdict-head", "Verified")
	r.silent(d.page)
}

// What is shown always answers what stands in the form.
func TestPageForgets(t *testing.T) {
	t.Parallel()
	d, b := newDesk(t), chromium.New(t)
	file, vkey := documented(t)
	r := d.open(t, b, chromium.Looks()[0])
	r.Do(chromedp.Click(chromedp.CSS("button[type=submit]")))
	r.Says("#said", "Choose a receipt first.")
	r.verify(d.put("example", file), vkey)
	r.Says(".entry", "Entry 5", "Opened values", "Ada Hartwell", "Said to both parties and the requester")
	r.Do(chromedp.SendKeys(chromedp.CSS("#trust"), "x"))
	r.SaysNot("main", "Ada Hartwell")
	r.Says("#about", "What comes out")
	r.verify(d.put("example", file), vkey)
	r.Do(chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS("#form")))
	r.SaysNot("main", "Ada Hartwell", "example")
	if kept := r.Count(`trust.value.length + file.files.length`); kept != 0 {
		t.Errorf("after a reload %d things are left", kept)
	}
}

// Everything is done with the keyboard alone, or with a file that is dropped.
func TestPageWithoutMouse(t *testing.T) {
	t.Parallel()
	d, b := newDesk(t), chromium.New(t)
	file, vkey := documented(t)
	good := d.put("example", file)
	r := d.open(t, b, chromium.Looks()[0])
	for _, stop := range []struct {
		selector string
		act      chromedp.Action[chromedp.Void]
	}{
		{".skip", nil},
		{"#file", chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{good}, chromedp.NodeReady)},
		{"#trust", chromedp.KeyEvent(vkey)},
		{"button[type=submit]", nil},
	} {
		r.Do(chromedp.KeyEvent(kb.Tab))
		if r.Count(fmt.Sprintf(`document.activeElement.matches(%q) ? 1 : 0`, stop.selector)) != 1 {
			t.Errorf("the focus is not on %s", stop.selector)
		}
		if stop.act != nil {
			r.Do(stop.act)
		}
	}
	r.Do(chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS(".verdict")))
	r.Says(".verdict-head", "Verified")
	if r.Count(`document.activeElement.matches(".verdict-head") ? 1 : 0`) != 1 {
		t.Error("the focus is not on what came out")
	}

	r.drop(d.put("dropped", []byte("garbage")))
	r.SaysNot("main", "Ada Hartwell")
	r.Says("#chosen", "dropped")
	r.Do(chromedp.Click(chromedp.CSS("button[type=submit]")), chromedp.WaitVisible(chromedp.CSS(".verdict")))
	r.Says(".verdict-head", "Failed: this is not a receipt")
	r.drop(good, d.put("another", file))
	r.Says("#said", "Drop one file at a time.")
	r.silent(d.page)
}

// drop lets files fall on the area for them.
func (r *reader) drop(files ...string) {
	r.Helper()
	x := float64(r.Count(`Math.round(drop.getBoundingClientRect().left) + 20`))
	y := float64(r.Count(`Math.round(drop.getBoundingClientRect().top) + 20`))
	for _, what := range []input.DispatchDragEventType{input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop} {
		r.Do(chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
			_, err := cdp.Call(ctx, s, input.DispatchDragEvent, input.DispatchDragEventParams{
				Type: what, X: x, Y: y, Data: &input.DragData{Items: []*input.DragDataItem{}, Files: files, DragOperationsMask: 1},
			})
			return err
		}))
	}
}

// A program that has ended proves nothing, and the page says so.
func TestPageFailsClosed(t *testing.T) {
	t.Parallel()
	d, b := newDesk(t), chromium.New(t)
	file, vkey := documented(t)
	good := d.put("example", file)
	for _, broken := range []string{
		`delete globalThis.bauta`,
		`globalThis.bauta = {enough: 1, verify: () => { throw new Error() }}`,
		`globalThis.bauta = {enough: 1, verify: () => null}`,
		`globalThis.bauta = {enough: 1, verify: () => "not JSON"}`,
		`globalThis.bauta = {enough: 1, verify: () => '{"state":"unheard"}'}`,
	} {
		r := d.open(t, b, chromium.Looks()[0])
		r.Count(`(` + broken + `, 0)`)
		r.verify(good, vkey)
		r.SaysNot("#outcome", "Verified", "Ada Hartwell")
		if r.Count(`document.querySelectorAll(".verdict.answer-error").length`) != 1 {
			t.Errorf("%s: no failure", broken)
		}
	}
}

func TestPageWithoutScript(t *testing.T) {
	t.Parallel()
	d, b := newDesk(t), chromium.New(t)
	for _, l := range chromium.Looks() {
		if l.Dark {
			continue
		}
		l.Name, l.WithoutScript = l.Name+"-noscript", true
		r := d.open(t, b, l)
		r.Says("main", "This page needs JavaScript", "bauta verify does the same")
		r.SaysNot("main", "Choose a file", "cannot run")
		r.Shoot("verify-5")
	}
}

// A file as large as a receipt may be is still answered.
func TestPageTakesTheLargest(t *testing.T) {
	t.Parallel()
	d, b := newDesk(t), chromium.New(t)
	receipt, vkey := newReceipt(t, 1)
	file := receipt.Marshal()
	file = append(file, bytes.Repeat([]byte("\n"), ledger.MaxReceiptSize-len(file))...)
	r := d.open(t, b, chromium.Looks()[0])
	begun := time.Now()
	r.verify(d.put("large", file), vkey)
	r.Says(".verdict", "Reason receipt_sum")
	t.Logf("16 MiB in %v", time.Since(begun))
}
