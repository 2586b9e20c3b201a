package console

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
)

// contentPolicy lets in the page's own style, script and images, and has no other page frame it. Forms go nowhere else:
// whoever signs in follows a link.
const contentPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// maxForm bounds a form, in bytes.
const maxForm = 64 << 10

// secureHeaders sets what every answer has.
func (c *Console) secureHeaders(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // under no-referrer, browsers name no origin in a form of the page itself
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// visit is a request of somebody who is signed in.
type visit struct {
	key     change.SessionKey
	session change.Session
	visitor *tools.Visitor
}

// page serves a page to those who are signed in, and has others sign in first.
func (c *Console) page(show func(http.ResponseWriter, *http.Request, *visit)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := c.visit(r)
		switch {
		case err != nil:
			c.fail(w, r, nil, err)
		case v == nil && r.Header.Get("Sec-Fetch-Site") == "cross-site":
			// The browser keeps the cookie from whoever comes from elsewhere.
			c.render(w, r, http.StatusOK, nil, "again.html", "Opening", r.URL.RequestURI())
		case v == nil:
			signInPages{c}.askSignIn(w, r, http.StatusUnauthorized)
		default:
			show(w, r, v)
		}
	})
}

// errNotShown is on record where a form is refused that somebody was not shown.
var errNotShown = errors.New("the form is not the one that the page showed")

// form serves a form of somebody who is signed in. A form of another page is refused, whoever is signed in.
func (c *Console) form(take func(http.ResponseWriter, *http.Request, *visit)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !c.ownForm(w, r) {
			return
		}
		v, err := c.visit(r)
		switch {
		case err != nil:
			c.fail(w, r, nil, err)
		case v == nil:
			signInPages{c}.askSignIn(w, r, http.StatusUnauthorized)
		case !v.tokenGood(r.URL.Path, r.PostFormValue("plan"), r.PostFormValue("token")):
			changePages{c}.recordRefusal(r.Context(), v, r.PathValue("id"), "form", errNotShown)
			c.tell(w, r, v, http.StatusForbidden, "This form is not the one that you were shown",
				"Nothing was done. Open the page again, and decide there.")
		default:
			take(w, r, v)
		}
	})
}

// ownForm reports whether a form comes from a page of the console, and answers where it does not. What names no Origin
// is no browser's form.
func (c *Console) ownForm(w http.ResponseWriter, r *http.Request) bool {
	origins, sites := r.Header["Origin"], r.Header["Sec-Fetch-Site"]
	own := len(origins) == 1 && strings.EqualFold(origins[0], c.ownOrigin(r))
	if !own || len(sites) > 0 && !slices.Equal(sites, []string{"same-origin"}) {
		c.log.WarnContext(r.Context(), "a form from elsewhere was refused", "path", r.URL.Path, "origin", origins,
			"client", c.attempts.client(r), "peer", r.RemoteAddr)
		c.tell(w, r, nil, http.StatusForbidden, "This did not come from a page of the console",
			"Nothing was done. Open the console itself, and decide there.")
		return false
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		c.tell(w, r, nil, http.StatusBadRequest, "The form cannot be read", "Nothing was done. It may be too long.")
		return false
	}
	return true
}

// ownOrigin is the origin of the console's pages.
func (c *Console) ownOrigin(r *http.Request) string {
	if c.origin != "" {
		return c.origin
	}
	return "http://" + strings.ToLower(r.Host)
}

// token is what a form for a path, about a plan, has to bring: it is good in one session.
func (v *visit) token(path, plan string) string {
	mac := hmac.New(sha256.New, v.session.Form)
	fmt.Fprintf(mac, "%d:%s%s", len(path), path, plan)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// tokenGood reports whether a token is that one.
func (v *visit) tokenGood(path, plan, token string) bool {
	return hmac.Equal([]byte(token), []byte(v.token(path, plan)))
}

// recover answers a request whose page panicked.
func (c *Console) recover(w http.ResponseWriter, r *http.Request) {
	caught := recover()
	if caught == nil || caught == http.ErrAbortHandler {
		return
	}
	c.log.ErrorContext(r.Context(), "a page of the console panicked", "path", r.URL.Path, "panic", fmt.Sprint(caught),
		"stack", string(debug.Stack()))
	c.tell(w, r, nil, http.StatusInternalServerError, "Something went wrong here", "The log of the server tells what.")
}
