package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
)

// Metrics counts what the server does, for Prometheus. All labels are bounded: tools and codes of the catalogue, HTTP
// statuses, the statuses of a change. A nil *Metrics counts nothing.
type Metrics struct {
	calls, latency, requests, changes, refused, build, budget *family
}

// NewMetrics returns metrics with sets of their own.
func NewMetrics() *Metrics {
	return &Metrics{
		calls: newFamily("calls_total", "counter",
			"Tool calls by tool and outcome: ok, asked, refused, or the code of the error."),
		latency: newFamily("call_seconds", "histogram", "Duration of tool calls by tool."),
		requests: newFamily("intercom_requests_total", "counter",
			"Requests to Intercom by HTTP status; error where none was received, cancelled where the call ended before."),
		changes: newFamily("changes_total", "counter", "How often a change reached a status."),
		refused: newFamily("refused_total", "counter",
			"Connections and requests over HTTP that were refused before they were carried out, by reason."),
		build: newFamily("build_info", "gauge",
			"1, with the version and the commit of the running program, and the version of Go that it is built with."),
		budget: newFamily("rate_budget_remaining", "gauge", "Requests that Intercom's current rate window has left."),
	}
}

// latencyBuckets are the upper bounds of the buckets of a latency, in seconds.
var latencyBuckets = []float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 120}

// called counts one tool call. The tool is one of the catalogue, since no other reaches a handler.
func (m *Metrics) called(tool, outcome string, took time.Duration) {
	if m == nil {
		return
	}
	m.calls.count("outcome", outcome, "tool", tool)
	m.latency.set.GetOrCreatePrometheusHistogramExt(m.latency.labelled("tool", tool), latencyBuckets).
		Update(took.Seconds())
}

// refuse counts what was refused over HTTP. The reason is one of the constants for it.
func (m *Metrics) refuse(reason string) {
	if m != nil {
		m.refused.count("reason", reason)
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
	m.requests.count("status", status)
}

// DescribeBuild shows which build runs, by labels. It must be called at most once.
func (m *Metrics) DescribeBuild(version, commit string) {
	m.build.set.NewGauge(m.build.labelled("commit", commit, "go", runtime.Version(), "version", version),
		func() float64 { return 1 })
}

// WatchBudget shows how many requests Intercom still takes in the current window. It must be called at most once.
func (m *Metrics) WatchBudget(remaining func() int) {
	m.budget.set.NewGauge(m.budget.name, func() float64 { return float64(remaining()) })
}

// Count returns the store with every status that a change reaches counted.
func (m *Metrics) Count(store change.Store) change.Store { return countingStore{store, m.changes} }

// handler serves the metrics in Prometheus's text format, with those of the process and of Go.
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
func (m *Metrics) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		for _, f := range []*family{m.budget, m.build, m.calls, m.changes, m.latency, m.refused, m.requests} {
			f.write(w)
		}
		metrics.WriteProcessMetrics(w)
	})
}

// family is the metrics of one name, which differ by their labels.
type family struct {
	name, kind, help string
	set              *metrics.Set
}

// newFamily returns a family without a metric in it. The name goes behind that of the program.
func newFamily(name, kind, help string) *family {
	return &family{name: "intercom_mcp_" + name, kind: kind, help: help, set: metrics.NewSet()}
}

// labelled is the name of a metric of the family: pairs are names of labels, each with its value.
func (f *family) labelled(pairs ...string) string {
	var labels []string
	for i := 0; i < len(pairs); i += 2 {
		labels = append(labels, pairs[i]+"="+strconv.Quote(pairs[i+1]))
	}
	return f.name + "{" + strings.Join(labels, ",") + "}"
}

// count adds one to a counter of the family.
func (f *family) count(pairs ...string) { f.set.GetOrCreateCounter(f.labelled(pairs...)).Inc() }

// write writes the family as Prometheus reads it; nothing where it has no metric.
func (f *family) write(w io.Writer) {
	if len(f.set.ListMetricNames()) == 0 {
		return
	}
	fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", f.name, f.help, f.name, f.kind)
	f.set.WritePrometheus(w)
}

// countingStore counts the statuses that pass through a store.
type countingStore struct {
	change.Store
	changes *family
}

// Create implements [change.Store].
func (s countingStore) Create(ctx context.Context, c change.Change, decide change.Decide) (change.Change, error) {
	c, err := s.Store.Create(ctx, c, decide)
	if err == nil {
		if c.Status == change.StatusApplying { // approved and started in one step
			s.changes.count("status", string(change.StatusApproved))
		}
		s.changes.count("status", string(c.Status))
	}
	return c, err
}

// Advance implements [change.Store].
func (s countingStore) Advance(ctx context.Context, id string, step change.Step) (change.Change, error) {
	c, err := s.Store.Advance(ctx, id, step)
	if err == nil {
		s.changes.count("status", string(step.To))
	}
	return c, err
}
