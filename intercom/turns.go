package intercom

import (
	"context"
	"slices"
)

type principalKey struct{}

// ForPrincipal has requests with the context count as made for a principal: those who wait for the rate budget at the
// same [Priority] take turns by principal. Requests of no principal take turns as one of their own.
func ForPrincipal(ctx context.Context, principal string) context.Context {
	return context.WithValue(ctx, principalKey{}, principal)
}

// PrincipalOf returns the principal of [ForPrincipal], or "".
func PrincipalOf(ctx context.Context) string {
	principal, _ := ctx.Value(principalKey{}).(string)
	return principal
}

// waiter is a queued caller. Closing ready admits it.
type waiter struct {
	principal string
	ready     chan struct{}
}

// turns is a queue that principals leave in turn, one waiter each; those of one principal leave in the order in which
// they came. It holds nothing of principals without waiters. The zero turns is empty.
type turns struct {
	n      int
	order  []string // principals with waiters, the next one first
	queued map[string][]*waiter
}

func (t *turns) push(w *waiter) {
	if t.queued == nil {
		t.queued = make(map[string][]*waiter)
	}
	if len(t.queued[w.principal]) == 0 {
		t.order = append(t.order, w.principal)
	}
	t.queued[w.principal] = append(t.queued[w.principal], w)
	t.n++
}

// pop removes the next waiter; there has to be one.
func (t *turns) pop() *waiter {
	principal := t.order[0]
	t.order = t.order[1:]
	queue := t.queued[principal]
	if t.n--; len(queue) > 1 {
		t.queued[principal] = queue[1:]
		t.order = append(t.order, principal)
	} else {
		delete(t.queued, principal)
	}
	return queue[0]
}

// remove removes a waiter, and reports whether it was there.
func (t *turns) remove(w *waiter) bool {
	queue := t.queued[w.principal]
	i := slices.Index(queue, w)
	if i < 0 {
		return false
	}
	if t.n--; len(queue) > 1 {
		t.queued[w.principal] = slices.Delete(queue, i, i+1)
	} else {
		delete(t.queued, w.principal)
		t.order = slices.DeleteFunc(t.order, func(p string) bool { return p == w.principal })
	}
	return true
}

// ahead counts the waiters that leave before a new one of a principal, if no others come.
func (t *turns) ahead(principal string) int {
	own := len(t.queued[principal])
	n := own
	for other, queue := range t.queued {
		if other != principal {
			n += min(len(queue), own+1)
		}
	}
	return n
}
