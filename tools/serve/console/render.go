package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

//go:embed pages/*.html assets/*
var files embed.FS

// templates parses the pages, each with the frame around it.
var templates = sync.OnceValues(func() (map[string]*template.Template, error) {
	frame, err := template.New("frame.html").Funcs(words).ParseFS(files, "pages/frame.html", "pages/parts.html")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "pages/*.html")
	if err != nil {
		return nil, err
	}
	pages := make(map[string]*template.Template)
	for _, name := range names {
		if base := path.Base(name); base != "frame.html" && base != "parts.html" {
			page, err := frame.Clone()
			if err == nil {
				page, err = page.ParseFS(files, name)
			}
			if err != nil {
				return nil, err
			}
			pages[base] = page
		}
	}
	return pages, nil
})

// assetVersion names the assets as they are in this program, so that none of an older one is used.
var assetVersion = sync.OnceValue(func() string {
	sum := sha256.New()
	for _, name := range []string{"console.css", "console.js"} {
		content, _ := files.ReadFile("assets/" + name) // it is embedded
		sum.Write(content)
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
})

// serveAsset serves the style or the script.
func serveAsset(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=86400")
	http.ServeFileFS(w, r, files, "assets/"+path.Base(r.PathValue("name")))
}

// view is what a page is made of.
type view struct {
	Title  string
	Path   string // of the page
	Assets string // their version
	Now    time.Time
	Frozen *change.Freeze
	Visit  *visit // nil where nobody is signed in
	Body   any
}

// Visitor is who is signed in; nil where nobody is.
func (v *view) Visitor() *tools.Visitor {
	if v.Visit == nil {
		return nil
	}
	return v.Visit.visitor
}

// Token is the token of a form for a path, about a plan.
func (v *view) Token(path, plan string) string { return v.Visit.token(path, plan) }

// At reports whether the page is the one at a path, or below it.
func (v *view) At(path string) bool {
	return v.Path == path || path != root && strings.HasPrefix(v.Path, path+"/")
}

// render writes a page.
func (c *Console) render(w http.ResponseWriter, r *http.Request, status int, v *visit, name, title string, body any) {
	pages, err := templates()
	if err != nil {
		c.log.ErrorContext(r.Context(), "the pages of the console cannot be read", "err", err)
		http.Error(w, "the pages cannot be read", http.StatusInternalServerError)
		return
	}
	shown := &view{Title: title, Path: r.URL.Path, Assets: assetVersion(), Now: c.now(), Visit: v, Body: body}
	if v != nil {
		if freeze, frozen, err := c.desk.Frozen(r.Context()); err == nil && frozen {
			shown.Frozen = &freeze
		}
	}
	var out bytes.Buffer
	if err := pages[name].ExecuteTemplate(&out, "frame.html", shown); err != nil {
		c.log.ErrorContext(r.Context(), "a page of the console cannot be made", "page", name, "err", err)
		http.Error(w, "the page cannot be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // the browser is gone if it fails
}

// message is a page that says one thing.
type message struct{ Text, Next string }

// tell writes a page that says one thing.
func (c *Console) tell(w http.ResponseWriter, r *http.Request, v *visit, status int, title, text string) {
	c.render(w, r, status, v, "message.html", title, message{Text: text, Next: root})
}

// fail says why a page cannot be shown.
func (c *Console) fail(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	status, title, text := explain(err)
	if status == http.StatusInternalServerError || status == http.StatusServiceUnavailable {
		c.log.ErrorContext(r.Context(), "the console could not answer", "path", r.URL.Path, "err", err)
	}
	c.tell(w, r, v, status, title, text)
}

// explain words an error for a person.
func explain(err error) (status int, title, why string) {
	var frozen *change.FrozenError
	var told *toolerr.Error
	switch {
	case errors.Is(err, change.ErrSamePerson):
		return http.StatusForbidden, "Somebody else has to approve this", "You asked for it yourself, or the sign-ins " +
			"do not tell that it was somebody else."
	case errors.Is(err, change.ErrNotApprover):
		return http.StatusForbidden, "You cannot approve this", "It takes the role approver, and one of the roles that the " +
			"rule names. Who manages sign-ins can give you one."
	case errors.Is(err, change.ErrAlreadyApproved):
		return http.StatusForbidden, "You have approved it", "It takes another person's approval, too."
	case errors.Is(err, change.ErrPlanMoved):
		return http.StatusConflict, "It is not what you were shown",
			"The record of it changed since. Nothing was approved: look at it again."
	case errors.Is(err, change.ErrPlanStale):
		return http.StatusConflict, "It is out of date",
			"What it would change has changed in Intercom since it was planned. Nothing was approved: decline it, and have " +
				"it planned anew."
	case errors.Is(err, change.ErrOverdue):
		return http.StatusConflict, "Its time is over", "Nobody decided in time. Nothing was done."
	case errors.Is(err, change.ErrTooMany):
		return http.StatusConflict, "Too much is asked of the servers now", "Nothing was done: try again in a minute."
	case errors.Is(err, tools.ErrNoReason):
		return http.StatusBadRequest, "Say why", "A word to whoever asked is needed to decline. Nothing was decided."
	case errors.As(err, &frozen):
		return http.StatusConflict, "Writes are frozen", text.Sentence(text.Capitalise(frozen.Error())) + " Nothing was done."
	case errors.Is(err, change.ErrNotFound):
		return http.StatusNotFound, "There is no such change",
			"Perhaps the link was cut short, or the change is one that you may not see."
	case errors.Is(err, change.ErrStatusChanged):
		return http.StatusConflict, "It is decided already", "Nothing was done: this page shows how it stands now."
	case errors.Is(err, tools.ErrNotAllowed):
		return http.StatusForbidden, "You may not do this",
			"Nothing was done. Who manages sign-ins can give you the role for it: operator, or approver."
	case errors.Is(err, tools.ErrNoTrail):
		return http.StatusNotFound, "There is no trail",
			"This server keeps its changes in memory. Start it with --state FILE."
	case errors.Is(err, change.ErrUnsettled):
		return http.StatusServiceUnavailable, "Nobody knows yet whether this was recorded",
			"The records did not answer. It may yet be carried out: look at the page of the change before you try again."
	case errors.Is(err, change.ErrUnavailable):
		return http.StatusServiceUnavailable, "The records cannot be reached",
			"Nothing was done. Another program may be busy with them: try again in a moment."
	case errors.As(err, &told):
		return http.StatusConflict, "This cannot be done", told.Message // what to do next is for an agent
	}
	return http.StatusInternalServerError, "Something went wrong here",
		"Nothing was decided. The log of the server tells more."
}
