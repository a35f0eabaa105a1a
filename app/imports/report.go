package imports

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"

	"bauta.dev/bauta/masking/fault"
)

const (
	errTwice    = "the file has this id twice, with other members"
	errNotTaken = "its transaction was not taken"
)

// Where the broker's pointers are in a row.
var (
	partyPointers       = map[string]string{"": "party_id"}
	transactionPointers = map[string]string{
		"": "transaction_id", "/kind": "kind", "/buyer": "buyer_id", "/seller": "seller_id", "/amount/currency": "currency",
		"/amount/value": "amount", "/items": "items", "/created_at": "created_at", "/state": "state",
	}
	performancePointers = map[string]string{
		"": "transaction_id", "/transaction": "transaction_id", "/obligation": "obligation", "/done": "done",
		"/attested_by": "attested_by", "/performed_at": "performed_at", "/reference": "reference",
	}
)

// report says which rows are bad: one line each, from any goroutine.
type report struct {
	mu    sync.Mutex
	to    io.Writer
	count *atomic.Int64
}

func (r *report) row(path string, bad *row) {
	r.count.Add(1)
	if r.to == nil {
		return
	}
	told := make([]string, len(bad.wrong))
	for i, m := range bad.wrong {
		told[i] = "column " + m.column + ": " + m.reason
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	_, _ = fmt.Fprintf(r.to, "%s:%d: %s\n", path, bad.line, strings.Join(told, "; ")) // nobody left to tell
}

func (r *report) one(path string, line int, column, reason string) {
	r.row(path, &row{line: line, wrong: []mistake{{column, reason}}})
}

// broker reports what the broker refused. What is no refusal of this row ends
// the import: the error is given back.
func (r *report) broker(path string, line int, columns map[string]string, err error) error {
	if err == nil {
		return nil
	}
	e := fault.Of(err)
	if e.Kind != fault.Invalid && e.Kind != fault.Conflict {
		return err
	}
	if len(e.Fields) == 0 {
		r.one(path, line, columns[""], e.Detail)
		return nil
	}
	bad := &row{line: line}
	for _, x := range e.Fields {
		column, ok := columns[x.Pointer]
		if !ok {
			column = columns[""]
		}
		bad.mistake(column, x.Detail)
	}
	r.row(path, bad)
	return nil
}
