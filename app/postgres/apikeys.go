package postgres

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"time"

	"github.com/lib/pq"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking/fault"
)

// ErrUnauthenticated: no such key, a wrong secret, or a revoked one; which of
// these is not said.
var ErrUnauthenticated = fault.New(fault.Unauthenticated, "unauthenticated", "send a valid key as Authorization: Bearer KEY")

const apiKeyColumns = `SELECT id, scopes, source, secret, created_at, revoked_at, mac FROM api_keys`

type apiKeyScan struct {
	ID        string         `db:"id"`
	Scopes    pq.StringArray `db:"scopes"`
	Source    string         `db:"source"`
	Secret    []byte         `db:"secret"`
	CreatedAt time.Time      `db:"created_at"`
	RevokedAt sql.NullTime   `db:"revoked_at"`
	MAC       []byte         `db:"mac"`
}

// apiKey checks that the row is as this broker wrote it.
func (s *Store) apiKey(r *apiKeyScan) (*broker.APIKey, error) {
	k := &broker.APIKey{ID: r.ID, Scopes: r.Scopes, Source: r.Source, Secret: r.Secret, CreatedAt: r.CreatedAt, RevokedAt: r.RevokedAt.Time}
	if !hmac.Equal(r.MAC, s.macKey(k)) {
		return nil, &forgedError{"api_key"}
	}
	return k, nil
}

// HashSecret is how the secret of a key is kept: a hash under a key that the
// database does not have.
func (s *Store) HashSecret(id, secret string) []byte {
	return s.mac.MAC("api_secret/v1", []byte(id), []byte(secret))
}

// APIKey finds a key by its id and secret, in the same time whether it is there or not.
func (s *Store) APIKey(ctx context.Context, id, secret string) (*broker.APIKey, error) {
	var row apiKeyScan
	err := s.db.GetContext(ctx, &row, apiKeyColumns+` WHERE id = $1`, id)
	if err = translate("find key", err); err != nil && !isNotFound(err) {
		return nil, err
	}
	sum := s.HashSecret(id, secret)
	if err != nil || !hmac.Equal(sum, row.Secret) {
		return nil, ErrUnauthenticated
	}
	k, err := s.apiKey(&row)
	if err != nil {
		return nil, err
	}
	if !k.RevokedAt.IsZero() {
		return nil, ErrUnauthenticated
	}
	return k, nil
}

// FindAPIKey finds a key by its id alone: for the operator.
func (s *Store) FindAPIKey(ctx context.Context, id string) (*broker.APIKey, error) {
	var row apiKeyScan
	if err := s.db.GetContext(ctx, &row, apiKeyColumns+` WHERE id = $1`, id); err != nil {
		return nil, translate("find key", err)
	}
	return s.apiKey(&row)
}

// APIKeys lists all keys, oldest first.
func (s *Store) APIKeys(ctx context.Context) ([]broker.APIKey, error) {
	var rows []apiKeyScan
	if err := s.db.SelectContext(ctx, &rows, apiKeyColumns+` ORDER BY created_at, id`); err != nil {
		return nil, translate("list keys", err)
	}
	keys := make([]broker.APIKey, 0, len(rows))
	for i := range rows {
		k, err := s.apiKey(&rows[i])
		if err != nil {
			return nil, err
		}
		keys = append(keys, *k)
	}
	return keys, nil
}
