package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/toolerr"
)

// TestStart begins a change once, of however many callers.
func TestStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandbox.Options{Contacts: 60, Latency: time.Second})
		c := f.planned(f.renaming(0))
		began, err := f.Start(t.Context(), c, change.Step{})
		if err != nil || began.Status != change.StatusApplying || !began.AppliedAt.Equal(time.Now()) {
			t.Fatalf("%+v, %v", began, err)
		}
		if again, err := f.Start(t.Context(), c, change.Step{}); !errors.Is(err, change.ErrStatusChanged) ||
			again.ID != c.ID {
			t.Errorf("began twice: %v", err)
		}
		r := f.runs.find(c.ID)
		if r == nil || r.total != 1 || r.resumed {
			t.Fatalf("its run is %+v", r)
		}
		f.Idle()
		if f.runs.find(c.ID) != nil || !closed(r.ended) {
			t.Error("its run does not end")
		}
		if c = f.stored(c.ID); c.Status != change.StatusApplied || !c.EndedAt.Equal(time.Now()) ||
			f.user(0).Name == "Renamed" && c.Items[0].Outcome != change.Changed {
			t.Errorf("%+v", c)
		}
	})
}

// TestCallerGone begins a change that was decided before the caller went away, and not one that has to be confirmed.
func TestCallerGone(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	gone, leave := context.WithCancel(t.Context())
	leave()
	c := f.planned(f.renaming(0))
	if _, err := f.Start(gone, c, change.Step{}); err != nil {
		t.Fatal(err)
	}
	f.Idle()
	if c = f.stored(c.ID); c.Status != change.StatusApplied {
		t.Errorf("%+v", c)
	}
	c = f.planned(f.renaming(1))
	if _, err := f.Start(gone, c, change.Step{Approval: &change.Approval{}}); err == nil {
		t.Error("confirmed by somebody who is gone")
	}
	f.Idle() // none is counted that has not begun
}

