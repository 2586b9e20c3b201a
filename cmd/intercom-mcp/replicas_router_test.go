//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"
)

// router sends each request to any of some replicas, as a load balancer does: one that refuses the connection is passed
// over, and what was sent is not sent again. It is safe for concurrent use.
type router struct {
	*httputil.ReverseProxy
	live      func() []*replica
	transport *http.Transport
	sticky    bool // a request of a session goes where the session began

	mu       sync.Mutex
	sessions map[string]*replica
	asked    map[*replica]bool // whether it is ready, and has yet to answer
	out      map[*replica]bool // taken out, since not ready
	answered map[*replica]int
}

const sessionHeader = "Mcp-Session-Id"

func newRouter(live func() []*replica) *router {
	r := &router{live: live, transport: &http.Transport{MaxIdleConnsPerHost: 64}, sessions: make(map[string]*replica),
		asked: make(map[*replica]bool), out: make(map[*replica]bool), answered: make(map[*replica]int)}
	r.ReverseProxy = &httputil.ReverseProxy{
		Rewrite: func(*httputil.ProxyRequest) {}, Transport: r, FlushInterval: -1, ErrorLog: log.New(io.Discard, "", 0),
	}
	return r
}

// RoundTrip implements [http.RoundTripper].
func (r *router) RoundTrip(request *http.Request) (*http.Response, error) {
	var body []byte
	if request.Body != nil {
		var err error
		if body, err = io.ReadAll(request.Body); err != nil {
			return nil, err
		}
	}
	session := request.Header.Get(sessionHeader)
	err := errors.New("no replica is live")
	for _, p := range r.order(session) {
		target, broken := url.Parse(p.url)
		if broken != nil {
			return nil, broken
		}
		try := request.Clone(request.Context())
		try.URL.Scheme, try.URL.Host = target.Scheme, target.Host
		try.Body, try.GetBody = io.NopCloser(bytes.NewReader(body)), nil
		var response *http.Response
		if response, err = r.transport.RoundTrip(try); err == nil {
			r.learn(p, response.Header.Get(sessionHeader))
			return response, nil
		}
		var refused *net.OpError
		if !errors.As(err, &refused) || refused.Op != "dial" {
			return nil, err
		}
	}
	return nil, err
}

// order lists the replicas to try, one after the other.
func (r *router) order(session string) []*replica {
	live := r.live()
	r.mu.Lock()
	defer r.mu.Unlock()
	ready := live[:0]
	for _, p := range live {
		if !r.out[p] {
			ready = append(ready, p)
		}
	}
	rand.Shuffle(len(ready), func(i, j int) { ready[i], ready[j] = ready[j], ready[i] })
	if own := r.sessions[session]; r.sticky && own != nil {
		ready = append([]*replica{own}, ready...)
	}
	return ready
}

// learn remembers who answered, and where a session began.
func (r *router) learn(p *replica, session string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answered[p]++
	if session != "" && r.sessions[session] == nil {
		r.sessions[session] = p
	}
}

// used counts the replicas that answered something.
func (r *router) used() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.answered)
}

// owner is the replica where a session began; nil where none did.
func (r *router) owner(session string) *replica {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sessions[session]
}

// stick has the requests of a session go where it began from now on.
func (r *router) stick() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sticky = true
}

// watch asks each replica whether it is ready, and takes out who is not, until done is closed. One that is slow to
// answer delays no news of another.
func (r *router) watch(done <-chan struct{}) {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	var asking sync.WaitGroup
	defer asking.Wait()
	for {
		for _, p := range r.live() {
			if r.ask(p) {
				asking.Go(func() {
					ready := false
					if response, err := client.Get(p.admin + "/readyz"); err == nil {
						ready = response.StatusCode == http.StatusOK
						_ = response.Body.Close()
					}
					r.take(p, ready)
				})
			}
		}
		select {
		case <-done:
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// ask reports whether a replica is to be asked whether it is ready: it has answered what it was asked before.
func (r *router) ask(p *replica) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked[p] {
		return false
	}
	r.asked[p] = true
	return true
}

// take takes a replica's answer whether it is ready.
func (r *router) take(p *replica, ready bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked[p], r.out[p] = false, !ready
}
