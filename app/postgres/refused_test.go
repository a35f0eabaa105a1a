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
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// uses are what reads a table of which uncovered says that a change is refused: an
// error means that it was.
func (a *adversary) uses(noted []broker.DisclosureID) map[string]func(context.Context) error {
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
			var all []error
			for _, id := range []broker.PartyID{"b-1", "b-2", "s-1"} {
				_, err := a.Party(ctx, id)
				all = append(all, err)
			}
			return errors.Join(all...)
		},
		"notes": func(ctx context.Context) (err error) {
			for _, id := range noted {
				_, _, looked := a.Look(ctx, hanna, id, broker.Glance{Purpose: "decide_request", Reason: "identity_unclear", Notes: []string{"requester"}}, nil)
				err = errors.Join(err, looked)
			}
			return err
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

// noted are two requests that wait for a person, with words of who asks.
func (a *adversary) noted(t *testing.T) (all []broker.DisclosureID) {
	t.Helper()
	a.leave(t)
	for _, id := range []broker.TransactionID{"t-4", "t-5"} {
		v, _, err := a.Disclose(t.Context(), market, broker.DisclosureInput{
			Transaction: id, Requester: "s-1", Purpose: necessity.Deliver, Note: masking.NewText("ring the bell twice"),
		}, nil)
		if err != nil || v.Decision != "pending" {
			t.Fatal(v.Decision, err)
		}
		a.does(t, hanna, v.ID, broker.Move{Event: broker.Take})
		all = append(all, v.ID)
	}
	return all
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
	noted := a.noted(t)
	a.sql(t, `ALTER TABLE webhooks ALTER id DROP IDENTITY IF EXISTS`)
	a.unbind(t, "webhooks", "keys.epochs", "keys.buckets", "keys.folder")
	a.keep(t, "kept")
	uses := a.uses(noted)
	for table, use := range uses {
		if err := use(t.Context()); err != nil {
			t.Fatalf("before anything was changed, %s: %v", table, err)
		}
	}
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
