package demo

import (
	"bytes"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"intercom-mcp/intercom/sandbox"
)

// statePath is the file of the changes that the story makes.
func (d *demo) statePath() string { return filepath.Join(d.dir, "changes.db") }

// state is the workspace's own state, read past the server.
type state struct {
	snapshot []byte
	contacts map[string]sandbox.Contact // by id
}

// state reads the workspace.
func (d *demo) state() state {
	s := state{d.Workspace.Snapshot(), make(map[string]sandbox.Contact)}
	for _, c := range d.Workspace.Contacts() {
		s.contacts[c.ID] = c
	}
	return s
}

// same reports whether the workspaces are equal.
func (s state) same(other state) bool { return bytes.Equal(s.snapshot, other.snapshot) }

// sameExcept reports whether all contacts are equal, except those of ids.
func (s state) sameExcept(other state, ids []string) bool {
	for id, contact := range s.contacts {
		if !slices.Contains(ids, id) && !reflect.DeepEqual(contact, other.contacts[id]) {
			return false
		}
	}
	return len(s.contacts) == len(other.contacts)
}

// quietPeople returns the ids of the contacts that the story is about, sorted.
func (d *demo) quietPeople() []string {
	var ids []string
	companies := d.Workspace.Companies()
	company := companies[slices.IndexFunc(companies, func(c sandbox.Company) bool { return c.Name == company })].ID
	since := time.Now().AddDate(0, 0, -90).Unix()
	for _, c := range d.Workspace.Contacts() {
		if !c.Archived && slices.Contains(c.CompanyIDs, company) && c.LastSeenAt > 0 && c.LastSeenAt < since {
			ids = append(ids, c.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// changed counts which of ids have a plan and a tag.
func (d *demo) changed(ids []string, plan, tag string) int {
	n := 0
	tags := d.Workspace.Tags()
	i := slices.IndexFunc(tags, func(t sandbox.Tag) bool { return t.Name == tag })
	if i < 0 {
		return 0
	}
	for _, id := range ids {
		if c, ok := d.Workspace.Contact(id); ok && c.CustomAttributes["plan"] == plan &&
			slices.Contains(c.TagIDs, tags[i].ID) {
			n++
		}
	}
	return n
}
