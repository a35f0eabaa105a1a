package main

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/app/anchor"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// The gap is seen: from the first minute on, and as long as it lasts; and the
// metric and /readyz say the same of it.
func TestWitnessedAge(t *testing.T) {
	t.Parallel()
	witnesses, err := anchor.ParseWitnesses([]byte("witness w w.example+c1a8b0b4+BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA https://w.example/\n"))
	if err != nil {
		t.Fatal(err)
	}
	noon, head := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC), int64(10)
	a := anchor.New(anchor.Deps{Witnesses: witnesses, Now: func() time.Time { return noon.Add(time.Minute) }})
	r := prometheus.NewRegistry()
	k := known{a, func() int64 { return head }}
	k.measure(r)
	expect := func(what string, age, size float64) {
		t.Helper()
		got := gauges(t, r)
		if got["bauta_ledger_witnessed_age_seconds"] != age || got["bauta_ledger_witnessed_size"] != size || got["bauta_ledger_witness_failures_total"] != 0 {
			t.Errorf("%s: %v, want age %v and size %v", what, got, age, size)
		}
		shown := k.outside()
		if shown.Witnesses != 1 || float64(shown.Witnessed) != size || shown.Witnessed > 0 && shown.Age.Seconds() != age || shown.Witnessed == 0 && !math.IsInf(age, 1) {
			t.Errorf("%s: /readyz has %+v, and the metric %v", what, shown, age)
		}
	}
	expect("before the first", math.Inf(1), 0)
	a.Resume(10, noon)
	expect("of the newest", 0, 10)
	head = 11
	expect("of an older one", 60, 10)
	if none := anchor.New(anchor.Deps{}); len(none.Failures()) != 0 {
		t.Error("failures of nobody")
	}
}

// A log that cannot be read is not another log: only what was read is a finding.
func TestCompareKept(t *testing.T) {
	t.Parallel()
	lost, wrong := broker.ErrUnavailable.After(time.Second), tlog.Hash{1}
	for name, x := range map[string]struct {
		log   log
		found string
	}{
		"the same":             {log{size: 9}, ""},
		"a lost connection":    {log{size: 9, err: lost}, "-"},
		"the head is lost":     {log{size: 3, headErr: lost}, "-"},
		"grown meanwhile":      {log{size: 7}, ""},
		"shorter":              {log{size: 3}, "checkpoint 7: the checkpoint file has it, and the log has 5 entries"},
		"another root":         {log{size: 9, root: wrong}, "checkpoint 7: the checkpoint file has another root than the log"},
		"no commit ends there": {log{size: 9, err: broker.ErrNotFound}, "checkpoint 7: the checkpoint file has it, and no commit of the log ended there"},
		"signed by nobody":     {log{size: 9, err: ledger.ErrCheckpoint}, "checkpoint 7: the checkpoint file has it, and what the log has there is not signed by this log"},
	} {
		entries := int64(9)
		if x.log.size < 9 {
			entries = 5
		}
		err := compareKept(t.Context(), x.log, ledger.Checkpoint{Size: 7}, entries)
		_, found := errors.AsType[ledger.Finding](err)
		if x.found == "-" && (found || !errors.Is(err, lost)) || x.found == "" && err != nil || len(x.found) > 1 && (!found || err.Error() != x.found) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// log answers with what it is made of.
type log struct {
	size         int64
	headErr, err error
	root         tlog.Hash
}

func (l log) Head(context.Context) (ledger.Checkpoint, error) {
	return ledger.Checkpoint{Size: l.size}, l.headErr
}

func (l log) RootAt(context.Context, int64) (tlog.Hash, error) { return l.root, l.err }

func gauges(t *testing.T, r *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			all[f.GetName()] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	if len(all) != 3 {
		t.Errorf("%d metrics", len(all))
	}
	return all
}
