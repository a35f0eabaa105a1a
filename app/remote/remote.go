// Package remote reads another broker's log over HTTP, and believes nothing of
// what it is sent: neither lengths, nor an end, nor that it came from where it
// was asked.
package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"bauta.dev/bauta/broker/ledger"
)

// What bounds memory and time, whatever the other side does.
const (
	atOnce      = 16               // requests: as many bundles as a check reads ahead
	patience    = 30 * time.Second // for one answer, to its end
	attempts    = 6                // while the other side says that it is busy
	longestWait = 5 * time.Second  // that it may ask for
	width       = 256              // hashes of a tile
	tileSize    = width * 32
	// mostBundle is 256 entries of at most 65,535 bytes in principle; entries of
	// this format have 182 at most.
	mostBundle     = width * (2 + 512)
	mostCheckpoint = ledger.MaxProofSize
)

// Errors of reading a log. None repeats what was received.
var (
	ErrURL      = errors.New("the URL is not http or https with a host, like https://broker.example")
	ErrInClear  = errors.New("the URL is not https, and the API key would cross the network in clear")
	errRedirect = errors.New("it answers with a redirect, which is not followed")
	errTooLong  = errors.New("the answer is longer than it can be")
	errForm     = errors.New("the answer is not of the length that it must have")
)

// statusError is an answer other than 200.
type statusError struct{ status int }

func (e *statusError) Error() string {
	switch e.status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Sprintf("it answers %d: entries need an API key of scope audit, by --api-key or BAUTA_API_KEY", e.status)
	default:
		return fmt.Sprintf("it answers %d", e.status)
	}
}

// Log is a log behind a URL. It is a ledger.TreeSource up to the size of the
// checkpoint that it was told with At.
type Log struct {
	base   string
	key    string
	client *http.Client
	size   int64
}

// New names the log that a broker publishes under URL/ledger. key may be empty.
func New(broker, key string) (*Log, error) {
	u, err := url.Parse(broker)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.User != nil {
		return nil, ErrURL
	}
	if ip := net.ParseIP(u.Hostname()); key != "" && u.Scheme == "http" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, ErrInClear
	}
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: patience, MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConnsPerHost: atOnce, MaxConnsPerHost: atOnce, ForceAttemptHTTP2: true,
		DisableCompression: true, // what is small on the wire and large in memory is refused
		Proxy:              http.ProxyFromEnvironment,
	}
	return &Log{
		base: strings.TrimSuffix(u.String(), "/") + "/ledger/", key: key,
		client: &http.Client{
			Transport: transport, Timeout: patience,
			CheckRedirect: func(*http.Request, []*http.Request) error { return errRedirect },
		},
	}, nil
}

// Close lets its connections go.
func (l *Log) Close() { l.client.CloseIdleConnections() }

// Checkpoint is the newest signed note, unverified.
func (l *Log) Checkpoint(ctx context.Context) ([]byte, error) {
	return l.get(ctx, "checkpoint", mostCheckpoint)
}

// At sets the size of the tree that is read.
func (l *Log) At(size int64) { l.size = size }

// Entries are those of [from, to), read as whole bundles side by side.
func (l *Log) Entries(ctx context.Context, from, to int64) ([][]byte, error) {
	first := from / width
	bundles := make([][][]byte, (to+width-1)/width-first)
	err := sideBySide(ctx, len(bundles), func(ctx context.Context, i int) (err error) {
		bundles[i], err = l.bundle(ctx, first+int64(i))
		return err
	})
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for _, b := range bundles {
		entries = append(entries, b...)
	}
	skip := from - first*width
	return entries[skip : skip+to-from], nil
}

func (l *Log) bundle(ctx context.Context, index int64) ([][]byte, error) {
	path := ledger.TilePath{Level: ledger.EntriesLevel, Index: index}
	holds := min(l.size-index*width, width)
	if holds < width {
		path.Width = int(holds)
	}
	b, err := l.get(ctx, path.String(), mostBundle)
	if errors.Is(err, errTampered) {
		return nil, l.narrow(ctx, path, holds)
	}
	if err != nil {
		return nil, err
	}
	entries, err := ledger.ParseBundle(b)
	if err != nil || int64(len(entries)) != holds {
		return nil, fmt.Errorf("read %s: %w", path, errForm)
	}
	return entries, nil
}

