package web

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics count. Their labels are words of ours: no id, no path, no value.
type metrics struct {
	requests  *prometheus.CounterVec
	duration  *prometheus.HistogramVec
	decisions *prometheus.CounterVec
	past      *prometheus.CounterVec
	byStaff   *prometheus.CounterVec
	inFlight  prometheus.Gauge
	page      fiber.Handler
}

func newMetrics(r *prometheus.Registry) *metrics {
	if r == nil {
		r = prometheus.NewRegistry()
	}
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bauta_http_requests_total", Help: "Requests answered, by route template, method and status.",
		}, []string{"route", "method", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "bauta_http_request_seconds", Help: "How long requests took, by route template.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route"}),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bauta_disclosures_total", Help: "Disclosures decided, by decision.",
		}, []string{"decision"}),
		past: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bauta_budget_exceeded_total", Help: "Requests and views that would have gone past a budget, by budget.",
		}, []string{"budget"}),
		byStaff: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bauta_staff_views_total", Help: "Times that staff opened something of a request or a registration, by purpose.",
		}, []string{"purpose"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "bauta_http_requests_in_flight", Help: "Requests being answered now.",
		}),
		page: adaptor.HTTPHandler(promhttp.HandlerFor(r, promhttp.HandlerOpts{DisableCompression: true})),
	}
	for _, c := range []prometheus.Collector{
		m.requests, m.duration, m.decisions, m.past, m.byStaff, m.inFlight,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		// Whoever handed the registry in may have registered Go's own already.
		if err := r.Register(c); err != nil {
			continue
		}
	}
	return m
}

func (m *metrics) observe(route, method string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.duration.WithLabelValues(route).Observe(took.Seconds())
}

func (m *metrics) decided(decision string, pastBudgets []string) {
	m.decisions.WithLabelValues(decision).Inc()
	m.wentPast(pastBudgets)
}

func (m *metrics) wentPast(budgets []string) {
	for _, name := range budgets {
		m.past.WithLabelValues(name).Inc()
	}
}
