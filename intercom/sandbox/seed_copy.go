package sandbox

import (
	"slices"
	"sync"
)

// seedKey is all that the companies, contacts and notes of a seed depend on.
type seedKey struct {
	seed                uint64
	contacts, companies int
	today               int64
}

// seedCopies holds what was seeded, for the workspaces that are seeded alike to copy: to copy costs a third of seeding.
// The first of a kind is seeded in its place, the second makes what that one and all further ones copy.
type seedCopies struct {
	mu   sync.Mutex
	made map[seedKey]*workspace // nil for a kind that was seeded once
}

const (
	maxSeedCopies = 8     // kinds; with one more, all are forgotten
	maxCopied     = 1_000 // contacts; larger workspaces are not kept
)

var copies = seedCopies{made: make(map[seedKey]*workspace)}

// fill adds the companies, contacts and notes of a seed to a workspace that has everything else.
func (s *seedCopies) fill(w *workspace, opts Options, today int64) {
	key := seedKey{opts.Seed, opts.Contacts, opts.Companies, today}
	from := s.source(key, func() *workspace {
		made := newWorkspace(opts, w.zone)
		made.admins, made.tags = w.admins, w.tags
		made.seedObjects(opts, today)
		return made
	})
	if from == nil {
		w.seedObjects(opts, today)
		return
	}
	w.copyObjects(from)
}

// source is what workspaces of a kind copy, made by make when the second one asks; nil where there is nothing to copy.
func (s *seedCopies) source(key seedKey, make func() *workspace) *workspace {
	if key.contacts > maxCopied || key.companies > maxCopied {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	from, seen := s.made[key]
	if seen && from == nil {
		from = make()
	} else if !seen && len(s.made) >= maxSeedCopies {
		clear(s.made)
	}
	s.made[key] = from
	return from
}

// seedObjects seeds companies, contacts and notes.
func (w *workspace) seedObjects(opts Options, today int64) {
	seedCompanies(w, opts, today)
	seedContacts(w, opts, today)
	if opts.Contacts > 0 {
		seedHidden(w)
	}
}

// copyObjects copies what seedObjects made in another workspace; the two share nothing that either changes.
func (w *workspace) copyObjects(from *workspace) {
	w.plans = slices.Clone(from.plans)
	w.ids.serial, w.ids.decimals = from.ids.serial, from.ids.decimals
	companies := make([]Company, len(from.companies.all))
	for i, c := range from.companies.all {
		companies[i] = *c
		w.companies.add(&companies[i])
	}
	contacts := make([]contact, len(from.contacts.all))
	w.contacts.all = make([]*contact, len(contacts), len(contacts)+4)
	for i, c := range from.contacts.all {
		contacts[i] = *c
		w.contacts.all[i] = &contacts[i]
		w.contacts.byID[c.ID] = &contacts[i]
	}
	notes := make([]Note, 0, len(from.notes.byID))
	for owner, list := range from.notes.of {
		own := make([]*Note, len(list))
		for i, n := range list {
			notes = append(notes, *n)
			own[i] = &notes[len(notes)-1]
			w.notes.byID[n.ID] = own[i]
		}
		w.notes.of[owner] = own
	}
}
