package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"bauta.dev/bauta/app/outbox"
	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/app/web"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
)

// server is a broker that is up: its house, and who comes in by which door.
type server struct {
	command *serveCommand
	program *program
	house   *house
	broker  *broker.Broker
	auditor *auditor
	known   known
	outbox  *outbox.Outbox
	watch   *policyWatch
	doors   doors
	web     *web.Server
	metrics *http.Server
	welcome string // what is printed after the ready line

	failed chan error // the first is why the server ends by itself
	work   sync.WaitGroup
}

// start brings everything up, or leaves nothing running.
func (c *serveCommand) start(ctx context.Context, p *program, e *necessity.Engine) (_ *server, err error) {
	s := &server{command: c, program: p, failed: make(chan error, 3)}
	defer func() {
		if err == nil {
			return
		}
		err = errors.Join(err, s.doors.close())
		if s.house != nil {
			err = errors.Join(err, s.house.close(context.WithoutCancel(ctx)))
		}
	}()
	if s.doors, err = c.listen(ctx); err != nil {
		return nil, err
	}
	if s.house, err = p.open(ctx, c.intent()); err != nil {
		return nil, err
	}
	s.auditor = newAuditor(p, s.house.store, c.AuditRate)
	t, err := c.terms()
	if err != nil {
		return nil, err
	}
	t.sound = s.auditor.sound
	b := s.house.broker(p, e, t)
	s.broker = b
	if err := s.begin(ctx, b); err != nil {
		return nil, err
	}
	registry := s.measured(b)
	d := web.Deps{
		Broker: b, Keys: keyFinder{s.house.store, c.Demo}, Ready: s.ready, Checkpoint: s.house.store.Cosigned,
		Witnessed: s.house.store.Witnessed, Outside: s.known.outside, Found: s.auditor.come,
		Now: p.now, Random: p.random, Log: p.log, Registry: registry,
		Ledger: s.house.store, PublicLedger: c.PublicLedger,
		RateLimit: c.RateLimit, BehindProxy: c.BehindProxy, PublicURL: s.publicURL(), EmbedOrigins: c.EmbedOrigin, ReportURL: c.ReportURL, Version: version,
	}
	if err := c.believes(p, s.house.store.Origin(), &d); err != nil {
		return nil, err
	}
	if c.Demo {
		if err := s.demonstrate(ctx, b, &d); err != nil {
			return nil, err
		}
	}
	s.web = web.New(d)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	s.metrics = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second}
	return s, nil
}

// measured makes what runs beside the door, and shows it among the metrics.
func (s *server) measured(b *broker.Broker) *prometheus.Registry {
	p := s.program
	registry := prometheus.NewRegistry()
	count(registry, s.house.store)
	s.auditor.measure(registry)
	s.watch = newPolicyWatch(p, b)
	s.watch.measure(registry)
	s.known = known{s.house.anchor, func() int64 { return s.house.store.Stats().Size }}
	s.known.measure(registry)
	s.outbox = outbox.New(outbox.Deps{
		Store: s.house.store, Broker: b, Client: outbox.NewClient(), Now: p.now, Log: p.log,
		Timers: map[broker.TimerKind]outbox.Handler{broker.Tidying: b.Tidy, broker.Reviewing: b.TidyMerchant, broker.Judging: b.TidyCase, broker.Mending: b.TidyGlass},
	})
	measureOutbox(registry, s.outbox)
	return registry
}

// ready says why this broker should get no requests.
func (s *server) ready(ctx context.Context) []string {
	return append(s.auditor.ready(ctx), s.watch.reasons()...)
}

// url is where callers find the broker.
func (s *server) url() string {
	if s.command.PublicURL != "" {
		return strings.TrimSuffix(s.command.PublicURL, "/")
	}
	return s.command.scheme() + s.doors.main.Addr().String()
}

