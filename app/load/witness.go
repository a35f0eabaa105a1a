package load

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"bauta.dev/bauta/app/anchor/witnesstest"
)

// onlooker is a witness that all brokers of a torture have cosign. It knows the log's
// key once the first of them has made it.
type onlooker struct {
	server *http.Server
	policy string // the file that names it

	mu      sync.Mutex
	witness *witnesstest.Witness
	forked  int // how often it was shown what does not extend what it has cosigned
}

func newOnlooker(ctx context.Context, dir string, seed uint64) (*onlooker, error) {
	o := &onlooker{policy: filepath.Join(dir, "witnesses")}
	random := rand.NewChaCha8(sha256.Sum256(binary.BigEndian.AppendUint64(nil, seed)))
	var err error
	if o.witness, err = witnesstest.New(random, "onlooker.example", nil); err != nil {
		return nil, err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	o.server = &http.Server{Handler: o, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = o.server.Serve(l) }() // until it is closed
	return o, os.WriteFile(o.policy, []byte(o.witness.Line("http://"+l.Addr().String())), 0o600)
}

// know tells it whose log it is.
func (o *onlooker) know(ctx context.Context, s *Server) error {
	vkey, err := s.Run(ctx, "ledger", "key")
	if err != nil {
		return err
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return fmt.Errorf("read the log's key: %w", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.witness.Log = v
	return nil
}

func (o *onlooker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil || o.witness.Log == nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	status, answer := o.witness.Add(string(body))
	if status == http.StatusUnprocessableEntity {
		o.forked++
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, answer)
}

var errForked = errors.New("a witness was shown a log that does not extend what it has cosigned")

// verify holds what it has said, and what the brokers have kept of it, against the log,
// whose rows "ledger check" holds against one another: how many cosignatures there are.
func (o *onlooker) verify(ctx context.Context, t audit) (kept int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.forked > 0 {
		return 0, errForked
	}
	rows, err := t.db.QueryContext(ctx, `SELECT s.size, s.line, c.note FROM ledger_cosignatures s LEFT JOIN ledger_checkpoints c USING (size) ORDER BY s.size`)
	if err != nil {
		return 0, fmt.Errorf("read cosignatures: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var size int64
		var line string
		var signed []byte
		if err := rows.Scan(&size, &line, &signed); err != nil {
			return kept, fmt.Errorf("read cosignatures: %w", err)
		}
		if size > o.witness.Last.Size || !o.witness.Cosigned(signed, line) {
			return kept, &foundError{fmt.Sprintf("the cosignature that is kept for %d is not one of that checkpoint", size)}
		}
		kept++
	}
	return kept, rows.Err()
}

// last is the newest checkpoint that it has cosigned.
func (o *onlooker) last() map[int64]string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.witness.Last.Size == 0 {
		return nil
	}
	return map[int64]string{o.witness.Last.Size: o.witness.Last.Root.String()}
}
