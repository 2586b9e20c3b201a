package serve

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"intercom-mcp/policy"
	"intercom-mcp/tools"
)

// modernCall is a request that the guard lets through.
const (
	modernMeta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}`
	modernCall = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tags","arguments":{},` +
		modernMeta + `}}`
)

// modernHeaders go with modernCall.
func modernHeaders() http.Header {
	return http.Header{
		"Content-Type": {"application/json"}, "Accept": {"application/json, text/event-stream"},
		"Mcp-Protocol-Version": {"2026-07-28"}, "Mcp-Method": {"tools/call"}, "Mcp-Name": {"list_tags"},
	}
}

// do sends a request as it is and returns status, headers and body.
func (s *site) do(method, path string, header http.Header, body io.Reader, edit ...func(*http.Request)) (int,
	http.Header, string) {
	s.t.Helper()
	request, err := http.NewRequest(method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header = header
	for _, change := range edit {
		change(request)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(text)
}

// counting is a caller that counts the calls that reach it.
type counting struct {
	tools.Caller
	reached *atomic.Int64
}

func (c counting) Call(ctx context.Context, call tools.Call) (tools.Result, error) {
	c.reached.Add(1)
	return c.Caller.Call(ctx, call)
}

func TestGuardRefuses(t *testing.T) {
	t.Parallel()
	header := func(key, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(key, value) }
	}
	body := func(text string) func(*http.Request) {
		return func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
		}
	}
	huge := `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"` + strings.Repeat("x", 5<<20) + `"}}`
	tests := map[string]struct {
		edit   func(*http.Request)
		status int
		text   string
	}{
		"evil Origin":      {header("Origin", "http://evil.example"), 403, "Origin"},
		"null Origin":      {header("Origin", "null"), 403, "Origin"},
		"cross-site fetch": {header("Sec-Fetch-Site", "cross-site"), 403, "Origin"},
		"evil Origin on GET": {func(r *http.Request) { r.Method = "GET"; r.Header.Set("Origin", "http://evil.example") },
			403, "Origin"},
		"rebinding Host": {func(r *http.Request) {
			r.Host = "evil.example"
			r.Header.Set("Origin",
				"http://evil.example")
		}, 403, "Host"},
		"loopback look-alike": {func(r *http.Request) { r.Host = "localhost.evil.example" }, 403, "Host"},
		"PUT":                 {func(r *http.Request) { r.Method = "PUT" }, 405, "POST"},
		"GET without session": {func(r *http.Request) { r.Method = "GET" }, 405, "listen"},
		"text/plain":          {header("Content-Type", "text/plain"), 415, "application/json"},
		"no content type":     {func(r *http.Request) { r.Header.Del("Content-Type") }, 415, "application/json"},
		"gzip":                {header("Content-Encoding", "gzip"), 415, "encoded"},
		"5 MiB":               {body(huge), 413, "512 KiB"},
		"5 MiB, chunked":      {func(r *http.Request) { body(huge)(r); r.ContentLength = -1 }, 413, "512 KiB"},
		"empty":               {body(""), 400, "empty"},
		"20,000 levels":       {body(strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)), 400, "levels"},
		"20,000 open levels":  {body(strings.Repeat(`{"a":`, 20_000)), 400, "levels"},
		"duplicate keys":      {body(strings.Replace(modernCall, `"id":1`, `"id":1,"id":2`, 1)), 400, "twice"},
		"case-folded keys":    {body(strings.Replace(modernCall, `"id":1`, `"id":1,"METHOD":"ping"`, 1)), 400, "twice"},
		"NUL":                 {body(strings.Replace(modernCall, `{}`, `{"a":"\u0000"}`, 1)), 400, "NUL"},
		"raw NUL":             {body("\x00" + modernCall), 400, "x00"},
		"invalid UTF-8":       {body(strings.Replace(modernCall, `{}`, "{\"a\":\"\xff\"}", 1)), 400, "UTF-8"},
		"lone surrogate":      {body(strings.Replace(modernCall, `{}`, `{"a":"\udc00"}`, 1)), 400, "surrogate"},
		"1e400":               {body(strings.Replace(modernCall, `{}`, `{"a":1e400}`, 1)), 400, "number"},
		"batch":               {body("[" + modernCall + "]"), 400, "batch"},
		"unknown version": {func(r *http.Request) {
			body(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)(r)
			r.Header.Set("Mcp-Protocol-Version", "garbage")
		}, 400, `"id":1,"error":{"code":-32022,"message":"unsupported protocol version: \"garbage\"`},
		"unknown version of a response": {func(r *http.Request) {
			body(`{"jsonrpc":"2.0","id":1,"result":{}}`)(r)
			r.Header.Set("Mcp-Protocol-Version", "2099-01-01")
		}, 400, `"code":-32022`},
		"unknown version on GET": {func(r *http.Request) {
			r.Method = "GET"
			r.Header.Set("Mcp-Protocol-Version",
				"garbage")
		}, 400, "unsupported protocol version"},
		"unknown version on DELETE": {func(r *http.Request) {
			r.Method = "DELETE"
			r.Header.Set("Mcp-Protocol-Version",
				"1")
		}, 400, "unsupported protocol version"},
		"other version": {header("Mcp-Protocol-Version", "2025-11-25"), 400, "does not match"},
		"other method":  {header("Mcp-Method", "tools/list"), 400, "Mcp-Method"},
		"other name":    {header("Mcp-Name", "get_contact"), 400, "Mcp-Name"},
	}
	var reached atomic.Int64
	s := newSite(t, HTTPOptions{Options: options(t, counting{scripted{"list_tags": ticking(0)}, &reached})})
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			status, _, text := s.do("POST", "/mcp", modernHeaders(), strings.NewReader(modernCall), test.edit)
			if status != test.status || !strings.Contains(text, test.text) {
				t.Errorf("%d %.300s; want %d with %q", status, text, test.status, test.text)
			}
		})
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("%d calls reached a handler", n)
	}
	if status, _, text := s.do("POST", "/mcp", modernHeaders(), strings.NewReader(modernCall)); status != 200 ||
		reached.Load() != 1 {
		t.Errorf("a good call is answered %d %s", status, text)
	}
}

