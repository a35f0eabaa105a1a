package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"bauta.dev/bauta/masking"
)

// buckets is how many keys stand between an epoch's key and the owners' keys.
const buckets = 4096

// keyring wraps and unwraps owners' keys. All bucket keys are in memory (128
// KiB); an owner's key is unwrapped each time it is needed and never kept.
type keyring struct {
	random io.Reader
	mu     sync.RWMutex
	bucket [buckets]masking.Key
}

// bucketOf spreads owners evenly: rows are numbered one after the other.
func bucketOf(row int64) int { return int(row % buckets) }

// openKeyring makes the first epoch and its buckets where there are none. Two
// brokers that start at once agree: the second finds what the first committed.
func openKeyring(ctx context.Context, db *sql.DB, kek masking.Key, random io.Reader, now time.Time) (*keyring, error) {
	k := &keyring{random: random}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, translate("open keys", err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, `LOCK TABLE keys.epochs IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return nil, translate("open keys", err)
	}
	var epoch int
	var wrapped []byte
	err = tx.QueryRowContext(ctx, `SELECT epoch, wrapped FROM keys.epochs ORDER BY epoch DESC LIMIT 1`).Scan(&epoch, &wrapped)
	if errors.Is(err, sql.ErrNoRows) {
		if err := k.makeEpoch(ctx, tx, kek, now); err != nil {
			return nil, err
		}
		return k, translate("open keys", tx.Commit())
	}
	if err != nil {
		return nil, translate("open keys", err)
	}
	key, err := kek.Unwrap(wrapped, epochLabel(epoch))
	if err != nil {
		return nil, fmt.Errorf("open epoch %d: the key folder is not the one that this database was sealed with: %w", epoch, err)
	}
	return k, k.load(ctx, tx, key)
}

func epochLabel(epoch int) string   { return "epoch/" + strconv.Itoa(epoch) }
func bucketLabel(bucket int) string { return "bucket/" + strconv.Itoa(bucket) }
func ownerLabel(row int64) string   { return "owner/" + strconv.FormatInt(row, 10) }

func (k *keyring) makeEpoch(ctx context.Context, tx *sql.Tx, kek masking.Key, now time.Time) error {
	const epoch = 1
	key, err := masking.NewKey(k.random)
	if err != nil {
		return err
	}
	wrapped, err := kek.Wrap(key, epochLabel(epoch))
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO keys.epochs (epoch, wrapped, made_at) VALUES ($1, $2, $3)`, epoch, wrapped, now); err != nil {
		return translate("make epoch", err)
	}
	numbers, wraps := make([]int16, buckets), make([][]byte, buckets)
	for i := range buckets {
		if k.bucket[i], err = masking.NewKey(k.random); err != nil {
			return err
		}
		if wraps[i], err = key.Wrap(k.bucket[i], bucketLabel(i)); err != nil {
			return err
		}
		numbers[i] = int16(i)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO keys.buckets (bucket, epoch, wrapped)
		SELECT b, $3, w FROM unnest($1::int2[], $2::bytea[]) AS u(b, w)`, int2s(numbers), byteas(wraps), epoch)
	return translate("make buckets", err)
}

func (k *keyring) load(ctx context.Context, tx *sql.Tx, epoch masking.Key) error {
	rows, err := tx.QueryContext(ctx, `SELECT bucket, wrapped FROM keys.buckets`)
	if err != nil {
		return translate("load buckets", err)
	}
	defer func() { _ = rows.Close() }()
	n := 0
	for rows.Next() {
		var b int
		var wrapped []byte
		if err := rows.Scan(&b, &wrapped); err != nil {
			return translate("load buckets", err)
		}
		if b < 0 || b >= buckets { // there is a constraint, and somebody got past it
			return fmt.Errorf("load bucket %d: there are only %d", b, buckets)
		}
		if k.bucket[b], err = epoch.Unwrap(wrapped, bucketLabel(b)); err != nil {
			return fmt.Errorf("load bucket %d: %w", b, err)
		}
		n++
	}
	if err := rows.Err(); err != nil {
		return translate("load buckets", err)
	}
	if n != buckets {
		return fmt.Errorf("load buckets: %d of %d are there", n, buckets)
	}
	return nil
}

func (k *keyring) wrap(row int64, key masking.Key) ([]byte, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.bucket[bucketOf(row)].Wrap(key, ownerLabel(row))
}

// unwrap fails when the key was destroyed, or belongs to another row.
func (k *keyring) unwrap(row int64, wrapped []byte) (masking.Key, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	key, err := k.bucket[bucketOf(row)].Unwrap(wrapped, ownerLabel(row))
	if err != nil {
		return masking.Key{}, fmt.Errorf("unwrap key of row %d: %w", row, err)
	}
	return key, nil
}
