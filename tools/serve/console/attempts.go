package console

import (
	"maps"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"intercom-mcp/tools/serve/internal/auth"
)

// How often anybody may try to sign in from one network: an IPv4 address, or the 64 bits of an IPv6 one that a provider
// hands out together.
const (
	attemptEvery   = time.Second
	attemptsAtOnce = 20
	maxNetworks    = 4096 // that are told apart; others share one limit
	networkBits    = 64   // of an IPv6 address
)

// attempts bounds how often anybody may try to sign in. Nobody is known by then, so it goes by networks, of which none
// keeps out another. All that this machine sends is of one. It is safe for concurrent use.
type attempts struct {
	proxied bool // a proxy in front tells whose request it is
	now     func() time.Time

	mu   sync.Mutex
	each map[netip.Prefix]*rate.Limiter
	rest *rate.Limiter // of the networks that there was no room for
}

func newAttempts(proxied bool, now func() time.Time) *attempts {
	return &attempts{proxied: proxied, now: now, each: make(map[netip.Prefix]*rate.Limiter), rest: newAttemptLimit()}
}

func newAttemptLimit() *rate.Limiter {
	return rate.NewLimiter(rate.Every(attemptEvery), attemptsAtOnce)
}

// allow reports whether a request may try to sign in, and counts it.
func (a *attempts) allow(r *http.Request) bool {
	return a.limitOf(networkOf(a.client(r))).AllowN(a.now(), 1)
}

// client is the address by whose network a request is limited.
func (a *attempts) client(r *http.Request) netip.Addr { return auth.ClientAddress(r, a.proxied) }

// limitOf is the limit of a network. Those that have all of theirs again are forgotten once there is no room.
func (a *attempts) limitOf(network netip.Prefix) *rate.Limiter {
	a.mu.Lock()
	defer a.mu.Unlock()
	if known := a.each[network]; known != nil {
		return known
	}
	if len(a.each) >= maxNetworks {
		now := a.now()
		maps.DeleteFunc(a.each, func(_ netip.Prefix, l *rate.Limiter) bool { return l.TokensAt(now) >= attemptsAtOnce })
	}
	if len(a.each) >= maxNetworks {
		return a.rest
	}
	a.each[network] = newAttemptLimit()
	return a.each[network]
}

// networkOf is the network of an address; the zero Prefix for this machine, and where there is no address.
func networkOf(address netip.Addr) netip.Prefix {
	address = address.Unmap()
	if !address.IsValid() || address.IsLoopback() {
		return netip.Prefix{}
	}
	network, _ := address.Prefix(min(networkBits, address.BitLen())) // never too many bits
	return network
}
