package main

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"bauta.dev/bauta/broker"
)

// keyCommands are the operator's hand on API keys.
type keyCommands struct {
	Create createKeyCommand `cmd:"" help:"Make a key and print it, once."`
	List   listKeysCommand  `cmd:"" help:"List the keys that there are, without their secrets."`
	Revoke revokeKeyCommand `cmd:"" help:"End a key."`
}

type createKeyCommand struct {
	Scope  []string `required:"" placeholder:"SCOPE" help:"What the key may do: marketplace, attest, merchants, disputes, privacy, audit; several with commas."`
	Source string   `placeholder:"NAME" help:"Of what an attest key attests: payment, carrier, …"`
}

// Help of key create.
func (*createKeyCommand) Help() string {
	return `The key is all that is written to stdout, and is kept nowhere: only its keyed hash is.

    bauta key create --scope marketplace
    bauta key create --scope attest --source payment
    bauta key create --scope privacy,audit`
}

// Run makes a key.
func (c *createKeyCommand) Run(ctx context.Context, p *program) error {
	k := broker.APIKey{Source: c.Source}
	var err error
	if k.Scopes, err = scopes(c.Scope); err != nil {
		return err
	}
	if err := checkSource(&k); err != nil {
		return err
	}
	return p.visit(ctx, working, func(h *house) error {
		b, err := h.operator(ctx, p)
		if err != nil {
			return err
		}
		key, err := issue(ctx, h, b, p.random, k, "")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.stdout, key)
		return err
	})
}

// Scopes that the code speaks of; the rest are words of the list alone.
const (
	scopeMarketplace = "marketplace"
	scopeAttest      = "attest"
)

// scopes puts the named ones in order, each once.
func scopes(named []string) ([]string, error) {
	known := []string{scopeMarketplace, scopeAttest, "merchants", "disputes", "privacy", "audit"}
	for _, s := range named {
		if !slices.Contains(known, s) {
			return nil, fmt.Errorf("there is no scope %q; the scopes are %s", s, strings.Join(known, ", "))
		}
	}
	if slices.Contains(named, scopeMarketplace) && slices.Contains(named, scopeAttest) {
		return nil, errors.New("marketplace and attest never go on one key: who asks does not attest; make two keys")
	}
	chosen := slices.DeleteFunc(known, func(s string) bool { return !slices.Contains(named, s) })
	if len(chosen) == 0 {
		return nil, errors.New("name at least one scope with --scope")
	}
	return chosen, nil
}

// checkSource: the source stands in every entry that the key attests.
func checkSource(k *broker.APIKey) error {
	attests := slices.Contains(k.Scopes, scopeAttest)
	switch {
	case !attests && k.Source != "":
		return errors.New("--source says of what a key attests: only a key with scope attest has one")
	case !attests:
		return nil
	case k.Source == "":
		k.Source = "platform"
	case k.Source == "import":
		return errors.New("the source import is the operator's own hand; name another one with --source")
	}
	if !regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`).MatchString(k.Source) {
		return errors.New("--source is a short word like payment or carrier: a to z, 0 to 9, - and _, at most 32")
	}
	return nil
}

// demoPrefix begins the id of every demonstration key and of no other, so that
// they are known for what they are wherever they turn up.
const demoPrefix = "demo"

const idLength = 10

// issue makes a key with fresh id and secret, and writes it down; what it
// returns is the only copy.
func issue(ctx context.Context, h *house, b *broker.Broker, random io.Reader, k broker.APIKey, prefix string) (string, error) {
	word := base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
	raw := make([]byte, 8+32)
	for k.ID == "" || prefix == "" && strings.HasPrefix(k.ID, demoPrefix) {
		if _, err := io.ReadFull(random, raw); err != nil {
			return "", fmt.Errorf("make key: %w", err)
		}
		k.ID = (prefix + word.EncodeToString(raw[:8]))[:idLength]
	}
	secret := word.EncodeToString(raw[8:])
	k.Secret = h.store.HashSecret(k.ID, secret)
	if err := b.CreateKey(ctx, k); err != nil {
		return "", fmt.Errorf("make key: %w", err)
	}
	return "bauta_" + k.ID + "_" + secret, nil
}

type listKeysCommand struct{}

// Run lists the keys.
func (*listKeysCommand) Run(ctx context.Context, p *program) error {
	return p.visit(ctx, looking, func(h *house) error {
		keys, err := h.store.APIKeys(ctx)
		if err != nil {
			return fmt.Errorf("list keys: %w", err)
		}
		t := tabwriter.NewWriter(p.stdout, 0, 8, 2, ' ', 0)
		_, _ = fmt.Fprintln(t, "ID\tSCOPES\tSOURCE\tCREATED\tREVOKED")
		for _, k := range keys {
			_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", k.ID, strings.Join(k.Scopes, ","), dash(k.Source), date(k.CreatedAt), date(k.RevokedAt))
		}
		return t.Flush()
	})
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func date(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

type revokeKeyCommand struct {
	ID string `arg:"" help:"The id: what stands between the first two _ of the key."`
}

// Run ends a key. A running broker believes it for a second more.
func (c *revokeKeyCommand) Run(ctx context.Context, p *program) error {
	return p.visit(ctx, looking, func(h *house) error {
		k, err := h.store.FindAPIKey(ctx, c.ID)
		if errors.Is(err, broker.ErrNotFound) {
			return errors.New("there is no key with this id; bauta key list shows those that there are")
		}
		if err != nil {
			return fmt.Errorf("revoke key: %w", err)
		}
		if !k.RevokedAt.IsZero() {
			_, err := fmt.Fprintf(p.stdout, "%s was revoked at %s already\n", k.ID, date(k.RevokedAt))
			return err
		}
		b, err := h.operator(ctx, p)
		if err != nil {
			return err
		}
		if err := b.RevokeKey(ctx, *k); err != nil {
			return fmt.Errorf("revoke key: %w", err)
		}
		_, err = fmt.Fprintf(p.stdout, "%s is revoked\n", k.ID)
		return err
	})
}
