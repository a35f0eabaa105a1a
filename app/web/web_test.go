package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/prometheus/client_golang/prometheus"

	"bauta.dev/bauta/app/web/contract"
	"bauta.dev/bauta/broker"
)

// keyFile finds keys in a map; it counts how often it was asked.
type keyFile struct {
	mu    sync.Mutex
	keys  map[string]*broker.APIKey // by id; the secret is "secret"
	asked int
	err   error
}

func (k *keyFile) Key(_ context.Context, id, secret string) (*broker.APIKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked++
	if k.err != nil {
		return nil, k.err
	}
	if found := k.keys[id]; found != nil && secret == "secret" {
		return found, nil
	}
	return nil, errUnauthenticated
}

// clock stands still until it is told.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// door is a server without a store: what gets past it would panic, and so be 500.
type door struct {
	*Server
	keys  *keyFile
	clock *clock
	log   *bytes.Buffer
	holds func(method, path string, status int, contentType string, reqBody, respBody []byte) error
}

func newDoor(tb testing.TB, change func(*Deps)) *door {
	tb.Helper()
	d := &door{log: &bytes.Buffer{}, clock: &clock{at: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)}, keys: &keyFile{keys: map[string]*broker.APIKey{
		"m": {ID: "m", Scopes: []string{marketplace}},
		"a": {ID: "a", Scopes: []string{attest}, Source: "payment"},
		"p": {ID: "p", Scopes: []string{privacy}},
		"o": {ID: "o", Scopes: []string{audit}},
		"r": {ID: "r", Scopes: []string{registering}},
		"d": {ID: "d", Scopes: []string{disputing}},
	}}}
	deps := Deps{
		Broker: broker.New(broker.Deps{}), Keys: d.keys, Now: d.clock.now, Random: rand.Reader, Version: "test",
		Log: slog.New(slog.NewJSONHandler(d.log, nil)), Registry: prometheus.NewRegistry(),
	}
	if change != nil {
		change(&deps)
	}
	d.Server = New(deps)
	readOnce.Do(func() {
		doc, err := d.document()
		if err != nil {
			tb.Fatal(err)
		}
		if holds, err = contract.Validator(doc); err != nil {
			tb.Fatal(err)
		}
	})
	d.holds = holds
	return d
}

// The document is the same for every door, and slow to read.
var (
	readOnce sync.Once
	holds    func(method, path string, status int, contentType string, reqBody, respBody []byte) error
)

type reply struct {
	status int
	header http.Header
	body   []byte
	problem
}

// send sends one request and holds the answer against the document.
func (d *door) send(t *testing.T, method, path, key, body string, headers ...string) reply {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer bauta_"+key+"_secret")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := d.App().Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it has been read
	r := reply{status: resp.StatusCode, header: resp.Header}
	if r.body, err = io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	kind := resp.Header.Get("Content-Type")
	if kind == mediaProblem {
		if err := json.Unmarshal(r.body, &r.problem); err != nil {
			t.Fatalf("problem: %v", err)
		}
	}
	if method != http.MethodHead {
		if err := d.holds(method, path, r.status, kind, []byte(body), r.body); err != nil {
			t.Errorf("document: %v", err)
		}
	}
	if resp.Header.Get("Request-Id") == "" {
		t.Error("no Request-Id")
	}
	return r
}

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := jsonv2.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