// publicURL is where people do: as the operator says or, on loopback, where it
// listens. What stands before a broker nobody knows but the operator.
func (s *server) publicURL() string {
	if private, err := loopback(s.command.Addr); s.command.PublicURL == "" && (err != nil || !private || s.command.BehindProxy) {
		return ""
	}
	return s.url()
}

// run serves until ctx ends or a part gives up, and then ends all of it.
func (s *server) run(ctx context.Context) error {
	keeping, release := context.WithCancel(ctx)
	defer release()
	s.goes(func() error { return s.web.Serve(s.doors.main, s.command.TLSCert, s.command.TLSKey) })
	if s.doors.metrics != nil {
		s.goes(func() error { return s.metrics.Serve(s.doors.metrics) })
	}
	if s.house.private != nil {
		s.goes(func() error { return s.house.private.keep(keeping, s.program.log) })
	}
	s.goes(func() error { s.house.anchor.Run(keeping); return nil })
	s.goes(func() error { s.auditor.run(keeping); return nil })
	s.goes(func() error { tellLocks(keeping, s.broker, s.auditor.log); return nil })
	s.goes(func() error { s.outbox.Run(keeping); return nil })
	s.goes(func() error { s.watch.run(keeping); return nil })
	s.goes(func() error { sweep(keeping, s.house.store, s.auditor.log); return nil })
	_, err := fmt.Fprintf(s.program.stdout, "ready %s%s\n%s", s.command.scheme(), s.doors.main.Addr(), s.welcome)
	if err != nil {
		err = fmt.Errorf("say that it is ready: %w", err)
	} else {
		s.program.log.Info("ready", "version", version, "origin", s.house.store.Origin())
		select {
		case <-ctx.Done():
			s.program.log.Info("stopping: no more requests are taken")
		case err = <-s.failed:
		}
	}
	release()
	return errors.Join(err, s.stop(ctx))
}

// goes runs one part of the server.
func (s *server) goes(do func() error) {
	s.work.Go(func() {
		if err := do(); err != nil && !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	})
}

// stop ends what start began, the other way round: nothing that was taken is
// lost, and what takes too long is cut off. keep has been told to end already.
func (s *server) stop(ctx context.Context) error {
	ctx, cancel := end(ctx)
	defer cancel()
	drain, enough := context.WithTimeout(ctx, draining)
	defer enough()
	if err := s.web.Shutdown(drain); err != nil {
		s.program.log.Warn("some requests took too long and were cut off", "error", err)
	}
	err := errors.Join(s.metrics.Close(), s.doors.close())
	within(committing, s.work.Wait)
	return errors.Join(err, s.house.close(ctx))
}

// keyFinder finds keys in the store. A demonstration key opens nothing but a
// demonstration, even where one was held on the same data before.
type keyFinder struct {
	store *postgres.Store
	demo  bool
}

// Key finds a key by its id and secret.
func (f keyFinder) Key(ctx context.Context, id, secret string) (*broker.APIKey, error) {
	if !f.demo && strings.HasPrefix(id, demoPrefix) {
		return nil, postgres.ErrUnauthenticated
	}
	return f.store.APIKey(ctx, id, secret)
}

// count shows what the committer does among the metrics.
func count(r *prometheus.Registry, store *postgres.Store) {
	for name, m := range map[string]struct {
		help string
		of   func(postgres.Stats) int64
	}{
		"bauta_commits_total":      {"Commits of this broker.", func(s postgres.Stats) int64 { return s.Commits }},
		"bauta_entries_total":      {"Ledger entries that this broker committed.", func(s postgres.Stats) int64 { return s.Entries }},
		"bauta_lost_races_total":   {"Commits tried again because another broker appended first.", func(s postgres.Stats) int64 { return s.LostRaces }},
		"bauta_stale_writes_total": {"Writes decided again because their situation had moved.", func(s postgres.Stats) int64 { return s.Stale }},
	} {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: m.help},
			func() float64 { return float64(m.of(store.Stats())) }))
	}
	r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "bauta_ledger_size", Help: "Entries in the ledger, as this broker last knew."},
		func() float64 { return float64(store.Stats().Size) }))
}
