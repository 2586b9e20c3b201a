package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// echo answers a request as the embedded Intercom answered it the first time,
// so that a benchmark measures who asks and not who answers.
type echo struct {
	sandbox http.RoundTripper
	answers map[string]*http.Response // without bodies
	bodies  map[string][]byte
	asked   []asked // since it was last emptied
}

// asked is one request that was made.
type asked struct {
	method, url string
	header      http.Header
	body        []byte
}

// RoundTrip implements [http.RoundTripper].
func (e *echo) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	e.asked = append(e.asked, asked{r.Method, r.URL.String(), r.Header, body})
	key := r.Method + r.URL.String() + string(body)
	if e.answers[key] == nil {
		first := r.Clone(r.Context())
		first.Body = io.NopCloser(bytes.NewReader(body))
		answer, err := e.sandbox.RoundTrip(first)
		if err != nil {
			return nil, err
		}
		defer answer.Body.Close() // it was read to its end
		if e.bodies[key], err = io.ReadAll(answer.Body); err != nil {
			return nil, err
		}
		e.answers[key] = answer
	}
	again := *e.answers[key]
	again.Request, again.Body = r, io.NopCloser(bytes.NewReader(e.bodies[key]))
	return &again, nil
}

// BenchmarkRead runs tools that read, from the arguments to the answer, against
// a bare Go client that makes the same requests and decodes the same bodies.
func BenchmarkRead(b *testing.B) {
	sb := sandbox.New(sandbox.Options{RateLimit: 1 << 30})
	e := &echo{sandbox: sb, answers: make(map[string]*http.Response), bodies: make(map[string][]byte)}
	client, err := intercom.New(intercom.Config{Token: "t", BaseURL: "http://127.0.0.1", Transport: e})
	if err != nil {
		b.Fatal(err)
	}
	p, err := New(Config{Client: client, Policy: policy.Always(policy.Default(policy.ModeWrite)),
		Store: change.NewMemory(1)})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close(context.Background())
	for tool, args := range map[string]string{
		"get_contact":     `{"contact":"` + sb.Contacts()[0].ID + `"}`,
		"search_contacts": `{"limit":50}`,
	} {
		read := func(b *testing.B) {
			e.asked = nil
			result, err := p.Call(b.Context(), Call{Tool: tool, Args: json.RawMessage(args), Principal: "local"})
			if err != nil || result.Err != nil {
				b.Fatal(err, result.Err)
			}
		}
		read(b)
		read(b) // what is remembered between calls is asked for no more
		requests := e.asked
		b.Run(tool+"/tool", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				read(b)
			}
			b.ReportMetric(float64(len(requests)), "requests")
		})
		b.Run(tool+"/bare", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e.asked = nil
				bare(b, &http.Client{Transport: e}, requests)
			}
		})
	}
}

// bare makes requests as anyone would.
func bare(b *testing.B, c *http.Client, requests []asked) {
	for _, a := range requests {
		r, err := http.NewRequestWithContext(b.Context(), a.method, a.url, bytes.NewReader(a.body))
		if err != nil {
			b.Fatal(err)
		}
		r.Header = a.header
		answer, err := c.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			b.Fatal(err)
		}
		var decoded map[string]any
		if err := json.Unmarshal(body, &decoded); err != nil || answer.StatusCode != http.StatusOK {
			b.Fatal(answer.Status, err)
		}
	}
}
