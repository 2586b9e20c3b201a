package sandbox

import (
	"sync/atomic"
	"time"
)

// clock is the sandbox's time: a base clock and what Advance added to it.
type clock struct {
	base  func() time.Time
	extra atomic.Int64 // nanoseconds
}

func (c *clock) now() time.Time {
	return c.base().Add(time.Duration(c.extra.Load()))
}

func (c *clock) advance(d time.Duration) { c.extra.Add(int64(d)) }
