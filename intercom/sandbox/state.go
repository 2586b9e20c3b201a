package sandbox

import (
	"slices"
	"strings"
)

// locked runs f under the lock, on the workspace after all bulk tasks that are due.
func (s *Sandbox) locked(f func(*workspace)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.space.catchUp(s.clock.now())
	f(s.space)
}

// read returns what f returns under the lock.
func read[T any](s *Sandbox, f func(*workspace) T) (value T) {
	s.locked(func(w *workspace) { value = f(w) })
	return value
}

// Contact returns a copy of a stored contact, an archived or merged one too.
func (s *Sandbox) Contact(id string) (c Contact, ok bool) {
	s.locked(func(w *workspace) {
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
	return read(s, func(w *workspace) []Contact { return w.copyContacts(match) })
}

func (w *workspace) copyContacts(match func(*Contact) bool) (matching []Contact) {
	for _, c := range w.contacts.all {
		if match(&c.Contact) {
			matching = append(matching, c.clone())
		}
	}
	return matching
}

// Companies returns copies of all stored companies, deleted ones too, in the order they came.
func (s *Sandbox) Companies() []Company { return read(s, (*workspace).copyCompanies) }

func (w *workspace) copyCompanies() (all []Company) {
	counts := w.contacts.perCompany()
	for _, c := range w.companies.all {
		firm := c.clone()
		firm.UserCount = counts[c.ID]
		all = append(all, firm)
	}
	return all
}

// Tags returns all tags.
func (s *Sandbox) Tags() []Tag {
	return read(s, func(w *workspace) []Tag { return values(w.tags) })
}

// Attributes returns the custom and standard attributes, archived ones too.
func (s *Sandbox) Attributes() []Attribute { return read(s, (*workspace).copyAttributes) }

func (w *workspace) copyAttributes() []Attribute {
	all := values(w.attributes)
	for i := range all {
		all[i].Options = slices.Clone(all[i].Options)
	}
	return all
}

// Segments returns all segments.
func (s *Sandbox) Segments() []Segment { return read(s, (*workspace).copySegments) }

func (w *workspace) copySegments() (all []Segment) {
	for _, g := range w.segments {
		all = append(all, g.Segment)
	}
	return all
}

// Admins returns all admins; the first is the one on whose behalf every access token acts.
func (s *Sandbox) Admins() []Admin { return read(s, (*workspace).copyAdmins) }

func (w *workspace) copyAdmins() []Admin {
	all := values(w.admins)
	for i := range all {
		all[i].TeamIDs = slices.Clone(all[i].TeamIDs)
	}
	return all
}

// Notes returns the notes of a contact or a company, the oldest first.
func (s *Sandbox) Notes(ownerID string) []Note {
	return read(s, func(w *workspace) []Note { return values(w.notes.of[ownerID]) })
}

// Snapshot returns the whole state at one moment as canonical JSON, to be compared. It leaves out what every write
// moves even when it is taken back later: the times of the last update, the times and order of attachments, and the
// records of jobs.
func (s *Sandbox) Snapshot() []byte { return read(s, (*workspace).snapshot) }

func (w *workspace) snapshot() []byte {
	state := struct {
		Contacts   []Contact
		Companies  []Company
		Tags       []Tag
		Notes      map[string][]Note // by contact or company
		Attributes []Attribute
		Segments   []Segment
		Admins     []Admin
	}{
		w.copyContacts(func(*Contact) bool { return true }), w.copyCompanies(), values(w.tags), map[string][]Note{},
		w.copyAttributes(), w.copySegments(), w.copyAdmins(),
	}
	for owner, notes := range w.notes.of {
		state.Notes[owner] = values(notes)
	}
	for i := range state.Contacts {
		c := &state.Contacts[i]
		c.UpdatedAt = 0
		c.TagIDs, c.CompanyIDs, c.SubscriptionIDs = sorted(c.TagIDs), sorted(c.CompanyIDs), sorted(c.SubscriptionIDs)
		if len(c.CustomAttributes) == 0 {
			c.CustomAttributes = nil
		}
	}
	for i := range state.Companies {
		c := &state.Companies[i]
		c.UpdatedAt = 0
		c.TagIDs = sorted(c.TagIDs)
	}
	slices.SortFunc(state.Contacts, func(a, b Contact) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(state.Companies, func(a, b Company) int { return strings.Compare(a.ID, b.ID) })
	return encoded(state)
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
