package tools

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"testing"

	"intercom-mcp/policy/change/sqlite"
)

// TestConfirmAtOnce has three processes on one store confirm one change, fifty
// times at once: it is carried out once, and everyone gets the same receipt.
func TestConfirmAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	onBothStores(t, confirmAtOnce)
}

func confirmAtOnce(t *testing.T, fresh freshState) {
	sb := crashSandbox()
	g := &gate{sandbox: sb, reach: new(killer).reach}
	server := httptest.NewServer(g)
	defer server.Close()
	state, giveBack := fresh(t.TempDir())
	defer giveBack()
	task := childTask{BaseURL: server.URL, State: state, Lease: sqlite.DefaultLease,
		Tool: "bulk_update_contacts"}
	task.Args = encoded(t, rename((&world{sandbox: sb}).people(20, 30), "Same Name"))
	task.Answer = planForAnswer(t, task)

	var processes []*process
	for _, task.Times = range []int{17, 17, 16} {
		p, err := start(task, new(killer))
		if err != nil {
			t.Fatal(err)
		}
		processes = append(processes, p)
	}
	receipts := make(map[string]int)
	for _, p := range processes {
		if err := p.wait(new(killer)); err != nil {
			t.Fatal(err)
		}
		for _, receipt := range p.results {
			receipts[receipt]++
		}
	}
	want := fmt.Sprintf(`{"change":%q,"status":"applied","changed":30,"undo":true,"note":"the user was asked and agreed"}`,
		task.Answer.Change)
	if len(receipts) != 1 || receipts[want] != 50 {
		t.Errorf("receipts: %v, want 50 of %s", receipts, want)
	}
	written := make(map[string]int) // in jobs, the first of which is a small one
	for _, write := range g.taken() {
		for _, id := range write.ids {
			written[id]++
		}
	}
	if len(written) != 30 || slices.Max(slices.Collect(maps.Values(written))) != 1 {
		t.Errorf("the change was carried out so: %v", written)
	}
}

// planForAnswer plans a task's change, and returns the yes of the user.
func planForAnswer(t *testing.T, task childTask) *Answer {
	t.Helper()
	store, err := openState(task.State, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close() // it is planned by then
	p, err := crashPipeline(task.BaseURL, store)
	if err != nil {
		t.Fatal(err)
	}
	defer p.client.Close()
	result, err := p.Call(t.Context(), Call{Tool: task.Tool, Args: task.Args, Principal: "local", CanAsk: true})
	if err != nil || result.Ask == nil {
		t.Fatalf("nothing is asked: %s %v %v", result.JSON, result.Err, err)
	}
	p.Close(t.Context())
	return &Answer{Change: result.Ask.Change, Binding: result.Ask.Binding, Action: Accept}
}
