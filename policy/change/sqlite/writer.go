package sqlite

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// mostTogether is how many updates one transaction takes at most.
const mostTogether = 64

// writer carries out the updates of a store in the order in which they came. Those that wait at the same time share a
// transaction, and so one wait for the disk: each has a savepoint of its own, so that one that fails undoes itself
// alone, and all are answered once the transaction is on the disk. A goroutine does it while any wait. It is safe for
// concurrent use.
type writer struct {
	file  *file
	soon  *stored.Backlog // goes along with the next transaction
	loops sync.WaitGroup

	mu      sync.Mutex // guards what follows
	waiting []*update  // in the order in which they came
	giveUp  func()     // ends the wait for the file's write lock; nil while there is none
	running bool       // whether loop runs
}

// update is what one caller has recorded.
type update struct {
	workspace string // to which the file is to be bound; empty: to any
	do        func(*connection) error
	done      chan struct{} // closed once the rest is set
	err       error
	panicked  any // of do, for the caller
}

// carryOut has do be carried out, and returns once that is on the disk. When ctx ends while it waits, it is withdrawn;
// what is under way comes to its end, which is soon.
func (w *writer) carryOut(ctx context.Context, workspace string, do func(*connection) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	u := &update{workspace: workspace, do: do, done: make(chan struct{})}
	w.add(u)
	select {
	case <-u.done:
	case <-ctx.Done():
		if w.withdraw(u) {
			return ctx.Err()
		}
		<-u.done
	}
	if u.panicked != nil {
		panic(u.panicked)
	}
	return u.err
}

// stop returns when nothing waits.
func (w *writer) stop() { w.loops.Wait() }

func (w *writer) add(u *update) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting = append(w.waiting, u)
	if !w.running {
		w.running = true
		w.loops.Go(w.loop)
	}
}

// withdraw takes an update back that still waits, which it reports.
func (w *writer) withdraw(u *update) bool {
	if len(w.takeOf([]*update{u})) == 0 {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) == 0 && w.giveUp != nil {
		w.giveUp()
	}
	return true
}

// take takes the updates that have waited longest.
func (w *writer) take() []*update {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := min(mostTogether, len(w.waiting))
	taken := slices.Clone(w.waiting[:n])
	w.waiting = slices.Delete(w.waiting, 0, n)
	return taken
}

// takeOf takes those of some updates that still wait.
func (w *writer) takeOf(some []*update) (taken []*update) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting = slices.DeleteFunc(w.waiting, func(u *update) bool {
		found := slices.Contains(some, u)
		if found {
			taken = append(taken, u)
		}
		return found
	})
	return taken
}

// loop carries updates out until none wait.
func (w *writer) loop() {
	for {
		w.mu.Lock()
		if len(w.waiting) == 0 {
			w.running = false
			w.mu.Unlock()
			return
		}
		first := slices.Clone(w.waiting)
		ctx, cancel := context.WithCancel(context.Background())
		w.giveUp = cancel
		w.mu.Unlock()
		err := w.begin(ctx)
		w.mu.Lock()
		w.giveUp = nil
		w.mu.Unlock()
		cancel()
		if err != nil {
			w.soon.Done(nil, err)
			answer(w.takeOf(first), err) // who came later has not waited as long
			continue
		}
		w.together(w.take())
	}
}

// begin begins a transaction that holds the write lock, for which it waits until ctx ends, and for busyTimeout at most.
func (w *writer) begin(ctx context.Context) error {
	if err := w.file.checkPlace(); err != nil {
		return err
	}
	if err := w.file.write.begin(ctx); err != nil {
		return err
	}
	err := w.file.checkVersion(ctx, w.file.write)
	if err != nil {
		w.file.write.rollback()
	}
	return err
}

// together carries updates out in the transaction that has begun, commits it, and answers them. Where SQLite undoes the
// transaction by itself, as on a full disk, what was done in it is lost for all of them, and the rest waits on; where
// that is on account of the events that go along, all are answered so: the next transaction would fare no better.
func (w *writer) together(updates []*update) {
	conn := w.file.write
	events := w.soon.Take()
	if len(events) > 0 {
		err := conn.savepoint(func() error { return appendEvents(context.Background(), conn, events...) })
		if err != nil {
			w.soon.Done(events, err)
			events = nil
		}
		if !conn.begun {
			conn.rollback()
			answer(updates, err)
			return
		}
	}
	for n, u := range updates {
		if u.err = conn.savepoint(func() error { return w.try(u) }); u.err == nil || conn.begun {
			continue
		}
		conn.rollback()
		w.mu.Lock()
		w.waiting = slices.Concat(updates[n+1:], w.waiting)
		w.mu.Unlock()
		w.end(updates[:n+1], events, u.err)
		return
	}
	err := conn.commit()
	if err != nil {
		conn.rollback()
	}
	w.end(updates, events, err)
}

// try carries one update out, and turns a panic into an error.
func (w *writer) try(u *update) (err error) {
	defer func() {
		if u.panicked = recover(); u.panicked != nil {
			u.panicked = fmt.Sprintf("%v\n%s", u.panicked, debug.Stack())
			err = fmt.Errorf("panic: %v", u.panicked)
		}
	}()
	if u.workspace != "" {
		if err := claim(context.Background(), w.file.write, w.file.path, u.workspace); err != nil {
			return err
		}
	}
	return u.do(w.file.write)
}

// end tells what became of a transaction.
func (w *writer) end(updates []*update, events []change.Event, err error) {
	if len(events) > 0 {
		w.soon.Done(events, err)
	}
	answer(updates, err)
}

// answer answers updates that have ended; an error that all of them share counts more than their own.
func answer(updates []*update, shared error) {
	for _, u := range updates {
		if shared != nil {
			u.err = shared
		}
		close(u.done)
	}
}
