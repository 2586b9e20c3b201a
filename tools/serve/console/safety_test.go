package console

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"intercom-mcp/policy/change"
)

// TestForeignForms takes no form that a page of the console did not make for this person, change and plan.
func TestForeignForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, other := w.propose(1), w.propose(1)
	path := "/console/changes/" + id
	nora, otto := w.signIn("nora"), w.signIn("otto")
	_, page := nora.get(path)
	form := nora.form(page, path+"/decide", "decision", "approve")
	own := []string{"Origin", w.site.URL}
	with := func(name, value string) url.Values {
		changed := make(url.Values)
		for key := range form {
			changed.Set(key, form.Get(key))
		}
		changed.Set(name, value)
		return changed
	}
	_, page = otto.get(path)
	another := otto.form(page, path+"/decide").Get("token")
	_, page = nora.get("/console/changes/" + other)
	ofOther := nora.form(page, "/console/changes/"+other+"/decide")
	for name, test := range map[string]struct {
		b      *browser
		form   url.Values
		header []string
		want   int
	}{
		"no origin":               {nora, form, nil, 403},
		"another origin":          {nora, form, []string{"Origin", "https://evil.example"}, 403},
		"a null origin":           {nora, form, []string{"Origin", "null"}, 403},
		"another port":            {nora, form, []string{"Origin", "http://127.0.0.1:1"}, 403},
		"another scheme":          {nora, form, []string{"Origin", strings.Replace(w.site.URL, "http:", "https:", 1)}, 403},
		"another site, says it":   {nora, form, append(own, "Sec-Fetch-Site", "cross-site"), 403},
		"a page of the same site": {nora, form, append(own, "Sec-Fetch-Site", "same-site"), 403},
		"typed in":                {nora, form, append(own, "Sec-Fetch-Site", "none"), 403},
		"no token":                {nora, with("token", ""), own, 403},
		"another's token":         {nora, with("token", another), own, 403},
		"another plan":            {nora, with("plan", ofOther.Get("plan")), own, 403},
		"another change's form":   {nora, ofOther, own, 403},
		"nobody signed in":        {w.open(), form, own, 401},
		"another's form":          {otto, form, own, 403},
	} {
		if status, page := test.b.send(http.MethodPost, path+"/decide", test.form, test.header...); status != test.want {
			t.Errorf("%s: %d %s", name, status, page)
		}
	}
	if _, page := nora.get("/console/trail?kind=refused&change=" + id); !strings.Contains(page, errNotShown.Error()) {
		t.Errorf("forged forms leave nothing on record: %s", page)
	}
	for _, act := range []string{"approve", "decline", "nothing"} {
		if status, _ := nora.send(http.MethodPost, path+"/"+act, form, own...); status != http.StatusForbidden {
			t.Errorf("a path of its own for %s: %d", act, status)
		}
	}
	if status, _ := nora.get(path + "/decide?decision=approve&token=" + form.Get("token")); status == http.StatusOK {
		t.Error("a link decides")
	}
	long := with("reason", strings.Repeat("x", maxForm))
	if status, _ := nora.send(http.MethodPost, path+"/decide", long, own...); status != http.StatusBadRequest {
		t.Errorf("a long form: %d", status)
	}
	if w.status(id) != change.StatusAwaiting {
		t.Error(w.status(id))
	}
	if status, page := nora.send(http.MethodPost, path+"/decide", form, own...); status != http.StatusOK {
		t.Errorf("its own form: %d %s", status, page)
	}
}

// TestHeaders has no answer be framed, kept or sniffed, or load anything from elsewhere.
func TestHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.propose(1)
	nora := w.signIn("nora")
	for _, path := range []string{"/console", "/console/changes", "/console/changes/" + id, "/console/trail",
		"/console/freeze", "/console/changes/" + id + "/progress", "/console/changes/" + id + "/rows.csv",
		"/console/sign-in", "/console/nothing", "/console/assets/console.js", "/console/callback"} {
		answer, err := nora.client.Get(w.site.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		policy := answer.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'",
			"frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(policy, part) || strings.Contains(policy, "unsafe") {
				t.Errorf("%s: %s", path, policy)
			}
		}
		if answer.Header.Get("X-Frame-Options") != "DENY" || answer.Header.Get("X-Content-Type-Options") != "nosniff" ||
			answer.Header.Get("Referrer-Policy") != "same-origin" ||
			answer.Header.Get("Cache-Control") != "no-store" && !strings.Contains(path, "/assets/") {
			t.Errorf("%s: %v", path, answer.Header)
		}
	}
}

