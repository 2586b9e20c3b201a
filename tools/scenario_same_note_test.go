package tools

import (
	"sync"
	"testing"
	"testing/synctest"

	"intercom-mcp/policy"
)

// TestSameNoteAfterCancelled writes a note, plans it again on purpose, takes that
// back, and makes the call once more: it is known as written still.
func TestSameNoteAfterCancelled(t *testing.T) {
	var inForce reloadable
	w := newWorld(t, inForce.option)
	args := object{"contact": w.user(0).ID, "body": "Called back."}
	first := w.do("add_note", args)
	inForce.become(func(p *policy.Policy) {
		p.Rules = append(p.Rules[:len(p.Rules):len(p.Rules)], policy.Rule{Name: "notes", Tools: []string{"add_note"},
			Then: policy.Confirm, By: policy.LevelAgent})
	})
	again := w.do("add_note", object{"contact": args["contact"], "body": args["body"], "allow_duplicate": true})
	w.do("cancel_change", object{"change": again["change"]})
	if third := w.do("add_note", args); third["duplicate_of"] != first["change"] {
		t.Errorf("receipt: %v", third)
	}
}

// TestSameNoteAtOnce makes one and the same call many times at once, as an
// agent does that gets no answer: the note is written once.
func TestSameNoteAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		id := w.people(0, 1)[0]
		before := len(w.sandbox.Notes(id))
		var calling sync.WaitGroup
		for range 20 {
			calling.Go(func() { w.do("add_note", object{"contact": id, "body": "Called back."}) })
		}
		calling.Wait()
		if written := len(w.sandbox.Notes(id)) - before; written != 1 {
			t.Errorf("the note was written %d times", written)
		}
		w.do("add_note", object{"contact": id, "body": "Called back.", "allow_duplicate": true})
		if written := len(w.sandbox.Notes(id)) - before; written != 2 {
			t.Errorf("%d notes, where another was asked for", written)
		}
	})
}
