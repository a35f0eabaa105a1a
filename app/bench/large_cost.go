package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"bauta.dev/bauta/app/load"
)

// warmth is long enough for each order's pages to be read, and written whole once.
const warmth = 10 * time.Second

// cost is how many of something were done in a second, and how much processor
// time each took of broker and PostgreSQL: that hardly changes when somebody
// else keeps the machine busy.
type cost struct {
	perSecond        float64
	broker, database time.Duration
}

func (c cost) String() string {
	return fmt.Sprintf("%d + %d µs", c.broker.Microseconds(), c.database.Microseconds())
}

func (c cost) whole() float64 { return float64(c.broker + c.database) }

// costs measures after a warm-up: the rate is the median of three, for machines
// that are shared have a bad moment now and then.
func (p *place) costs(work func(client, i int) error) (c cost, err error) {
	load.Measure(64, warmth, 0, work)
	broker, database := spent(p.server.Pid()), spent(p.cluster.Pid())
	var rates []float64
	done := 0.0
	for range 3 {
		r := load.Measure(64, 0, time.Duration(p.seconds)*time.Second, work)
		if r.Errors > 0 {
			return c, fmt.Errorf("%d disclosures failed", r.Errors)
		}
		rates = append(rates, r.PerSecond)
		done += r.PerSecond * float64(p.seconds)
	}
	slices.Sort(rates)
	c.perSecond = rates[1]
	c.broker = time.Duration(float64(spent(p.server.Pid())-broker) / done)
	c.database = time.Duration(float64(spent(p.cluster.Pid())-database) / done)
	return c, nil
}

// spent is the processor time of a process and of those that it started, from
// /proc; 0 where there is none.
func spent(pid int) time.Duration {
	var all time.Duration
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well formed
	for _, path := range stats {
		fields := stat(path)
		if len(fields) > 1 && (fields[1] == strconv.Itoa(pid) || filepath.Base(filepath.Dir(path)) == strconv.Itoa(pid)) {
			all += ticks(fields, 11)
		}
	}
	return all
}

// reaped is the processor time of those that a process started and that have
// ended, as PostgreSQL's connections do.
func reaped(pid int) time.Duration { return ticks(stat(fmt.Sprintf("/proc/%d/stat", pid)), 13) }

// stat is what the system says of a process, after its name; nothing of one that has ended.
func stat(path string) []string {
	b, _ := os.ReadFile(path)                         //nolint:gosec // of the system
	name := strings.LastIndexByte(string(b), ')') + 1 // names may hold anything
	return strings.Fields(string(b[name:]))
}

// ticks is the sum of two neighbours there, in user mode and in the kernel's.
func ticks(fields []string, at int) time.Duration {
	const tick = 10 * time.Millisecond // USER_HZ is 100 wherever Linux runs Go
	if len(fields) < at+2 {
		return 0
	}
	user, _ := strconv.Atoi(fields[at])
	system, _ := strconv.Atoi(fields[at+1])
	return time.Duration(user+system) * tick
}
