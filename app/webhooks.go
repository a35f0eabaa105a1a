package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta.dev/bauta/app/outbox"
	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker"
)

// webhookCommands are the operator's hand on who is told what happens.
type webhookCommands struct {
	Add    addWebhookCommand    `cmd:"" help:"Tell a URL what happens; prints its number and its secret, once."`
	List   listWebhooksCommand  `cmd:"" help:"List who is told what, and what they have not been told yet."`
	Remove removeWebhookCommand `cmd:"" help:"Tell it nothing any more."`
	Rotate rotateWebhookCommand `cmd:"" help:"Make a new secret and print it, once; the old one signs as well for 24 hours."`
	Replay replayCommand        `cmd:"" help:"Tell again what was told, or could not be."`
	Test   testWebhookCommand   `cmd:"" help:"Send a ping, and say what came back."`
}

type addWebhookCommand struct {
	URL   string   `arg:"" help:"https, or http on this machine. It may hold a token: it is sealed like the secret."`
	Kinds []string `placeholder:"KIND" help:"What it is told, several with commas (default: everything, and what later releases add)."`
}

// Help of webhooks add.
func (*addWebhookCommand) Help() string {
	return `What is sent, how to verify it and in which order it comes is in docs/webhooks.md.

    bauta webhooks add https://shop.example/hooks/bauta
    bauta webhooks add https://shop.example/hooks/bauta --kinds disclosure.granted,grant.suspended`
}

// Run adds an endpoint.
func (c *addWebhookCommand) Run(ctx context.Context, p *program) error {
	if err := outbox.CheckURL(c.URL); err != nil {
		return err
	}
	var kinds []broker.NoticeKind
	for _, name := range c.Kinds {
		k, ok := broker.NoticeKindOf(name)
		if !ok {
			var names []string
			for _, k := range broker.NoticeKinds() {
				names = append(names, k.String())
			}
			return fmt.Errorf("there is no kind %q; the kinds are %s", name, strings.Join(names, ", "))
		}
		kinds = append(kinds, k)
	}
	return p.visit(ctx, working, func(h *house) error {
		e, err := h.store.AddEndpoint(ctx, c.URL, kinds)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.stdout, "%d %s\n", e.ID, outbox.FormatSecret(e.Secrets[0]))
		return err
	})
}

type listWebhooksCommand struct{}

// Run lists endpoints, without their secrets.
func (*listWebhooksCommand) Run(ctx context.Context, p *program) error {
	return p.visit(ctx, looking, func(h *house) error {
		all, err := h.store.Endpoints(ctx)
		if err != nil {
			return err
		}
		backlogs, err := h.store.Backlogs(ctx)
		if err != nil {
			return err
		}
		t := tabwriter.NewWriter(p.stdout, 0, 8, 2, ' ', 0)
		_, _ = fmt.Fprintln(t, "ID\tURL\tKINDS\tCREATED\tGONE\tWAITING\tOLDEST\tFAILED")
		for _, e := range all {
			kinds := make([]string, len(e.Kinds))
			for i, k := range e.Kinds {
				kinds[i] = k.String()
			}
			b := backlogs[e.ID]
			_, _ = fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%d\t%s\t%d\n", e.ID, e.URL, dash(strings.Join(kinds, ",")), date(e.CreatedAt), date(e.DisabledAt), b.Waiting, date(b.Oldest), b.Failed)
		}
		return t.Flush()
	})
}

var errNoWebhook = errors.New("there is no webhook with this number; bauta webhooks list shows those that there are")

func explainWebhook(err error) error {
	if errors.Is(err, broker.ErrNotFound) {
		return errNoWebhook
	}
	return err
}

type removeWebhookCommand struct {
	ID int64 `arg:"" help:"Its number."`
}

// Run removes an endpoint. Running brokers tell it nothing more from a second later on.
func (c *removeWebhookCommand) Run(ctx context.Context, p *program) error {
	return p.visit(ctx, looking, func(h *house) error {
		if err := h.store.RemoveEndpoint(ctx, c.ID); err != nil {
			return explainWebhook(err)
		}
		_, err := fmt.Fprintf(p.stdout, "%d is told nothing any more\n", c.ID)
		return err
	})
}

type rotateWebhookCommand struct {
	ID int64 `arg:"" help:"Its number."`
}

