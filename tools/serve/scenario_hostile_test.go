package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// big is how much a hostile message carries, in bytes: close to all it may.
const big = 500_000

// objects returns members that together take big bytes, in objects that each hold
// nearly as many keys as one may, and together nearly as many as a message may.
func objects(value string) string {
	var text strings.Builder
	for i := range 6 {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `"o%d":{"k":%s`, i, value)
		for k := range 950 {
			fmt.Fprintf(&text, `,"k%d%s":%s`, k, strings.Repeat("x", big/5700-10-len(value)), value)
		}
		text.WriteByte('}')
	}
	return text.String()
}

// copies returns as many copies of an item, with commas between, as fit into
// big bytes.
func copies(item string) string {
	return strings.TrimSuffix(strings.Repeat(item+",", big/(len(item)+1)), ",")
}

// unknownKeys returns a thousand members that together take big bytes.
func unknownKeys(value string) string {
	var text strings.Builder
	for i := range 1000 {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `"limit%d%s":%s`, i, strings.Repeat("x", big/1000-12-len(value)), value)
	}
	return text.String()
}

// inMeta puts copies of a number into a message's _meta, as many as that may hold.
func inMeta(message, number string) string {
	const most = 30 << 10
	numbers := strings.Repeat(number+",", most/(len(number)+1))
	return strings.Replace(message, `%s`, `%s,"numbers":[`+strings.TrimSuffix(numbers, ",")+`]}`, 1)
}

// inRevision returns a hostile message as one of a kind of revision.
func inRevision(message, revision string) string {
	if strings.Contains(message, `%s,"numbers"`) {
		return strings.Replace(message, "%s", strings.TrimSuffix(revisions[revision], "}"), 1)
	}
	return strings.Replace(message, "%s", revisions[revision], 1)
}

// attributes returns as many members as attributes may have, that together take
// big bytes.
func attributes() string {
	var list []string
	for i := range 250 {
		list = append(list, fmt.Sprintf(`"a%d":"%s"`, i, strings.Repeat("x", big/250-12)))
	}
	return strings.Join(list, ",")
}

