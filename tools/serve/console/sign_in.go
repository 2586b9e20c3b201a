package console

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/serve/internal/auth"
)

// signInPage is the page on which people sign in.
type signInPage struct {
	Local    bool   // by a code from the terminal
	Provider string // host of the identity provider
	Next     string // the page to go to then
	Start    string
	Problem  string
}

// signInPages have people sign in.
type signInPages struct{ c *Console }

// showSignIn shows how to sign in.
func (s signInPages) showSignIn(w http.ResponseWriter, r *http.Request) {
	s.askSignIn(w, r, http.StatusOK)
}

// askSignIn has somebody sign in who is to come back to the page.
func (s signInPages) askSignIn(w http.ResponseWriter, r *http.Request, status int) {
	next := r.URL.RequestURI()
	if r.Method != http.MethodGet { // of a form the page that has it
		next = path.Dir(r.URL.Path)
	}
	if strings.HasPrefix(r.URL.Path, root+"/sign-in") {
		next = r.URL.Query().Get("next")
	}
	s.renderSignIn(w, r, status, next, "")
}

func (s signInPages) renderSignIn(w http.ResponseWriter, r *http.Request, status int, next, problem string) {
	p := signInPage{Local: s.c.codes != nil, Next: ownPath(next), Problem: problem}
	if s.c.signIn != nil {
		if provider, err := url.Parse(s.c.signIn.URL()); err == nil {
			p.Provider = provider.Host
		}
		p.Start = root + "/sign-in/start?" + url.Values{"next": {p.Next}}.Encode()
	}
	s.c.render(w, r, status, nil, "sign_in.html", "Sign in", p)
}

