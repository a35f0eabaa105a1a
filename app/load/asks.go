package load

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// kind is what a client asks for.
type kind string

const (
	disclosing kind = "disclosure"
	viewing    kind = "view"
	revoking   kind = "revocation"
	reversing  kind = "reversal"
	performing kind = "performance"
)

// ask is one thing that a client wants done once, under an idempotency key of its
// own. It is put again, to whatever broker, until it is answered.
type ask struct {
	kind       kind
	key        string
	path, body string
	values     bool // the answer has to have some
	of         *ask // the disclosure that it is about
	order      int

	tries    int
	replayed bool        // the first answer that came was not the first one given
	answer   Disclosure  // a performance's has no place
	given    atomic.Bool // the answer came; what is above is not written to any more
	revoked  atomic.Bool // of a disclosure: somebody has at least tried to
}

var (
	errNothingOpened = errors.New("a granted disclosure without a value")
	errReplayed      = errors.New("a key that was never used before is answered as one that was")
	errDoneAgain     = errors.New("what was answered before is done again under the same key")
	errAnother       = errors.New("under the same key there is another answer")
)

// put asks once.
func (a *ask) put(c *Client) error {
	a.tries++
	var d Disclosure
	replayed, err := c.do("POST", a.path, a.credential(c), a.key, a.body, &d)
	switch {
	case err != nil:
		return err
	case replayed && a.tries == 1:
		return errReplayed
	case a.values && !replayed && !d.opened(): // a replay shows them for ten minutes, by a clock that jumps
		return errNothingOpened
	}
	a.answer, a.replayed = d, replayed
	a.given.Store(true)
	return nil
}

// repeat asks once more for what was answered: the same has to come back, said to
// be a replay.
func (a *ask) repeat(c *Client) error {
	var d Disclosure
	replayed, err := c.do("POST", a.path, a.credential(c), a.key, a.body, &d)
	gone, ok := errors.AsType[*StatusError](err)
	switch was, is := a.answer.Ledger, d.Ledger; {
	case ok && gone.Status == 410 && a.kind == viewing && a.of.revoked.Load():
		return nil // what is shown again was ended since
	case err != nil:
		return err
	case !replayed:
		return fmt.Errorf("%s %s: %w", a.kind, a.key, errDoneAgain)
	case d.ID != a.answer.ID || is.Index != was.Index || is.LeafHash != was.LeafHash:
		return fmt.Errorf("%s %s: %w: %s at %d, and now %s at %d", a.kind, a.key, errAnother, a.answer.ID, was.Index, d.ID, is.Index)
	}
	return nil
}

func (a *ask) credential(c *Client) string {
	if a.placed() {
		return c.Market
	}
	return c.Attest
}

// placed says whether the answer names an entry.
func (a *ask) placed() bool { return a.kind != reversing && a.kind != performing }

// passing says whether an error may be gone when one asks again: no answer, or one
// that says so.
func passing(err error) bool {
	s, ok := errors.AsType[*StatusError](err)
	switch {
	case errors.Is(err, errReplayed), errors.Is(err, errNothingOpened), errors.Is(err, errDoneAgain), errors.Is(err, errAnother):
		return false
	case !ok:
		return true
	}
	return s.Status == 503 || s.Status == 429 || s.Status == 409 && s.Code == "conflict"
}

// book is all that one client has asked for, in order.
type book struct {
	client, orders int
	mu             sync.Mutex
	asks           []*ask
	wrong          error
	shown          *ask // the newest disclosure of an order that nobody takes back
}

// keep asks on and on; after an error it puts the same ask again, as a careful
// caller would, to whom to says.
func (b *book) keep(to func() *Client, stop <-chan struct{}) {
	for i := 0; ; i++ {
		a := b.next(i)
		b.mu.Lock()
		b.asks = append(b.asks, a)
		b.mu.Unlock()
		for !a.given.Load() {
			select {
			case <-stop:
				return
			default:
			}
			err := a.put(to())
			if err != nil && !passing(err) {
				b.wrong = fmt.Errorf("client %d, %s %s: %w", b.client, a.kind, a.key, err)
				return
			}
			if err != nil {
				time.Sleep(20 * time.Millisecond)
			}
		}
		if a.kind == disclosing && a.values {
			b.shown = a
		}
	}
}

// next is what the client asks for next: mostly disclosures, and what may become
// of them. Each client has an order of its own whose payment is taken back.
func (b *book) next(i int) *ask {
	own := b.orders + b.client
	a := &ask{key: fmt.Sprintf("c%d-%d", b.client, i)}
	switch {
	case i%8 == 3 && b.shown != nil:
		a.kind, a.of, a.values = viewing, b.shown, true
		a.path = "/v1/disclosures/" + a.of.answer.ID + "/views"
		a.body = fmt.Sprintf(`{"viewer":"s-%d"}`, b.shown.order)
	case i%16 == 15 && b.shown != nil:
		a.kind, a.of, a.path, a.body = revoking, b.shown, "/v1/disclosures/"+b.shown.answer.ID+"/revocation", `{"reason":"no_longer_needed"}`
		a.of.revoked.Store(true)
		b.shown = nil
	case i%16 == 5:
		a.kind, a.path, a.body = reversing, fmt.Sprintf("/v1/transactions/t-%d/reversals", own), cent(a.key)
	case i%16 == 6:
		a.kind, a.path, a.body = performing, fmt.Sprintf("/v1/transactions/t-%d/performances", own), cent(a.key)
	case i%16 == 7:
		a.disclose(own)
	default:
		a.disclose((b.client*7919 + i) % b.orders)
		a.values = true
	}
	return a
}

// disclose asks for the delivery data of order i.
func (a *ask) disclose(i int) {
	a.kind, a.order, a.path = disclosing, i, "/v1/disclosures"
	a.body = fmt.Sprintf(`{"transaction":"t-%d","requester":"s-%d","purpose":"deliver"}`, i, i)
}

// cent is one of what was paid, taken back or paid again.
func cent(reference string) string {
	return fmt.Sprintf(`{"obligation":"pay","done":"0.01","performed_at":%q,"reference":%q}`, yesterday(), reference)
}
