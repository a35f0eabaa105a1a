package postgres

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/budget"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/migrations"
)

// Config is what a store needs; only the app package makes one.
type Config struct {
	URL      string // of the database, as the role that works
	OwnerURL string // as the role that migrates; empty: the same
	Keys     *masking.Folder
	Origin   string // of the ledger, as it began or as it goes on; empty: the one that is there, or one made from the key folder's id
	// Looking hands nothing out, so a second key of the log that is lost is no hindrance.
	Looking bool
	Random  io.Reader
	Now     func() time.Time
	Log     *slog.Logger
}

// Store keeps everything in PostgreSQL. It implements broker.Store.
type Store struct {
	cfg    Config
	origin string // of the first log: in every seal and commitment, whoever signs by now
	mac    masking.Key
	index  masking.Key
	keys   *keyring
	signer *ledger.Signer
	eras   ledger.Eras

	unlinked int64 // checkpoint rows up to this size are from before they were linked

	cosigner *ledger.Cosigner // the log's second key: handout.go; nil where it is lost and only looked at
	cosigns  string           // its verifier key
	handed   handouts

	db        *sqlx.DB // lists and rare reads
	gatherDB  *sql.DB
	commitDB  *sql.DB
	hot       []*conn
	committer *committer
	decisions *gatherer[decisionQuestion, decisionRow]
	parties   *gatherer[partyQuestion, *foundParty]
	proofs    *gatherer[proofQuestion, *proofRow]

	pool   *pool  // of db, for proofs
	canopy canopy // of the ledger's tree, likewise
	// lastOpened is the newest checkpoint whose signature was checked for a proof.
	lastOpened atomic.Pointer[ledger.Checkpoint]
	// empty is the checkpoint before the first entry, once it was asked for.
	empty atomic.Pointer[ledger.Checkpoint]

	listening atomic.Pointer[listening]
	spoken    chan struct{} // something was said in a commit of this broker's

	asides asides // tokens taken without an entry

	rowsMu   sync.Mutex
	rowsLeft []int64
}

var errFolder = errors.New("the key folder is not the one that this database was sealed with; set --keys to the right one")

var errNoKeysSchema = errors.New("the database has no schema \"keys\": it is dumped apart from the data; restore its own dump as well")

// errFolderUsed: two logs under one name and key would be a fork that nobody
// could tell from a lie.
var errFolderUsed = errors.New("the key folder has signed another log, and this database is new: give a new log a folder of its own with --keys, or restore the database that belongs to this one")

// Open migrates the database, checks that the key folder belongs to it, and
// starts the committer. Any number of processes may do so on one database.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	s := &Store{cfg: cfg, mac: cfg.Keys.MAC, index: cfg.Keys.Index, spoken: make(chan struct{}, 1)}
	if len(cfg.Origin) > ledger.MaxOrigin {
		return nil, errLongOrigin
	}
	if err := s.migrate(ctx); err != nil {
		return nil, err
	}
	warned := &atomic.Bool{}
	var err error
	if s.db, err = reader(cfg.URL); err != nil {
		return nil, err
	}
	s.pool = newPool(s.db.DB, reading-1)
	if s.gatherDB, err = open(cfg.URL, gathering, fast, nil); err != nil {
		return nil, err
	}
	if s.commitDB, err = open(cfg.URL, 1, fast, warned); err != nil {
		return nil, err
	}
	if err := s.settleKeys(ctx); err != nil {
		s.closePools()
		return nil, err
	}
	if _, err := s.Endpoints(ctx); err != nil {
		s.closePools()
		return nil, err
	}
	for range gathering {
		s.hot = append(s.hot, &conn{db: s.gatherDB})
	}
	s.committer = newCommitter(s.commitDB, warned, s.signer, s.eras, cfg.Now, cfg.Log)
	s.committer.mac = s.mac
	s.committer.name = s.log()
	s.committer.start()
	// One connection for what decisions ask makes large batches, and large batches
	// make large commits. Masked reads and proofs have one each and share the third:
	// one is asked while the other is answered, and a slow kind of question never
	// holds up the other.
	s.decisions = gather(1, 64, s.askDecisions)
	s.parties = gather(2, 64, func(ctx context.Context, worker int, qs []partyQuestion) ([]answer[*foundParty], error) {
		return s.askParties(ctx, worker+1, qs)
	})
	s.proofs = gather(2, 64, func(ctx context.Context, worker int, qs []proofQuestion) ([]answer[*proofRow], error) {
		return s.askProofs(ctx, worker+2, qs)
	})
	return s, nil
}

func (s *Store) migrate(ctx context.Context) error {
	url := s.cfg.OwnerURL
	if url == "" {
		url = s.cfg.URL
	}
	db, err := open(url, 2, nil, nil)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return migrations.Apply(ctx, db)
}

