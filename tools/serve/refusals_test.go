package serve

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/policy"
)

// logBuffer keeps a log in JSON. It is safe for concurrent use.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements [io.Writer].
func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// String implements [fmt.Stringer].
func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func (b *logBuffer) logger() *slog.Logger { return slog.New(slog.NewJSONHandler(b, nil)) }

// await waits for a text in the log.
func (b *logBuffer) await(t *testing.T, text string) {
	t.Helper()
	for began := time.Now(); !strings.Contains(b.String(), text); time.Sleep(time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			t.Fatalf("no %s in the log:\n%s", text, b)
		}
	}
}

// TestRefusalsAreLoggedAndCounted names each reason in log and metrics, and no secret.
func TestRefusalsAreLoggedAndCounted(t *testing.T) {
	auth, issued := bearers(t, TokenLine{Name: "ann", Mode: policy.ModeRead},
		TokenLine{Name: "bob", Mode: policy.ModeRead, Expires: time.Now().Add(-time.Hour)})
	log := new(logBuffer)
	o := HTTPOptions{Options: options(t, scripted{"list_tags": ticking(0)}), Auth: auth, BehindProxy: true}
	o.Options.Log, o.Options.Metrics = log.logger(), NewMetrics()
	s := newSite(t, o)
	for _, test := range []struct {
		edit   func(*http.Request)
		status int
		line   string
	}{
		{func(*http.Request) {}, 401, `"level":"INFO","msg":"refused","reason":"no_token","why":"a bearer token is needed"`},
		{bearing("imcp_forged"), 401, `"reason":"invalid_token","why":"the token is unknown or was withdrawn"`},
		{bearing(issued[1]), 401, `"reason":"invalid_token","why":"the token has expired"`},
		{func(r *http.Request) { r.Host = "evil.example" }, 403, `"reason":"host","why":"the Host is not served here"`},
		{func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, 403, `"origin":"https://evil.example"`},
		{func(r *http.Request) {
			bearing("imcp_forged")(r)
			r.Header.Set("X-Forwarded-For", "192.0.2.1, 198.51.100.7")
		}, 401, `"client":"198.51.100.7"`},
		{func(r *http.Request) { r.Header.Set("X-Forwarded-For", "<script>") }, 401, `"reason":"no_token"`},
		{bearing(issued[0]), 200, ""},
	} {
		status, _, text := s.do("POST", "/mcp", modernHeaders(), strings.NewReader(modernCall), test.edit)
		if status != test.status || !strings.Contains(log.String(), test.line) {
			t.Errorf("%d %s, want %d and %s in\n%s", status, text, test.status, test.line, log)
		}
	}
	for _, secret := range append(issued, "imcp_", "script") {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log has %q:\n%s", secret, log)
		}
	}
	if !strings.Contains(log.String(), `"principal":"bob"`) {
		t.Errorf("the log does not say whose token has expired:\n%s", log)
	}
	metrics := scrape(o.Options.Metrics)
	for reason, n := range map[string]int{"no_token": 2, "invalid_token": 3, "host": 1, "origin": 1} {
		if want := fmt.Sprintf("intercom_mcp_refused_total{reason=%q} %d\n", reason, n); !strings.Contains(metrics, want) {
			t.Errorf("no %s in\n%s", want, metrics)
		}
	}
}

// TestFloodsOfRefusals logs of a flood its beginning and how many more there were, and what others are refused all the
// same.
func TestFloodsOfRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(logBuffer)
		f := newRefusals(log.logger(), NewMetrics(), false)
		lines := func() int { return strings.Count(log.String(), "\n") }
		for range 1000 {
			f.connection(refusedHandshake, "EOF", "192.0.2.1:5")
		}
		if lines() != maxRefusalsEach {
			t.Errorf("%d lines of one peer", lines())
		}
		for i := range 1000 {
			f.connection(refusedHandshake, "EOF", fmt.Sprintf("198.51.100.%d:5", i%250))
		}
		if lines() != maxRefusals {
			t.Errorf("%d lines in a minute", lines())
		}
		f.connection(refusedHost, "another reason", "192.0.2.1:5")
		if lines() != maxRefusals+1 {
			t.Error("a flood hides what else is refused")
		}
		time.Sleep(refusalWindow)
		f.connection(refusedHandshake, "EOF", "192.0.2.1:5")
		for _, want := range []string{`"not_logged":995`, `"not_logged":945`} { // of the first peer, of the others
			if !strings.Contains(log.String(), want) {
				t.Errorf("no %s in\n%s", want, log)
			}
		}
		for range 2 * maxRefusalsEach {
			f.connection(refusedHandshake, "EOF", "192.0.2.1:5")
		}
		f.close()
		if want := `"msg":"refused","reason":"tls_handshake","not_logged":6`; !strings.Contains(log.String(), want) {
			t.Errorf("no %s in\n%s", want, log)
		}
		if want := `intercom_mcp_refused_total{reason="tls_handshake"} 2011`; !strings.Contains(scrape(f.metrics), want) {
			t.Errorf("no %s in\n%s", want, scrape(f.metrics))
		}
	})
}

// TestHandshakesThatFail are logged with the peer and the cause.
func TestHandshakesThatFail(t *testing.T) {
	log := new(logBuffer)
	auth, _ := bearers(t, TokenLine{Name: "ann", Mode: policy.ModeRead})
	o := HTTPOptions{Options: options(t, scripted{}), Auth: auth, Certificate: newCertificate(t, "mcp.example").load(t)}
	o.Options.Log, o.Options.Metrics = log.logger(), NewMetrics()
	s := newSite(t, o)
	address := strings.TrimPrefix(s.url, "http://")
	old := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	if _, err := tls.Dial("tcp", address, old); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	if _, err := tls.Dial("tcp", address, &tls.Config{ServerName: "other.example"}); err == nil {
		t.Error("a client trusts what nobody has signed")
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("SSH-2.0-OpenSSH_9.6\r\n")); err != nil {
		t.Fatal(err)
	}
	conn.Close()
	for _, why := range []string{"unsupported versions", "bad certificate", "does not look like a TLS handshake"} {
		log.await(t, why)
	}
	if !strings.Contains(scrape(o.Options.Metrics), `intercom_mcp_refused_total{reason="tls_handshake"} 3`) {
		t.Error(scrape(o.Options.Metrics))
	}
}
