package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
)

// TestShutdownDuringBulk stops a server while Intercom works on a bulk job for an hour: it answers the call that waits
// for the job, and ends at once with exit code 0.
func TestShutdownDuringBulk(t *testing.T) {
	t.Parallel()
	t.Run("http stopped", func(t *testing.T) {
		t.Parallel()
		workspace := launch(t, nil, environment(), "sandbox", "--addr", "127.0.0.1:0", "--bulk-delay", "1h")
		url := workspace.stdout.await(t, `(http://\S+)`)
		c := talkHTTP(t, "--base-url", url, "--token", "test", "--state", filepath.Join(t.TempDir(), "state.db"))
		c.stopDuringBulk(t, c.stop)
		workspace.stop()
		if code := <-workspace.code; code != exitOK {
			t.Errorf("the sandbox's exit code %d: %s", code, workspace.stderr)
		}
	})
	for name, how := range map[string]func(*conversation) func(){
		"stdio stopped":    func(c *conversation) func() { return c.stop },
		"stdio at its end": func(c *conversation) func() { return c.hangUp },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			awaitSignals()
			synctest.Test(t, func(t *testing.T) {
				c := talkStdioTo(t, sandbox.New(sandbox.Options{BulkDelay: time.Hour}), "--token", "test", "--state",
					filepath.Join(t.TempDir(), "state.db"))
				c.stopDuringBulk(t, how(c))
			})
		})
	}
}

// stopDuringBulk stops the server once it has handed a bulk job to Intercom.
func (c *conversation) stopDuringBulk(t *testing.T, stop func()) {
	t.Helper()
	c.call(t, "bulk_update_contacts", `{"set":{"add_tags":["VIP"]},
		"where":[{"field":"custom_attributes.plan","operator":"=","value":"trial"}]}`)
	handle := c.heard.await(t, `"change":"(chg_\w+)"`)
	c.call(t, "confirm_change", `{"change":"`+handle+`"}`)
	c.heard.await(t, `([1-9]\d*) of \d+ contacts sent`)
	stop()
	c.heard.await(t, `"status":"applying".*(the server is stopping)`)
	if code := <-c.server.code; code != exitOK {
		t.Errorf("exit code %d: %s", code, c.server.stderr)
	}
}

// awaitSignals begins to await signals outside of any bubble of time, where that goes on for good.
func awaitSignals() {
	none := make(chan os.Signal, 1)
	signal.Notify(none, os.Interrupt)
	signal.Stop(none)
}

// conversation is what a client and a server say to each other.
type conversation struct {
	server       *running
	heard        *tape // from the server
	say          func(t *testing.T, tool, message string)
	said         int
	stop, hangUp func()
}

// call calls a tool, and asks for progress.
func (c *conversation) call(t *testing.T, tool, args string) {
	t.Helper()
	c.said++
	c.say(t, tool, fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":%q,"arguments":%s,`+
		`"_meta":{"progressToken":%[1]d,"io.modelcontextprotocol/protocolVersion":"2026-07-28",`+
		`"io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},`+
		`"io.modelcontextprotocol/clientCapabilities":{}}}}`, c.said, tool, strings.ReplaceAll(args, "\n", "")))
}

func talkStdio(t *testing.T, flags ...string) *conversation { return talkStdioTo(t, nil, flags...) }

// talkStdioTo is talkStdio with a server that sends its requests to intercom where that is not nil.
func talkStdioTo(t *testing.T, intercom http.RoundTripper, flags ...string) *conversation {
	stdin, out := io.Pipe()
	t.Cleanup(func() { _ = out.Close() }) // ends the read that a stopped server leaves behind
	server := launchTo(t, intercom, stdin, environment(), append([]string{"stdio"}, flags...)...)
	say := func(t *testing.T, _, message string) {
		if _, err := io.WriteString(out, message+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	hangUp := func() { _ = out.Close() }
	return &conversation{server: server, heard: server.stdout, say: say, stop: server.stop, hangUp: hangUp}
}

func talkHTTP(t *testing.T, flags ...string) *conversation {
	server := launch(t, nil, environment(), append([]string{"http", "--addr", "127.0.0.1:0"}, flags...)...)
	url := server.stderr.await(t, `"url":"([^"]+)"`)
	c := &conversation{server: server, heard: newTape(), stop: server.stop}
	c.say = func(t *testing.T, tool, message string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(message))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{
			"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
			"Mcp-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": tool,
		} {
			request.Header.Set(name, value)
		}
		response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			defer response.Body.Close()
			_, _ = io.Copy(c.heard, response.Body) // what is missing is missed below
		}()
	}
	return c
}

// TestShutdownDuringUpgrade stops a server whose calls wait for a peer that switches protocols and says no more.
func TestShutdownDuringUpgrade(t *testing.T) {
	t.Parallel()
	peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { _ = conn.Close() })
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
	}))
	t.Cleanup(peer.Close)
	for name, start := range map[string]func(*testing.T, ...string) *conversation{"http": talkHTTP, "stdio": talkStdio} {
		t.Run(name, func(t *testing.T) {
			c := start(t, "--base-url", peer.URL, "--token", "test", "--state", filepath.Join(t.TempDir(), "state.db"))
			c.call(t, "list_tags", `{}`)
			c.call(t, "get_contact", `{"contact":"0123456789abcdef01234567"}`)
			time.Sleep(100 * time.Millisecond) // it answers, or waits for the peer
			began := time.Now()
			c.stop()
			if code := <-c.server.code; code != exitOK || time.Since(began) > 10*time.Second {
				t.Errorf("exit code %d after %v: %s", code, time.Since(began), c.server.stderr)
			}
		})
	}
}