// No other header vouches for an Origin.
func TestOrigins(t *testing.T) {
	s := newSite(t, HTTPOptions{Options: options(t, scripted{"list_tags": ticking(0)})})
	for _, test := range []struct {
		origin, site string
		status       int
	}{
		{"http://evil.example", "same-origin", 403}, {"http://evil.example", "none", 403}, {"http://127.0.0.1:1", "", 403},
		{strings.Replace(s.url, "http", "chrome-extension", 1), "", 403}, {"", "", 403}, {s.url, "same-origin", 200},
		{s.url, "", 200},
	} {
		header := modernHeaders()
		header.Set("Origin", test.origin)
		if test.site != "" {
			header.Set("Sec-Fetch-Site", test.site)
		}
		if status, _, text := s.do("POST", "/mcp", header, strings.NewReader(modernCall)); status != test.status {
			t.Errorf("Origin %q, Sec-Fetch-Site %q: %d %s", test.origin, test.site, status, text)
		}
	}
	for site, want := range map[string]int{"same-site": 403, "cross-site": 403, "same-origin": 200, "none": 200} {
		header := modernHeaders()
		header.Set("Sec-Fetch-Site", site)
		if status, _, text := s.do("POST", "/mcp", header, strings.NewReader(modernCall)); status != want {
			t.Errorf("without an Origin, Sec-Fetch-Site %q: %d %s", site, status, text)
		}
	}
}

