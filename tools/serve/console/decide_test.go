package console

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// propose has Tomas' assistant ask for a tag on contacts that nobody was asked about before, and returns the handle.
func (w *world) propose(contacts int) string {
	w.Helper()
	var ids []string
	all := w.sandbox.ContactsWhere(func(c *sandbox.Contact) bool { return c.Email != "" })
	for _, c := range all[w.asked : w.asked+contacts] {
		ids = append(ids, c.ID)
	}
	w.asked += contacts
	if result := w.call("tomas", "tag_contacts", map[string]any{"contacts": ids, "tag": "VIP"}); result.Err != nil {
		w.Fatal(result.Err)
	}
	return w.proposed()
}

// status is how a change stands.
func (w *world) status(id string) change.Status {
	w.Helper()
	c, err := w.store.Find(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	return c.Status
}

// refusals counts those that the trail has of a change.
func (w *world) refusals(id string) int {
	w.Helper()
	n := 0
	for _, err := range w.store.Events(w.Context(), change.EventQuery{Change: id, Kind: change.KindRefused}) {
		if err != nil {
			w.Fatal(err)
		}
		n++
	}
	return n
}

// lookEvery is the pause between two looks at what others do, which are not to take their processor from them.
const lookEvery = 10 * time.Millisecond

// await asks for the progress of a change until it stands as wanted.
func (b *browser) await(id string, want change.Status) {
	b.Helper()
	for limit := time.Now().Add(20 * time.Second); b.status(id) != want; {
		if status, text := b.get("/console/changes/" + id + "/progress"); status != http.StatusOK || time.Now().After(limit) {
			b.Fatalf("%s is %s: %d %s", id, b.status(id), status, text)
		}
		time.Sleep(lookEvery)
	}
}

// TestApprove has a proposal approved by somebody else than who asked, and follows it to its end.
func TestApprove(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pipeline.Resume()
	id := w.propose(3)
	path := "/console/changes/" + id
	nora := w.signIn("nora")
	if _, page := nora.get("/console"); !strings.Contains(page, `href="`+path+`"`) ||
		!strings.Contains(page, "Tomas Berg") {
		t.Fatalf("it is not listed: %s", page)
	}
	_, page := nora.get(path)
	for _, want := range []string{change.ShortCode(id), "Approve exactly these 3", "Decline", "tag 3 contacts",
		"“people decide”", "policy.yaml line 5", "claude-code"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q: %s", want, page)
		}
	}
	if status, page := nora.submit(page, path+"/decide", "decision", "approve", "reason",
		"fine"); status != http.StatusOK {
		t.Fatalf("%d %s", status, page)
	}
	nora.await(id, change.StatusApplied)
	if _, page := nora.get(path); !strings.Contains(page, "Approved by <bdi>Nora Lindqvist") ||
		!strings.Contains(page, "<b>Done</b>") || !strings.Contains(page, "3 changed") {
		t.Errorf("%s", page)
	}
	if status, text := nora.get(path + "/progress"); status != http.StatusOK ||
		text != `{"state":"applied","done":3,"items":3,"words":"3 of 3"}`+"\n" {
		t.Errorf("%d %s", status, text)
	}
	if _, err := w.store.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestApproveRefused refuses whoever may not approve, each for the right reason, and puts it on record.
func TestApproveRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.propose(3)
	path := "/console/changes/" + id
	for name, test := range map[string]struct {
		person, want string
	}{
		"who asked, at another client": {"tomas at home", "Somebody else has to approve this"},
	} {
		b := w.signIn(test.person)
		_, page := b.get(path)
		if strings.Contains(page, "Approve exactly") || !strings.Contains(page, "You cannot approve it") {
			t.Errorf("%s is offered it: %s", name, page)
		}
		if status, page := b.submit(page, path+"/decide", "decision", "approve"); status != http.StatusForbidden ||
			!strings.Contains(page, test.want) {
			t.Errorf("%s: %d %s", name, status, page)
		}
	}
	vera, tomas := w.signIn("vera"), w.signIn("tomas")
	for _, b := range []*browser{vera, tomas} {
		if _, page := b.get(path); strings.Contains(page, path+"/decide") {
			t.Errorf("who may not decide is offered it: %s", page)
		}
	}
	if status, _ := w.signIn("otto").get(path); status != http.StatusOK {
		t.Errorf("an approver does not see it: %d", status)
	}
	if w.status(id) != change.StatusAwaiting || w.refusals(id) != 1 {
		t.Error(w.status(id), w.refusals(id))
	}
}

