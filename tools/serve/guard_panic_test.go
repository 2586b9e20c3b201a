package serve

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
)

// breakdown makes a tool panic where no handler of ours catches it.
func breakdown(c *core) {
	c.mcp.AddTool(mcp.Tool{Name: "list_tags", RawInputSchema: []byte(`{"type":"object"}`)},
		func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) { panic(errTest) })
}

// discreet reports whether a response tells of an incident, and no more.
func discreet(text string) bool {
	return strings.Contains(text, "incident") && strings.Contains(text, "-32603") &&
		!strings.Contains(text, errTest.Error())
}

func TestStdioAnswersPanicsBehindIt(t *testing.T) {
	c, err := newCore(options(t, scripted{}))
	if err != nil {
		t.Fatal(err)
	}
	breakdown(c)
	var out strings.Builder
	s, work := newStdio(c, &out)
	if err := s.serve(t.Context(), work, strings.NewReader(modernCall)); err != nil {
		t.Fatal(err)
	}
	if !discreet(out.String()) {
		t.Errorf("the call was answered %s", out.String())
	}
}

func TestHTTPAnswersPanicsBehindIt(t *testing.T) {
	s, err := newHTTPServer(HTTPOptions{Options: options(t, scripted{})}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	breakdown(s.core)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.serve(ctx, l) }()
	request, err := http.NewRequest("POST", "http://"+l.Addr().String()+"/mcp", strings.NewReader(modernCall))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = modernHeaders()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusInternalServerError || !discreet(string(text)) {
		t.Errorf("the call was answered %d %s, %v", response.StatusCode, text, err)
	}
	response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
