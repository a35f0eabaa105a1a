package main

import (
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta.dev/bauta/app/anchor"
	"bauta.dev/bauta/app/web"
)

// known is what is known of the log outside of its database, as /readyz and the
// metrics show it: they say the same.
type known struct {
	anchor *anchor.Anchor
	head   func() int64 // entries, as this broker last knew
}

// age is that of the newest cosignature in seconds: 0 while it is of the newest
// checkpoint, +Inf before the first.
func (k known) age() float64 {
	age, ever := k.anchor.Age(k.head())
	if !ever {
		return math.Inf(1)
	}
	return age.Seconds()
}

// behind is for how long the newest checkpoint could not be put into the file.
func (k known) behind() time.Duration {
	kept, _ := k.anchor.Kept()
	if kept.Since.IsZero() {
		return 0
	}
	return max(0, k.anchor.Now().Sub(kept.Since))
}

func (k known) outside() web.Outside {
	size, _, _ := k.anchor.Witnessed()
	age, _ := k.anchor.Age(k.head())
	kept, file := k.anchor.Kept()
	return web.Outside{
		Witnesses: len(k.anchor.Witnesses), Witnessed: size, Age: age,
		File: file, Kept: kept.Size, Behind: k.behind(), Trouble: kept.Trouble,
	}
}

// measure shows it among the metrics.
func (k known) measure(r *prometheus.Registry) {
	gauge := func(name, help string, of func() float64) {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, of))
	}
	if k.anchor.File != nil {
		gauge("bauta_ledger_file_size", "Entries of the newest checkpoint in the checkpoint file.", func() float64 {
			kept, _ := k.anchor.Kept()
			return float64(kept.Size)
		})
		gauge("bauta_ledger_file_behind_seconds", "For how long the newest checkpoint could not be put into the checkpoint file; 0 while all is well.",
			func() float64 { return k.behind().Seconds() })
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "bauta_ledger_file_failures_total", Help: "Times that the newest checkpoint could not be put into the checkpoint file.",
		}, func() float64 {
			kept, _ := k.anchor.Kept()
			return float64(kept.Failures)
		}))
	}
	if len(k.anchor.Witnesses) == 0 {
		return
	}
	gauge("bauta_ledger_witnessed_age_seconds", "Seconds since the newest cosignature; 0 while it is of the newest checkpoint, +Inf before the first.", k.age)
	gauge("bauta_ledger_witnessed_size", "Entries of the newest checkpoint that a witness cosigned.", func() float64 {
		size, _, _ := k.anchor.Witnessed()
		return float64(size)
	})
	for _, w := range k.anchor.Witnesses {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "bauta_ledger_witness_failures_total", Help: "Times that a witness did not cosign, by its name in the policy.",
			ConstLabels: prometheus.Labels{"witness": w.Name},
		}, func() float64 { return float64(k.anchor.Failures()[w.Name]) }))
	}
}