// ownPath is a path of the console; what is none is its first page.
func ownPath(next string) string {
	u, err := url.Parse(next)
	switch {
	case err != nil, u.Host != "", u.Scheme != "", strings.Contains(next, `\`), strings.Contains(next, "//"),
		path.Clean(u.Path) != u.Path, u.Path != root && !strings.HasPrefix(u.Path, root+"/changes") &&
			u.Path != root+"/trail" && u.Path != root+"/freeze":
		return root
	}
	return u.RequestURI()
}

// attempt is what the browser keeps while its person is at the identity provider.
type attempt struct {
	Begun auth.Attempt
	At    time.Time // when it began
	Next  string
}

// startSignIn sends a browser to the identity provider.
func (s signInPages) startSignIn(w http.ResponseWriter, r *http.Request) {
	if s.c.signIn == nil {
		http.Redirect(w, r, root+"/sign-in", http.StatusSeeOther)
		return
	}
	at, err := s.c.sessions.store.Begin(r.Context())
	if err != nil {
		s.c.fail(w, r, nil, err)
		return
	}
	address, begun, err := s.c.signIn.Begin(r.Context())
	if err != nil {
		s.refuseSignIn(w, r, root, err)
		return
	}
	kept, err := json.Marshal(attempt{begun, at, ownPath(r.URL.Query().Get("next"))})
	if err != nil {
		s.c.fail(w, r, nil, err)
		return
	}
	// The identity provider's answer comes from its own site, so the browser has to send the cookie from there.
	cookie := base64.RawURLEncoding.EncodeToString(kept)
	s.c.setCookie(w, r, attemptCookie, cookie, http.SameSiteLaxMode, change.SignInLasts)
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// finishSignIn takes whom the identity provider sends back.
func (s signInPages) finishSignIn(w http.ResponseWriter, r *http.Request) {
	if s.c.signIn == nil {
		http.Redirect(w, r, root+"/sign-in", http.StatusSeeOther)
		return
	}
	var begun attempt
	if cookie, err := r.Cookie(s.c.cookieName(r, attemptCookie)); err == nil {
		if kept, err := base64.RawURLEncoding.DecodeString(cookie.Value); err == nil {
			_ = json.Unmarshal(kept, &begun) // what is none is refused below
		}
	}
	s.c.setCookie(w, r, attemptCookie, "", http.SameSiteLaxMode, -1) // it serves once
	query := r.URL.Query()
	if problem := query.Get("error"); problem != "" {
		s.refuseSignIn(w, r, begun.Next, &auth.Refusal{Status: http.StatusForbidden, Cause: errors.New(problem),
			Text: "The identity provider did not let you in."})
		return
	}
	// What nobody began here is refused without the identity provider, and takes no turn from others.
	if begun.Begun.Began(query.Get("state")) && !s.c.attempts.allow(r) {
		s.refuseSignIn(w, r, begun.Next, tooMany())
		return
	}
	// A browser may tell what it likes of when this began, but it was before the identity provider is asked here.
	at, err := s.c.sessions.store.Begin(r.Context())
	if err != nil {
		s.c.fail(w, r, nil, err)
		return
	}
	if begun.At.Before(at) {
		at = begun.At
	}
	who, err := s.c.signIn.Finish(r.Context(), begun.Begun, query.Get("state"), query.Get("code"))
	if err != nil {
		s.refuseSignIn(w, r, begun.Next, err)
		return
	}
	err = s.c.enter(w, r, change.Session{Principal: who.Name, Roles: who.Roles, Method: change.SignedInByProvider,
		Issuer: s.c.signIn.URL(), Person: who.Person, BegunAt: at})
	if err != nil {
		s.refuseSignIn(w, r, begun.Next, err)
		return
	}
	// A redirect would still come from the identity provider's site, and bring no cookie that is Strict.
	s.c.render(w, r, http.StatusOK, nil, "again.html", "Signed in", ownPath(begun.Next))
}

func tooMany() error {
	return &auth.Refusal{Status: http.StatusTooManyRequests, Text: "There were too many attempts. Try again in a moment."}
}

// refuseSignIn says why somebody did not sign in.
func (s signInPages) refuseSignIn(w http.ResponseWriter, r *http.Request, next string, err error) {
	var refused *auth.Refusal
	if !errors.As(err, &refused) {
		s.c.fail(w, r, nil, err)
		return
	}
	s.c.log.WarnContext(r.Context(), "a sign-in to the console was refused", "why", refused.Text, "err", refused.Cause,
		"client", s.c.attempts.client(r), "peer", r.RemoteAddr)
	s.renderSignIn(w, r, refused.Status, next, text.Sentence(refused.Text))
}

// takeCode lets in whoever has the code from the terminal.
func (s signInPages) takeCode(w http.ResponseWriter, r *http.Request) {
	if !s.c.ownForm(w, r) {
		return
	}
	next := r.PostFormValue("next")
	switch {
	case s.c.codes == nil:
		s.renderSignIn(w, r, http.StatusNotFound, next, "No codes are taken here.")
		return
	case !s.c.attempts.allow(r):
		s.refuseSignIn(w, r, next, tooMany())
		return
	}
	at, err := s.c.sessions.store.Begin(r.Context())
	if err != nil {
		s.c.fail(w, r, nil, err)
		return
	}
	if !s.c.codes.take(r.PostFormValue("code")) {
		s.c.log.WarnContext(r.Context(), "a wrong code for the console", "client", s.c.attempts.client(r),
			"peer", r.RemoteAddr)
		s.renderSignIn(w, r, http.StatusForbidden, next,
			"That is not the code. Each works once, and after five wrong ones another counts: take the last that is shown.")
		return
	}
	if err := s.c.enter(w, r, localSession(at)); err != nil {
		s.refuseSignIn(w, r, next, err)
		return
	}
	http.Redirect(w, r, ownPath(next), http.StatusSeeOther)
}

// localSession is that of whoever reads the terminal of this machine: the principal of its stdio servers, who may all
// that a person may here. It is nobody's in particular, so the person is not known.
func localSession(begun time.Time) change.Session {
	return change.Session{Principal: auth.Local.Name, Method: change.SignedInLocally, BegunAt: begun,
		Roles: []string{tools.RoleViewer, tools.RoleOperator, policy.RoleApprover}}
}
