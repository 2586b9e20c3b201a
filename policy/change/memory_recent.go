package change

import (
	"context"
	"iter"
	"slices"
	"time"

	"intercom-mcp/policy"
)

// Recent implements [Store].
func (m *Memory) Recent(ctx context.Context, c Change, at time.Time) (Recent, error) {
	if err := ctx.Err(); err != nil {
		return Recent{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.recent(&c, at)
}

// recent sums up what happened before a moment. m.mu is held.
func (m *Memory) recent(about *Change, at time.Time) (Recent, error) {
	var r Recent
	r.Unconfirmed, r.Written = m.written(about, at.Add(-Window))
	if about.AddsNotes() {
		r.Notes = m.noted(about, at.Add(-Window))
	}
	r.Latest = m.newest(about, func(c *Change) bool {
		return about.Fingerprint != "" && c.Fingerprint == about.Fingerprint && c.Status.MayWrite()
	})
	undone := m.changes[about.Undoes]
	r.Undoing = m.newest(about, func(c *Change) bool {
		return about.Undoes != "" && c.Undoes == about.Undoes && (c.Status == StatusApproved || c.Status == StatusApplying ||
			c.Status == StatusApplied && undone != nil && undone.Status == StatusUndone)
	})
	var declined []DeclineKey
	for _, no := range m.declined {
		if no.principal == about.Principal && !no.at.Before(at.Add(-DeclineHolds)) {
			declined = append(declined, no.keys...)
		}
	}
	err := r.MatchDeclined(about.Items, declined)
	return r, err
}

// newest finds the newest other change of the same principal that matches, without its items; nil where there is none.
// m.mu is held.
func (m *Memory) newest(about *Change, matches func(*Change) bool) *Change {
	for _, id := range slices.Backward(m.order) {
		if c := m.changes[id]; c.ID != about.ID && c.Principal == about.Principal && matches(c) {
			found := c.Clone()
			found.Items = nil
			return &found
		}
	}
	return nil
}

// written counts the different targets that the principal's changes wrote since a time, or are about to, and what about
// itself is about to. m.mu is held.
func (m *Memory) written(about *Change, since time.Time) (unconfirmed, all int) {
	everyone, nobody := make(map[string]struct{}), make(map[string]struct{})
	count := func(targets []string, confirmed bool) {
		for _, target := range targets {
			everyone[target] = struct{}{}
			if !confirmed {
				nobody[target] = struct{}{}
			}
		}
	}
	for c := range m.started(about, since) {
		count(m.targetsOf(c), c.ApprovalLevel() > policy.LevelNone)
	}
	count(about.WrittenTargets(), false)
	return len(nobody), len(everyone)
}

// noted counts the different targets that got notes unconfirmed since a time, or are about to. m.mu is held.
func (m *Memory) noted(about *Change, since time.Time) int {
	targets := make(map[string]struct{})
	for _, target := range about.WrittenTargets() {
		targets[target] = struct{}{}
	}
	for c := range m.started(about, since) {
		if c.AddsNotes() && c.ApprovalLevel() == policy.LevelNone {
			for _, target := range m.targetsOf(c) {
				targets[target] = struct{}{}
			}
		}
	}
	return len(targets)
}

// started yields the principal's other changes that started, or are about to, since a time. m.mu is held.
func (m *Memory) started(about *Change, since time.Time) iter.Seq[*Change] {
	return func(yield func(*Change) bool) {
		for _, c := range m.changes {
			started := c.StartedAt()
			if c.ID != about.ID && c.Principal == about.Principal && !started.IsZero() && !started.Before(since) && !yield(c) {
				return
			}
		}
	}
}

// targetsOf is [Change.WrittenTargets] of a change in m, kept once it has ended: its outcomes stay. m.mu is held.
func (m *Memory) targetsOf(c *Change) []string {
	targets, ok := m.targets[c.ID]
	if !ok {
		targets = c.WrittenTargets()
		if c.Status.Ended() {
			m.targets[c.ID] = targets
		}
	}
	return targets
}
