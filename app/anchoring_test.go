package main

import (
	"math"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta.dev/bauta/app/anchor"
)

// The gap is seen: from the first minute on, and as long as it lasts.
func TestWitnessedAge(t *testing.T) {
	t.Parallel()
	witnesses, err := anchor.ParseWitnesses([]byte("witness w w.example+c1a8b0b4+BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA https://w.example/\n"))
	if err != nil {
		t.Fatal(err)
	}
	noon, head := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC), int64(10)
	a := anchor.New(anchor.Deps{Witnesses: witnesses})
	r := prometheus.NewRegistry()
	measureAnchor(r, a, func() int64 { return head }, func() time.Time { return noon.Add(time.Minute) })
	expect := func(what string, age, size float64) {
		t.Helper()
		got := gauges(t, r)
		if got["bauta_ledger_witnessed_age_seconds"] != age || got["bauta_ledger_witnessed_size"] != size || got["bauta_ledger_witness_failures_total"] != 0 {
			t.Errorf("%s: %v, want age %v and size %v", what, got, age, size)
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
