package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/journal"
	"premia/internal/store"
)

// Metrics counts what a server does, for Prometheus. It is the journal's
// observer, too: give it to the journal when that is opened.
type Metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	took      *prometheus.HistogramVec
	outcomes  *prometheus.CounterVec
	problems  *prometheus.CounterVec
	batch     prometheus.Histogram
	batchTook prometheus.Histogram
	webhooks  *prometheus.HistogramVec
}

// NewMetrics makes metrics of their own registry.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "premia_http_requests_total", Help: "Requests by route and status."}, []string{"route", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "premia_http_request_seconds", Help: "How long requests took, by route.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}}, []string{"route"}),
		outcomes:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "premia_events_total", Help: "Decided events by outcome; repeated ones apart."}, []string{"outcome"}),
		problems:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "premia_events_refused_total", Help: "Events refused before a decision, by the problem's code."}, []string{"code"}),
		batch:     prometheus.NewHistogram(prometheus.HistogramOpts{Name: "premia_journal_batch_events", Help: "Events of one transaction of the journal.", Buckets: []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512}}),
		batchTook: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "premia_journal_batch_seconds", Help: "How long a transaction of the journal took.", Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1}}),
	}
	m.webhooks = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "premia_webhook_seconds", Help: "Attempts to deliver webhooks and postbacks, and how long they took, by outcome.",
		Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}}, []string{"outcome"})
	m.registry.MustRegister(m.webhooks, m.requests, m.took, m.outcomes, m.problems, m.batch, m.batchTook,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Batch hears of a batch that the journal committed.
func (m *Metrics) Batch(events int, took time.Duration) {
	m.batch.Observe(float64(events))
	m.batchTook.Observe(took.Seconds())
}

// Webhook hears of an attempt to deliver a message.
func (m *Metrics) Webhook(outcome string, took time.Duration) {
	m.webhooks.WithLabelValues(outcome).Observe(took.Seconds())
}

func (m *Metrics) decided(a *journal.Answer) {
	outcome := a.Decision.Outcome.String()
	if a.Repeated {
		outcome = "repeated"
	}
	m.outcomes.WithLabelValues(outcome).Inc()
}

func (m *Metrics) refused(code string) { m.problems.WithLabelValues(code).Inc() }

func (m *Metrics) request(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.took.WithLabelValues(route).Observe(took.Seconds())
}

// lagPatience bounds the time that a scrape asks the database for.
const lagPatience = 2 * time.Second

// watch adds what is asked of a workspace at each scrape: the queue and how far
// the subscribers are behind.
func (m *Metrics) watch(a *app.App) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(
		prometheus.GaugeOpts{Name: "premia_journal_waiting_events", Help: "Events that wait for a writer."},
		func() float64 { return float64(a.Journal.Waiting()) }))
	m.registry.MustRegister(prometheus.NewGaugeFunc(
		prometheus.GaugeOpts{Name: "premia_webhook_failing_endpoints", Help: "Receivers of webhooks that are failing or were disabled; -1 if unknown."},
		func() float64 { return failingEndpoints(a) }))
	for _, name := range app.Subscribers() {
		m.registry.MustRegister(prometheus.NewGaugeFunc(
			prometheus.GaugeOpts{Name: "premia_subscriber_lag_entries", Help: "Entries that a subscriber has not passed yet; -1 if unknown.", ConstLabels: prometheus.Labels{"subscriber": name}},
			func() float64 {
				ctx, cancel := context.WithTimeout(context.Background(), lagPatience)
				defer cancel()
				lag, err := a.Journal.Lag(ctx, name)
				if err != nil {
					return -1
				}
				return float64(lag)
			}))
	}
}

// failingEndpoints counts receivers of webhooks that somebody should look at.
func failingEndpoints(a *app.App) float64 {
	ctx, cancel := context.WithTimeout(context.Background(), lagPatience)
	defer cancel()
	all, err := a.Webhooks(app.WithActor(ctx, auth.System("metrics")))
	if err != nil {
		return -1
	}
	n := 0
	for i := range all {
		if all[i].Failing() || all[i].State == store.EndpointDisabled {
			n++
		}
	}
	return float64(n)
}

func (m *Metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// routeOf names a route by its pattern, so that there are few of them.
func routeOf(pattern string) string {
	if pattern == "" {
		return "none"
	}
	return pattern
}
