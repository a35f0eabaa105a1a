package identity

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"bauta.dev/bauta/broker"
)

// Provider is the marketplace's identity provider, as a file with its JWKS. The
// file is read again when it changes, so a key that is taken out of it signs
// nothing from then on. While it can't be read, or is no JWKS, nobody can act
// for a party: nothing falls back to older keys. It is safe for concurrent use.
type Provider struct {
	file     string
	audience string
	now      func() time.Time

	mu   sync.Mutex
	seen os.FileInfo
	keys *Keys
	err  error
}

// mostBytes of a JWKS: 32 keys with certificates beside them are fewer.
const mostBytes = 1 << 20

var errTooLarge = errors.New("it is larger than 1 MiB")

// Open reads the file. Audience is what a token's aud has to name if it has one.
func Open(file, audience string, now func() time.Time) (*Provider, error) {
	p := &Provider{file: file, audience: audience, now: now}
	_, err := p.current()
	return p, err
}

// Check says whose word a request is. A token that is not right is
// ErrPartyTokenInvalid; without keys to check it by it is ErrUnavailable.
func (p *Provider) Check(token, method, target string, body []byte) (*broker.Word, error) {
	keys, err := p.current()
	if err != nil {
		return nil, broker.ErrUnavailable.Because(err).After(10 * time.Second)
	}
	return keys.verify(token, Request{method, target, body}, p.audience, p.now())
}

// current are the keys that the file has now.
func (p *Provider) current() (*Keys, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	info, err := os.Stat(p.file)
	if err != nil {
		p.seen = nil // read it again when it comes back
		return nil, fmt.Errorf("read party keys: %w", err)
	}
	if p.seen == nil || !same(p.seen, info) {
		p.keys, p.err = read(p.file)
		p.seen = info // from before it was read: what was written since is read again
	}
	return p.keys, p.err
}

func same(a, b os.FileInfo) bool {
	return a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size() && os.SameFile(a, b)
}

func read(file string) (keys *Keys, err error) {
	f, err := os.Open(file) //nolint:gosec // the operator names it
	if err != nil {
		return nil, fmt.Errorf("read party keys: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	b, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	if err == nil && len(b) > mostBytes {
		err = errTooLarge
	}
	if err != nil {
		return nil, fmt.Errorf("read party keys: %w", err)
	}
	return ParseKeys(b)
}
