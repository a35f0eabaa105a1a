package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking"
)

// secretSize is that of a new secret, in bytes.
const secretSize = 32

// overlap is how long the secret before still signs.
const overlap = 24 * time.Hour

// sealedEndpoint is what a row of webhooks has sealed. A URL often holds a
// token, and whoever could change it would be told what he may not read.
type sealedEndpoint struct {
	URL     string         `json:"url"`
	Secrets []sealedSecret `json:"secrets"` // the newest first
}

type sealedSecret struct {
	Secret []byte    `json:"secret"`
	Until  time.Time `json:"until,omitzero"`
}

// webhookKey seals endpoints; it is made from the folder's, and kept nowhere.
func (s *Store) webhookKey() (masking.Key, error) {
	return masking.KeyOf(s.mac.MAC("webhook_key/v1"))
}

// endpointLabel binds what is sealed to its row.
func endpointLabel(id int64, kinds []int16) []byte {
	label := append([]byte("webhook/v1"), numbers(id)...)
	for _, k := range kinds {
		label = append(label, numbers(int64(k))...)
	}
	return label
}

func (s *Store) sealEndpoint(id int64, kinds []int16, x *sealedEndpoint) ([]byte, error) {
	key, err := s.webhookKey()
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(x)
	if err != nil {
		return nil, fmt.Errorf("seal endpoint %d: %w", id, err)
	}
	return key.Seal(plain, endpointLabel(id, kinds))
}

func (s *Store) openEndpoint(id int64, kinds []int16, sealed []byte) (*sealedEndpoint, error) {
	key, err := s.webhookKey()
	if err != nil {
		return nil, err
	}
	plain, err := key.Open(sealed, endpointLabel(id, kinds))
	if err != nil {
		return nil, &forgedError{"webhook"}
	}
	x := &sealedEndpoint{}
	if err := json.Unmarshal(plain, x); err != nil || len(x.Secrets) == 0 {
		return nil, &forgedError{"webhook"}
	}
	return x, nil
}

func (s *Store) newSecret() (sealedSecret, error) {
	b := make([]byte, secretSize)
	if _, err := io.ReadFull(s.cfg.Random, b); err != nil {
		return sealedSecret{}, fmt.Errorf("make secret: %w", err)
	}
	return sealedSecret{Secret: b}, nil
}

// AddEndpoint makes one with a fresh secret. Running brokers tell it what happens
// from a second later on.
func (s *Store) AddEndpoint(ctx context.Context, url string, kinds []broker.NoticeKind) (*broker.Endpoint, error) {
	secret, err := s.newSecret()
	if err != nil {
		return nil, err
	}
	ks := kindNumbers(kinds)
	e := &broker.Endpoint{Kinds: kinds, URL: url, Secrets: []broker.Secret{secret.Secret}, CreatedAt: s.cfg.Now()}
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return nil, translate("add webhook", err)
	}
	defer func() { _ = tx.Rollback() }()
	// Its number is part of what is sealed, and is known first.
	err = tx.GetContext(ctx, &e.ID, `INSERT INTO webhooks (kinds, sealed, created_at) VALUES ($1, '', $2) RETURNING id`, int2s(ks), e.CreatedAt)
	if err != nil {
		return nil, translate("number webhook", err)
	}
	sealed, err := s.sealEndpoint(e.ID, ks, &sealedEndpoint{URL: url, Secrets: []sealedSecret{secret}})
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE webhooks SET sealed = $2 WHERE id = $1`, e.ID, sealed); err != nil {
		return nil, translate("add webhook", err)
	}
	return e, translate("add webhook", tx.Commit())
}

// Endpoints lists all, oldest first, and keeps in mind who listens. One that
// does not open is somebody else's work: it is left out, and told nothing.
func (s *Store) Endpoints(ctx context.Context) ([]broker.Endpoint, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, array_to_string(kinds, ','), sealed, created_at, disabled_at FROM webhooks ORDER BY id`)
	if err != nil {
		return nil, translate("list webhooks", err)
	}
	defer func() { _ = rows.Close() }()
	var all []broker.Endpoint
	for rows.Next() {
		var e broker.Endpoint
		var kinds string
		var sealed []byte
		var disabled sql.NullTime
		if err := rows.Scan(&e.ID, &kinds, &sealed, &e.CreatedAt, &disabled); err != nil {
			return nil, translate("read webhook", err)
		}
		e.DisabledAt = disabled.Time
		if err := s.readEndpoint(&e, kinds, sealed); err != nil {
			s.cfg.Log.Error("a webhook is refused", "endpoint", e.ID, "cause", err.Error())
			continue
		}
		all = append(all, e)
	}
	if err := rows.Err(); err != nil {
		return nil, translate("list webhooks", err)
	}
	s.heed(all)
	return all, nil
}

