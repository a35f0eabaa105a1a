package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/app/demo"
	"bauta.dev/bauta/app/web"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking/fault"
)

// demoKeys are a demonstration's keys by their scope. They are kept in the data
// directory, which only a demonstration may do.
type demoKeys map[string]string

const demoKeysFile = "demo-keys.json"

// demoKinds are made in this order.
func demoKinds() []broker.APIKey {
	return []broker.APIKey{
		{Scopes: []string{scopeMarketplace}},
		{Scopes: []string{scopeAttest}, Source: "payment"},
		{Scopes: []string{"disputes"}},
		{Scopes: []string{"privacy"}},
		{Scopes: []string{"audit"}},
	}
}

// demonstrate makes what a demonstration has beside a broker: keys, a filled
// marketplace, pages, and what to say about them. A later start finds all of it.
func (s *server) demonstrate(ctx context.Context, b *broker.Broker, d *web.Deps) error {
	var keys demoKeys
	err := s.house.store.Alone(ctx, func(ctx context.Context) error {
		var err error
		keys, err = s.demoKeys(ctx, b)
		return err
	})
	if err != nil {
		return fmt.Errorf("make demonstration keys: %w", err)
	}
	if err := demo.Seed(ctx, b, s.program.now); err != nil {
		return fmt.Errorf("fill the demonstration marketplace: %w", err)
	}
	d.Mount = func(app *fiber.App) { //nolint:contextcheck // each request has a context of its own
		demo.Mount(app, demo.Deps{Broker: b, Ledger: s.house.store, Now: s.program.now, Log: s.program.log})
	}
	s.welcome = s.greeting(keys)
	return nil
}

// demoKeys reads the keys and makes those that do not open anything: on the
// first start all of them. A crash before they are kept leaves keys in the
// database whose secrets nobody has.
func (s *server) demoKeys(ctx context.Context, b *broker.Broker) (demoKeys, error) {
	path := filepath.Join(s.program.DataDir, demoKeysFile)
	keys := demoKeys{}
	text, err := os.ReadFile(path) //nolint:gosec // the operator's own folder
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil && json.Unmarshal(text, &keys) != nil {
		keys = demoKeys{} // made anew
	}
	changed := false
	for _, k := range demoKinds() {
		scope := k.Scopes[0]
		if opens, err := s.opens(ctx, keys[scope]); opens || err != nil {
			if err != nil {
				return nil, err
			}
			continue
		}
		if keys[scope], err = issue(ctx, s.house, b, s.program.random, k, demoPrefix); err != nil {
			return nil, err
		}
		changed = true
	}
	if !changed {
		return keys, nil
	}
	if text, err = json.MarshalIndent(keys, "", "  "); err != nil {
		return nil, err
	}
	return keys, writeOver(path, append(text, '\n'))
}

// opens says whether a kept key is one of this database.
func (s *server) opens(ctx context.Context, key string) (bool, error) {
	parts := strings.Split(key, "_")
	if len(parts) != 3 {
		return false, nil
	}
	_, err := s.house.store.APIKey(ctx, parts[1], parts[2])
	if fault.Of(err).Kind == fault.Unauthenticated {
		return false, nil
	}
	return err == nil, err
}

// greeting is for whoever started the demonstration in a terminal.
func (s *server) greeting(keys demoKeys) string {
	var out strings.Builder
	url := s.url()
	fmt.Fprintf(&out, `
  A demonstration marketplace is open: every name in it is invented, and its keys work here only.

    pages    %s/
    API      %s/openapi.json
    ledger   %s/ledger/checkpoint

`, url, url, url)
	for _, k := range demoKinds() {
		name := k.Scopes[0]
		if k.Source != "" {
			name += " (" + k.Source + ")"
		}
		fmt.Fprintf(&out, "    %-18s %s\n", name, keys[k.Scopes[0]])
	}
	fmt.Fprintf(&out, `
    curl -H "Authorization: Bearer %s" "%s/v1/disclosures?limit=3"

  Ctrl-C ends it; the data stays in %s, and the next start prints the same keys.

`, keys[scopeMarketplace], url, s.program.DataDir)
	return out.String()
}
