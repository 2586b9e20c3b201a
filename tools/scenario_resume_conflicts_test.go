package tools

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/engine"
	"intercom-mcp/tools/toolerr"
)

// conflictCase is a change that is resumed after somebody else wrote to its
// targets, or did to them what it was to do.
type conflictCase struct {
	begin     func(t *testing.T, w *world) []change.Item // plans, and may do part of the work
	meanwhile func(t *testing.T, w *world)
	outcome   change.Outcome // of the first item; the others are changed
	code      toolerr.Code
	reason    string
	sent      int // writes of whoever resumes it
}

var conflictCases = map[string]conflictCase{
	"a field": {
		begin: func(_ *testing.T, w *world) []change.Item {
			return []change.Item{renaming(w.user(0)), renaming(w.user(1))}
		},
		meanwhile: rewritten(0), outcome: change.Unknown, code: toolerr.ChangeStale, reason: "name is neither", sent: 1,
	},
	"one of many": {
		begin: func(_ *testing.T, w *world) []change.Item {
			var items []change.Item
			for i := range 30 {
				items = append(items, renaming(w.user(i)))
			}
			return items
		},
		meanwhile: rewritten(0), outcome: change.Unknown, code: toolerr.ChangeStale, reason: "name is neither", sent: 2,
	},
	"a value that a search still shows": {
		begin: func(t *testing.T, w *world) []change.Item {
			rewritten(0)(t, w)
			var items []change.Item
			for i := range 30 {
				items = append(items, renaming(w.user(i)))
			}
			return items
		},
		outcome: change.Changed, sent: 2,
	},
	"a company": {
		begin: func(_ *testing.T, w *world) []change.Item {
			return []change.Item{renamingCompany(w, change.Image{Set: map[string]any{"name": "Another Before"}})}
		},
		outcome: change.Unknown, code: toolerr.ChangeStale, reason: "name is neither",
	},
	"a company as it was": {
		begin: func(_ *testing.T, w *world) []change.Item {
			return []change.Item{renamingCompany(w, change.Image{Set: map[string]any{"name": w.sandbox.Companies()[0].Name}})}
		},
		outcome: change.Changed, sent: 1,
	},
	"a new company that is there": {
		begin: func(_ *testing.T, w *world) []change.Item {
			item := renamingCompany(w, change.Image{})
			item.TargetID, item.Patch.Key = "", w.sandbox.Companies()[0].CompanyID
			return []change.Item{item}
		},
		outcome: change.Failed, code: toolerr.ChangeStale, reason: "was there before",
	},
	"merged, as was to be": {begin: mergeInto(0), meanwhile: mergedInto(0), outcome: change.Changed},
	"merged elsewhere":     {begin: mergeInto(0), meanwhile: mergedInto(1), outcome: change.Failed, code: toolerr.Merged},
	"gone without a merge": {
		begin: mergeInto(0), outcome: change.Failed, code: toolerr.NotFound,
		meanwhile: func(t *testing.T, w *world) {
			if err := w.client.Contacts.Delete(t.Context(), w.lead().ID); err != nil {
				t.Fatal(err)
			}
		},
	},
	"to be deleted, and merged": {
		begin: func(_ *testing.T, w *world) []change.Item {
			return []change.Item{{TargetID: w.lead().ID, Patch: change.Patch{Op: change.Delete}}}
		},
		meanwhile: mergedInto(0), outcome: change.Failed, code: toolerr.Merged,
	},
	"to be archived, and gone": {
		begin: func(t *testing.T, w *world) []change.Item {
			return []change.Item{{TargetID: w.user(0).ID, Patch: change.Patch{Op: change.Archive}}}
		},
		meanwhile: func(t *testing.T, w *world) {
			if err := w.client.Contacts.Archive(t.Context(), w.user(0).ID); err != nil {
				t.Fatal(err)
			}
		},
		outcome: change.Changed,
	},
}

