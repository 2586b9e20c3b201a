package serve

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// allowedOrigins returns the origins that an operator's list stands for, as browsers write them: in lower case, and
// without the port that is the scheme's own. An entry that no page has is an error.
func allowedOrigins(list []string) ([]string, error) {
	standard := http.NewCrossOriginProtection()
	var origins []string
	for _, entry := range list {
		origin := strings.ToLower(strings.TrimSpace(entry))
		if err := standard.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("serve: allowed origin: %w", err)
		}
		if strings.Contains(origin, "*") {
			return nil, fmt.Errorf("serve: allowed origin %q is a pattern: list every origin", entry)
		}
		if scheme, _, _ := strings.Cut(origin, "://"); defaultPorts[scheme] != "" {
			origin = strings.TrimSuffix(origin, defaultPorts[scheme])
		}
		origins = append(origins, origin)
	}
	return origins, nil
}

// defaultPorts are what clients leave out, by scheme.
var defaultPorts = map[string]string{"http": ":80", "https": ":443"}

// originAllowed reports whether the page that a request comes from may call: the server's own, and those that were
// listed. What is no browser names no page; a browser that names none says in Sec-Fetch-Site whose it is. That header
// does not make up for an Origin, which every browser sends with what it posts.
func (g *guard) originAllowed(r *http.Request) bool {
	if origins, named := r.Header["Origin"]; named {
		return slices.Contains(g.pages, origins[0]) || ownOrigin(origins[0], r.Host)
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return false
}

// ownOrigin reports whether an origin is that of the host, at which the server was called.
func ownOrigin(origin, host string) bool {
	page, err := url.Parse(origin)
	if err != nil || page.Host == "" {
		return false
	}
	port := defaultPorts[page.Scheme]
	bare := func(host string) string { return strings.TrimSuffix(strings.ToLower(host), port) }
	return port != "" && bare(page.Host) == bare(host)
}