// A header that decides is there once, whichever of two would be right.
func TestRepeatedHeaders(t *testing.T) {
	s := newSite(t, HTTPOptions{Options: options(t, scripted{"list_tags": ticking(0)})})
	for _, name := range []string{"Origin", "Sec-Fetch-Site", "Authorization", "Content-Type", "Content-Encoding",
		"Mcp-Session-Id", "Mcp-Protocol-Version", "Mcp-Method", "Mcp-Name"} {
		header := modernHeaders()
		header[name] = []string{header.Get(name), header.Get(name)}
		if status, _, text := s.do("POST", "/mcp", header, strings.NewReader(modernCall)); status != 400 ||
			text != "the header "+name+" is there twice\n" {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
}

func TestGuardAdmits(t *testing.T) {
	auth, issued := bearers(t, TokenLine{Name: "ann", Mode: policy.ModeRead})
	s := newSite(t, HTTPOptions{
		Options: options(t, scripted{"list_tags": ticking(0)}), Auth: auth,
		AllowedHosts: []string{"MCP.example"}, AllowedOrigins: []string{"https://app.example"},
	})
	for name, edit := range map[string]func(*http.Request){
		"no Origin": func(*http.Request) {},
		"own page": func(r *http.Request) {
			r.Header.Set("Origin", s.url)
			r.Header.Set("Sec-Fetch-Site",
				"same-origin")
		},
		"typed in": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "none") },
		"own name, secure": func(r *http.Request) {
			r.Host = "mcp.example:443"
			r.Header.Set("Origin",
				"https://MCP.example")
		},
		"allowed page": func(r *http.Request) {
			r.Header.Set("Origin", "https://app.example")
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		},
		"several Accepts":  func(r *http.Request) { r.Header["Accept"] = []string{"application/json", "text/event-stream"} },
		"own Origin":       func(r *http.Request) { r.Header.Set("Origin", s.url) },
		"allowed Origin":   func(r *http.Request) { r.Header.Set("Origin", "https://app.example") },
		"allowed Host":     func(r *http.Request) { r.Host = "mcp.example:443" },
		"localhost":        func(r *http.Request) { r.Host = "LocalHost:1" },
		"IPv6 loopback":    func(r *http.Request) { r.Host = "[::1]:1" },
		"charset":          func(r *http.Request) { r.Header.Set("Content-Type", "application/json; charset=utf-8") },
		"JSON alone":       func(r *http.Request) { r.Header.Set("Accept", "application/json") },
		"no Accept at all": func(r *http.Request) { r.Header.Del("Accept") },
	} {
		t.Run(name, func(t *testing.T) {
			if status, _, text := s.do("POST", "/mcp", modernHeaders(), strings.NewReader(modernCall), bearing(issued[0]),
				edit); status != 200 {
				t.Errorf("%d %s", status, text)
			}
		})
	}
}

// The methods of session-based revisions want a session, and there is no stream to GET.
func TestMethodsOfSessions(t *testing.T) {
	s := newSite(t, HTTPOptions{Options: options(t, scripted{})})
	p := s.peer("")
	p.post(hello)
	p.next()
	for _, test := range []struct {
		method, session string
		status          int
	}{
		{"GET", "", 405}, {"GET", "unknown", 404}, {"GET", p.session, 405},
		{"DELETE", "", 400}, {"DELETE", "unknown", 404}, {"HEAD", "", 405}, {"OPTIONS", "", 405},
		{"DELETE", p.session, 200}, {"DELETE", p.session, 404},
	} {
		header := http.Header{"Accept": {"text/event-stream"}}
		if test.session != "" {
			header.Set("Mcp-Session-Id", test.session)
		}
		status, got, text := s.do(test.method, "/mcp", header, nil)
		if status != test.status || status == 405 && got.Get("Allow") != "POST, DELETE" {
			t.Errorf("%s of session %q: %d %v %s, want %d", test.method, test.session, status, got, text, test.status)
		}
	}
}

