package load

import (
	"slices"
	"sync"
	"time"
)

// Measure runs work on clients goroutines for a while, after a warm-up, and
// counts what was done.
func Measure(clients int, warm, lasting time.Duration, work func(client, i int) error) Rate {
	type tally struct {
		done, failed int
		took         []time.Duration
	}
	tallies := make([]tally, clients)
	begin := time.Now().Add(warm)
	end := begin.Add(lasting)
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			t := &tallies[c]
			for i := 0; ; i++ {
				at := time.Now()
				if at.After(end) {
					return
				}
				err := work(c, i)
				switch {
				case err != nil:
					t.failed++
				case at.After(begin):
					t.done++
					if i%16 == 0 || clients == 1 {
						t.took = append(t.took, time.Since(at))
					}
				}
			}
		})
	}
	wg.Wait()
	var r Rate
	var took []time.Duration
	for _, t := range tallies {
		r.PerSecond += float64(t.done) / lasting.Seconds()
		r.Errors += t.failed
		took = append(took, t.took...)
	}
	if len(took) > 0 {
		slices.Sort(took)
		r.Median = took[len(took)/2]
	}
	return r
}