// TestDecideLate refuses what comes after another decision, after the time to decide, and after the plan went stale.
func TestDecideLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	nora, otto := w.signIn("nora"), w.signIn("otto")
	late := func(name string, between func(id string), want string, stands change.Status) {
		t.Helper()
		id := w.propose(1)
		path := "/console/changes/" + id
		_, page := nora.get(path)
		between(id)
		for _, b := range []*browser{nora} {
			status, answer := b.submit(page, path+"/decide", "decision", "approve", "reason", "x")
			if status != http.StatusConflict || !strings.Contains(answer, want) {
				t.Errorf("%s: %d %s", name, status, answer)
			}
		}
		if got := w.status(id); got != stands {
			t.Errorf("%s: it is %s", name, got)
		}
		if w.refusals(id) != 1 {
			t.Errorf("%s: %d refusals are on record", name, w.refusals(id))
		}
	}
	by := func(b *browser, decision string) func(id string) {
		return func(id string) {
			path := "/console/changes/" + id
			_, page := b.get(path)
			if status, page := b.submit(page, path+"/decide", "decision", decision, "reason", "no"); status != http.StatusOK {
				t.Fatalf("%d %s", status, page)
			}
		}
	}
	late("twice", by(nora, "approve"), "It is decided already", change.StatusApproved)
	late("after another's yes", by(otto, "approve"), "It is decided already", change.StatusApproved)
	late("after a no", by(otto, "decline"), "It is decided already", change.StatusDeclined)
	late("after it was taken back", func(id string) {
		_, err := w.store.Advance(t.Context(), id, change.Step{To: change.StatusCancelled, At: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
	}, "It is decided already", change.StatusCancelled)
	late("after it went stale", func(id string) {
		requests := w.store.Shared().Requests
		if _, err := requests.Ask(t.Context(), change.Request{Change: id, Kind: change.RequestCheck}); err != nil {
			t.Fatal(err)
		}
		taken, err := requests.Take(t.Context(), time.Minute, 1, change.RequestCheck)
		if err != nil || len(taken) != 1 {
			t.Fatal(taken, err)
		}
		if err := requests.Answer(t.Context(), taken[0], change.Answer{Stale: true, Moved: []int{0}}); err != nil {
			t.Fatal(err)
		}
		if _, page := nora.get("/console/changes/" + id); strings.Contains(page, "Approve exactly") ||
			!strings.Contains(page, "Out of date.") {
			t.Errorf("a stale one is offered: %s", page)
		}
	}, "It is out of date", change.StatusAwaiting)
}

// TestDeclineTells takes a reason, which reaches who asked.
func TestDeclineTells(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.propose(1)
	path := "/console/changes/" + id
	nora := w.signIn("nora")
	_, page := nora.get(path)
	if status, page := nora.submit(page, path+"/decide", "decision", "decline", "reason", "  "); status !=
		http.StatusBadRequest || !strings.Contains(page, "Say why") || w.status(id) != change.StatusAwaiting {
		t.Errorf("without a reason: %d %s", status, page)
	}
	if status, page := nora.submit(page, path+"/decide", "decision", "decline", "reason", "ask Ann first"); status !=
		http.StatusOK || !strings.Contains(page, "ask Ann first") {
		t.Errorf("%d %s", status, page)
	}
	if told := w.call("tomas", "get_change", map[string]any{"change": id}); told.Err != nil ||
		!strings.Contains(string(told.JSON), "ask Ann first") {
		t.Errorf("%s %v", told.JSON, told.Err)
	}
}

// TestDecideAtOnce has a yes and a no, or two of either, come at once: one of them counts.
func TestDecideAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	nora, otto := w.signIn("nora"), w.signIn("otto")
	for _, decisions := range [][2]string{{"approve", "decline"}, {"approve", "approve"}, {"decline", "decline"}} {
		id := w.propose(1)
		path := "/console/changes/" + id
		both := []*browser{nora, otto}
		var forms [2]url.Values
		for i, b := range both {
			_, page := b.get(path)
			forms[i] = b.form(page, path+"/decide", "decision", decisions[i], "reason", "x")
		}
		taken := make(chan int, 2)
		for i, b := range both {
			go func() {
				status, _ := b.send(http.MethodPost, path+"/decide", forms[i], "Origin", w.site.URL)
				taken <- status
			}()
		}
		if a, b := <-taken, <-taken; a+b != http.StatusOK+http.StatusConflict {
			t.Errorf("%v: %d and %d", decisions, a, b)
		}
		c, err := w.store.Find(t.Context(), id)
		if err != nil || c.Status != change.StatusApproved && c.Status != change.StatusDeclined ||
			(c.Status == change.StatusApproved) != (len(c.Approvals) == 1) {
			t.Errorf("%v: %s %v %v", decisions, c.Status, c.Approvals, err)
		}
	}
}

