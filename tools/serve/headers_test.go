package serve

import (
	"net/http"
	"strings"
	"testing"
)

// A client that takes neither kind of response is told so; one that says nothing
// takes both.
func TestAccept(t *testing.T) {
	s := newSite(t, HTTPOptions{Options: options(t, scripted{"list_tags": ticking(1)})})
	call := strings.Replace(modernCall, `"_meta":{`, `"_meta":{"progressToken":1,`, 1)
	for accept, want := range map[string]string{
		"": "text/event-stream", "*/*": "text/event-stream", "text/*": "text/event-stream",
		"text/html, */*;q=0.1":                                    "text/event-stream",
		"application/json, text/event-stream":                     "text/event-stream",
		"Application/JSON;q=0.5,TEXT/event-stream; charset=utf-8": "text/event-stream",
		"application/json":                                        "application/json", "application/*": "application/json",
		"application/json, text/event-stream;q=0": "application/json",
		"text/html": "", "application/xml, image/*": "", "*/*;q=0": "", "application/json;q=0.0": "", "application/jsonp": "",
		"x-text/event-stream": "", ";": "",
	} {
		header := modernHeaders()
		header.Set("Accept", accept)
		status, got, text := s.do("POST", "/mcp", header, strings.NewReader(call))
		switch {
		case want == "" && (status != http.StatusNotAcceptable || !strings.Contains(text, "text/event-stream")):
			t.Errorf("Accept %q: %d %s", accept, status, text)
		case want != "" && (status != http.StatusOK || got.Get("Content-Type") != want):
			t.Errorf("Accept %q: %d %s %s", accept, status, got.Get("Content-Type"), text)
		}
	}
}
