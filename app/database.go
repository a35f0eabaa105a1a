package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"bauta.dev/bauta/app/postgres/cluster"
)

// dbCommands are about the database itself.
type dbCommands struct {
	URL dbURLCommand `cmd:"" name:"url" help:"Print the running broker's database as a URL for psql and pg_dump."`
}

type dbURLCommand struct {
	Owner bool `help:"As the superuser of the private cluster, in place of a role that only reads and does not see the keys."`
}

// Help of db url.
func (*dbURLCommand) Help() string {
	return `The URL goes over the Unix socket and holds no password. It starts nothing: with no broker running it fails.

    psql "$(bauta db url)"
    pg_dump "$(bauta db url)" -N keys > data.sql`
}

// Run prints the URL.
func (c *dbURLCommand) Run(ctx context.Context, p *program) error {
	if p.DatabaseURL != "" {
		bare, err := withoutPassword(p.DatabaseURL)
		if err == nil {
			_, err = fmt.Fprintln(p.stdout, bare)
		}
		return err
	}
	if err := forgetLibpq(); err != nil {
		return fmt.Errorf("clear the environment: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	at, err := cluster.Attach(ctx, p.DataDir)
	if errors.Is(err, cluster.ErrNotRunning) {
		return fmt.Errorf("no broker runs on %s: start one with bauta serve, or give the --data-dir of one that runs", p.DataDir)
	}
	if err != nil {
		return err
	}
	role := cluster.RoleReader
	if c.Owner {
		role = cluster.RoleOwner
	}
	_, err = fmt.Fprintln(p.stdout, at.URL(role))
	return errors.Join(err, at.Stop(ctx))
}

// withoutPassword takes it out of both places where a URL can hold one.
func withoutPassword(given string) (string, error) {
	u, err := url.Parse(given)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return "", errors.New("the database URL is not of the form postgres://USER@HOST/NAME") // the parser's words hold the password
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	for _, secret := range []string{"password", "sslpassword"} {
		if q := u.Query(); q.Has(secret) {
			q.Del(secret)
			u.RawQuery = q.Encode()
		}
	}
	return u.String(), nil
}
