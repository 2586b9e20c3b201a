package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is a fixed time for clocks: 2026-11-16 12:00 UTC.
var noon = time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

// caller talks to a sandbox in process, in one version.
type caller struct {
	*Sandbox
	t       testing.TB
	version string
}

// newCaller makes a caller of a new sandbox, whose clock stands still at noon unless the
// options have one.
func newCaller(t testing.TB, opts Options) *caller {
	t.Helper()
	if opts.Now == nil {
		opts.Now = atNoon
	}
	return &caller{New(opts), t, ""}
}

// in returns a caller of the same sandbox in another version.
func (c *caller) in(version string) *caller { return &caller{c.Sandbox, c.t, version} }

func (c *caller) request(method, path, body string) *http.Request {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, "https://api.intercom.io"+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer token")
	r.Header.Set("Accept", "application/json")
	if c.version != "" {
		r.Header.Set("Intercom-Version", c.version)
	}
	return r
}

// do sends a request; it fails the test when there is no answer.
func (c *caller) do(method, path, body string) answer {
	c.t.Helper()
	return c.send(c.request(method, path, body))
}

func (c *caller) send(r *http.Request) answer {
	c.t.Helper()
	response, err := c.RoundTrip(r)
	if err != nil {
		c.t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	data, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatalf("%s %s: reading the body: %v", r.Method, r.URL, err)
	}
	return answer{c.t, response.StatusCode, response.Header, data}
}

// ok is do for a request that must be answered with 200.
func (c *caller) ok(method, path, body string) answer {
	c.t.Helper()
	a := c.do(method, path, body)
	if a.status != http.StatusOK {
		c.t.Fatalf("%s %s %s: %d %s", method, path, body, a.status, a.body)
	}
	return a
}

// refused is do for a request that must be answered with an error.
func (c *caller) refused(method, path, body string, status int, code, message string) {
	c.t.Helper()
	a := c.do(method, path, body)
	if a.status != status || a.text("errors.0.code") != code || a.text("errors.0.message") != message {
		c.t.Errorf("%s %s %s:\n got %d %s\nwant %d %s: %s", method, path, body, a.status, a.body, status, code, message)
	}
}

// search returns the ids that a query finds, in order.
func (c *caller) search(query string) []string {
	c.t.Helper()
	return c.ok("POST", "/contacts/search", `{"query":`+query+`,"pagination":{"per_page":150}}`).ids()
}

// answer is what the sandbox said.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

// at returns the value at a dotted path, nil where there is none.
func (a answer) at(path string) any {
	a.t.Helper()
	var value any
	if err := json.Unmarshal(a.body, &value); err != nil {
		a.t.Fatalf("%s: %v", a.body, err)
	}
	for key := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

func (a answer) text(path string) string {
	a.t.Helper()
	s, _ := a.at(path).(string)
	return s
}

func (a answer) number(path string) int {
	a.t.Helper()
	f, ok := a.at(path).(float64)
	if !ok {
		a.t.Fatalf("no number at %s in %s", path, a.body)
	}
	return int(f)
}

// ids are the ids of the rows of a list.
func (a answer) ids() []string {
	a.t.Helper()
	rows, ok := a.at("data").([]any)
	if !ok {
		a.t.Fatalf("no list: %s", a.body)
	}
	ids := []string{}
	for _, row := range rows {
		id, _ := row.(map[string]any)["id"].(string)
		ids = append(ids, id)
	}
	return ids
}
