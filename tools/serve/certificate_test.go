package serve

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"intercom-mcp/policy"
)

// certificateFiles are a self-signed certificate and its key in files.
type certificateFiles struct{ cert, key string }

// newCertificate makes a certificate of a name.
func newCertificate(t *testing.T, name string) certificateFiles {
	t.Helper()
	dir := t.TempDir()
	f := certificateFiles{filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
	f.renew(t, name, time.Now().Add(time.Hour))
	return f
}

// renew puts another certificate into the files.
func (f certificateFiles) renew(t *testing.T, name string, until time.Time) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{
		f.cert: {Type: "CERTIFICATE", Bytes: cert}, f.key: {Type: "PRIVATE KEY", Bytes: encoded},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (f certificateFiles) load(t *testing.T) *Certificate {
	t.Helper()
	c, err := LoadCertificate(f.cert, f.key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestTLS serves over TLS, in either version of HTTP, and shows a new certificate from when it is read again.
func TestTLS(t *testing.T) {
	files := newCertificate(t, "one.example")
	certificate := files.load(t)
	auth, issued := bearers(t, TokenLine{Name: "ann", Mode: policy.ModeRead})
	log := new(logBuffer)
	o := HTTPOptions{Options: options(t, scripted{"list_tags": ticking(2)}), Auth: auth, Certificate: certificate}
	o.Options.Log = log.logger()
	s := newSite(t, o)
	call := func(http2 bool) (shown string, err error) {
		transport := &http.Transport{ForceAttemptHTTP2: http2, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
		defer transport.CloseIdleConnections()
		request, err := http.NewRequest("POST", strings.Replace(s.url, "http:", "https:", 1)+"/mcp",
			strings.NewReader(modernCall))
		if err != nil {
			return "", err
		}
		request.Header = modernHeaders()
		bearing(issued[0])(request)
		response, err := (&http.Client{Transport: transport}).Do(request)
		if err != nil {
			return "", err
		}
		defer response.Body.Close()
		if want := map[bool]int{false: 1, true: 2}[http2]; response.StatusCode != 200 || response.ProtoMajor != want {
			return "", fmt.Errorf("%s %s", response.Proto, response.Status)
		}
		return response.TLS.PeerCertificates[0].DNSNames[0], nil
	}
	for _, http2 := range []bool{false, true} {
		if shown, err := call(http2); err != nil || shown != "one.example" {
			t.Errorf("%q %v", shown, err)
		}
	}
	files.renew(t, "two.example", time.Now().Add(time.Hour))
	if err := certificate.Reload(); err != nil {
		t.Fatal(err)
	}
	if shown, err := call(false); err != nil || shown != "two.example" {
		t.Errorf("after it was read again: %q %v", shown, err)
	}
	files.renew(t, "three.example", time.Now().Add(-time.Hour))
	if err := certificate.Reload(); err == nil || !strings.Contains(err.Error(), "expired at") {
		t.Errorf("an expired one: %v", err)
	}
	if err := os.WriteFile(files.key, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := certificate.Reload(); err == nil {
		t.Error("a broken key is taken")
	}
	if shown, err := call(true); err != nil || shown != "two.example" {
		t.Errorf("after one that cannot be read: %q %v", shown, err)
	}
	if status, _, text := s.do("POST", "/mcp", modernHeaders(), strings.NewReader(modernCall)); status != 400 ||
		!strings.Contains(text, "HTTPS") {
		t.Errorf("a call in the clear: %d %s", status, text)
	}
	log.await(t, `"reason":"tls_handshake"`)
}

// TestKeysOfCertificatesAreSecret refuses a key that others may read, and says how to mend that.
func TestKeysOfCertificatesAreSecret(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no modes there")
	}
	files := newCertificate(t, "mcp.example")
	if err := os.Chmod(files.key, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadCertificate(files.cert, files.key); err == nil ||
		!strings.Contains(err.Error(), "(mode 0640): chmod 600 "+files.key) {
		t.Error(err)
	}
}
