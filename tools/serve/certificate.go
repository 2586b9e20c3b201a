package serve

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"sync/atomic"
	"time"

	"intercom-mcp/tools/serve/internal/auth"
)

// Certificate is the certificate that a server shows, and its key, from two files in PEM. It is safe for concurrent
// use.
type Certificate struct {
	certFile, keyFile string
	current           atomic.Pointer[tls.Certificate]
}

// LoadCertificate reads a certificate, with those that it is signed by, and its key. A key that others may read is
// refused.
func LoadCertificate(certFile, keyFile string) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile}
	if err := c.Reload(); err != nil {
		return nil, err
	}
	return c, nil
}

// Reload reads the files again, for handshakes from then on. On an error, and where the certificate has expired, the
// old one stays.
func (c *Certificate) Reload() error {
	if err := auth.CheckPrivate(c.keyFile); err != nil {
		return fmt.Errorf("serve: TLS: %w", err)
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("serve: TLS: %w", err)
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return fmt.Errorf("serve: TLS: %s: %w", c.certFile, err)
	}
	if time.Now().After(leaf.NotAfter) {
		return fmt.Errorf("serve: TLS: the certificate in %s expired at %s", c.certFile, leaf.NotAfter.UTC().Format(
			time.RFC3339))
	}
	c.current.Store(&pair)
	return nil
}

// config is how connections are secured.
func (c *Certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current.Load(), nil },
	}
}