// cookies are those of a browser by name.
func (b *browser) cookies() map[string]string {
	address, err := url.Parse(b.site.URL + "/console")
	if err != nil {
		b.Fatal(err)
	}
	all := make(map[string]string)
	for _, cookie := range b.client.Jar.Cookies(address) {
		all[cookie.Name] = cookie.Value
	}
	return all
}

// TestSessions gives everybody who signs in a session of their own, which ends when they sign out or its time is over.
func TestSessions(t *testing.T) {
	t.Parallel()
	var shift time.Duration
	w := newWorld(t, func(o *worldOptions) { o.Now = func() time.Time { return time.Now().Add(shift) } })
	nora := w.signIn("nora")
	name := ""
	for cookie := range nora.cookies() {
		name = cookie
	}
	first := nora.cookies()[name]
	again := w.signInWith(nora, "nora")
	if second := again.cookies()[name]; second == first || len(second) < 22 {
		t.Errorf("the same session after another sign-in: %q", second)
	}
	old := w.open()
	address, _ := url.Parse(w.site.URL + "/console")
	old.client.Jar.SetCookies(address, []*http.Cookie{{Name: name, Value: first, Path: "/"}})
	if status, _ := old.get("/console"); status != http.StatusUnauthorized {
		t.Errorf("the session before: %d", status)
	}
	for _, cookie := range []string{"", "x", strings.Repeat("A", 22), strings.Repeat("A", 5000)} {
		forged := w.open()
		forged.client.Jar.SetCookies(address, []*http.Cookie{{Name: name, Value: cookie, Path: "/"}})
		if status, _ := forged.get("/console"); status != http.StatusUnauthorized {
			t.Errorf("the cookie %q: %d", cookie, status)
		}
	}
	_, page := again.get("/console")
	kept := again.cookies()[name]
	if status, _ := again.submit(page, "/console/sign-out"); status != http.StatusOK {
		t.Errorf("signing out: %d", status)
	}
	old.client.Jar.SetCookies(address, []*http.Cookie{{Name: name, Value: kept, Path: "/"}})
	if status, _ := old.get("/console"); status != http.StatusUnauthorized {
		t.Errorf("a session that was signed out of: %d", status)
	}
	otto := w.signIn("otto")
	shift = sessionLasts + time.Minute
	if status, _ := otto.get("/console"); status != http.StatusUnauthorized {
		t.Errorf("after eight hours: %d", status)
	}
	shift = -sessionIdle - time.Minute
	vera := w.open()
	w.signInWith(vera, "vera")
	shift = 0
	if status, _ := vera.get("/console"); status != http.StatusUnauthorized {
		t.Errorf("after an hour without a request: %d", status)
	}
}

// TestCallbackRefuses lets nobody in by a sign-in that another browser began, that was cut off, or refused.
func TestCallbackRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, query := range []string{"", "?code=x&state=y", "?error=access_denied&state=y"} {
		b := w.open()
		b.get("/console/sign-in/start")
		if status, page := b.get("/console/callback" + query); status < 400 || !strings.Contains(page, "Sign in at") {
			t.Errorf("%q: %d %s", query, status, page)
		}
		if status, _ := b.get("/console"); status != http.StatusUnauthorized {
			t.Errorf("%q: signed in", query)
		}
	}
	for range 2 * attemptsAtOnce { // of whoever keeps knocking
		w.open().get("/console/callback?code=x&state=y")
	}
	if status, page := w.signIn("nora").get("/console"); status != http.StatusOK {
		t.Errorf("others keep people from signing in: %d %s", status, page)
	}
	for next, want := range map[string]string{"/console/trail?kind=call": "/console/trail?kind=call",
		"https://evil.example": root, "//evil.example": root, "/mcp": root, `/console\evil`: root, "": root,
		"/console/changes/../../mcp": root, "/consolex": root, "/console/sign-out": root} {
		if got := ownPath(next); got != want {
			t.Errorf("%q leads to %q", next, got)
		}
	}
}