// rewritten has somebody else give a contact a name.
func rewritten(i int) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		if _, err := w.client.Contacts.Update(t.Context(), w.user(i).ID,
			intercom.ContactWrite{Name: intercom.Value("Ann Herself")}); err != nil {
			t.Fatal(err)
		}
	}
}

func renamingCompany(w *world, before change.Image) change.Item {
	return change.Item{TargetID: w.sandbox.Companies()[0].ID, Patch: change.Patch{Op: change.SaveCompany,
		Set: map[string]any{"name": "Renamed"}}, Before: before}
}

// lead is the first lead that can be merged into anybody.
func (w *world) lead() sandbox.Contact {
	for _, c := range w.sandbox.Contacts() {
		if c.Role == "lead" && c.MergedInto == "" && !c.Archived {
			return c
		}
	}
	w.t.Fatal("there is no lead")
	return sandbox.Contact{}
}

func mergeInto(i int) func(*testing.T, *world) []change.Item {
	return func(_ *testing.T, w *world) []change.Item {
		return []change.Item{{TargetID: w.lead().ID,
			Patch: change.Patch{Op: change.Merge, Into: &change.Ref{ID: w.user(i).ID}}}}
	}
}

func mergedInto(i int) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		if _, err := w.client.Contacts.Merge(t.Context(), intercom.Merge{From: w.lead().ID, Into: w.user(i).ID,
			SkipDuplicateCheck: true}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestResumeConflicts leaves alone, and tells, what is neither as it was planned
// nor as it was to be, and takes for its own work only what it can be.
func TestResumeConflicts(t *testing.T) {
	t.Parallel()
	for name, tt := range conflictCases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(30 * 365 * 24 * time.Hour) // the companies there are have been there before
				w, store := auditedWorld(t, withSandbox(func(o *sandbox.Options) { o.SearchLag = 10 * time.Minute }))
				c := leave(t, store.Path(), true, tt.begin(t, w)...)
				if tt.meanwhile != nil {
					tt.meanwhile(t, w)
				}
				time.Sleep(10 * time.Second)
				w.sandbox.ResetCalls()
				after := w.resumed(c.ID)
				for i, item := range after.Items {
					want, code := change.Changed, toolerr.Code("")
					if i == 0 {
						want, code = tt.outcome, tt.code
					}
					if item.Outcome != want || item.Code != string(code) {
						t.Errorf("item %d is %s, %s: %s", i, item.Outcome, item.Code, item.Reason)
					}
				}
				if reason := after.Items[0].Reason; !strings.Contains(reason, tt.reason) {
					t.Errorf("the reason: %s", reason)
				}
				if sent := w.writes(); len(sent) != tt.sent {
					t.Errorf("sent: %s", fmt.Sprint(sent))
				}
			})
		})
	}
}

// TestResumeCancelled cancels a change while it is resumed: what was in no bulk job is not sent, and told so.
func TestResumeCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := auditedWorld(t, unstopped,
			withSandbox(func(o *sandbox.Options) { o.Contacts, o.BulkDelay = 1000, time.Minute }))
		var items []change.Item
		for _, c := range w.sandbox.Contacts() {
			if c.Role == "user" && !c.Archived && c.MergedInto == "" && len(items) < 700 {
				items = append(items, renaming(c))
			}
		}
		c := leave(t, store.Path(), true, items...)
		time.Sleep(20 * time.Second)
		go func() {
			time.Sleep(20 * time.Second)
			w.do("cancel_change", object{"change": c.ID})
		}()
		after := w.resumed(c.ID)
		sent := engine.JobsAtOnce * engine.BulkChunk
		want := change.Count{Changed: sent, NotSent: 700 - sent}
		if n := change.CountItems(after.Items); len(items) != 700 || n != want || after.Status != change.StatusStopped {
			t.Errorf("the change is %s: %+v of %d, want %+v", after.Status, n, len(items), want)
		}
		if item := after.Items[sent]; item.Code != string(toolerr.Busy) ||
			item.Reason != "not sent: the change was cancelled" {
			t.Errorf("what was not sent: %+v", item.Failure)
		}
	})
}
