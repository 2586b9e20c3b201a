package serve

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// checkOrigins returns what is wrong with origins that an operator lists.
func checkOrigins(origins []string) error {
	standard := http.NewCrossOriginProtection()
	for _, origin := range origins {
		if err := standard.AddTrustedOrigin(origin); err != nil {
			return fmt.Errorf("serve: allowed origin: %w", err)
		}
	}
	return nil
}

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
	port := map[string]string{"http": ":80", "https": ":443"}[page.Scheme]
	bare := func(host string) string { return strings.TrimSuffix(strings.ToLower(host), port) }
	return port != "" && bare(page.Host) == bare(host)
}
