package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// cases measures what handlers wait for: a queue over many open cases, a case with a
// long history, and its bundle. 16 handlers look at the same time, each again as soon
// as it has its answer, or after a pause as people do.
func (p *place) cases(ctx context.Context) error {
	if p.only == "" {
		return nil
	}
	key, err := p.server.Run(ctx, "key", "create", "--scope", "disputes")
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "opening %d cases…\n", p.disputed)
	long, err := p.quarrel(key)
	if err != nil {
		return err
	}
	if err := p.do(ctx, "VACUUM ANALYZE"); err != nil {
		return err
	}
	session, err := p.worker(ctx, "handler@example.com", "handler") // a session ends when nobody uses it for half an hour
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "reading…")
	reads := []struct{ what, path string }{
		{fmt.Sprintf("the queue of %d open cases", p.disputed), "/v1/disputes?queue=unassigned&limit=50"},
		{fmt.Sprintf("a case of %d entries", p.history), "/v1/disputes/" + long},
		{fmt.Sprintf("the desk's page of the queue of %d", p.disputed), "/dashboard?queue=unassigned"},
		{fmt.Sprintf("the desk's page of a case of %d entries", p.history), "/desk/cases/" + long},
	}
	for _, r := range reads {
		busy, err := p.look(session, r.path, 0)
		if err != nil {
			return err
		}
		calm, err := p.look(session, r.path, time.Second)
		if err != nil {
			return err
		}
		p.rows = append(p.rows,
			row{what: r.what + ", p95 of 16 handlers, one read a second each", result: millis(calm), reach: "50 ms"},
			row{what: r.what + ", p95 of 16 without a pause", result: millis(busy)})
		if err := p.weigh(session, r.what, r.path); err != nil {
			return err
		}
	}
	return p.bundles(key, long)
}

// quarrel opens as many cases as are to be measured, all of which wait for somebody,
// and gives one of them a history.
func (p *place) quarrel(key string) (long string, err error) {
	const sides = 64
	for i := range sides {
		for _, who := range []struct{ id, kind string }{{"qb", "person"}, {"qs", "merchant"}} {
			body := fmt.Sprintf(`{"kind":%q,"contact":{"name":"Giovana Teixeira %d"},"source":{"kind":"registration"}}`, who.kind, i)
			if err := p.client.Do("PUT", fmt.Sprintf("/v1/parties/%s-%d", who.id, i), p.client.Market, body, nil); err != nil {
				return "", err
			}
		}
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	failed := make([]error, 32)
	for w := range failed {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(p.disputed) && failed[w] == nil; i = next.Add(1) {
				_, failed[w] = p.claim(key, i, i%sides)
			}
		})
	}
	wg.Wait()
	if err := errors.Join(failed...); err != nil {
		return "", err
	}
	if long, err = p.claim(key, 0, 0); err != nil {
		return "", err
	}
	for n := 4; n < p.history; n++ { // the order, the case, the answer and the claim are there
		if err := p.tell(key, long, n); err != nil {
			return "", err
		}
	}
	return long, nil
}

// tell adds a message to the long case, or, of what is more than the sides may write, a
// request about its transaction.
func (p *place) tell(key, long string, n int) error {
	side := []string{"qb-0", "qs-0"}[n%2]
	if n >= 380 {
		return p.client.Do("POST", "/v1/disclosures", p.client.Market, fmt.Sprintf(`{"transaction":"q-0","requester":%q,"purpose":"deliver"}`, side), nil)
	}
	return p.client.Do("POST", "/v1/disputes/"+long+"/messages", key, fmt.Sprintf(`{"by":%q,"text":"It has still not come; the carrier says that it was never handed in."}`, side), nil)
}

// claim is a case that its opener wants to be decided.
func (p *place) claim(key string, i, side int64) (string, error) {
	order := fmt.Sprintf(`{"kind":"shipped_goods","buyer":"qb-%d","seller":"qs-%d","amount":{"currency":"BRL","value":"221.65"},"items":1,"created_at":%q}`, side, side, time.Now().Add(-24*time.Hour).UTC().Format(time.RFC3339))
	if err := p.client.Do("PUT", fmt.Sprintf("/v1/transactions/q-%d", i), p.client.Market, order, nil); err != nil {
		return "", err
	}
	var made struct {
		ID string `json:"id"`
	}
	body := fmt.Sprintf(`{"transaction":"q-%d","opened_by":"qb-%d","reason":"not_received","obligations":["deliver"],"amount":"100.00","statement":"It never came."}`, i, side)
	if err := p.client.Do("POST", "/v1/disputes", key, body, &made); err != nil {
		return "", err
	}
	for _, step := range []struct{ path, body string }{
		{"messages", fmt.Sprintf(`{"by":"qs-%d","text":"It was handed to the carrier."}`, side)}, {"escalation", fmt.Sprintf(`{"by":"qb-%d"}`, side)},
	} {
		if err := p.client.Do("POST", "/v1/disputes/"+made.ID+"/"+step.path, key, step.body, nil); err != nil {
			return "", err
		}
	}
	return made.ID, nil
}

// look is the 95th percentile of what 16 handlers wait for an answer.
func (p *place) look(session, path string, pause time.Duration) (time.Duration, error) {
	const handlers = 16
	wires, err := p.client.Wires(handlers)
	if err != nil {
		return 0, err
	}
	took, failed := make([][]time.Duration, handlers), make([]error, handlers)
	end := time.Now().Add(time.Duration(p.seconds) * time.Second)
	var wg sync.WaitGroup
	for h, w := range wires {
		wg.Go(func() {
			defer w.Close()
			time.Sleep(pause * time.Duration(h) / handlers)
			for time.Now().Before(end) && failed[h] == nil {
				at := time.Now()
				_, failed[h] = w.Get(path, session)
				took[h] = append(took[h], time.Since(at))
				time.Sleep(pause)
			}
		})
	}
	wg.Wait()
	all := slices.Sorted(slices.Values(slices.Concat(took...)))
	if len(all) == 0 {
		return 0, errors.Join(append(failed, errors.New("nobody looked"))...)
	}
	return all[len(all)*95/100], errors.Join(failed...)
}

// weigh says how long an answer is, before anything packs it.
func (p *place) weigh(session, what, path string) error {
	wires, err := p.client.Wires(1)
	if err != nil {
		return err
	}
	defer wires[0].Close()
	page, err := wires[0].Get(path, session)
	if err == nil && strings.HasPrefix(path, "/d") {
		p.rows = append(p.rows, row{what: what + ", weight without its sheet", result: fmt.Sprintf("%d kB", len(page)/1000), reach: "150 kB"})
	}
	return err
}

// bundles measures how long the whole bundle of the long case takes, the median of some.
func (p *place) bundles(key, id string) error {
	wires, err := p.client.Wires(1)
	if err != nil {
		return err
	}
	defer wires[0].Close()
	var took []time.Duration
	size := 0
	for range 9 {
		at := time.Now()
		zip, err := wires[0].Get("/v1/disputes/"+id+"/bundle?viewer=qb-0", key)
		if err != nil {
			return err
		}
		took, size = append(took, time.Since(at)), len(zip)
	}
	slices.Sort(took)
	p.rows = append(p.rows, row{
		what: fmt.Sprintf("the bundle of a case of %d entries, median of 9, %d kB", p.history, size>>10), result: millis(took[len(took)/2]), reach: "1000 ms",
	})
	return nil
}
