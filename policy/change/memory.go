package change

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// claimHolds is how long what was claimed, and not begun, is nobody else's.
const claimHolds = 15 * time.Second

// Memory is a [Store] that lives as long as the process. It keeps the newest changes: beyond its capacity it drops the
// oldest that have ended or expired, and count in no [Window] any more. It keeps no audit trail.
type Memory struct {
	mu       sync.Mutex // guards what follows; the parts of shared have mutexes of their own, taken after it
	changes  map[string]*Change
	order    []string // ids, oldest first
	capacity int
	declined []decline              // oldest first
	stops    map[string]StopRequest // by id of the change
	sizes    map[string]int64       // of those that were to wait, by id
	freeze   *Freeze                // nil: writes are allowed
	alike    map[string][]*Change   // by fingerprint, oldest first
	undoing  map[string][]*Change   // by the change that they put back, oldest first
	sums     map[summed]*Sums       // of the principals that have asked
	shared   memoryShared
	unowned  map[string]time.Time // what people approved and nobody has begun: when it may be claimed, by id
	fewest   int                  // how many changes there are before it is worth while to look for what can be dropped
}

// NewMemory returns an empty store that keeps at most capacity changes, more only where they have not ended and may yet
// be confirmed, or wrote something within [Window].
func NewMemory(capacity int) *Memory {
	m := &Memory{changes: make(map[string]*Change), capacity: capacity, stops: make(map[string]StopRequest),
		sizes: make(map[string]int64),
		alike: make(map[string][]*Change), undoing: make(map[string][]*Change), unowned: make(map[string]time.Time),
		sums: make(map[summed]*Sums)}
	m.shared.requests.of = m
	return m
}

var _ Store = (*Memory)(nil)