// Run makes a new secret.
func (c *rotateWebhookCommand) Run(ctx context.Context, p *program) error {
	return p.visit(ctx, looking, func(h *house) error {
		secret, err := h.store.RotateSecret(ctx, c.ID)
		if err != nil {
			return explainWebhook(err)
		}
		_, err = fmt.Fprintln(p.stdout, outbox.FormatSecret(secret))
		return err
	})
}

type replayCommand struct {
	Since    time.Time `placeholder:"TIME" help:"What came to be said at this time or later, like 2026-03-04T12:00:00Z."`
	From     int64     `placeholder:"INDEX" default:"-1" help:"What is about this ledger entry or a later one."`
	Endpoint int64     `placeholder:"ID" help:"To this one alone."`
	Failed   bool      `help:"Only what was given up."`
}

// Help of webhooks replay.
func (*replayCommand) Help() string {
	return `Messages can be replayed for 30 days. They come under their old ids, so whoever keeps those is told nothing twice.

    bauta webhooks replay --failed
    bauta webhooks replay --since 2026-03-04T12:00:00Z --endpoint 1`
}

// Run replays. A running broker sends within a second or so; without one they go
// with the next start.
func (c *replayCommand) Run(ctx context.Context, p *program) error {
	if c.Since.IsZero() && c.From < 0 && !c.Failed {
		return errors.New("say what to replay: --since TIME, --from INDEX or --failed")
	}
	return p.visit(ctx, looking, func(h *house) error {
		if c.Endpoint != 0 {
			if _, err := h.store.Endpoint(ctx, c.Endpoint); err != nil {
				return explainWebhook(err)
			}
		}
		n, err := h.store.Replay(ctx, postgres.Replay{Endpoint: c.Endpoint, Since: c.Since, From: max(c.From, 0), Failed: c.Failed})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.stdout, "%d messages are sent again\n", n)
		return err
	})
}

type testWebhookCommand struct {
	ID int64 `arg:"" help:"Its number."`
}

// Help of webhooks test.
func (*testWebhookCommand) Help() string {
	return `An endpoint that answered 410 Gone is told nothing more, until it takes a ping.`
}

// Run pings an endpoint.
func (c *testWebhookCommand) Run(ctx context.Context, p *program) error {
	return p.visit(ctx, looking, func(h *house) error {
		e, err := h.store.Endpoint(ctx, c.ID)
		if err != nil {
			return explainWebhook(err)
		}
		id := make([]byte, 16)
		if _, err := io.ReadFull(p.random, id); err != nil {
			return fmt.Errorf("number ping: %w", err)
		}
		status, err := outbox.Ping(ctx, outbox.NewClient(), e, "msg_"+hex.EncodeToString(id), p.now())
		switch {
		case err != nil:
			return fmt.Errorf("ping %d: %w", e.ID, err)
		case status < 200 || status >= 300:
			return fmt.Errorf("ping %d: it answered %d %s", e.ID, status, http.StatusText(status))
		}
		if !e.DisabledAt.IsZero() {
			if err := h.store.EnableEndpoint(ctx, e.ID); err != nil {
				return err
			}
		}
		_, err = fmt.Fprintln(p.stdout, strconv.Itoa(status)+" "+http.StatusText(status))
		return err
	})
}

// measureOutbox shows what is told among the metrics.
func measureOutbox(r *prometheus.Registry, o *outbox.Outbox) {
	for name, m := range map[string]struct {
		help string
		of   func(outbox.Stats) int64
	}{
		"bauta_webhooks_delivered_total": {"Messages of this broker that an endpoint took over.", func(s outbox.Stats) int64 { return s.Delivered }},
		"bauta_webhooks_failed_total":    {"Attempts of this broker that an endpoint did not take over.", func(s outbox.Stats) int64 { return s.Failed }},
	} {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: m.help}, func() float64 { return float64(m.of(o.Stats())) }))
	}
	for name, m := range map[string]struct {
		help string
		of   func(outbox.Stats) float64
	}{
		"bauta_webhooks_waiting":        {"Messages that are due and not delivered.", func(s outbox.Stats) float64 { return float64(s.Waiting) }},
		"bauta_webhooks_given_up":       {"Messages that nobody tries to deliver any more.", func(s outbox.Stats) float64 { return float64(s.GivenUp) }},
		"bauta_webhooks_oldest_seconds": {"How long the oldest of those that wait is due; 0 if none waits.", func(s outbox.Stats) float64 { return s.Oldest.Seconds() }},
	} {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: m.help}, func() float64 { return m.of(o.Stats()) }))
	}
}