// hostile are well-formed messages that were made to be expensive, and must be
// refused: what a response to each says. A %s stands for the revision's _meta.
func hostile() map[string]struct{ message, says string } {
	call := func(tool, args string) string {
		return fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":%q,"arguments":%s,%%s}}`, tool,
			args)
	}
	long := strings.Repeat("x", big)
	quoted := func(text string) string { // JSON text inside a JSON string
		inner, _ := json.Marshal(text)
		return string(inner)
	}
	few := make([]string, 0, 1000)
	for i := range 1000 {
		few = append(few, fmt.Sprintf(`"k%d":1`, i))
	}
	return map[string]struct{ message, says string }{
		"unknown arguments":       {call("search_contacts", `{`+unknownKeys("1")+`}`), "unknown argument"},
		"short unknown arguments": {call("search_contacts", `{`+strings.Join(few, ",")+`}`), "unknown argument"},
		"objects as arguments":    {call("search_contacts", `{`+objects("1")+`}`), "unknown argument"},
		"empty objects":           {call("search_contacts", `{"a":[`+copies("{}")+`]}`), "unknown argument"},
		"unknown tool":            {call("search_contact", `{`+unknownKeys("1")+`}`), "did you mean search_contacts?"},
		"unknown tool of objects": {call("search_contact", `{`+objects("1")+`}`), "did you mean search_contacts?"},
		"tool not offered":        {call("delete_tag", `{`+objects("1")+`}`), "not offered"},
		"long tool name":          {call(long, `{}`), "at most 32 KiB"},
		"arguments an array":      {call("search_contacts", `[`+copies("1")+`]`), "must be an object"},
		"arguments a string":      {call("search_contacts", `"`+long+`"`), "must be an object"},
		"too many contacts":       {call("tag_contacts", `{"tag":"VIP","contacts":[`+copies(`"a"`)+`]}`), "contacts"},
		"too many numbers":        {call("tag_contacts", `{"tag":"VIP","contacts":[`+copies(`1`)+`]}`), "contacts"},
		"too many conditions": {call("search_contacts", `{"where":[`+copies(`{"field":"x"}`)+`]}`),
			"more than 6,000 members; send fewer at a time"},
		"unknown keys in items": {call("search_contacts", `{"where":[`+copies(`{`+strings.Join(few[:20], ",")+`}`)+`]}`),
			"more than 6,000 members; send fewer at a time"},
		"too many fields": {call("search_contacts", `{"fields":[`+copies(`"x"`)+`]}`), "fields"},
		"equal items": {call("tag_contacts",
			`{"tag":1,"tagg":1,"contacts":[`+strings.TrimSuffix(strings.Repeat(`"a",`, 900), ",")+`]}`), "tagg"},
		"long reference": {call("get_contact", `{"contact":"`+long+`"}`),
			"must have at most 65536 bytes, got 500000"},
		"long query": {call("search_contacts", `{"query":"`+long+`"}`), "must have at most 65536 bytes"},
		"escaped text": {call("get_contact", `{"contact":"`+strings.Repeat(`\u00e9`, big/6)+`"}`),
			"must have at most 65536 bytes"},
		"escaped keys": {call("search_contacts", `{"a":[`+copies(`{"\u00e9":1}`)+`]}`),
			"more than 6,000 members; send fewer at a time"},
		"capital keys": {call("search_contacts", `{"a":[`+copies(`{"AB":1,"CD":2}`)+`]}`),
			"more than 6,000 members; send fewer at a time"},
		"foreign keys": {call("search_contacts", `{"a":[`+copies(`{"ПРИВЕТ":1}`)+`]}`),
			"more than 6,000 members; send fewer at a time"},
		"foreign text": {call("search_contacts", `{"a":"`+strings.Repeat("Ж", big/2)+`"}`), "unknown argument"},
		"long references": {call("tag_contacts",
			`{"tag":"VIP","contacts":[`+strings.TrimSuffix(strings.Repeat(`"`+long[:big/200-10]+`",`, 200), ",")+`]}`),
			"bytes long"},
		"wrong items": {call("tag_contacts",
			`{"tag":"VIP","contacts":[`+strings.TrimSuffix(strings.Repeat(`1.5,`, 200), ",")+`]}`), "must be a string"},
		"empty updates": {call("bulk_update_contacts", `{"updates":[`+copies(`{}`)+`]}`), "updates"},
		"updates of anything": {call("bulk_update_contacts",
			`{"updates":[`+strings.TrimSuffix(strings.Repeat(`{`+strings.Join(few[:230], ",")+`},`, 200), ",")+`]}`),
			"more than 6,000 members; send fewer at a time"},
		"attributes of updates": {call("bulk_update_contacts",
			`{"updates":[`+strings.TrimSuffix(strings.Repeat(`{"contact":"a@acme.com","set":{"custom_attributes":{`+strings.Join(few[:230], ",")+`}}},`, 200), ",")+`]}`), "more than 6,000 members; send fewer at a time"},
		"attributes as text": {call("bulk_update_contacts",
			`{"updates":`+quoted(`[`+strings.TrimSuffix(strings.Repeat(`{"contact":"a@acme.com","set":{"custom_attributes":{`+strings.Join(few[:230], ",")+`}}},`, 200), ",")+`]`)+`}`), "more than 6,000 members; send fewer at a time"},
		"as many members": {call("bulk_update_contacts",
			`{"updates":[`+strings.TrimSuffix(strings.Repeat(`{"contact":"a@acme.com","set":{"custom_attributes":{`+strings.Join(few[:26], ",")+`}}},`, 200), ",")+`]}`), ""},
		"long attributes": {call("update_contact",
			`{"contact":"a@acme.com","set":{"custom_attributes":{`+attributes()+`}}}`), ""},
		"long cursor": {call("search_contacts", `{"cursor":"`+long+`"}`), "cursor"},
		"items as text": {call("tag_contacts", `{"tag":"VIP","contacts":`+quoted(`[`+copies("1")+`]`)+`}`),
			"contacts"},
		"objects as text": {call("search_contacts", `{"where":`+quoted(`[`+copies(`{}`)+`]`)+`}`), "where"},
		"text in texts":   {call("search_contacts", `{"where":[`+copies(quoted(`{"field":"x"}`))+`]}`), "where"},
		"tiny numbers": {call("search_contacts", `{"a":[`+copies(`1e-320`)+`]}`),
			"a number too small to represent"},
		"tiny numbers in params": {`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":[` + copies(`1e-320`) + `],%s}}`,
			"a number too small to represent"},
		"numbers between two": {call("search_contacts", `{"a":[`+copies(`10000000005939348255e285`)+`]}`),
			"more than 19 digits"},
		"small numbers": {call("update_contact",
			`{"contact":"a@acme.com","set":{"custom_attributes":{"a":[`+copies(`1e-300`)+`]}}}`), ""},
		"long numbers": {call("update_contact",
			`{"contact":"a@acme.com","set":{"custom_attributes":{"a":[`+copies(`1`+strings.Repeat("0",
				9)+`5939348255`+strings.Repeat("1", 280))+`]}}}`), ""},
		"long numbers in _meta": {inMeta(call("tag_contact", `{}`),
			`1`+strings.Repeat("0", 9)+`5939348255`+strings.Repeat("1", 280)), "did you mean"},
		"close numbers in _meta": {inMeta(call("tag_contact", `{}`), `1`+strings.Repeat("0", 9)+`5939348255`),
			"did you mean"},
		"small numbers in _meta": {inMeta(call("tag_contact", `{}`), `1e-300`), "did you mean"},
		"attributes": {call("update_contact",
			`{"contact":"a@acme.com","set":{"custom_attributes":{`+unknownKeys(`"x"`)+`}}}`), ""},
		"request state": {strings.Replace(call("tag_contacts", `{}`), `"arguments"`,
			`"requestState":"`+long+`","arguments"`, 1), "at most 32 KiB"},
		"input responses": {strings.Replace(call("tag_contact", `{}`), `"arguments"`,
			`"inputResponses":{`+objects(`{}`)+`},"arguments"`, 1), "at most 32 KiB"},
		"unknown members": {strings.Replace(call("tag_contact", `{}`), `"arguments"`, objects(`{}`)+`,"arguments"`,
			1), "at most 32 KiB"},
		"unknown method": {`{"jsonrpc":"2.0","id":1,"method":"tools/calls","params":{"a":{` + objects("1") +
			`},%s}}`, "at most 32 KiB"},
		"long method": {`{"jsonrpc":"2.0","id":1,"method":"` + long + `","params":{%s}}`, "at most 64 bytes"},
		"params of another method": {`{"jsonrpc":"2.0","id":1,"method":"prompts/list","params":{"a":{` + objects("1") +
			`},%s}}`, "at most 32 KiB"},
		"cursor of the list": {`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"` + long + `",%s}}`,
			"none that this server gave"},
		"no params": {`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[` + copies("1") + `]}`,
			"params must be an object"},
	}
}

