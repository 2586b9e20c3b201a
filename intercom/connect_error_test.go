package intercom

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// Each way of not getting a connection is named.
func TestConnectFailures(t *testing.T) {
	t.Parallel()
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") })
	start := func(begin func(*httptest.Server), handler http.HandlerFunc) *httptest.Server {
		server := httptest.NewUnstartedServer(handler)
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		begin(server)
		t.Cleanup(server.Close)
		return server
	}
	plain, secure := start((*httptest.Server).Start, hello), start((*httptest.Server).StartTLS, hello)
	tunnel := start((*httptest.Server).Start,
		func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) })
	broken := start((*httptest.Server).Start, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	alert := start((*httptest.Server).Start, func(w http.ResponseWriter, _ *http.Request) {
		if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
			_, _ = io.WriteString(conn, "\x15\x03\x01\x00\x02\x02\x46")
			conn.Close()
		}
	})
	trust := x509.NewCertPool()
	trust.AddCert(secure.Certificate())
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := free.Addr().String()
	free.Close()
	port := secure.Listener.Addr().(*net.TCPAddr).Port
	through := func(proxy string) func(*http.Request) (*url.URL, error) {
		address, err := url.Parse(proxy)
		return func(*http.Request) (*url.URL, error) { return address, err }
	}
	noProxy := func(*http.Request) (*url.URL, error) { return nil, nil }
	for _, test := range []struct {
		name, base string
		proxy      func(*http.Request) (*url.URL, error)
		roots      *x509.CertPool
		want       string
		lasting    bool
	}{
		{"unknown authority", secure.URL, noProxy, x509.NewCertPool(), "that this machine does not trust (SSL_CERT_FILE",
			true},
		{"another host", "https://localhost:" + strconv.Itoa(port), noProxy, trust, "the certificate is of another host",
			true},
		{"plain HTTP", "https://" + plain.Listener.Addr().String(), noProxy, trust, "there is no TLS at this port", true},
		{"TLS", alert.URL, noProxy, trust, "there is TLS at this port, and the address says http", true},
		{"nobody listens", "https://" + closed, noProxy, trust, "no connection to " + closed + ": it was refused", false},
		{"no such host", "https://nowhere.invalid", noProxy, trust,
			"no connection to nowhere.invalid: the name of the host", false},
		{"proxy refuses", "https://nowhere.invalid", through(tunnel.URL), trust,
			"the proxy answered 407 Proxy Authentication Required instead of letting", true},
		{"proxy breaks off", "https://nowhere.invalid", through(broken.URL), trust,
			"the proxy did not let the connection pass", false},
		{"no proxy there", "https://nowhere.invalid", through("http://" + closed), trust,
			"the proxy cannot be reached (HTTPS_PROXY, NO_PROXY): it was refused", false},
		{"proxy not trusted", "https://nowhere.invalid", through(secure.URL), x509.NewCertPool(),
			"the proxy cannot be reached (HTTPS_PROXY, NO_PROXY): the certificate is signed", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client, err := New(Config{Token: "token", BaseURL: test.base})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			transport := client.conn.transport.(*http.Transport)
			transport.Proxy = test.proxy
			transport.TLSClientConfig = &tls.Config{RootCAs: test.roots}
			_, err = client.Admins.Me(context.Background())
			got := KindOf(err)
			upstream, ok := err.(*Error)
			if got != KindUnavailable || !ok || !strings.Contains(upstream.Message, test.want) ||
				upstream.Lasting != test.lasting {
				t.Errorf("%v (%+v), want %q, lasting %t", err, upstream, test.want, test.lasting)
			}
		})
	}
}
