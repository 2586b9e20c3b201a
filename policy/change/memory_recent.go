package change

import (
	"encoding/json"
	"slices"
	"time"

	"intercom-mcp/policy"
)

// mostSummed bounds of how many principals there are sums; beyond, those of all are made anew when they ask.
const mostSummed = 1_000

// summed is what is counted: the targets that a principal wrote to, or those alone that got notes.
type summed struct {
	principal string
	notes     bool
}

// decline is what a person declined.
type decline struct {
	principal string
	at        time.Time
	keys      []DeclineKey
}

// recent sums up what happened before a moment. m.mu is held.
func (m *Memory) recent(about *Change, at time.Time) (Recent, error) {
	var r Recent
	r.Unconfirmed, r.Written = m.written(about, at.Add(-Window), false)
	if about.AddsNotes() {
		r.Notes, _ = m.written(about, at.Add(-Window), true)
	}
	if about.Fingerprint != "" {
		r.Latest = newest(m.alike[about.Fingerprint], about, func(c *Change) bool {
			return c.Principal == about.Principal && c.Status.MayWrite()
		})
	}
	if undone := m.changes[about.Undoes]; about.Undoes != "" {
		r.Undoing = newest(m.undoing[about.Undoes], about, func(c *Change) bool {
			return c.Status == StatusApproved || c.Status == StatusApplying ||
				c.Status == StatusApplied && undone != nil && undone.Status == StatusUndone
		})
	}
	r.Writing = m.writing(about)
	m.waiting(about, at, &r)
	var declined []DeclineKey
	for _, no := range m.declined {
		if no.principal == about.Principal && !no.at.Before(at.Add(-DeclineHolds)) {
			declined = append(declined, no.keys...)
		}
	}
	err := r.MatchDeclined(about.Items, declined)
	return r, err
}

// writing finds the newest change that may yet write what another is about to; of those of one time, the one recorded
// last. m.mu is held.
func (m *Memory) writing(about *Change) *Change {
	var applying []*Change
	for _, id := range m.order {
		if c := m.changes[id]; c.Status == StatusApplying && id != about.ID {
			applying = append(applying, c)
		}
	}
	if len(applying) == 0 {
		return nil
	}
	slices.SortStableFunc(applying, func(a, b *Change) int { return a.CreatedAt.Compare(b.CreatedAt) })
	pending := ContendersOf(about)
	return newest(applying, about, func(c *Change) bool {
		return slices.ContainsFunc(c.Items, func(i Item) bool { return pending.Meet(&i) })
	})
}

// waiting sums up what waits for confirmations at a moment, and what got none. m.mu is held.
func (m *Memory) waiting(about *Change, at time.Time, r *Recent) {
	for _, c := range m.changes {
		if c.Principal != about.Principal || c.ID == about.ID {
			continue
		}
		if isUnanswered(c) && !c.CreatedAt.Before(at.Add(-Window)) {
			r.Unanswered++
		}
		if c.Status == StatusAwaiting && !c.Overdue(at) {
			r.Waiting++
			r.WaitingBytes += m.sizes[c.ID]
		}
	}
}

// isUnanswered reports whether a user was to be asked for a change, and said no, or has not said yes.
func isUnanswered(c *Change) bool {
	if c.Level != policy.LevelUser {
		return false
	}
	switch c.Status {
	case StatusAwaiting, StatusDeclined, StatusExpired, StatusCancelled:
		return true
	}
	return false
}

// sizeOf is how large a change that waits is, encoded.
func sizeOf(c *Change) (int64, error) {
	if c.Status != StatusAwaiting {
		return 0, nil
	}
	body, err := json.Marshal(c)
	return int64(len(body)), err
}

// newest finds the newest other change that matches, without its items; nil where there is none.
func newest(list []*Change, about *Change, matches func(*Change) bool) *Change {
	for _, c := range slices.Backward(list) {
		if c.ID != about.ID && matches(c) {
			found := *c
			found.Items = nil
			found = found.Clone()
			return &found
		}
	}
	return nil
}

// written counts the different targets that the principal's changes wrote since a time, or are about to, and what about
// itself is about to; or those that got notes. m.mu is held.
func (m *Memory) written(about *Change, since time.Time, notes bool) (unconfirmed, all int) {
	counted := summed{about.Principal, notes}
	if sums := m.sums[counted]; sums != nil {
		if unconfirmed, all, known := sums.Count(about, since); known {
			return unconfirmed, all
		}
	}
	if len(m.sums) >= mostSummed {
		clear(m.sums)
	}
	sums := NewSums(since)
	m.sums[counted] = sums
	for _, c := range m.changes {
		if c.Principal == about.Principal && (!notes || c.AddsNotes()) {
			sums.Set(c.ID, c.StartedAt(), c.CountedLevel(), c.WrittenTargets())
		}
	}
	unconfirmed, all, _ = sums.Count(about, since)
	return unconfirmed, all
}

// tell tells the sums what a change writes as of now. m.mu is held.
func (m *Memory) tell(c *Change) {
	for _, notes := range []bool{false, true} {
		if sums := m.sums[summed{c.Principal, notes}]; sums != nil && (!notes || c.AddsNotes()) {
			sums.Set(c.ID, c.StartedAt(), c.CountedLevel(), c.WrittenTargets())
		}
	}
}