func TestPagesOfAllowedOriginsReadResponses(t *testing.T) {
	s := newSite(t, HTTPOptions{Options: options(t, scripted{"list_tags": ticking(0)}),
		AllowedOrigins: []string{"https://app.example"}})
	asking := http.Header{"Origin": {"https://app.example"}, "Access-Control-Request-Method": {"POST"}}
	status, header, _ := s.do("OPTIONS", "/mcp", asking, nil)
	if status != 204 || header.Get("Access-Control-Allow-Origin") != "https://app.example" ||
		!strings.Contains(header.Get("Access-Control-Allow-Headers"), "Mcp-Method") {
		t.Errorf("the page's asking is answered %d %v", status, header)
	}
	asking.Set("Origin", "https://other.example")
	if status, header, _ := s.do("OPTIONS", "/mcp", asking, nil); status != 403 ||
		header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("another page's asking is answered %d %v", status, header)
	}
	status, header, _ = s.do("POST", "/mcp", modernHeaders(), strings.NewReader(modernCall),
		func(r *http.Request) { r.Header.Set("Origin", "https://app.example") })
	if status != 200 || header.Get("Access-Control-Allow-Origin") != "https://app.example" {
		t.Errorf("the page's call is answered %d %v", status, header)
	}
}

func TestProgressOnlyToThoseWhoTakeAStream(t *testing.T) {
	s := newSite(t, HTTPOptions{Options: options(t, scripted{"list_tags": ticking(3)})})
	call := strings.Replace(modernCall, `"_meta":{`, `"_meta":{"progressToken":1,`, 1)
	for accept, want := range map[string]string{
		"application/json, text/event-stream": "text/event-stream", "application/json": "application/json",
		"*/*": "text/event-stream",
	} {
		header := modernHeaders()
		header.Set("Accept", accept)
		_, got, text := s.do("POST", "/mcp", header, strings.NewReader(call))
		if got.Get("Content-Type") != want ||
			strings.Count(text, "notifications/progress") != map[string]int{"text/event-stream": 3}[want] {
			t.Errorf("Accept %s: %s\n%s", accept, got.Get("Content-Type"), text)
		}
	}
}

func TestHealthAndMetrics(t *testing.T) {
	var up atomic.Bool
	s := newSite(t, HTTPOptions{Options: options(t, scripted{"list_tags": ticking(0)}),
		Ready: func(context.Context) error {
			if up.Load() {
				return nil
			}
			return errTest
		}})
	if status, _, text := s.do("GET", "/healthz", http.Header{}, nil); status != 200 || text != "ok\n" {
		t.Errorf("/healthz: %d %s", status, text)
	}
	if status, _, text := s.do("GET", "/readyz", http.Header{}, nil); status != 503 ||
		strings.Contains(text, errTest.Error()) {
		t.Errorf("/readyz: %d %s", status, text)
	}
	up.Store(true)
	if status, _, _ := s.do("GET", "/readyz", http.Header{}, nil); status != 200 {
		t.Errorf("/readyz: %d", status)
	}
	s.do("POST", "/mcp", modernHeaders(), strings.NewReader(modernCall))
	_, _, text := s.do("GET", "/metrics", http.Header{}, nil)
	if want := `intercom_mcp_calls_total{outcome="ok",tool="list_tags"} 1`; !strings.Contains(text, want) {
		t.Errorf("/metrics lacks %s:\n%s", want, text)
	}
}

// A version that does not exist is refused with what was asked for, of which only the beginning is repeated.
func TestUnknownVersion(t *testing.T) {
	for _, test := range []struct{ version, shown string }{
		{"", ""}, {"2025-11-25", ""}, {"2026-07-28", ""},
		{"2031-01-01", "2031-01-01"},
		{strings.Repeat("9", maxVersionShown), strings.Repeat("9", maxVersionShown)},
		{strings.Repeat("9", maxVersionShown+1), strings.Repeat("9", maxVersionShown)},
		{strings.Repeat("9", 30_000), strings.Repeat("9", maxVersionShown)},
	} {
		refused := unknownVersion(http.Header{"Mcp-Protocol-Version": {test.version}})
		if (refused == nil) != (test.shown == "") {
			t.Errorf("%.40q is refused with %v", test.version, refused)
		}
		if refused == nil {
			continue
		}
		var data struct{ Requested string }
		encoded, err := json.Marshal(refused.err.Data)
		if err != nil || json.Unmarshal(encoded, &data) != nil || data.Requested != test.shown ||
			strings.Contains(refused.err.Message, test.shown+"9") {
			t.Errorf("%.40q is refused with %+v", test.version, refused.err)
		}
	}
}
