package intercom

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pool grants requests of windows to all who share it, as a store does.
type pool struct {
	mu         sync.Mutex
	epoch      int64
	used       int
	asked      int
	down       bool
	takes      time.Duration
	mostShared int
}

func (p *pool) lease(ctx context.Context, epoch int64, limit, want int) (granted, left int, err error) {
	select {
	case <-time.After(p.takes):
	case <-ctx.Done():
		return 0, 0, ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	if p.down {
		return 0, 0, errors.New("away")
	}
	switch {
	case epoch < p.epoch:
		return 0, 0, nil
	case epoch > p.epoch:
		p.epoch, p.used = epoch, 0
	}
	left = max(limit-p.used, 0)
	granted = min(want, max(left/4, 1), left)
	p.used += granted
	p.mostShared = max(p.mostShared, p.used)
	return granted, left - granted, nil
}

// TestShare has three clients use all that a token may: together they stay within its windows, use most of them, and
// ask for few of their requests. With nobody to ask, each takes its part.
func TestShare(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		p    *pool
		most float64 // requests that go with one question
	}{
		"shared":          {&pool{takes: 3 * time.Millisecond}, 4},
		"by a slow store": {&pool{takes: 500 * time.Millisecond}, 4},
		"nobody there":    {&pool{down: true}, 20},
		"hangs":           {&pool{takes: time.Hour}, 20},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const limit, clients = 500, 3
				l, p := &limiter{limit: limit}, test.p
				time.Sleep(3300 * time.Millisecond)
				ctx, enough := context.WithCancel(background)
				var group sync.WaitGroup
				sent := 0
				all := make([]*Client, clients)
				for i := range clients {
					all[i], _ = newFake(t, Config{Share: Share{Lease: p.lease, Clients: clients}}, func(n int, r *http.Request) reply {
						return l.answer(n, r)
					})
					if err := get(background, all[i]); err != nil {
						t.Fatal(err)
					}
				}
				var mu sync.Mutex
				for _, c := range all {
					for range 32 {
						group.Go(func() {
							for get(ctx, c) == nil {
								mu.Lock()
								sent++
								mu.Unlock()
							}
						})
					}
				}
				time.Sleep(60 * time.Second)
				enough()
				group.Wait()
				for _, c := range all {
					c.Close()
				}
				t.Logf("%d requests in a minute, at most %d of %d in a window, %d answers 429, %d questions", sent, l.most, limit,
					l.refused, p.asked)
				if l.refused > 0 || l.most < limit*8/10 || sent < 6*limit*7/10 {
					t.Errorf("%d answers 429, at most %d of %d in a window, %d in all", l.refused, l.most, limit, sent)
				}
				if float64(sent) < test.most*float64(p.asked) {
					t.Errorf("%d questions for %d requests", p.asked, sent)
				}
			})
		})
	}
}
