package load

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// checkpoints are all that somebody saw, by size: at a broker's door, in an
// answer, or in the checkpoint file.
type checkpoints struct {
	mu    sync.Mutex
	seen  map[int64]string // the root
	fresh map[int64]string // those that were not looked up yet
	fork  error

	file   string
	read   int64 // how far the file was
	last   int64 // size of its last record
	inFile int
}

var (
	errFork  = errors.New("two checkpoints of one size have different roots")
	errOrder = errors.New("the checkpoint file does not grow from one record to the next")
	errCut   = errors.New("the checkpoint file has become shorter")
)

func (c *checkpoints) add(size int64, root string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil {
		c.seen, c.fresh = map[int64]string{}, map[int64]string{}
	}
	other, known := c.seen[size]
	switch {
	case !known:
		c.seen[size], c.fresh[size] = root, root
	case other != root:
		c.fork = fmt.Errorf("at %d: %w", size, errFork)
	}
}

// note adds a signed one.
func (c *checkpoints) note(note []byte) (size int64, ok bool) {
	lines := bytes.SplitN(note, []byte("\n"), 4)
	if len(lines) < 4 {
		return 0, false
	}
	size, err := strconv.ParseInt(string(lines[1]), 10, 64)
	if err != nil {
		return 0, false
	}
	c.add(size, string(lines[2]))
	return size, true
}

// answers adds the heads that were told with values.
func (c *checkpoints) answers(asks []*ask) {
	for _, a := range asks {
		if l := a.answer.Ledger; l.TreeSize > 0 {
			c.add(l.TreeSize, l.RootHash)
		}
	}
}

// records adds what came into the checkpoint file. A broker that was killed may
// have left half a record at its end, which the next one takes away.
func (c *checkpoints) records() error {
	b, err := os.ReadFile(c.file)
	if err != nil {
		return fmt.Errorf("read checkpoint file: %w", err)
	}
	if int64(len(b)) < c.read {
		return errCut
	}
	for {
		rest := b[c.read:]
		text, _, whole := strings.Cut(string(rest), "\n\n") // the signatures come after an empty line
		if !whole {
			return nil
		}
		signed, _, whole := strings.Cut(string(rest[len(text)+2:]), "\n\n")
		if !whole {
			return nil
		}
		size, ok := c.note([]byte(text + "\n\n"))
		if !ok || size <= c.last {
			return errOrder
		}
		c.read += int64(len(text) + 2 + len(signed) + 2)
		c.last, c.inFile = size, c.inFile+1
	}
}

// unseen are those that were not looked up yet. They count as looked up from now on; what is
// wrong with one of them is found in the end as well, when all are looked up once more.
func (c *checkpoints) unseen() (some map[int64]string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	some, c.fresh = c.fresh, map[int64]string{}
	return some, c.fork
}

// watch asks all brokers for their newest checkpoint, again and again.
func (t *Torture) watch(stop <-chan struct{}) {
	client := &http.Client{Timeout: time.Second}
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		case <-time.After(20 * time.Millisecond):
		}
		resp, err := client.Get(t.members[i%len(t.members)].client.Load().base + "/ledger/checkpoint") //nolint:noctx // it has a timeout
		if err != nil {
			continue
		}
		note, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
		_ = resp.Body.Close()
		if err == nil && resp.StatusCode == http.StatusOK {
			t.seen.note(note)
		}
	}
}
