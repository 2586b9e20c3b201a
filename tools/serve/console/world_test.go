package console

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
	"intercom-mcp/tools"
	"intercom-mcp/tools/serve/internal/auth"
	"intercom-mcp/tools/serve/internal/auth/authtest"
)

// people are those who can sign in.
var people = map[string]map[string]any{
	"tomas": {"sub": "u-tomas", "name": "Tomas Berg", "email": "tomas@acme.example", "groups": []string{"support"}},
	"nora": {"sub": "u-nora", "name": "Nora Lindqvist", "email": "nora@acme.example",
		"groups": []string{"leads", "approver", "operator"}},
	"tomas at home": {"sub": "u-tomas", "name": "T. Berg", "email": "tb@acme.example", "groups": []string{"approver"}},
	"vera":          {"sub": "u-vera", "name": "Vera Viewer", "email": "vera@acme.example", "groups": []string{"viewer"}},
	"otto":          {"sub": "u-otto", "name": "Otto Other", "email": "otto@acme.example", "groups": []string{"approver"}},
}

// world is the real stack: a server of tools over the sandbox and a state file, the console, and an identity provider.
type world struct {
	testing.TB
	sandbox  *sandbox.Sandbox
	pipeline *tools.Pipeline
	store    *sqlite.Store
	path     string // of the state file
	asked    int    // contacts that somebody was asked about
	console  *Console
	site     *httptest.Server
	provider *authtest.Provider
}

// askApprover is a policy that asks somebody in the console for everything.
const askApprover = `
mode: full
confirm: {approve_within: 24h}
rules:
  - name: people decide
    effects: [write, destroy]
    then: confirm
    by: approver
`

// worldOptions are how a world differs from the usual one.
type worldOptions struct {
	Options
	policy string
	locked *atomic.Bool // while it is true, nothing is written to the state file by a step of a change
}

type worldOption func(*worldOptions)

func withPolicy(text string) worldOption { return func(o *worldOptions) { o.policy = text } }

// lockedStore is a state file that another process holds locked for longer than anybody waits.
type lockedStore struct {
	*sqlite.Store
	locked *atomic.Bool
}

// Advance implements [change.Store].
func (s *lockedStore) Advance(ctx context.Context, id string, step change.Step) (change.Change, error) {
	if s.locked.Load() {
		return change.Change{}, fmt.Errorf("%w: the file is locked", change.ErrUnavailable)
	}
	return s.Store.Advance(ctx, id, step)
}

func newWorld(t testing.TB, options ...worldOption) *world {
	t.Helper()
	o := worldOptions{policy: askApprover, locked: new(atomic.Bool)}
	for _, option := range options {
		option(&o)
	}
	w := &world{TB: t, sandbox: sandbox.New(sandbox.Options{}), path: filepath.Join(t.TempDir(), "state.db")}
	var err error
	if w.store, err = sqlite.Open(w.path); err != nil {
		t.Fatal(err)
	}
	client, err := intercom.New(intercom.Config{Token: "test", BaseURL: "http://127.0.0.1", Transport: w.sandbox})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(file, []byte(o.policy), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := policy.Load(file, tools.PolicyVocabulary())
	if err != nil {
		t.Fatal(err)
	}
	w.pipeline, err = tools.New(tools.Config{Client: client, Policy: policy.Always(p),
		Store:     &lockedStore{w.store, o.locked},
		Approvers: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.pipeline.Close(context.Background())
		client.Close()
		_ = w.store.Close()
	})
	w.serve(o.Options)
	return w
}

// serve serves the console, and the identity provider where nobody signs in by codes.
func (w *world) serve(o Options) {
	w.Helper()
	mux := http.NewServeMux()
	w.site = httptest.NewServer(mux)
	w.Cleanup(w.site.Close)
	o.Desk = w.pipeline.Console(w.store)
	if o.Sessions == nil {
		o.Sessions = w.store.Shared().Sessions
	}
	if o.Codes == nil {
		o.Public = w.site.URL
		o.SignIn = w.identify()
	}
	if o.CSV == nil {
		o.CSV = func(out io.Writer, rows *tools.Exported) error {
			for row, err := range rows.Rows {
				if err != nil {
					return err
				}
				if err := json.NewEncoder(out).Encode(row.Values); err != nil {
					return err
				}
			}
			return nil
		}
	}
	var err error
	if w.console, err = New(o); err != nil {
		w.Fatal(err)
	}
	mux.Handle("/", w.console)
}

// identify starts the identity provider.
func (w *world) identify() *auth.SignIn {
	w.Helper()
	var err error
	if w.provider, err = authtest.New("https://mcp.example/mcp"); err != nil {
		w.Fatal(err)
	}
	w.provider.People, w.provider.Secret = people, "shh"
	provider := httptest.NewServer(w.provider.Handler())
	w.Cleanup(provider.Close)
	w.provider.URL = provider.URL
	issuer, err := auth.NewIssuer(auth.IssuerConfig{URL: provider.URL, Audience: w.provider.Audience, PersonClaim: "sub",
		GroupsClaim: "groups"}, provider.Client())
	if err != nil {
		w.Fatal(err)
	}
	signIn, err := issuer.SignIn(auth.SignInConfig{ClientID: "console", ClientSecret: "shh",
		Callback: Callback(w.site.URL)})
	if err != nil {
		w.Fatal(err)
	}
	return signIn
}

// call has somebody's assistant call a tool.
func (w *world) call(person, tool string, args any) tools.Result {
	w.Helper()
	encoded, err := json.Marshal(args)
	if err != nil {
		w.Fatal(err)
	}
	call := tools.Call{Tool: tool, Args: encoded, Principal: "local", Client: "claude-code", CanAsk: true}
	if who := people[person]; who != nil {
		id := w.issuer() + "#" + who["sub"].(string)
		call.Principal = id
		call.Person = policy.Person{ID: id, Name: who["name"].(string), Email: who["email"].(string)}
	}
	result, err := w.pipeline.Call(w.Context(), call)
	if err != nil {
		w.Fatal(err)
	}
	return result
}

func (w *world) issuer() string {
	if w.provider == nil {
		return "https://id.example"
	}
	return w.provider.URL
}

// proposed is the handle of the newest change.
func (w *world) proposed() string {
	w.Helper()
	list, err := w.store.List(w.Context(), "", change.Query{Limit: 1})
	if err != nil || len(list) == 0 {
		w.Fatal("nothing was proposed", err)
	}
	return list[0].Change.ID
}

// browser is somebody's.
type browser struct {
	*world
	client *http.Client
}

// open returns a browser in which nobody is signed in.
func (w *world) open() *browser {
	w.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.Fatal(err)
	}
	transport := &http.Transport{}
	w.Cleanup(transport.CloseIdleConnections)
	return &browser{w, &http.Client{Jar: jar, Transport: transport}}
}

