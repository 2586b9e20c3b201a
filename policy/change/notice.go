package change

import (
	"context"
	"crypto/rand"
	"time"

	"intercom-mcp/policy"
)

// NoticeKind says what a [Notice] is about.
type NoticeKind string

// The kinds of notices.
const (
	NoticeWaiting     NoticeKind = "waiting"      // a change waits for an approver
	NoticeApproved    NoticeKind = "approved"     // an approver confirmed a change
	NoticeDeclined    NoticeKind = "declined"     // a person said no
	NoticeStopped     NoticeKind = "stopped"      // a run was stopped
	NoticeFailed      NoticeKind = "failed"       // nothing of a change shows
	NoticeUnknown     NoticeKind = "unknown"      // of some of a change nobody knows whether it shows
	NoticeChainBroken NoticeKind = "chain_broken" // the audit trail is not as it was written
	NoticeFrozen      NoticeKind = "frozen"       // nothing more is to be written
)

// NoticeKinds lists every kind.
func NoticeKinds() []NoticeKind {
	return []NoticeKind{NoticeWaiting, NoticeApproved, NoticeDeclined, NoticeStopped, NoticeFailed, NoticeUnknown,
		NoticeChainBroken, NoticeFrozen}
}

const (
	// NoticeHolds is how long after it was written a notice is kept that nobody takes.
	NoticeHolds = 72 * time.Hour
	// MaxNotices is how many notices wait in a store at most: the newest.
	MaxNotices = 1000
)

// Notice tells that something happened that a person may want to look at, and nothing of customers.
type Notice struct {
	ID        string // like no other's, and the same each time it is sent
	Kind      NoticeKind
	Change    string    // the handle; empty where there is none
	At        time.Time // when it happened
	ExpiresAt time.Time // end of the wait for a confirmation; zero where nothing waits
	Tried     int       // how often it was sent in vain
	Problem   string    // why, the last time
	// Taken is how often the notice was taken, set by the store: who took it before has lost it.
	Taken int
}

// Outbox keeps the notices that wait to be sent. Those that come of events are written together with them, by whatever
// process, while some process wants them: none is lost with a process. Every method is safe for concurrent use; times
// are compared with the store's clock.
type Outbox interface {
	// Want has notices of some kinds be written from now on until a time. What was wanted before is wanted on.
	Want(ctx context.Context, until time.Time, kinds ...NoticeKind) error
	// Add adds a notice of what is no event, where its kind is wanted; one whose ID is or was in the outbox, within
	// [NoticeHolds], is not added again.
	Add(ctx context.Context, n Notice) error
	// Take returns the notices of some kinds that are due and that nobody holds, oldest first, at most limit. They are
	// the caller's for the time lease.
	Take(ctx context.Context, lease time.Duration, limit int, kinds ...NoticeKind) ([]Notice, error)
	// Delivered removes a notice that was taken and sent. It returns ErrFenced where another has taken it since.
	Delivered(ctx context.Context, n Notice) error
	// Retry puts a notice that was taken, and sent in vain, back until a time, for the reason why. It returns ErrFenced as
	// Delivered does.
	Retry(ctx context.Context, n Notice, at time.Time, why string) error
	// GiveUp removes a notice that was taken, and cannot be sent, for the reason why: an event of the trail. It returns
	// ErrFenced as Delivered does.
	GiveUp(ctx context.Context, n Notice, why string) error
	// Waiting returns the notices that wait, sent in vain or never, oldest first, at most limit.
	Waiting(ctx context.Context, limit int) ([]Notice, error)
}

// Notices are what events bring into the outbox, in their order, and whether or not anybody wants it.
func Notices(events ...Event) (notices []Notice) {
	for i := range events {
		e := &events[i]
		kind, ok := e.notice()
		if !ok {
			continue
		}
		n := Notice{ID: "ntc_" + rand.Text(), Kind: kind, Change: e.Change, At: e.Time}
		if n.At.IsZero() {
			n.At = time.Now()
		}
		if expires, err := time.Parse(EventTime, e.Facts[factExpires]); err == nil {
			n.ExpiresAt = expires
		}
		notices = append(notices, n)
	}
	return notices
}

// factExpires is the fact of a planned change that waits: until when.
const factExpires = "expires"

// notice is the kind of notice that an event brings, if it does. What the user of the client confirms waits for nobody
// else.
func (e *Event) notice() (NoticeKind, bool) {
	approver := policy.LevelApprover.String()
	switch e.Kind {
	case KindPlanned:
		return NoticeWaiting, Status(e.Facts["status"]) == StatusAwaiting && e.Facts["level"] == approver
	case KindApproved:
		return NoticeApproved, e.Facts["level"] == approver && Status(e.Facts["status"]) != StatusAwaiting
	case KindFrozen:
		return NoticeFrozen, true
	case Kind(StatusDeclined), Kind(StatusStopped), Kind(StatusFailed), Kind(StatusUnknown):
		return NoticeKind(e.Kind), true
	}
	return "", false
}

// Undelivered records that a notice could not be sent.
func (n Notice) Undelivered(why string) Event {
	return Event{Kind: KindUndelivered, Change: n.Change, Facts: map[string]string{"notice": string(n.Kind),
		"reason": why}}
}
