package serve

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// TestWriteEndsWithTheAccess withdraws the token of a call whose write is under way, as a server does that reads its
// file of tokens again: the call is answered at once, what Intercom has got is read back and on record, and the rest is
// not sent.
func TestWriteEndsWithTheAccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		world, store := sandbox.New(sandbox.Options{Contacts: 40}), change.NewMemory(10)
		pipeline := pipelineWith(t, world, store, policy.Default(policy.ModeWrite))
		g := newGuarded(t, options(t, pipeline))
		defer g.stop(t.Context())
		defer pipeline.Close(t.Context()) // within the bubble
		ann := g.admitted("ann", policy.ModeWrite)
		const atOnce, more = 8, 1 // contacts that are written at the same time, and those that wait for their turn
		var ids []string
		for _, c := range world.Contacts() {
			if c.Role == "user" && !c.Archived && c.MergedInto == "" && len(ids) < atOnce+more {
				ids = append(ids, c.ID)
			}
		}
		contacts, err := json.Marshal(ids)
		if err != nil {
			t.Fatal(err)
		}
		defer world.AddFault(sandbox.Fault{Method: "PUT", Path: "/contacts/*", Latency: 10 * time.Second})()
		began, answered := time.Now(), make(chan string, 1)
		go func() {
			answered <- ann.post(httptest.NewRecorder(), fmt.Sprintf(`{"jsonrpc":"2.0","id":2,"method":"tools/call",`+
				`"params":{"name":"bulk_update_contacts","arguments":{"contacts":%s,"set":{"name":"Renamed"}}}}`,
				contacts)).Body.String()
		}()
		time.Sleep(5 * time.Second)
		if _, err := g.file.Revoke("ann", ""); err != nil {
			t.Fatal(err)
		}
		gone, err := g.auth.Reload()
		if err != nil || len(gone) != 1 {
			t.Fatal(gone, err)
		}
		if err := pipeline.StopPrincipal(t.Context(), gone[0], "gone"); err != nil {
			t.Fatal(err)
		}
		text := <-answered
		if took := time.Since(began); !strings.Contains(text, errWithdrawn.Error()) || strings.Contains(text, "chg_") ||
			took > 6*time.Second {
			t.Errorf("after %v the call was answered %s", took, text)
		}
		time.Sleep(time.Minute)
		list, err := store.List(t.Context(), "ann", change.Query{Limit: 2})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		want := change.Count{Changed: atOnce, NotSent: more}
		if c := list[0].Change; c.Status != change.StatusStopped || list[0].Count != want ||
			c.Reason != "the change was cancelled: gone" {
			t.Errorf("it is %s: %s, %+v; want %+v", c.Status, c.Reason, list[0].Count, want)
		}
		renamed := 0
		for _, c := range world.Contacts() {
			if c.Name == "Renamed" {
				renamed++
			}
		}
		if renamed != atOnce {
			t.Errorf("Intercom holds %d", renamed)
		}
	})
}
