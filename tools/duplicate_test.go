package tools

import (
	"sync"
	"testing"
	"testing/synctest"
)

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