// signIn returns the browser of somebody who has signed in at the identity provider.
func (w *world) signIn(person string) *browser {
	w.Helper()
	return w.signInWith(w.open(), person)
}

// signInWith has somebody sign in with a browser.
func (w *world) signInWith(b *browser, person string) *browser {
	w.Helper()
	if status, text := b.finishSignIn(b.beginSignIn(person)); status != http.StatusOK {
		w.Fatalf("%d %s", status, text)
	}
	return b
}

// beginSignIn goes to the identity provider, and returns the link by which somebody comes back.
func (b *browser) beginSignIn(person string) (link string) {
	b.Helper()
	_, page := b.get("/console/sign-in/start") // which the provider asks who it is
	found := regexp.MustCompile(`href="(/authorize[^"]*)">` + person + `<`).FindStringSubmatch(page)
	if found == nil {
		b.Fatalf("nobody is asked for: %s", page)
	}
	return b.provider.URL + strings.ReplaceAll(found[1], "&amp;", "&")
}

// finishSignIn comes back from the identity provider.
func (b *browser) finishSignIn(link string) (status int, text string) {
	b.Helper()
	answer, err := b.client.Get(link)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		b.Fatal(err)
	}
	return answer.StatusCode, string(content)
}

// get opens a page.
func (b *browser) get(path string, header ...string) (status int, text string) {
	b.Helper()
	return b.send(http.MethodGet, path, nil, header...)
}

// send sends a request with further headers, in pairs.
func (b *browser) send(method, path string, form url.Values, header ...string) (status int, text string) {
	b.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(b.Context(), method, b.site.URL+path, body)
	if err != nil {
		b.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := b.client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		b.Fatal(err)
	}
	return answer.StatusCode, string(content)
}

// submit sends the form that a page has for a path, as a browser does.
func (b *browser) submit(page, path string, fields ...string) (status int, text string) {
	b.Helper()
	return b.send(http.MethodPost, path, b.form(page, path, fields...), "Origin", b.site.URL,
		"Sec-Fetch-Site", "same-origin")
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// form fills in the form that a page has for a path.
func (b *browser) form(page, path string, fields ...string) url.Values {
	b.Helper()
	_, rest, found := strings.Cut(page, `action="`+path+`"`)
	if !found {
		b.Fatalf("the page has no form for %s: %s", path, page)
	}
	rest, _, _ = strings.Cut(rest, "</form>")
	form := make(url.Values)
	for _, field := range hidden.FindAllStringSubmatch(rest, -1) {
		form.Set(field[1], field[2])
	}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return form
}

// clock is the time now.
func (w *world) clock() time.Time { return time.Now() }
