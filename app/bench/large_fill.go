package main

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/app/postgres/cluster"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
)

// model is a real disclosure, after which others are made.
type model struct {
	transaction, requester, subject int64
	state, views                    int16
	entry                           []byte
	statement, mac                  int // bytes
}

// bulk appends entries to a ledger that no broker runs on. Everything is as a
// broker writes it, and the log verifies, but that digests, statements and grants'
// MACs are random: nobody can open what was never said.
type bulk struct {
	random *rand.ChaCha8
	draw   *rand.Rand
	models []model
	edge   *ledger.Edge
	signer *ledger.Signer
	mac    masking.Key
	head   int64 // size of the newest checkpoint

	entries, tiles, checkpoints, disclosures *stream
}

// fillLedger appends entries with the disclosures that they decide, and notes
// what each table has grown by.
func (p *place) fillLedger(ctx context.Context) (err error) {
	c, err := cluster.Start(ctx, cluster.Config{Dir: filepath.Join(p.dir, "data")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Stop(context.WithoutCancel(ctx))) }()
	db, err := p.owner()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	b, err := p.newBulk(ctx, db)
	if err != nil {
		return err
	}
	before, err := sizes(ctx, db)
	if err != nil {
		return err
	}
	indexes, err := takeIndexes(ctx, db)
	if err != nil {
		return err
	}
	if err := p.stream(ctx, b); err != nil {
		return err
	}
	appended := time.Now()
	fmt.Fprintln(os.Stderr, "making indexes, and VACUUM ANALYZE…")
	if err := p.do(ctx, append([]string{`SET maintenance_work_mem = '1GB'`}, indexes...)...); err != nil {
		return err
	}
	if err := p.tidy(ctx); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "indexes and VACUUM ANALYZE took %s\n", time.Since(appended).Round(time.Second))
	after, err := sizes(ctx, db)
	if err != nil {
		return err
	}
	p.disk("disk bytes a disclosure", before, after, p.entries)
	return p.fillOutcomes(ctx)
}

// fillOutcomes makes the idempotency keys of a busy day: one disclosure in ten,
// and at most a million. Their MACs are random; nobody asks with these keys.
func (p *place) fillOutcomes(ctx context.Context) error {
	return p.do(ctx, fmt.Sprintf(`INSERT INTO outcomes (day, key, body, kind, id, at, entry, mac)
		SELECT cast(now() AT TIME ZONE 'UTC' AS date), uuid_send(gen_random_uuid()), uuid_send(gen_random_uuid()), 'disclosure', 'dsc_00000000000000000000000000',
			now(), i, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) FROM generate_series(1, %d) AS i`, min(p.entries/10, 1_000_000)),
		`VACUUM ANALYZE outcomes`, `CHECKPOINT`)
}

func (p *place) newBulk(ctx context.Context, db *sql.DB) (*bulk, error) {
	random := rand.NewChaCha8([32]byte{1})
	b := &bulk{random: random, draw: rand.New(random), edge: ledger.NewEdge()}
	keys, err := masking.OpenFolder(filepath.Join(p.dir, "data-keys"), nil, false)
	if err != nil {
		return nil, err
	}
	b.mac = keys.MAC
	skey, err := os.ReadFile(filepath.Join(p.dir, "data-keys", "ledger.key"))
	if err != nil {
		return nil, fmt.Errorf("read ledger key: %w", err)
	}
	if b.signer, err = ledger.NewSigner(strings.TrimSpace(string(skey))); err != nil {
		return nil, err
	}
	err = each(ctx, db, `SELECT entry FROM ledger_entries ORDER BY idx`, func(rows *sql.Rows) error {
		var entry []byte
		if err := rows.Scan(&entry); err != nil {
			return err
		}
		b.edge.Append(entry)
		return nil
	})
	if err != nil {
		return nil, err
	}
	b.head = b.edge.Size()
	const q = `SELECT d.transaction_id, d.requester, d.subject, d.state, d.views_left, e.entry, octet_length(e.statement), octet_length(d.mac)
		FROM disclosures d JOIN ledger_entries e ON e.idx = d.entry WHERE d.decision = 2 ORDER BY d.id DESC LIMIT 20000`
	err = each(ctx, db, q, func(rows *sql.Rows) error {
		var m model
		if err := rows.Scan(&m.transaction, &m.requester, &m.subject, &m.state, &m.views, &m.entry, &m.statement, &m.mac); err != nil {
			return err
		}
		b.models = append(b.models, m)
		return nil
	})
	if err == nil && len(b.models) == 0 {
		err = errors.New("there is no disclosure to make others after")
	}
	return b, err
}

