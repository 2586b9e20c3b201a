package main

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"sync"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// trusting makes transport trust the CA certificates in the program where the machine has none. That reads the
// machine's own, which takes longer than the start of a server: it is put off until the first connection.
func trusting(transport *http.Transport) *http.Transport {
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		trustCompiledRoots()
		return dial(ctx, network, address)
	}
	return transport
}

// trustCompiledRoots does so for every connection of the process from then on.
var trustCompiledRoots = sync.OnceFunc(func() {
	system, err := x509.SystemCertPool()
	if err == nil && !system.Equal(x509.NewCertPool()) {
		return
	}
	x509.SetFallbackRoots(compiledRoots())
})

// compiledRoots are the CA certificates that Mozilla trusts, as of the module's version.
func compiledRoots() *x509.CertPool {
	pool := x509.NewCertPool()
	for root := range bundle.Roots() {
		certificate, err := x509.ParseCertificate(root.Certificate)
		switch {
		case err != nil: // one that a later Go refuses is one less
		case root.Constraint == nil:
			pool.AddCert(certificate)
		default:
			pool.AddCertWithConstraint(certificate, root.Constraint)
		}
	}
	return pool
}
