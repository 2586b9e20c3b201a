package serve

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"
)

// connections caps those that are open: in all, of strangers, who have brought no request that was admitted, and of one
// principal. Beyond a cap it closes the stranger that came first, or the connection that has been idle for longest, and
// where there is none the new one: who holds many connections must keep out nobody else. It is safe for concurrent use.
type connections struct {
	most, mostStrangers, mostEach int
	refused                       *refusals

	mu        sync.Mutex
	all       map[net.Conn]*connection
	strangers int
	each      map[string]int // by principal
}

// connection is one that is open.
type connection struct {
	conn      net.Conn
	principal string // of the last request that was admitted; "" for a stranger
	idle      bool
	since     time.Time // when it came, or began to be idle
}

// maxConnections is how many connections are open at a time where nothing else is set. Of them a quarter may be
// strangers', and half of one principal.
const maxConnections = 4096

func newConnections(most int, refused *refusals) *connections {
	most = cmp.Or(most, maxConnections)
	return &connections{most: most, mostStrangers: max(most/4, 1), mostEach: max(most/2, 1), refused: refused,
		all: make(map[net.Conn]*connection), each: make(map[string]int)}
}

type connectionKey struct{}

// open is the [http.Server.ConnContext] of a new connection.
func (c *connections) open(ctx context.Context, conn net.Conn) context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	own := &connection{conn: conn, since: time.Now()}
	c.all[conn] = own
	c.strangers++
	if c.strangers > c.mostStrangers {
		c.evict(c.oldest(func(other *connection) bool { return other.principal == "" }), "too many that have not signed in")
	}
	if len(c.all) > c.most {
		spare := c.oldest(func(other *connection) bool { return other.idle })
		if spare == nil {
			spare = own
		}
		c.evict(spare, "too many connections")
	}
	return context.WithValue(ctx, connectionKey{}, own)
}

// changed is the [http.Server.ConnState].
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	own := c.all[conn]
	switch {
	case own == nil: // closed here
	case state == http.StateClosed, state == http.StateHijacked:
		c.remove(own)
	case state == http.StateIdle:
		own.idle, own.since = true, time.Now()
	default:
		own.idle = false
	}
}

// admit tells whose the connection of a request is, or reports that the principal has too many that are in use.
func (c *connections) admit(ctx context.Context, principal string) bool {
	own, ok := ctx.Value(connectionKey{}).(*connection)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !ok || c.all[own.conn] != own || own.principal == principal {
		return true // no network, or closed meanwhile
	}
	if c.each[principal] >= c.mostEach {
		spare := c.oldest(func(other *connection) bool { return other.idle && other.principal == principal })
		if spare == nil {
			return false
		}
		c.close(spare)
	}
	c.forget(own)
	own.principal = principal
	c.each[principal]++
	return true
}

// oldest is the one of some connections that came, or began to be idle, first; nil where there is none. c.mu is held.
func (c *connections) oldest(of func(*connection) bool) (first *connection) {
	for _, other := range c.all {
		if of(other) && (first == nil || other.since.Before(first.since)) {
			first = other
		}
	}
	return first
}

// evict closes a connection that there is no room for, and tells of it. c.mu is held.
func (c *connections) evict(spare *connection, why string) {
	c.close(spare)
	if !spare.idle || spare.principal == "" {
		c.refused.connection(refusedConns, why, spare.conn.RemoteAddr().String())
	}
}

// close closes a connection at once: what TLS would still say to the client may take its time. c.mu
// is held.
func (c *connections) close(spare *connection) {
	c.remove(spare)
	conn := spare.conn
	if secured, ok := conn.(*tls.Conn); ok {
		conn = secured.NetConn()
	}
	_ = conn.Close() // it is of no use any more
}

// remove takes a connection out. c.mu is held.
func (c *connections) remove(own *connection) {
	delete(c.all, own.conn)
	c.forget(own)
}

// forget takes a connection out of the count of its principal. c.mu is held.
func (c *connections) forget(own *connection) {
	switch own.principal {
	case "":
		c.strangers--
	default:
		if c.each[own.principal]--; c.each[own.principal] == 0 {
			delete(c.each, own.principal)
		}
	}
}
