package serve

import (
	"context"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/policy"
)

// guarded is a server whose file of tokens a test rewrites.
type guarded struct {
	offline
	auth *Tokens
	file TokenFile
}

func newGuarded(t *testing.T, o Options) guarded {
	file, auth, _ := tokenFile(t)
	return guarded{newOffline(t, HTTPOptions{Options: o, Auth: auth}), auth, file}
}

// admitted returns a client that came in with a new token.
func (g guarded) admitted(name string, mode policy.Mode) asker {
	token, err := g.file.New(TokenLine{Name: name, Mode: mode})
	if err != nil {
		g.t.Fatal(err)
	}
	if _, err := g.auth.Reload(); err != nil {
		g.t.Fatal(err)
	}
	who, ok := g.auth.Find(token)
	if !ok {
		g.t.Fatal("a new token is not known")
	}
	a := asker{g.offline, who, ""}
	a.session = a.post(httptest.NewRecorder(), askingHello).Header().Get("Mcp-Session-Id")
	return a
}

// rewrite changes the file and has it read again.
func (g guarded) rewrite(change func(string) string) {
	raw, err := os.ReadFile(string(g.file))
	if err != nil {
		g.t.Fatal(err)
	}
	if err := os.WriteFile(string(g.file), []byte(change(string(raw))), 0o600); err != nil {
		g.t.Fatal(err)
	}
	if _, err := g.auth.Reload(); err != nil {
		g.t.Fatal(err)
	}
	synctest.Wait()
}

// What the file of tokens says when the answer comes decides, not what it said
// when the elicitation was sent.
func TestAnswersCountAsTheFileOfTokensHasIt(t *testing.T) {
	const refused = `"code":-32602,"message":"the tool \"tag_contacts\" is not offered here"`
	for name, test := range map[string]struct {
		change func(string) string
		want   string
		heard  int
	}{
		"unchanged": {func(file string) string { return file }, `"status":"accept"`, 1},
		"raised": {func(file string) string { return strings.Replace(file, " write", " full", 1) }, `"status":"accept"`,
			1},
		"demoted": {func(file string) string { return strings.Replace(file, " write", " read", 1) }, refused, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				changes := &asking{ttl: time.Hour}
				g := newGuarded(t, options(t, scripted{"tag_contacts": changes.call}))
				defer g.stop(context.Background())
				ann := g.admitted("ann", policy.ModeWrite)
				elicitation, answered := ann.ask()
				g.rewrite(test.change)
				ann.answer(elicitation)
				if text := <-answered; !strings.Contains(text, test.want) {
					t.Errorf("the call was answered %s", text)
				}
				if len(changes.answers) != test.heard {
					t.Errorf("heard %v", changes.answers)
				}
			})
		})
	}
}

// An elicitation that nobody can answer any more ends at once, and frees its place.
func TestElicitationsEndWithTheirClient(t *testing.T) {
	withdraw := func(change func(string) string) func(guarded, asker) {
		return func(g guarded, _ asker) { g.rewrite(change) }
	}
	const withdrawn = `"code":-32600,"message":"the token that the request came with was withdrawn"`
	for name, test := range map[string]struct {
		end   func(guarded, asker)
		want  string
		heard int
	}{
		"token removed":  {withdraw(func(string) string { return "" }), withdrawn, 0},
		"token replaced": {withdraw(func(string) string { return strings.Repeat("9f", 32) + " ann write" }), withdrawn, 0},
		"token renamed": {withdraw(func(file string) string { return strings.Replace(file, " ann ", " bob ", 1) }),
			withdrawn, 0},
		"session deleted": {func(g guarded, a asker) {
			if w := a.delete(); w.Code != 200 {
				t.Errorf("DELETE is answered %d", w.Code)
			}
		}, `"status":"cancel"`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				changes := &asking{ttl: time.Hour}
				g := newGuarded(t, options(t, scripted{"tag_contacts": changes.call}))
				defer g.stop(context.Background())
				ann, began := g.admitted("ann", policy.ModeWrite), time.Now()
				if elicitation, _ := ann.ask(); elicitation == "" {
					t.Fatal("no elicitation")
				}
				_, answered := ann.ask()
				test.end(g, ann)
				if text := <-answered; !strings.Contains(text, test.want) || time.Since(began) > 0 {
					t.Errorf("the call was answered %s after %v", text, time.Since(began))
				}
				synctest.Wait()
				if g.core.elicitations.taken != 0 || len(changes.answers) != 2*test.heard {
					t.Errorf("%d elicitations are open, %v was heard", g.core.elicitations.taken, changes.answers)
				}
			})
		})
	}
}

// delete ends the session.
func (a asker) delete() *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(a.t.Context(), "DELETE", "http://localhost/mcp", nil)
	r.Header.Set("Mcp-Session-Id", a.session)
	w := httptest.NewRecorder()
	a.guard.serveSession(w, r, a.who)
	return w
}