// TestStartTooLate begins nothing once the engine ends. What needed no confirmation is over then.
func TestStartTooLate(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	f.Stop(0)
	allowed := f.planned(f.renaming(0))
	var busy *toolerr.Error
	if c, err := f.Start(t.Context(), allowed, change.Step{}); !errors.As(err, &busy) || busy.Code != toolerr.Busy ||
		c.ID != allowed.ID {
		t.Errorf("%+v, %v", c, err)
	}
	if c := f.stored(allowed.ID); c.Status != change.StatusCancelled ||
		c.Reason != "the server was stopped before it began" {
		t.Errorf("%s: %s", c.Status, c.Reason)
	}
	waiting, err := f.store.Create(t.Context(), change.Change{ID: change.NewID(), Principal: "local",
		Status: change.StatusAwaiting, CreatedAt: time.Now(), Items: []change.Item{f.renaming(0)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Start(t.Context(), waiting, change.Step{}); !errors.As(err, &busy) {
		t.Errorf("%v", err)
	}
	if c := f.stored(waiting.ID); c.Status != change.StatusAwaiting {
		t.Errorf("what may be confirmed another time is %s", c.Status)
	}
	if sent := f.writes(); len(sent) > 0 {
		t.Errorf("sent: %v", sent)
	}
}

// TestCreateStarts starts what is allowed in the step that records it, records what is to be confirmed, and takes the
// former back once the engine ends.
func TestCreateStarts(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	create := func(i int, status change.Status) (change.Change, error) {
		c := change.Change{ID: change.NewID(), Principal: "local", CreatedAt: time.Now(), Items: []change.Item{f.renaming(i)}}
		return f.Create(t.Context(), c, func(c *change.Change, _ change.Recent) error {
			if c.Status = status; status == "" {
				return errDeferred
			}
			return nil
		})
	}
	c, err := create(0, change.StatusApproved)
	if err != nil || c.Status != change.StatusApplying || c.AppliedAt.IsZero() {
		t.Fatalf("%+v, %v", c, err)
	}
	if c, err := create(1, change.StatusAwaiting); err != nil || c.Status != change.StatusAwaiting {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := create(2, ""); !errors.Is(err, errDeferred) {
		t.Error(err)
	}
	f.Idle()
	if c := f.stored(c.ID); c.Status != change.StatusApplied || c.Items[0].Outcome != change.Changed {
		t.Errorf("%+v", c)
	}
	f.Stop(0)
	var busy *toolerr.Error
	if c, err := create(3, change.StatusApproved); !errors.As(err, &busy) || busy.Code != toolerr.Busy ||
		f.stored(c.ID).Status != change.StatusCancelled {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := create(4, change.StatusAwaiting); err != nil {
		t.Error(err)
	}
	if list, err := f.store.List(t.Context(), "local", change.Query{Limit: 9}); err != nil || len(list) != 4 {
		t.Errorf("%d changes, %v", len(list), err)
	}
	if sent := f.writes(); len(sent) != 1 {
		t.Errorf("sent: %v", sent)
	}
}

// TestFinishUndo marks a change as undone where another has put all of it back, and only then.
func TestFinishUndo(t *testing.T) {
	for name, test := range map[string]struct {
		conflicts []string
		fails     bool
		want      change.Status
	}{
		"all of it":      {nil, false, change.StatusUndone},
		"with conflicts": {[]string{"one is left"}, false, change.StatusApplied},
		"not even that":  {nil, true, change.StatusApplied},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, sandboxOfFew)
			written := f.applied(f.renaming(0))
			item := f.renaming(0)
			item.Patch.Set = map[string]any{"name": "As Before"}
			if test.fails {
				f.sandbox.FailContact(item.TargetID, "parameter_invalid", "no")
			}
			undo, err := f.store.Create(t.Context(), change.Change{ID: change.NewID(), Principal: "local",
				Status: change.StatusApproved, CreatedAt: time.Now(),
				Items: []change.Item{item}, Undoes: written.ID, Conflicts: test.conflicts}, nil)
			if err != nil {
				t.Fatal(err)
			}
			f.finished(undo)
			if got := f.stored(written.ID).Status; got != test.want {
				t.Errorf("what is put back is %s", got)
			}
		})
	}
	f := newFixture(t, sandboxOfFew)
	lost, err := f.store.Create(t.Context(), change.Change{ID: change.NewID(), Principal: "local",
		Status: change.StatusApproved, CreatedAt: time.Now(),
		Items: []change.Item{f.renaming(0)}, Undoes: "chg_of_long_ago"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := f.finished(lost); c.Status != change.StatusApplied {
		t.Errorf("what puts back a change that is not kept any more is %s", c.Status)
	}
}

// TestEndUnrecorded leaves a change as it is whose end, or that of the one it puts back, cannot be recorded.
func TestEndUnrecorded(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	written := f.applied(f.renaming(0))
	for _, to := range []change.Status{change.StatusUndone, change.StatusApplied, change.StatusCancelled} {
		undo, err := f.store.Create(t.Context(), change.Change{ID: change.NewID(), Principal: "local",
			Status: change.StatusApproved, CreatedAt: time.Now(),
			Items: []change.Item{f.renaming(1)}, Undoes: written.ID}, nil)
		if err != nil {
			t.Fatal(err)
		}
		f.Engine.store = endless{f.store, to}
		if to == change.StatusCancelled {
			f.Stop(0)
			var busy *toolerr.Error
			if _, err := f.Start(t.Context(), undo, change.Step{}); errors.As(err, &busy) ||
				!errors.Is(err, change.ErrUnavailable) {
				t.Errorf("%v", err)
			}
			continue
		}
		if got := f.finished(undo); got.Status != change.StatusApplying {
			t.Errorf("without %s: %s", to, got.Status)
		}
		c := f.interrupted(f.renaming(2))
		if _, err := f.finish(t.Context(), c,
			change.Step{To: change.StatusApplied,
				At: time.Now()}); (to == change.StatusApplied) != errors.Is(err, change.ErrUnavailable) {
			t.Errorf("without %s: %v", to, err)
		}
		c.Undoes = written.ID
		if _, err := f.finish(t.Context(), f.undoing(c, written),
			change.Step{To: change.StatusApplied, At: time.Now()}); !errors.Is(err, change.ErrUnavailable) {
			t.Errorf("without %s: %v", to, err)
		}
	}
}

// undoing is a change as one that puts another one back.
func (f *fixture) undoing(c, written change.Change) change.Change {
	c.Undoes = written.ID
	return c
}

// endless is a store that records no step to a status.
type endless struct {
	change.Store
	to change.Status
}

func (s endless) Advance(ctx context.Context, id string, step change.Step) (change.Change, error) {
	if step.To == s.to {
		return change.Change{}, change.ErrUnavailable
	}
	return s.Store.Advance(ctx, id, step)
}

// TestPriority paces what nobody waits for as background work, every single request of it; and a few items at once as
// what a person waits for.
func TestPriority(t *testing.T) {
	for name, test := range map[string]struct {
		items   int
		resumed bool
		want    intercom.Priority
	}{
		"a few": {directory.FewContacts, false, intercom.PriorityInteractive}, "many": {directory.FewContacts + 1, false,
			intercom.PriorityBulk}, "resumed": {1, true, intercom.PriorityBulk},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				made := make(map[intercom.Priority][]string)
				watching := false
				f := newFixture(t, sandbox.Options{Contacts: 200}, func(_ context.Context, x intercom.Exchange) {
					mu.Lock()
					defer mu.Unlock()
					if watching {
						made[x.Priority] = append(made[x.Priority], x.Method+" "+x.Route)
					}
				})
				tag := f.tagged(t, test.items)
				var items []change.Item
				for i := range test.items {
					item := f.renaming(i)
					item.Patch.AddTags = []change.Ref{{ID: tag}}
					item.Patch.AddCompanies = []change.Ref{{ID: f.sandbox.Companies()[0].ID}} // which no bulk job takes
					if i%2 == 0 {
						item.Patch.AddCompanies = nil
					}
					found, err := f.client.Contacts.Get(t.Context(), item.TargetID)
					if err != nil {
						t.Fatal(err)
					}
					if item.Before, err = contactImage(t.Context(), f.client, &found, item.Patch); err != nil {
						t.Fatal(err)
					}
					items = append(items, item)
				}
				c := f.plannedAt(time.Now().Add(-time.Minute), items...) // its targets are read again
				watching = true
				if test.resumed {
					c = f.interrupted(items...)
					f.takeOver(c)
				} else {
					f.finished(c)
				}
				if c = f.stored(c.ID); c.Status != change.StatusApplied {
					t.Errorf("%s: %s", c.Status, c.Reason)
				}
				if len(made) != 1 || len(made[test.want]) == 0 || !slices.Contains(made[test.want], "GET /contacts/{id}/tags") {
					t.Errorf("requests: %v", made)
				}
			})
		})
	}
}

