package serve

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// A client that does not read keeps the server from nothing but writing: the end of
// its input is seen, whatever it sent before.
func TestStdioEndsForAClientThatDoesNotRead(t *testing.T) {
	ping := `{"jsonrpc":"2.0","id":1,"method":"ping"}`
	for name, last := range map[string]string{
		"no JSON": `{broken`, "id in use": ping, "initialize": askingHello,
		"too long": strings.Repeat("x", jsonrpc.MaxMessage+2),
		"many":     strings.Repeat("{broken\n", jsonrpc.MaxQueued-1) + "{broken",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := connect(t, options(t, scripted{}))
				p.send("%s", ping)
				synctest.Wait() // the response is being written
				p.send("%s", last)
				p.in.Close()
				began := time.Now()
				if err := p.ended(); err != nil || time.Since(began) > drainTime+stopTime+unwindTime {
					t.Errorf("the end took %v: %v", time.Since(began), err)
				}
			})
		})
	}
}

// Who leaves all the lines unread that are kept for it is not waited for long: the end
// of its input could not be seen.
func TestStdioGivesUpOnAClientThatDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := connect(t, options(t, scripted{}))
		go func() {
			_, _ = io.WriteString(p.in, strings.Repeat("{broken\n", 4*jsonrpc.MaxQueued)) // ends with the server
			_ = p.in.Close()
		}()
		began := time.Now()
		if err := p.ended(); err != nil || time.Since(began) > jsonrpc.QueueTimeout+stopTime+unwindTime {
			t.Errorf("the end took %v: %v", time.Since(began), err)
		}
	})
}

// Who is owed more lines than are kept for it is not read from, until it reads.
func TestStdioReadsNoMoreThanItCanAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := connect(t, options(t, scripted{}))
		sent := 0
		go func() {
			for ; sent < 2*jsonrpc.MaxQueued; sent++ {
				if _, err := io.WriteString(p.in, "{broken\n"); err != nil {
					return
				}
			}
		}()
		synctest.Wait()
		if sent > jsonrpc.MaxQueued+2 {
			t.Errorf("%d lines were read", sent)
		}
		for range 2 * jsonrpc.MaxQueued {
			if w := p.receive(); w.Error == nil {
				t.Fatalf("the response is %+v", w)
			}
		}
		p.stop()
		p.ended()
	})
}

// The response to initialize goes out before any to what came after it.
func TestStdioAnswersInitializeFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := connect(t, options(t, scripted{"list_tags": ticking(0)}))
		p.send(`{"jsonrpc":"2.0","id":"before","method":"ping"}`)
		synctest.Wait() // it is being written
		p.send("%s", askingHello)
		for i := range 10 {
			p.send(`{"jsonrpc":"2.0","id":"after%d","method":"ping"}`, i)
		}
		synctest.Wait()
		for _, want := range []string{`"before"`, `0`} {
			if w := p.receive(); string(w.ID) != want {
				t.Errorf("the id is %s, want %s", w.ID, want)
			}
		}
		for range 10 {
			p.receive()
		}
	})
}
