package remote_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"bauta.dev/bauta/app/remote"
	"bauta.dev/bauta/broker/ledger"
)

// published is a log of n entries, path by path, as C2SP tlog-tiles has it.
type published map[string][]byte

func publish(t *testing.T, n int) (published, note.Verifier, ledger.Checkpoint) {
	t.Helper()
	skey, vkey, err := ledger.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, 64)), "bauta.example/log")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ledger.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	p, e, bundle := published{}, ledger.NewEdge(), []byte(nil)
	for i := range n {
		entry := ledger.Entry{Type: ledger.LogStarted, Nonce: [16]byte{byte(i), byte(i >> 8)}, Digests: make([][32]byte, 1)}.Marshal()
		_, full := e.Append(entry)
		for _, tile := range full {
			p[ledger.TilePath{Level: tile.Level, Index: tile.Index}.String()] = tile.Hashes
		}
		if bundle = ledger.AppendBundle(bundle, entry); (i+1)%256 == 0 {
			p[ledger.TilePath{Level: ledger.EntriesLevel, Index: int64(i) / 256}.String()], bundle = bundle, nil
		}
	}
	if n%256 > 0 {
		p[ledger.TilePath{Level: ledger.EntriesLevel, Index: int64(n) / 256, Width: n % 256}.String()] = bundle
	}
	for level := range 3 {
		if part := e.Partial(level); len(part) > 0 {
			p[ledger.TilePath{Level: level, Index: int64(n) >> (8 * (level + 1)), Width: len(part) / 32}.String()] = part
		}
	}
	head, err := signer.Sign(e.Size(), e.Root())
	if err != nil {
		t.Fatal(err)
	}
	p["checkpoint"] = head.Note
	return p, verifier, head
}

func (p published) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, ok := p[strings.TrimPrefix(r.URL.Path, "/ledger/")]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	_, _ = w.Write(b)
}

func check(t *testing.T, h http.Handler, verifier note.Verifier, kept ...ledger.Checkpoint) error {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	l, err := remote.New(server.URL, "key")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	signed, err := l.Checkpoint(t.Context())
	if err != nil {
		return err
	}
	head, err := ledger.OpenCheckpoint(verifier, signed)
	if err != nil {
		return err
	}
	l.At(head.Size)
	report, err := ledger.CheckTree(t.Context(), head, kept, l, nil)
	if err == nil && report.Entries != head.Size {
		t.Errorf("%d of %d entries", report.Entries, head.Size)
	}
	return err
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 255, 256, 257, 5000, 66_000} {
		p, verifier, head := publish(t, n)
		if err := check(t, p, verifier, head); err != nil {
			t.Errorf("%d entries: %v", n, err)
		}
	}
}

func TestCheckFinds(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		change func(published)
		want   string
	}{
		"an entry":            {func(p published) { p["tile/entries/001"][40] ^= 1 }, "entry "},
		"an entry at the end": {func(p published) { p["tile/entries/019.p/136"][40] ^= 1 }, "entry "},
		"a tile":              {func(p published) { p["tile/0/003"][40] ^= 1 }, "tile 0/3: "},
		"a tile cut short":    {func(p published) { p["tile/0/003"] = p["tile/0/003"][:8160] }, "tile 0/3: "},
		"a tile missing":      {func(p published) { delete(p, "tile/0/003") }, "tile 0/3: missing"},
		"a partial tile":      {func(p published) { p["tile/1/000.p/19"][3] ^= 1 }, "tile 1/0: "},
		"no partial tile":     {func(p published) { delete(p, "tile/0/019.p/136") }, "tile 0/19: "},
	} {
		p, verifier, _ := publish(t, 5000)
		x.change(p)
		err := check(t, p, verifier)
		if wrong, ok := errors.AsType[ledger.Finding](err); !ok || !strings.HasPrefix(wrong.Error(), x.want) {
			t.Errorf("%s: %v, want %s", name, err, x.want)
		}
	}
	// A log that was cut off, or forked, since a checkpoint was kept.
	long, verifier, later := publish(t, 600)
	short, _, _ := publish(t, 500)
	if err := check(t, short, verifier, later); err == nil || !strings.Contains(err.Error(), "checkpoint 600: the log ends at 500") {
		t.Errorf("cut off: %v", err)
	}
	forked := ledger.Checkpoint{Size: 300, Root: later.Root}
	if err := check(t, long, verifier, forked); err == nil || !strings.Contains(err.Error(), "is not what checkpoint 300 signs") {
		t.Errorf("forked: %v", err)
	}
}

