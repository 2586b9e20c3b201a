package serve

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"intercom-mcp/tools/serve/internal/auth"
)

// The reasons for which a connection or a request is refused before it is carried out, in log and metrics.
const (
	refusedNoToken   = "no_token"           // 401: a client that has yet to sign in
	refusedToken     = "invalid_token"      // 401
	refusedScope     = "insufficient_scope" // 403
	refusedMode      = "mode"               // the line in the file of tokens is too narrow for the tool
	refusedNoKeys    = "no_keys"            // 503: the identity provider cannot be asked
	refusedHost      = "host"               // 403
	refusedOrigin    = "origin"             // 403
	refusedReach     = "reach"              // 403: another program's server is reached as [HTTP] lets none be
	refusedHandshake = "tls_handshake"
	refusedStreams   = "streams"     // 429: a principal has too many that listen
	refusedConns     = "connections" // closed, since there are too many
)

// Of the refusals of one reason in a minute so many are logged, in all and of one peer: a flood must neither fill the
// log nor hide what else is refused. All are counted.
const (
	refusalWindow    = time.Minute
	maxRefusals      = 60
	maxRefusalsEach  = 5
	maxRefusalDetail = 120 // bytes of what a client sent
)

// refusals logs and counts what is refused, with the peer's address and never with what it sent as a secret. It is safe
// for concurrent use.
type refusals struct {
	log     *slog.Logger
	metrics *Metrics
	proxied bool // a proxy in front tells whose request it is

	mu  sync.Mutex
	all map[string]*refusalCount // by reason
}

// refusalCount is what was refused for one reason within a window.
type refusalCount struct {
	since    time.Time
	logged   int
	each     map[string]int // by the peer's address, of those logged
	unlogged int            // since the last line
}

func newRefusals(log *slog.Logger, metrics *Metrics, proxied bool) *refusals {
	return &refusals{log: log, metrics: metrics, proxied: proxied, all: make(map[string]*refusalCount)}
}

// request tells of a request that is refused. facts are further keys and values of the line.
func (f *refusals) request(r *http.Request, reason, why string, facts ...any) {
	peer := r.RemoteAddr
	if f.proxied {
		if client := auth.ForwardedFor(r.Header); client.IsValid() {
			facts = append(facts, "client", client.String())
			peer = net.JoinHostPort(client.String(), "0")
		}
	}
	f.tell(r.Context(), reason, peer, append([]any{"why", why, "peer", r.RemoteAddr}, facts...))
}

// bearer tells of a request whose bearer is not admitted.
func (f *refusals) bearer(r *http.Request, refused *auth.Refusal) {
	reason := refusedToken
	switch {
	case refused.Status == http.StatusServiceUnavailable:
		reason = refusedNoKeys
	case refused.Status == http.StatusForbidden:
		reason = refusedScope
	case refused.Code == "":
		reason = refusedNoToken
	}
	var facts []any
	if refused.Principal != "" {
		facts = []any{"principal", refused.Principal}
	}
	if refused.Cause != nil {
		facts = append(facts, "cause", refused.Cause)
	}
	f.request(r, reason, refused.Text, facts...)
}

// connection tells of a connection that is refused.
func (f *refusals) connection(reason, why, peer string) {
	f.tell(context.Background(), reason, peer, []any{"why", why, "peer", peer})
}

// tell counts a refusal, and logs it unless there were too many.
func (f *refusals) tell(ctx context.Context, reason, peer string, facts []any) {
	f.metrics.refuse(reason)
	unlogged, ok := f.admit(reason, peer, time.Now())
	if !ok {
		return
	}
	if unlogged > 0 {
		facts = append(facts, "not_logged", unlogged)
	}
	level := slog.LevelWarn
	if reason == refusedNoToken {
		level = slog.LevelInfo // each client's first request
	}
	f.log.Log(ctx, level, "refused", append([]any{"reason", reason}, facts...)...)
}

// admit reports whether a refusal is logged, and how many before it were not.
func (f *refusals) admit(reason, peer string, now time.Time) (unlogged int, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	count := f.all[reason]
	if count == nil {
		count = &refusalCount{}
		f.all[reason] = count
	}
	if now.Sub(count.since) >= refusalWindow {
		count.since, count.logged, count.each = now, 0, make(map[string]int)
	}
	host, _, err := net.SplitHostPort(peer)
	if err != nil {
		host = peer
	}
	if count.logged >= maxRefusals || count.each[host] >= maxRefusalsEach {
		count.unlogged++
		return 0, false
	}
	count.logged++
	count.each[host]++
	unlogged, count.unlogged = count.unlogged, 0
	return unlogged, true
}

// close logs how many refusals have not been.
func (f *refusals) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for reason, count := range f.all {
		if count.unlogged > 0 {
			f.log.Warn("refused", "reason", reason, "not_logged", count.unlogged)
			count.unlogged = 0
		}
	}
}

// clipped is what of a text of a client's is logged.
func clipped(text string) string {
	if len(text) <= maxRefusalDetail {
		return text
	}
	return strings.ToValidUTF8(text[:maxRefusalDetail], "") + "…"
}

// serverLog takes what net/http logs by itself: of handshakes that fail it tells as of other refusals.
type serverLog struct {
	refused *refusals
	log     *slog.Logger
}

// Write implements [io.Writer] for one line.
func (l serverLog) Write(line []byte) (int, error) {
	text := strings.TrimSpace(string(line))
	if rest, ok := strings.CutPrefix(text, "http: TLS handshake error from "); ok {
		peer, why, _ := strings.Cut(rest, ": ")
		l.refused.connection(refusedHandshake, clipped(why), peer)
		return len(line), nil
	}
	l.log.Warn(text)
	return len(line), nil
}
