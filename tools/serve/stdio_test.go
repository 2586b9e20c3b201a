package serve

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/tools"
	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// pipe is a client on the other end of Stdio.
type pipe struct {
	t    *testing.T
	in   *io.PipeWriter
	out  *bufio.Reader
	stop context.CancelFunc
	done chan struct{}
	err  error // of the server, when done
}

// connect starts a server for the options, which ends with the test.
func connect(t *testing.T, o Options) *pipe {
	t.Helper()
	return connectTo(t, func(ctx context.Context, in io.Reader, out io.Writer) error { return Stdio(ctx, o, in, out) })
}

// connectTo runs serve, with a client's end of its pipes.
func connectTo(t *testing.T, serve func(context.Context, io.Reader, io.Writer) error) *pipe {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	ctx, stop := context.WithCancel(context.Background())
	p := &pipe{t: t, in: inW, out: bufio.NewReader(outR), done: make(chan struct{}), stop: stop}
	go func() {
		defer close(p.done)
		p.err = serve(ctx, inR, outW)
		inR.CloseWithError(fmt.Errorf("the server ended: %v", p.err))
		outW.Close()
	}()
	t.Cleanup(func() {
		stop()
		inW.Close()
		outR.Close()
		<-p.done
	})
	return p
}

func (p *pipe) send(format string, args ...any) {
	p.t.Helper()
	if _, err := fmt.Fprintf(p.in, format+"\n", args...); err != nil {
		p.t.Fatal(err)
	}
}

// wire is any message from the server.
type wire struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params struct {
		Token    any     `json:"progressToken"`
		Progress float64 `json:"progress"`
		Message  string  `json:"message"`
	} `json:"params"`
	Result map[string]any `json:"result"`
	Error  *jsonrpc.Error `json:"error"`
}

// text is what a model would read of a result.
func (w wire) text() string {
	content, _ := w.Result["content"].([]any)
	if len(content) == 0 {
		return ""
	}
	first, _ := content[0].(map[string]any)
	text, _ := first["text"].(string)
	return text
}

func (p *pipe) receive() wire {
	p.t.Helper()
	line, err := p.out.ReadString('\n')
	if err != nil {
		p.t.Fatalf("reading a line: %v", err)
	}
	var w wire
	if err := json.Unmarshal([]byte(line), &w); err != nil {
		p.t.Fatalf("not a message: %q", line)
	}
	return w
}

// ended waits for the server to end.
func (p *pipe) ended() error {
	p.t.Helper()
	<-p.done
	return p.err
}

func TestStdioProgressPrecedesItsResponse(t *testing.T) {
	p := connect(t, options(t, scripted{"search_contacts": ticking(500)}))
	p.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search_contacts","arguments":{},"_meta":{"progressToken":"a"}}}`)
	for i := range 500 {
		if w := p.receive(); w.Params.Progress != float64(i+1) || w.Params.Token != "a" {
			t.Fatalf("message %d is %+v", i, w)
		}
	}
	if w := p.receive(); string(w.ID) != "1" || w.Result["structuredContent"] == nil {
		t.Fatalf("the response is %+v", w)
	}
}

func TestStdioOutlivesPanics(t *testing.T) {
	p := connect(t, options(t, scripted{
		"search_contacts": func(context.Context, tools.Call) (tools.Result, error) { panic(errTest) },
		"list_tags":       ticking(0),
	}))
	p.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search_contacts","arguments":{}}}`)
	w := p.receive()
	if w.Result["isError"] != true || !strings.Contains(w.text(), "incident") ||
		strings.Contains(w.text(), errTest.Error()) {
		t.Fatalf("the response is %+v", w)
	}
	p.send(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"list_tags","arguments":{}}}`)
	if w := p.receive(); w.Result["isError"] != nil {
		t.Fatalf("the next response is %+v", w)
	}
}

func TestStdioHidesHandlerErrors(t *testing.T) {
	p := connect(t, options(t, scripted{
		"search_contacts": func(context.Context, tools.Call) (tools.Result, error) { return tools.Result{}, errTest },
	}))
	p.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search_contacts","arguments":{}}}`)
	if w := p.receive(); w.Error == nil || w.Error.Code != -32603 || strings.Contains(w.Error.Message, errTest.Error()) {
		t.Fatalf("the response is %+v", w)
	}
}

