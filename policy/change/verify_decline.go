package change

import (
	"maps"
	"slices"
	"time"
)

// blockedKey is a key of a decline: what a principal's changes may not write since a time. Without a key it stands for
// the whole decline.
type blockedKey struct {
	principal string
	at        int64 // nanoseconds since 1970
	key       DeclineKey
}

// expectedDeclines are the keys of declines that a store should keep.
type expectedDeclines struct {
	blocked map[blockedKey]int  // how many more the store keeps than it should
	purged  map[blockedKey]bool // declines whose keys are not known any more
	since   time.Time           // what was declined before may be kept or not
	left    int                 // how many were, when those before since were dropped
}

func newExpectedDeclines() expectedDeclines {
	return expectedDeclines{blocked: make(map[blockedKey]int), purged: make(map[blockedKey]bool)}
}

// match reports whether the store keeps what it should.
func (d *expectedDeclines) match() bool {
	for key, more := range d.blocked {
		if more != 0 && key.at >= d.since.UnixNano() {
			return false
		}
	}
	return true
}

// expect expects the store to keep the keys of a change that was declined.
func (d *expectedDeclines) expect(c *Change) error {
	if since := c.EndedAt.Add(-DeclineHolds); since.After(d.since) {
		d.since = since
		d.prune()
	}
	at := c.EndedAt.UnixNano()
	if c.Purged || slices.ContainsFunc(c.Items, func(item Item) bool { return item.Erased }) {
		d.purged[blockedKey{principal: c.Principal, at: at}] = true
		return nil
	}
	keys, err := DeclineKeys(c.Items)
	for _, key := range keys {
		d.blocked[blockedKey{c.Principal, at, key}]--
	}
	return err
}

// prune drops what was declined before since, now and then.
func (d *expectedDeclines) prune() {
	if len(d.blocked)+len(d.purged) < 2*d.left+1000 {
		return
	}
	since := d.since.UnixNano()
	maps.DeleteFunc(d.blocked, func(key blockedKey, _ int) bool { return key.at < since })
	maps.DeleteFunc(d.purged, func(key blockedKey, _ bool) bool { return key.at < since })
	d.left = len(d.blocked) + len(d.purged)
}

// keep counts a key that the store keeps of a decline.
func (d *expectedDeclines) keep(principal string, at time.Time, key DeclineKey) {
	if !d.purged[blockedKey{principal: principal, at: at.UnixNano()}] {
		d.blocked[blockedKey{principal, at.UnixNano(), key}]++
	}
}
