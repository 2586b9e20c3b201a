package main

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"testing"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// TestCompiledRoots finds the certificates on which Intercom's hosts and common identity providers rely.
func TestCompiledRoots(t *testing.T) {
	t.Parallel()
	missing := map[string]bool{"Amazon Root CA 1": true, "ISRG Root X1": true, "DigiCert Global Root G2": true,
		"GTS Root R1": true}
	pool := compiledRoots()
	for root := range bundle.Roots() {
		certificate, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := certificate.Verify(x509.VerifyOptions{Roots: pool}); err == nil {
			delete(missing, certificate.Subject.CommonName)
		}
	}
	if len(missing) > 0 {
		t.Errorf("not trusted: %v", missing)
	}
}

// TestTrusting holds the connections to Intercom's hosts, and only those, to certificates that the program may bring.
func TestTrusting(t *testing.T) {
	t.Parallel()
	dialed := false
	transport := trusting(&http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		dialed = true
		return nil, net.ErrClosed
	}})
	if _, err := transport.DialContext(t.Context(), "tcp", "host:443"); err != net.ErrClosed || !dialed {
		t.Errorf("dialed %v, %v", dialed, err)
	}
	for base, want := range map[string]bool{"": true, "https://localhost": true, "http://localhost": false} {
		config, err := endpointFlags{Region: "us", BaseURL: base}.config("secret")
		if err != nil || (config.Transport != nil) != want {
			t.Errorf("base %q: transport %v, %v", base, config.Transport, err)
		}
	}
}
