package tools

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

// cancelCases are changes that are cancelled as soon as they are resumed, when
// an earlier process has sent the request or not.
var cancelCases = map[string]struct {
	item    func(t *testing.T, w *world) change.Item
	sent    func(t *testing.T, w *world, item change.Item) // nil: nothing was sent
	outcome change.Outcome
}{
	"a note that was sent": {
		item: noting, outcome: change.Changed,
		sent: func(t *testing.T, w *world, item change.Item) { noted(t, w, item) },
	},
	"a note that was not": {item: noting, outcome: change.NotSent},
	"an update that was sent": {
		item:    func(_ *testing.T, w *world) change.Item { return renaming(w.user(0)) },
		outcome: change.Changed,
		sent: func(t *testing.T, w *world, item change.Item) {
			if _, err := w.client.Contacts.Update(t.Context(), item.TargetID,
				intercom.ContactWrite{Name: intercom.Value("Renamed")}); err != nil {
				t.Fatal(err)
			}
		},
	},
	"archiving that was sent": {
		item:    outright(change.Archive),
		outcome: change.Changed,
		sent: func(t *testing.T, w *world, item change.Item) {
			if err := w.client.Contacts.Archive(t.Context(), item.TargetID); err != nil {
				t.Fatal(err)
			}
		},
	},
	"archiving that was not": {item: outright(change.Archive), outcome: change.NotSent},
	"blocking":               {item: outright(change.Block), outcome: change.Unknown},
	"a company as it was": {
		item: func(_ *testing.T, w *world) change.Item {
			return renamingCompany(w, change.Image{Set: map[string]any{"name": w.sandbox.Companies()[0].Name}})
		},
		outcome: change.NotSent,
	},
	"a user that was created": {
		item: newUser("external_id", "crash-1"), outcome: change.Changed,
		sent: func(t *testing.T, w *world, item change.Item) {
			id := item.Patch.Set["external_id"].(string)
			_, err := w.client.Contacts.Create(t.Context(), intercom.ContactWrite{Role: intercom.Value("user"),
				ExternalID: intercom.Value(id)})
			if err != nil {
				t.Fatal(err)
			}
		},
	},
	"a user that was not":        {item: newUser("external_id", "crash-1"), outcome: change.NotSent},
	"a user whom a search tells": {item: newUser("email", "crash@example.com"), outcome: change.Unknown},
}

func outright(op change.Operation) func(*testing.T, *world) change.Item {
	return func(_ *testing.T, w *world) change.Item {
		return change.Item{TargetID: w.user(0).ID, Patch: change.Patch{Op: op}}
	}
}

func newUser(field, value string) func(*testing.T, *world) change.Item {
	return func(*testing.T, *world) change.Item {
		return change.Item{Label: value,
			Patch: change.Patch{Op: change.Create, Set: map[string]any{"role": "user", field: value}}}
	}
}

// TestResumeStoppedAtOnce cancels changes before anything is sent for them
// again: what reading shows is told, and nothing is sent.
func TestResumeStoppedAtOnce(t *testing.T) {
	t.Parallel()
	for name, tt := range cancelCases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, store := auditedWorld(t)
				c := leave(t, store.Path(), true, tt.item(t, w))
				if tt.sent != nil {
					tt.sent(t, w, c.Items[0])
				}
				time.Sleep(10 * time.Second)
				w.sandbox.ResetCalls()
				after := w.cancelledAtOnce(c)
				if item := after.Items[0]; item.Outcome != tt.outcome {
					t.Errorf("it is %s: %s", item.Outcome, item.Reason)
				}
				w.idle()
			})
		})
	}
}

// cancelledAtOnce resumes a change that is cancelled at that very moment.
func (w *world) cancelledAtOnce(c change.Change) change.Change {
	w.t.Helper()
	if err := w.store.Shared().Stops.Request(w.t.Context(), c.ID, change.Actor{By: "local"}, ""); err != nil {
		w.t.Fatal(err)
	}
	w.resumer.ResumeInterrupted(w.t.Context())
	after, err := w.store.Get(w.t.Context(), "local", c.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return after
}

// TestResumeStoppedUnreachable cancels a change that is resumed while Intercom
// does not answer: it ends, and nobody knows how.
func TestResumeStoppedUnreachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, store := auditedWorld(t)
		c := leave(t, store.Path(), true, renaming(w.user(0)))
		time.Sleep(10 * time.Second)
		w.sandbox.AddFault(sandbox.Fault{Status: http.StatusServiceUnavailable})
		after := w.cancelledAtOnce(c)
		if item := after.Items[0]; after.Status != change.StatusUnknown || item.Outcome != change.Unknown ||
			item.Code != string(toolerr.OutcomeUnknown) {
			t.Errorf("it is %s, %s: %s", after.Status, item.Outcome, item.Reason)
		}
	})
}
