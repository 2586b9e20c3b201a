package intercom

import (
	"context"
	"sync"
	"time"
)

// Share has clients of one access token share its rate windows, in whatever processes they are. The zero Share shares
// with nobody.
type Share struct {
	// Lease takes up to want requests of the window that begins at an epoch, the same number for all who share it, of
	// limit requests in all. It returns how many were granted, and how many are left after that. Nil: nobody shares.
	Lease func(ctx context.Context, epoch int64, limit, want int) (granted, left int, err error)
	// Clients is how many share it: where Lease fails, a client takes its part of a window; 0 counts as 1.
	Clients int
}

const (
	// leasePart is the part of a window that is leased at once, as a divisor: most requests ask nobody.
	leasePart = 20
	// leaseTime bounds how long a lease may take.
	leaseTime = 2 * time.Second
	// leaseRetry is after how long a lease is tried again that failed.
	leaseRetry = 5 * time.Second
)

// lessee is what a budget holds of windows that it shares. The mutex of the budget guards it.
type lessee struct {
	share  Share
	epoch  int64     // of the window that the rest is about
	held   int       // requests that were leased, and not taken
	spent  int       // requests that were taken
	debt   int       // requests that count in the window, and were not leased
	alone  time.Time // until when none is asked for, since that failed
	asking bool
	asked  sync.WaitGroup
}

// draw takes one leased request of the window, or has more be leased, after which the queues are served. While the
// window is not known, and where leasing fails, it takes those of this client's part.
func (b *budget) draw(now time.Time) bool {
	l := b.lessee
	if l == nil {
		return true
	}
	if l.epoch != b.epoch {
		// What is under way may count in the new window, and so may what was taken before the windows were known.
		l.epoch, l.held, l.spent, l.debt = b.epoch, 0, 0, b.inFlight
	}
	switch {
	case l.held > 0:
		l.held--
		l.spent++
		return true
	case !b.known || now.Before(l.alone):
		if l.spent >= max((b.limit-b.limit/interactiveReserve)/max(l.share.Clients, 1), 1) {
			b.remaining = 0
			return false
		}
		l.spent++
		l.debt++
		return true
	case !l.asking:
		l.asking = true
		epoch, limit, want := b.epoch, b.limit, max(b.limit/leasePart, 1)+l.debt
		l.asked.Go(func() { b.lease(epoch, limit, want) })
	}
	return false
}

// isAsking reports whether requests are being leased, after which the queues are served.
func (b *budget) isAsking() bool { return b.lessee != nil && b.lessee.asking }

// lease leases requests of a window, and serves the queues.
func (b *budget) lease(epoch int64, limit, want int) {
	ctx, enough := context.WithTimeout(context.Background(), leaseTime)
	defer enough()
	l := b.lessee
	granted, left, err := l.share.Lease(ctx, epoch, limit, want)
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.roll(now)
	l.asking = false
	switch {
	case err != nil:
		l.alone = now.Add(leaseRetry)
	case epoch == b.epoch && l.epoch == epoch:
		paid := min(granted, l.debt)
		l.debt -= paid
		l.held += granted - paid
		b.remaining = min(b.remaining, l.held+left)
	}
	b.serve(now)
}
