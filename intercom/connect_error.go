package intercom

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"syscall"
)

// proxyError is a proxy that does not let a connection pass.
type proxyError struct{ status int }

// Error implements error.
func (e *proxyError) Error() string {
	return fmt.Sprintf("the proxy answered %d %s", e.status, http.StatusText(e.status))
}

// proxyRefuses keeps what a proxy answers instead of opening a connection.
func proxyRefuses(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyError{status: resp.StatusCode}
}

// connectFailure says why no connection was made, or what else than HTTP answered. lasting tells that somebody has to
// set something right first. It names the host that was to be reached; of what the peer sent it repeats nothing but
// well-formed names.
func (c *connection) connectFailure(err error) (text string, lasting bool) {
	none := "no connection to " + c.base.Host
	text, lasting = c.proxyFailure(err)
	if text == "" {
		text, lasting = tlsFailure(err)
	}
	if text == "" {
		text = networkFailure(err)
	}
	if text == "" {
		return none, false
	}
	return none + ": " + text, lasting
}

// proxyFailure names what is wrong between here and a proxy; empty where the proxy is not to blame.
func (c *connection) proxyFailure(err error) (text string, lasting bool) {
	const variables = " (HTTPS_PROXY, NO_PROXY)"
	var refused *proxyError
	if errors.As(err, &refused) {
		return refused.Error() + " instead of letting the connection pass" + variables, refused.status < 500
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "proxyconnect" {
		why, lasting := tlsFailure(op.Err)
		if why == "" {
			why = networkFailure(op.Err)
		}
		if why != "" {
			why = ": " + why
		}
		return "the proxy cannot be reached" + variables + why, lasting
	}
	var certificate *tls.CertificateVerificationError
	if errors.Is(err, context.Canceled) || errors.As(err, &certificate) || !c.proxied() {
		return "", false
	}
	return "the proxy did not let the connection pass" + variables, false
}

// proxied reports whether requests take the way through a proxy.
func (c *connection) proxied() bool {
	transport, ok := c.transport.(*http.Transport)
	if !ok || transport.Proxy == nil {
		return false
	}
	proxy, err := transport.Proxy(&http.Request{URL: c.base})
	return proxy != nil && err == nil
}

// hostName matches what a name in a certificate may look like for an error to repeat it.
var hostName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9*][A-Za-z0-9.-]{0,60}$`) })

// tlsFailure names what is wrong with TLS; empty where that is not to blame.
func tlsFailure(err error) (text string, lasting bool) {
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &name):
		of := ""
		if name.Certificate != nil && len(name.Certificate.DNSNames) > 0 &&
			hostName().MatchString(name.Certificate.DNSNames[0]) {
			of = ", " + name.Certificate.DNSNames[0]
		}
		return "the certificate is of another host" + of, true
	case errors.As(err, &authority):
		return "the certificate is signed by an authority that this machine does not trust " +
			"(SSL_CERT_FILE names a file of those to trust)", true
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate has expired, or this machine's clock is wrong", true
	case errors.As(err, new(*tls.CertificateVerificationError)):
		return "the certificate is not valid", true
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "there is no TLS at this port, perhaps plain HTTP", true
	case err != nil && (strings.Contains(err.Error(), "unsupported protocol version") ||
		strings.Contains(err.Error(), "protocol version not supported")):
		return "the other side has no TLS 1.2 or later", true
	case errors.As(err, &alert):
		return "the other side refused TLS: " + alert.Error(), true
	case err != nil && strings.Contains(err.Error(), `malformed HTTP response "\x15\x03`): // an alert of TLS
		return "there is TLS at this port, and the address says http", true
	}
	return "", false
}

// networkFailure names what is wrong with the network; empty where nothing is known of it.
func networkFailure(err error) string {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "the name of the host is unknown"
	case errors.As(err, &dns):
		return "the name of the host could not be looked up"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "it was refused"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "there is no way to the host"
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return "it took too long"
	}
	return ""
}
