package serve

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"intercom-mcp/tools/serve/internal/auth"
)

// CheckAllowed returns why an entry of [HTTPOptions.AllowedHosts] or [HTTPOptions.AllowedOrigins] never matches a
// request; nil where each may.
func CheckAllowed(hosts, origins []string) error {
	if _, err := allowedHosts(hosts); err != nil {
		return err
	}
	_, err := allowedOrigins(origins)
	return err
}

// allowedHosts returns the values of the Host header that an operator's list stands for, in lower case. An entry that
// no Host can match is an error. Clients leave out the port that is their protocol's own, so one with it stands for
// both.
func allowedHosts(list []string) ([]string, error) {
	var hosts []string
	for _, entry := range list {
		host := strings.ToLower(strings.TrimSpace(entry))
		if wrong := noHost(host); wrong != "" {
			return nil, fmt.Errorf("serve: allowed host %q %s", entry, wrong)
		}
		hosts = append(hosts, host)
		for _, port := range []string{":80", ":443"} {
			if name, ok := strings.CutSuffix(host, port); ok {
				hosts = append(hosts, name)
			}
		}
	}
	return hosts, nil
}

// noHost says why no Host header is ever a host, or is empty.
func noHost(host string) string {
	_, notAddress := netip.ParseAddr(host)
	parsed, err := url.Parse("//" + host)
	switch {
	case host == "":
		return "is empty"
	case strings.Contains(host, "*"):
		return "is a pattern: list every name"
	case strings.Contains(host, "://"):
		return "is a URL: write its host alone"
	case strings.ContainsAny(host, "/?#@"):
		return "has more than a name and a port: write those alone"
	case notAddress == nil: // such as ::1, which a URL has in brackets
		return ""
	case err != nil || parsed.Host != host || strings.HasSuffix(host, ":") || strings.ContainsAny(host, " ,;"):
		return "is no name with or without a port"
	}
	return ""
}

// hostAllowed checks the Host header, whatever its port. A name must be listed, except that a loopback address answers
// to localhost. An address must be a loopback one there, and elsewhere the very one that the connection came in at: a
// page cannot have its name be sent as an address, but what else talks to a server by another machine's address means
// another server.
func (g *guard) hostAllowed(r *http.Request) bool {
	host := strings.ToLower(r.Host)
	name := host
	if bare, _, err := net.SplitHostPort(host); err == nil {
		name = bare
	}
	if slices.Contains(g.hosts, host) || slices.Contains(g.hosts, name) {
		return true
	}
	if g.onLoopback(r) {
		return auth.LoopbackHost(name)
	}
	ip, err := netip.ParseAddr(strings.Trim(name, "[]"))
	local, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return err == nil && local != nil && ip.Unmap() == local.AddrPort().Addr().Unmap().WithZone("")
}

// loopbackAddr reports whether nobody outside this machine reaches addr.
func loopbackAddr(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}
