package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
)

var update = flag.Bool("update", false, "rewrite the transcripts' server lines")

// TestTranscripts replays the conversations in testdata/transcripts on every
// transport: each block of client lines is sent, then the server's lines must
// be as recorded, up to the point where it waits for the client again.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/transcripts/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		for transport, start := range transports {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+"/"+transport, func(t *testing.T) {
				replay(t, file, transport, start)
			})
		}
	}
}

func replay(t *testing.T, file, transport string, start func(*testing.T, Options) peer) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	o := options(t, realPipeline(t))
	var said *txtar.File
	r := replayer{t: t, peer: nil, names: make(map[string]string)}
	for i := range archive.Files {
		block := &archive.Files[i]
		switch block.Name {
		case "only":
			if strings.TrimSpace(string(block.Data)) != transport {
				t.Skip("for the other transport")
			}
		case "scripted":
			o.Caller = oddities()
		case "hasty":
			o.Caller = pipelineWith(t, sandbox.New(sandbox.Options{}), change.NewMemory(10), hasty())
		case "client":
			if r.peer == nil {
				r.peer = start(t, o)
			}
			said = &txtar.File{Data: r.exchange(block.Data)}
		case "server":
			if *update {
				block.Data = said.Data
			} else if diff := cmp.Diff(string(block.Data), string(said.Data)); diff != "" {
				t.Fatalf("the server said otherwise (-recorded +said):\n%s", diff)
			}
		default:
			t.Fatalf("unknown block %q", block.Name)
		}
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// replayer sends and reads, and gives names to what differs from run to run.
type replayer struct {
	t     *testing.T
	peer  peer
	names map[string]string // by what it stands for
	open  []string          // ids of requests without a response
}

// macros shorten the client's lines.
var macros = strings.NewReplacer(
	`"_meta":"modern"`,
	`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}`,
	`"_meta":"modern asking"`,
	`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"elicitation":{}}}`,
)

// exchange sends a block of lines and returns what the server says to them.
func (r *replayer) exchange(lines []byte) []byte {
	for line := range strings.Lines(string(lines)) {
		line = macros.Replace(strings.TrimSpace(line))
		for real, name := range r.names {
			line = strings.ReplaceAll(line, "<"+name+">", real)
			line = strings.ReplaceAll(line, "<flipped "+name+">", flip(real))
		}
		var m struct {
			ID     json.RawMessage
			Method string
			Params struct{ RequestID json.RawMessage }
		}
		_ = json.Unmarshal([]byte(line), &m) // broken lines are sent as they are
		if m.ID != nil && m.Method != "" || m.ID == nil && m.Method == "" {
			r.open = append(r.open, string(m.ID))
		}
		r.peer.post(line)
		if m.Method == "notifications/cancelled" {
			r.close(m.Params.RequestID)
		}
	}
	var said bytes.Buffer
	for asked := false; !asked && len(r.open) > 0; {
		raw := r.peer.next()
		if raw == nil {
			r.t.Fatalf("the server ended; it said %s", said.Bytes())
		}
		var m struct {
			ID     json.RawMessage
			Method string
		}
		if err := json.Unmarshal(raw, &m); err != nil {
			r.t.Fatalf("the server said %s", raw)
		}
		asked = m.Method != "" && m.ID != nil
		if m.Method == "" {
			r.close(m.ID)
		}
		said.WriteString(r.named(sorted(r.t, raw)))
	}
	return said.Bytes()
}

// sorted writes a message on a line with its keys in order, as the transports
// do not agree on one.
func sorted(t *testing.T, raw []byte) string {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var message any
	if err := decoder.Decode(&message); err != nil {
		t.Fatalf("the server said %s", raw)
	}
	var line strings.Builder
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(message); err != nil {
		t.Fatal(err)
	}
	return line.String()
}

func (r *replayer) close(id json.RawMessage) {
	i := slices.Index(r.open, string(id))
	if (id == nil || string(id) == "null") && len(r.open) > 0 { // the server could not read it
		i = 0
	}
	if i >= 0 {
		r.open = slices.Delete(r.open, i, i+1)
	}
}

// What differs from run to run.
var (
	changing = regexp.MustCompile(`chg_[0-9a-z]{26}|"requestState":"[^"]*"`)
	times    = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)
	incident = regexp.MustCompile(`incident [A-Z2-7]{12}`)
)

// named replaces what differs from run to run by names that stay.
func (r *replayer) named(line string) string {
	line = changing.ReplaceAllStringFunc(line, func(found string) string {
		if state, ok := strings.CutPrefix(found, `"requestState":"`); ok {
			return `"requestState":"<` + r.name(strings.TrimSuffix(state, `"`), "state") + `>"`
		}
		return "<" + r.name(found, "change") + ">"
	})
	return incident.ReplaceAllString(times.ReplaceAllString(line, "<time>"), "incident <id>")
}

func (r *replayer) name(real, kind string) string {
	if _, known := r.names[real]; !known {
		n := 1
		for _, name := range r.names {
			if strings.HasPrefix(name, kind) {
				n++
			}
		}
		r.names[real] = fmt.Sprintf("%s %d", kind, n)
	}
	return r.names[real]
}

// flip changes one bit of a sealed state.
func flip(state string) string {
	flipped := []byte(state)
	flipped[len(flipped)/2] ^= 1
	return string(flipped)
}

// realPipeline is the whole program behind a transport, on a fresh sandbox.
func realPipeline(t *testing.T) *tools.Pipeline {
	t.Helper()
	now := time.Date(2026, time.November, 2, 9, 0, 0, 0, time.UTC) // ids follow the clock
	return pipelineWith(t, sandbox.New(sandbox.Options{Now: func() time.Time { return now }}), change.NewMemory(1000),
		policy.Default(policy.ModeFull))
}

// pipelineWith is the real pipeline over a workspace, a store and a policy.
func pipelineWith(t testing.TB, workspace http.RoundTripper, store change.Store, rules *policy.Policy,
	sets ...string) *tools.Pipeline {
	t.Helper()
	client, err := intercom.New(intercom.Config{Token: "t", BaseURL: "http://127.0.0.1", Transport: workspace})
	if err != nil {
		t.Fatal(err)
	}
	pipeline, err := tools.New(tools.Config{Client: client, Policy: policy.Always(rules), Store: store, Toolsets: sets})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pipeline.Close(context.Background()) })
	return pipeline
}

// oddities is a caller for what the real one never does.
func oddities() tools.Caller {
	return scripted{
		"search_contacts": func(context.Context, tools.Call) (tools.Result, error) { panic(errTest) },
		"get_contact":     func(context.Context, tools.Call) (tools.Result, error) { return tools.Result{}, errTest },
		"list_tags":       ticking(3),
		"update_contact": func(ctx context.Context, _ tools.Call) (tools.Result, error) {
			<-ctx.Done()
			return reply(`{}`)
		},
	}
}