// Create implements [Store].
func (m *Memory) Create(ctx context.Context, c Change, decide Decide) (Change, error) {
	if err := ctx.Err(); err != nil {
		return Change{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.frozen(); err != nil {
		return Change{}, err
	}
	kept := c.Clone()
	if err := kept.DecideNew(decide, func() (Recent, error) { return m.recent(&kept, c.CreatedAt) }); err != nil {
		return Change{}, err
	}
	if _, taken := m.changes[c.ID]; taken {
		return Change{}, fmt.Errorf("there is a change %s already", c.ID)
	}
	kept.AuditValues = "" // there is no trail
	size, err := sizeOf(&kept)
	if err != nil {
		return Change{}, fmt.Errorf("encoding a change: %w", err)
	}
	m.sizes[c.ID] = size
	m.changes[c.ID] = &kept
	m.order = append(m.order, c.ID)
	m.alike[kept.Fingerprint] = append(m.alike[kept.Fingerprint], &kept)
	if kept.Undoes != "" {
		m.undoing[kept.Undoes] = append(m.undoing[kept.Undoes], &kept)
	}
	m.tell(&kept)
	m.shared.outbox.write(noticedPlan(&kept))
	m.drop()
	return kept.Clone(), nil
}

// Recent implements [Store].
func (m *Memory) Recent(ctx context.Context, c Change, at time.Time) (Recent, error) {
	if err := ctx.Err(); err != nil {
		return Recent{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.recent(&c, at)
}

// drop drops the oldest changes beyond the capacity that have ended or expired, and count in no window any more. Where
// most of them have to stay, it looks again once there are an eighth more. m.mu is held.
func (m *Memory) drop() {
	excess := len(m.order) - m.capacity
	if excess <= 0 || len(m.order) < m.fewest {
		return
	}
	now := time.Now()
	m.order = slices.DeleteFunc(m.order, func(id string) bool {
		c := m.changes[id]
		if excess <= 0 || !c.Status.Ended() && !c.Overdue(now) {
			return false
		}
		if now.Sub(c.StartedAt()) <= Window &&
			slices.ContainsFunc(c.Items, func(i Item) bool { return i.Outcome.MayHaveEffect() }) {
			return false
		}
		excess--
		unlist(m.alike, c.Fingerprint, c)
		unlist(m.undoing, c.Undoes, c)
		delete(m.changes, id)
		delete(m.stops, id)
		delete(m.sizes, id)
		return true
	})
	m.fewest = len(m.order) + excess/8 + 1
}

// unlist takes a change off a list.
func unlist(lists map[string][]*Change, key string, c *Change) {
	rest := slices.DeleteFunc(lists[key], func(listed *Change) bool { return listed == c })
	if lists[key] = rest; len(rest) == 0 {
		delete(lists, key)
	}
}

// Find implements [Store].
func (m *Memory) Find(ctx context.Context, id string) (Change, error) {
	return m.find(ctx, id, func(*Change) bool { return true })
}

// Get implements [Store].
func (m *Memory) Get(ctx context.Context, principal, id string) (Change, error) {
	return m.find(ctx, id, func(c *Change) bool { return c.Principal == principal })
}

// find returns the change id, where it may be read.
func (m *Memory) find(ctx context.Context, id string, may func(*Change) bool) (Change, error) {
	if err := ctx.Err(); err != nil {
		return Change{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.changes[id]
	if !ok || !may(c) {
		return Change{}, ErrNotFound
	}
	return c.Clone(), nil
}

// Status implements [Store].
func (m *Memory) Status(ctx context.Context, principal, id string) (status Status, owned bool, err error) {
	if err := ctx.Err(); err != nil {
		return "", false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.changes[id]
	if !ok || c.Principal != principal {
		return "", false, ErrNotFound
	}
	owned = c.Status == StatusApproved || c.Status == StatusApplying
	if until, ok := m.unowned[id]; ok && c.Unowned() {
		owned = time.Now().Before(until)
	}
	return c.Status, owned, nil
}

// Advance implements [Store].
func (m *Memory) Advance(ctx context.Context, id string, step Step) (Change, error) {
	if err := ctx.Err(); err != nil {
		return Change{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.changes[id]
	if !ok {
		return Change{}, ErrNotFound
	}
	next := c.Clone()
	unresolved, err := next.Advance(step, true, m.frozen, func() (Recent, error) { return m.recent(c, step.At) })
	if err != nil {
		return c.Clone(), err
	}
	if step.To == StatusDeclined {
		declined, err := DeclineKeys(c.Items)
		if err != nil {
			return Change{}, err
		}
		m.declined = slices.DeleteFunc(m.declined, func(no decline) bool { return no.at.Before(step.At.Add(-DeclineHolds)) })
		m.declined = append(m.declined, decline{c.Principal, step.At, declined})
	}
	if *c = next; c.Unowned() {
		m.unowned[id] = time.Time{}
	}
	c.Record(unresolved)
	m.tell(c)
	m.shared.outbox.write(stepEvents(c, step)...)
	return c.Clone(), nil
}

// Record implements [Store].
func (m *Memory) Record(ctx context.Context, id string, outcomes []Recorded) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.changes[id]
	if !ok {
		return ErrNotFound
	}
	if err := c.CheckRecord(len(c.Items), outcomes); err != nil {
		return err
	}
	counts := slices.ContainsFunc(outcomes, func(r Recorded) bool {
		return r.TargetID != "" || r.Outcome.MayHaveEffect() != c.Items[r.Index].Outcome.MayHaveEffect()
	})
	if c.Record(outcomes); counts {
		m.tell(c)
	}
	return nil
}

// RecordJob implements [Store].
func (m *Memory) RecordJob(ctx context.Context, id string, job Job) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.changes[id]
	switch {
	case !ok:
		return ErrNotFound
	case c.Status != StatusApplying:
		return ErrStatusChanged
	}
	c.RecordJob(job)
	return nil
}

// List implements [Store].
func (m *Memory) List(ctx context.Context, principal string, query Query) ([]Summary, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	list := []Summary{}
	email := strings.ToLower(query.Email) // as the other stores keep them: they fold no more than that
	reached := query.After == ""
	for _, id := range slices.Backward(m.order) {
		c := m.changes[id]
		if principal != "" && c.Principal != principal {
			continue
		}
		if !reached {
			reached = id == query.After
			continue
		}
		if query.Status != "" && c.StatusAt(query.At) != query.Status ||
			query.Fingerprint != "" && c.Fingerprint != query.Fingerprint ||
			email != "" && strings.ToLower(c.Person.VouchedEmail()) != email ||
			!query.Before.IsZero() && !c.CreatedAt.Before(query.Before) {
			continue
		}
		if len(list) == query.Limit {
			break
		}
		summary := Summary{Change: c.Clone(), Count: CountItems(c.Items)}
		summary.Change.Status = c.StatusAt(query.At)
		if summary.Change.Items = nil; len(c.Items) > 0 {
			summary.First = c.Items[0]
		}
		list = append(list, summary)
	}
	return list, nil
}

// ClaimInterrupted implements [Store]. There is never any but what people approved, each once within claimHolds: what
// was being applied ended with the process, and so did this store.
func (m *Memory) ClaimInterrupted(ctx context.Context, only ...string) ([]Change, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var claimed []Change
	now := time.Now()
	for id, until := range m.unowned {
		c := m.changes[id]
		switch {
		case c == nil || !c.Unowned():
			delete(m.unowned, id)
		case m.freeze == nil && now.After(until) && (len(only) == 0 || slices.Contains(only, id)):
			m.unowned[id] = now.Add(claimHolds)
			claimed = append(claimed, c.Clone())
		}
	}
	return claimed, nil
}

// PurgeValues implements [Store].
func (m *Memory) PurgeValues(ctx context.Context, before time.Time) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, c := range m.changes {
		if !c.Purged && c.CreatedAt.Before(before) && c.Status != StatusApplying {
			c.PurgeValues()
			n++
		}
	}
	return n, nil
}

// Append implements [Store]. It keeps no trail, which nobody could read afterwards.
func (m *Memory) Append(ctx context.Context, _ ...Event) error { return ctx.Err() }

// AppendSoon implements [Store], as Append does.
func (m *Memory) AppendSoon(...Event) error { return nil }
