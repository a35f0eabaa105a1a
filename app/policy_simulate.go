package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/hindsight"
	"bauta.dev/bauta/broker/necessity"
)

type policySimulateCommand struct {
	Since  string `placeholder:"TIME" help:"Only requests since then, as 2026-03-04 or 2026-03-04T12:00:00Z."`
	Format string `enum:"text,json,csv" default:"text" placeholder:"FORMAT" help:"text, json or csv (${default})."`
}

// Help of policy simulate.
func (*policySimulateCommand) Help() string {
	return `Replays every recorded request under the set that --policies names, else the shipped one, and counts what would have been revealed or
withheld otherwise. It opens no value, writes nothing, and works while brokers run.

    bauta policy simulate --policies ./policies
    bauta policy simulate --policies ./policies --since 2026-01-01 --format csv > changes.csv`
}

// limits are what a simulation can't know, and says so.
var limits = []string{
	"A value that nobody looked for then may not have been held; it is counted as revealed.",
	"What was not held or over then, and would come from another place or for another time, is counted as unknown.",
	"A request for just what was necessary is taken to ask for what would be necessary.",
	"A request past a budget, by who had lost its right to ask, or with a consent was decided by more than a set: it is counted apart.",
	"How long and how often something can be looked at is not compared; bauta policy diff shows that.",
}

// Run replays and prints.
func (c *policySimulateCommand) Run(ctx context.Context, p *program) error {
	since, err := sinceTime(c.Since)
	if err != nil {
		return err
	}
	e, err := p.engine()
	if err != nil {
		return err
	}
	return p.visit(ctx, looking, func(h *house) error {
		sets := &pastSets{store: h.store, ctx: ctx, known: map[string]*necessity.Engine{e.Version(): e}}
		bar := newBar(p.stderr, "entries")
		t, err := h.store.ReplayRequests(ctx, since, func() *hindsight.Tally { return hindsight.New(e, sets.of()) }, bar.set)
		bar.end()
		if err == nil {
			err = sets.err()
		}
		if err != nil {
			return fmt.Errorf("simulate policies: %w", err)
		}
		w := bufio.NewWriter(p.stdout)
		return errors.Join(c.write(w, e.Version(), t), w.Flush())
	})
}

func sinceTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("--since is a day like 2026-03-04, or a time like 2026-03-04T12:00:00Z")
}

// pastSets finds the sets that decided then. Each is loaded once; workers
// remember what they were told.
type pastSets struct {
	store broker.PolicyStore
	ctx   context.Context //nolint:containedctx // of the one command that it is for

	mu     sync.Mutex
	known  map[string]*necessity.Engine
	failed error
}

// of is for one worker.
func (s *pastSets) of() func(version string) *necessity.Engine {
	told := map[string]*necessity.Engine{}
	return func(version string) *necessity.Engine {
		e, ok := told[version]
		if !ok {
			e = s.find(version)
			told[version] = e
		}
		return e
	}
}

func (s *pastSets) find(version string) *necessity.Engine {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.known[version]; ok {
		return e
	}
	set, err := s.store.PolicyByVersion(s.ctx, version)
	var e *necessity.Engine
	if err == nil {
		e, err = necessity.Recall(set.Permits, set.Floor)
	}
	if err != nil && !errors.Is(err, broker.ErrNotFound) {
		s.failed = err
	}
	s.known[version] = e
	return e
}

func (s *pastSets) err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// simulation is what is printed as JSON.
type simulation struct {
	Policy      string                 `json:"policy"`
	Since       string                 `json:"since,omitempty"`
	Requests    int64                  `json:"requests"`
	Changed     int64                  `json:"changed"`
	Unread      int64                  `json:"unread"`
	Apart       hindsight.Apart        `json:"apart"`
	Then        hindsight.Decisions    `json:"then"`
	WouldBe     hindsight.Decisions    `json:"would_be"`
	Differences []hindsight.Difference `json:"differences"`
	Limits      []string               `json:"limits"`
}

func (c *policySimulateCommand) write(w io.Writer, version string, t *hindsight.Tally) error {
	switch c.Format {
	case "json":
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		return out.Encode(simulation{version, c.Since, t.Requests, t.Changed, t.Unread, t.Apart, t.Was, t.Is, t.Differences(), limits})
	case "csv":
		return writeDifferences(w, t.Differences())
	default:
		return writeSimulation(w, version, t)
	}
}

func writeDifferences(w io.Writer, all []hindsight.Difference) error {
	out := csv.NewWriter(w)
	err := out.Write([]string{"kind", "role", "purpose", "field", "from", "to", "rule", "requests", "examples"})
	for _, d := range all {
		err = errors.Join(err, out.Write([]string{
			string(d.Kind), string(d.Role), string(d.Purpose), string(d.Field), string(d.From), string(d.To), d.Rule,
			strconv.FormatInt(d.Requests, 10), strings.Join(d.Examples, " "),
		}))
	}
	out.Flush()
	return errors.Join(err, out.Error())
}

func writeSimulation(w io.Writer, version string, t *hindsight.Tally) error {
	for _, d := range t.Differences() {
		sign := map[necessity.Outcome]string{necessity.Granted: "+", necessity.Withheld: "-", hindsight.Unknown: "?"}[d.To]
		if sign == "" {
			sign = "~"
		}
		_, _ = fmt.Fprintf(w, "%s %s: the %s asks to %s: %s: %s, was %s (%s), in %d requests, as %s\n",
			sign, d.Kind, d.Role, d.Purpose, d.Field, d.To, d.From, d.Rule, d.Requests, strings.Join(d.Examples, " "))
	}
	for _, l := range limits {
		_, _ = fmt.Fprintln(w, "  "+l)
	}
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintf(table, "\tgranted\tpending\trefused\t\nthen\t%d\t%d\t%d\t\nwould be\t%d\t%d\t%d\t\n",
		t.Was.Granted, t.Was.Pending, t.Was.Refused, t.Is.Granted, t.Is.Pending, t.Is.Refused)
	err := table.Flush()
	if t.Unread > 0 {
		_, _ = fmt.Fprintf(w, "%d requests could not be read; bauta ledger check says why\n", t.Unread)
	}
	if t.Apart.Sum() > 0 {
		_, _ = fmt.Fprintf(w, "%d requests were not replayed: %d past a budget, %d by who had lost its right to ask, %d with a consent\n",
			t.Apart.Sum(), t.Apart.PastBudget, t.Apart.Excluded, t.Apart.Consented)
	}
	_, last := fmt.Fprintf(w, "%d requests under %s: %d would have come to something else\n", t.Requests, version, t.Changed)
	return errors.Join(err, last)
}
