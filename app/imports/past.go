package imports

import (
	"strings"
	"time"

	"bauta.dev/bauta/broker"
)

// What a performance can be, so that a record needs no string for it.
var (
	obligations = []string{"pay", "accept", "ship", "deliver", "hand_over", "serve", "grant_access", "give_back", "approve_return", "return", "refund"}
	attesters   = []string{"platform", "creditor", "debtor"}
)

// pasts are the performances of a file by transaction. They have to be in
// memory, because they may come in any order: some 60 bytes each, and the id of
// each transaction once.
type pasts struct {
	path    string
	records []pastRecord
	of      map[string]ends
}

// pastRecord is one row. text is done and reference in one.
type pastRecord struct {
	at         int64 // microseconds
	text       string
	line       int32
	next       int32 // of the same transaction; 0 ends
	done       uint8 // bytes of text
	obligation uint8
	attester   uint8
}

type ends struct{ first, last int32 }

func newPasts(path string) *pasts {
	return &pasts{path: path, records: make([]pastRecord, 1), of: map[string]ends{}} // the first is nobody's
}

func (p *pasts) add(line int, x *performance) {
	n := int32(len(p.records)) //nolint:gosec // two thousand million rows do not fit into memory
	p.records = append(p.records, pastRecord{
		at: x.past.PerformedAt.UnixMicro(), text: x.past.Done + x.past.Reference, line: int32(line), //nolint:gosec // likewise
		done: uint8(len(x.past.Done)), obligation: place(obligations, string(x.past.Obligation)), attester: place(attesters, x.past.AttestedBy), //nolint:gosec // at most 32 bytes
	})
	e, there := p.of[x.transaction]
	if !there {
		p.of[strings.Clone(x.transaction)] = ends{n, n}
		return
	}
	p.records[e.last].next = n
	e.last = n
	p.of[x.transaction] = e
}

func place(words []string, word string) uint8 {
	for i, w := range words {
		if w == word {
			return uint8(i) //nolint:gosec // short tables
		}
	}
	return 0
}

// take gives a transaction's records, in the order of the file, and forgets them.
func (p *pasts) take(id string) []int32 {
	e, there := p.of[id]
	if !there {
		return nil
	}
	delete(p.of, id)
	var ns []int32
	for n := e.first; n != 0; n = p.records[n].next {
		ns = append(ns, n)
	}
	return ns
}

// transactions are those that nobody has taken, in the order of the file.
func (p *pasts) transactions() []string {
	firsts := make(map[int32]string, len(p.of))
	for id, e := range p.of {
		firsts[e.first] = id
	}
	ids := make([]string, 0, len(p.of))
	for n := range p.records {
		if id, ok := firsts[int32(n)]; ok { //nolint:gosec // as above
			ids = append(ids, id)
		}
	}
	return ids
}

func (p *pasts) line(n int32) int { return int(p.records[n].line) }

// list turns records back into what the broker takes.
func (p *pasts) list(ns []int32) []broker.Past {
	list := make([]broker.Past, len(ns))
	for i, n := range ns {
		r := &p.records[n]
		list[i] = broker.Past{
			Obligation: broker.Obligation(obligations[r.obligation]), Done: r.text[:r.done], AttestedBy: attesters[r.attester],
			PerformedAt: time.UnixMicro(r.at).UTC(), Reference: r.text[r.done:],
		}
	}
	return list
}
