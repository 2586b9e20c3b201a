package serve

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/policy"
)

// pipes is a listener whose connections are pipes, for tests in which time
// passes on the connection.
type pipes struct {
	connections chan net.Conn
	closed      chan struct{}
	once        sync.Once
}

// Accept implements [net.Listener].
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.connections:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr implements [net.Listener].
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// A client that announces a body and does not send it holds its connection for
// no longer than bodies may take, whether it is let in or not.
func TestBodiesThatDoNotCome(t *testing.T) {
	auth, issued := bearers(t, TokenLine{Name: "ann", Mode: policy.ModeRead})
	token := issued[0]
	const withToken = "Authorization: Bearer "
	for name, head := range map[string]string{
		"of a call": "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + withToken +
			token,
		"chunked": "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: " +
			"application/json\r\nTransfer-Encoding: chunked\r\n" + withToken + token,
		"of a wrong type":     "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n" + withToken + token,
		"of a wrong method":   "PUT /mcp HTTP/1.1\r\nHost: localhost\r\n" + withToken + token,
		"without a token":     "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json",
		"for a foreign host":  "POST /mcp HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/json",
		"to a probe":          "GET /healthz HTTP/1.1\r\nHost: localhost",
		"to an unknown place": "POST /nowhere HTTP/1.1\r\nHost: localhost",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &pipes{connections: make(chan net.Conn), closed: make(chan struct{})}
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() { done <- HTTP(ctx, HTTPOptions{Options: options(t, scripted{}), Auth: auth}, l) }()
				client, server := net.Pipe()
				l.connections <- server
				began := time.Now()
				if !strings.Contains(head, "chunked") {
					head += "\r\nContent-Length: 100"
				}
				if _, err := io.WriteString(client, head+"\r\n\r\n"); err != nil {
					t.Fatal(err)
				}
				answer, err := io.ReadAll(client)
				if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 ") {
					t.Errorf("answered %q, %v", answer, err)
				}
				if took := time.Since(began); took > bodyTimeout {
					t.Errorf("the connection was held for %v", took)
				}
				stop()
				if err := <-done; err != nil {
					t.Error(err)
				}
			})
		})
	}
}