// tagged gives users more tags than a contact carries along, and returns another one.
func (f *fixture) tagged(t *testing.T, users int) string {
	t.Helper()
	for n := range 11 {
		tag, err := f.client.Tags.Create(t.Context(), fmt.Sprintf("Tag %d", n))
		if err != nil {
			t.Fatal(err)
		}
		for i := range users {
			if _, err := f.client.Contacts.AddTag(t.Context(), f.user(i).ID, tag.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	tag, err := f.client.Tags.Create(t.Context(), "One More")
	if err != nil {
		t.Fatal(err)
	}
	return tag.ID
}

// takeOver resumes a change as [Resumer.ResumeInterrupted] does, once its lease has expired.
func (f *fixture) takeOver(c change.Change) {
	f.t.Helper()
	if !f.runs.begin() {
		f.t.Fatal("the engine has ended")
	}
	f.execute(f.t.Context(), f.runs.register(c, resumed), c)
}

// TestUnknownAfterFailure ends a change as unknown where its outcomes cannot be recorded, or an operation panics.
func TestUnknownAfterFailure(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	f.store = failing{f.store}
	f.restart()
	c := f.planned(f.renamings(2)...)
	if _, err := f.Start(t.Context(), c, change.Step{}); err != nil {
		t.Fatal(err)
	}
	f.Idle()
	c = f.stored(c.ID)
	if c.Status != change.StatusUnknown ||
		c.Reason != "the server failed while applying the change; read the contacts back before going on" {
		t.Errorf("%s: %s", c.Status, c.Reason)
	}
	if n := change.CountItems(c.Items); n != (change.Count{Unknown: 2}) {
		t.Errorf("%+v", n)
	}
}

// failing records no outcomes.
type failing struct{ change.Store }

func (failing) Record(context.Context, string, []change.Recorded) error {
	return fmt.Errorf("no space left: %w", change.ErrUnavailable)
}

// TestItemPanics makes an item unknown whose operation panics, when it is sent and when it is reconciled.
func TestItemPanics(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	merging := change.Item{TargetID: f.lead().ID, Patch: change.Patch{Op: change.Merge}} // into nobody
	c := f.applied(merging, f.renaming(0))
	if got := c.Items[0]; c.Status != change.StatusUnknown || got.Outcome != change.Unknown ||
		got.Reason != "the server failed while writing it. Check with get_contact before repeating it." ||
		got.Facts["check_with"] != "get_contact" || c.Items[1].Outcome != change.Changed {
		t.Errorf("%s: %+v", c.Status, c.Items)
	}
	if f.told() != 1 {
		t.Errorf("told: %s", &f.logs)
	}
}

// TestChangeOf marks requests with the change that they are made for.
func TestChangeOf(t *testing.T) {
	if got := ChangeOf(t.Context()); got != "" {
		t.Error(got)
	}
	var mu sync.Mutex
	seen := make(map[string]bool)
	f := newFixture(t, sandboxOfFew, func(ctx context.Context, _ intercom.Exchange) {
		mu.Lock()
		defer mu.Unlock()
		seen[ChangeOf(ctx)] = true
	})
	c := f.applied(f.renaming(0))
	if len(seen) != 1 || !seen[c.ID] {
		t.Errorf("requests are for %v", seen)
	}
}
