//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

// write is a change that an agent wants, of contacts that no other change is about.
type write struct {
	agent    *agent
	kind     string // "note", "name" or "bulk"
	contacts []string
	mark     string // what it writes
	change   string // its handle
}

// plan proposes the change, again where nobody answered: what is not confirmed does nothing.
func (w *write) plan(t *testing.T) {
	t.Helper()
	tool, args := "add_note", object{"contact": w.contacts[0], "body": w.mark}
	switch w.kind {
	case "name":
		tool, args = "update_contact", object{"contact": w.contacts[0], "set": object{"name": w.mark}}
	case "bulk":
		tool, args = "bulk_update_contacts", object{"contacts": w.contacts, "set": object{"name": w.mark}}
	}
	got, err := w.agent.surely(tool, args)
	if err != nil || got.Status != "awaiting" {
		t.Errorf("%s: %s was answered %v, %v", w.agent.name, tool, got, err)
		return
	}
	w.change = got.Change
}

// confirm has the change carried out, and may miss the answer.
func (w *write) confirm() {
	if w.change != "" {
		_, _ = w.agent.call("confirm_change", object{"change": w.change}) // settle finds out
	}
}

// settle waits for the end of the change, and compares its receipt with what the sandbox holds.
func (w *write) settle(t *testing.T, r *replicas) {
	t.Helper()
	if w.change == "" {
		return
	}
	got := w.agent.ended(t, w.change)
	for range 3 {
		if got.Status == "awaiting" { // the confirmation never arrived
			w.confirm()
			got = w.agent.ended(t, w.change)
		}
	}
	there := 0
	for _, contact := range w.contacts {
		there += r.holds(t, w.kind, contact, w.mark)
	}
	done := got.Changed + got.Unchanged + got.Written
	if sum := done + got.Failed + got.NotSent + got.Unknown; sum != len(w.contacts) || got.Pending > 0 {
		t.Errorf("%s of %s: not each of %d items in one outcome: %s", w.kind, w.agent.name, len(w.contacts), got.text)
	}
	if there < done || there > done+got.Unknown {
		t.Errorf("%s of %s is there %d times: %s", w.kind, w.agent.name, there, got.text)
	}
	if got.Status != "applied" {
		t.Logf("%s of %s ended %s: %d done, %d there", w.kind, w.agent.name, got.Status, done, there)
	}
}

// holds counts how often a contact has what was written.
func (r *replicas) holds(t *testing.T, kind, id, mark string) (n int) {
	t.Helper()
	contact, _ := r.intercom.Contact(id)
	switch kind {
	case "name", "bulk":
		if contact.Name == mark {
			n = 1
		}
	case "note":
		_, body := get(t, r.workspace.URL+"/contacts/"+id+"/notes")
		var list struct{ Data []struct{ Body string } }
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Error(err)
		}
		for _, note := range list.Data {
			if slices.Contains([]string{mark, "<p>" + mark + "</p>"}, note.Body) {
				n++
			}
		}
	}
	return n
}

// writesOf are changes of an agent, of each kind some, that use up its contacts.
func writesOf(a *agent, contacts []string, notes, names, bulks int) (list []*write) {
	take := func(kind string, times, each int) {
		for i := range times {
			list = append(list, &write{agent: a, kind: kind, contacts: contacts[:each],
				mark: fmt.Sprintf("%s %s %d", a.name, kind, i)})
			contacts = contacts[each:]
		}
	}
	take("note", notes, 1)
	take("name", names, 1)
	take("bulk", bulks, 4)
	return list
}
