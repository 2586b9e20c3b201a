package serve

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"intercom-mcp/policy"
	"intercom-mcp/tools"
	"intercom-mcp/tools/serve/internal/auth"
)

// resource is what clients are told who sign in at an identity provider.
// https://www.rfc-editor.org/rfc/rfc9728
type resource struct {
	metadataURL string
	metadata    []byte
	issuer      *Issuer
	mode        policy.Mode // whose scopes clients ask for
}

// widest is the mode that offers all of some tools.
func widest(offered []tools.Tool) policy.Mode {
	mode := policy.ModeRead
	for _, tool := range offered {
		for _, wider := range []policy.Mode{policy.ModeWrite, policy.ModeFull} {
			if !mode.Allows(tool.Effect) {
				mode = wider
			}
		}
	}
	return mode
}

// metadataPath is where clients look: with the path of the resource behind it, and without.
const metadataPath = "/.well-known/oauth-protected-resource"

// newResource describes a server at a public address.
func newResource(public string, issuer *Issuer, mode policy.Mode) (*resource, error) {
	base, err := publicBase(public)
	if err != nil {
		return nil, err
	}
	metadata, err := json.Marshal(map[string]any{
		"resource": base + "/mcp", "resource_name": "intercom-mcp", "authorization_servers": []string{issuer.URL()},
		"scopes_supported": issuer.Scopes(mode), "bearer_methods_supported": []string{"header"},
	})
	if err != nil {
		return nil, err
	}
	return &resource{base + metadataPath + "/mcp", metadata, issuer, mode}, nil
}

// publicBase is scheme and host of a public address, which may have /mcp behind it.
func publicBase(public string) (string, error) {
	if public == "" {
		return "", errors.New("serve: an issuer needs the public address of the server: what clients have to ask for " +
			"cannot be taken from a request")
	}
	u, err := url.Parse(strings.TrimSuffix(strings.TrimSuffix(public, "/"), "/mcp"))
	if err != nil {
		return "", fmt.Errorf("serve: the public address: %w", err)
	}
	if u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && auth.LoopbackHost(u.Host)) || u.Path != "" ||
		u.RawQuery != "" ||
		u.User != nil {
		return "", fmt.Errorf("serve: the public address %q must be https:// and a host, and no more", public)
	}
	return u.Scheme + "://" + u.Host, nil
}

// challenge is what a client is told that has no token, or none that will do for a mode.
func (r *resource) challenge(mode policy.Mode) string {
	return fmt.Sprintf("resource_metadata=%q, scope=%q", r.metadataURL, strings.Join(r.issuer.Scopes(mode), " "))
}

// serve answers for the metadata. Who asks, and from which page, does not matter: they are public.
func (r *resource) serve(mux *http.ServeMux) {
	if r == nil {
		return
	}
	answer := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Cache-Control", "max-age=300")
		_, _ = w.Write(r.metadata) // the client is gone if it fails
	}
	preflight := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Headers", "*")
		w.WriteHeader(http.StatusNoContent)
	}
	for _, path := range []string{metadataPath, metadataPath + "/mcp"} {
		mux.HandleFunc("GET "+path, answer)
		mux.HandleFunc("OPTIONS "+path, preflight)
	}
}