// narrow finds the entry for which a bundle is refused, by asking for less of it: a
// broker that keeps the bundle's tile hands out what is before that entry. One that
// hands out nothing of it leaves open which one it is.
func (l *Log) narrow(ctx context.Context, path ledger.TilePath, holds int64) error {
	whole, refused := int64(0), holds // widths
	for refused > whole+1 {
		path.Width = int(whole+refused) / 2
		_, err := l.get(ctx, path.String(), mostBundle)
		switch {
		case err == nil:
			whole = int64(path.Width)
		case errors.Is(err, errTampered):
			refused = int64(path.Width)
		default:
			return err
		}
	}
	at := ledger.Finding{Part: ledger.PartEntry, Index: path.Index*width + whole, Reason: errTampered.Error()}
	if whole == 0 && holds > 1 {
		at.Reason = fmt.Sprintf("it, or one up to %d: %s", path.Index*width+holds-1, errTampered)
	}
	return at
}

// Tiles are the full tiles [from, to) of a level; nil for one that is not there.
func (l *Log) Tiles(ctx context.Context, level int, from, to int64) ([][]byte, error) {
	tiles := make([][]byte, to-from)
	err := sideBySide(ctx, len(tiles), func(ctx context.Context, i int) (err error) {
		tiles[i], err = l.get(ctx, ledger.TilePath{Level: level, Index: from + int64(i)}.String(), tileSize)
		return found(missing(err), ledger.Finding{Part: ledger.PartTile, Level: level, Index: from + int64(i)})
	})
	return tiles, err
}

// Partial is a tile as far as it goes; nil if it is not there.
func (l *Log) Partial(ctx context.Context, level int, index int64, width int) ([]byte, error) {
	tile, err := l.get(ctx, ledger.TilePath{Level: level, Index: index, Width: width}.String(), tileSize)
	return tile, found(missing(err), ledger.Finding{Part: ledger.PartTile, Level: level, Index: index})
}

// missing: what is not there is a finding of the check, not a failure of it.
func missing(err error) error {
	if e, ok := errors.AsType[*statusError](err); ok && e.status == http.StatusNotFound {
		return nil
	}
	return err
}

// sideBySide does n things at once, at most atOnce, and gives the first error.
func sideBySide(ctx context.Context, n int, do func(context.Context, int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	slots := make(chan struct{}, atOnce)
	var work sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		work.Go(func() {
			defer func() { <-slots }()
			if err := do(ctx, i); err != nil {
				cancel(err)
			}
		})
	}
	work.Wait()
	return context.Cause(ctx)
}

// get reads one thing, and waits when it is told that there were too many
// requests, or that the other side is not ready.
func (l *Log) get(ctx context.Context, path string, most int64) ([]byte, error) {
	for n := 1; ; n++ {
		b, wait, err := l.getOnce(ctx, path, most)
		if err == nil {
			return b, nil
		}
		if wait == 0 || n == attempts {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("read %s: %w", path, ctx.Err())
		case <-time.After(wait):
		}
	}
}

func (l *Log) getOnce(ctx context.Context, path string, most int64) (b []byte, wait time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.base+path, nil)
	if err != nil {
		return nil, 0, ErrURL
	}
	if l.key != "" {
		req.Header.Set("Authorization", "Bearer "+l.key)
	}
	resp, err := l.client.Do(req)
	if err != nil {
		return nil, 0, unreachable(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		if resp.StatusCode == http.StatusServiceUnavailable && saysTampered(resp.Body) {
			return nil, 0, errTampered
		}
		err = &statusError{resp.StatusCode}
		if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable {
			seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
			wait = min(max(time.Duration(seconds)*time.Second, 200*time.Millisecond), longestWait)
		}
		return nil, wait, err
	}
	b, err = io.ReadAll(io.LimitReader(resp.Body, most+1))
	switch {
	case err != nil:
		return nil, 0, unreachable(ctx, err)
	case int64(len(b)) > most:
		return nil, 0, errTooLong
	}
	return b, 0, nil
}

// errTampered is a broker's own word that what it was asked for is not what it signed.
var errTampered = errors.New("its broker says that what it has there is not what was signed; with a key of scope audit its /readyz says what")

// mostProblem is the most of a refusal that is read.
const mostProblem = 16 << 10

// saysTampered reads a problem document (RFC 9457).
func saysTampered(body io.Reader) bool {
	var problem struct {
		Errors []struct {
			Code string `json:"code"`
		} `json:"errors"`
	}
	b, err := io.ReadAll(io.LimitReader(body, mostProblem))
	if err != nil || json.Unmarshal(b, &problem) != nil {
		return false
	}
	return len(problem.Errors) > 0 && problem.Errors[0].Code == "not_as_signed"
}

// found makes a finding of such a word: the check has been made, and has its result.
func found(err error, at ledger.Finding) error {
	if errors.Is(err, errTampered) {
		at.Reason = errTampered.Error()
		return at
	}
	return err
}

// unreachable takes the URL out of an error: it may hold what an operator would
// not show.
func unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if errors.Is(err, errRedirect) {
		return errRedirect
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	return fmt.Errorf("it does not answer: %w", err)
}
