package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"
)

// simulate measures `policy simulate` of real disclosures as a whole command,
// the broker running.
func (p *place) simulate(ctx context.Context) error {
	if p.only == "" {
		p.rows = append(p.rows, row{what: "policy simulate", result: "-only simulate"})
		return nil
	}
	fmt.Fprintf(os.Stderr, "%d disclosures…\n", realOnes)
	if err := p.client.Fill(p.orders); err != nil {
		return err
	}
	if err := p.askEach(realOnes); err != nil {
		return err
	}
	if err := p.tidy(ctx); err != nil {
		return err
	}
	return p.simulated(ctx)
}

// simulated adds what a simulation of all that there is costs: the quickest of
// five, and the processor time of their median, which says the same on a machine
// that others keep busy. What the command spends in starting is in it.
func (p *place) simulated(ctx context.Context) error {
	var rates []float64
	var each []cost
	requests, kib := 0, 0
	for range 5 {
		database := spent(p.cluster.Pid()) + reaped(p.cluster.Pid())
		c, err := p.timed(ctx, p.server, "%d requests", "policy", "simulate")
		if err != nil {
			return err
		}
		database = spent(p.cluster.Pid()) + reaped(p.cluster.Pid()) - database
		n := time.Duration(max(c.entries, 1))
		each, rates = append(each, cost{c.perSecond(), c.spent / n, database / n}), append(rates, c.perSecond())
		requests, kib = c.entries, max(kib, c.kib)
	}
	slices.SortFunc(each, func(a, b cost) int { return int(a.broker + a.database - b.broker - b.database) })
	median := each[len(each)/2]
	cores := time.Duration(runtime.NumCPU())
	p.rows = append(p.rows,
		row{what: fmt.Sprintf("policy simulate of %d real disclosures, requests a second", requests), result: rate(slices.Max(rates)), reach: "50000/s"},
		row{what: "processor time of one: bauta + PostgreSQL", result: fmt.Sprintf("%.1f + %.1f µs", micros(median.broker), micros(median.database))},
		row{what: fmt.Sprintf("%d cores ÷ that", cores), result: rate(float64(cores*time.Second) / max(median.whole(), 1)), reach: "60000/s"},
		row{what: "policy simulate, memory", result: checked{kib: kib}.memory(), reach: "constant"})
	return nil
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