func (s *Store) readEndpoint(e *broker.Endpoint, kinds string, sealed []byte) error {
	ks, err := parseKinds(kinds)
	if err != nil {
		return err
	}
	x, err := s.openEndpoint(e.ID, ks, sealed)
	if err != nil {
		return err
	}
	for _, k := range ks {
		e.Kinds = append(e.Kinds, broker.NoticeKind(k))
	}
	e.URL = x.URL
	for _, secret := range x.Secrets {
		if secret.Until.IsZero() || secret.Until.After(s.cfg.Now()) {
			e.Secrets = append(e.Secrets, secret.Secret)
		}
	}
	return nil
}

// Endpoint finds one.
func (s *Store) Endpoint(ctx context.Context, id int64) (*broker.Endpoint, error) {
	all, err := s.Endpoints(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(e broker.Endpoint) bool { return e.ID == id })
	if i < 0 {
		return nil, broker.ErrNotFound
	}
	return &all[i], nil
}

// RotateSecret gives an endpoint a new secret; the one before it signs as well for
// a day, and those before that no more.
func (s *Store) RotateSecret(ctx context.Context, id int64) (broker.Secret, error) {
	secret, err := s.newSecret()
	if err != nil {
		return nil, err
	}
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return nil, translate("rotate secret", err)
	}
	defer func() { _ = tx.Rollback() }()
	var kinds string
	var sealed []byte
	err = tx.QueryRowxContext(ctx, `SELECT array_to_string(kinds, ','), sealed FROM webhooks WHERE id = $1 FOR UPDATE`, id).Scan(&kinds, &sealed)
	if err != nil {
		return nil, translate("rotate secret", err)
	}
	ks, err := parseKinds(kinds)
	if err != nil {
		return nil, err
	}
	x, err := s.openEndpoint(id, ks, sealed)
	if err != nil {
		return nil, err
	}
	x.Secrets[0].Until = s.cfg.Now().Add(overlap)
	x.Secrets = []sealedSecret{secret, x.Secrets[0]}
	if sealed, err = s.sealEndpoint(id, ks, x); err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE webhooks SET sealed = $2 WHERE id = $1`, id, sealed); err != nil {
		return nil, translate("rotate secret", err)
	}
	return secret.Secret, translate("rotate secret", tx.Commit())
}

// RemoveEndpoint forgets one; what it was still to be told goes with the next sweep.
func (s *Store) RemoveEndpoint(ctx context.Context, id int64) error {
	return s.one(ctx, "remove webhook", `DELETE FROM webhooks WHERE id = $1`, id)
}

// DisableEndpoint stops telling one that said it is gone; EnableEndpoint goes on.
func (s *Store) DisableEndpoint(ctx context.Context, id int64) error {
	return s.one(ctx, "disable webhook", `UPDATE webhooks SET disabled_at = coalesce(disabled_at, $2) WHERE id = $1`, id, s.cfg.Now())
}

// EnableEndpoint undoes DisableEndpoint.
func (s *Store) EnableEndpoint(ctx context.Context, id int64) error {
	return s.one(ctx, "enable webhook", `UPDATE webhooks SET disabled_at = NULL WHERE id = $1`, id)
}

// one changes one row, or fails with ErrNotFound.
func (s *Store) one(ctx context.Context, doing, q string, args ...any) error {
	r, err := s.db.ExecContext(ctx, q, args...)
	if err != nil {
		return translate(doing, err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, broker.ErrNotFound)
	}
	return nil
}
