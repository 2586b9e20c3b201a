package sandbox

import (
	"net/url"
	"slices"
	"time"
)

// request is what a handler works on: the workspace, and one checked request to it. It is used under the sandbox's
// lock.
type request struct {
	space   *workspace
	version version
	vars    map[string]string // of the route's pattern, unescaped
	query   url.Values
	body    object
	base    string // scheme and host that the caller used
	at      time.Time
	counts  map[string]int // see userCounts
}

// now is the time of the request in Unix seconds.
func (q *request) now() int64 { return q.at.Unix() }

// edit is what the request may change, at its time.
func (q *request) edit() edit { return edit{q.space, q.at} }

// only refuses a body with other keys than these.
func (q *request) only(keys ...string) *apiError {
	for _, m := range q.body {
		if !slices.Contains(keys, m.key) {
			return badParameter(m.key)
		}
	}
	return nil
}

// flag reads a boolean query parameter.
func (q *request) flag(name string) bool { return q.query.Get(name) == "true" }
