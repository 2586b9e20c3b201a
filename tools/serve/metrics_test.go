package serve

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
)

func TestMetricsCountStatuses(t *testing.T) {
	m, ctx := NewMetrics(), context.Background()
	store := m.Count(change.NewMemory(10))
	if _, err := store.Create(ctx, change.Change{ID: "chg_1", Principal: "ann", Status: change.StatusAwaiting},
		nil); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Advance(ctx, "chg_1", change.Step{To: change.StatusDeclined, At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Advance(ctx, "chg_1",
		change.Step{To: change.StatusApplying}); !errors.Is(err, change.ErrStatusChanged) {
		t.Fatal(err)
	}
	text := scrape(m)
	for _, want := range []string{`intercom_mcp_changes_total{status="awaiting"} 1`,
		`intercom_mcp_changes_total{status="declined"} 1`} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if strings.Contains(text, `status="applying"`) {
		t.Errorf("a step that was not taken is counted:\n%s", text)
	}
}

// scrape returns the metrics as Prometheus reads them.
func scrape(m *Metrics) string {
	w := httptest.NewRecorder()
	m.handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

func TestMetricsBoundTheirLabels(t *testing.T) {
	m := NewMetrics()
	for _, status := range []int{200, 200, 429, 0, -1, 99999} {
		m.Observe(context.Background(), intercom.Exchange{Status: status})
	}
	m.WatchBudget(func() int { return 17 })
	text := scrape(m)
	for _, want := range []string{
		`intercom_mcp_intercom_requests_total{status="200"} 2`, `intercom_mcp_intercom_requests_total{status="429"} 1`,
		`intercom_mcp_intercom_requests_total{status="error"} 3`, `intercom_mcp_rate_budget_remaining 17`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

func TestNilMetricsCountNothing(t *testing.T) {
	(*Metrics)(nil).called("list_tags", "ok", time.Second)
}
