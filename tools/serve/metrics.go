package serve

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
)

// Metrics counts what the server does, for Prometheus. All labels are bounded: tools and codes of the catalogue, HTTP
// statuses, the statuses of a change. A nil *Metrics counts nothing.
type Metrics struct {
	registry *prometheus.Registry
	calls    *prometheus.CounterVec
	latency  *prometheus.HistogramVec
	requests *prometheus.CounterVec
	changes  *prometheus.CounterVec
	refused  *prometheus.CounterVec
}

// NewMetrics returns metrics with a registry of their own.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "intercom_mcp_calls_total",
			Help: "Tool calls by tool and outcome: ok, asked, refused, or the code of the error.",
		}, []string{"tool", "outcome"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "intercom_mcp_call_seconds",
			Help:    "Duration of tool calls by tool.",
			Buckets: []float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 120},
		}, []string{"tool"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "intercom_mcp_intercom_requests_total",
			Help: "Requests to Intercom by HTTP status; error where none was received, cancelled where the call ended before.",
		}, []string{"status"}),
		changes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "intercom_mcp_changes_total",
			Help: "How often a change reached a status.",
		}, []string{"status"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "intercom_mcp_refused_total",
			Help: "Connections and requests over HTTP that were refused before they were carried out, by reason.",
		}, []string{"reason"}),
	}
	m.registry.MustRegister(m.calls, m.latency, m.requests, m.changes, m.refused, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// called counts one tool call. The tool is one of the catalogue, since no other reaches a handler.
func (m *Metrics) called(tool, outcome string, took time.Duration) {
	if m == nil {
		return
	}
	m.calls.WithLabelValues(tool, outcome).Inc()
	m.latency.WithLabelValues(tool).Observe(took.Seconds())
}

// refuse counts what was refused over HTTP. The reason is one of the constants for it.
func (m *Metrics) refuse(reason string) {
	if m != nil {
		m.refused.WithLabelValues(reason).Inc()
	}
}

// Observe counts one request to Intercom; it is made for [intercom.Config.Observe].
func (m *Metrics) Observe(ctx context.Context, exchange intercom.Exchange) {
	status := "error"
	switch {
	case exchange.Status >= 100 && exchange.Status <= 599:
		status = strconv.Itoa(exchange.Status)
	case errors.Is(ctx.Err(), context.Canceled):
		status = "cancelled"
	}
	m.requests.WithLabelValues(status).Inc()
}

// DescribeBuild shows which build runs, by labels. It must be called at most once.
func (m *Metrics) DescribeBuild(version, commit string) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "intercom_mcp_build_info",
		Help: "1, with the version and the commit of the running program, and the version of Go that it is built " +
			"with.",
		ConstLabels: prometheus.Labels{"version": version, "commit": commit, "go": runtime.Version()},
	}, func() float64 { return 1 }))
}

// WatchBudget shows how many requests Intercom still takes in the current window. It must be called at most once.
func (m *Metrics) WatchBudget(remaining func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "intercom_mcp_rate_budget_remaining",
		Help: "Requests that Intercom's current rate window has left.",
	}, func() float64 { return float64(remaining()) }))
}

// Count returns the store with every status that a change reaches counted.
func (m *Metrics) Count(store change.Store) change.Store { return countingStore{store, m.changes} }

// handler serves the metrics in Prometheus's text format.
func (m *Metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// countingStore counts the statuses that pass through a store.
type countingStore struct {
	change.Store
	changes *prometheus.CounterVec
}

// Create implements [change.Store].
func (s countingStore) Create(ctx context.Context, c change.Change, decide change.Decide) (change.Change, error) {
	c, err := s.Store.Create(ctx, c, decide)
	if err == nil {
		if c.Status == change.StatusApplying { // approved and started in one step
			s.changes.WithLabelValues(string(change.StatusApproved)).Inc()
		}
		s.changes.WithLabelValues(string(c.Status)).Inc()
	}
	return c, err
}

// Advance implements [change.Store].
func (s countingStore) Advance(ctx context.Context, id string, step change.Step) (change.Change, error) {
	c, err := s.Store.Advance(ctx, id, step)
	if err == nil {
		s.changes.WithLabelValues(string(step.To)).Inc()
	}
	return c, err
}