// TestDecideLocked says that nothing was recorded while the state file cannot be written, and takes the click again.
func TestDecideLocked(t *testing.T) {
	t.Parallel()
	var locked atomic.Bool
	w := newWorld(t, func(o *worldOptions) { o.locked = &locked })
	id := w.propose(1)
	path := "/console/changes/" + id
	nora := w.signIn("nora")
	_, page := nora.get(path)
	locked.Store(true)
	if status, answer := nora.submit(page, path+"/decide", "decision", "approve"); status !=
		http.StatusServiceUnavailable || !strings.Contains(answer, "Nothing was done") {
		t.Errorf("%d %s", status, answer)
	}
	if w.status(id) != change.StatusAwaiting {
		t.Error(w.status(id))
	}
	locked.Store(false)
	if status, answer := nora.submit(page, path+"/decide", "decision", "approve"); status != http.StatusOK {
		t.Errorf("%d %s", status, answer)
	}
}

// TestTwoApprovers takes the approvals of two people where a rule needs them, of which neither asked.
func TestTwoApprovers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withPolicy(askApprover+"    needed: 2\n"))
	id := w.propose(1)
	path := "/console/changes/" + id
	nora, otto := w.signIn("nora"), w.signIn("otto")
	_, page := nora.get(path)
	if !strings.Contains(page, "It takes 2 people with the role approver") {
		t.Errorf("it does not say how many it takes: %s", page)
	}
	if status, page := nora.submit(page, path+"/decide", "decision", "approve"); status != http.StatusOK ||
		!strings.Contains(page, "Approved by <bdi>Nora") || !strings.Contains(page, "It takes one more person") ||
		!strings.Contains(page, "You have approved it") && !strings.Contains(page, "You cannot approve it") {
		t.Errorf("%d %s", status, page)
	}
	if w.status(id) != change.StatusAwaiting {
		t.Fatal(w.status(id))
	}
	_, page = nora.get(path)
	if status, page := nora.submit(page, path+"/decide", "decision", "approve"); status != http.StatusForbidden {
		t.Errorf("twice by one: %d %s", status, page)
	}
	_, page = otto.get(path)
	if status, page := otto.submit(page, path+"/decide", "decision", "approve"); status != http.StatusOK ||
		w.status(id) != change.StatusApproved {
		t.Errorf("%d %s %s", status, w.status(id), page)
	}
}
