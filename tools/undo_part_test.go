package tools

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/tools/toolerr"
)

// part is what an undo is asked for, and whom that means.
type part struct {
	args object
	back func(c *sandbox.Contact) bool
}

// TestUndoPart puts back what a change wrote to some: it stands for the rest, whom a later undo puts back.
func TestUndoPart(t *testing.T) {
	t.Parallel()
	where := func(field, operator, value string) []object {
		return []object{{"field": field, "operator": operator, "value": value}}
	}
	for name, choose := range map[string]func(w *world, ids []string) part{
		"a company": func(w *world, ids []string) part {
			firm := w.sandbox.Companies()[0]
			return part{object{"where": where("company", "=", firm.Name)},
				func(c *sandbox.Contact) bool { return slices.Contains(c.CompanyIDs, firm.ID) }}
		},
		"all but VIPs": func(w *world, ids []string) part {
			return part{object{"where": where("tag", "!=", "VIP")},
				func(c *sandbox.Contact) bool { return !w.hasTag(*c, "VIP") }}
		},
		"named": func(w *world, ids []string) part {
			c, _ := w.sandbox.Contact(ids[201])
			return part{object{"contacts": []string{ids[3], c.Email, ids[3]}},
				func(c *sandbox.Contact) bool { return c.ID == ids[3] || c.ID == ids[201] }}
		},
		"named, of these the silent": func(w *world, ids []string) part {
			return part{object{"contacts": ids[:40], "where": where("unsubscribed_from_emails", "=", "true")},
				func(c *sandbox.Contact) bool { return c.UnsubscribedFromEmails && slices.Contains(ids[:40], c.ID) }}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { undoPart(t, choose) })
		})
	}
}

func undoPart(t *testing.T, choose func(w *world, ids []string) part) {
	w := newWorld(t)
	ids := w.people(0, 230) // more than are asked for at once
	w.agreed("update_contact", object{"contact": ids[5], "set": object{"custom_attributes": object{"seats": 4711}}})
	before := w.sandbox.Snapshot()
	receipt := w.agreed("bulk_update_contacts", object{"where": []object{{"field": "role", "operator": "=",
		"value": "user"}}, "set": object{"custom_attributes": object{"seats": 4711}}})
	p := choose(w, ids)
	args := object{"change": receipt["change"]}
	for key, value := range p.args {
		args[key] = value
	}
	undone := w.agreed("undo_change", args)
	n := 0
	for _, id := range slices.Delete(slices.Clone(ids), 5, 6) { // it was so already
		c, _ := w.sandbox.Contact(id)
		if p.back(&c) {
			n++
		}
		if got := c.CustomAttributes["seats"] != int64(4711); got != p.back(&c) {
			t.Errorf("%s put back: %t", c.Email, got)
		}
	}
	if n == 0 || n == len(ids) {
		t.Fatalf("%d are put back", n)
	}
	if note := fmt.Sprint(undone["note"]); !strings.Contains(note, fmt.Sprint("skipped: ",
		receipt["changed"].(float64)-undone["changed"].(float64), " other contacts of the change, as asked")) {
		t.Errorf("the receipt says %s", note)
	}
	if got := w.status(receipt["change"].(string)); got != "applied" {
		t.Errorf("the change is %s, though it stands for some", got)
	}
	w.agreed("undo_change", object{"change": receipt["change"]})
	if diff := cmp.Diff(string(before), string(w.sandbox.Snapshot())); diff != "" {
		t.Errorf("after the rest (-before +now):\n%.2000s", diff)
	}
	if got := w.status(receipt["change"].(string)); got != "undone" {
		t.Errorf("the change is %s", got)
	}
}

// TestUndoPartArchived brings back one of several, whom no search shows.
func TestUndoPartArchived(t *testing.T) {
	w := newWorld(t)
	ids := w.people(0, 3)
	receipt := w.agreed("archive_contacts", object{"contacts": ids})
	undo := func(args object) object {
		args["change"] = receipt["change"]
		return args
	}
	everyone := []object{{"field": "role", "operator": "=", "value": "user"}}
	e := w.refused(toolerr.NotFound, "undo_change", undo(object{"where": everyone}))
	if !strings.Contains(e.Next, "by id") {
		t.Error(e)
	}
	w.agreed("undo_change", undo(object{"contacts": ids[1:2]}))
	for i, id := range ids {
		if c, _ := w.sandbox.Contact(id); c.Archived != (i != 1) {
			t.Errorf("%d: archived %t", i, c.Archived)
		}
	}
	other := w.people(3, 1)[0]
	e = w.refused(toolerr.NotFound, "undo_change", undo(object{"contacts": []string{ids[0], other, "nobody@x.example"}}))
	for _, want := range []string{"contacts[1]: The change is not about ", "contacts[2]: No contact has the e-mail"} {
		if !strings.Contains(e.Message, want) {
			t.Errorf("%s, want %s", e.Message, want)
		}
	}
	nonsense := []object{{"field": "nonsense", "operator": "="}}
	w.refused(toolerr.InvalidArgument, "undo_change", undo(object{"where": nonsense}))
}

// TestUndoPartsTogether does not take one part's undo for another's at the same time.
func TestUndoPartsTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Latency = time.Second }))
		ids := w.people(0, 2)
		receipt := w.agreed("bulk_update_contacts", object{"contacts": ids,
			"set": object{"custom_attributes": object{"seats": 4711}}})
		var results [2]Result
		var group sync.WaitGroup
		for i := range ids {
			group.Go(func() {
				results[i] = w.try("undo_change", object{"change": receipt["change"], "contacts": ids[i : i+1]})
			})
		}
		group.Wait()
		busy := 0
		for i, result := range results {
			c, _ := w.sandbox.Contact(ids[i])
			back := c.CustomAttributes["seats"] != int64(4711)
			if result.Err != nil && result.Err.Code == toolerr.Busy {
				busy++
			}
			if back != (result.Err == nil) {
				t.Errorf("%d: put back: %t, though %v", i, back, result.Err)
			}
		}
		if busy != 1 {
			t.Errorf("%d are told that another call is at it", busy)
		}
	})
}
