package tools

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
	"intercom-mcp/tools/internal/engine"
	"intercom-mcp/tools/toolerr"
)

// TestResumeMany resumes a change of two thousand contacts whose process died
// before it sent anything: by id are read no more of them than it may have
// sent besides, had it been at work.
func TestResumeMany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := stateFile(t)
		dead, err := sqlite.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		dead.Lease = time.Second
		store, err := sqlite.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close() // it is idle by then
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Contacts = 2000 }),
			func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Store = store })
		ask := w.try(stormKind.tool, stormKind.args(w), func(c *Call) { c.CanAsk = true }).Ask
		begun := change.Step{To: change.StatusApplying, At: time.Now(), Approval: &change.Approval{Level: policy.LevelUser,
			By: "local", At: time.Now()}}
		if _, err := dead.Advance(t.Context(), ask.Change, begun); err != nil {
			t.Fatal(err)
		}
		if err := dead.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * dead.Lease)
		w.sandbox.ResetCalls()
		w.resumer.ResumeInterrupted(t.Context())
		if status := w.do("get_change", object{"change": ask.Change})["status"]; status != "applied" {
			t.Errorf("the change is %v", status)
		}
		if read := routes(w.sandbox)["GET /contacts/{id} 200"]; read > engine.MaxInFlight {
			t.Errorf("%d contacts were read by id, want at most %d", read, engine.MaxInFlight)
		}
	})
}

// leave has a process record a change of some items and die, before it began the
// change or after.
func leave(t *testing.T, path string, begun bool, items ...change.Item) change.Change {
	t.Helper()
	return leaveSince(t, path, time.Now(), begun, items...)
}

// leaveSince does so with a change that was planned at some time.
func leaveSince(t *testing.T, path string, planned time.Time, begun bool, items ...change.Item) change.Change {
	t.Helper()
	return leaveAs(t, path, func(c *change.Change) { c.CreatedAt = planned }, begun, items...)
}

// leaveAs does so with a change that is adjusted.
func leaveAs(t *testing.T, path string, adjust func(*change.Change), begun bool, items ...change.Item) change.Change {
	t.Helper()
	dead, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	dead.Lease = time.Second
	c := change.Change{
		ID: change.NewID(), Principal: "local", Tool: "update_contact", Fingerprint: "e", Status: change.StatusApproved,
		ExpiresAt: time.Now().Add(15 * time.Minute), Items: items,
	}
	adjust(&c)
	if _, err := dead.Create(t.Context(), c, nil); err != nil {
		t.Fatal(err)
	}
	if begun {
		if c, err = dead.Advance(t.Context(), c.ID, change.Step{To: change.StatusApplying, At: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	return c
}

// renaming is an item that gives a contact another name.
func renaming(c sandbox.Contact) change.Item {
	return change.Item{
		TargetID: c.ID, Label: c.Email, Patch: change.Patch{Set: map[string]any{"name": "Renamed"}},
		Before: change.Image{Set: map[string]any{"name": c.Name}},
	}
}

// resumed goes on with what was left, and returns the change as it is then.
func (w *world) resumed(handle string) change.Change {
	w.t.Helper()
	w.resumer.ResumeInterrupted(w.t.Context())
	w.engine.Idle()
	c, err := w.store.Get(w.t.Context(), "local", handle)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// approvedCases are what may happen to a change before somebody begins it, and
// what is to become of it.
var approvedCases = map[string]struct {
	meanwhile func(*world, change.Change)
	status    change.Status
	reason    string
}{
	"carried out": {status: change.StatusApplied},
	"changed by somebody else": {
		meanwhile: func(w *world, c change.Change) {
			w.do("update_contact", object{"contact": c.Items[0].TargetID, "set": object{"name": "Ann Herself"}})
		},
		status: change.StatusStale, reason: "has another name now",
	},
	"its time is over": {
		meanwhile: func(*world, change.Change) { time.Sleep(time.Hour) },
		status:    change.StatusExpired,
	},
	"declined since": {
		meanwhile: func(w *world, c change.Change) {
			c.ID, c.Status, c.CreatedAt = change.NewID(), change.StatusAwaiting, time.Now()
			if _, err := w.store.Create(w.t.Context(), c, nil); err != nil {
				w.t.Fatal(err)
			}
			if _, err := w.store.Advance(w.t.Context(), c.ID,
				change.Step{To: change.StatusDeclined, At: time.Now()}); err != nil {
				w.t.Fatal(err)
			}
		},
		status: change.StatusCancelled, reason: "the policy",
	},
}

// TestResumeApproved carries out what a process had allowed and recorded, and
// died before it began, unless that is not to be any more.
func TestResumeApproved(t *testing.T) {
	t.Parallel()
	for name, tt := range approvedCases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, store := auditedWorld(t)
				c := leave(t, store.Path(), false, renaming(w.user(0)))
				w.resumer.ResumeInterrupted(t.Context())
				w.idle() // its owner may live
				time.Sleep(10 * time.Second)
				if tt.meanwhile != nil {
					tt.meanwhile(w, c)
				}
				w.sandbox.ResetCalls()
				after := w.resumed(c.ID)
				if after.Status != tt.status || !strings.Contains(after.Reason, tt.reason) {
					t.Errorf("it is %s: %s", after.Status, after.Reason)
				}
				if tt.status != change.StatusApplied {
					w.idle()
				}
			})
		})
	}
}

// stuckStore takes no steps to the statuses named.
type stuckStore struct {
	change.Store
	refuses []change.Status
}

func (s stuckStore) Advance(ctx context.Context, id string, step change.Step) (change.Change, error) {
	if slices.Contains(s.refuses, step.To) {
		return change.Change{}, fmt.Errorf("no space left: %w", change.ErrUnavailable)
	}
	return s.Store.Advance(ctx, id, step)
}

// unsettledStore records changes, and loses the answer.
type unsettledStore struct{ change.Store }

func (s unsettledStore) Create(ctx context.Context, c change.Change, decide change.Decide) (change.Change, error) {
	if _, err := s.Store.Create(ctx, c, decide); err != nil {
		return change.Change{}, err
	}
	return change.Change{}, fmt.Errorf("%w: %w", change.ErrUnavailable, change.ErrUnsettled)
}

// TestUnsettled does not know whether a change was recorded: nobody is told that nothing was changed, since another
// process may go on with it.
func TestUnsettled(t *testing.T) {
	w := newWorld(t, func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Store = unsettledStore{c.Store} })
	w.refused(toolerr.OutcomeUnknown, "update_contact",
		object{"contact": w.user(0).ID, "set": object{"name": "Renamed"}})
	w.idle()
}

// TestOrphaned fails to take back a change that is recorded as allowed, and that the engine begins no more: nobody is
// told that nothing was changed while somebody may go on with it.
func TestOrphaned(t *testing.T) {
	w := newWorld(t, func(_ *sandbox.Options, _ *intercom.Config, c *Config) {
		c.Store = stuckStore{c.Store, []change.Status{change.StatusCancelled}}
	})
	contact := w.user(0).ID
	w.Stop(0)
	refused := w.refused(toolerr.OutcomeUnknown, "update_contact",
		object{"contact": contact, "set": object{"name": "Renamed"}})
	list, err := w.store.List(t.Context(), "local", change.Query{Limit: 2})
	if err != nil || len(list) != 1 || list[0].Change.Status != change.StatusApproved {
		t.Fatalf("%+v, %v", list, err)
	}
	if handle := refused.Data["change"]; handle != list[0].Change.ID {
		t.Errorf("it names %v", handle)
	}
	w.idle()
}
