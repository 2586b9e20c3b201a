package sandbox

import (
	"slices"
	"time"
)

// contactStore holds the contacts, and how list and search know them.
type contactStore struct {
	byID    map[string]*contact
	all     []*contact           // in the order they came
	failing map[string]*apiError // by contact id, see Sandbox.FailContact
	lag     time.Duration        // Options.SearchLag
}

// touch is called before every change of a contact: it keeps for list and
// search what the contact is like until now, and marks the time.
func (s *contactStore) touch(c *contact, now time.Time) {
	s.keepPast(c, now, true)
	c.UpdatedAt = now.Unix()
}

// keepPast remembers the present state of a contact, or its absence, as long as the search lag asks for.
func (s *contactStore) keepPast(c *contact, now time.Time, existed bool) {
	if s.lag <= 0 {
		return
	}
	p := pastContact{until: now}
	if existed {
		was := c.Contact
		p.was = &was
	}
	c.past = append(slices.DeleteFunc(c.past, func(p pastContact) bool {
		return !p.until.After(now.Add(-s.lag))
	}), p)
}

// seen is the contact as list and search know it; nil when they do not.
func (s *contactStore) seen(c *contact, now time.Time) *Contact {
	horizon := now.Add(-s.lag)
	for _, p := range c.past {
		if p.until.After(horizon) {
			return p.was
		}
	}
	return &c.Contact
}

// visible returns the contacts that list and search show now, of those that match.
func (s *contactStore) visible(now time.Time, matches predicate) []*Contact {
	return s.visibleOf(s.all, now, matches)
}

// visibleOf returns those of some contacts that list and search show now and that match.
func (s *contactStore) visibleOf(some []*contact, now time.Time, matches predicate) (visible []*Contact) {
	for _, c := range some {
		if as := s.seen(c, now); as != nil && as.listed() && matches(as) {
			visible = append(visible, as)
		}
	}
	return visible
}

// named returns the contacts that have one of some ids.
func (s *contactStore) named(ids map[string]bool) (named []*contact) {
	for id := range ids {
		if c := s.byID[id]; c != nil {
			named = append(named, c)
		}
	}
	return named
}

// add stores a new contact.
func (s *contactStore) add(c *contact, now time.Time) {
	s.keepPast(c, now, false)
	s.byID[c.ID] = c
	s.all = append(s.all, c)
}

// find returns the contact that an operation names, if it can be reached.
func (s *contactStore) find(id string) (*contact, *apiError) {
	c := s.byID[id]
	if c == nil || !c.reachable() {
		return nil, errUserNotFound
	}
	return c, nil
}

// writable is find for an operation that changes the contact.
func (s *contactStore) writable(id string) (*contact, *apiError) {
	c, err := s.find(id)
	if err == nil {
		err = s.failing[id]
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// perCompany counts the contacts of each company.
func (s *contactStore) perCompany() map[string]int {
	counts := make(map[string]int)
	for _, c := range s.all {
		if !c.listed() {
			continue
		}
		for _, id := range c.CompanyIDs {
			counts[id]++
		}
	}
	return counts
}

// erasable returns a contact that may be deleted: a live or an archived one.
func (s *contactStore) erasable(id string) (*contact, *apiError) {
	c := s.byID[id]
	if c == nil || c.MergedInto != "" {
		return nil, errUserNotFound
	}
	if err := s.failing[id]; err != nil {
		return nil, err
	}
	return c, nil
}

// mergeHops is how far a chain of merges is followed.
const mergeHops = 3

// canonical is the contact that a merged one ended up in, nil when that is gone too.
func (s *contactStore) canonical(c *contact) *contact {
	for range mergeHops {
		if c == nil || c.MergedInto == "" {
			break
		}
		c = s.byID[c.MergedInto]
	}
	return c
}