// TestCodes lets in whoever has the code that was shown last, once.
func TestCodes(t *testing.T) {
	t.Parallel()
	var shown []string
	codes := NewCodes(func(code string) { shown = append(shown, code) })
	w := newWorld(t, func(o *worldOptions) { o.Codes = codes })
	b := w.open()
	enter := func(b *browser, code string) (int, string) {
		_, page := b.get("/console/trail")
		return b.submit(page, "/console/sign-in", "code", code)
	}
	for range codeTries {
		if status, page := enter(b, "0000000000"); status != http.StatusForbidden || !strings.Contains(page, "not the code") {
			t.Errorf("%d %s", status, page)
		}
	}
	if len(shown) != 2 {
		t.Fatalf("%d codes were shown after %d wrong ones", len(shown), codeTries)
	}
	if status, _ := enter(b, shown[0]); status != http.StatusForbidden {
		t.Errorf("the code before: %d", status)
	}
	if status, _ := b.send(http.MethodPost, "/console/sign-in", url.Values{"code": {shown[1]}}, "Origin",
		"https://evil.example"); status != http.StatusForbidden {
		t.Errorf("from another page: %d", status)
	}
	if status, page := enter(b, " "+strings.ToLower(shown[1])+" "); status != http.StatusOK ||
		!strings.Contains(page, "<h1>Trail</h1>") || !strings.Contains(page, "At this machine") {
		t.Errorf("%d %s", status, page)
	}
	if status, _ := enter(w.open(), shown[1]); status != http.StatusForbidden || len(shown) != 3 {
		t.Errorf("the same code twice: %d, and %d were shown", status, len(shown))
	}
	r, err := http.NewRequest(http.MethodGet, w.site.URL+"/console", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "evil.example"
	answer, err := b.client.Do(r)
	if err != nil || answer.StatusCode != http.StatusForbidden {
		t.Error(answer, err)
	}
	answer.Body.Close()
}

// TestLocalApproves lets the person at this machine approve where the policy says so, and not otherwise.
func TestLocalApproves(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string]int{
		askApprover: http.StatusForbidden,
		strings.Replace(askApprover, "approve_within: 24h", "self_approval: true", 1): http.StatusOK,
	} {
		var code string
		w := newWorld(t, withPolicy(policy), func(o *worldOptions) {
			o.Codes = NewCodes(func(shown string) { code = shown })
		})
		id := w.propose(1)
		path := "/console/changes/" + id
		b := w.open()
		_, page := b.get(path)
		_, page = b.submit(page, "/console/sign-in", "code", code)
		if status, answer := b.submit(page, path+"/decide", "decision", "approve"); status != want {
			t.Errorf("%d %s", status, answer)
		}
		c, err := w.store.Find(t.Context(), id)
		if err != nil || (c.Status == change.StatusApproved) != (want == http.StatusOK) ||
			len(c.Approvals) == 1 && (c.Approvals[0].Method != "local" || c.Approvals[0].By != "local") {
			t.Errorf("%s %+v %v", c.Status, c.Approvals, err)
		}
	}
}

// TestSecureCookies sets cookies that no other host can set, where browsers come by https.
func TestSecureCookies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	console, err := New(Options{Desk: w.pipeline.Console(w.store), Sessions: w.store.Shared().Sessions,
		SignIn: w.console.signIn, Public: "https://mcp.example"})
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	console.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "https://mcp.example/console/sign-in/start", nil))
	cookie := answer.Header().Get("Set-Cookie")
	for _, part := range []string{"__Host-intercom-mcp-sign-in=", "; Path=/;", "; HttpOnly", "; Secure",
		"; SameSite=Lax"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("%q lacks %q", cookie, part)
		}
	}
	for _, o := range []Options{{}, {Desk: console.desk, Sessions: w.store.Shared().Sessions}, {Desk: console.desk,
		Sessions: w.store.Shared().Sessions, SignIn: w.console.signIn, Public: "https://mcp.example/mcp"}} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v", o)
		}
	}
}

// TestOriginOfPublicAddress takes the forms of a public address as browsers name it: without the port that goes without
// saying.
func TestOriginOfPublicAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for public, want := range map[string]string{
		"https://MCP.example:443": "https://mcp.example", "http://mcp.example:80": "http://mcp.example",
		"https://mcp.example:80": "https://mcp.example:80", "http://[::1]:80": "http://[::1]",
		"https://[::1]:8443": "https://[::1]:8443", "https://mcp.example:": "https://mcp.example",
	} {
		console, err := New(Options{Desk: w.pipeline.Console(w.store), Sessions: w.store.Shared().Sessions,
			SignIn: w.console.signIn, Public: public})
		if err != nil || console.origin != want {
			t.Errorf("%s: %+v, %v", public, console, err)
		}
	}
}
