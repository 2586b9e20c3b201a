package console

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"intercom-mcp/policy/change"
)

// TestPageWords names proposals by the codes that assistants and notices have, says of what is decided what was before,
// and leaves out who asked where nobody did.
func TestPageWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withPolicy(askApprover+"retention: {values: 30d}\n"))
	id := w.propose(2)
	nora := w.signIn("nora")
	if _, page := nora.get("/console"); !strings.Contains(page, change.ShortCode(id)) {
		t.Errorf("the list has no %s: %s", change.ShortCode(id), page)
	}
	path := "/console/changes/" + id
	_, page := nora.get(path)
	if !strings.Contains(page, "for 30 days") {
		t.Errorf("it can be undone for 30 days, says the policy: %s", page)
	}
	if !strings.Contains(page, ">Now<") || strings.Contains(page, ">Before<") {
		t.Errorf("of what waits: %s", page)
	}
	if status, page := nora.submit(page, path+"/decide", "decision", "approve"); status != http.StatusOK {
		t.Fatalf("%d %s", status, page)
	}
	w.pipeline.Resume()
	nora.await(id, change.StatusApplied)
	if _, page := nora.get(path); strings.Contains(page, ">Now<") || strings.Contains(page, `"Then"`) ||
		!strings.Contains(page, ">Before<") || !strings.Contains(page, `data-is="Planned"`) {
		t.Errorf("of what is done: %s", page)
	}
	declined := w.propose(2)
	path = "/console/changes/" + declined
	_, page = nora.get(path)
	if status, page := nora.submit(page, path+"/decide", "decision", "decline", "reason", "no"); status != http.StatusOK ||
		!strings.Contains(page, "nothing was written") || !strings.Contains(page, ">Planned<") {
		t.Errorf("of what was declined: %d %s", status, page)
	}
	if _, page := nora.get("/console/trail?kind=call"); strings.Contains(page, "<bdi></bdi>") {
		t.Errorf("somebody without a name: %s", page)
	}
}

// TestExplainUnsettled does not say that nothing was done where the records have not answered whether it was.
func TestExplainUnsettled(t *testing.T) {
	t.Parallel()
	status, title, why := explain(errors.Join(change.ErrUnavailable, change.ErrUnsettled))
	if status != http.StatusServiceUnavailable || strings.Contains(why, "Nothing was done") {
		t.Errorf("%d %s: %s", status, title, why)
	}
}
