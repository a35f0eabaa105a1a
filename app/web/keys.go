package web

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking/fault"
)

// Scopes of contract.md, section 2.
const (
	marketplace = "marketplace"
	attest      = "attest"
	privacy     = "privacy"
	audit       = "audit"
)

var (
	errUnauthenticated = fault.New(fault.Unauthenticated, "unauthenticated", "this needs a valid key: Authorization: Bearer KEY")
	errScope           = broker.ErrScopeMissing
)

// remembered is for how long a key that was just verified is believed: a
// revocation takes at most so long to be felt.
const (
	remembered   = time.Second
	mostKeysHeld = 4096
)

// keyring remembers keys that were just verified, by the digest of what was
// presented, so that a busy caller costs one look-up a second.
type keyring struct {
	finder KeyFinder
	mu     sync.Mutex
	known  map[[sha256.Size]byte]knownKey
}

type knownKey struct {
	key   *broker.APIKey
	until time.Time
}

func newKeyring(f KeyFinder) *keyring {
	return &keyring{finder: f, known: map[[sha256.Size]byte]knownKey{}}
}

// recall finds a key that was verified less than a second ago.
func (k *keyring) recall(digest [sha256.Size]byte, now time.Time) *broker.APIKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	if found, ok := k.known[digest]; ok && now.Before(found.until) {
		return found.key
	}
	return nil
}

func (k *keyring) remember(digest [sha256.Size]byte, key *broker.APIKey, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.known) >= mostKeysHeld {
		clear(k.known)
	}
	k.known[digest] = knownKey{key, now.Add(remembered)}
}

// find verifies what a caller presented.
func (k *keyring) find(ctx context.Context, presented string, now time.Time) (*broker.APIKey, error) {
	digest := sha256.Sum256([]byte(presented))
	if key := k.recall(digest, now); key != nil {
		return key, nil
	}
	id, secret, ok := splitKey(presented)
	if !ok {
		return nil, errUnauthenticated
	}
	key, err := k.finder.Key(ctx, id, secret)
	if errors.Is(err, broker.ErrNotFound) || faultIs(err, fault.Unauthenticated) {
		return nil, errUnauthenticated // one answer for all that opens nothing
	}
	if err != nil {
		return nil, err
	}
	if key == nil || !key.RevokedAt.IsZero() {
		return nil, errUnauthenticated
	}
	k.remember(digest, key, now)
	return key, nil
}

func faultIs(err error, k fault.Kind) bool {
	f, ok := errors.AsType[*fault.Error](err)
	return ok && f.Kind == k
}

// splitKey reads bauta_ID_SECRET.
func splitKey(presented string) (id, secret string, ok bool) {
	rest, ok := strings.CutPrefix(presented, "bauta_")
	if !ok || len(presented) > 256 {
		return "", "", false
	}
	id, secret, ok = strings.Cut(rest, "_")
	return id, secret, ok && keyWord(id) && keyWord(secret)
}

func keyWord(s string) bool {
	for _, c := range []byte(s) {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '-', c == '_':
		default:
			return false
		}
	}
	return s != ""
}

// presented is what the Authorization header holds, if it is a bearer's.
func (c *call) presented() (string, bool) {
	scheme, token, ok := strings.Cut(c.Get("Authorization"), " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer")
}

// authenticate finds the caller's key, and counts the request against it. A
// caller without a key counts against his address, and whoever has used that
// up is not looked up any more.
func (c *call) authenticate() error {
	now := c.server.Now()
	address := ""
	if c.server.RateLimit > 0 {
		address = c.address()
		if wait := c.server.visitors.exhausted(address, now); wait > 0 && !c.recalled(now) {
			return errRateLimit.After(wait)
		}
	}
	presented, ok := c.presented()
	if !ok {
		return c.strange(address, now)
	}
	key, err := c.server.keys.find(c.ctx, presented, now)
	if errors.Is(err, errUnauthenticated) {
		return c.strange(address, now)
	}
	if err != nil {
		return err
	}
	c.key = key
	if wait := c.server.visitors.take("key "+key.ID, now); wait > 0 {
		return errRateLimit.After(wait)
	}
	return nil
}

func (c *call) recalled(now time.Time) bool {
	presented, ok := c.presented()
	return ok && c.server.keys.recall(sha256.Sum256([]byte(presented)), now) != nil
}

func (c *call) strange(address string, now time.Time) error {
	if wait := c.server.visitors.take(address, now); wait > 0 {
		return errRateLimit.After(wait)
	}
	return errUnauthenticated
}

// has says whether the caller's key may do what any of the scopes may.
func (c *call) has(scopes ...string) bool {
	return c.key != nil && slices.ContainsFunc(scopes, func(s string) bool { return slices.Contains(c.key.Scopes, s) })
}
