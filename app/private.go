package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"bauta.dev/bauta/app/postgres/cluster"
)

// private is the private cluster of the data directory, which this process owns
// or shares with the broker that does.
type private struct {
	cfg cluster.Config
	mu  sync.Mutex
	at  *cluster.Cluster
}

// starting bounds how long a start may take: what a crash left is replayed in it.
const starting = 10 * time.Minute

func startPrivate(ctx context.Context, dir string, restart bool, log *slog.Logger) (*private, error) {
	if err := forgetLibpq(); err != nil {
		return nil, fmt.Errorf("clear the environment: %w", err)
	}
	p := &private{cfg: cluster.Config{
		Dir: dir, Restart: restart, Log: slog.NewLogLogger(log.Handler(), slog.LevelInfo).Writer(),
	}}
	ctx, cancel := context.WithTimeout(ctx, starting)
	defer cancel()
	var err error
	p.at, err = cluster.Start(ctx, p.cfg)
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (p *private) cluster() *cluster.Cluster {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at
}

var errMoved = errors.New("the process that ran the private PostgreSQL has ended, and its successor listens elsewhere: start this broker again")

// keep answers for the database as long as ctx lives: when the process that owns
// the cluster ends, this one starts it again, or shares it with whoever is
// first. Until then requests are refused as unavailable.
func (p *private) keep(ctx context.Context, log *slog.Logger) error {
	for {
		at := p.cluster()
		select {
		case <-ctx.Done():
			return nil
		case <-at.Wait():
		}
		log.Warn("the process that ran the private PostgreSQL has ended; taking over")
		next, err := cluster.Start(ctx, p.cfg)
		if ctx.Err() != nil && err != nil {
			return nil //nolint:nilerr // it is over anyway
		}
		if err != nil {
			return fmt.Errorf("take over the private PostgreSQL: %w", err)
		}
		p.mu.Lock()
		p.at = next
		p.mu.Unlock()
		if next.Host() != at.Host() {
			return errMoved
		}
		log.Info("the private PostgreSQL is back", "owned", next.Owned())
	}
}

// stop ends the server if it is this process's.
func (p *private) stop(ctx context.Context) error { return p.cluster().Stop(ctx) }
