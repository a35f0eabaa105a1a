package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/lib/pq"

	"bauta.dev/bauta/app/load"
	"bauta.dev/bauta/app/postgres/cluster"
)

// A thief has a credential and an hour's head start. What is printed is how many
// people he gets to see, of how many there are, and what he may get to see at most
// (docs/decisions/0028-harvest-guard.md).
type thief struct {
	credential string
	hourBefore int // people that the marketplace reached in the hour before
	most       int
	harvest    func(*place, context.Context, *loot) error
}

// loot is whose values a thief has seen. It is safe for concurrent use.
type loot struct {
	mu       sync.Mutex
	people   map[string]bool
	requests int
	answers  map[string]int
}

// people that there are to be had.
const victims = 300

func thieves() []thief {
	return []thief{
		{"an attest, a merchants, a disputes and an audit key", 0, 0, (*place).uselessThief},
		{"a privacy key", 0, 50, (*place).privacyThief},
		{"a handler's session", 0, 50, inside("handler")},
		{"a lead's session", 0, 50, inside("lead")},
		{"a privacy officer's session", 0, 50, inside("privacy_officer")},
		{"an auditor's session", 0, 0, inside("auditor")},
		{"a merchant reviewer's session", 0, 0, inside("merchant_reviewer")},
		{"the marketplace's key", 0, 50, (*place).marketThief},
		{"the marketplace's key", 120, 240, (*place).marketThief},
		{"both", 0, 50, (*place).bothThief},
		{"both", 120, 240, (*place).bothThief},
	}
}

// thief lets each of them loose on a marketplace of its own, with the budgets as shipped.
func (p *place) thief(ctx context.Context) error {
	for i, t := range thieves() {
		l := &loot{people: map[string]bool{}, answers: map[string]int{}}
		if err := p.visitOf(ctx, fmt.Sprintf("thief-%d", i), t, l); err != nil {
			return fmt.Errorf("a thief of %s: %w", t.credential, err)
		}
		p.rows = append(p.rows, row{
			what:     fmt.Sprintf("a thief of %s, after an hour of %d people", t.credential, t.hourBefore),
			baseline: fmt.Sprintf("%d people", victims), result: fmt.Sprintf("%d people", len(l.people)),
			ratio: float64(len(l.people)) / victims, reach: fmt.Sprintf("at most %d people", t.most),
		})
		fmt.Fprintf(os.Stderr, "%s: %d requests, %v\n", t.credential, l.requests, l.answers)
		if len(l.people) > t.most {
			return fmt.Errorf("a thief of %s reached %d people, and may reach %d", t.credential, len(l.people), t.most)
		}
	}
	return nil
}

// visitOf runs one thief on a broker of his own; the one that was there goes on after.
func (p *place) visitOf(ctx context.Context, data string, t thief, l *loot) (err error) {
	before := *p
	defer func() { p.server, p.client, p.cluster = before.server, before.client, before.cluster }()
	p.budgets = true
	defer func() { p.budgets = false }()
	if err = p.openIn(ctx, data); err != nil {
		return err
	}
	defer func() {
		_, stopped := p.server.Stop()
		err = errors.Join(err, stopped)
	}()
	if err = p.client.Fill(victims); err != nil {
		return err
	}
	if err = p.traded(ctx, t.hourBefore); err != nil {
		return err
	}
	return t.harvest(p, ctx, l)
}

// traded makes the hour before one in which so many people were reached, by
// writing the counts: the benchmark can't wait for it. The broker has not read
// them yet, for it has not disclosed anything.
func (p *place) traded(ctx context.Context, people int) error {
	if people == 0 {
		return nil
	}
	c, err := pq.NewConnector(p.cluster.DSN(cluster.RoleOwner))
	if err != nil {
		return err
	}
	db := sql.OpenDB(c)
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, `INSERT INTO reach (slot, key, part, people)
		SELECT $1, key, 0, $2 FROM (SELECT '' UNION ALL SELECT id FROM api_keys) k(key)`, time.Now().Add(-65*time.Minute).Unix()/300, people) // slots are of five minutes
	return err
}

type seen struct {
	ID       string `json:"id"`
	Subject  string `json:"subject"`
	Decision string `json:"decision"`
	Fields   []struct {
		Value json.RawMessage `json:"value"`
	} `json:"fields"`
}

// try sends one request and keeps whom it shows.
func (l *loot) try(c *load.Client, key, method, path, body string) seen {
	var s seen
	if !l.answered(c.Do(method, path, key, body, &s), s.Decision) {
		return s
	}
	for _, f := range s.Fields {
		if len(f.Value) > 0 {
			l.sees(s.Subject)
		}
	}
	return s
}

// answered counts an answer, and says whether it was a good one.
func (l *loot) answered(err error, decision string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests++
	if refused, is := errors.AsType[*load.StatusError](err); is {
		l.answers[fmt.Sprintf("%d %s", refused.Status, refused.Code)]++
	} else if decision != "" {
		l.answers[decision]++
	}
	return err == nil
}

func (l *loot) sees(party string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.people[party] = true
}

// all does something for every order, from 64 connections.
func all(do func(i int)) {
	var wg sync.WaitGroup
	for worker := range 64 {
		wg.Go(func() {
			for i := worker; i < victims; i += 64 {
				do(i)
			}
		})
	}
	wg.Wait()
}

func asked(transaction, requester string, reveal bool) string {
	return fmt.Sprintf(`{"transaction":%q,"requester":%q,"purpose":"deliver","reveal":%t}`, transaction, requester, reveal)
}

// marketThief asks for everything that is due, openly and by grants that he looks
// at later, and looks at whatever grants there are.
func (p *place) marketThief(_ context.Context, l *loot) error {
	all(func(i int) {
		n := strconv.Itoa(i)
		d := l.try(p.client, p.client.Market, "POST", "/v1/disclosures", asked("t-"+n, "s-"+n, i%2 == 0))
		if d.Decision == "granted" {
			l.try(p.client, p.client.Market, "POST", "/v1/disclosures/"+url.PathEscape(d.ID)+"/views", fmt.Sprintf(`{"viewer":"s-%s"}`, n))
		}
	})
	all(func(i int) {
		n := strconv.Itoa(i)
		l.try(p.client, p.client.Market, "POST", "/v1/disclosures", asked("t-"+n, "s-"+n, true))
	})
	return nil
}

// bothThief sells something to everybody that nobody has bought, attests it, asks,
// and takes the money back so that he can do it again.
func (p *place) bothThief(ctx context.Context, l *loot) error {
	c, now := p.client, time.Now().UTC().Format(time.RFC3339)
	all(func(i int) {
		n := strconv.Itoa(i)
		l.try(c, c.Market, "PUT", "/v1/transactions/x-"+n, fmt.Sprintf(
			`{"kind":"shipped_goods","buyer":"b-%s","seller":"s-0","amount":{"currency":"BRL","value":"1.00"},"items":1,"created_at":%q}`, n, now))
		for _, what := range []string{`"obligation":"pay","done":"1.00"`, `"obligation":"accept","done":"1"`} {
			l.try(c, c.Attest, "POST", "/v1/transactions/x-"+n+"/performances", fmt.Sprintf(`{%s,"performed_at":%q,"reference":"x"}`, what, now))
		}
		l.try(c, c.Market, "POST", "/v1/disclosures", asked("x-"+n, "s-0", true))
		l.try(c, c.Attest, "POST", "/v1/transactions/x-"+n+"/reversals", fmt.Sprintf(`{"obligation":"pay","done":"1.00","performed_at":%q,"reference":"x"}`, now))
	})
	return p.marketThief(ctx, l)
}
