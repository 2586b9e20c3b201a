package console

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"intercom-mcp/policy/change"
)

// TestUndo has an operator undo what was approved: the undo is a change of its own, which the policy asks about.
func TestUndo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pipeline.Resume()
	id := w.propose(3)
	path := "/console/changes/" + id
	nora, otto := w.signIn("nora"), w.signIn("otto")
	_, page := otto.get(path)
	otto.submit(page, path+"/decide", "decision", "approve")
	otto.await(id, change.StatusApplied)
	if _, page := otto.get(path); strings.Contains(page, "Undo it") {
		t.Error("who is no operator is offered the undo")
	}
	_, page = nora.get(path)
	status, page := nora.submit(page, path+"/undo")
	if status != http.StatusOK || !strings.Contains(page, "An undo was asked for") {
		t.Fatalf("%d %s", status, page)
	}
	for w.proposed() == id {
		if status, text := nora.get(path + "/progress"); status != http.StatusOK {
			t.Fatalf("%d %s", status, text)
		}
		time.Sleep(lookEvery)
	}
	undo := w.proposed()
	for !strings.Contains(page, "see what became of it") {
		time.Sleep(lookEvery)
		_, page = nora.get(path)
	}
	if !strings.Contains(page, "/console/changes/"+undo) {
		t.Errorf("the undo is not named: %s", page)
	}
	undoPath := "/console/changes/" + undo
	_, page = otto.get(undoPath)
	if status, page := otto.submit(page, undoPath+"/decide", "decision", "approve"); status != http.StatusOK {
		t.Fatalf("%d %s", status, page)
	}
	otto.await(undo, change.StatusApplied)
	if w.status(id) != change.StatusUndone {
		t.Error(w.status(id))
	}
	if _, err := w.store.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestFreeze freezes and allows writes, for operators alone, and refuses approvals meanwhile.
func TestFreeze(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.propose(1)
	path := "/console/changes/" + id
	nora, otto := w.signIn("nora"), w.signIn("otto")
	if _, page := otto.get("/console/freeze"); strings.Contains(page, "Freeze all writes") {
		t.Error("who is no operator is offered the freeze")
	}
	_, page := nora.get("/console/freeze")
	if status, page := nora.submit(page, "/console/freeze", "reason", " "); status != http.StatusBadRequest ||
		!strings.Contains(page, "Say why") {
		t.Errorf("without a reason: %d %s", status, page)
	}
	if status, page := nora.submit(page, "/console/freeze", "reason", "wrong tags"); status != http.StatusOK ||
		!strings.Contains(page, "Writes are frozen") || !strings.Contains(page, "wrong tags") {
		t.Errorf("%d %s", status, page)
	}
	if status, page := nora.submit(page, "/console/freeze", "reason", "again"); status != http.StatusConflict {
		t.Errorf("twice: %d %s", status, page)
	}
	_, page = otto.get(path)
	if status, page := otto.submit(page, path+"/decide", "decision", "approve"); status != http.StatusConflict ||
		!strings.Contains(page, "Writes are frozen") || w.status(id) != change.StatusAwaiting {
		t.Errorf("approved while frozen: %d %s", status, page)
	}
	_, page = nora.get("/console/freeze")
	if status, page := nora.submit(page, "/console/unfreeze"); status != http.StatusOK ||
		!strings.Contains(page, "Writes are allowed now") {
		t.Errorf("%d %s", status, page)
	}
}

// TestTrailPage filters the trail, pages through it, and tells whether its chain is intact.
func TestTrailPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 3 {
		w.propose(1)
	}
	vera, tomas := w.signIn("vera"), w.signIn("tomas")
	for query, want := range map[string]string{
		"": "Tomas Berg", "?check=1": "The chain is intact", "?principal=tomas@acme.example": "Tomas Berg",
		"?kind=planned": "planned", "?kind=declined": "There are no such entries", "?tool=tag_contacts": "planned",
		"?tool=add_note": "There are no such entries", "?since=2020-01-01&until=2020-01-02": "There are no such entries",
		"?since=yesterday": "A day is written as", "?before=1": "There are no such entries", "?before=x": "planned",
		"?change=" + w.proposed(): "planned", "?contact=nobody@x.example": "There are no such entries",
	} {
		if status, page := vera.get("/console/trail" + query); status != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("%q: %d %s", query, status, page)
		}
	}
	_, page := vera.get("/console/trail")
	for _, kind := range change.Kinds() {
		if n := strings.Count(page, fmt.Sprintf(`<option value="%s">`, kind)); n != 1 {
			t.Errorf("events of kind %q are offered %d times", kind, n)
		}
	}
	if _, page := tomas.get("/console/trail?check=1"); strings.Contains(page, "The chain is intact") ||
		!strings.Contains(page, "planned") {
		t.Errorf("who sees their own alone: %s", page)
	}
}
