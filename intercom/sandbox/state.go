package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// view runs read on the workspace as it is now, after all bulk tasks that are due.
func (s *Sandbox) view(read func(*workspace)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.space.catchUp(s.clock.now())
	read(s.space)
}

// Contact returns a copy of a stored contact, an archived or merged one too.
func (s *Sandbox) Contact(id string) (c Contact, ok bool) {
	s.view(func(w *workspace) {
		if stored := w.contacts.byID[id]; stored != nil {
			c, ok = stored.clone(), true
		}
	})
	return c, ok
}

// Contacts returns copies of all stored contacts, archived, merged and blocked ones too, in the order they came.
func (s *Sandbox) Contacts() []Contact {
	return s.ContactsWhere(func(*Contact) bool { return true })
}

// ContactsWhere returns copies of the stored contacts that match, in the order they came. match must not keep or change
// a contact, nor call the sandbox.
func (s *Sandbox) ContactsWhere(match func(*Contact) bool) []Contact {
	var matching []Contact
	s.view(func(w *workspace) {
		for _, c := range w.contacts.all {
			if match(&c.Contact) {
				matching = append(matching, c.clone())
			}
		}
	})
	return matching
}

// Companies returns copies of all stored companies, deleted ones too, in the order they came.
func (s *Sandbox) Companies() []Company {
	var all []Company
	s.view(func(w *workspace) {
		counts := w.contacts.perCompany()
		for _, c := range w.companies.all {
			firm := c.clone()
			firm.UserCount = counts[c.ID]
			all = append(all, firm)
		}
	})
	return all
}

// Tags returns all tags.
func (s *Sandbox) Tags() []Tag {
	var all []Tag
	s.view(func(w *workspace) { all = values(w.tags) })
	return all
}

// Attributes returns the custom and standard attributes, archived ones too.
func (s *Sandbox) Attributes() []Attribute {
	var all []Attribute
	s.view(func(w *workspace) {
		all = values(w.attributes)
		for i := range all {
			all[i].Options = slices.Clone(all[i].Options)
		}
	})
	return all
}

// Segments returns all segments.
func (s *Sandbox) Segments() []Segment {
	var all []Segment
	s.view(func(w *workspace) {
		for _, g := range w.segments {
			all = append(all, g.Segment)
		}
	})
	return all
}

// Admins returns all admins; the first is the tokens' own.
func (s *Sandbox) Admins() []Admin {
	var all []Admin
	s.view(func(w *workspace) {
		all = values(w.admins)
		for i := range all {
			all[i].TeamIDs = slices.Clone(all[i].TeamIDs)
		}
	})
	return all
}

// Notes returns the notes of a contact or a company, the oldest first.
func (s *Sandbox) Notes(ownerID string) []Note {
	var all []Note
	s.view(func(w *workspace) { all = values(w.notes.of[ownerID]) })
	return all
}

// Snapshot returns the whole state as canonical JSON, to be compared. It leaves out what every write moves even when it
// is taken back later: the times of the last update, the times and order of attachments, and the records of jobs.
func (s *Sandbox) Snapshot() []byte {
	state := struct {
		Contacts   []Contact
		Companies  []Company
		Tags       []Tag
		Notes      map[string][]Note // by contact or company
		Attributes []Attribute
		Segments   []Segment
		Admins     []Admin
	}{s.Contacts(), s.Companies(), s.Tags(), map[string][]Note{}, s.Attributes(), s.Segments(), s.Admins()}
	for i := range state.Contacts {
		c := &state.Contacts[i]
		c.UpdatedAt = 0
		c.TagIDs, c.CompanyIDs, c.SubscriptionIDs = sorted(c.TagIDs), sorted(c.CompanyIDs), sorted(c.SubscriptionIDs)
		if len(c.CustomAttributes) == 0 {
			c.CustomAttributes = nil
		}
		if notes := s.Notes(c.ID); len(notes) > 0 {
			state.Notes[c.ID] = notes
		}
	}
	for i := range state.Companies {
		c := &state.Companies[i]
		c.UpdatedAt = 0
		c.TagIDs = sorted(c.TagIDs)
		if notes := s.Notes(c.ID); len(notes) > 0 {
			state.Notes[c.ID] = notes
		}
	}
	slices.SortFunc(state.Contacts, func(a, b Contact) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(state.Companies, func(a, b Company) int { return strings.Compare(a.ID, b.ID) })
	data, err := json.Marshal(state)
	if err != nil {
		panic(fmt.Sprintf("sandbox: encoding the state: %v", err))
	}
	return data
}

// sorted puts ids in order, no ids always in the same form.
func sorted(ids []string) []string { return slices.Sorted(slices.Values(ids)) }

// values copies what the pointers point to.
func values[T any](pointers []*T) []T {
	out := make([]T, 0, len(pointers))
	for _, p := range pointers {
		out = append(out, *p)
	}
	return out
}