// settleKeys makes, on the first start, the ledger's signing key and the epoch
// keys; on any later one it refuses a folder that they were not made with.
func (s *Store) settleKeys(ctx context.Context) error {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return translate("open store", err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, `LOCK TABLE keys.folder IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		if e, ok := errors.AsType[*pq.Error](err); ok && (e.Code == "3F000" || e.Code == "42P01") {
			return errNoKeysSchema
		}
		return translate("open store", err)
	}
	var origin string
	var proof []byte
	err = tx.QueryRowxContext(ctx, `SELECT origin, proof FROM keys.folder`).Scan(&origin, &proof)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		if origin, err = s.firstStart(ctx, tx); err != nil {
			return err
		}
	case err != nil:
		return translate("open store", err)
	case !s.cfg.Keys.Matches(proof):
		return errFolder
	}
	s.origin = origin
	if err := tx.Commit(); err != nil {
		return translate("open store", err)
	}
	if err := s.settleSigner(ctx); err != nil {
		return err
	}
	if err := s.settleCosigner(ctx); err != nil {
		return err
	}
	if err := s.settleLinks(ctx); err != nil {
		return err
	}
	if o := s.cfg.Origin; o != "" && o != origin && o != s.signer.Origin() {
		return fmt.Errorf("this log is %q: only bauta ledger succeed gives it another origin", s.signer.Origin())
	}
	s.keys, err = openKeyring(ctx, s.db.DB, s.cfg.Keys.KEK, s.cfg.Random, s.cfg.Now())
	return err
}

func (s *Store) firstStart(ctx context.Context, tx *sqlx.Tx) (string, error) {
	origin := s.cfg.Origin
	if origin == "" {
		origin = "bauta.invalid/" + s.cfg.Keys.ID
	}
	if !s.cfg.Keys.LedgerKey.IsZero() {
		return "", errFolderUsed
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO keys.folder (origin, proof) VALUES ($1, $2)`, origin, s.cfg.Keys.Check())
	return origin, translate("open store", err)
}

// Close lets running commits finish.
func (s *Store) Close() {
	s.decisions.close()
	s.parties.close()
	s.proofs.close()
	s.committer.close()
	for _, c := range s.hot {
		c.drop()
	}
	s.closePools()
}

func (s *Store) closePools() {
	_ = s.commitDB.Close()
	_ = s.gatherDB.Close()
	_ = s.db.Close()
}

// Commit makes a write durable.
func (s *Store) Commit(ctx context.Context, w *broker.Write) (ledger.Place, error) {
	j, err := s.prepare(w)
	if err != nil {
		return ledger.Place{}, fmt.Errorf("prepare commit: %w", err)
	}
	at, err := s.committer.commit(ctx, j)
	if err == nil && j.said != nil {
		s.speak()
	}
	return at, err
}

// rowsAtOnce is how many row numbers are fetched together.
const rowsAtOnce = 64

// NewRow numbers a party or transaction that is about to be written.
func (s *Store) NewRow(ctx context.Context) (broker.Row, error) {
	rows, err := s.NewRows(ctx, 1)
	if err != nil {
		return 0, err
	}
	return rows[0], nil
}

// NewRows numbers n of them.
func (s *Store) NewRows(ctx context.Context, n int) ([]broker.Row, error) {
	s.rowsMu.Lock()
	defer s.rowsMu.Unlock()
	if len(s.rowsLeft) < n {
		var more []int64
		err := s.db.SelectContext(ctx, &more, `SELECT nextval('row_ids') FROM generate_series(1, $1::int8)`, max(rowsAtOnce, n))
		if err != nil {
			return nil, translate("number rows", err)
		}
		s.rowsLeft = append(s.rowsLeft, more...)
	}
	rows := make([]broker.Row, n)
	for i := range rows {
		rows[i] = broker.Row(s.rowsLeft[i])
	}
	s.rowsLeft = s.rowsLeft[n:]
	return rows, nil
}

// Performance finds what a reference was used for.
func (s *Store) Performance(ctx context.Context, t broker.Row, o broker.Obligation, reversal bool, reference string) (*broker.Performance, error) {
	const q = `SELECT quantity, performed_at, by_party, source, afterwards
		FROM performances WHERE transaction_id = $1 AND obligation = $2 AND reversal = $3 AND reference = $4`
	p := &broker.Performance{Transaction: t, Obligation: o, Reversal: reversal, Reference: reference}
	var afterwards string
	err := s.db.QueryRowxContext(ctx, q, int64(t), string(o), reversal, s.hashReference(int64(t), reference)).Scan(
		&p.Quantity, &p.PerformedAt, &p.By, &p.Source, &afterwards)
	if err != nil {
		return nil, translate("find performance", err)
	}
	p.View = parseAfterwards(o, afterwards)
	return p, nil
}

// hashReference names a reference without holding it: whoever made it up may have
// put a person's number into it. Its text is in the entry's sealed statement.
func (s *Store) hashReference(transaction int64, reference string) []byte {
	return s.mac.MAC("reference/v1", numbers(transaction), []byte(reference))[:16]
}

// Sweep takes away what no request asks for any more: outcomes, budgets and
// tokens of days that are over. Nothing rests on its being called; lookups compare times.
func (s *Store) Sweep(ctx context.Context) error {
	over := s.cfg.Now().UTC().Add(-72 * time.Hour)
	for q, arg := range map[string]any{
		`DELETE FROM outcomes WHERE day < cast($1 AS date)`:     over.Format(time.DateOnly),
		`DELETE FROM budgets WHERE day < cast($1 AS date)`:      over.Format(time.DateOnly),
		`DELETE FROM taken_back WHERE day < cast($1 AS date)`:   over.Format(time.DateOnly),
		`DELETE FROM party_tokens WHERE day < cast($1 AS date)`: over.Format(time.DateOnly),
		`DELETE FROM reached WHERE slot < $1`:                   budget.SlotOf(over),
		`DELETE FROM reach WHERE slot < $1`:                     budget.SlotOf(over),
	} {
		if _, err := s.db.ExecContext(ctx, q, arg); err != nil {
			return translate("sweep", err)
		}
	}
	return errors.Join(s.sweepAccounts(ctx), s.sweepPasses(ctx), s.sweepOutbox(ctx))
}

func uuidText(id []byte) string { return hex.EncodeToString(id) }

// Migrate brings a database up to date, and nothing else.
func Migrate(ctx context.Context, url string) error {
	s := &Store{cfg: Config{URL: url}}
	return s.migrate(ctx)
}