// each hands over the rows of a query one by one.
func each(ctx context.Context, db *sql.DB, q string, row func(*sql.Rows) error) error {
	rows, err := db.QueryContext(ctx, q)
	if err != nil {
		return fmt.Errorf("read database: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows); err != nil {
			return fmt.Errorf("read database: %w", err)
		}
	}
	return rows.Err()
}

// takeIndexes drops the indexes that rows of many transactions would fill in no
// order, and gives the statements that make them again.
func takeIndexes(ctx context.Context, db *sql.DB) (again []string, err error) {
	var names []string
	const q = `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = 'disclosures' AND indexname <> 'disclosures_pkey'`
	err = each(ctx, db, q, func(rows *sql.Rows) error {
		var name, made string
		err := rows.Scan(&name, &made)
		names, again = append(names, name), append(again, made)
		return err
	})
	for _, name := range names {
		if err == nil {
			_, err = db.ExecContext(ctx, `DROP INDEX `+name)
		}
	}
	return again, err
}

// stream writes p.entries of them. Memory is constant: rows go out as they are made.
func (p *place) stream(ctx context.Context, b *bulk) error {
	open := map[string]**stream{
		"ledger_entries (idx, entry, statement, owner)": &b.entries, "ledger_tiles (level, idx, hashes, middle)": &b.tiles,
		"ledger_checkpoints (size, prev, root, frontier, note, mac)":                                             &b.checkpoints,
		"disclosures (id, entry, transaction_id, requester, subject, decision, state, views_left, version, mac)": &b.disclosures,
	}
	for table, s := range open {
		var err error
		if *s, err = copyInto(ctx, p.cluster.URL(cluster.RoleOwner), table); err != nil {
			return err
		}
	}
	began, left := time.Now(), 0
	for i := range p.entries {
		b.add(time.Now())
		if left--; left <= 0 || i == p.entries-1 {
			if err := b.sign(); err != nil {
				return err
			}
			left = 1 + b.draw.IntN(39) // of the next commit: 20, more or less
		}
		if (i+1)%max(p.entries/20, 1) == 0 {
			fmt.Fprintln(os.Stderr, progress(i+1, p.entries, time.Since(began)))
		}
	}
	var errs []error
	for _, s := range open {
		errs = append(errs, (*s).end())
	}
	return errors.Join(errs...)
}

// progress says how far the bulk is, and how long the rest of it takes if it
// goes on like that; what comes after it is not in it.
func progress(done, all int, took time.Duration) string {
	left := time.Duration(float64(took) / float64(done) * float64(all-done))
	return fmt.Sprintf("appended %d of %d entries (%d %%), %.0f/s, %s left", done, all, done*100/all, float64(done)/took.Seconds(), left.Round(time.Second))
}

// add makes one disclosure after a real one.
func (b *bulk) add(now time.Time) {
	m := &b.models[b.draw.IntN(len(b.models))]
	entry := make([]byte, len(m.entry)) // docs/entry-format.md, section 2
	copy(entry, m.entry[:2])
	binary.BigEndian.PutUint32(entry[2:], uint32(now.Unix()/3600)) //nolint:gosec // hours fit
	b.fill(entry[6:])
	statement, mac, id := make([]byte, m.statement), make([]byte, m.mac), make([]byte, 16)
	b.fill(statement)
	b.fill(mac)
	b.fill(id)
	var millis [8]byte
	binary.BigEndian.PutUint64(millis[:], uint64(now.UnixMilli())) //nolint:gosec // after 1970
	copy(id, millis[2:])
	index := b.edge.Size()
	_, full := b.edge.Append(entry)
	b.entries.row(index, entry, statement, m.transaction)
	b.disclosures.row(id, index, m.transaction, m.requester, m.subject, int16(2), m.state, m.views, int64(1), mac)
	for _, t := range full {
		b.tiles.row(int16(t.Level), t.Index, t.Hashes, t.Middle()) //nolint:gosec // a tree has at most 8 levels of tiles
	}
}

func (b *bulk) fill(bytes []byte) { _, _ = b.random.Read(bytes) } // it never fails

// sign ends a commit.
func (b *bulk) sign() error {
	head, err := b.signer.Sign(b.edge.Size(), b.edge.Root())
	if err != nil {
		return err
	}
	b.checkpoints.row(head.Size, b.head, head.Root[:], b.edge.Frontier(), head.Note, postgres.Link(b.mac, head.Size, b.head, head.Root[:]))
	b.head = head.Size
	return errors.Join(b.entries.wrong, b.tiles.wrong, b.checkpoints.wrong, b.disclosures.wrong)
}
