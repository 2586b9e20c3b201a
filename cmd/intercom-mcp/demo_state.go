package main

import (
	"reflect"
	"slices"
	"time"

	"intercom-mcp/intercom/sandbox"
)

// demoState is the workspace's own state, read past the server.
type demoState struct {
	contacts map[string]sandbox.Contact // by id
	tags     map[string]string          // id by name
	quiet    []string                   // ids of whom the story is about, sorted
	all      string                     // everything, for equality
}

// state reads the workspace.
func (d *demo) state() demoState {
	s := demoState{contacts: make(map[string]sandbox.Contact), tags: make(map[string]string), all: string(d.workspace.Snapshot())}
	for _, tag := range d.workspace.Tags() {
		s.tags[tag.Name] = tag.ID
	}
	var company string
	for _, c := range d.workspace.Companies() {
		if c.Name == demoCompany {
			company = c.ID
		}
	}
	since := time.Now().AddDate(0, 0, -90).Unix()
	for _, c := range d.workspace.Contacts() {
		s.contacts[c.ID] = c
		if !c.Archived && slices.Contains(c.CompanyIDs, company) && c.LastSeenAt > 0 && c.LastSeenAt < since {
			s.quiet = append(s.quiet, c.ID)
		}
	}
	slices.Sort(s.quiet)
	return s
}

// same reports whether nothing at all differs.
func (s demoState) same(other demoState) bool { return s.all == other.all }

// sameExcept reports whether no contact but those of ids differs.
func (s demoState) sameExcept(other demoState, ids []string) bool {
	if len(s.contacts) != len(other.contacts) {
		return false
	}
	for id, contact := range s.contacts {
		if !slices.Contains(ids, id) && !reflect.DeepEqual(contact, other.contacts[id]) {
			return false
		}
	}
	return true
}

// having counts which of ids have the plan and the tag.
func (s demoState) having(plan, tag string, ids []string) int {
	n := 0
	for _, id := range ids {
		c := s.contacts[id]
		if c.CustomAttributes["plan"] == plan && slices.Contains(c.TagIDs, s.tags[tag]) {
			n++
		}
	}
	return n
}
