package postgres_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"bauta.dev/bauta/app/postgres"
)

// uses are what reads a table of which uncovered says that a change is refused: an
// error means that it was.
func (a *adversary) uses() map[string]func(context.Context) error {
	start := func(ctx context.Context) error {
		s, err := postgres.Open(ctx, postgres.Config{
			URL: a.house.db.URL("bauta"), OwnerURL: a.house.db.URL("bauta_owner"), Keys: a.keys,
			Random: rand.Reader, Now: a.clock, Log: slog.New(slog.DiscardHandler),
		})
		if err == nil {
			s.Close()
		}
		return err
	}
	return map[string]func(context.Context) error{
		"parties": func(ctx context.Context) error {
			_, buyer := a.Party(ctx, "b-1")
			_, seller := a.Party(ctx, "s-1")
			return errors.Join(buyer, seller)
		},
		"webhooks": func(ctx context.Context) error { // one that does not open is told nothing
			all, err := a.store.Endpoints(ctx)
			if err == nil && len(all) < 2 {
				err = fmt.Errorf("%d of 2 are told", len(all))
			}
			return err
		},
		"keys.epochs": start, "keys.buckets": start, "keys.folder": start,
	}
}

// What the check says nothing of is refused where it is used: each column of which
// uncovered says so is changed, and exchanged between two rows where there are two.
func TestRefusedAtUse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.order(t, "t-1")
	for i := range 2 {
		if _, err := h.store.AddEndpoint(t.Context(), fmt.Sprintf("https://m.example/%d", i), nil); err != nil {
			t.Fatal(err)
		}
	}
	a := outlaw(t, h)
	a.sql(t, `ALTER TABLE webhooks ALTER id DROP IDENTITY IF EXISTS`)
	a.unbind(t)
	a.keep(t, "kept")
	uses := a.uses()
	for table, use := range uses {
		if err := use(t.Context()); err != nil {
			t.Fatalf("before anything was changed, %s: %v", table, err)
		}
	}
	changes := maps.Clone(changes)
	changes["_int2"] = `array_append({c}, cast(1 AS int2))`
	for _, name := range slices.Sorted(maps.Keys(uncovered)) {
		if !strings.HasPrefix(uncovered[name], "refused at") {
			continue
		}
		table, column := name[:strings.LastIndex(name, ".")], name[strings.LastIndex(name, ".")+1:]
		use := uses[table]
		if use == nil {
			t.Errorf("%s: there is no use that refuses it", name)
			continue
		}
		kind := a.list(t, fmt.Sprintf(`SELECT udt_name FROM information_schema.columns WHERE table_schema || '.' || table_name IN ('%s', 'public.%[1]s') AND column_name = '%s'`, table, column))
		for what, q := range map[string]string{
			"changed": `UPDATE {t} SET {c} = ` + changes[kind[0][0]] + ` WHERE ctid = (SELECT max(ctid) FROM {t} WHERE {c} IS NOT NULL)`,
			"exchanged": `UPDATE {t} SET {c} = CASE WHEN {t}.ctid = x.a THEN x.d ELSE x.c END
				FROM (SELECT r.ctid AS a, r.{c} AS c, s.ctid AS b, s.{c} AS d FROM {t} r JOIN {t} s ON r.{c} < s.{c} ORDER BY r.ctid DESC, s.ctid DESC LIMIT 1) x
				WHERE {t}.ctid IN (x.a, x.b)`,
		} {
			r, err := a.db.ExecContext(t.Context(), strings.NewReplacer("{c}", column, "{t}", table).Replace(q))
			if err != nil {
				t.Fatalf("%s %s: %v", name, what, err)
			}
			if n, _ := r.RowsAffected(); n == 0 && what == "changed" {
				t.Errorf("%s: there is no row to change", name)
			} else if n > 0 && use(t.Context()) == nil {
				t.Errorf("%s %s is not refused", name, what)
			}
			a.undo(t, table)
		}
	}
	for table, use := range uses {
		if err := use(t.Context()); err != nil {
			t.Errorf("after everything was put back, %s: %v", table, err)
		}
	}
}