// revisions are the two ways in which a request says what its client can do.
var revisions = map[string]string{"session-based": `"_meta":{"a":1}`, "sessionless": modernMeta}

// suspect is a server that hostile messages are tried on, and that no tool of
// is ever called.
type suspect struct {
	s    *httpServer
	line *stdio
	work context.Context
	out  *strings.Builder
	id   string // of a session
}

func newSuspect(tb testing.TB) *suspect {
	pipeline := pipelineWith(tb, sandbox.New(sandbox.Options{}), change.NewMemory(10), policy.Default(policy.ModeWrite))
	o := Options{Version: "test", Caller: pipeline}
	s, err := newHTTPServer(HTTPOptions{Options: o}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		tb.Fatal(err)
	}
	c, err := newCore(o)
	if err != nil {
		tb.Fatal(err)
	}
	x := &suspect{s: s, out: new(strings.Builder)}
	x.line, x.work = newStdio(c, x.out)
	w := x.post(x.headers("", ""), hello)
	x.id = w.Header().Get("Mcp-Session-Id")
	tb.Cleanup(func() { x.line.abandon(); s.stop(context.Background()) })
	return x
}

// headers are those that a message's revision wants.
func (x *suspect) headers(revision, line string) http.Header {
	header := http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json, text/event-stream"},
		"Mcp-Session-Id": {x.id}}
	if revision == "sessionless" {
		m, _ := jsonrpc.Read([]byte(line))
		var name string
		_ = json.Unmarshal(m.Params["name"], &name)
		header.Set("Mcp-Protocol-Version", "2026-07-28")
		header.Set("Mcp-Method", m.Method)
		if name != "" {
			header.Set("Mcp-Name", name)
		}
	}
	return header
}

// post posts a message.
func (x *suspect) post(header http.Header, line string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "http://localhost/mcp", strings.NewReader(line))
	r.Header = header
	w := httptest.NewRecorder()
	x.s.routes().ServeHTTP(w, r)
	return w
}

// over answers a message on a transport.
func (x *suspect) over(transport string, header http.Header, line string) string {
	if transport == "http" {
		return x.post(header, line).Body.String()
	}
	x.out.Reset()
	if err := x.line.accept(x.work, input{line: []byte(line)}); err != nil {
		return err.Error()
	}
	x.line.running.Wait()
	return x.out.String()
}

// Every hostile message is refused for what it is, in few words. A short run sends it over one transport, by its name.
func TestHostileMessagesAreRefused(t *testing.T) {
	t.Parallel()
	x := newSuspect(t)
	for name, h := range hostile() {
		for revision := range revisions {
			for i, transport := range []string{"stdio", "http"} {
				if testing.Short() && len(name)%2 != i {
					continue
				}
				line := inRevision(h.message, revision)
				header := x.headers(revision, line)
				answer := x.over(transport, header, line)
				var w wire
				if err := json.Unmarshal([]byte(answer), &w); err != nil || w.Error == nil && w.Result["isError"] != true {
					t.Errorf("%s, %s on %s: answered %.300s", name, revision, transport, answer)
					continue
				}
				if !strings.Contains(answer, h.says) || len(answer) > 2000 {
					t.Errorf("%s, %s on %s: answered %d bytes: %.600s", name, revision, transport, len(answer), answer)
				}
			}
		}
	}
}

// BenchmarkHostile is the price of such messages in time of the processor, the
// garbage collector's included.
func BenchmarkHostile(b *testing.B) {
	x, messages := newSuspect(b), hostile()
	for _, name := range slices.Sorted(maps.Keys(messages)) {
		for _, revision := range slices.Sorted(maps.Keys(revisions)) {
			for _, transport := range []string{"stdio", "http"} {
				line := inRevision(messages[name].message, revision)
				header := x.headers(revision, line)
				b.Run(strings.ReplaceAll(name, " ", "-")+"/"+revision+"/"+transport, func(b *testing.B) {
					before := processorTime()
					for b.Loop() {
						x.over(transport, header, line)
					}
					b.ReportMetric(float64(processorTime()-before)/1e6/float64(b.N), "cpu-ms/op")
				})
			}
		}
	}
}
