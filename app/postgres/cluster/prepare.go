package cluster

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lib/pq"
)

// madeBy is the major version of the data, 0 where there is none yet. A folder
// with something else in it is refused rather than filled.
func (l layout) madeBy() (int, error) {
	b, err := os.ReadFile(filepath.Join(l.data(), "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		entries, err := os.ReadDir(l.data())
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return 0, fmt.Errorf("look at data: %w", err)
		}
		if len(entries) > 0 {
			return 0, fmt.Errorf("use %s: it is not empty and not a data directory of PostgreSQL", l.data())
		}
		return 0, nil
	} else if err != nil {
		return 0, fmt.Errorf("read data version: %w", err)
	}
	text := strings.TrimSpace(string(b))
	whole, _, _ := strings.Cut(text, ".") // "9.6" is one major version of its own, and older than any used here
	major, err := strconv.Atoi(whole)
	if err != nil {
		return 0, fmt.Errorf("%w: PG_VERSION is not a number", ErrVersion)
	}
	return major, nil
}

// initialise makes the cluster beside its place and moves it there when it is
// whole. What a crash left beside it never held a row, and is made anew.
func (l layout) initialise(ctx context.Context, b binaries, noSync bool) error {
	if err := os.RemoveAll(l.unmade()); err != nil {
		return fmt.Errorf("remove unfinished cluster: %w", err)
	}
	if err := os.Mkdir(l.unmade(), 0o700); err != nil {
		return fmt.Errorf("make cluster: %w", err)
	}
	if err := l.give(l.unmade(), l.server); err != nil {
		return err
	}
	args := []string{
		"--username=" + RoleOwner, "--encoding=UTF8", "--locale=C.UTF-8",
		"--data-checksums", "--auth-local=peer", "--auth-host=reject",
	}
	if noSync {
		args = append(args, "--no-sync")
	}
	cmd, done, err := l.command(filepath.Join(b.dir, "initdb"), l.unmade(), args...)
	if err != nil {
		return err
	}
	defer done()
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	p, err := spawn(cmd)
	if err != nil {
		return fmt.Errorf("run initdb: %w", err)
	}
	if err := p.wait(ctx); err != nil {
		return fmt.Errorf("run initdb: %w", err)
	}
	if p.err != nil {
		return fmt.Errorf("run initdb: %w: %s", p.err, lastLine(out.String()))
	}
	if err := os.Rename(l.unmade(), l.data()); err != nil {
		return fmt.Errorf("put cluster in place: %w", err)
	}
	return syncFolder(l.dir)
}

// syncFolder makes a rename in it last.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}

// admit writes who may connect: root, whoever runs the broker and whoever the
// data directory belongs to, each as any of the three roles. What the file
// does not name is rejected, and it names no network.
func (l layout) admit() error {
	root, err := accountOf(0)
	if err != nil {
		return err
	}
	names := []string{root.name, l.runner.name, l.owner.name}
	slices.Sort(names)
	var ident strings.Builder
	for _, name := range slices.Compact(names) {
		for _, role := range []string{RoleOwner, RoleApp, RoleReader} {
			fmt.Fprintf(&ident, "bauta \"%s\" %s\n", name, role)
		}
	}
	if err := l.replace(filepath.Join(l.data(), "pg_ident.conf"), ident.String()); err != nil {
		return err
	}
	return l.replace(filepath.Join(l.data(), "pg_hba.conf"), "local all all peer map=bauta\n")
}

// furnish makes what is missing of roles and database. A crash in between is
// made good by the next start.
func (c *Cluster) furnish(ctx context.Context) error {
	connector, err := pq.NewConnector(c.dsn(RoleOwner, "postgres"))
	if err != nil {
		return fmt.Errorf("furnish cluster: %w", err)
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	const roles = `
		do $$
		declare r text;
		begin
			foreach r in array array['` + RoleApp + `', '` + RoleReader + `'] loop
				if not exists (select from pg_roles where rolname = r) then
					execute format('create role %I login nosuperuser', r);
				end if;
			end loop;
		end $$`
	if _, err := db.ExecContext(ctx, roles); err != nil {
		return fmt.Errorf("make roles: %w", err)
	}
	var there bool
	const known = `select exists (select from pg_database where datname = $1)`
	if err := db.QueryRowContext(ctx, known, Database).Scan(&there); err != nil {
		return fmt.Errorf("look for database: %w", err)
	}
	if there {
		return nil
	}
	if _, err := db.ExecContext(ctx, `create database `+Database+` owner `+RoleOwner); err != nil {
		return fmt.Errorf("make database: %w", err)
	}
	return nil
}

// lastLine is where the programs of PostgreSQL say what went wrong.
func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