// Whatever the other side sends, the check ends with an error and little memory.
func TestHostileServer(t *testing.T) {
	t.Parallel()
	p, verifier, _ := publish(t, 5000)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s was asked for elsewhere, with key %t", r.URL.Path, r.Header.Get("Authorization") != "")
	}))
	defer elsewhere.Close()
	for name, x := range map[string]struct {
		path   string
		answer http.HandlerFunc
		want   string
	}{
		"an endless bundle":     {"tile/entries/002", endless, "longer than it can be"},
		"an endless checkpoint": {"checkpoint", endless, "longer than it can be"},
		"an endless tile":       {"tile/0/001", endless, "longer than it can be"},
		"a redirect": {"tile/entries/002", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusFound)
		}, "redirect"},
		"too few entries": {"tile/entries/002", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte{0, 1, 1}) }, "not of the length"},
		"not a bundle":    {"tile/entries/002", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte{9}) }, "not of the length"},
		"a body cut off": {"tile/entries/002", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte("short"))
		}, "does not answer"},
		"no key":    {"tile/entries/002", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, "API key of scope audit"},
		"a failure": {"tile/entries/002", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, "500"},
	} {
		err := check(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/ledger/"+x.path {
				x.answer(w, r)
				return
			}
			p.ServeHTTP(w, r)
		}), verifier)
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v, want %q", name, err, x.want)
		}
		if _, ok := errors.AsType[ledger.Finding](err); ok {
			t.Errorf("%s: a check that could not be made is no finding", name)
		}
	}
}

func endless(w http.ResponseWriter, r *http.Request) {
	for b := bytes.Repeat([]byte{0, 0}, 1<<14); r.Context().Err() == nil; {
		if _, err := w.Write(b); err != nil {
			return
		}
	}
}

// One that is busy is asked again.
func TestBusy(t *testing.T) {
	t.Parallel()
	p, verifier, _ := publish(t, 300)
	busy := make(chan struct{}, 2)
	err := check(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case busy <- struct{}{}:
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = io.WriteString(w, "later")
		default:
			p.ServeHTTP(w, r)
		}
	}), verifier)
	if err != nil {
		t.Error(err)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]error{
		"": remote.ErrURL, "broker.example": remote.ErrURL, "ftp://broker.example": remote.ErrURL, "https://": remote.ErrURL,
		"https://a:b@broker.example": remote.ErrURL, "http://broker.example": remote.ErrInClear,
		"https://broker.example": nil, "http://127.0.0.1:8080": nil, "http://[::1]/bauta/": nil, "http://localhost:1": nil,
	} {
		if _, err := remote.New(url, "key"); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", url, err, want)
		}
	}
}

func TestEnds(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer server.Close()
	l, err := remote.New(server.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Checkpoint(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
}

// A broker that finds its own log changed is a finding, of the entry for which it
// refuses a bundle, as far as what it still hands out tells.
func TestTheChangedEntryIsNamed(t *testing.T) {
	t.Parallel()
	p, verifier, _ := publish(t, 600)
	for _, x := range []struct {
		bundle    string
		handsOut  int // of the bundle, and no more
		wantBegin string
	}{
		{"001", 0, "entry 256: it, or one up to 511: its broker says"},
		{"001", 1, "entry 257: its broker says"},
		{"001", 34, "entry 290: its broker says"},
		{"001", 255, "entry 511: its broker says"},
		{"002", 0, "entry 512: it, or one up to 599: its broker says"},
		{"002", 18, "entry 530: its broker says"},
	} {
		err := check(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked, partial := strings.CutPrefix(r.URL.Path, "/ledger/tile/entries/"+x.bundle)
			if !partial {
				p.ServeHTTP(w, r)
				return
			}
			if n, err := strconv.Atoi(strings.TrimPrefix(asked, ".p/")); err == nil && n <= x.handsOut {
				_, _ = w.Write([]byte("what it is does not matter here"))
				return
			}
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `{"errors":[{"code":"not_as_signed"}]}`)
		}), verifier)
		if f, ok := errors.AsType[ledger.Finding](err); !ok || !strings.HasPrefix(f.Error(), x.wantBegin) {
			t.Errorf("%s, %d handed out: %v, want %s", x.bundle, x.handsOut, err, x.wantBegin)
		}
	}
}