func TestStdioTakesTheNextLineAfterABadOne(t *testing.T) {
	tests := map[string]struct {
		line string
		code int
	}{
		"no JSON": {`{"jsonrpc":`, -32700},
		"batch":   {`[{"jsonrpc":"2.0","id":1,"method":"ping"}]`, -32600},
		"scalar":  {`17`, -32600},
		"over the limit": {`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"` + strings.Repeat("x",
			jsonrpc.MaxMessage) + `"}}`, -32600},
		"null id":            {`{"jsonrpc":"2.0","id":null,"method":"ping"}`, -32600},
		"long id":            {`{"jsonrpc":"2.0","id":"` + strings.Repeat("x", 8<<10) + `","method":"ping"}`, -32600},
		"folded case":        {`{"jsonrpc":"2.0","id":1,"METHOD":"ping"}`, -32600},
		"folded params":      {`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"Name":"list_tags"}}`, -32600},
		"method and result":  {`{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}`, -32600},
		"array params":       {`{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}`, -32600},
		"long progress":      {`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tags","_meta":{"progressToken":"` + strings.Repeat("x", 201) + `"}}}`, -32602},
		"object as progress": {`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tags","_meta":{"progressToken":{}}}}`, -32602},
		"bare initialize":    {`{"jsonrpc":"2.0","id":1,"method":"initialize"}`, -32602},
		"empty initialize":   {`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}`, -32602},
		"odd version":        {`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":1,"capabilities":{}}}`, -32602},
		"no capabilities": {`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}`,
			-32602},
		"odd declaration": {`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":5}}}`, -32602},
		"foreign cursor":  {`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"YWJj"}}`, -32602},
		"old JSON-RPC":    {`{"id":1,"method":"ping"}`, -32600},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := connect(t, options(t, scripted{"list_tags": ticking(0)}))
			p.send("%s", test.line)
			if w := p.receive(); w.Error == nil || w.Error.Code != test.code {
				t.Errorf("the response is %+v, want code %d", w, test.code)
			}
			p.send(`{"jsonrpc":"2.0","id":2,"method":"ping"}`)
			if w := p.receive(); string(w.ID) != "2" || w.Error != nil {
				t.Errorf("the next response is %+v", w)
			}
		})
	}
}

func TestStdioCancelledRequestsAreNotAnswered(t *testing.T) {
	started := make(chan struct{})
	p := connect(t, options(t, scripted{"search_contacts": waiting(started)}))
	p.send(`{"jsonrpc":"2.0","id":"1","method":"tools/call","params":{"name":"search_contacts","arguments":{}}}`)
	<-started
	p.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`) // another id
	p.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"1"}}`)
	p.in.Close()
	if err := p.ended(); err != nil {
		t.Error(err)
	}
	if rest, _ := io.ReadAll(p.out); len(rest) > 0 {
		t.Errorf("the server wrote %s", rest)
	}
}

func TestStdioRefusesAnIDInUse(t *testing.T) {
	started := make(chan struct{})
	p := connect(t, options(t, scripted{"search_contacts": waiting(started)}))
	p.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search_contacts","arguments":{}}}`)
	<-started
	p.send(`{"jsonrpc":"2.0","id":1,"method":"ping"}`)
	if w := p.receive(); w.Error == nil || w.Error.Code != -32600 {
		t.Errorf("the response is %+v", w)
	}
	p.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`)
	p.send(`{"jsonrpc":"2.0","id":2,"method":"ping"}`)
	p.receive()
}

// An id is the value that it is, and not how a client writes it.
func TestStdioKnowsIDsByTheirValues(t *testing.T) {
	started := make(chan struct{})
	p := connect(t, options(t, scripted{"search_contacts": waiting(started)}))
	p.send(`{"jsonrpc":"2.0","id":"ab","method":"tools/call","params":{"name":"search_contacts","arguments":{}}}`)
	<-started
	p.send(`{"jsonrpc":"2.0","id":"\u0061b","method":"ping"}`)
	if w := p.receive(); w.Error == nil || !strings.Contains(w.Error.Message, "still running") {
		t.Errorf("the id in use was answered %+v", w)
	}
	p.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a\u0062"}}`)
	p.in.Close()
	if err := p.ended(); err != nil {
		t.Error(err)
	}
	if rest, _ := io.ReadAll(p.out); len(rest) > 0 {
		t.Errorf("the server wrote %s", rest)
	}
}

func TestStdioEndOfInputDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := connect(t, options(t, scripted{
			"search_contacts": func(context.Context, tools.Call) (tools.Result, error) {
				time.Sleep(time.Second)
				return reply(`{}`)
			},
		}))
		go func() {
			for i := range stdioWorkers {
				p.send(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"search_contacts","arguments":{}}}`, i)
			}
			p.in.Close()
		}()
		began := time.Now()
		for range stdioWorkers {
			if w := p.receive(); w.Error != nil || w.Result["isError"] != nil {
				t.Fatalf("a call failed: %+v", w)
			}
		}
		if err := p.ended(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > 1500*time.Millisecond {
			t.Errorf("draining took %v", took)
		}
	})
}

func TestStdioEndOfInputWaitsForNobodyWhoHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := connect(t, options(t, scripted{
			"search_contacts": func(context.Context, tools.Call) (tools.Result, error) {
				time.Sleep(time.Minute)
				return reply(`{}`)
			},
		}))
		p.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search_contacts","arguments":{}}}`)
		p.in.Close()
		began := time.Now()
		if err := p.ended(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != drainTime+stopTime+unwindTime {
			t.Errorf("the end took %v", took)
		}
		time.Sleep(time.Minute)
	})
}

// Calls that were read before the end of input begin and finish, though they wait for a worker; a question ends at
// once.
func TestStdioMakesTheCallsThatItHasRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const each = 3
		stopped := false
		o := options(t, scripted{
			"tag_contacts": (&asking{ttl: time.Hour}).call,
			"list_tags": func(ctx context.Context, _ tools.Call) (tools.Result, error) {
				time.Sleep(drainTime / (each + 1))
				if stopped || ctx.Err() != nil {
					return tools.Result{}, errTest
				}
				return reply(`{}`)
			},
		})
		o.Stopping = func() { stopped = true }
		p := connect(t, o)
		p.send("%s", askingHello)
		p.receive()
		p.send("%s", strings.Replace(askingCall, `"id":1`, `"id":"asked"`, 1))
		p.receive()
		for id := range each * stdioWorkers {
			p.send(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"list_tags","arguments":{}}}`, id)
		}
		p.in.Close()
		for n := range each*stdioWorkers + 1 {
			w := p.receive()
			if w.Error != nil || w.Result["isError"] != nil {
				t.Errorf("response %d is %+v", n, w)
			}
		}
		if err := p.ended(); err != nil {
			t.Error(err)
		}
	})
}

func TestStdioStopsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started := make(chan struct{})
		p := connect(t, options(t, scripted{"search_contacts": waiting(started)}))
		p.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search_contacts","arguments":{}}}`)
		<-started
		p.stop()
		if w := p.receive(); w.Result["isError"] != true {
			t.Errorf("the call under way was answered %+v", w)
		}
		if err := p.ended(); err != nil {
			t.Error(err)
		}
	})
}

func TestStdioAnswersBusyBeyondTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started := make(chan struct{}, stdioWorkers)
		p := connect(t, options(t, scripted{"search_contacts": waiting(started)}))
		for i := range stdioWorkers + stdioQueue + 1 {
			p.send(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"search_contacts","arguments":{}}}`, i)
		}
		w := p.receive()
		if string(w.ID) != fmt.Sprint(stdioWorkers+stdioQueue) || !strings.Contains(fmt.Sprint(w.Result["_meta"]), "busy") {
			t.Errorf("the response is %+v", w)
		}
		p.stop()
		go io.Copy(io.Discard, p.out)
		go func() {
			for range started {
			}
		}()
		p.ended()
		synctest.Wait()
		close(started)
	})
}
