package pgtest_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"testing"

	_ "github.com/lib/pq"

	"bauta.dev/bauta/app/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

func migrate(ctx context.Context, dsn string) error {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, `create table n (i int); grant select, insert on n to bauta; grant select on n to bauta_reader`)
	return err
}

func open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Each test sees what migrate made and nothing that another test wrote.
func TestNewIsolates(t *testing.T) {
	t.Parallel()
	for i := range 8 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			d := pgtest.New(t, migrate)
			db := open(t, d.App)
			if _, err := db.ExecContext(t.Context(), `insert into n values (1)`); err != nil {
				t.Fatal(err)
			}
			var n int
			if err := db.QueryRowContext(t.Context(), `select count(*) from n`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			if n != 1 {
				t.Errorf("rows = %d, want 1", n)
			}
		})
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t, migrate)
	for _, test := range []struct {
		name, dsn, user string
		writes          bool
	}{
		{"owner", d.Owner, "bauta_owner", true},
		{"app", d.App, "bauta", true},
		{"reader", d.Reader, "bauta_reader", false},
		{"url", d.URL("bauta") + "&sslmode=disable", "bauta", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			db := open(t, test.dsn)
			var user, name string
			if err := db.QueryRowContext(t.Context(), `select current_user, current_database()`).Scan(&user, &name); err != nil {
				t.Fatal(err)
			}
			if user != test.user || name != d.Name {
				t.Errorf("connected as %s to %s, want %s to %s", user, name, test.user, d.Name)
			}
			_, err := db.ExecContext(t.Context(), `insert into n values (2)`)
			if (err == nil) != test.writes {
				t.Errorf("insert: %v, may write: %t", err, test.writes)
			}
		})
	}
}

func TestNewDurable(t *testing.T) {
	t.Parallel()
	d, c := pgtest.NewDurable(t, migrate)
	if !c.Owned() || c.Pid() == pgtest.Cluster(t).Pid() {
		t.Error("a durable database shares a server with the others")
	}
	var fsync string
	if err := open(t, d.Owner).QueryRowContext(t.Context(), `show fsync`).Scan(&fsync); err != nil {
		t.Fatal(err)
	}
	if fsync != "on" {
		t.Errorf("fsync = %s, want on", fsync)
	}
}
